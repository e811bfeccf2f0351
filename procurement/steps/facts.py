"""What master data know of a requisition (procurement.known), each found through an index."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, selectinload

from procurement import known
from procurement.drawing import COMMITTED, SPENT
from procurement.requisition import name_key
from procurement.splitting import Recent, Watch
from procurement.stated import Stated, StatedLine
from procurement.steps.bank import HOURS
from procurement.steps.catalog import match_line
from procurement.steps.drawings import drawn_on
from records.tables import (
    Account,
    Budget,
    CatalogItem,
    Contract,
    CostCenter,
    ExchangeRate,
    Organisation,
    Policy,
    Project,
    Requisition,
    Supplier,
    SupplierName,
)

RATE_DAYS = 7  # a rate that is older is none of today: weekends and holidays are bridged, not months
MOST_RECENT = 100  # requests that are looked at for splitting


def facts_for(
    session: Session,
    organisation: Organisation,
    requisition: Requisition,
    said: Stated,
    policy: Policy | None,
    now: datetime,
) -> known.Facts:
    """Return what is known of ``requisition``, which said ``said``; the organisation's row is locked."""
    today = now.astimezone(ZoneInfo(organisation.time_zone)).date()
    named = named_supplier(session, organisation.id, said.supplier_name)
    lines = tuple(_line_facts(session, organisation.id, line, named, today) for line in said.lines)
    watch = Watch(**{name: days for name, days in organisation.checks.items() if name != HOURS})
    center = _cost_center(session, organisation.id, said.cost_center, today)
    accounts = center.accounts if center else []
    return known.Facts(
        today=today,
        base_currency=organisation.currency,
        lines=lines,
        cost_center_known=center is not None,
        account_known=_listed(session, Account, organisation.id, said.account_code, today),
        account_fits=not (accounts and said.account_code) or said.account_code in accounts,
        project_known=_listed(session, Project, organisation.id, said.project, today),
        budget=budget_facts(session, organisation.id, said.cost_center, said.account_code, today),
        duplicate_of=_duplicate(session, requisition, said.cost_center, watch),
        rates=_rates(session, organisation.id, _currencies(said, lines), today),
        recent=_recent(session, requisition, said.cost_center, now, watch),
        limits=_limits(policy),
        watch=watch,
    )


def policy_in_force(session: Session, organisation_id: int, today: date) -> Policy | None:
    """Return the version of the approval policy that holds on a day."""
    return session.scalars(
        select(Policy)
        .where(Policy.organisation_id == organisation_id, Policy.valid_from <= today)
        .order_by(Policy.valid_from.desc(), Policy.id.desc())
        .limit(1)
    ).first()


def named_supplier(session: Session, organisation_id: int, name: str | None) -> Supplier | None:
    """Return the only supplier of that code, name or alias, spelled as known (case and blanks aside)."""
    if not name:
        return None
    found = select(SupplierName.supplier_id).where(
        SupplierName.organisation_id == organisation_id, SupplierName.name == name_key(name)
    )
    ids = session.scalars(found.limit(2)).all()
    return session.get(Supplier, ids[0]) if len(ids) == 1 else None


def budget_facts(
    session: Session, organisation_id: int, cost_center: str | None, account: str | None, today: date
) -> known.BudgetFacts:
    """Return the budget of the cost centre today: that of the account if there is one, else the common one."""
    if not cost_center:
        return known.BudgetFacts()
    found = session.scalars(
        select(Budget)
        .where(
            Budget.organisation_id == organisation_id,
            Budget.cost_center == cost_center,
            Budget.account.in_([account or "", ""]),
            Budget.starts_on <= today,
            Budget.ends_on >= today,
        )
        .order_by(func.length(Budget.account).desc())
        .limit(1)
    ).first()
    if found is None:
        return known.BudgetFacts()
    days = found.starts_on, found.ends_on
    drawn = drawn_on(session, organisation_id, "budget", found.cost_center, found.account, days)
    return known.BudgetFacts(found.amount, sum(drawn, Decimal(0)))


def _line_facts(
    session: Session, organisation_id: int, line: StatedLine, named: Supplier | None, today: date
) -> known.LineFacts:
    supplier = named_supplier(session, organisation_id, line.supplier) if line.supplier else named
    supplier_id = supplier.id if supplier else None
    match = match_line(session, organisation_id, line.description, line.item_number, supplier_id, today=today)
    return known.LineFacts(
        item=known_item(session, match.item) if match.item else None,
        candidates=tuple(known_item(session, candidate) for candidate in match.candidates),
        supplier=_known(supplier) if supplier else None,
    )


def known_item(session: Session, item: CatalogItem) -> known.KnownItem:
    """Return a catalog item as the checks see it, with its supplier and contract."""
    return known.KnownItem(
        id=item.id,
        item_number=item.item_number,
        supplier=_known(session.get_one(Supplier, item.supplier_id)),
        supplier_item_number=item.supplier_item_number,
        description=item.description,
        category=item.category,
        unit=item.unit,
        unit_price=item.unit_price,
        currency=item.currency,
        tax_rate=item.tax_rate,
        contract=item.contract,
        valid_from=item.valid_from,
        valid_until=item.valid_until,
        minimum_quantity=item.minimum_quantity,
        quantity_multiple=item.quantity_multiple,
        contents=item.contents,
        content_unit=item.content_unit,
        price_breaks=tuple((Decimal(start), Decimal(price)) for start, price in item.price_breaks),
        terms=_contract(session, item.organisation_id, item.contract),
    )


