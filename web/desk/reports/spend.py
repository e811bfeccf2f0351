"""What was ordered, in base currency, and how much of it outside contracts and the catalog."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.tables import OrderLine, Organisation, PurchaseOrder, Requisition, Supplier
from web.desk.reports.figures import Column, Make, Period, Report, share

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class _Ordered:
    """One order line: its amount in base currency (None where no exchange rate was known) and its dimensions."""

    amount: Decimal | None
    order: int
    supplier: str
    category: str | None
    cost_center: str | None
    contract: str | None


DIMENSIONS = {
    "supplier": "Supplier",
    "category": "Category",
    "cost_center": "Cost centre",
    "contract": "Contract",
}


def spend_by(dimension: str) -> Make:
    """Return the maker of the report that adds up orders by one of ``DIMENSIONS``."""
    heading = DIMENSIONS[dimension]

    def report(session: Session, organisation: Organisation, period: Period) -> Report:
        amounts: defaultdict[str, Decimal] = defaultdict(Decimal)
        orders: defaultdict[str, set[int]] = defaultdict(set)
        unknown: set[int] = set()
        for line in _lines(session, organisation, period):
            if line.amount is None:
                unknown.add(line.order)
                continue
            key = getattr(line, dimension) or f"(no {heading.lower()})"
            amounts[key] += line.amount
            orders[key].add(line.order)
        total = sum(amounts.values(), Decimal())
        ordered = sorted(amounts.items(), key=lambda pair: (-pair[1], pair[0]))
        return Report(
            name=f"spend-{dimension.replace('_', '-')}",
            title=f"Ordered by {heading.lower()}",
            question="Where does the money go?",
            columns=(
                Column(dimension, heading),
                Column("orders", "Orders", "count"),
                Column("amount", "Net amount", "money"),
                Column("share", "Share", "percent"),
            ),
            rows=tuple(
                (key, len(orders[key]), amount.quantize(_CENT, ROUND_HALF_UP), share(amount, total))
                for key, amount in ordered
            ),
            chart=("amount",),
            notes=_left_out(unknown),
            currency=organisation.currency,
        )

    return report


def _left_out(unknown: set[int]) -> tuple[str, ...]:
    if not unknown:
        return ()
    orders = "One order is" if len(unknown) == 1 else f"{len(unknown)} orders are"
    return (f"{orders} left out: no exchange rate of the day was known.",)


def _lines(session: Session, organisation: Organisation, period: Period) -> Iterator[_Ordered]:
    rows = session.execute(
        select(
            PurchaseOrder.id,
            PurchaseOrder.currency,
            OrderLine.quantity,
            OrderLine.unit_price,
            Requisition.currency,
            Requisition.net_total,
            Requisition.base_total,
            Supplier.name,
            OrderLine.category,
            Requisition.cost_center,
            OrderLine.contract,
        )
        .join(OrderLine, (OrderLine.order_id == PurchaseOrder.id) & OrderLine.removed_in.is_(None))
        .join(Requisition, Requisition.id == PurchaseOrder.requisition_id)
        .join(Supplier, Supplier.id == PurchaseOrder.supplier_id)
        .where(
            PurchaseOrder.organisation_id == organisation.id,
            PurchaseOrder.issued_at >= period.begins,
            PurchaseOrder.issued_at < period.ends,
            PurchaseOrder.state.in_(("issued", "closed")),
        )
    )
    for order, currency, quantity, price, wanted_in, net, base, *dimensions in rows.yield_per(5000):
        amount: Decimal | None = quantity * price
        if currency != organisation.currency:
            amount = quantity * price * base / net if wanted_in == currency and base is not None and net else None
        yield _Ordered(amount, order, *dimensions)
