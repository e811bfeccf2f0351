"""Blanket orders and what is called off of them: a call-off is a request at fixed prices, approved like any other."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from procurement.blanket import Drawn, Frame, FrameLine, call_off_problems, ceiling_problems
from procurement.change_order import OPEN, Content, content_from_json
from procurement.drawing import entries
from procurement.order_document import money
from procurement.requisition import CheckedLine, revision_hash
from procurement.steps.drawings import draw, settle_drawings
from procurement.steps.facts import RATE_DAYS, budget_facts, policy_in_force
from procurement.steps.numbers import next_requisition_number
from records.audit import record
from records.problems import Code, Problem
from records.tables import (
    BlanketLine,
    BlanketOrder,
    CallOff,
    ChangeOrder,
    CostCenter,
    ExchangeRate,
    Organisation,
    Person,
    PurchaseOrder,
    Requisition,
    RequisitionLine,
)

_OVER = ("rejected", "withdrawn", "cancelled")


@dataclass(frozen=True)
class Wanted:
    """What is called off: quantities by line of the blanket order, and what a request states besides."""

    quantities: Mapping[int, Decimal]
    cost_center: str
    account: str | None = None
    needed_by: date | None = None
    ship_to: str | None = None
    reason: str | None = None


def frame_of(blanket: BlanketOrder) -> Frame:
    """Return ``blanket`` as the rules need it."""
    return Frame(
        blanket.number,
        tuple(FrameLine(line.line_number, line.unit_price, line.quantity) for line in blanket.lines),
        blanket.ceiling,
        blanket.valid_from,
        blanket.valid_until,
        closed=blanket.closed_at is not None,
    )


def drawn_of(session: Session, blanket: BlanketOrder, but: PurchaseOrder | None = None) -> Drawn:
    """Return what is called off of ``blanket`` and still counts; of a change under way the larger side counts.

    ``but`` is an order that is left out, because it is the one that is to change.
    """
    quantities: dict[int, Decimal] = {}
    amounts = [Decimal("0.00")]
    found = select(CallOff).join(CallOff.requisition).where(CallOff.blanket_id == blanket.id)
    for call_off in session.scalars(found.where(Requisition.state.not_in(_OVER))):
        for counted, amount in _counted(session, call_off, but):
            for number, quantity in counted.items():
                quantities[number] = quantities.get(number, Decimal(0)) + quantity
            amounts.append(amount)
    return Drawn(quantities, sum(amounts, Decimal(0)))


def call_off(
    session: Session, blanket: BlanketOrder, wanted: Wanted, requester: Person, *, by: str, now: datetime
) -> Requisition | tuple[Problem, ...]:
    """Write the request that calls ``wanted`` off, or return why it may not be; ceilings hold at any moment.

    The blanket order is locked until the commit: two call-offs at once cannot both take what is left.
    """
    session.refresh(blanket, with_for_update=True)
    organisation = session.get_one(Organisation, blanket.organisation_id, with_for_update=True)
    today = now.astimezone(ZoneInfo(organisation.time_zone)).date()
    frame, drawn = frame_of(blanket), drawn_of(session, blanket)
    problems = [*call_off_problems(frame, drawn, wanted.quantities, today)]
    problems += _supplier_problems(blanket)
    problems += _coding_problems(session, organisation, wanted, today)
    rate = _rate(session, organisation, blanket.currency, today)
    if rate is None:
        detail = f"There is no exchange rate of the day from {blanket.currency} to {organisation.currency}."
        problems.append(Problem(Code.BUDGET_UNKNOWN, detail))
    if problems or rate is None:
        return tuple(problems)
    lines = _lines(blanket, wanted)
    row = _request(session, organisation, wanted, requester, lines, rate, today)
    if barring := _budget_problems(session, row, today):
        return barring
    session.add(row)
    row.lines = [RequisitionLine(organisation_id=organisation.id, **asdict(line)) for line in lines]
    session.flush()
    places = [[line.line_number, number] for line, number in zip(lines, sorted(wanted.quantities), strict=True)]
    session.add(CallOff(organisation_id=organisation.id, blanket_id=blanket.id, requisition_id=row.id, lines=places))
    coding = wanted.cost_center, wanted.account
    draw(session, row, entries(lines, row.base_total or Decimal(0), *coding, today))
    record(session, row, "called_off", by, number=row.number, blanket=blanket.number, total=str(row.net_total))
    return row


def call_off_change_problems(session: Session, order: PurchaseOrder, after: Content) -> tuple[Problem, ...]:
    """Return why ``order`` may not become ``after``: it was called off of a blanket order whose ceiling would pass."""
    found = session.scalars(select(CallOff).where(CallOff.requisition_id == order.requisition_id)).one_or_none()
    if found is None:
        return ()
    blanket = session.get_one(BlanketOrder, found.blanket_id, with_for_update=True)
    numbers = dict(found.lines)
    wanted = {numbers[line.line_number]: line.quantity for line in after.lines if line.line_number in numbers}
    return ceiling_problems(frame_of(blanket), drawn_of(session, blanket, order), wanted, after.net_total)


def _counted(
    session: Session, call_off: CallOff, but: PurchaseOrder | None
) -> list[tuple[dict[int, Decimal], Decimal]]:
    numbers: dict[int, int] = dict(call_off.lines)
    order = session.scalars(
        select(PurchaseOrder).where(PurchaseOrder.requisition_id == call_off.requisition_id)
    ).one_or_none()
    if order is None:
        lines = call_off.requisition.lines
        return [_sums(numbers, [(line.line_number, line.quantity, line.unit_price) for line in lines])]
    if order.state in _OVER or (but is not None and order.id == but.id):
        return []
    now = _sums(numbers, [(line.line_number, line.quantity, line.unit_price) for line in order.lines])
    change = session.scalars(
        select(ChangeOrder).where(
            ChangeOrder.order_id == order.id, ChangeOrder.state.in_(OPEN), ChangeOrder.kind == "change"
        )
    ).first()
    if change is None:
        return [now]
    content = content_from_json(change.content)
    then = _sums(numbers, [(line.line_number, line.quantity, line.unit_price) for line in content.lines])
    larger = {
        number: max(now[0].get(number, Decimal(0)), then[0].get(number, Decimal(0))) for number in {*now[0], *then[0]}
    }
    return [(larger, max(now[1], then[1]))]


def _sums(
    numbers: Mapping[int, int], lines: Sequence[tuple[int, Decimal, Decimal]]
) -> tuple[dict[int, Decimal], Decimal]:
    quantities = {numbers[number]: quantity for number, quantity, _ in lines if number in numbers}
    return quantities, sum((money(quantity * price) for _, quantity, price in lines), Decimal("0.00"))


def _lines(blanket: BlanketOrder, wanted: Wanted) -> tuple[CheckedLine, ...]:
    known = {line.line_number: line for line in blanket.lines}
    return tuple(
        _line(place, known[number], blanket, wanted) for place, number in enumerate(sorted(wanted.quantities), 1)
    )


def _line(place: int, line: BlanketLine, blanket: BlanketOrder, wanted: Wanted) -> CheckedLine:
    return CheckedLine(
        line_number=place,
        description=line.description,
        quantity=wanted.quantities[line.line_number],
        unit=line.unit,
        unit_price=line.unit_price,
        currency=blanket.currency,
        supplier_id=blanket.supplier_id,
        needed_by=wanted.needed_by,
        tax_rate=line.tax_rate,
        item_number=line.item_number,
        supplier_item_number=line.supplier_item_number,
        category=line.category,
        contract=blanket.contract or blanket.number,
    )


def _request(
    session: Session,
    organisation: Organisation,
    wanted: Wanted,
    requester: Person,
    lines: Sequence[CheckedLine],
    rate: Decimal,
    today: date,
) -> Requisition:
    policy = policy_in_force(session, organisation.id, today)
    net = sum((line.line_total for line in lines), Decimal("0.00"))
    row = Requisition(
        organisation_id=organisation.id,
        state="pending_approval",
        number=next_requisition_number(session, organisation.id),
        requester_id=requester.id,
        currency=lines[0].currency,
        needed_by=wanted.needed_by,
        ship_to=wanted.ship_to,
        cost_center=wanted.cost_center,
        account=wanted.account,
        justification=wanted.reason,
        net_total=net,
        base_total=money(net * rate),
        policy_id=policy.id if policy else None,
    )
    coding = {"cost_center": row.cost_center, "account": row.account, "ship_to": row.ship_to}
    row.revision_hash = revision_hash(row.number, tuple(lines), coding | {"base_total": str(row.base_total)})
    return row


def _supplier_problems(blanket: BlanketOrder) -> list[Problem]:
    supplier = blanket.supplier
    if supplier.status == "active":
        return []
    return [Problem(Code.SUPPLIER_BLOCKED, f"{supplier.name} is {supplier.status}: nothing may be ordered.")]


def _coding_problems(session: Session, organisation: Organisation, wanted: Wanted, today: date) -> list[Problem]:
    known = select(CostCenter.id).where(
        CostCenter.organisation_id == organisation.id,
        CostCenter.code == wanted.cost_center,
        or_(CostCenter.valid_from.is_(None), CostCenter.valid_from <= today),
        or_(CostCenter.valid_until.is_(None), CostCenter.valid_until >= today),
    )
    if session.scalars(known.limit(1)).first() is not None:
        return []
    detail = f"Cost centre “{wanted.cost_center}” does not exist or is not valid today."
    return [Problem(Code.CODING_MISSING, detail)]


def _budget_problems(session: Session, row: Requisition, today: date) -> tuple[Problem, ...]:
    settle_drawings(session, row.organisation_id)
    budget = budget_facts(session, row.organisation_id, row.cost_center, row.account, today)
    if budget.amount is None:
        return (Problem(Code.BUDGET_UNKNOWN, "No budget is known for this cost centre and period."),)
    left = budget.amount - budget.committed
    if row.base_total is not None and row.base_total > left:
        return (Problem(Code.BUDGET_EXCEEDED, f"{row.base_total} is wanted, {left} is left of {budget.amount}."),)
    return ()


def _rate(session: Session, organisation: Organisation, currency: str, today: date) -> Decimal | None:
    if currency == organisation.currency:
        return Decimal(1)
    newest = select(ExchangeRate.rate).where(
        ExchangeRate.organisation_id == organisation.id,
        ExchangeRate.currency == currency,
        ExchangeRate.valid_on.between(today - timedelta(days=RATE_DAYS), today),
    )
    return session.scalars(newest.order_by(ExchangeRate.valid_on.desc()).limit(1)).first()
