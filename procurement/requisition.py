"""The checks of a requisition: what was stated against suppliers, catalog, prices, coding and budget.

All problems are found at once, so that a person mends a request in one go. Quantities are in the
line's unit, prices net per unit in the line's currency.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal

from procurement.known import Facts, KnownContract, KnownItem, KnownSupplier, LineFacts
from procurement.order_document import money
from procurement.splitting import split_problem
from procurement.stated import Stated, StatedLine
from procurement.terms import ceiling_problems, in_item_units, item_problems, on_contract, price_at
from records.problems import Code, Problem

LONGEST_NAME = 200
MOST = Decimal(10) ** 12  # of a quantity and of a price; what is above is misread


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
    maverick: str | None = None  # off_catalog or off_contract

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
    maverick_total: Decimal | None = None  # of what is bought off contract or off catalog, in base currency


def check(said: Stated, facts: Facts) -> Checked:
    """Return the lines that can be ordered and every problem of the requisition."""
    problems = list(said.problems)
    lines: list[CheckedLine] = []
    drawn: list[tuple[StatedLine, KnownContract, Decimal]] = []
    if not said.lines:
        problems.append(Problem(Code.LOW_CONFIDENCE, "No line items were found in the request.", "/lines"))
    for stated_line, known in zip(said.lines, facts.lines, strict=True):
        line, found = _check_line(said, stated_line, known, facts)
        problems += found
        if line:
            lines.append(line)
        if line and line.contract and known.item and known.item.terms:
            drawn.append((stated_line, known.item.terms, line.line_total))
    problems += ceiling_problems(drawn)
    currencies = sorted({line.currency for line in lines})
    net = sum((line.line_total for line in lines), Decimal("0.00"))
    rate, money_problems = _rate(said, currencies, facts)
    base = None if rate is None else money(net * rate)
    problems += [*money_problems, *_check_coding(said, facts), *_check_repetition(said, facts)]
    if base is not None:
        problems += _check_budget(facts, base)
        suppliers = frozenset(line.supplier_id for line in lines)
        split = split_problem(base, suppliers, facts.recent, facts.limits, facts.watch)
        problems += [split] if split else []
    maverick = sum((line.line_total for line in lines if line.maverick), Decimal("0.00"))
    return Checked(
        lines=tuple(lines),
        problems=tuple(problems),
        net_total=net,
        base_total=base,
        currency=currencies[0] if len(currencies) == 1 else None,
        maverick_total=None if rate is None else money(maverick * rate),
    )


def revision_hash(number: str, lines: tuple[CheckedLine, ...], coding: dict[str, str | None]) -> str:
    """Return the SHA-256 of all that an approver decides on; any change of it voids a decision."""
    told = [number, [asdict(line) for line in lines], coding]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def content_hash(said: Stated) -> str:
    """Return the SHA-256 of what is wanted, by which the same request is recognised."""
    told = sorted(map(_wanted, said.lines), key=str)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _wanted(line: StatedLine) -> list[str | None]:
    quantity = None if line.quantity is None else format(line.quantity.normalize(), "f")
    return [(line.item_number or line.description or "").casefold(), quantity, line.unit]


def name_key(name: str) -> str:
    """Return a supplier's code, name or alias without case and superfluous blanks: how they are compared."""
    return " ".join(name.casefold().split())[:LONGEST_NAME]


def _check_line(
    said: Stated, line: StatedLine, known: LineFacts, facts: Facts
) -> tuple[CheckedLine | None, list[Problem]]:
    problems: list[Problem] = []
    item, supplier = known.item, known.supplier or (known.item.supplier if known.item else None)
    line = in_item_units(line, item) if item else line
    if line.quantity is None or line.quantity <= 0:
        problems.append(Problem(Code.AMBIGUOUS_NUMBER, "How many are wanted is not stated.", f"{line.at}/quantity"))
    if item is None:
        problems.append(_unknown_item(line, known))
    else:
        problems += item_problems(line, item, said.currency, facts.today)
        if known.supplier and known.supplier.id != item.supplier.id:
            detail = f"{known.supplier.name} was named, but {item.item_number} is bought from {item.supplier.name}."
            problems.append(Problem(Code.UNKNOWN_SUPPLIER, detail, f"{line.at}/supplier"))
            supplier = item.supplier
    problems += _check_supplier(said, line, supplier, facts)
    price = price_at(item, line.quantity) if item else line.unit_price
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
    ordered = _orderable(said, line, item, supplier, line.quantity, price)
    return (ordered if item is None else _from_catalog(ordered, item, facts.today)), problems


def _orderable(
    said: Stated,
    line: StatedLine,
    item: KnownItem | None,
    supplier: KnownSupplier,
    quantity: Decimal,
    price: Decimal,
) -> CheckedLine:
    """Return the line as the request says it; off catalog."""
    return CheckedLine(
        line_number=line.index + 1,
        description=line.description or line.item_number or "",
        quantity=quantity,
        unit=line.unit or "each",
        unit_price=price,
        currency=item.currency if item else said.currency or supplier.currency,
        supplier_id=supplier.id,
        needed_by=line.needed_by or said.needed_by,
        supplier_item_number=line.item_number,
        maverick="off_catalog",
    )


