"""What an approver does on a page: see what waits, see one request whole, decide it.

By login he decides whatever was asked of him. By the link of his mail he needs a one-time code as well, and
approves nothing above what the organisation lets be approved by email. To look changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.facts import asked_values
from procurement.approval import token_hash
from procurement.approval_code import MOST_CODES, KeptCode, is_alive, is_right, kept_code
from procurement.steps.decide import locked_approval, settle
from procurement.steps.notices import notify
from procurement.steps.signing import may_sign
from records.audit import record
from records.tables import Approval, ApprovalToken, Notice, Organisation, Person, Requisition
from web.desk.refused import CommandError

OPEN = ("asked", "question")
DECISIONS = ("approved", "rejected", "question")
LONGEST_REASON = 4000
MOST_IN_DIGEST = 20  # as many tokens as are looked for in an answer
CODE_MAIL = "approval_code"


@dataclass(frozen=True)
class Waiting:
    """One request that waits for a person; ``state`` is asked or question (he asked something himself)."""

    approval_id: int
    number: str
    requester: str
    total: Decimal | None
    currency: str | None
    step_number: int
    in_place_of: str | None
    asked_at: datetime | None
    state: str


@dataclass(frozen=True)
class View:
    """A request as its approver is shown it.

    ``values`` are those of the mail (dispatch.facts), ``revision_hash`` is what his decision has to name, and
    ``barred`` says in a sentence why he cannot decide (None: he can). ``by_email`` is False where only a login
    may approve.
    """

    waiting: Waiting
    revision_hash: str
    values: Mapping[str, Any]
    by_email: bool
    barred: str | None


def pending(session: Session, person: Person) -> list[Waiting]:
    """Return what waits for ``person``'s decision, the oldest first."""
    found = (
        select(Approval)
        .join(Requisition, Requisition.id == Approval.requisition_id)
        .where(
            Approval.organisation_id == person.organisation_id,
            Approval.approver_id == person.id,
            Approval.state.in_(OPEN),
            Requisition.state == "pending_approval",
            Requisition.revision_hash == Approval.revision_hash,
        )
        .order_by(Approval.asked_at, Approval.id)
    )
    return [_waiting(one) for one in session.scalars(found)]


def send_digest(session: Session, person: Person, at: datetime) -> int:
    """Let one mail go out with everything that waits for ``person``, and return how many requests; once an hour."""
    waiting = pending(session, person)[:MOST_IN_DIGEST]
    if not waiting:
        raise CommandError(f"Nothing waits for {person.email}.")
    first = session.get_one(Approval, waiting[0].approval_id)
    numbers = [one.approval_id for one in waiting]
    key = f"digest:{person.id}:{at:%Y-%m-%dT%H}:{numbers}"
    notify(session, first, "approval_digest", person.email, key=key, at=at, approvals=numbers)
    return len(waiting)


def view(session: Session, approval_id: int, person: Person, at: datetime) -> View:
    """Return a request as ``person`` is shown it; refuses what was not asked of him."""
    return _view(session, _own(session, approval_id, person), at)


def view_by_token(session: Session, token: str, at: datetime) -> View:
    """Return a request as the holder of a mailed link is shown it; refuses a link that is used or expired."""
    return _view(session, _by_token(session, token, at), at)


def decide(
    session: Session,
    approval_id: int,
    person: Person,
    decision: str,
    reason: str | None,
    revision_hash: str,
    at: datetime,
) -> None:
    """Record what ``person``, who is logged in, decides about the revision that he was shown."""
    _own(session, approval_id, person)
    approval = locked_approval(session, approval_id)
    _refuse(session, approval, decision, reason, revision_hash, at)
    settle(session, approval, decision, person.email, at, words=_words(reason), proof="login")


def request_code(session: Session, token: str, at: datetime) -> None:
    """Let a one-time code be mailed to the approver's address of record; a few of them in an hour."""
    found = _by_token(session, token, at)
    approval = locked_approval(session, found.id)
    mailed = session.scalars(select(Notice.created_at).where(*_codes_of(approval))).all()
    if sum(one > at - timedelta(hours=1) for one in mailed) >= MOST_CODES:
        raise CommandError(f"{MOST_CODES} codes were mailed within an hour; use one of them or wait.")
    key = f"code:{approval.id}:{len(mailed)}"
    notify(session, approval, CODE_MAIL, approval.approver.email, key=key, at=at).created_at = at


