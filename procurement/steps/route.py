"""The step ``route``: a submitted requisition goes from approver to approver until the policy is met."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.approval import Asked, Standing, standing
from procurement.approvers import ApprovalStep, resolve
from procurement.policy import Facts, rules_from_json
from procurement.policy import select as select_rule
from procurement.steps.directory import directory_of
from procurement.steps.notices import notify
from records.audit import record
from records.base import utc_now
from records.exceptions import open_item
from records.exceptions import resolve as resolve_item
from records.flow import Done, Hold, Outcome, Wait
from records.problems import Code, Problem
from records.tables import Approval, Person, Policy, Requisition

LOOK_AGAIN = timedelta(days=1)
OPEN = frozenset({"to_ask", "asked", "question"})


def route(session: Session, requisition: Requisition, *, clock: Callable[[], datetime] = utc_now) -> Outcome:
    """Ask the approvers of the next step; move on when the policy in force at submission is satisfied."""
    steps = steps_of(session, requisition)
    if isinstance(steps, Problem):
        return Hold((steps,))
    asked = approvals_of(session, requisition)
    stands, number = standing(map(as_asked, asked), steps)
    match stands:
        case Standing.APPROVED:
            void(session, asked, "step:route")
            return Done("approved")
        case Standing.REJECTED:
            void(session, asked, "step:route")
            notify(
                session,
                requisition,
                "requisition_rejected",
                requisition.requester.email,
                key=f"rejected:{requisition.id}:{requisition.revision_hash}",
            )
            return Done("rejected")
        case Standing.QUESTION:
            return _question(asked)
    wanted = {(step.number, one.email) for step in steps for one in step.approvers}
    void(session, [one for one in asked if (one.step_number, one.approver.email) not in wanted], "step:route")
    _ask(session, requisition, steps[number - 1], asked)
    return Wait(clock() + LOOK_AGAIN)


def steps_of(session: Session, requisition: Requisition) -> tuple[ApprovalStep, ...] | Problem:
    """Return the approval steps that the policy demands of ``requisition``, with the people of each.

    The rule is that of the policy in force when it was submitted; an automatic rule has no steps.
    """
    policy = session.get(Policy, requisition.policy_id) if requisition.policy_id else None
    if policy is None:
        return Problem(Code.NO_APPROVER, "No approval policy was in force when this was submitted.")
    facts = facts_of(requisition)
    rule = select_rule(rules_from_json(policy.rules), facts)
    if isinstance(rule, Problem):
        return rule
    requisition.policy_rule = rule.name
    return resolve(rule, facts, directory_of(session, requisition.organisation_id))


def facts_of(requisition: Requisition) -> Facts:
    """Return what the policy asks of ``requisition``."""
    contracts = {bool(line.contract) for line in requisition.lines}
    contract = "on" if contracts == {True} else "off" if contracts == {False} else "mixed"
    if requisition.base_total is None:
        raise ValueError(f"{requisition.number} was submitted without its value in base currency")
    return Facts(
        base_total=requisition.base_total,
        categories=frozenset(line.category or "" for line in requisition.lines),
        cost_center=requisition.cost_center or "",
        suppliers=frozenset(line.supplier.code for line in requisition.lines),
        requester=requisition.requester.email,
        contract=contract,
    )


def is_approved(session: Session, requisition: Requisition) -> bool:
    """Return whether exactly this revision has every approval that the policy demands."""
    steps = steps_of(session, requisition)
    if isinstance(steps, Problem):
        return False
    stands, _ = standing(map(as_asked, approvals_of(session, requisition)), steps)
    return stands is Standing.APPROVED


def approvals_of(session: Session, requisition: Requisition) -> list[Approval]:
    """Return the approvals that were asked for the present revision of ``requisition``."""
    return list(
        session.scalars(
            select(Approval)
            .where(
                Approval.requisition_id == requisition.id,
                Approval.revision_hash == requisition.revision_hash,
                Approval.state != "void",
            )
            .order_by(Approval.step_number, Approval.id)
        )
    )


def as_asked(approval: Approval) -> Asked:
    """Return the approval as the rules see it."""
    return Asked(approval.step_number, approval.state, approval.approver.email)


def _ask(session: Session, requisition: Requisition, step: ApprovalStep, asked: list[Approval]) -> None:
    already = {one.approver.email for one in asked if one.step_number == step.number}
    for person in step.approvers:
        if person.email in already:
            continue
        approval = _approval(session, requisition, step, _person_id(session, requisition.organisation_id, person.email))
        approval.need, approval.reason = step.need, person.reason
        session.flush()
        record(
            session,
            approval,
            "to_be_asked",
            "step:route",
            approver=person.email,
            requisition=requisition.number,
        )


def _approval(session: Session, requisition: Requisition, step: ApprovalStep, approver_id: int) -> Approval:
    """Return the row by which the person is asked: a new one, or one that was void and is wanted again."""
    key = {"requisition_id": requisition.id, "revision_hash": requisition.revision_hash or ""}
    key |= {"step_number": step.number, "approver_id": approver_id}
    approval = session.scalars(select(Approval).filter_by(**key)).one_or_none()
    if approval is None:
        approval = Approval(organisation_id=requisition.organisation_id, need=step.need, reason="", **key)
        session.add(approval)
    approval.state, approval.due_at, approval.reminders = "to_ask", utc_now(), 0
    return approval


def _person_id(session: Session, organisation_id: int, email: str) -> int:
    return session.scalars(
        select(Person.id).where(Person.organisation_id == organisation_id, Person.email == email)
    ).one()


def _question(asked: list[Approval]) -> Hold:
    one = next(one for one in asked if one.state == "question")
    detail = f"{one.approver.name} asks: “{one.words or ''}” Answer by mail; their next reply decides."
    return Hold((Problem(Code.UNCLASSIFIED, detail),))


def void(session: Session, asked: Iterable[Approval], by: str) -> None:
    """Take back the questions that nobody has decided yet, and close what was open about them."""
    for one in asked:
        if one.state in OPEN:
            one.state, one.due_at = "void", None
            if item := open_item(session, one):
                resolve_item(session, item, by, "nobody needs to decide this any more")
