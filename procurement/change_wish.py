"""What is wanted of an order in words or by a supplier's answer, as a wish that a change order takes up.

Nothing is guessed: what a mail leaves open is a problem for the buyer.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rapidfuzz import fuzz, utils

from procurement.change_order import Content, ContentLine, LineWish, Wish
from procurement.stated import Stated, StatedLine
from procurement.units import same_unit
from records.problems import Code, Problem

SAME_TEXT = 85  # of 100: descriptions this alike are the same line where only one is
_DATES = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y", "%d.%m")
_FIGURE = re.compile(r"\d+(?:[.,:/-]\d+)*")


@dataclass(frozen=True)
class Answered:
    """What a supplier's answer says of one line; several of one line are a split delivery."""

    line_number: int
    status: str
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    promised_on: date | None = None
    substitute: str | None = None


def wish_of_mail(said: Stated, content: Content, *, seen: bool = False) -> Wish | tuple[Problem, ...]:
    """Return the wish that a mail states about the order ``content``, or what keeps it from being certain.

    ``seen``: a person read the mail and corrected its lines, so nothing of it is left unread.
    """
    problems = list(said.problems)
    wishes: list[LineWish] = []
    for stated in said.lines:
        line = _meant(stated, content.lines)
        if line is None:
            what = stated.description or stated.item_number or f"line {stated.line_number or stated.index + 1}"
            problems.append(_doubt(f"“{what}” is not clearly one line of the order.", stated.at))
        elif same_unit(stated.unit, line.unit) is False:
            detail = f"Line {line.line_number} is ordered by the {line.unit}, the mail speaks of {stated.unit}."
            problems.append(Problem(Code.UNIT_MISMATCH, detail, f"{stated.at}/unit"))
        else:
            wishes.append(_wish_of_line(stated, line))
    wish = Wish(tuple(wishes), said.ship_to, said.cost_center, said.needed_by)
    if not problems and wish == Wish():
        problems.append(_doubt("The mail asks for a change, but not in words that were understood.", "/lines"))
    if not (problems or seen) and (more := _unnamed(said, wish)):
        problems.append(_doubt(f"Line {more[0]} was read, but the mail does not name it.", "/lines"))
    if not (problems or seen) and (left := _unread(said, wish, content)):
        problems.append(_doubt(f"The mail also names {', '.join(left)}, which was not read.", "/lines"))
    return tuple(problems) or wish


def wish_of_answers(answers: Iterable[Answered], content: Content) -> Wish:
    """Return the wish by which the order becomes what a supplier's answer proposes; lines he rejects go."""
    by_line: dict[int, list[Answered]] = {}
    for one in answers:
        by_line.setdefault(one.line_number, []).append(one)
    known = {line.line_number: line for line in content.lines}
    found = (_wish_of_answers(known[number], some) for number, some in sorted(by_line.items()) if number in known)
    return Wish(tuple(wish for wish in found if wish != LineWish(wish.line_number)))


def _wish_of_answers(line: ContentLine, answers: Sequence[Answered]) -> LineWish:
    if all(one.status == "rejected" for one in answers):
        return LineWish(line.line_number, drop=True)
    quantities = [one.quantity for one in answers if one.quantity is not None]
    quantity = sum(quantities[1:], quantities[0]) if quantities else None
    price = next((one.unit_price for one in answers if one.unit_price is not None), None)
    promised = max((one.promised_on for one in answers if one.promised_on), default=None)
    substitute = next((one.substitute for one in answers if one.substitute), None)
    return LineWish(
        line.line_number,
        quantity=quantity if quantity != line.quantity else None,
        unit_price=price if price != line.unit_price else None,
        needed_by=promised if promised != line.needed_by else None,
        substitute=substitute,
    )


def _meant(stated: StatedLine, lines: Sequence[ContentLine]) -> ContentLine | None:
    """Return the one line that is meant: by item number, line number, text, or because there is only one."""
    if stated.item_number:
        code = _code(stated.item_number)
        return _only([one for one in lines if code in (_code(one.item_number), _code(one.supplier_item_number))])
    if (number := (stated.line_number or "").strip(". ")).isdigit():
        return _only([one for one in lines if one.line_number == int(number)])
    if stated.description:
        told = stated.description.casefold()
        if set(_FIGURE.findall(told)) - {figure for one in lines for figure in _FIGURE.findall(one.description)}:
            return None  # a name in which figures are that the item does not have was not read well
        return _only([one for one in lines if _alike(told, one.description)])
    return _only(lines)


def _alike(told: str, description: str) -> bool:
    return fuzz.token_set_ratio(told, description, processor=utils.default_process) >= SAME_TEXT


def _only(lines: Sequence[ContentLine]) -> ContentLine | None:
    return lines[0] if len(lines) == 1 else None


def _wish_of_line(stated: StatedLine, line: ContentLine) -> LineWish:
    drop = stated.status == "rejected" or stated.quantity == 0
    return LineWish(
        line.line_number,
        quantity=None if drop else stated.quantity,
        needed_by=stated.needed_by,
        drop=drop,
    )


def _unnamed(said: Stated, wish: Wish) -> list[int]:
    """Return the lines that were read by their number alone, which the mail does not write: read as a range."""
    written = set(_FIGURE.findall(said.reply_text or ""))
    by_number = {line.line_number for line in said.lines if not line.description and not line.item_number}
    numbers = [one.line_number for one in wish.lines if str(one.line_number) in by_number]
    return [number for number in numbers if said.reply_text and str(number) not in written]


def _unread(said: Stated, wish: Wish, content: Content) -> list[str]:
    """Return the figures in the author's own words that neither the wish nor the order accounts for."""
    text = said.reply_text or ""
    for number in said.order_numbers:
        text = re.sub(re.escape(number), " ", text, flags=re.IGNORECASE)
    return sorted({figure for figure in _FIGURE.findall(text) if figure not in _accounted(said, wish, content)})


def _accounted(said: Stated, wish: Wish, content: Content) -> set[str]:
    named = {one.line_number for one in wish.lines}
    known = [line for line in content.lines if line.line_number in named]
    values = [one.quantity for one in wish.lines] + [line.quantity for line in known]
    found = {f"{value.normalize():f}" for value in values if value is not None} | {str(number) for number in named}
    wished = {day for day in (said.needed_by, *(one.needed_by for one in wish.lines)) if day}
    for day in wished:
        found |= {str(day.day), str(day.month), str(day.year), f"{day.day:02d}", f"{day.month:02d}"}
    for day in wished | {line.needed_by for line in known if line.needed_by}:
        found |= {day.isoformat(), *(day.strftime(form) for form in _DATES)}
    texts = [said.ship_to or "", said.cost_center or "", *(line.description for line in known)]
    texts += [line.item_number or "" for line in known] + [line.supplier_item_number or "" for line in known]
    return found | {figure for text in texts for figure in _FIGURE.findall(text)}


def _code(number: str | None) -> str | None:
    return "".join(c for c in number.casefold() if c.isalnum()) if number else None


def _doubt(detail: str, at: str) -> Problem:
    return Problem(Code.LOW_CONFIDENCE, detail, at)
