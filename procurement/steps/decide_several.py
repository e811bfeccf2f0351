"""One mail that decides several requests: each by its own token, revision and number, or it is asked again."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.steps.decide import ask_again, decide_one, locked_approval
from records.flow import Done, Hold, Outcome
from records.problems import Code, Problem
from records.tables import Approval, ApprovalToken, Message, Requisition

ALL = "*"
_OURS = re.compile(r"(?<![\w-])R-\d{5,12}(?![\w-])", re.IGNORECASE)


def decides_several(session: Session, message: Message) -> bool:
    """Return whether ``message`` carries tokens of several requests, or decides about another than its token's."""
    if message.approval_id is None:
        return len(_carried(session, message)) > 1
    if message.decision not in ("approved", "rejected") and not _said(message):
        return False
    own = session.get_one(Approval, message.approval_id).requisition.number
    words = str((message.reading or {}).get("reply_text") or "")
    return any(number.upper() != own for number in _OURS.findall(words))


def decide_several(session: Session, message: Message, now: datetime) -> Outcome:
    """Apply to each request what the mail says of it by number, or of all; what it does not name waits on.

    A plain decision without numbers decides none of several: each is asked again. So is one that is named
    without its token. Running it again decides nothing twice.
    """
    message.kind = "approval_decision"
    said = _said(message)
    carried = _carried(session, message)
    outcomes = [_of_carried(session, message, one, said, now) for one in carried]
    numbers = {_plain(session.get_one(Approval, one).requisition.number) for one in carried}
    outcomes += [_of_named(session, message, one, now) for one in said if one != ALL and _plain(one) not in numbers]
    problems = tuple(problem for outcome in outcomes if isinstance(outcome, Hold) for problem in outcome.problems)
    return Hold(problems) if problems else Done("filed")


def _of_carried(
    session: Session, message: Message, approval_id: int, said: Mapping[str, str], now: datetime
) -> Outcome:
    approval = locked_approval(session, approval_id)
    if approval.decided_by_message_id == message.id:
        return Done("filed")
    named = {_plain(number): decision for number, decision in said.items() if number != ALL}
    decision = named.get(_plain(approval.requisition.number), said.get(ALL))
    if decision is None and said:
        return Done("filed")  # the mail is about others
    return decide_one(session, message, approval, decision, now)


def _of_named(session: Session, message: Message, number: str, now: datetime) -> Outcome:
    """Ask again about a request that is named but whose token the mail does not carry."""
    waiting = _waiting(session, message)
    for approval in waiting:
        if _plain(approval.requisition.number) == _plain(number):
            return ask_again(session, message, approval, now)
    detail = f"The mail decides about {number}, which does not wait for them. Close it with /handled."
    return Hold((Problem(Code.STALE_APPROVAL, detail, "/handled"),))


def _waiting(session: Session, message: Message) -> Iterable[Approval]:
    found = (
        select(Approval)
        .join(Requisition, Requisition.id == Approval.requisition_id)
        .where(
            Approval.organisation_id == message.organisation_id,
            Approval.approver_id == message.person_id,
            Approval.state.in_(["asked", "question"]),
            Requisition.state == "pending_approval",
            Requisition.revision_hash == Approval.revision_hash,
        )
    )
    return session.scalars(found.order_by(Approval.id)).all()


def _carried(session: Session, message: Message) -> list[int]:
    """Return the approvals whose tokens the mail carries, in the order in which they are locked."""
    found = select(ApprovalToken.approval_id).where(
        ApprovalToken.organisation_id == message.organisation_id, ApprovalToken.sha256.in_(message.tokens)
    )
    return sorted(set(session.scalars(found)))


def _said(message: Message) -> dict[str, str]:
    """Return number -> decision as the mail says, ``*`` for all; empty where that is unclear."""
    said: dict[str, str] = (message.reading or {}).get("decisions") or {}
    return {} if "?" in said else said


def _plain(number: str) -> str:
    """Return a request's number without its letters and zeros: approvers write 12 for R-00012."""
    return number.upper().removeprefix("R-").lstrip("0")