def _known(supplier: Supplier) -> known.KnownSupplier:
    return known.KnownSupplier(
        supplier.id, supplier.code, supplier.name, supplier.currency, supplier.status, supplier.status_reason
    )


def _contract(session: Session, organisation_id: int, reference: str | None) -> known.KnownContract | None:
    if not reference:
        return None
    wanted = select(Contract).where(Contract.organisation_id == organisation_id, Contract.reference == reference)
    row = session.scalars(wanted).one_or_none()
    if row is None:
        return None
    drawn = drawn_on(session, organisation_id, "contract", reference) if row.ceiling is not None else ()
    return known.KnownContract(
        row.reference, row.currency, row.ceiling, sum(drawn, Decimal(0)), row.valid_from, row.valid_until
    )


def _cost_center(session: Session, organisation_id: int, code: str | None, today: date) -> CostCenter | None:
    if not code:
        return None
    mine = CostCenter.organisation_id == organisation_id, CostCenter.code == code
    return session.scalars(select(CostCenter).where(*mine, *_valid(CostCenter, today))).first()


def _listed(session: Session, table: Any, organisation_id: int, code: str | None, today: date) -> bool:
    """Return whether a code is listed and valid; also where none is stated, or the organisation lists none."""
    if not code:
        return True
    mine = select(table.id).where(table.organisation_id == organisation_id).limit(1)
    if session.scalars(mine.where(table.code == code, *_valid(table, today))).first() is not None:
        return True
    return session.scalars(mine).first() is None


def _valid(table: Any, today: date) -> tuple[ColumnElement[bool], ...]:
    return (
        or_(table.valid_from.is_(None), table.valid_from <= today),
        or_(table.valid_until.is_(None), table.valid_until >= today),
    )


def _currencies(said: Stated, lines: Sequence[known.LineFacts]) -> set[str]:
    priced = (x for one in lines for x in (one.item and one.item.currency, one.supplier and one.supplier.currency))
    return {currency for currency in (said.currency, *priced) if currency}


def _rates(session: Session, organisation_id: int, currencies: set[str], today: date) -> dict[str, Decimal]:
    """Return the rate of the day of each currency: the newest one that is no older than RATE_DAYS."""
    found: dict[str, Decimal] = {}
    for currency in sorted(currencies):
        newest = (
            select(ExchangeRate.rate)
            .where(
                ExchangeRate.organisation_id == organisation_id,
                ExchangeRate.currency == currency,
                ExchangeRate.valid_on.between(today - timedelta(days=RATE_DAYS), today),
            )
            .order_by(ExchangeRate.valid_on.desc())
            .limit(1)
        )
        if (rate := session.scalars(newest).first()) is not None:
            found[currency] = rate
    return found


def _duplicate(session: Session, requisition: Requisition, cost_center: str | None, watch: Watch) -> str | None:
    """Return the number of an earlier requisition of the same requester or cost centre that asks for the same."""
    if not watch.duplicate_days:
        return None
    same = Requisition.requester_id == requisition.requester_id
    return session.scalars(
        select(Requisition.number)
        .where(
            Requisition.organisation_id == requisition.organisation_id,
            Requisition.content_hash == requisition.content_hash,
            or_(same, Requisition.cost_center == cost_center) if cost_center else same,
            Requisition.id < requisition.id,
            Requisition.created_at >= requisition.created_at - timedelta(days=watch.duplicate_days),
            Requisition.state.not_in(["rejected", "withdrawn", "cancelled"]),
        )
        .order_by(Requisition.id.desc())
        .limit(1)
    ).first()


def _recent(
    session: Session, requisition: Requisition, cost_center: str | None, now: datetime, watch: Watch
) -> tuple[Recent, ...]:
    """Return the newest other requests of the same requester or cost centre that count, within the window."""
    if not watch.split_days:
        return ()
    since = now - timedelta(days=watch.split_days)
    ways = [Requisition.requester_id == requisition.requester_id]
    if cost_center:
        ways.append(
            (Requisition.organisation_id == requisition.organisation_id) & (Requisition.cost_center == cost_center)
        )
    rows: dict[int, Requisition] = {}
    for way in ways:
        newest = (
            select(Requisition)
            .where(way, Requisition.submitted_at >= since, Requisition.state.in_([*COMMITTED, *SPENT]))
            .order_by(Requisition.submitted_at.desc())
            .limit(MOST_RECENT)
            .options(selectinload(Requisition.lines))
        )
        rows |= {row.id: row for row in session.scalars(newest) if row.id != requisition.id}
    return tuple(
        Recent(row.number, row.base_total, frozenset(line.supplier_id for line in row.lines))
        for _, row in sorted(rows.items())
        if row.base_total is not None
    )


def _limits(policy: Policy | None) -> tuple[Decimal, ...]:
    """Return the amounts at which the policy asks for other approvals."""
    bounds = {rule.get(name) for rule in (policy.rules if policy else ()) for name in ("amount_from", "amount_below")}
    return tuple(sorted(Decimal(bound) for bound in bounds if bound and Decimal(bound) > 0))
