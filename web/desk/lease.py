"""Leases: who works on an exception holds it for a while, and nobody else changes it meanwhile."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.audit import record
from records.exceptions import OPEN_STATES, end_lease, subject
from records.tables import ExceptionItem
from web.desk.queue import Wanted, most_urgent
from web.desk.refused import CommandError

LASTS = timedelta(minutes=15)
GONE = "There is no such exception."


class LeaseTakenError(CommandError):
    """Raised where somebody else holds the exception; the message says who, and until when."""


def item_of(session: Session, organisation_id: int, number: int, *, lock: bool = False) -> ExceptionItem:
    """Return an exception of the organisation; raises LookupError where it has none of this number.

    A locked one is read anew: what the session saw of it before may have been changed by others since.
    """
    wanted = select(ExceptionItem).where(ExceptionItem.id == number, ExceptionItem.organisation_id == organisation_id)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    item = session.scalars(wanted).one_or_none()
    if item is None:
        raise LookupError(GONE)
    return item


def take_next(
    session: Session, organisations: Sequence[int], wanted: Wanted, by: str, now: datetime
) -> ExceptionItem | None:
    """Let ``by`` hold the most urgent exception that nobody holds; None where there is none."""
    item = most_urgent(session, organisations, wanted, now)
    if item is not None:
        _lease(item, by, now)
    return item


def take(
    session: Session, organisation_id: int, number: int, by: str, now: datetime, *, over: bool = False
) -> ExceptionItem:
    """Let ``by`` hold an exception; one that somebody else holds only where it is taken ``over``."""
    item = item_of(session, organisation_id, number, lock=True)
    _require_open(item)
    if is_held(item, now) and item.lease_by != by:
        if not over:
            raise LeaseTakenError(f"{item.lease_by} works on this until {item.lease_until:%H:%M} UTC.")
        record(session, subject(session, item), "exception_taken_over", by, exception=item.id, was=item.lease_by)
    _lease(item, by, now)
    return item


def held_item(session: Session, organisation_id: int, number: int, lease_id: str) -> ExceptionItem:
    """Return an exception that may be changed by who knows its ``lease_id``; raises CommandError otherwise."""
    item = item_of(session, organisation_id, number, lock=True)
    _require_open(item)
    if not lease_id or item.lease_id is None or not secrets.compare_digest(item.lease_id, lease_id):
        if item.lease_by is not None:
            raise LeaseTakenError(f"{item.lease_by} has taken this over: nothing was changed.")
        raise LeaseTakenError("You do not hold this any more: take it again. Nothing was changed.")
    return item


def renew(session: Session, organisation_id: int, number: int, lease_id: str, now: datetime) -> ExceptionItem:
    """Hold an exception for longer."""
    item = held_item(session, organisation_id, number, lease_id)
    item.lease_until = now + LASTS
    return item


def give_back(session: Session, organisation_id: int, number: int, lease_id: str) -> None:
    """Put an exception back into the queue as it was."""
    item = held_item(session, organisation_id, number, lease_id)
    if item.state == "reviewing":
        item.state = "to_review"
    end_lease(item)


def is_held(item: ExceptionItem, now: datetime) -> bool:
    """Return whether somebody holds ``item`` at this moment."""
    return item.lease_until is not None and item.lease_until > now


def _lease(item: ExceptionItem, by: str, now: datetime) -> None:
    if item.state == "to_review":
        item.state = "reviewing"
    item.lease_id, item.lease_by, item.lease_until = secrets.token_hex(16), by, now + LASTS


def _require_open(item: ExceptionItem) -> None:
    if item.state not in OPEN_STATES:
        raise CommandError(f"This is {item.state} already, by {item.resolved_by}: {item.resolution}.")
