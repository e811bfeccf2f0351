"""Three-way match: what an invoice bills against what was agreed and what came, line by line.

Services (categories that need no receipt) are matched two-way, against the order alone. Quantities are in
the order line's unit, amounts net in the order's currency. A credit note comes with figures above nothing
and is turned round here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from procurement.order_line import DueLine, in_unit, line_meant, quotient
from procurement.receipt_words import is_charge
from procurement.stated import Stated, StatedLine
from records.problems import Code, Problem

CENT = Decimal("0.01")
_NOTHING = Decimal(0)


@dataclass(frozen=True)
class Allowance:
    """How far an invoice may differ without asking; fractions and amounts, exactly at a limit still passes.

    ``without_receipt`` are the categories that are matched two-way.
    """

    price_fraction: Decimal = _NOTHING
    price_amount: Decimal = _NOTHING  # per unit
    quantity_fraction: Decimal = _NOTHING
    receipt_fraction: Decimal = _NOTHING  # that may come beyond the order
    charges_amount: Decimal = _NOTHING  # freight and surcharges that were not ordered, in all
    rounding_amount: Decimal = Decimal("0.02")
    without_receipt: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Totals:
    """The sums that a document states; None where it does not."""

    net: Decimal | None = None
    tax: Decimal | None = None
    gross: Decimal | None = None


@dataclass(frozen=True)
class BilledLine:
    """One line of an invoice beside the order line that it bills: ``differences`` are (what, agreed, billed)."""

    place: int
    description: str | None
    order_line_id: int | None
    quantity: Decimal
    unit_price: Decimal | None
    amount: Decimal
    verdict: str  # match, within_tolerance, waiting_for_receipt, discrepancy, charge
    differences: tuple[tuple[str, str, str], ...] = ()
    waits: bool = False  # for goods that are still to come


@dataclass(frozen=True)
class Match:
    """What an invoice comes to: match, within_tolerance, waiting_for_receipt or discrepancy."""

    verdict: str
    lines: tuple[BilledLine, ...]
    charges: Decimal
    problems: tuple[Problem, ...]
    excess: Decimal  # how much more is billed than was agreed, in all

    @property
    def waits(self) -> bool:
        """Return whether a line waits for goods, whatever else is said of it."""
        return any(one.waits for one in self.lines)


@dataclass(frozen=True)
class _Judged:
    line: BilledLine
    problem: Problem | None = None
    excess: Decimal = _NOTHING


def allowance_of(values: Mapping[str, Any]) -> Allowance:
    """Return the allowance that an organisation's settings state (percent to fractions)."""

    def fraction(name: str) -> Decimal:
        return Decimal(str(values.get(name, 0))) / 100

    return Allowance(
        price_fraction=fraction("price_percent"),
        price_amount=Decimal(str(values.get("price_amount", 0))),
        quantity_fraction=fraction("quantity_percent"),
        receipt_fraction=fraction("receipt_percent"),
        charges_amount=Decimal(str(values.get("charges_amount", 0))),
        rounding_amount=Decimal(str(values.get("rounding_amount", "0.02"))),
        without_receipt=frozenset(values.get("without_receipt", ())),
    )


def match_invoice(
    said: Stated, totals: Totals, due: Sequence[DueLine], currency: str, allowance: Allowance, *, credit: bool = False
) -> Match:
    """Return what the invoice (or ``credit`` note) ``said`` comes to beside the lines ``due`` of its order."""
    judged = _lines(said.lines, due, allowance, credit=credit)
    sign = -1 if credit else 1
    listed = sum((abs(one.line.amount) for one in judged if one.line.verdict != "charge"), _NOTHING)
    own = sum((abs(one.line.amount) for one in judged if one.line.verdict == "charge"), _NOTHING)
    net = _net(totals, listed + own)
    charges = net - listed
    header = [*_currency(said, currency), *_sums(totals, allowance), *_tax(totals, judged, due, charges, allowance)]
    beyond = _charges(charges, allowance)
    problems = (*said.problems, *(one.problem for one in judged if one.problem), *header, *beyond, *_empty(said))
    excess = sum((one.excess for one in judged), _NOTHING) + (max(charges, _NOTHING) if beyond else _NOTHING)
    lines = tuple(one.line for one in judged)
    return Match(_verdict(lines, problems, charges), lines, charges * sign, problems, excess)


def billing(due: Iterable[DueLine]) -> str:
    """Return how far an order is billed: none, partial or full; a line closed short as far as it came.

    >>> line = DueLine(1, 1, "Gloves", None, None, Decimal(10), "box", Decimal(8), billed=Decimal(10))
    >>> billing([line])
    'full'
    """
    lines = list(due)
    if lines and all(one.billed >= _to_bill(one) for one in lines):
        return "full"
    return "partial" if any(one.billed > 0 for one in lines) else "none"


