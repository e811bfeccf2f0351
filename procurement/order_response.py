"""An order response compared with its order, line by line (UNCL1229: 5 accepted, 3 changed, 7 rejected).

Nothing is implied: a line that the answer does not mention keeps its state, unless the answer accepts or
rejects the order as a whole. Quantities are in the order line's unit, prices per that unit. A line that we
made a counter-proposal for is compared with that: only it, or better, is agreed without asking.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from rapidfuzz import fuzz

from procurement.order_document import money
from procurement.stated import Stated, StatedLine
from records.problems import Code, Problem

SAME_TEXT = 85  # of 100: descriptions this alike are the same line where only one is
PENDING = "pending_buyer"
_BASES = tuple(Decimal(10) ** power for power in (1, 2, 3))  # a price may be told for so many units
_FIGURE = re.compile(r"\d+(?:[.,:/-]\d+)*")


@dataclass(frozen=True)
class Tolerance:
    """How far an answer may differ without asking: fractions, an amount per unit, days.

    Exactly at a limit still passes; a lower price and an earlier or equal date within ``days_early`` pass.
    """

    price_fraction: Decimal = Decimal(0)
    price_amount: Decimal = Decimal(0)
    quantity_fraction: Decimal = Decimal(0)
    days_early: int = 7
    days_late: int = 0


@dataclass(frozen=True)
class OrderedLine:
    """One line as it stands: as ordered, or as our counter-proposal wants it, which leaves no tolerance.

    ``tolerance`` None is the one that ``compare`` is given for all lines.
    """

    id: int
    line_number: int
    description: str
    item_number: str | None
    supplier_item_number: str | None
    quantity: Decimal
    unit_price: Decimal
    needed_by: date | None
    tolerance: Tolerance | None = None


@dataclass(frozen=True)
class AnsweredLine:
    """One line of an answer beside the order: ``differences`` are (field, ordered, answered).

    ``at`` is its place in the reading. ``ask`` is what the buyer must decide, a sentence; "" for nothing.
    """

    order_line_id: int | None
    status: str
    disposition: str
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    promised_on: date | None = None
    substitute: str | None = None
    differences: tuple[tuple[str, str, str], ...] = ()
    backordered: Decimal | None = None  # comes later than ``quantity``; None where the answer does not say
    at: str = ""
    ask: str = ""

    @property
    def total(self) -> Decimal | None:
        """Return what comes in all, None where it is not known."""
        if self.quantity is None or (self.status == "backordered" and self.backordered is None):
            return None
        return self.quantity + (self.backordered or Decimal(0))


@dataclass(frozen=True)
class Comparison:
    """What an answer means: its lines, and what the buyer must decide."""

    response: str | None
    lines: tuple[AnsweredLine, ...]
    problems: tuple[Problem, ...]


def tolerance_of(values: Mapping[str, Any]) -> Tolerance:
    """Return the tolerance that an organisation's or supplier's settings state (percent to fractions)."""
    hundred = Decimal(100)
    return Tolerance(
        price_fraction=Decimal(str(values.get("price_percent", 0))) / hundred,
        price_amount=Decimal(str(values.get("price_amount", 0))),
        quantity_fraction=Decimal(str(values.get("quantity_percent", 0))) / hundred,
        days_early=int(values.get("days_early", 7)),
        days_late=int(values.get("days_late", 0)),
    )


def tolerance_for(organisation: Mapping[str, Any], category: str | None, supplier: Mapping[str, Any]) -> Tolerance:
    """Return the tolerance of a line: the supplier's values outweigh the category's, those the organisation's.

    >>> tolerance_for({"price_percent": "1", "category": {"IT": {"price_percent": "3"}}}, "IT", {}).price_fraction
    Decimal('0.03')
    """
    return tolerance_of({**organisation, **organisation.get("category", {}).get(category or "", {}), **supplier})


def compare(said: Stated, ordered: Sequence[OrderedLine], tolerance: Tolerance) -> Comparison:
    """Return what the answer ``said`` means for the lines ``ordered``."""
    if said.response == "received_only":
        return Comparison(said.response, (), said.problems)
    pairs, strangers = _pair(said.lines, ordered)
    lines: list[AnsweredLine] = []
    for line in ordered:
        answers = pairs.get(line.id, [])
        if answers:
            lines += _line_answers(line, answers, said, line.tolerance or tolerance)
        elif said.response == "accepted":
            lines.append(AnsweredLine(line.id, "accepted", "auto_accepted", line.quantity, line.unit_price))
        elif said.response == "rejected":
            ask = f"Line {line.line_number}: The supplier rejects the order."
            lines.append(AnsweredLine(line.id, "rejected", PENDING, at=f"/lines/{line.line_number - 1}", ask=ask))
    lines += map(_added, strangers)
    asked = {(one.at, one.ask): None for one in lines if one.ask}
    problems = [Problem(Code.RESPONSE_OUT_OF_TOLERANCE, ask, at) for at, ask in asked]
    return Comparison(said.response, tuple(lines), (*said.problems, *problems, *_doubts(said)))


def _doubts(said: Stated) -> Iterator[Problem]:
    """Yield what keeps an answer as a whole from being understood."""
    if said.lines:
        return
    if said.response == "accepted" and (figures := unread_figures(said)):
        detail = (
            f"The supplier says yes, and also names {', '.join(figures)}, which was not read. "
            "Correct the lines, or waive this if it changes nothing."
        )
        yield Problem(Code.LOW_CONFIDENCE, detail, "/response")
    if said.response is None:
        detail = "The answer says neither yes nor no. Set /response to accepted, changed or rejected."
        yield Problem(Code.LOW_CONFIDENCE, detail, "/response")
    if said.response == "changed":
        detail = "The supplier changes something, but no line was found that says what."
        yield Problem(Code.LOW_CONFIDENCE, detail, "/lines")


def unread_figures(said: Stated) -> tuple[str, ...]:
    """Return the figures in the author's own words that are not part of a document number: what a plain yes hides.

    >>> unread_figures(Stated(reply_text="Yes to PO-7, at 9.50 each.", order_numbers=("PO-7",)))
    ('9.50',)
    """
    text = said.reply_text or ""
    for number in (*said.order_numbers, *filter(None, [said.number])):
        text = re.sub(re.escape(number), " ", text, flags=re.IGNORECASE)
    return tuple(dict.fromkeys(_FIGURE.findall(text)))[:5]


def acknowledgement(line_states: Sequence[str]) -> str:
    """Return the order's acknowledgement from its lines': awaiting, accepted, rejected or changed.

    >>> acknowledgement(["accepted", "accepted"]), acknowledgement(["accepted", "awaiting"])
    ('accepted', 'awaiting')
    """
    if not line_states or "awaiting" in line_states:
        return "awaiting"
    if all(state == "accepted" for state in line_states):
        return "accepted"
    return "rejected" if all(state == "rejected" for state in line_states) else "changed"


def _pair(
    said: Sequence[StatedLine], ordered: Sequence[OrderedLine]
) -> tuple[dict[int, list[StatedLine]], list[StatedLine]]:
    pairs: dict[int, list[StatedLine]] = {}
    strangers: list[StatedLine] = []
    for_all = [line for line in said if _names_no_line(line)]
    for line in said:
        if line in for_all:
            continue
        match = line_meant(line, ordered)
        if match is None:
            strangers.append(line)
        else:
            pairs.setdefault(match.id, []).append(line)
    for line in for_all:
        for one in ordered:
            pairs.setdefault(one.id, [line])
    return pairs, strangers


def _names_no_line(line: StatedLine) -> bool:
    """Return whether a line states a date (or a status) for the whole order: it names no item and no figures."""
    names = (line.item_number, line.substitute_for, line.description, line.line_number)
    return not any(names) and line.quantity is None and line.unit_price is None


def line_meant(line: StatedLine, ordered: Sequence[OrderedLine]) -> OrderedLine | None:
    """Return the one ordered line that ``line`` speaks of: by item number, text, then position."""
    for number in (line.item_number, line.substitute_for):
        same = [
            one
            for one in ordered
            if number and _code(number) in {_code(one.item_number), _code(one.supplier_item_number)}
        ]
        if len(same) == 1:
            return same[0]
    if line.description:
        alike = [
            one
            for one in ordered
            if fuzz.token_set_ratio(line.description.casefold(), one.description.casefold()) >= SAME_TEXT
        ]
        if len(alike) == 1:
            return alike[0]
    if line.line_number and line.line_number.strip("0. ").isdigit():
        placed = [one for one in ordered if one.line_number == int(line.line_number.strip(". "))]
        if len(placed) == 1 and not (line.item_number or line.description):
            return placed[0]
    if len(ordered) == 1 and not line.item_number and not line.description:
        return ordered[0]
    return None


def _code(number: str | None) -> str | None:
    return "".join(c for c in number.casefold() if c.isalnum()) if number else None


def _line_answers(
    line: OrderedLine, answers: Sequence[StatedLine], said: Stated, tolerance: Tolerance
) -> list[AnsweredLine]:
    """Return the answers to one ordered line; a split schedule is judged by its sum."""
    split = len(answers) > 1 and all(one.quantity is not None for one in answers)
    whole = sum((_stated_total(one) for one in answers), Decimal(0)) if split else None
    found = [_judge(line, one, whole, said, tolerance) for one in answers]
    if len(answers) > 1 and not split and not any(one.ask for one in found):
        ask = f"Line {line.line_number} ({line.description}): told more than once, without the quantity of each part."
        found = [replace(one, disposition=PENDING, ask=ask, at=found[0].at) for one in found]
    return found


def _stated_total(one: StatedLine) -> Decimal:
    return (one.quantity or Decimal(0)) + (one.backordered or Decimal(0))


def _judge(
    line: OrderedLine, one: StatedLine, whole: Decimal | None, said: Stated, tolerance: Tolerance
) -> AnsweredLine:
    """Return one answer to ``line``; ``whole`` is the sum of a split schedule that it is a part of."""
    status = one.status or ("rejected" if said.response == "rejected" else "accepted")
    if status == "rejected":
        answered = AnsweredLine(line.id, status, PENDING, one.quantity, one.unit_price, one.promised_on, at=one.at)
        return replace(answered, ask=_sentence(line, answered))
    differences, beyond = _differences(line, one, whole, status, tolerance)
    beyond |= bool(one.substitute_for) or status == "backordered"
    if status == "accepted" and differences:
        status = "changed"
    if status == "changed" and not differences and not beyond and whole is None:
        beyond = True  # the supplier says that something changes, and we could not read what
    answered = AnsweredLine(
        order_line_id=line.id,
        status=status,
        disposition=PENDING if beyond else "auto_accepted",
        quantity=one.quantity if one.quantity is not None else line.quantity,
        unit_price=line.unit_price if one.unit_price is None or _other_base(line, one) else one.unit_price,
        promised_on=one.promised_on,
        substitute=one.item_number if one.substitute_for else None,
        differences=differences,
        backordered=one.backordered,
        at=one.at,
    )
    return replace(answered, ask=_sentence(line, answered)) if beyond else answered


def _differences(
    line: OrderedLine, one: StatedLine, whole: Decimal | None, status: str, tolerance: Tolerance
) -> tuple[tuple[tuple[str, str, str], ...], bool]:
    found: list[tuple[str, str, str]] = []
    beyond = False
    quantity = whole if whole is not None else one.quantity
    if quantity is not None and whole is None and one.backordered is not None:
        quantity += one.backordered
    if quantity is not None and quantity != line.quantity:
        found.append(("quantity", str(line.quantity), str(quantity)))
        beyond |= abs(quantity - line.quantity) > line.quantity * tolerance.quantity_fraction
    if status == "backordered" and one.backordered is not None and one.backordered > 0:
        found.append(("backordered", "0", str(one.backordered)))
    dearer = _price_difference(line, one)
    if dearer:
        found.append(dearer[0])
        allowed = max(line.unit_price * tolerance.price_fraction, tolerance.price_amount)
        beyond |= dearer[1] > allowed
    promised = one.promised_on
    if promised and line.needed_by and promised != line.needed_by:
        found.append(("promised_on", line.needed_by.isoformat(), promised.isoformat()))
        late = (promised - line.needed_by).days
        beyond |= late > tolerance.days_late or -late > tolerance.days_early
    return tuple(found), beyond


def _price_difference(line: OrderedLine, one: StatedLine) -> tuple[tuple[str, str, str], Decimal] | None:
    """Return how the price differs, and by how much one unit is dearer; None where it does not.

    Where no price of one unit is told, the total of the line tells it.
    """
    if one.unit_price is not None:
        if one.unit_price == line.unit_price or _other_base(line, one):
            return None
        return ("unit_price", str(line.unit_price), str(one.unit_price)), one.unit_price - line.unit_price
    quantity = one.quantity if one.quantity is not None else line.quantity
    if one.line_total is None or not quantity:
        return None
    expected = money(quantity * line.unit_price)
    if one.line_total == expected:
        return None
    return ("line_total", str(expected), str(one.line_total)), (one.line_total - expected) / quantity


def _other_base(line: OrderedLine, one: StatedLine) -> bool:
    """Return whether the price is told for 10, 100 or 1000 units and is the ordered one: the total proves it."""
    if one.unit_price is None or one.line_total is None or one.quantity is None:
        return False
    same = any(one.unit_price == line.unit_price * base for base in _BASES)
    return same and one.line_total == money(one.quantity * line.unit_price)


def _added(line: StatedLine) -> AnsweredLine:
    told = line.description or line.item_number or "a line"
    return AnsweredLine(
        None,
        "added_by_supplier",
        PENDING,
        line.quantity,
        line.unit_price,
        line.promised_on,
        at=line.at,
        ask=f"The answer names “{told}”, which was not ordered.",
    )


def _sentence(line: OrderedLine, answered: AnsweredLine) -> str:
    told = ", ".join(
        f"{new} follow later" if name == "backordered" else f"{name.replace('_', ' ')} {new} instead of {old}"
        for name, old, new in answered.differences
    )
    if answered.status == "rejected":
        told = "the supplier will not deliver it"
    if answered.substitute:
        told = f"{answered.substitute} is offered instead" + (f"; {told}" if told else "")
    if answered.status == "backordered":
        now = f"{answered.quantity} now" if answered.quantity not in (None, line.quantity) else ""
        told = "; ".join(filter(None, ["backordered", now, told]))
    return f"Line {line.line_number} ({line.description}): {told or 'changed, but it was not read how'}."
