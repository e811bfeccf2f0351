"""The step ``check``: a requisition is checked against master data and submitted, or held with all problems."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from procurement import requisition as rules
from procurement.aliases import with_items, with_units
from procurement.stated import Stated, StatedLine, stated
from procurement.steps.aliases import aliases_of
from procurement.steps.catalog import match_line
from procurement.steps.question import ask_requester
from records.audit import record
from records.base import utc_now
from records.exceptions import not_waived
from records.flow import Done, Hold, Outcome
from records.lessons import count_use
from records.tables import (
    Budget,
    CatalogItem,
    CostCenter,
    Organisation,
    Policy,
    Requisition,
    RequisitionLine,
    Supplier,
)

DUPLICATE_WINDOW = timedelta(days=14)
PATIENCE = timedelta(days=2)  # how long a requester has to answer before an agent looks
COMMITTED = ("pending_approval", "approved", "ordered", "closed")


def check(session: Session, requisition: Requisition, *, clock: Callable[[], datetime] = utc_now) -> Outcome:
    """Fill the requisition's lines and totals; move it to ``pending_approval`` once no problem is left."""
    now = clock()
    # Locked: two requisitions that are checked at once must not both find the budget free.
    organisation = session.get_one(Organisation, requisition.organisation_id, with_for_update=True)
    said = stated(requisition.reading, requisition.corrections)
    today = now.astimezone(ZoneInfo(organisation.time_zone)).date()
    requisition.content_hash = rules.content_hash(said)
    said, facts = _in_our_words(session, organisation, requisition, said, today)
    checked = rules.check(said, facts)
    _write(session, requisition, said, checked)
    if barring := not_waived(session, requisition, checked.problems):
        asked = ask_requester(session, requisition, said, barring, facts, now)
        return Hold(barring, until=now + PATIENCE if asked else None)
    if not checked.lines or len(checked.lines) != len(said.lines) or checked.base_total is None:
        return Hold(checked.problems)  # waived, but there is nothing that could be ordered
    requisition.submitted_at = now
    requisition.policy_id = _policy_in_force(session, organisation.id, today)
    record(
        session,
        requisition,
        "submitted",
        "step:check",
        total=str(checked.net_total),
        currency=checked.currency,
    )
    return Done("pending_approval")


def _in_our_words(
    session: Session, organisation: Organisation, requisition: Requisition, said: Stated, today: date
) -> tuple[Stated, rules.Facts]:
    """Return what was said with the sender's names for items and units replaced, and what is known of it."""
    aliases = aliases_of(session, requisition.message_id)
    items = with_items(said, aliases, requisition.corrections)
    facts = _facts(session, organisation, requisition, items.said, today)
    numbers = [line.item.item_number if line.item else None for line in facts.lines]
    units = with_units(items.said, numbers, aliases, requisition.corrections)
    signals = [*items.told, *units.told]
    if signals != requisition.signals:
        requisition.signals = signals
        count_use(session, (*items.lessons, *units.lessons), utc_now())
    return units.said, facts


def _write(session: Session, requisition: Requisition, said: Stated, checked: rules.Checked) -> None:
    requisition.needed_by, requisition.ship_to = said.needed_by, said.ship_to
    requisition.cost_center, requisition.account = said.cost_center, said.account_code
    requisition.project, requisition.justification = said.project, said.justification
    requisition.currency, requisition.net_total = checked.currency, checked.net_total
    requisition.base_total = checked.base_total
    base_total = None if checked.base_total is None else str(checked.base_total)
    coding = {"cost_center": said.cost_center, "account": said.account_code, "ship_to": said.ship_to}
    coding |= {"project": said.project, "justification": said.justification, "base_total": base_total}
    requisition.revision_hash = rules.revision_hash(requisition.number, checked.lines, coding)
    requisition.lines.clear()
    session.flush()
    requisition.lines = [
        RequisitionLine(organisation_id=requisition.organisation_id, **asdict(line)) for line in checked.lines
    ]


def _policy_in_force(session: Session, organisation_id: int, today: date) -> int | None:
    return session.scalars(
        select(Policy.id)
        .where(Policy.organisation_id == organisation_id, Policy.valid_from <= today)
        .order_by(Policy.valid_from.desc(), Policy.id.desc())
        .limit(1)
    ).first()


