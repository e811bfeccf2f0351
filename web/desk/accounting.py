"""The accounting equation: every mail that a server accepted is somewhere, and it can be said where.

accepted = processed + waiting for a person + automatic + quarantined + in flight; what is left over is
unaccounted for and must be 0.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from records.base import Base, Work
from records.exceptions import OPEN_STATES
from records.tables import ExceptionItem, Mailbox, Message, Organisation

_PROCESSED = ("filed", "duplicate")


@dataclass(frozen=True)
class Account:
    """One mailbox's mail. ``accepted`` is what the server (or the import) took in for us."""

    organisation: str
    name: str
    accepted: int
    processed: int
    waiting: int
    automatic: int
    quarantined: int
    in_flight: int
    last_contact_at: datetime | None

    @property
    def unaccounted(self) -> int:
        """Return how many mails are nowhere: 0 in a sound installation."""
        found = self.processed + self.waiting + self.automatic + self.quarantined + self.in_flight
        return self.accepted - found

    def as_dict(self) -> dict[str, Any]:
        """Return the account as JSON-ready values."""
        return asdict(self) | {"unaccounted": self.unaccounted}


@dataclass(frozen=True)
class Queue:
    """How many rows of a table are due or held in a state, and since when the oldest is there."""

    table: str
    state: str
    depth: int
    oldest: datetime | None


def accounts(session: Session, organisation_id: int | None = None) -> list[Account]:
    """Return the account of every mailbox, of one organisation or of all."""
    boxes = select(Mailbox, Organisation.slug).join(Organisation, Organisation.id == Mailbox.organisation_id)
    if organisation_id is not None:
        boxes = boxes.where(Mailbox.organisation_id == organisation_id)
    return [_account(session, slug, box) for box, slug in session.execute(boxes.order_by(Mailbox.id))]


def _account(session: Session, slug: str, box: Mailbox) -> Account:
    counted = _by_state(session, box)
    held = _held_by_state(session, box)
    free = {state: number - held.get(state, 0) for state, number in counted.items()}
    total = sum(counted.values())
    named = {"processed": sum(free.get(state, 0) for state in _PROCESSED)}
    named |= {state: free.get(state, 0) for state in ("automatic", "quarantined")}
    waiting = sum(held.values())
    return Account(
        organisation=slug,
        name=box.name,
        accepted=box.server_messages if box.server_messages is not None else total,
        last_contact_at=box.last_contact_at,
        waiting=waiting,
        in_flight=total - waiting - sum(named.values()),
        **named,
    )


def _by_state(session: Session, box: Mailbox) -> dict[str, int]:
    """Return how many mails are in each state, counted in the index alone."""
    rows = session.execute(
        select(Message.state, func.count()).where(Message.mailbox_id == box.id).group_by(Message.state)
    )
    return {row[0]: row[1] for row in rows}


def _held_by_state(session: Session, box: Mailbox) -> dict[str, int]:
    """Return how many of them wait for a person; found from the open exceptions, of which there are few."""
    rows = session.execute(
        select(Message.state, func.count())
        .join(ExceptionItem, ExceptionItem.subject_id == Message.id)
        .where(
            ExceptionItem.organisation_id == box.organisation_id,
            ExceptionItem.state.in_(OPEN_STATES),
            ExceptionItem.subject_table == Message.__tablename__,
            Message.mailbox_id == box.id,
        )
        .group_by(Message.state)
    )
    return {row[0]: row[1] for row in rows}


def queues(session: Session, organisation_id: int | None = None) -> list[Queue]:
    """Return how many rows are due in each state, and how many exceptions are open, with their oldest."""
    found: list[Queue] = []
    for mapper in sorted(Base.registry.mappers, key=lambda one: str(one.class_.__tablename__)):
        table = mapper.class_
        if not issubclass(table, Work) or table is Mailbox:
            continue
        rows = select(table.state, func.count(), func.min(table.due_at)).where(table.due_at.is_not(None))
        if organisation_id is not None:
            rows = rows.where(table.organisation_id == organisation_id)
        found += [Queue(table.__tablename__, *row) for row in session.execute(rows.group_by(table.state))]
    items = select(ExceptionItem.state, func.count(), func.min(ExceptionItem.opened_at)).where(
        ExceptionItem.state.in_(OPEN_STATES)
    )
    if organisation_id is not None:
        items = items.where(ExceptionItem.organisation_id == organisation_id)
    found += [Queue("exception", *row) for row in session.execute(items.group_by(ExceptionItem.state))]
    return found