def decide_by_code(
    session: Session,
    token: str,
    code: str,
    decision: str,
    reason: str | None,
    revision_hash: str,
    at: datetime,
) -> str | None:
    """Record what the holder of a link and of the mailed code decides; return why it was not taken, or None.

    The caller commits in either case: a wrong code has cost a try. Raises CommandError, and changes nothing,
    where no code would help.
    """
    approval = locked_approval(session, _by_token(session, token, at).id)
    _refuse(session, approval, decision, reason, revision_hash, at)
    if decision == "approved" and not _by_email(session, approval):
        raise CommandError("The amount is above what may be approved without a login.")
    notice = session.scalars(
        select(Notice).where(*_codes_of(approval)).order_by(Notice.id.desc()).limit(1).with_for_update()
    ).first()
    kept = _kept(notice)
    if notice is None or kept is None or not is_alive(kept, at):
        return "There is no code that counts (any more). Let one be mailed."
    tried = KeptCode(kept.salt, kept.hashed, kept.expires_at, kept.tries + 1)
    notice.details = {**notice.details, "code": tried.as_dict()}
    if not is_right(kept, code, at):
        record(session, approval, "wrong_code", approval.approver.email, tries=tried.tries)
        return "The code is wrong."
    notice.details = {name: value for name, value in notice.details.items() if name != "code"}
    settle(session, approval, decision, approval.approver.email, at, words=_words(reason), proof="link and code")
    return None


def _own(session: Session, approval_id: int, person: Person) -> Approval:
    approval = session.get(Approval, approval_id)
    mine = approval is not None and approval.organisation_id == person.organisation_id and person.active
    if approval is None or not mine or approval.approver_id != person.id:
        raise CommandError(f"There is no approval {approval_id} that was asked of {person.email}.")
    return approval


def _by_token(session: Session, token: str, at: datetime) -> Approval:
    plain = token.strip().removeprefix("[#").removesuffix("]")
    found = session.scalars(select(ApprovalToken).where(ApprovalToken.sha256 == token_hash(plain))).one_or_none()
    if found is None or found.used_at is not None or at >= found.expires_at or not found.approval.approver.active:
        raise CommandError("This link is not valid (any more).")
    return found.approval


def _refuse(
    session: Session, approval: Approval, decision: str, reason: str | None, revision_hash: str, at: datetime
) -> None:
    if decision not in DECISIONS:
        raise CommandError("A decision is approved, rejected or question.")
    if decision != "approved" and not _words(reason):
        raise CommandError("Say why, or what you want to know.")
    if revision_hash != approval.revision_hash:
        raise CommandError(f"{approval.requisition.number} was changed since you opened this page.")
    if barred := _barred(session, approval, at):
        raise CommandError(barred)


def _barred(session: Session, approval: Approval, at: datetime) -> str | None:
    requisition = approval.requisition
    if approval.state not in OPEN and approval.state != "void":
        return f"This was decided before: {approval.state.replace('_', ' ')}."
    if requisition.state != "pending_approval":
        return f"{requisition.number} is {requisition.state.replace('_', ' ')}: there is nothing to decide."
    if approval.state == "void" or approval.revision_hash != requisition.revision_hash:
        return f"{requisition.number} was changed since you were asked, or somebody else decided."
    if not may_sign(session, approval, at):
        return "This is not for you to sign (any more): the policy asks somebody else."
    return None


def _view(session: Session, approval: Approval, at: datetime) -> View:
    values = {name: value for name, value in asked_values(session, approval, "").items() if name != "token"}
    return View(
        _waiting(approval),
        approval.revision_hash,
        values,
        _by_email(session, approval),
        _barred(session, approval, at),
    )


def _waiting(approval: Approval) -> Waiting:
    requisition = approval.requisition
    return Waiting(
        approval_id=approval.id,
        number=requisition.number,
        requester=requisition.requester.name,
        total=requisition.net_total,
        currency=requisition.currency,
        step_number=approval.step_number,
        in_place_of=approval.principal_email,
        asked_at=approval.asked_at,
        state=approval.state,
    )


def _by_email(session: Session, approval: Approval) -> bool:
    limit = session.get_one(Organisation, approval.organisation_id).email_approval_limit
    total = approval.requisition.base_total
    return limit is None or (total is not None and total <= limit)


def _codes_of(approval: Approval) -> tuple[Any, ...]:
    return (
        Notice.organisation_id == approval.organisation_id,
        Notice.subject_table == approval.__tablename__,
        Notice.subject_id == approval.id,
        Notice.kind == CODE_MAIL,
    )


def _kept(notice: Notice | None) -> KeptCode | None:
    return kept_code(notice.details["code"]) if notice is not None and "code" in notice.details else None


def _words(reason: str | None) -> str:
    return (reason or "").strip()[:LONGEST_REASON]
