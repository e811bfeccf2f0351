"""An exception as a person sees it: its problems, and the values that were read and may be corrected."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.stated import overlay
from records.exceptions import subject
from records.tables import ExceptionItem, Message, OrderResponse, Outbound, Requisition
from web.desk.learning import learned_of, message_of
from web.desk.resolution import WORDS

HEADERS: dict[str, tuple[str, ...]] = {
    "requisition": (
        "needed_by",
        "cost_center",
        "account_code",
        "project",
        "supplier_name",
        "ship_to",
        "currency",
        "justification",
    ),
    "order_response": ("order_numbers", "number", "response", "currency"),
    "message": ("kind", "order_numbers", "number", "needed_by", "cost_center", "supplier_name", "currency"),
}
LINES: dict[str, tuple[str, ...]] = {
    "requisition": ("item_number", "description", "quantity", "unit", "unit_price", "supplier", "needed_by"),
    "order_response": ("line_number", "item_number", "status", "quantity", "unit_price", "promised_on", "backordered"),
    "message": ("item_number", "description", "quantity", "unit", "unit_price", "promised_on"),
}
LABELS = {
    "needed_by": "Needed by",
    "cost_center": "Cost centre",
    "account_code": "Account",
    "supplier_name": "Supplier",
    "supplier": "Supplier code",
    "ship_to": "Ship to",
    "order_numbers": "Our order numbers",
    "item_number": "Item no.",
    "line_number": "Line",
    "unit_price": "Price",
    "promised_on": "Promised on",
    "backordered": "Later",
}
HINTS = {"needed_by": "YYYY-MM-DD", "promised_on": "YYYY-MM-DD"}
NARROW = frozenset({"quantity", "unit", "unit_price", "line_number", "backordered"})
MOST_LINES = 200
MOST_ANSWERS = 5


@dataclass(frozen=True)
class Field:
    """A value that may be corrected: the pointer, what stands there now, and what was read there."""

    at: str
    name: str
    label: str
    value: str
    read: str
    hint: str
    choices: tuple[str, ...]
    problem: bool
    narrow: bool

    @property
    def corrected(self) -> bool:
        """Return whether a person has put another value there."""
        return self.value != self.read


@dataclass(frozen=True)
class Trouble:
    """One problem; ``field`` is the pointer of the field that mends it, "" for none."""

    number: int
    code: str
    detail: str
    at: str
    field: str


@dataclass(frozen=True)
class View:
    """All that is known of an exception without looking at its documents."""

    number: int
    code: str
    title: str
    about: str
    state: str
    owner: str
    step: str
    trace: str | None
    troubles: tuple[Trouble, ...]
    fields: tuple[Field, ...]
    columns: tuple[tuple[str, str], ...]
    lines: tuple[tuple[Field, ...], ...]
    evidence: Mapping[str, Any]
    learned: tuple[str, ...]
    message: Message | None
    outbound: Outbound | None
    answers: tuple[Message, ...]
    can_correct: bool


def view_of(session: Session, item: ExceptionItem) -> View:
    """Return ``item`` as a person sees it."""
    row = subject(session, item)
    message = message_of(session, row)
    reading: Mapping[str, Any] = getattr(row, "reading", None) or {}
    known = item.subject_table in HEADERS and hasattr(row, "reading")
    marked = {problem["at"] for problem in item.problems if problem["at"]}
    shown = overlay(reading, row.corrections)
    columns = LINES[_kind(item, shown)] if known else ()
    count = min(max(len(shown.get("lines", [])), _lines_named(marked)), MOST_LINES) if known else 0
    fields = [_field(f"/{name}", reading, shown, marked) for name in HEADERS[item.subject_table]] if known else []
    if isinstance(row, Message):
        fields.append(_sender(row, marked))
    lines = [[_field(f"/lines/{n}/{name}", reading, shown, marked) for name in columns] for n in range(count)]
    ats = {field.at for field in (*fields, *(one for line in lines for one in line))}
    return View(
        number=item.id,
        code=item.code,
        title=_title(row, message),
        about=item.subject_table.replace("_", " "),
        state=item.state,
        owner=item.owner,
        step=item.step,
        trace=item.detail,
        troubles=tuple(_trouble(number, one, ats) for number, one in enumerate(item.problems, 1)),
        fields=tuple(fields),
        columns=tuple((name, LABELS.get(name, name.capitalize())) for name in columns),
        lines=tuple(tuple(line) for line in lines),
        evidence=reading.get("evidence", {}),
        learned=tuple(learned_of(row)),
        message=message,
        outbound=row if isinstance(row, Outbound) else None,
        answers=_answers(session, item),
        can_correct=known,
    )


def changed(view: View, told: Mapping[str, str]) -> list[str]:
    """Return what a filled form changes, as ``AT=VALUE``; fields that stand as they stood are no change."""
    fields = {field.at: field for field in (*view.fields, *(one for line in view.lines for one in line))}
    return [
        f"{at}={value.strip()}"
        for at, value in told.items()
        if at in fields and value.strip() != fields[at].value.strip()
    ]


def _answers(session: Session, item: ExceptionItem) -> tuple[Message, ...]:
    """Return the last mails that answer what the sender was asked about ``item``, the latest first."""
    asked = select(Outbound.id).where(
        Outbound.subject_table == item.subject_table,
        Outbound.subject_id == item.subject_id,
        Outbound.kind == "desk_question",
    )
    newest = select(Message).where(Message.outbound_id.in_(asked)).order_by(Message.id.desc())
    return tuple(session.scalars(newest.limit(MOST_ANSWERS)))


def _kind(item: ExceptionItem, shown: Mapping[str, Any]) -> str:
    """Return which columns matter: for a message, those of what it seems to be."""
    stated = str(shown.get("kind", ""))
    return stated if item.subject_table == "message" and stated in LINES else item.subject_table


def _field(at: str, reading: Mapping[str, Any], shown: Mapping[str, Any], marked: set[str]) -> Field:
    name = at.rpartition("/")[2]
    read, value = _text(_at(reading, at)), _text(_at(shown, at))
    return Field(
        at=at,
        name=name,
        label=LABELS.get(name, name.replace("_", " ").capitalize()),
        value=value,
        read=read,
        hint=HINTS.get(name, ""),
        choices=tuple(WORDS[name]) if name in WORDS else (),
        problem=at in marked or at.rpartition("/")[0] in marked,
        narrow=name in NARROW,
    )


def _sender(row: Message, marked: set[str]) -> Field:
    told = str(row.corrections.get("/sender") or row.sender_address or "")
    read = row.sender_address or ""
    return Field("/sender", "sender", "Speaks for", told, read, "an email address", (), "/sender" in marked, False)


def _trouble(number: int, problem: Mapping[str, str], ats: set[str]) -> Trouble:
    at = problem.get("at", "")
    near = at if at in ats else next((one for one in sorted(ats) if at and one.startswith(f"{at}/")), "")
    return Trouble(number, problem["code"], problem["detail"], at, near)


def _lines_named(marked: set[str]) -> int:
    """Return how many lines there are if every problem is about one."""
    numbers = [at.split("/")[2] for at in marked if at.startswith("/lines/")]
    return max((int(one) + 1 for one in numbers if one.isdigit()), default=0)


def _at(values: Any, pointer: str) -> Any:
    for part in pointer.strip("/").split("/"):
        if isinstance(values, Mapping):
            values = values.get(part)
        elif isinstance(values, list | tuple) and part.isdigit() and int(part) < len(values):
            values = values[int(part)]
        else:
            return None
    return values


def _text(value: Any) -> str:
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _title(row: Any, message: Message | None) -> str:
    if isinstance(row, Requisition):
        return f"{row.number}: {row.requester.name}"
    if isinstance(row, OrderResponse):
        return f"Answer to {row.order.number}: {row.order.supplier.name}"
    if isinstance(row, Outbound):
        return f"{row.subject} to {row.recipient}"
    if message is not None:
        return message.subject or "(no subject)"
    return str(getattr(row, "number", None) or getattr(row, "name", None) or row.id)
