"""The exception queue: what is most urgent first, a page at a time, over one organisation or several."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from records.problems import Code
from records.tables import ExceptionItem, Message, OrderResponse, PurchaseOrder, Requisition
from web.desk.refused import CommandError

SIZE, MOST = 50, 200
WAITING = ("to_review", "reviewing")
OWNERS = ("agent", "buyer", "operator")
SOON = timedelta(hours=2)
# Written out, because a database uses its partial index only where it sees that the condition holds.
_IN_FRONT = ExceptionItem.state.in_(bindparam("waiting", WAITING, expanding=True, literal_execute=True))
_ABOUT: dict[str, tuple[Any, Any]] = {
    "message": (Message, Message.subject),
    "requisition": (Requisition, Requisition.number),
    "purchase_order": (PurchaseOrder, PurchaseOrder.number),
    "order_response": (OrderResponse, OrderResponse.number),
}


@dataclass(frozen=True)
class Wanted:
    """Which exceptions: by code, by whose they are, opened before, worth at least, waiting for us or for others."""

    code: str = ""
    owner: str = ""
    opened_before: datetime | None = None
    stake: int | None = None  # whole units of the base currency
    postponed: bool = False
    after: str = ""
    size: int = SIZE


@dataclass(frozen=True)
class Queued:
    """One row of the queue. ``urgency`` is late, soon or ""; ``held_by`` is who works on it now."""

    number: int
    organisation_id: int
    code: str
    more: int
    detail: str
    about: str
    name: str
    owner: str
    state: str
    opened_at: datetime
    due_by: datetime
    wake_at: datetime | None
    stake: int | None
    held_by: str | None
    urgency: str


@dataclass(frozen=True)
class QueuePage:
    """The rows of a page, and the cursor of the next one ("": this was the last)."""

    rows: tuple[Queued, ...]
    after: str


def waiting(session: Session, organisations: Sequence[int], wanted: Wanted, now: datetime) -> QueuePage:
    """Return a page of the queue of ``organisations``, the most urgent first.

    Each organisation's rows come in order from its own index and are merged, so that no page costs more than it shows.
    """
    size = max(1, min(wanted.size, MOST))
    found = heapq.merge(
        *(_rows(session, one, wanted, size + 1) for one in organisations), key=lambda row: (row.due_by, row.id)
    )
    items = [row for row, _ in zip(found, range(size + 1), strict=False)]
    names = _names(session, items[:size])
    rows = tuple(_queued(item, names, now) for item in items[:size])
    return QueuePage(rows, _cursor(items[size - 1]) if len(items) > size else "")


def most_urgent(session: Session, organisations: Sequence[int], wanted: Wanted, now: datetime) -> ExceptionItem | None:
    """Return the most urgent exception that nobody holds, locked; None where there is none."""
    free = or_(ExceptionItem.state == "to_review", ExceptionItem.lease_until < now)
    best: list[ExceptionItem] = []
    for one in organisations:
        query = _query(one, wanted).where(free).limit(1).with_for_update(skip_locked=True)
        best += session.scalars(query.execution_options(populate_existing=True)).all()
    return min(best, key=lambda row: (row.due_by, row.id), default=None)


def codes() -> tuple[str, ...]:
    """Return every code that an exception may have."""
    return tuple(code.value for code in Code)


def _rows(session: Session, organisation_id: int, wanted: Wanted, size: int) -> Iterator[ExceptionItem]:
    return iter(session.scalars(_query(organisation_id, wanted).limit(size)).all())


def _query(organisation_id: int, wanted: Wanted) -> Select[ExceptionItem]:
    conditions: list[ColumnElement[bool]] = [ExceptionItem.organisation_id == organisation_id]
    conditions.append(ExceptionItem.state == "postponed" if wanted.postponed else _IN_FRONT)
    if wanted.code:
        conditions.append(ExceptionItem.code == wanted.code)
    if wanted.owner:
        conditions.append(ExceptionItem.owner == wanted.owner)
    if wanted.opened_before is not None:
        conditions.append(ExceptionItem.opened_at < wanted.opened_before)
    if wanted.stake is not None:
        conditions.append(ExceptionItem.stake >= wanted.stake)
    if wanted.after:
        due_by, number = _place(wanted.after)
        conditions += [
            ExceptionItem.due_by >= due_by,
            or_(ExceptionItem.due_by > due_by, ExceptionItem.id > number),
        ]
    return select(ExceptionItem).where(and_(*conditions)).order_by(ExceptionItem.due_by, ExceptionItem.id)


def _place(cursor: str) -> tuple[datetime, int]:
    moment, _, number = cursor.partition("~")
    try:
        place = datetime.fromisoformat(moment), int(number)
    except ValueError:
        place = None
    if place is None or place[0].tzinfo is None or not 0 <= place[1] < 2**63:
        raise CommandError("The cursor of a page is the one that the page before gave.")
    return place


def _cursor(item: ExceptionItem) -> str:
    return f"{item.due_by.isoformat()}~{item.id}"


def _names(session: Session, items: Sequence[ExceptionItem]) -> Mapping[tuple[str, int], str]:
    """Return what the rows of ``items`` are called, with one query for each table."""
    names: dict[tuple[str, int], str] = {}
    for table, (row, name) in _ABOUT.items():
        ids = [item.subject_id for item in items if item.subject_table == table]
        if ids:
            for row_id, text in session.execute(select(row.id, name).where(row.id.in_(ids))):
                names[table, row_id] = text or ""
    return names


def _queued(item: ExceptionItem, names: Mapping[tuple[str, int], str], now: datetime) -> Queued:
    held = item.lease_until is not None and item.lease_until > now
    urgency = "late" if item.due_by < now else "soon" if item.due_by < now + SOON else ""
    return Queued(
        number=item.id,
        organisation_id=item.organisation_id,
        code=item.code,
        more=len(item.problems) - 1,
        detail=item.problems[0]["detail"] if item.problems else "",
        about=item.subject_table.replace("_", " "),
        name=names.get((item.subject_table, item.subject_id)) or f"{item.subject_id}",
        owner=item.owner,
        state=item.state,
        opened_at=item.opened_at,
        due_by=item.due_by,
        wake_at=item.wake_at,
        stake=item.stake,
        held_by=item.lease_by if held else None,
        urgency="" if item.state == "postponed" else urgency,
    )