def _to_bill(line: DueLine) -> Decimal:
    return min(line.quantity, line.received) if line.closed_short else line.quantity


def _verdict(lines: Sequence[BilledLine], problems: Sequence[Problem], charges: Decimal) -> str:
    if problems:
        return "discrepancy"
    verdicts = {one.verdict for one in lines}
    for verdict in ("discrepancy", "waiting_for_receipt", "within_tolerance"):
        if verdict in verdicts:
            return verdict
    return "within_tolerance" if charges else "match"


def _lines(
    stated: Sequence[StatedLine], due: Sequence[DueLine], allowance: Allowance, *, credit: bool
) -> list[_Judged]:
    """Judge each line; several lines for one order line count together, in their order."""
    judged = []
    before: dict[int, Decimal] = {}
    for one in stated:
        line = line_meant(one, due)
        if line is None:
            judged.append(_stranger(one, credit=credit))
            continue
        billed = line.billed + before.get(line.id, _NOTHING)
        found = _judge(one, line, billed, allowance, credit=credit)
        before[line.id] = before.get(line.id, _NOTHING) + found.line.quantity
        judged.append(found)
    return judged


def _stranger(one: StatedLine, *, credit: bool) -> _Judged:
    amount = _amount(one) or _NOTHING
    signed = -amount if credit else amount
    if is_charge(one.description):
        return _Judged(BilledLine(one.index, one.description, None, _NOTHING, None, signed, "charge"))
    told = one.description or one.item_number or "a line"
    line = BilledLine(one.index, one.description, None, _NOTHING, one.unit_price, signed, "discrepancy")
    detail = f"“{told}” ({amount:f}) is none of the lines of this order. Accept it with a reason, or dispute it."
    return _Judged(line, _discrepancy(detail, one.at), amount)


def _judge(one: StatedLine, line: DueLine, billed: Decimal, allowance: Allowance, *, credit: bool) -> _Judged:
    quantity = None if one.quantity is None else in_unit(one.quantity, one.unit, line)
    amount = _amount(one)
    if quantity is None and one.quantity is None and amount is not None and line.unit_price:
        quantity = quotient(amount, line.unit_price)  # a service billed by its amount
    if quantity is None or amount is None:
        bare = BilledLine(one.index, one.description, line.id, _NOTHING, None, amount or _NOTHING, "discrepancy")
        unit = f"{one.quantity} {one.unit} of what was ordered by the {line.unit}" if one.quantity else "no quantity"
        detail = (
            f"Line {line.line_number}: {unit if quantity is None else 'no price'} is billed. Correct it, or dispute."
        )
        return _Judged(bare, Problem(Code.UNIT_MISMATCH if one.quantity else Code.LOW_CONFIDENCE, detail, one.at))
    price = quotient(amount, quantity) if quantity else one.unit_price
    found = _credited if credit else _billed
    return found(one, line, (quantity, price, amount), billed, allowance)


def _billed(
    one: StatedLine,
    line: DueLine,
    figures: tuple[Decimal, Decimal | None, Decimal],
    before: Decimal,
    allowance: Allowance,
) -> _Judged:
    quantity, price, amount = figures
    over = amount - quantity * line.unit_price
    allowed = max(quantity * line.unit_price * allowance.price_fraction, quantity * allowance.price_amount, CENT / 2)
    after = before + quantity
    room = line.quantity * (1 + allowance.quantity_fraction)
    came = line.received * (1 + allowance.quantity_fraction)
    needs_receipt = (line.category or "") not in allowance.without_receipt
    differences, wrong, verdict = [], [], "match"
    if abs(over) >= CENT:
        differences.append(("unit_price", f"{line.unit_price:f}", f"{price:f}" if price is not None else "?"))
        verdict = "within_tolerance"
        if over > allowed:
            wrong.append(f"{price:f} per {line.unit} is billed, {line.unit_price:f} was agreed")
    if after > line.quantity:
        differences.append(("quantity", f"{line.quantity:f}", f"{after:f}"))
        verdict = "within_tolerance"
        if after > room:
            wrong.append(f"{after:f} are billed in all, {line.quantity:f} were ordered")
    short = needs_receipt and min(after, line.quantity) > came
    if short:
        differences.append(("received", f"{line.received:f}", f"{after:f}"))
    if short and line.closed_short:
        wrong.append(f"{after:f} are billed in all, {line.received:f} came and no more will come")
    waits = short and not line.closed_short
    if wrong:
        detail = f"Line {line.line_number} ({line.description}): {'; '.join(wrong)}."
        told = _shown(one, line, quantity, price, amount, "discrepancy", differences, waits=waits)
        most = min(line.quantity, line.received) if line.closed_short else line.quantity
        excess = max(over, _NOTHING) + min(max(after - most, _NOTHING), quantity) * line.unit_price
        return _Judged(told, _discrepancy(detail + " Accept it with a reason, or dispute it.", one.at), excess)
    verdict = "waiting_for_receipt" if waits else verdict
    return _Judged(_shown(one, line, quantity, price, amount, verdict, differences, waits=waits))


