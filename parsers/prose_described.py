"""What is said of one item behind its count: its description, code and price."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from parsers.numbers import Convention, read_number
from parsers.phrases import any_of, load
from parsers.prose_quantity import Quantity
from parsers.reading import ReadLine
from records.problems import Code, Problem

_CODE_SHAPE = r"(?=[A-Z0-9./-]*\d)(?=[A-Z0-9./-]*[A-Z/-])[A-Z0-9]+(?:[-/.][A-Z0-9]+)*"
_LEADING_CODE = re.compile(rf"^({_CODE_SHAPE})(?:\s{{2,}}|\s*[:|,]\s*|\s+(?=[A-Z][a-zà-ÿ]))")
_BRACKET_CODE = re.compile(rf"\s*[(\[]\s*({_CODE_SHAPE})\s*[)\]]")


@dataclass(frozen=True)
class Found:
    """One line with where it stands in the text that was read: ``span`` is [start, end)."""

    line: ReadLine
    span: tuple[int, int]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Priced:
    """A text up to the price that it tells, and that price."""

    text: str
    price: Decimal | None = None


def described(
    text: str, quantity: Quantity, convention: Convention | None, number: str | None, price: Decimal | None = None
) -> tuple[ReadLine, tuple[Problem, ...]]:
    """Return the line that ``text`` describes, ``quantity`` times, and what is unsure of it."""
    told = priced(text, convention) if price is None else Priced(text, price)
    code, rest = _code(told.text)
    description = _connector().sub("", rest.strip(" \t|,;:–-")).strip(" \t|,;:.?!") or None
    description = re.sub(r"\s+", " ", description) if description else None
    if description and description.count("(") > description.count(")"):
        description = description + ")" if re.search(r"\(\S", description) else description.rstrip(" (")
    problems: tuple[Problem, ...] = ()
    if quantity.value is None:
        problems = (Problem(Code.AMBIGUOUS_NUMBER, f"The quantity {quantity.text!r} can mean two numbers."),)
    line = ReadLine(
        line_number=number,
        description=description,
        item_number=code,
        quantity=quantity.value,
        unit=quantity.unit,
        unit_price=told.price,
    )
    return line, problems


@cache
def _connector() -> re.Pattern[str]:
    return re.compile(rf"(?:[\s,;:–-]+|\b{any_of(load('items')['item']['joins'])}\s*)+$", re.IGNORECASE)


@cache
def _price() -> re.Pattern[str]:
    words = load("items")["item"]
    currency = any_of(words["currencies"])
    figure = r"\d{1,6}(?:[.,]\d{3})*(?:[.,]\d{2,4})?"
    return re.compile(
        rf"\s*[,;(–-]?\s*(?:(?<![^\W\d_])(?P<before>{any_of(words['price_before'])})(?![^\W\d_])\s*)?"
        rf"(?:(?P<money>{currency})\s*)?(?<![\w.,/-])(?P<price>{figure})(?![\d]|[.,/-]\d)(?:\s*(?P<coin>{currency})(?!\w))?"
        rf"(?:\s*(?:,\s*)?(?P<behind>{any_of(words['price_behind'])})(?!\w))*\)?",
        re.IGNORECASE,
    )


@cache
def _marks() -> re.Pattern[str]:
    return re.compile(any_of(load("items")["item"]["price_marks"]), re.IGNORECASE)


@cache
def _no_price() -> re.Pattern[str]:
    words = [*load("stated")["price"]["other"], *load("items")["item"]["ceilings"]]
    return re.compile(rf"(?<!\w){any_of(words)}(?!\w)\W*(?:\w+\W*){{0,2}}$", re.IGNORECASE)


def priced(text: str, convention: Convention | None) -> Priced:
    """Return ``text`` up to the first price of an item in it.

    A price has its currency, or decimals and a mark ("at", "each"); a budget, a fee or a total is none.
    """
    for found in _price().finditer(text):
        has_currency = bool(found["money"] or found["coin"])
        has_decimals = bool(re.search(r"[.,]\d{2,4}$", found["price"]))
        marked = bool(found["behind"]) or bool(found["before"] and _marks().fullmatch(found["before"]))
        if not (has_currency or (has_decimals and marked)) or _no_price().search(text[: found.start()]):
            continue
        return Priced(text[: found.start()], read_number(found["price"], convention))
    return Priced(text)


@cache
def _labelled_code() -> re.Pattern[str]:
    labels = any_of(load("prose")["words"]["code"])
    return re.compile(
        rf"\s*[(\[,]?\s*\b{labels}[\s:#]*\s*([A-Z0-9][A-Z0-9./-]*\d[A-Z0-9./-]*|\d[\w./-]+)\s*[)\]]?", re.IGNORECASE
    )


def _code(text: str) -> tuple[str | None, str]:
    """Return an item's code, labelled, in brackets or in front, and the text without it."""
    if found := _labelled_code().search(text):
        return found.group(1).strip("."), f"{text[: found.start()]} {text[found.end() :]}".strip()
    if found := _LEADING_CODE.match(text):
        return found.group(1), text[found.end() :]
    if found := _BRACKET_CODE.search(text):
        return found.group(1), f"{text[: found.start()]} {text[found.end() :]}".strip()
    return None, text
