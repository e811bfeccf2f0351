"""The step ``write``: a notice becomes a mail in the recipient's language."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch import facts
from dispatch.facts_billing import disputed_values
from dispatch.facts_supplier import decided_values, delivery_values
from dispatch.steps.ask import new_token, page_of
from dispatch.steps.chase import ANSWERED
from dispatch.steps.code import code_values
from dispatch.steps.digest import digest_values
from dispatch.steps.document import document_of
from dispatch.steps.freeze import changes_of
from dispatch.steps.mail import Letter, send_letter
from records.base import Work, utc_now
from records.blobs import Blobs
from records.exceptions import table_named
from records.flow import Done, Outcome
from records.tables import (
    Alarm,
    Approval,
    ChangeOrder,
    Invoice,
    Message,
    Notice,
    OrderResponse,
    Organisation,
    Person,
    PurchaseOrder,
    Requisition,
)
from templates.language import written_language


def write(
    session: Session,
    notice: Notice,
    *,
    blobs: Blobs,
    clock: Callable[[], datetime] = utc_now,
    web_url: str = "",
) -> Outcome:
    """Queue the mail that ``notice`` asks for; at ``web_url`` approvers find their page."""
    now = clock()
    row = session.get_one(table_named(notice.subject_table), notice.subject_id)
    if isinstance(row, Approval) and row.state not in ("asked", "question"):
        return Done("written")  # decided meanwhile: nobody is reminded of what is over
    if isinstance(row, Alarm) and row.state == "over":
        return Done("written")
    if notice.kind == "order_reminder" and isinstance(row, PurchaseOrder) and _needs_no_reminder(row):
        return Done("written")
    values, token = _letter(session, notice, row, now)
    letter = Letter(
        kind=notice.kind,
        recipient=notice.recipient,
        language=_language(session, notice, row),
        values=dict(values) | {"page": page_of(web_url, token)} if token else values,
        token=token,
        occasion=str(notice.id),
        sees_absences=notice.kind == "approval_reminder",
    )
    send_letter(session, row, letter, blobs=blobs, now=now)
    return Done("written")


def _needs_no_reminder(order: PurchaseOrder) -> bool:
    return order.acknowledgement in ANSWERED or order.on_hold or order.state != "issued"


def _language(session: Session, notice: Notice, row: Work) -> str:
    """Return the language that the recipient wrote in, if it is one of ours, else what is known of them."""
    if spoken := written_language(notice.details.get("language")):
        return spoken
    if isinstance(row, PurchaseOrder) and notice.recipient == row.supplier.order_email:
        return row.supplier.language
    if isinstance(row, Invoice):
        return row.supplier.language
    spoken = session.scalars(
        select(Person.language).where(
            Person.organisation_id == notice.organisation_id, Person.email == notice.recipient
        )
    ).first()
    return spoken or session.get_one(Organisation, notice.organisation_id).language


def _letter(session: Session, notice: Notice, row: Work, now: datetime) -> tuple[Mapping[str, Any], str]:
    """Return the values of the mail, and the token that its subject carries ("" for none)."""
    match notice.kind, row:
        case "operator_alarm", Alarm():
            return facts.alarm_values(session, row), ""
        case "approval_reminder", Approval():
            token = new_token(session, row, now)
            return facts.request_values(session, row, token), token
        case "approval_digest", Approval():
            return digest_values(session, notice, now), ""
        case "approval_code", Approval():
            return code_values(session, notice, row, now), ""
        case "approval_answer", Approval():
            token = new_token(session, row, now)
            said = (session.get_one(Message, notice.details["message"]).reading or {}).get("reply_text")
            return facts.request_values(session, row, token) | {"answer": said}, token
        case "approval_again", Approval():
            token = new_token(session, row, now)
            words = (session.get_one(Message, notice.details["message"]).reading or {}).get("reply_text")
            return facts.again_values(session, row, token, words), token
        case "approval_question", Requisition():
            return facts.asks_values(session, row, session.get_one(Approval, notice.details["approval"])), ""
        case "approval_delegated", Requisition():
            approval = session.get_one(Approval, notice.details["approval"])
            return facts.delegated_values(session, row, approval), ""
        case "requisition_received", Requisition():
            return facts.received_values(session, row), ""
        case "requisition_rejected", Requisition():
            return facts.rejected_values(session, row), ""
        case "requisition_question", Requisition():
            return facts.question_values(session, row, notice.details["questions"]), ""
        case "requisition_refused", Message():
            return facts.refused_values(session, row), ""
        case "desk_question", Message() | Requisition() | OrderResponse():
            return facts.desk_question_values(session, row, notice.details["words"]), ""
        case "message_unclear", Message():
            return facts.unclear_values(session, row, notice.details["understood"]), ""
        case "requisition_ordered", PurchaseOrder():
            return facts.ordered_values(row, document_of(session, row)), ""
        case "order_reminder", PurchaseOrder():
            return facts.reminder_values(row, document_of(session, row)), ""
        case "order_changed", ChangeOrder():
            changes = changes_of(session, row.order, document_of(session, row.order))
            return facts.changed_values(session, row, notice.details["outcome"], changes), ""
        case "invoice_disputed", Invoice():
            return disputed_values(session, row, notice.details["why"]), ""
        case "response_applied", PurchaseOrder():
            response = session.get_one(OrderResponse, notice.details["response"])
            return facts.response_values(session, row, response), ""
        case "response_decided", PurchaseOrder():
            response = session.get_one(OrderResponse, notice.details["response"])
            return decided_values(session, row, response), ""
        case (("delivery_reminder" | "delivery_overdue"), PurchaseOrder()):
            sender = session.get_one(Organisation, row.organisation_id).name
            return delivery_values(row, document_of(session, row), notice.details["lines"], sender), ""
    raise LookupError(f"no mail {notice.kind} is written about a {row.__tablename__}")
