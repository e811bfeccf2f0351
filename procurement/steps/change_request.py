"""The request behind a change order: the whole request as it would then read, on which approvers decide.

It is a requisition like any other, so that asking, reminding, standing in and deciding are the same steps.
It was never submitted by mail: ``submitted_at`` stays empty, and reports and checks of repetition pass it by.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from procurement.approvers import resolve
from procurement.change_order import Content, ContentLine, Demand, content_from_json, covers, differences, told
from procurement.drawing import Entry, entries
from procurement.order_document import money
from procurement.policy import rules_from_json
from procurement.policy import select as select_rule
from procurement.requisition import CheckedLine, revision_hash
from procurement.steps.directory import directory_of
from procurement.steps.drawings import draw
from procurement.steps.facts import budget_facts, policy_in_force
from procurement.steps.numbers import next_requisition_number
from procurement.steps.signing import approvals_of, facts_of, is_approved
from records.audit import record
from records.problems import Code, Problem
from records.tables import ChangeOrder, Organisation, Policy, PurchaseOrder, Requisition, RequisitionLine

DEAD = ("cancelled", "rejected")


def content_of(order: PurchaseOrder) -> Content:
    """Return ``order`` as it stands in its rows."""
    return Content(
        tuple(
            ContentLine(**{name: getattr(line, name) for name in ContentLine.__dataclass_fields__})
            for line in order.lines
        ),
        order.ship_to or order.requisition.ship_to,
        order.cost_center or order.requisition.cost_center,
    )


def request_for(session: Session, change: ChangeOrder, now: datetime) -> Requisition:
    """Write the request that ``change`` makes of the old one, and count the difference against the budget.

    Every living order of the old request is in it: what was approved together is judged together.
    """
    order = change.order
    before, after = content_of(order), content_from_json(change.content)
    organisation = session.get_one(Organisation, change.organisation_id, with_for_update=True)
    today = now.astimezone(ZoneInfo(organisation.time_zone)).date()
    policy = policy_in_force(session, organisation.id, today)
    row = Requisition(
        organisation_id=organisation.id,
        state="pending_approval",
        due_at=None,  # until it is put to the approvers
        number=next_requisition_number(session, organisation.id),
        requester_id=order.requisition.requester_id,
        currency=order.currency,
        ship_to=after.ship_to,
        cost_center=after.cost_center,
        account=order.requisition.account,
        project=order.requisition.project,
        needed_by=order.requisition.needed_by,
        justification=f"{order.number}: {told(differences(before, after))} {change.reason}",
        policy_id=policy.id if policy else None,
    )
    session.add(row)
    _write_lines(session, row, order, after)
    session.flush()
    draw(session, row, _difference(session, order, row))
    record(session, row, "requested", change.requested_by, number=row.number, changes=order.number)
    return row


def budget_problems(session: Session, request: Requisition, now: datetime) -> tuple[Problem, ...]:
    """Return a problem where the difference that ``request`` makes is more than the budget still has."""
    more = sum(entry[4] for entry in request.drawings if entry[0] == "budget" and entry[1] == request.cost_center)
    if more <= 0:
        return ()
    zone = ZoneInfo(session.get_one(Organisation, request.organisation_id).time_zone)
    today = now.astimezone(zone).date()
    budget = budget_facts(session, request.organisation_id, request.cost_center, request.account, today)
    if budget.amount is None or budget.committed <= budget.amount:  # the difference is counted already
        return ()
    detail = f"{Decimal(more) / 100} more is wanted; the budget of {request.cost_center} is then exceeded by "
    return (Problem(Code.BUDGET_EXCEEDED, f"{detail}{budget.committed - budget.amount}.", "/cost_center"),)


def still_says(session: Session, change: ChangeOrder) -> bool:
    """Return whether the request reads as ``change`` would make it now: approvals are for exactly that."""
    request = change.requisition
    if request is None:
        return False
    lines = _lines(session, change.order, content_from_json(change.content))
    return request.revision_hash == _hash(request, lines)


def may_go_out(session: Session, change: ChangeOrder, now: datetime) -> bool:
    """Return whether ``change`` has every approval that the policy demands of exactly what it says.

    Its own request is approved, or a request approved before covers it.
    """
    request = change.requisition
    if request is None or request.state in DEAD or not still_says(session, change):
        return False
    return is_approved(session, request) or is_covered(session, change, request, now)


def is_covered(session: Session, change: ChangeOrder, request: Requisition, now: datetime) -> bool:
    """Return whether what was signed for this order before stands for ``request``, by the policy in force now."""
    zone = ZoneInfo(session.get_one(Organisation, request.organisation_id).time_zone)
    policy = policy_in_force(session, request.organisation_id, now.astimezone(zone).date())
    wanted = _demand(session, request, policy)
    if wanted is None:
        return False
    for earlier in _signed_before(session, change):
        signed = _demand(session, earlier, policy)
        if signed is not None and covers(signed, wanted) and is_approved(session, earlier):
            return True
    return False


def approved_own_change(session: Session, change: ChangeOrder) -> bool:
    """Return whether whoever asked for ``change`` also signed for it."""
    if change.requisition is None:
        return False
    signed = [one for one in approvals_of(session, change.requisition) if one.state == "approved"]
    return any(change.requested_by in (one.approver.email, one.principal_email) for one in signed)


def change_of(session: Session, request: Requisition) -> ChangeOrder | None:
    """Return the change order that ``request`` stands behind; None of an ordinary request."""
    return session.scalars(select(ChangeOrder).where(ChangeOrder.requisition_id == request.id)).one_or_none()


def wake_change(session: Session, request: Requisition, now: datetime) -> bool:
    """Let the change order behind which ``request`` stands be looked at; return whether there is one."""
    change = change_of(session, request)
    if change is not None:
        change.due_at = now
    return change is not None


def _write_lines(session: Session, row: Requisition, order: PurchaseOrder, after: Content) -> None:
    lines = _lines(session, order, after)
    row.net_total = sum((line.line_total for line in lines), Decimal("0.00"))
    row.base_total = money(row.net_total * _rate(order.requisition))
    row.lines = [RequisitionLine(organisation_id=row.organisation_id, **asdict(line)) for line in lines]
    row.revision_hash = _hash(row, lines)


def _lines(session: Session, order: PurchaseOrder, after: Content) -> tuple[CheckedLine, ...]:
    """Return the lines of all living orders of the request, those of ``order`` as ``after`` has them."""
    siblings = session.scalars(
        select(PurchaseOrder)
        .where(PurchaseOrder.requisition_id == order.requisition_id, PurchaseOrder.state.not_in(DEAD))
        .order_by(PurchaseOrder.id)
    ).all()
    found: list[CheckedLine] = []
    for one in siblings:
        for line in (after if one.id == order.id else content_of(one)).lines:
            found.append(_checked(len(found) + 1, line, one))
    return tuple(found)


def _checked(number: int, line: ContentLine, order: PurchaseOrder) -> CheckedLine:
    values = asdict(line) | {"line_number": number, "currency": order.currency, "supplier_id": order.supplier_id}
    return CheckedLine(**values)


def _hash(request: Requisition, lines: Sequence[CheckedLine]) -> str:
    coding = {name: getattr(request, name) for name in ("cost_center", "account", "ship_to", "project")}
    told_lines = tuple(_plain(line) for line in lines)
    return revision_hash(request.number, told_lines, coding | {"base_total": str(request.base_total)})


def _plain(line: CheckedLine) -> CheckedLine:
    """Return the line with its figures in one spelling, whatever the database made of them."""
    figures = {name: Decimal(f"{getattr(line, name).normalize():f}") for name in ("quantity", "unit_price")}
    tax = None if line.tax_rate is None else Decimal(f"{line.tax_rate.normalize():f}")
    return CheckedLine(**{**asdict(line), **figures, "tax_rate": tax})


def _rate(requisition: Requisition) -> Decimal:
    """Return what one unit of the request's currency was worth in base currency when it was approved."""
    if not requisition.net_total or requisition.base_total is None:
        return Decimal(1)
    return requisition.base_total / requisition.net_total