def _from_catalog(line: CheckedLine, item: KnownItem, today: date) -> CheckedLine:
    """Return the line in the catalog's words, on the item's contract where that holds today."""
    contract = item.contract if on_contract(item, today) else None
    return replace(
        line,
        description=item.description,
        unit=item.unit,
        tax_rate=item.tax_rate,
        catalog_item_id=item.id,
        item_number=item.item_number,
        supplier_item_number=item.supplier_item_number,
        category=item.category,
        contract=contract,
        maverick=None if contract else "off_contract",
    )


def _unknown_item(line: StatedLine, known: LineFacts) -> Problem:
    wanted = line.description or line.item_number or "a line without a description"
    if known.candidates:
        best = "; ".join(f"{c.item_number} {c.description}" for c in known.candidates[:5])
        detail = f"No catalog item clearly fits “{wanted}”. Nearest: {best}. Set item_number to one of them."
    else:
        detail = f"No catalog item fits “{wanted}”. Set item_number, or waive this to buy it off catalog."
    return Problem(Code.UNKNOWN_ITEM, detail, f"{line.at}/item_number")


def _check_supplier(said: Stated, line: StatedLine, supplier: KnownSupplier | None, facts: Facts) -> list[Problem]:
    at = f"{line.at}/supplier"
    if supplier is None:
        named = line.supplier or said.supplier_name
        detail = f"“{named}” is not a known supplier." if named else "Nobody is known who sells this."
        return [Problem(Code.UNKNOWN_SUPPLIER, detail + " Set the line's supplier to a supplier's code.", at)]
    if supplier.status != "active":
        why = f" ({supplier.status_reason})" if supplier.status_reason else ""
        detail = f"{supplier.name} is {supplier.status}{why}: nothing may be ordered."
        return [Problem(Code.SUPPLIER_BLOCKED, detail, at)]
    return []


def _rate(said: Stated, currencies: list[str], facts: Facts) -> tuple[Decimal | None, list[Problem]]:
    """Return what one unit of the request's currency is worth in base currency: as stated, else of the day."""
    if currencies in ([], [facts.base_currency]):
        return Decimal(1), []
    if len(currencies) == 1 and (rate := said.exchange_rate or facts.rates.get(currencies[0])):
        return rate, []
    detail = (
        f"The request is in {', '.join(currencies)}; its value in {facts.base_currency} is not known, for there is "
        "no exchange rate of the day. Set exchange_rate (base currency for one unit)."
    )
    return None, [Problem(Code.BUDGET_UNKNOWN, detail, "/exchange_rate")]


def _check_coding(said: Stated, facts: Facts) -> list[Problem]:
    problems: list[Problem] = []
    if not said.cost_center:
        problems.append(Problem(Code.CODING_MISSING, "No cost centre is stated.", "/cost_center"))
    elif not facts.cost_center_known:
        detail = f"Cost centre “{said.cost_center}” does not exist or is not valid today."
        problems.append(Problem(Code.CODING_MISSING, detail, "/cost_center"))
    if not facts.account_known:
        detail = f"Account “{said.account_code}” does not exist or is not valid today."
        problems.append(Problem(Code.CODING_MISSING, detail, "/account_code"))
    elif not facts.account_fits:
        detail = f"Account “{said.account_code}” may not be stated with cost centre “{said.cost_center}”."
        problems.append(Problem(Code.CODING_MISSING, detail, "/account_code"))
    if not facts.project_known:
        detail = f"Project “{said.project}” does not exist or is not valid today."
        problems.append(Problem(Code.CODING_MISSING, detail, "/project"))
    return problems


def _check_repetition(said: Stated, facts: Facts) -> list[Problem]:
    problems: list[Problem] = []
    if facts.duplicate_of:
        detail = f"The same was requested in {facts.duplicate_of}. Waive this if it is wanted twice."
        problems.append(Problem(Code.DUPLICATE_SUSPECT, detail))
    first: dict[str, int] = {}
    for line in said.lines:
        before = first.setdefault(json.dumps(_wanted(line)), line.index)
        if before != line.index and (line.item_number or line.description):
            detail = f"Line {line.index + 1} says the same as line {before + 1}. Waive this if it is wanted twice."
            problems.append(Problem(Code.DUPLICATE_SUSPECT, detail, line.at))
    return problems


def _check_budget(facts: Facts, base: Decimal) -> list[Problem]:
    budget = facts.budget
    if budget.amount is None:
        detail = "No budget is known for this cost centre and period."
        return [Problem(Code.BUDGET_UNKNOWN, detail, "/cost_center")]
    left = budget.amount - budget.committed
    if base > left:
        detail = f"{base} {facts.base_currency} are wanted, {left} are left of {budget.amount}."
        return [Problem(Code.BUDGET_EXCEEDED, detail, "/cost_center")]
    return []
