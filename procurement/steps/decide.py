"""What an approver's answer does: it decides, is asked again, or waits for a person."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.approval import Answer, Refusal, refusal
from procurement.courtesy import MOST_AGAIN
from procurement.steps.notices import answer_mail, times_told
from procurement.steps.signing import delegation_is_over
from records.audit import record
from records.exceptions import open_item, resolve
from records.flow import Done, Hold, Outcome
from records.problems import Code, Problem
from records.tables import Approval, ApprovalToken, Message, Organisation, Requisition

LONGEST_WORDS = 4000
_HELD = {
    Refusal.NOT_AUTHENTICATED: (
        Code.SENDER_NOT_AUTHENTICATED,
        "It is not proven that the approver wrote this.",
    ),
    Refusal.NOT_THE_APPROVER: (Code.SENDER_NOT_AUTHENTICATED, "Somebody else than the approver answered."),
    Refusal.NO_TOKEN: (Code.STALE_APPROVAL, "The answer carries no valid token."),
    Refusal.STALE: (
        Code.STALE_APPROVAL,
        "The request was changed, withdrawn or has expired since it was asked.",
    ),
    Refusal.DELEGATION_OVER: (
        Code.STALE_APPROVAL,
        "They were asked in somebody's place, and that person decides again.",
    ),
    Refusal.ALREADY_DECIDED: (Code.STALE_APPROVAL, "This was decided before; the first decision stands."),
    Refusal.ABOVE_EMAIL_LIMIT: (Code.STALE_APPROVAL, "The amount is above what may be approved by email."),
}


def decide(session: Session, message: Message, now: datetime) -> Outcome:
    """Apply the decision of ``message`` to its approval where it counts; the message is filed or held."""
    approval = locked_approval(session, message.approval_id or 0)
    message.kind = "approval_decision"
    message.requisition_id = approval.requisition_id
    return decide_one(session, message, approval, message.decision, now)


def decide_one(session: Session, message: Message, approval: Approval, decision: str | None, now: datetime) -> Outcome:
    """Apply ``decision``, which ``message`` states, to a locked approval where it counts; else ask again or hold."""
    requisition = approval.requisition
    refused = refusal(_answer(session, message, approval, decision, now), now)
    if refused is None:
        settle(session, approval, str(decision), message.sender_address or "", now, message)
        return Done("filed")
    if refused is Refusal.UNCLEAR:
        return ask_again(session, message, approval, now)
    code, sentence = _HELD[refused]
    why = message.trust.get("reason", "") if refused is Refusal.NOT_AUTHENTICATED else ""
    detail = f"{sentence} {why} Nothing was decided about {requisition.number}. Close it with /handled."
    return Hold((Problem(code, " ".join(detail.split()), "/handled"),))


def ask_again(session: Session, message: Message, approval: Approval, now: datetime) -> Outcome:
    """Ask the approver once more where that may be; a person sees to it where it may not."""
    why: str | None = f"{approval.approver.name} was asked {MOST_AGAIN} times already."
    if times_told(session, approval, "approval_again") < MOST_AGAIN:
        key = f"again:{approval.id}:{message.id}"
        why = answer_mail(session, approval, "approval_again", message, key, now=now).why
    if why is None:
        return Done("filed")
    detail = f"The answer is no clear decision, and no mail asks for one: {why} Close it with /handled."
    return Hold((Problem(Code.UNCLASSIFIED, detail, "/handled"),))


def locked_approval(session: Session, approval_id: int) -> Approval:
    """Return an approval as it stands now; until the commit nobody else decides it or moves its requisition."""
    requisition_id = select(Approval.requisition_id).where(Approval.id == approval_id).scalar_subquery()
    requisition = select(Requisition).where(Requisition.id == requisition_id)
    session.scalars(requisition.with_for_update(), execution_options={"populate_existing": True}).one()
    return session.get_one(Approval, approval_id, with_for_update=True, populate_existing=True)


def settle(
    session: Session,
    approval: Approval,
    decision: str,
    by: str,
    now: datetime,
    message: Message | None = None,
    *,
    words: str = "",
    proof: str = "",
) -> None:
    """Record ``decision`` (approved, rejected, question) on ``approval`` and let its requisition go on.

    ``message`` is the mail that decides; without one, ``words`` are the approver's own and ``proof`` says how
    it is known that he decided.
    """
    approval.state, approval.decided_at = decision, now
    approval.due_at = None
    if message is not None:
        approval.decided_by_message_id = message.id
        words = str((message.reading or {}).get("reply_text", ""))
        proof = str(message.trust.get("how") or "")
    approval.words = words[:LONGEST_WORDS] or approval.words
    if decision != "question":
        for token in session.scalars(select(ApprovalToken).where(ApprovalToken.approval_id == approval.id)):
            token.used_at = now
    approval.requisition.due_at = now
    shown = {"proof": proof or None} if message or proof else {}
    record(session, approval, decision, by, message=message.id if message else None, **shown)
    if item := open_item(session, approval):
        resolve(session, item, by, decision)


def _answer(session: Session, message: Message, approval: Approval, decision: str | None, now: datetime) -> Answer:
    requisition = approval.requisition
    tokens = session.scalars(
        select(ApprovalToken).where(ApprovalToken.approval_id == approval.id, ApprovalToken.sha256.in_(message.tokens))
    ).all()
    organisation = session.get_one(Organisation, message.organisation_id)
    is_current = requisition.state == "pending_approval"
    return Answer(
        sender=message.sender_address or "",
        authenticated=message.authenticated,
        decision=decision,
        approver=approval.approver.email,
        token_known=bool(tokens),
        token_expires_at=max((token.expires_at for token in tokens), default=None),
        token_used=any(token.used_at is not None for token in tokens),
        approval_state=approval.state,
        approval_revision=approval.revision_hash,
        current_revision=requisition.revision_hash if is_current else None,
        base_total=requisition.base_total,
        email_limit=organisation.email_approval_limit,
        delegation_over=is_current and delegation_is_over(session, approval, now),
    )
