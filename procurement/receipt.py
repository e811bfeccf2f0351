"""Goods receipts: what a report says has come or gone back, put onto the lines of its order.

Quantities are in the order line's unit. A report either names lines, says “8 of 10”, or says that all is
there; anything that could be understood in two ways is a problem, never a booking.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from procurement.order_line import DueLine, in_unit, line_meant, quotient
from procurement.receipt_words import Report
from procurement.stated import Stated, StatedLine
from records.problems import Code, Problem

_HOW = " Set /lines/0/line_number and /lines/0/quantity (less than 0 for what went back), or close it with /handled."


@dataclass(frozen=True)
class Booking:
    """What is to be booked, as (order line's id, quantity), and what bars it."""

    lines: tuple[tuple[int, Decimal], ...] = ()
    problems: tuple[Problem, ...] = ()


def booking_of(said: Stated, report: Report, due: Sequence[DueLine], over: Decimal) -> Booking:
    """Return what ``said`` books on the lines ``due``.

    ``over`` is the fraction that may come beyond the agreed quantity; exactly at the limit still passes.
    ``report`` is empty where a person or a file states the lines.
    """
    if doubts := _doubts(said, report):
        return Booking(problems=(*said.problems, *doubts))
    if report.parts:
        lines, problems = _levels(report, due)
    elif said.lines:
        lines, problems = _named(said.lines, due, -1 if report.returned else 1)
        if report.complete and not report.returned and not problems and not _covers(lines, due):
            problems = [_unclear("The report says that all came, and names less than was ordered.")]
    elif report.complete and not report.returned:
        lines, problems = [(one.id, _outstanding(one)) for one in due], []
    else:
        lines, problems = [], [_unclear("The report does not say what came.")]
    summed = _summed(lines)
    found = (*said.problems, *problems, *_limits(summed, due, over))
    return Booking(tuple((line_id, quantity) for line_id, quantity in summed.items() if quantity), found)


def standing(due: Iterable[DueLine]) -> str:
    """Return how far an order is received: none, partial, full or closed_short.

    >>> line = DueLine(1, 1, "Gloves", None, None, Decimal(10), "box", Decimal(8), received=Decimal(4))
    >>> standing([line])
    'partial'
    """
    lines = list(due)
    open_lines = [one for one in lines if one.received < one.quantity]
    if lines and not open_lines:
        return "full"
    if open_lines and all(one.closed_short for one in open_lines):
        return "closed_short"
    return "partial" if any(one.received > 0 for one in lines) else "none"


def _doubts(said: Stated, report: Report) -> list[Problem]:
    if report.returned and report.arrived:
        return [_unclear("The report speaks both of goods that came and of goods that went back.")]
    if report.returned and (report.parts or not said.lines):
        return [_unclear("The report says that goods went back, but not clearly how many of which.")]
    if report.complete and report.doubtful and not said.lines and not report.parts:
        return [_unclear("The report says that all came, with words that take some of it back.")]
    return []


def _levels(report: Report, due: Sequence[DueLine]) -> tuple[list[tuple[int, Decimal]], list[Problem]]:
    """Return what “8 of 10” books on the only line of which 10 were ordered; said twice it counts once."""
    lines: list[tuple[int, Decimal]] = []
    for part, whole in report.parts:
        fits = [one for one in due if one.quantity == whole]
        if len(fits) != 1 or part > whole:
            return [], [_unclear(f"“{part} of {whole}” does not tell of which line.")]
        if fits[0].received not in (0, part):
            before = f"{fits[0].received:f} came before"
            return [], [_unclear(f"“{part} of {whole}” may count what came in all, or now: {before}.")]
        lines.append((fits[0].id, part - fits[0].received))
    return lines, []


def _named(
    stated: Sequence[StatedLine], due: Sequence[DueLine], sign: int
) -> tuple[list[tuple[int, Decimal]], list[Problem]]:
    lines: list[tuple[int, Decimal]] = []
    problems: list[Problem] = []
    for one in stated:
        found = _booked(one, due)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            lines.append((found[0], found[1] * sign))
    return lines, problems


def _booked(one: StatedLine, due: Sequence[DueLine]) -> tuple[int, Decimal] | Problem:
    """Return the order line's id and the quantity; a service may be confirmed by its amount alone."""
    line = line_meant(one, due)
    if line is None:
        told = one.description or one.item_number or one.line_number or "a line"
        return Problem(Code.UNKNOWN_ITEM, f"“{told}” is none of the lines of this order, or more than one.", one.at)
    if one.quantity is None and one.line_total is not None and line.unit_price:
        return line.id, quotient(one.line_total, line.unit_price)
    if one.quantity is None:
        return Problem(Code.LOW_CONFIDENCE, f"How much of line {line.line_number} came is not said.", one.at)
    quantity = in_unit(one.quantity, one.unit, line)
    if quantity is None:
        detail = f"Line {line.line_number} was ordered by the {line.unit} and is reported by the {one.unit}."
        return Problem(Code.UNIT_MISMATCH, detail, f"{one.at}/unit")
    return line.id, quantity


def _summed(lines: Iterable[tuple[int, Decimal]]) -> dict[int, Decimal]:
    total: dict[int, Decimal] = {}
    for line_id, quantity in lines:
        total[line_id] = total.get(line_id, Decimal(0)) + quantity
    return total


def _covers(lines: Sequence[tuple[int, Decimal]], due: Sequence[DueLine]) -> bool:
    booked = _summed(lines)
    return all(one.received + booked.get(one.id, Decimal(0)) >= one.quantity for one in due)


def _outstanding(line: DueLine) -> Decimal:
    return max(line.quantity - line.received, Decimal(0))


def _limits(booked: dict[int, Decimal], due: Sequence[DueLine], over: Decimal) -> list[Problem]:
    """Return what is beyond the order, and what goes back without ever having come."""
    found = []
    for line in due:
        now = booked.get(line.id, Decimal(0))
        after = line.received + now
        at = f"/received/{line.line_number}"
        if after < 0:
            detail = f"Line {line.line_number}: {-now:f} went back, but only {line.received:f} had come."
            found.append(Problem(Code.OVER_RECEIPT, detail + _HOW, at))
        elif now > 0 and after > line.quantity * (1 + over):
            detail = f"Line {line.line_number} ({line.description}): {after:f} came, {line.quantity:f} were ordered."
            advice = " Send back what is too much, change the order, or waive this to keep it."
            found.append(Problem(Code.OVER_RECEIPT, detail + advice, at))
    return found


def _unclear(detail: str) -> Problem:
    return Problem(Code.LOW_CONFIDENCE, detail + _HOW, "/lines")
