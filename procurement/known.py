"""What master data know, as the checks of a requisition need it.

Validity bounds are inclusive, None is open; prices are net for one unit in the item's currency.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from procurement.splitting import Recent, Watch


@dataclass(frozen=True)
class KnownSupplier:
    """A supplier; ``status`` is onboarding, active, blocked or inactive."""

    id: int
    code: str
    name: str
    currency: str
    status: str
    status_reason: str | None = None


@dataclass(frozen=True)
class KnownContract:
    """A contract; ``drawn`` is what was committed and spent on it so far, in its currency like ``ceiling``."""

    reference: str
    currency: str
    ceiling: Decimal | None = None
    drawn: Decimal = Decimal(0)
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True)
class KnownItem:
    """A catalog item; ``contract`` is the reference it names, ``terms`` that contract where it is listed."""

    id: int
    item_number: str
    supplier: KnownSupplier
    supplier_item_number: str | None
    description: str
    category: str | None
    unit: str
    unit_price: Decimal
    currency: str
    tax_rate: Decimal | None = None
    contract: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    minimum_quantity: Decimal | None = None
    quantity_multiple: Decimal | None = None
    contents: Decimal | None = None  # so many ``content_unit`` are in one unit
    content_unit: str | None = None
    price_breaks: tuple[tuple[Decimal, Decimal], ...] = ()  # from which quantity on, which price; ascending
    terms: KnownContract | None = None


@dataclass(frozen=True)
class LineFacts:
    """What master data know of one stated line: the item that clearly fits, or the best candidates."""

    item: KnownItem | None = None
    candidates: tuple[KnownItem, ...] = ()
    supplier: KnownSupplier | None = None  # named by the requester and known


@dataclass(frozen=True)
class BudgetFacts:
    """Money of the cost centre in base currency; ``amount`` None: no budget is known."""

    amount: Decimal | None = None
    committed: Decimal = Decimal(0)


@dataclass(frozen=True)
class Facts:
    """What master data know of a requisition."""

    today: date
    base_currency: str
    lines: tuple[LineFacts, ...]
    cost_center_known: bool
    budget: BudgetFacts
    duplicate_of: str | None = None  # number of an earlier requisition with the same content
    account_known: bool = True  # also where none is stated, or no accounts are listed
    account_fits: bool = True  # may be stated with the cost centre
    project_known: bool = True
    rates: Mapping[str, Decimal] = field(default_factory=dict)  # base currency for one unit, today
    recent: tuple[Recent, ...] = ()
    limits: tuple[Decimal, ...] = ()  # amounts at which the approval policy asks for more
    watch: Watch = field(default_factory=Watch)


def holds_on(day: date, valid_from: date | None, valid_until: date | None) -> bool:
    """Return whether a validity includes ``day``."""
    return (valid_from is None or valid_from <= day) and (valid_until is None or day <= valid_until)


def span(valid_from: date | None, valid_until: date | None) -> str:
    """Return a validity in words: "from 2026-01-01 until 2026-12-31"."""
    return " ".join(f"{word} {day}" for word, day in (("from", valid_from), ("until", valid_until)) if day)
