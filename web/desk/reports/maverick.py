"""How much is bought outside contracts and the catalog: by supplier, cost centre or requester."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.tables import Organisation, Person, Requisition, RequisitionLine, Supplier
from web.desk.reports.figures import Column, Make, Period, Report, share

BOUGHT = ("approved", "ordered", "closed")  # states of what was decided to be bought
DIMENSIONS = {"supplier": "Supplier", "cost_center": "Cost centre", "requester": "Requester"}
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class _Bought:
    """One line: its amount in base currency (None where no exchange rate was known), and how it was bought."""

    amount: Decimal | None
    request: int
    maverick: str | None
    supplier: str
    cost_center: str | None
    requester: str


@dataclass
class _Sum:
    """What one supplier, cost centre or requester comes to."""

    all: Decimal = Decimal()
    off_catalog: Decimal = Decimal()
    off_contract: Decimal = Decimal()

    @property
    def outside(self) -> Decimal:
        """Return what was bought outside contracts and the catalog."""
        return self.off_catalog + self.off_contract

    def add(self, amount: Decimal, maverick: str | None) -> None:
        """Count one line."""
        self.all += amount
        if maverick == "off_catalog":
            self.off_catalog += amount
        elif maverick:
            self.off_contract += amount


def maverick_by(dimension: str) -> Make:
    """Return the maker of the report on buying outside the rules by one of ``DIMENSIONS``.

    It reads the requests that were submitted in the period, through an index: older ones cost it nothing.
    """
    heading = DIMENSIONS[dimension]

    def report(session: Session, organisation: Organisation, period: Period) -> Report:
        sums: defaultdict[str, _Sum] = defaultdict(_Sum)
        unknown: set[int] = set()
        for line in _lines(session, organisation, period):
            if line.amount is None:
                unknown.add(line.request)
            else:
                sums[getattr(line, dimension) or f"(no {heading.lower()})"].add(line.amount, line.maverick)
        return Report(
            name=f"maverick-{dimension.replace('_', '-')}",
            title=f"Bought outside contracts and the catalog, by {heading.lower()}",
            question="Who buys outside the rules, and where?",
            columns=(
                Column(dimension, heading),
                Column("amount", "Net amount", "money"),
                Column("off_catalog", "Not in the catalog", "money"),
                Column("off_contract", "Without a contract", "money"),
                Column("share", "Outside", "percent"),
            ),
            rows=tuple(
                _row(key, one) for key, one in sorted(sums.items(), key=lambda pair: (-pair[1].outside, pair[0]))
            ),
            chart=("off_catalog", "off_contract"),
            notes=_left_out(len(unknown)),
            currency=organisation.currency,
        )

    return report


def _row(key: str, one: _Sum) -> tuple[str | Decimal | None, ...]:
    amounts = (amount.quantize(_CENT, ROUND_HALF_UP) for amount in (one.all, one.off_catalog, one.off_contract))
    return (key, *amounts, share(one.outside, one.all))


def _left_out(count: int) -> tuple[str, ...]:
    if not count:
        return ()
    return (f"Requests left out, because no exchange rate of the day was known: {count}.",)


def _lines(session: Session, organisation: Organisation, period: Period) -> Iterator[_Bought]:
    rows = session.execute(
        select(
            Requisition.id,
            RequisitionLine.quantity,
            RequisitionLine.unit_price,
            Requisition.currency,
            Requisition.net_total,
            Requisition.base_total,
            RequisitionLine.maverick,
            Supplier.name,
            Requisition.cost_center,
            Person.name,
        )
        .join(RequisitionLine, RequisitionLine.requisition_id == Requisition.id)
        .join(Supplier, Supplier.id == RequisitionLine.supplier_id)
        .join(Person, Person.id == Requisition.requester_id)
        .where(
            Requisition.organisation_id == organisation.id,
            Requisition.submitted_at >= period.begins,
            Requisition.submitted_at < period.ends,
            Requisition.state.in_(BOUGHT),
        )
    )
    for request, quantity, price, currency, net, base, *dimensions in rows.yield_per(5000):
        amount: Decimal | None = quantity * price
        if currency != organisation.currency:
            amount = quantity * price * base / net if base is not None and net else None
        yield _Bought(amount, request, *dimensions)
