"""The step ``write``: a notice becomes a mail in the recipient's language."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.facts import approval_values, order_row_values, refused_values, requisition_values, response_values
from dispatch.steps.ask import new_token
from dispatch.steps.mail import Letter, send_letter
from records.base import Work, utc_now
from records.blobs import Blobs
from records.exceptions import table_named
from records.flow import Done, Outcome
from records.tables import (
    Approval,
    Message,
    Notice,
    OrderResponse,
    Organisation,
    Person,
    PurchaseOrder,
    Requisition,
)


def write(session: Session, notice: Notice, *, blobs: Blobs, clock: Callable[[], datetime] = utc_now) -> Outcome:
    """Queue the mail that ``notice`` asks for."""
    now = clock()
    row = session.get_one(table_named(notice.subject_table), notice.subject_id)
    if isinstance(row, Approval) and row.state not in ("asked", "question"):
        return Done("written")  # decided meanwhile: nobody is reminded of what is over
    letter = Letter(
        kind=notice.kind,
        recipient=notice.recipient,
        language=_language(session, notice, row),
        values=_values(session, notice, row, now),
        occasion=str(notice.id),
    )
    send_letter(session, row, letter, blobs=blobs, now=now)
    return Done("written")


def _language(session: Session, notice: Notice, row: Work) -> str:
    if isinstance(row, PurchaseOrder) and notice.recipient == row.supplier.order_email:
        return row.supplier.language
    spoken = session.scalars(
        select(Person.language).where(
            Person.organisation_id == notice.organisation_id, Person.email == notice.recipient
        )
    ).first()
    return spoken or session.get_one(Organisation, notice.organisation_id).language


def _values(session: Session, notice: Notice, row: Work, now: datetime) -> Mapping[str, Any]:
    match row:
        case Requisition():
            return requisition_values(session, row)
        case Approval():
            return approval_values(session, row, new_token(session, row, now))
        case PurchaseOrder() if "response" in notice.details:
            return response_values(session, row, session.get_one(OrderResponse, notice.details["response"]))
        case PurchaseOrder():
            return order_row_values(session, row)
        case Message():
            return refused_values(session, row)
        case _:
            raise LookupError(f"no mail is written about a {row.__tablename__}")
