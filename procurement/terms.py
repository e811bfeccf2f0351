"""The terms of a catalog item for one line: packs, price breaks, quantities, validity, and its contract."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from procurement.known import KnownContract, KnownItem, holds_on, span
from procurement.stated import StatedLine
from procurement.units import same_unit
from records.problems import Code, Problem

HALF_A_CENT = Decimal("0.005")


def in_item_units(line: StatedLine, item: KnownItem) -> StatedLine:
    """Return the line in the item's unit: 200 pieces of a box of 100 are 2 boxes, where that comes out whole.

    A price for one of what the unit holds becomes one for the unit; what does not fit stays as it was said.
    """
    if line.quantity is None or not item.contents or not _by_contents(line, item):
        return line
    quantity = line.quantity / item.contents
    if not _is_whole(quantity):
        return line
    price = None if line.unit_price is None else _unit_price(line.unit_price * item.contents, quantity, item)
    return replace(line, quantity=quantity.to_integral_value(), unit=item.unit, unit_price=price)


def price_at(item: KnownItem, quantity: Decimal | None) -> Decimal:
    """Return the price of one unit where ``quantity`` is bought; a break holds from its quantity on."""
    reached = [price for start, price in item.price_breaks if quantity is not None and quantity >= start]
    return reached[-1] if reached else item.unit_price


def on_contract(item: KnownItem, today: date) -> bool:
    """Return whether the item is bought on a contract that is in force, at a price that is."""
    in_force = item.terms is None or holds_on(today, item.terms.valid_from, item.terms.valid_until)
    return bool(item.contract) and in_force and holds_on(today, item.valid_from, item.valid_until)


def item_problems(line: StatedLine, item: KnownItem, currency: str | None, today: date) -> list[Problem]:
    """Return what speaks against buying the line as that item; ``currency`` is the request's."""
    return [
        *_unit_problems(line, item),
        *_price_problems(line, item, currency),
        *_quantity_problems(line, item),
        *_validity_problems(line, item, today),
    ]


def ceiling_problems(drawn_now: Iterable[tuple[StatedLine, KnownContract, Decimal]]) -> list[Problem]:
    """Return a problem for each contract whose ceiling the lines (with their totals) would exceed together."""
    totals: dict[str, Decimal] = {}
    problems: dict[str, Problem] = {}
    for line, contract, amount in drawn_now:
        totals[contract.reference] = totals.get(contract.reference, Decimal(0)) + amount
        if contract.ceiling is None or contract.reference in problems:
            continue
        left = contract.ceiling - contract.drawn
        if totals[contract.reference] > left:
            detail = (
                f"Contract {contract.reference} has {left} {contract.currency} left of {contract.ceiling}; "
                f"{totals[contract.reference]} are wanted up to this line."
            )
            problems[contract.reference] = Problem(Code.OFF_CONTRACT, detail, f"{line.at}/item_number")
    return list(problems.values())


def _is_whole(number: Decimal) -> bool:
    return number == number.to_integral_value()


def _by_contents(line: StatedLine, item: KnownItem) -> bool:
    return same_unit(line.unit, item.content_unit) is True and same_unit(line.unit, item.unit) is not True


def _unit_price(stated: Decimal, quantity: Decimal, item: KnownItem) -> Decimal:
    """Return the item's price where the stated one is the same but for the rounding of a single piece."""
    price = price_at(item, quantity)
    return price if abs(stated - price) <= (item.contents or 1) * HALF_A_CENT else stated


def _unit_problems(line: StatedLine, item: KnownItem) -> list[Problem]:
    if not line.unit or same_unit(line.unit, item.unit) is not False:
        return []
    detail = f"{line.quantity} {line.unit} are wanted, but {item.item_number} is sold by the {item.unit}"
    if item.contents and _by_contents(line, item):
        detail += f" of {item.contents.normalize():f} {item.content_unit}, which does not come out whole"
    return [Problem(Code.UNIT_MISMATCH, detail + ".", f"{line.at}/unit")]


def _price_problems(line: StatedLine, item: KnownItem, currency: str | None) -> list[Problem]:
    problems: list[Problem] = []
    price = price_at(item, line.quantity)
    if line.unit_price is not None and line.unit_price != price:
        said = f"The request says {line.unit_price} a unit, the catalog {price} {item.currency}"
        said += f" for {line.quantity}" if item.price_breaks else ""
        detail = f"{said}. The order will state the catalog's price."
        problems.append(Problem(Code.PRICE_MISMATCH, detail, f"{line.at}/unit_price"))
    if currency and currency != item.currency:
        detail = f"The request is in {currency}, {item.item_number} is priced in {item.currency}."
        problems.append(Problem(Code.PRICE_MISMATCH, detail, f"{line.at}/unit_price"))
    return problems


def _quantity_problems(line: StatedLine, item: KnownItem) -> list[Problem]:
    problems: list[Problem] = []
    if line.quantity is None or line.quantity <= 0:
        return problems
    if item.minimum_quantity and line.quantity < item.minimum_quantity:
        detail = f"{item.item_number} is sold from {item.minimum_quantity} {item.unit} on."
        problems.append(Problem(Code.OFF_CONTRACT, detail, f"{line.at}/quantity"))
    if item.quantity_multiple and not _is_whole(line.quantity / item.quantity_multiple):
        detail = f"{item.item_number} is sold in multiples of {item.quantity_multiple} {item.unit}."
        problems.append(Problem(Code.OFF_CONTRACT, detail, f"{line.at}/quantity"))
    return problems


def _validity_problems(line: StatedLine, item: KnownItem, today: date) -> list[Problem]:
    at, problems = f"{line.at}/item_number", []
    if not holds_on(today, item.valid_from, item.valid_until):
        detail = f"The price of {item.item_number} is valid {span(item.valid_from, item.valid_until)}, not today."
        problems.append(Problem(Code.OFF_CONTRACT, detail, at))
    terms = item.terms
    if terms and not holds_on(today, terms.valid_from, terms.valid_until):
        detail = f"Contract {terms.reference} is valid {span(terms.valid_from, terms.valid_until)}, not today."
        problems.append(Problem(Code.OFF_CONTRACT, detail, at))
    return problems
