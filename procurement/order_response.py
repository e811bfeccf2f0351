"""An order response compared with its order, line by line (UNCL1229: 5 accepted, 3 changed, 7 rejected).

Nothing is implied: a line that the answer does not mention keeps its state, unless the answer accepts or
rejects the order as a whole. Quantities are in the order line's unit, prices per that unit.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from rapidfuzz import fuzz

from procurement.stated import Stated, StatedLine
from records.problems import Code, Problem

SAME_TEXT = 85  # of 100: descriptions this alike are the same line where only one is
PENDING = "pending_buyer"
_FIGURE = re.compile(r"\d+(?:[.,:/-]\d+)*")


@dataclass(frozen=True)
class Tolerance:
    """How far an answer may differ without asking: fractions, an amount per unit, days.

    Exactly at a limit still passes; a lower price and an earlier or equal date within ``days_early`` pass.
    """

    price_fraction: Decimal = Decimal(0)
    price_amount: Decimal = Decimal(0)
    quantity_fraction: Decimal = Decimal(0)
    days_early: int = 7
    days_late: int = 0


@dataclass(frozen=True)
class OrderedLine:
    """One line as ordered."""

    id: int
    line_number: int
    description: str
    item_number: str | None
    supplier_item_number: str | None
    quantity: Decimal
    unit_price: Decimal
    needed_by: date | None


@dataclass(frozen=True)
class AnsweredLine:
    """One line of an answer beside the order: ``differences`` maps a field to (ordered, answered)."""

    order_line_id: int | None
    status: str
    disposition: str
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    promised_on: date | None = None
    substitute: str | None = None
    differences: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Comparison:
    """What an answer means: its lines, and what the buyer must decide."""

    response: str | None
    lines: tuple[AnsweredLine, ...]
    problems: tuple[Problem, ...]


def tolerance_of(values: Mapping[str, Any]) -> Tolerance:
    """Return the tolerance that an organisation's or supplier's settings state (percent to fractions)."""
    hundred = Decimal(100)
    return Tolerance(
        price_fraction=Decimal(str(values.get("price_percent", 0))) / hundred,
        price_amount=Decimal(str(values.get("price_amount", 0))),
        quantity_fraction=Decimal(str(values.get("quantity_percent", 0))) / hundred,
        days_early=int(values.get("days_early", 7)),
        days_late=int(values.get("days_late", 0)),
    )


def compare(said: Stated, ordered: Sequence[OrderedLine], tolerance: Tolerance) -> Comparison:
    """Return what the answer ``said`` means for the lines ``ordered``."""
    problems = list(said.problems)
    if said.response == "received_only":
        return Comparison(said.response, (), tuple(problems))
    pairs, strangers = _pair(said.lines, ordered)
    lines: list[AnsweredLine] = []
    for line in ordered:
        answers = pairs.get(line.id, [])
        if answers:
            found, asked = _line_answers(line, answers, said, tolerance)
            lines += found
            problems += asked
        elif said.response == "accepted":
            lines.append(AnsweredLine(line.id, "accepted", "auto_accepted", line.quantity, line.unit_price))
        elif said.response == "rejected":
            lines.append(AnsweredLine(line.id, "rejected", PENDING))
            problems.append(_ask(line, "The supplier rejects the order."))
    for stranger in strangers:
        lines.append(_added(stranger))
        told = stranger.description or stranger.item_number or "a line"
        detail = f"The answer names “{told}”, which was not ordered."
        problems.append(Problem(Code.RESPONSE_OUT_OF_TOLERANCE, detail, stranger.at))
    if said.response == "accepted" and not said.lines and (figures := unread_figures(said)):
        detail = (
            f"The supplier says yes, and also names {', '.join(figures)}, which was not read. "
            "Correct the lines, or waive this if it changes nothing."
        )
        problems.append(Problem(Code.LOW_CONFIDENCE, detail, "/response"))
    if said.response is None and not said.lines:
        detail = "The answer says neither yes nor no. Set /response to accepted, changed or rejected."
        problems.append(Problem(Code.LOW_CONFIDENCE, detail, "/response"))
    elif said.response == "changed" and not said.lines:
        detail = "The supplier changes something, but no line was found that says what."
        problems.append(Problem(Code.LOW_CONFIDENCE, detail, "/lines"))
    return Comparison(said.response, tuple(lines), tuple(problems))


def unread_figures(said: Stated) -> tuple[str, ...]:
    """Return the figures in the author's own words that are not part of a document number: what a plain yes hides.

    >>> unread_figures(Stated(reply_text="Yes to PO-7, at 9.50 each.", order_numbers=("PO-7",)))
    ('9.50',)
    """
    text = said.reply_text or ""
    for number in (*said.order_numbers, *filter(None, [said.number])):
        text = re.sub(re.escape(number), " ", text, flags=re.IGNORECASE)
    return tuple(dict.fromkeys(_FIGURE.findall(text)))[:5]


def acknowledgement(line_states: Sequence[str]) -> str:
    """Return the order's acknowledgement from its lines': awaiting, accepted, rejected or changed.

    >>> acknowledgement(["accepted", "accepted"]), acknowledgement(["accepted", "awaiting"])
    ('accepted', 'awaiting')
    """
    if not line_states or "awaiting" in line_states:
        return "awaiting"
    if all(state == "accepted" for state in line_states):
        return "accepted"
    return "rejected" if all(state == "rejected" for state in line_states) else "changed"


def _pair(
    said: Sequence[StatedLine], ordered: Sequence[OrderedLine]
) -> tuple[dict[int, list[StatedLine]], list[StatedLine]]:
    pairs: dict[int, list[StatedLine]] = {}
    strangers: list[StatedLine] = []
    for_all = [line for line in said if _names_no_line(line)]
    for line in said:
        if line in for_all:
            continue
        match = _ordered_line(line, ordered)
        if match is None:
            strangers.append(line)
        else:
            pairs.setdefault(match.id, []).append(line)
    for line in for_all:
        for one in ordered:
            pairs.setdefault(one.id, [line])
    return pairs, strangers


def _names_no_line(line: StatedLine) -> bool:
    """Return whether a line states a date (or a status) for the whole order: it names no item and no figures."""
    names = (line.item_number, line.substitute_for, line.description, line.line_number)
    return not any(names) and line.quantity is None and line.unit_price is None


def _ordered_line(line: StatedLine, ordered: Sequence[OrderedLine]) -> OrderedLine | None:
    """Return the one ordered line that ``line`` speaks of: by item number, text, then position."""
    for number in (line.item_number, line.substitute_for):
        same = [
            one
            for one in ordered
            if number and _code(number) in {_code(one.item_number), _code(one.supplier_item_number)}
        ]
        if len(same) == 1:
            return same[0]
    if line.description:
        alike = [
            one
            for one in ordered
            if fuzz.token_set_ratio(line.description.casefold(), one.description.casefold()) >= SAME_TEXT
        ]
        if len(alike) == 1:
            return alike[0]
    if line.line_number and line.line_number.strip("0. ").isdigit():
        placed = [one for one in ordered if one.line_number == int(line.line_number.strip(". "))]
        if len(placed) == 1 and not (line.item_number or line.description):
            return placed[0]
    if len(ordered) == 1 and not line.item_number and not line.description:
        return ordered[0]
    return None


def _code(number: str | None) -> str | None:
    return "".join(c for c in number.casefold() if c.isalnum()) if number else None


def _line_answers(
    line: OrderedLine, answers: Sequence[StatedLine], said: Stated, tolerance: Tolerance
) -> tuple[list[AnsweredLine], list[Problem]]:
    """Return the answers to one ordered line; a split schedule is judged by its sum."""
    total = sum((one.quantity for one in answers if one.quantity is not None), Decimal(0))
    split = len(answers) > 1 and all(one.quantity is not None for one in answers)
    found: list[AnsweredLine] = []
    problems: list[Problem] = []
    for one in answers:
        quantity = total if split else one.quantity
        answered, beyond = _judge(line, one, quantity, said, tolerance)
        found.append(answered)
        if beyond and not any(problem.at == one.at for problem in problems):
            problems.append(Problem(Code.RESPONSE_OUT_OF_TOLERANCE, _sentence(line, answered), one.at))
    return found, problems


def _judge(
    line: OrderedLine, one: StatedLine, quantity: Decimal | None, said: Stated, tolerance: Tolerance
) -> tuple[AnsweredLine, bool]:
    status = one.status or ("rejected" if said.response == "rejected" else "accepted")
    promised = one.promised_on
    if status == "rejected":
        return AnsweredLine(line.id, status, PENDING, one.quantity, one.unit_price, promised), True
    differences, beyond = _differences(line, one, quantity, promised, tolerance)
    if one.substitute_for or status == "backordered":
        beyond = True
    if status == "accepted" and differences:
        status = "changed"
    if status == "changed" and not differences and not beyond:
        beyond = True  # the supplier says that something changes, and we could not read what
    answered = AnsweredLine(
        order_line_id=line.id,
        status=status,
        disposition=PENDING if beyond else "auto_accepted",
        quantity=one.quantity if one.quantity is not None else line.quantity,
        unit_price=one.unit_price if one.unit_price is not None else line.unit_price,
        promised_on=promised,
        substitute=one.item_number if one.substitute_for else None,
        differences=differences,
    )
    return answered, beyond


def _differences(
    line: OrderedLine, one: StatedLine, quantity: Decimal | None, promised: date | None, tolerance: Tolerance
) -> tuple[tuple[tuple[str, str, str], ...], bool]:
    found: list[tuple[str, str, str]] = []
    beyond = False
    if quantity is not None and quantity != line.quantity:
        found.append(("quantity", str(line.quantity), str(quantity)))
        beyond |= abs(quantity - line.quantity) > line.quantity * tolerance.quantity_fraction
    if one.unit_price is not None and one.unit_price != line.unit_price:
        found.append(("unit_price", str(line.unit_price), str(one.unit_price)))
        allowed = max(line.unit_price * tolerance.price_fraction, tolerance.price_amount)
        beyond |= one.unit_price - line.unit_price > allowed
    if promised and line.needed_by and promised != line.needed_by:
        found.append(("promised_on", line.needed_by.isoformat(), promised.isoformat()))
        late = (promised - line.needed_by).days
        beyond |= late > tolerance.days_late or -late > tolerance.days_early
    return tuple(found), beyond


def _added(line: StatedLine) -> AnsweredLine:
    return AnsweredLine(None, "added_by_supplier", PENDING, line.quantity, line.unit_price, line.promised_on)


def _ask(line: OrderedLine, sentence: str) -> Problem:
    return Problem(
        Code.RESPONSE_OUT_OF_TOLERANCE,
        f"Line {line.line_number}: {sentence}",
        f"/lines/{line.line_number - 1}",
    )


def _sentence(line: OrderedLine, answered: AnsweredLine) -> str:
    told = ", ".join(f"{name.replace('_', ' ')} {new} instead of {old}" for name, old, new in answered.differences)
    if answered.status == "rejected":
        told = "the supplier will not deliver it"
    if answered.substitute:
        told = f"{answered.substitute} is offered instead" + (f"; {told}" if told else "")
    if answered.status == "backordered":
        told = "backordered" + (f"; {told}" if told else "")
    return f"Line {line.line_number} ({line.description}): {told or 'changed, but it was not read how'}."
