"""What a requester answers to an approver's question: his words go to whoever asked, who then decides."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from procurement.steps.notices import notify
from procurement.steps.route import void
from procurement.steps.signing import approvals_of
from records.audit import record
from records.exceptions import open_item, release
from records.tables import Approval, Message, Outbound, Requisition

LOOK_AGAIN = timedelta(days=1)  # the step remind knows when the organisation works
ANSWERED_MAIL = "approval_question"


def asking(session: Session, message: Message, requisition: Requisition) -> list[Approval]:
    """Return the approvals whose question ``message`` answers: it replies to the mail that passed one on."""
    parent = session.get(Outbound, message.outbound_id) if message.outbound_id else None
    if parent is None or parent.kind != ANSWERED_MAIL or requisition.state != "pending_approval":
        return []
    return [one for one in approvals_of(session, requisition) if one.state == "question"]


def pass_on(session: Session, message: Message, requisition: Requisition, asked: list[Approval], now: datetime) -> None:
    """Send the requester's words to whoever asked, in his thread; he is asked anew about the same revision."""
    by = message.sender_address or ""
    for one in asked:
        one.state, one.asked_at, one.reminders, one.due_at = "asked", now, 0, now + LOOK_AGAIN
        notify(
            session,
            one,
            "approval_answer",
            one.approver.email,
            key=f"answered:{one.id}:{message.id}",
            message=message.id,
        )
        record(session, one, "question_answered", by, message=message.id, proof=message.trust.get("how"))
    _go_on(session, requisition, by)
    requisition.due_at = now


def ask_anew(session: Session, requisition: Requisition, by: str) -> None:
    """Take back what was asked about a requisition that its requester changes: nobody answers for the old one."""
    void(session, approvals_of(session, requisition), by)
    _go_on(session, requisition, by)


def _go_on(session: Session, requisition: Requisition, by: str) -> None:
    if item := open_item(session, requisition):
        release(session, item, by, "the requester answered")
