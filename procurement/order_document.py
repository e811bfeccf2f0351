"""An order as it is printed and sent: plain values, no database, totals by one rule.

Quantities are in the line's unit, prices net in the order's currency per unit.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def money(amount: Decimal) -> Decimal:
    """Return ``amount`` rounded half up to two decimals."""
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Party:
    """A buyer, supplier or place of delivery; ``address`` is one text line an entry."""

    name: str
    address: tuple[str, ...] = ()
    country: str | None = None  # ISO 3166-1 alpha-2
    tax_number: str | None = None
    contact_name: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True)
class DocumentLine:
    """One order line; ``tax_rate`` is a fraction (0.19 is 19 %), None where the buyer states none."""

    line_number: int
    description: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    item_number: str | None = None
    supplier_item_number: str | None = None
    needed_by: date | None = None
    tax_rate: Decimal | None = None
    contract: str | None = None
    note: str | None = None

    @property
    def line_total(self) -> Decimal:
        """Return quantity times price, rounded to cents."""
        return money(self.quantity * self.unit_price)


@dataclass(frozen=True)
class Change:
    """One thing that a revision changes; ``field`` is a DocumentLine's or OrderDocument's field name.

    ``field`` "line" means the whole line: added when ``before`` is None, removed when ``after`` is.
    ``line_number`` None is a change of the order's head.
    """

    line_number: int | None
    field: str
    before: str | Decimal | date | None
    after: str | Decimal | date | None


@dataclass(frozen=True)
class OrderDocument:
    """One revision of a purchase order; ``revision`` counts from 1."""

    number: str
    revision: int
    issued_on: date
    currency: str  # ISO 4217
    language: str  # ISO 639-1
    buyer: Party
    supplier: Party
    ship_to: Party
    lines: tuple[DocumentLine, ...]
    bill_to: Party | None = None
    needed_by: date | None = None
    payment_terms: str | None = None
    delivery_terms: str | None = None
    terms: tuple[str, ...] = ()
    note: str | None = None
    requisition: str | None = None
    requester: str | None = None
    cost_center: str | None = None
    reply_to: str | None = None
    accent: str = "#1f4e79"  # the letterhead's colour
    supplier_number: str | None = None  # the supplier's number at the buyer
    customer_number: str | None = None  # the buyer's number at the supplier
    quotation: str | None = None  # the supplier's offer that this order takes up
    confirm_by: date | None = None
    legal: tuple[str, ...] = ()  # company particulars, printed at the foot of each page

    @property
    def net_total(self) -> Decimal:
        """Return the sum of the line totals."""
        return sum((line.line_total for line in self.lines), Decimal("0.00"))

    @property
    def taxes(self) -> tuple[tuple[Decimal, Decimal, Decimal], ...]:
        """Return (rate, base, tax) for each rate stated, lowest rate first."""
        rates = sorted({line.tax_rate for line in self.lines if line.tax_rate is not None})
        bases = [(rate, sum(x.line_total for x in self.lines if x.tax_rate == rate)) for rate in rates]
        return tuple((rate, Decimal(base), money(base * rate)) for rate, base in bases)

    @property
    def tax_total(self) -> Decimal:
        """Return the tax of all rates."""
        return sum((tax for _, _, tax in self.taxes), Decimal("0.00"))

    @property
    def gross_total(self) -> Decimal:
        """Return net plus tax."""
        return self.net_total + self.tax_total