def _facts(
    session: Session, organisation: Organisation, requisition: Requisition, said: Stated, today: date
) -> rules.Facts:
    named = _supplier(session, organisation.id, said.supplier_name)
    return rules.Facts(
        today=today,
        base_currency=organisation.currency,
        lines=tuple(_line_facts(session, organisation.id, line, named, today) for line in said.lines),
        cost_center_known=_cost_center_known(session, organisation.id, said.cost_center, today),
        budget=_budget(session, organisation.id, requisition, said, today),
        duplicate_of=_duplicate(session, requisition),
    )


def _line_facts(
    session: Session, organisation_id: int, line: StatedLine, named: Supplier | None, today: date
) -> rules.LineFacts:
    supplier = _supplier(session, organisation_id, line.supplier) if line.supplier else named
    supplier_id = supplier.id if supplier else None
    match = match_line(session, organisation_id, line.description, line.item_number, supplier_id, today=today)
    return rules.LineFacts(
        item=_item(session, match.item) if match.item else None,
        candidates=tuple(_item(session, candidate) for candidate in match.candidates),
        supplier=_known(supplier) if supplier else None,
    )


def _item(session: Session, item: CatalogItem) -> rules.KnownItem:
    return rules.KnownItem(
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
    )


def _known(supplier: Supplier) -> rules.KnownSupplier:
    return rules.KnownSupplier(supplier.id, supplier.code, supplier.name, supplier.currency, supplier.status)


def _supplier(session: Session, organisation_id: int, named: str | None) -> Supplier | None:
    """Return the supplier of that code, name or alias, spelled as known (case and blanks aside)."""
    if not named:
        return None
    wanted = " ".join(named.casefold().split())
    suppliers = session.scalars(select(Supplier).where(Supplier.organisation_id == organisation_id)).all()
    fits = [
        one
        for one in suppliers
        if wanted in {" ".join(name.casefold().split()) for name in (one.code, one.name, *one.aliases)}
    ]
    return fits[0] if len(fits) == 1 else None


def _cost_center_known(session: Session, organisation_id: int, code: str | None, today: date) -> bool:
    if not code:
        return False
    found = select(CostCenter.id).where(
        CostCenter.organisation_id == organisation_id,
        CostCenter.code == code,
        or_(CostCenter.valid_from.is_(None), CostCenter.valid_from <= today),
        or_(CostCenter.valid_until.is_(None), CostCenter.valid_until >= today),
    )
    return session.scalars(found).first() is not None


def _budget(
    session: Session, organisation_id: int, requisition: Requisition, said: Stated, today: date
) -> rules.BudgetFacts:
    """Return the budget of the cost centre today: that of the account if there is one, else the common one."""
    found = session.scalars(
        select(Budget)
        .where(
            Budget.organisation_id == organisation_id,
            Budget.cost_center == (said.cost_center or ""),
            Budget.account.in_([said.account_code or "", ""]),
            Budget.starts_on <= today,
            Budget.ends_on >= today,
        )
        .order_by(func.length(Budget.account).desc())
        .limit(1)
    ).first()
    if found is None:
        return rules.BudgetFacts()
    conditions = [
        Requisition.organisation_id == organisation_id,
        Requisition.cost_center == found.cost_center,
        Requisition.state.in_(COMMITTED),
        Requisition.id != requisition.id,
        Requisition.submitted_at >= datetime.combine(found.starts_on, datetime.min.time(), ZoneInfo("UTC")),
    ]
    if found.account:
        conditions.append(Requisition.account == found.account)
    amounts = session.scalars(select(Requisition.base_total).where(*conditions))
    committed = sum((amount for amount in amounts if amount is not None), Decimal(0))
    return rules.BudgetFacts(found.amount, committed)


def _duplicate(session: Session, requisition: Requisition) -> str | None:
    """Return the number of an earlier requisition of the same requester that asks for the same."""
    return session.scalars(
        select(Requisition.number)
        .where(
            Requisition.requester_id == requisition.requester_id,
            Requisition.content_hash == requisition.content_hash,
            Requisition.id < requisition.id,
            Requisition.created_at >= requisition.created_at - DUPLICATE_WINDOW,
            Requisition.state.not_in(["rejected", "withdrawn", "cancelled"]),
        )
        .limit(1)
    ).first()
