"""The step ``route``: a submitted requisition goes from approver to approver until the policy is met."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.approval import Standing
from procurement.approvers import ApprovalStep
from procurement.deputies import Slot, StandIn
from procurement.steps.change_request import wake_change
from procurement.steps.notices import notify
from procurement.steps.signing import Signing, approvals_of, as_asked, signing_of, stand_ins_of
from records.audit import record
from records.base import utc_now
from records.exceptions import open_item
from records.exceptions import resolve as resolve_item
from records.flow import Done, Hold, Outcome, Wait
from records.problems import Code, Problem
from records.tables import Approval, Person, Requisition

LOOK_AGAIN = timedelta(days=1)
OPEN = frozenset({"to_ask", "asked", "question"})


@dataclass(frozen=True)
class _Wanted:
    """Somebody who is to be asked in a step: ``in_place_of`` an approver, or None for himself."""

    email: str
    reason: str
    in_place_of: str | None = None


def route(session: Session, requisition: Requisition, *, clock: Callable[[], datetime] = utc_now) -> Outcome:
    """Ask the approvers of the next step; move on when the policy in force at submission is satisfied."""
    signing = signing_of(session, requisition)
    if isinstance(signing, Problem):
        return Hold((signing,))
    asked = approvals_of(session, requisition)
    stands, number = signing.standing(map(as_asked, asked))
    match stands:
        case Standing.APPROVED:
            void(session, asked, "step:route")
            return Done("approved")
        case Standing.REJECTED:
            void(session, asked, "step:route")
            wake_change(session, requisition, clock())
            notify(
                session,
                requisition,
                "requisition_rejected",
                requisition.requester.email,
                key=f"rejected:{requisition.id}:{requisition.revision_hash}",
            )
            return Done("rejected")
        case Standing.QUESTION:
            return _question(session, requisition, asked)
    now = clock()
    instead = stand_ins_of(session, requisition, signing, asked, now)
    void(session, _superfluous(asked, signing, instead), "step:route")
    step = signing.steps[number - 1]
    _ask(session, requisition, step, _wanted(step, instead, asked), asked)
    return Wait(now + LOOK_AGAIN)


def _superfluous(asked: Iterable[Approval], signing: Signing, instead: dict[Slot, StandIn]) -> Iterator[Approval]:
    """Yield who need not decide any more: he is not asked for, stands in no longer, or another one signed."""
    rows = list(asked)
    slots = {(step.number, one.email) for step in signing.steps for one in step.approvers}
    signed = {(one.step_number, as_asked(one).principal) for one in rows if one.state == "approved"}
    for one in rows:
        slot = one.step_number, as_asked(one).principal
        current = one.principal_email is None or (slot in instead and instead[slot].email == one.approver.email)
        if slot not in slots or slot in signed or not current:
            yield one


def _wanted(step: ApprovalStep, instead: dict[Slot, StandIn], asked: Iterable[Approval]) -> Iterator[_Wanted]:
    """Yield who is asked in ``step``; of one who is away only the stand-in, unless he was asked before."""
    before = {one.approver.email for one in asked if one.step_number == step.number and not one.principal_email}
    for approver in step.approvers:
        stand_in = instead.get((step.number, approver.email))
        if stand_in is None or approver.email in before:
            yield _Wanted(approver.email, approver.reason)
        if stand_in is not None:
            yield _Wanted(stand_in.email, stand_in.reason, approver.email)


def _ask(
    session: Session, requisition: Requisition, step: ApprovalStep, wanted: Iterable[_Wanted], asked: list[Approval]
) -> None:
    already = {one.approver.email for one in asked if one.step_number == step.number and one.state != "void"}
    for person in wanted:
        if person.email in already:
            continue
        approval = _approval(session, requisition, step, _person_id(session, requisition.organisation_id, person.email))
        approval.need, approval.reason, approval.principal_email = step.need, person.reason, person.in_place_of
        session.flush()
        record(
            session,
            approval,
            "to_be_asked",
            "step:route",
            approver=person.email,
            requisition=requisition.number,
            **({"in_place_of": person.in_place_of} if person.in_place_of else {}),
        )
        if person.in_place_of:
            key = f"delegated:{approval.id}:{person.in_place_of}"
            notify(session, requisition, "approval_delegated", person.in_place_of, key=key, approval=approval.id)


def _approval(session: Session, requisition: Requisition, step: ApprovalStep, approver_id: int) -> Approval:
    """Return the row by which the person is asked: a new one, or one that was void and is wanted again."""
    key = {"requisition_id": requisition.id, "revision_hash": requisition.revision_hash or ""}
    key |= {"step_number": step.number, "approver_id": approver_id}
    approval = session.scalars(select(Approval).filter_by(**key)).one_or_none()
    if approval is None:
        approval = Approval(organisation_id=requisition.organisation_id, need=step.need, reason="", **key)
        session.add(approval)
    approval.state, approval.due_at, approval.reminders = "to_ask", utc_now(), 0
    approval.escalated_at = None
    return approval


def _person_id(session: Session, organisation_id: int, email: str) -> int:
    return session.scalars(
        select(Person.id).where(Person.organisation_id == organisation_id, Person.email == email)
    ).one()


def _question(session: Session, requisition: Requisition, asked: list[Approval]) -> Hold:
    """Pass what an approver asks (or the condition that he sets) on to the requester; the step waits."""
    one = next(one for one in asked if one.state == "question")
    key = f"asks:{one.id}:{one.decided_at.isoformat() if one.decided_at else ''}"
    notify(session, requisition, "approval_question", requisition.requester.email, key=key, approval=one.id)
    detail = f"{one.approver.name} asks: “{one.words or ''}” The requester was told; pass on what they answer."
    detail += f" The next reply of {one.approver.name} decides."
    return Hold((Problem(Code.UNCLASSIFIED, detail),))


def void(session: Session, asked: Iterable[Approval], by: str) -> None:
    """Take back the questions that nobody has decided yet, and close what was open about them."""
    for one in asked:
        if one.state in OPEN:
            one.state, one.due_at = "void", None
            if item := open_item(session, one):
                resolve_item(session, item, by, "nobody needs to decide this any more")
