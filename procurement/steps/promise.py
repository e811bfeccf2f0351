"""What the queue knows of an exception besides its problems: when it is due, and how much money is in it."""

from datetime import timedelta

from sqlalchemy.orm import Session

from procurement.service_level import promised_by
from procurement.working_time import working_time
from records.base import Work
from records.tables import ExceptionItem, Organisation, Requisition

MOST = 10**15  # whole units; more is no sum of money


def promise(session: Session, row: Work, item: ExceptionItem) -> None:
    """Set by when ``item`` is due, from when it opened and its code, and what its row is worth.

    An item that was renewed keeps the time that it lost to waiting on others.
    """
    organisation = session.get_one(Organisation, item.organisation_id)
    working = working_time(organisation.calendar, organisation.country, organisation.time_zone)
    item.due_by = promised_by(item.opened_at + timedelta(seconds=item.paused_seconds), item.code, working)
    item.stake = _stake(session, row)


def _stake(session: Session, row: Work) -> int | None:
    requisition_id = getattr(row, "requisition_id", None)
    bought = session.get(Requisition, requisition_id) if requisition_id else row
    total = getattr(bought, "base_total", None)
    return int(total) if total is not None and abs(total) < MOST else None
