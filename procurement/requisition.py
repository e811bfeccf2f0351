"""The checks of a requisition: what was stated against suppliers, catalog, prices, coding and budget.

All problems are found at once, so that a person mends a request in one go. Quantities are in the
line's unit, prices net per unit in the line's currency.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from procurement.order_document import money
from procurement.stated import Stated, StatedLine
from procurement.units import same_unit
from records.problems import Code, Problem

MOST = Decimal(10) ** 12  # of a quantity and of a price; what is above is misread


@dataclass(frozen=True)
class KnownSupplier:
    """A supplier as the checks need it; ``status`` is onboarding, active or blocked."""

    id: int
    code: str
    name: str
    currency: str
    status: str


@dataclass(frozen=True)
class KnownItem:
    """A catalog item as the checks need it; validity bounds are inclusive."""

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


@dataclass(frozen=True)
class CheckedLine:
    """One line that can be ordered."""

    line_number: int
    description: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    currency: str
    supplier_id: int
    needed_by: date | None = None
    tax_rate: Decimal | None = None
    catalog_item_id: int | None = None
    item_number: str | None = None
    supplier_item_number: str | None = None
    category: str | None = None
    contract: str | None = None

    @property
    def line_total(self) -> Decimal:
        """Return quantity times price, rounded to cents."""
        return money(self.quantity * self.unit_price)


@dataclass(frozen=True)
class Checked:
    """The outcome of the checks; ``lines`` holds what can be ordered, ``problems`` what bars it."""

    lines: tuple[CheckedLine, ...] = ()
    problems: tuple[Problem, ...] = ()
    net_total: Decimal = Decimal(0)
    base_total: Decimal | None = None
    currency: str | None = None


def check(said: Stated, facts: Facts) -> Checked:
    """Return the lines that can be ordered and every problem of the requisition."""
    problems = list(said.problems)
    lines: list[CheckedLine] = []
    if not said.lines:
        problems.append(Problem(Code.LOW_CONFIDENCE, "No line items were found in the request.", "/lines"))
    for stated_line, known in zip(said.lines, facts.lines, strict=True):
        line, found = _check_line(said, stated_line, known, facts)
        problems += found
        if line:
            lines.append(line)
    currencies = sorted({line.currency for line in lines})
    net = sum((line.line_total for line in lines), Decimal("0.00"))
    base, money_problems = _base_total(said, net, currencies, facts)
    problems += money_problems
    problems += _check_coding(said, facts)
    if base is not None:
        problems += _check_budget(said, facts, base)
    if facts.duplicate_of:
        detail = f"The same was requested in {facts.duplicate_of}. Waive this if it is wanted twice."
        problems.append(Problem(Code.DUPLICATE_SUSPECT, detail))
    currency = currencies[0] if len(currencies) == 1 else None
    return Checked(tuple(lines), tuple(problems), net, base, currency)


def revision_hash(number: str, lines: tuple[CheckedLine, ...], coding: dict[str, str | None]) -> str:
    """Return the SHA-256 of all that an approver decides on; any change of it voids a decision."""
    told = [number, [asdict(line) for line in lines], coding]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def content_hash(said: Stated) -> str:
    """Return the SHA-256 of what is wanted, by which the same request is recognised."""
    told = [[(x.item_number or x.description or "").casefold(), str(x.quantity), x.unit] for x in said.lines]
    return hashlib.sha256(json.dumps([sorted(told, key=str), said.cost_center]).encode()).hexdigest()


def _check_line(
    said: Stated, line: StatedLine, known: LineFacts, facts: Facts
) -> tuple[CheckedLine | None, list[Problem]]:
    problems: list[Problem] = []
    item, supplier = known.item, known.supplier or (known.item.supplier if known.item else None)
    if line.quantity is None or line.quantity <= 0:
        problems.append(Problem(Code.AMBIGUOUS_NUMBER, "How many are wanted is not stated.", f"{line.at}/quantity"))
    if item is None:
        problems.append(_unknown_item(line, known))
    else:
        problems += _check_item(said, line, item, facts)
        if known.supplier and known.supplier.id != item.supplier.id:
            detail = f"{known.supplier.name} was named, but {item.item_number} is bought from {item.supplier.name}."
            problems.append(Problem(Code.UNKNOWN_SUPPLIER, detail, f"{line.at}/supplier"))
            supplier = item.supplier
    problems += _check_supplier(said, line, supplier, facts)
    price = item.unit_price if item else line.unit_price
    if price is None:
        problems.append(Problem(Code.PRICE_MISMATCH, "No price is stated or known.", f"{line.at}/unit_price"))
    if price is not None and price < 0:
        detail = f"A price of {price} would take the request below what must be approved."
        return None, [*problems, Problem(Code.PRICE_MISMATCH, detail, f"{line.at}/unit_price")]
    if supplier is None or price is None or line.quantity is None or line.quantity <= 0:
        return None, problems
    if max(line.quantity, price) > MOST:
        detail = f"{line.quantity} at {price} each is more than anybody orders."
        return None, [*problems, Problem(Code.AMBIGUOUS_NUMBER, detail, f"{line.at}/quantity")]
    return _orderable(said, line, item, supplier, line.quantity, price), problems


def _orderable(
    said: Stated,
    line: StatedLine,
    item: KnownItem | None,
    supplier: KnownSupplier,
    quantity: Decimal,
    price: Decimal,
) -> CheckedLine:
    return CheckedLine(
        line_number=line.index + 1,
        description=item.description if item else line.description or line.item_number or "",
        quantity=quantity,
        unit=item.unit if item else line.unit or "each",
        unit_price=price,
        currency=item.currency if item else said.currency or supplier.currency,
        supplier_id=supplier.id,
        needed_by=line.needed_by or said.needed_by,
        tax_rate=item.tax_rate if item else None,
        catalog_item_id=item.id if item else None,
        item_number=item.item_number if item else None,
        supplier_item_number=item.supplier_item_number if item else line.item_number,
        category=item.category if item else None,
        contract=item.contract if item else None,
    )


def _unknown_item(line: StatedLine, known: LineFacts) -> Problem:
    wanted = line.description or line.item_number or "a line without a description"
    if known.candidates:
        best = "; ".join(f"{c.item_number} {c.description}" for c in known.candidates[:5])
        detail = f"No catalog item clearly fits “{wanted}”. Nearest: {best}. Set item_number to one of them."
    else:
        detail = f"No catalog item fits “{wanted}”. Set item_number, or waive this to buy it off catalog."
    return Problem(Code.UNKNOWN_ITEM, detail, f"{line.at}/item_number")


def _check_item(said: Stated, line: StatedLine, item: KnownItem, facts: Facts) -> list[Problem]:
    problems: list[Problem] = []
    if line.unit and same_unit(line.unit, item.unit) is False:
        detail = f"{line.quantity} {line.unit} are wanted, but {item.item_number} is sold by the {item.unit}."
        problems.append(Problem(Code.UNIT_MISMATCH, detail, f"{line.at}/unit"))
    if line.unit_price is not None and line.unit_price != item.unit_price:
        detail = (
            f"The request says {line.unit_price} a unit, "
            f"the catalog {item.unit_price} {item.currency}. The order will state the catalog's price."
        )
        problems.append(Problem(Code.PRICE_MISMATCH, detail, f"{line.at}/unit_price"))
    if said.currency and said.currency != item.currency:
        detail = f"The request is in {said.currency}, {item.item_number} is priced in {item.currency}."
        problems.append(Problem(Code.PRICE_MISMATCH, detail, f"{line.at}/unit_price"))
    if (item.valid_from and facts.today < item.valid_from) or (item.valid_until and facts.today > item.valid_until):
        detail = f"The price of {item.item_number} is valid {_span(item)}, not today."
        problems.append(Problem(Code.OFF_CONTRACT, detail, f"{line.at}/item_number"))
    if item.minimum_quantity and line.quantity and line.quantity < item.minimum_quantity:
        detail = f"{item.item_number} is sold from {item.minimum_quantity} {item.unit} on."
        problems.append(Problem(Code.OFF_CONTRACT, detail, f"{line.at}/quantity"))
    return problems


def _span(item: KnownItem) -> str:
    return " ".join(f"{word} {day}" for word, day in (("from", item.valid_from), ("until", item.valid_until)) if day)


def _check_supplier(said: Stated, line: StatedLine, supplier: KnownSupplier | None, facts: Facts) -> list[Problem]:
    at = f"{line.at}/supplier"
    if supplier is None:
        named = line.supplier or said.supplier_name
        detail = f"“{named}” is not a known supplier." if named else "Nobody is known who sells this."
        return [Problem(Code.UNKNOWN_SUPPLIER, detail + " Set the line's supplier to a supplier's code.", at)]
    if supplier.status != "active":
        return [Problem(Code.SUPPLIER_BLOCKED, f"{supplier.name} is {supplier.status}: nothing may be ordered.", at)]
    return []


def _base_total(
    said: Stated, net: Decimal, currencies: list[str], facts: Facts
) -> tuple[Decimal | None, list[Problem]]:
    if currencies in ([], [facts.base_currency]):
        return net, []
    if len(currencies) == 1 and said.exchange_rate:
        return money(net * said.exchange_rate), []
    detail = (
        f"The request is in {', '.join(currencies)}; its value in {facts.base_currency} is not known. "
        "Set exchange_rate (base currency for one unit)."
    )
    return None, [Problem(Code.BUDGET_UNKNOWN, detail, "/exchange_rate")]


def _check_coding(said: Stated, facts: Facts) -> list[Problem]:
    if not said.cost_center:
        return [Problem(Code.CODING_MISSING, "No cost centre is stated.", "/cost_center")]
    if not facts.cost_center_known:
        detail = f"Cost centre “{said.cost_center}” does not exist or is not valid today."
        return [Problem(Code.CODING_MISSING, detail, "/cost_center")]
    return []


def _check_budget(said: Stated, facts: Facts, base: Decimal) -> list[Problem]:
    budget = facts.budget
    if budget.amount is None:
        detail = "No budget is known for this cost centre and period."
        return [Problem(Code.BUDGET_UNKNOWN, detail, "/cost_center")]
    left = budget.amount - budget.committed
    if base > left:
        detail = f"{base} {facts.base_currency} are wanted, {left} are left of {budget.amount}."
        return [Problem(Code.BUDGET_EXCEEDED, detail, "/cost_center")]
    return []
