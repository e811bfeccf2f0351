"""What was learned of one layout: labels and columns and what they mean, how it writes numbers and dates.

Hints are data. They are tried first and never trusted: a Reading made with them counts only where its own
checks hold, and where it makes and passes every check of the Reading without them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from parsers.dates import Order
from parsers.lexicon import columns, fields, label_key, normalise
from parsers.numbers import Convention
from parsers.reading import Reading


@dataclass(frozen=True)
class Lesson:
    """One thing learned of a layout: what ``key`` means; ``shown`` is how the document writes it.

    ``kind`` is column (key: its label; value: a role), label (its label; a field), number (""; a Convention)
    or dates (""; an Order).
    """

    kind: str
    key: str
    value: str
    shown: str = ""


IGNORED = "ignored"  # the meaning of a label or column that names nothing
_WEAKEST = "lines_have_quantities"  # of the checks; any arithmetic is a better one
_COLUMN_OF = {
    "line_number": "position",
    "item_number": "item",
    "unit_price": "price",
    "line_total": "total",
}
_FIELD_OF = {
    "order_numbers": "order_number",
    "number": "document_number",
    "supplier_name": "supplier",
    "buyer_name": "buyer",
}


@dataclass(frozen=True)
class Hints:
    """What was learned of one layout.

    ``columns`` maps a column's label (``normalise``) to its role, ``labels`` a value's label (``label_key``)
    to its field. ``number`` and ``order`` count only where a document does not settle them itself.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    number: Convention | None = None
    order: Order | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "columns": dict(self.columns),
            "labels": dict(self.labels),
            "number": self.number,
            "order": self.order,
        }

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> "Hints":
        """Return the hints that ``as_dict`` described."""
        return Hints(
            values["columns"],
            values["labels"],
            Convention(values["number"]) if values["number"] else None,
            Order(values["order"]) if values["order"] else None,
        )


Lessons = Mapping[str, Hints]  # by the fingerprint of a layout (parsers.layout)
NOTHING = Hints()


def hints_of(taught: Mapping[tuple[str, str], str]) -> Hints:
    """Return the hints that lessons of one layout make: (kind, key) -> value; other kinds are left out."""
    by_kind: dict[str, dict[str, str]] = {"column": {}, "label": {}, "number": {}, "dates": {}}
    for (kind, key), value in taught.items():
        by_kind.get(kind, {})[key] = value
    number, order = by_kind["number"].get(""), by_kind["dates"].get("")
    return Hints(
        by_kind["column"],
        by_kind["label"],
        Convention(number) if number else None,
        Order(order) if order else None,
    )


def column_lesson(label: str, meaning: str) -> tuple[str, str] | None:
    """Return (key, role) of a column's label and meaning, by a role's name or a line's; None if there is none.

    >>> column_lesson("Menge 2", "quantity"), column_lesson("Art.", "item_number"), column_lesson("x", "colour")
    (('menge 2', 'quantity'), ('art', 'item'), None)
    """
    role = _COLUMN_OF.get(meaning, meaning)
    key = normalise(label)
    return (key, role) if key and role in set(columns().values()) else None


def label_lesson(label: str, meaning: str) -> tuple[str, str] | None:
    """Return (key, field) of a value's label and meaning, by a field's name or a Reading's; None if there is none.

    >>> label_lesson("Ihr Zeichen:", "order_numbers"), label_lesson("Nr.", "ignored"), label_lesson("x", "colour")
    (('ihr zeichen', 'order_number'), ('no', 'ignored'), None)
    """
    name = _FIELD_OF.get(meaning, meaning)
    key = label_key(label)
    known = {field for names in fields().values() for field in names} | {IGNORED}
    return (key, name) if key and name in known else None


def preferred(plain: Reading, taught: Reading) -> Reading:
    """Return ``taught`` where its checks hold and it gives up none of those of ``plain``; else ``plain``.

    A Reading that differs in labelled values only, and so passes and fails the same checks, is taken too.
    """
    if (taught.lines, taught.checks) == (plain.lines, plain.checks):
        columns = [one for one in taught.learned if one.startswith("column ")]  # which changed nothing
        return taught.with_(learned=tuple(one for one in taught.learned if one not in columns))
    names = {check.check for check in taught.checks}
    wanted = {check.check for check in plain.checks} - ({_WEAKEST} if names - {_WEAKEST} else set())
    if names and all(check.holds for check in taught.checks) and wanted <= names:
        return taught
    return plain
