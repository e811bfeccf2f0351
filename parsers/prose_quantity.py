"""Quantities as people tell them: figures, number words, units and packs."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from parsers.numbers import Convention, read_number
from parsers.phrases import any_of, load

# "A dozen lamps" are twelve lamps and not one dozen; figures keep the dozen as their unit.
_DOZEN = re.compile(r"do[uzc]|d[úu]z|dutzend|tuzin|dz", re.IGNORECASE)
_TIMES = re.compile(r"(?<![^\W\d_])\s*[x×*]?\s*$", re.IGNORECASE)  # and not the last letter of "deux" or "six"
_FIGURE = r"\d{1,3}(?:[.,'’\u00a0\u202f]\d{3})+(?:[.,]\d{1,3})?|\d{1,7}(?:[.,]\d{1,3})?"


@dataclass(frozen=True)
class Quantity:
    """A quantity found in a text; ``value`` is None where the figure means two things."""

    value: Decimal | None
    unit: str | None
    span: tuple[int, int]
    text: str


@cache
def number_words() -> dict[str, int]:
    """Return number words of all languages with their values."""
    table = load("prose")["numbers"]
    return {word.casefold(): int(value) for value, words in table.items() for word in words}


@cache
def unit_pattern() -> str:
    """Return the pattern of a unit as written."""
    return any_of(load("prose")["units"]["forms"])


@cache
def _counted() -> re.Pattern[str]:
    words = any_of(re.escape(word) for word in number_words())
    return re.compile(
        rf"(?<![\w.,/@£$€#-])(?P<number>{_FIGURE}(?:\s*(?:x|×|\*)(?=\s|\d))?\s*|"
        rf"{words}(?=\s+\w{{3}})(?!\s+paar)\s+)"
        rf"(?P<unit>(?:(?:bulk|big|large|small|full|new|whole|große|kleine) )?{unit_pattern()})(?![\w²³°-])",
        re.IGNORECASE,
    )


@cache
def _bare() -> re.Pattern[str]:
    words = any_of(re.escape(w) for w, n in number_words().items() if n > 1)
    of, sizes = (
        any_of(load("prose")["words"]["of"]),
        any_of([*load("items")["count"]["sizes"], *load("items")["item"]["measures"]]),
    )
    return re.compile(
        rf"(?<![\w.,/@£$€#-])(?P<number>(?:{_FIGURE}(?:[x×](?=\s))?|{words}))(?![\w%.,:/°]|-\w)(?:\s*(?:x|×)(?=\s))?"
        rf"(?=\s+(?:{of}(?:\s+|(?<=['’]))(?:the |these |those )?)?(?:\d+(?:[.,]\d+)?[\s-]?(?:{sizes})\s+)?"
        r"(?:[^\W\d_]{3}|[^\W\d_]{2}-|(?-i:[A-Z]{2,}\d|[A-Z]{2,4}\s+[^\W\d_]{3}|[A-Z]\d{1,2}\s)))",
        re.IGNORECASE,
    )


def value_of(text: str, convention: Convention | None) -> Decimal | None:
    """Return the number that a figure or a number word stands for."""
    word = number_words().get(text.casefold())
    return Decimal(word) if word is not None else read_number(text, convention)


def counted(text: str, convention: Convention | None) -> list[Quantity]:
    """Return every quantity with a unit in ``text``, in order.

    >>> [(str(q.value), q.unit) for q in counted("two boxes of 500 and 15 kg", None)]
    [('2', 'boxes'), ('15', 'kg')]
    """
    return [
        Quantity(
            value_of(_TIMES.sub("", m["number"]).strip(), convention),
            m["unit"].casefold().rstrip("."),
            m.span(),
            m.group(),
        )
        for m in _counted().finditer(text)
        if m["number"].strip()[0].isdigit() or not _DOZEN.match(m["unit"])
    ]


def bare_counts(text: str, convention: Convention | None) -> list[Quantity]:
    """Return every number in ``text`` that stands before a word and could count it."""
    return [
        Quantity(value_of(_TIMES.sub("", m["number"]), convention), None, m.span(), m.group())
        for m in _bare().finditer(text)
    ]