def _difference(session: Session, order: PurchaseOrder, request: Requisition) -> list[Entry]:
    """Return what ``request`` draws beyond what the old request and its earlier changes drew already."""
    days = [str(entry[3]) for entry in order.requisition.drawings]
    day = min(days) if days else order.created_at.date().isoformat()
    now = entries(
        [_drawn(line) for line in request.lines],
        request.base_total or Decimal(0),
        request.cost_center,
        request.account,
        datetime.fromisoformat(day).date(),
    )
    counted: Counter[tuple[str, str, str, str]] = Counter()
    for kind, key, account, on, hundredths in now:
        counted[kind, key, account, on] += hundredths
    for earlier in _counted_before(session, order):
        for kind, key, account, on, hundredths in earlier.drawings:
            counted[kind, key, account, on] -= hundredths
    return [(*place, amount) for place, amount in sorted(counted.items()) if amount]


def _drawn(line: RequisitionLine) -> CheckedLine:
    return CheckedLine(
        line.line_number,
        line.description,
        line.quantity,
        line.unit,
        line.unit_price,
        line.currency,
        line.supplier_id,
        contract=line.contract,
    )


def _counted_before(session: Session, order: PurchaseOrder) -> Iterable[Requisition]:
    yield order.requisition
    yield from session.scalars(
        _requests_of(order).where(Requisition.state.in_(["pending_approval", "approved", "ordered"]))
    )


def _signed_before(session: Session, change: ChangeOrder) -> Iterable[Requisition]:
    """Yield the old request and those behind earlier changes that went out, newest first."""
    earlier = _requests_of(change.order).where(ChangeOrder.issued_at.is_not(None), ChangeOrder.id != change.id)
    yield from session.scalars(earlier.order_by(Requisition.id.desc()))
    yield change.order.requisition


def _requests_of(order: PurchaseOrder) -> Select[Requisition]:
    return (
        select(Requisition)
        .join(ChangeOrder, ChangeOrder.requisition_id == Requisition.id)
        .join(PurchaseOrder, PurchaseOrder.id == ChangeOrder.order_id)
        .where(PurchaseOrder.requisition_id == order.requisition_id)
    )


def _demand(session: Session, request: Requisition, policy: Policy | None) -> Demand | None:
    """Return what ``policy`` demands of ``request``; None where that cannot be said."""
    if policy is None or request.base_total is None:
        return None
    facts = facts_of(request)
    rule = select_rule(rules_from_json(policy.rules), facts)
    if isinstance(rule, Problem):
        return None
    steps = resolve(rule, facts, directory_of(session, request.organisation_id))
    if isinstance(steps, Problem):
        return None
    return Demand(rule.name, steps, facts.base_total, facts.cost_center, facts.suppliers)
