"""What the policy demands of one requisition, who was asked, and who signs in whose place now."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.approval import Asked, Standing, standing
from procurement.approvers import ApprovalStep, Directory, resolve
from procurement.deputies import Away, Slot, StandIn, away_on, countable, stand_ins
from procurement.policy import Facts, Rule, rules_from_json
from procurement.policy import select as select_rule
from procurement.policy_simulate import Past
from procurement.steps.directory import directory_of
from records.problems import Code, Problem
from records.tables import Absence, Approval, Organisation, Policy, Requisition


@dataclass(frozen=True)
class Signing:
    """The steps that a requisition takes, with the directory that its people were looked up in."""

    steps: tuple[ApprovalStep, ...]
    requester: str
    directory: Directory

    def standing(self, asked: Iterable[Asked]) -> tuple[Standing, int]:
        """Return how the approval stands, without stand-ins who may not sign (any more)."""
        return standing(countable(asked, self.steps, self.requester, self.directory), self.steps)


def signing_of(session: Session, requisition: Requisition) -> Signing | Problem:
    """Return what the policy demands of ``requisition``: the one in force when it was submitted.

    An automatic rule has no steps. The rule's name is noted on the requisition.
    """
    policy = session.get(Policy, requisition.policy_id) if requisition.policy_id else None
    if policy is None:
        return Problem(Code.NO_APPROVER, "No approval policy was in force when this was submitted.")
    facts = facts_of(requisition)
    rule = select_rule(rules_from_json(policy.rules), facts)
    if isinstance(rule, Problem):
        return rule
    requisition.policy_rule = rule.name
    directory = directory_of(session, requisition.organisation_id)
    steps = resolve(rule, facts, directory)
    return steps if isinstance(steps, Problem) else Signing(steps, facts.requester, directory)


def past_of(session: Session, organisation_id: int, since: datetime | None) -> Iterator[Past]:
    """Yield what was submitted (since a moment), in its order, with the policy that it was decided under."""
    versions: dict[int, tuple[str, tuple[Rule, ...]]] = {
        row.id: (row.version, rules_from_json(row.rules))
        for row in session.scalars(select(Policy).where(Policy.organisation_id == organisation_id))
    }
    found = select(Requisition).where(
        Requisition.organisation_id == organisation_id,
        Requisition.policy_id.is_not(None),
        Requisition.base_total.is_not(None),
        Requisition.submitted_at.is_not(None),
    )
    if since is not None:
        found = found.where(Requisition.submitted_at >= since)
    for row in session.scalars(found.order_by(Requisition.id).execution_options(yield_per=500)):
        version, rules = versions[row.policy_id or 0]
        yield Past(row.number, version, rules, facts_of(row))


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


def is_approved(session: Session, requisition: Requisition) -> bool:
    """Return whether exactly this revision has every approval that the policy demands."""
    signing = signing_of(session, requisition)
    if isinstance(signing, Problem):
        return False
    stands, _ = signing.standing(map(as_asked, approvals_of(session, requisition)))
    return stands is Standing.APPROVED


def stand_ins_of(
    session: Session, requisition: Requisition, signing: Signing, asked: Iterable[Approval], now: datetime
) -> dict[Slot, StandIn]:
    """Return who signs in whose place at ``now``, by step and approver."""
    rows = list(asked)
    silent = {(one.step_number, one.approver.email) for one in rows if one.escalated_at and not one.principal_email}
    away = away_at(session, requisition.organisation_id, now)
    return stand_ins(signing.steps, [*map(as_asked, rows)], away, silent, signing.requester, signing.directory)


def delegation_is_over(session: Session, approval: Approval, now: datetime) -> bool:
    """Return whether ``approval`` was asked in somebody's place and that person signs himself again."""
    if approval.principal_email is None:
        return False
    signing = signing_of(session, approval.requisition)
    if isinstance(signing, Problem):
        return True
    asked = approvals_of(session, approval.requisition)
    found = stand_ins_of(session, approval.requisition, signing, asked, now)
    stand_in = found.get((approval.step_number, approval.principal_email))
    return stand_in is None or stand_in.email != approval.approver.email


def may_sign(session: Session, approval: Approval, now: datetime) -> bool:
    """Return whether the policy asks for this very signature: in its step, of him, and not of the requester."""
    signing = signing_of(session, approval.requisition)
    if isinstance(signing, Problem) or approval.approver.email == signing.requester:
        return False
    asked = as_asked(approval)
    slots = {(step.number, one.email) for step in signing.steps for one in step.approvers}
    return (asked.step_number, asked.principal) in slots and not delegation_is_over(session, approval, now)


def away_at(session: Session, organisation_id: int, now: datetime) -> dict[str, str | None]:
    """Return who of an organisation is away on its day of ``now``, and who deputises."""
    zone = ZoneInfo(session.get_one(Organisation, organisation_id).time_zone)
    return away_on(absences_of(session, organisation_id, now.astimezone(zone).date()), now.astimezone(zone).date())


def absences_of(session: Session, organisation_id: int, today: date) -> list[Away]:
    """Return the absences that are not over; what people reported later outweighs what was planned."""
    rows = session.scalars(
        select(Absence).where(Absence.organisation_id == organisation_id, Absence.ends_on >= today).order_by(Absence.id)
    )
    return [Away(one.email, one.deputy_email, one.starts_on, one.ends_on) for one in rows]


def as_asked(approval: Approval) -> Asked:
    """Return the approval as the rules see it."""
    return Asked(approval.step_number, approval.state, approval.approver.email, approval.principal_email)