def _credited(
    one: StatedLine,
    line: DueLine,
    figures: tuple[Decimal, Decimal | None, Decimal],
    before: Decimal,
    allowance: Allowance,
) -> _Judged:
    """Judge a line that is credited: no more than was billed."""
    quantity, price, amount = figures
    if quantity <= before:
        return _Judged(_shown(one, line, -quantity, price, -amount, "match", []))
    told = _shown(one, line, -quantity, price, -amount, "discrepancy", [("quantity", f"{before:f}", f"{quantity:f}")])
    detail = f"Line {line.line_number}: {quantity:f} are credited, {before:f} were billed."
    return _Judged(told, _discrepancy(detail, one.at))


def _shown(
    one: StatedLine,
    line: DueLine,
    quantity: Decimal,
    price: Decimal | None,
    amount: Decimal,
    verdict: str,
    differences: Sequence[tuple[str, str, str]],
    *,
    waits: bool = False,
) -> BilledLine:
    return BilledLine(one.index, one.description, line.id, quantity, price, amount, verdict, tuple(differences), waits)


def _amount(one: StatedLine) -> Decimal | None:
    """Return what a line bills: its own total where it states one (discounts, prices per 100)."""
    if one.line_total is not None:
        return abs(one.line_total)
    if one.quantity is None or one.unit_price is None:
        return None
    return abs((one.quantity * one.unit_price).quantize(CENT))


def _net(totals: Totals, listed: Decimal) -> Decimal:
    if totals.net is not None:
        return abs(totals.net)
    if totals.gross is not None and totals.tax is not None:
        return abs(totals.gross) - abs(totals.tax)
    return listed


def _currency(said: Stated, currency: str) -> list[Problem]:
    if said.currency in (None, currency):
        return []
    return [_discrepancy(f"The invoice is in {said.currency}, the order in {currency}.", "/currency")]


def _sums(totals: Totals, allowance: Allowance) -> list[Problem]:
    if totals.net is None or totals.tax is None or totals.gross is None:
        return []
    net, tax, gross = abs(totals.net), abs(totals.tax), abs(totals.gross)
    if abs(net + tax - gross) <= allowance.rounding_amount:
        return []
    detail = f"{net:f} net and {tax:f} tax are not {gross:f} gross."
    return [Problem(Code.TOTALS_DISAGREE, detail, "/gross_total")]


def _tax(
    totals: Totals, judged: Sequence[_Judged], due: Sequence[DueLine], charges: Decimal, allowance: Allowance
) -> list[Problem]:
    """Return a problem where the tax is not what the order's rates make of the lines.

    Charges hide which rate holds, and no tax at all is a matter of where supplier and buyer are (reverse charge).
    """
    rates = {line.id: line.tax_rate for line in due}
    found = [(one.line.amount, rates.get(one.line.order_line_id or 0)) for one in judged]
    if not totals.tax or charges or not found or any(rate is None for _, rate in found):
        return []
    expected = sum((abs(amount) * rate for amount, rate in found if rate is not None), _NOTHING)
    if abs(abs(totals.tax) - expected) <= allowance.rounding_amount + CENT * len(found):
        return []
    detail = f"The tax is {abs(totals.tax):f}; the order's rates make {expected.quantize(CENT):f}."
    return [_discrepancy(detail, "/tax_total")]


def _charges(charges: Decimal, allowance: Allowance) -> list[Problem]:
    if charges <= max(allowance.charges_amount, allowance.rounding_amount):
        return []
    return [_discrepancy(f"{charges:f} are billed for freight or surcharges that were not ordered.", "/net_total")]


def _empty(said: Stated) -> list[Problem]:
    if said.lines:
        return []
    return [_discrepancy("The invoice lists no lines that could be compared with the order.", "/lines")]


def _discrepancy(detail: str, at: str) -> Problem:
    return Problem(Code.INVOICE_DISCREPANCY, detail, at)
