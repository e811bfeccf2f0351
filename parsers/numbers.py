"""Numbers as people write them, read under one settled convention per document.

``1.250`` is one thousand two hundred and fifty under the comma convention (1.234,56) and one and a
quarter under the point convention (1,234.56). A text alone often decides: ``12,50`` can only be the
comma convention. Where nothing decides, the answer is None and the caller has a question to ask.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

MOST_DIGITS = 18


class Convention(StrEnum):
    """Which sign stands before the decimals."""

    POINT = "point"
    COMMA = "comma"


@dataclass(frozen=True)
class FoundNumber:
    """A number in a text: ``span`` is [start, end), ``text`` what stands there."""

    text: str
    span: tuple[int, int]


_GROUP_SPACES = "\u0020\u00a0\u2009\u202f\u2007"
_APOSTROPHES = "'’‘`´"
_FOREIGN = str.maketrans({"٫": ",", "٬": "'", "،": ",", "，": ",", "．": "."} | dict.fromkeys("−–‒—", "-"))
_CODES = (
    "EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|TRY|ILS|AED|SAR|EGP|JPY|CNY|INR|AUD|CAD|NZD|ZAR|BRL|MXN|SGD|HKD"
)
_CURRENCY = (
    rf"(?:\b(?:{_CODES})(?=[\d-])|[$€£¥₹₺₽₩₪฿]|[A-Z]{{1,3}}\$|\b[A-Z]{{3}}\b"
    r"|\b[Kk][Rr]s?\b\.?|\bzł|\bKč|\bFt|\blei\b|\bFr\.|\bRs\.?|\bTL\b)"
)
# A euro sign that went through the wrong code page.
_MOJIBAKE = re.compile(r"^([-+]?)(?:Ä|â‚¬|Â£)(?=[\d-])")
_CURRENCY_AROUND = re.compile(rf"^\s*{_CURRENCY}|{_CURRENCY}\s*$")
_SPACED_GROUP = r"[ ]\d{3}(?!\d)"
_FIND = re.compile(
    rf"(?:(?<![\w.,])|(?<=\b(?:{_CODES}))|(?<=\bKč)|(?<=\bRs\.))(?<!\w[-/])[-−–+]?\d+"
    rf"(?:[.,{_APOSTROPHES}\u00a0\u2009\u202f\u2007]\d+|{_SPACED_GROUP})*(?:[.,][-–—]{{1,2}})?"
)


@lru_cache(maxsize=20_000)
def readings(text: str) -> Mapping[Convention, Decimal]:
    """Return what ``text`` means under each convention that can read it; empty if it is no number.

    Currency signs and codes around the number, digits of other scripts, grouping by spaces and
    apostrophes, parentheses and trailing minus for negative amounts are understood.

    >>> {str(k): str(v) for k, v in readings("1.250").items()}
    {'point': '1.250', 'comma': '1250'}
    >>> {str(k): str(v) for k, v in readings("€ 12,50").items()}
    {'comma': '12.50'}
    """
    bare, negative = _bare(text)
    if not bare or sum(map(str.isdigit, bare)) > MOST_DIGITS:
        return MappingProxyType({})
    values = {c: _value(bare, c) for c in Convention}
    return MappingProxyType({c: -v if negative else v for c, v in values.items() if v is not None})


def read_number(text: str, convention: Convention | None = None) -> Decimal | None:
    """Return the number of ``text``; None if it is none, or means two things and nothing settles it.

    >>> read_number("1.250"), read_number("1.250", Convention.COMMA), read_number("12.50", Convention.COMMA)
    (None, Decimal('1250'), Decimal('12.50'))
    """
    found = readings(text)
    if len(set(found.values())) == 1:
        return next(iter(found.values()))
    return found.get(convention) if convention else None


def is_ambiguous(text: str) -> bool:
    """Return whether ``text`` is a number that means different things under the two conventions."""
    return len(set(readings(text).values())) > 1


def settle(texts: Iterable[str]) -> Convention | None:
    """Return the convention that ``texts`` prove; None without proof or with about equal proof of both.

    A text proves a convention when it can be read in that one only. A clear majority (four to one)
    settles a document with a stray number, such as a version or a dimension.
    """
    votes = dict.fromkeys(Convention, 0)
    for text in texts:
        found = readings(text)
        if len(found) == 1:
            votes[next(iter(found))] += 1
    ranked = sorted(votes, key=lambda c: -votes[c])
    most, least = ranked
    return most if votes[most] >= max(1, 4 * votes[least]) else None


def find_numbers(text: str) -> tuple[FoundNumber, ...]:
    """Return the numbers in ``text`` in order, without currency or unit, never part of a word."""
    return tuple(FoundNumber(m.group(), m.span()) for m in _FIND.finditer(_western(text)))


def _western(text: str) -> str:
    if text.isascii():
        return text
    return "".join(_digit(char) for char in text).translate(_FOREIGN)


def _digit(char: str) -> str:
    if char.isascii() or not char.isdecimal():
        return char
    return str(unicodedata.decimal(char))


def _bare(text: str) -> tuple[str, bool]:
    """Return the digits and separators alone, and whether a sign or parentheses make it negative."""
    bare = _MOJIBAKE.sub(r"\1", _western(text).strip())
    if bare.startswith("(") and bare.endswith(")"):
        return _bare_sign(_without_currency(bare[1:-1]))[0], True
    return _bare_sign(_without_currency(bare))


def _without_currency(text: str) -> str:
    before = None
    while before != text:
        before, text = text, _CURRENCY_AROUND.sub("", text).strip()
        if text[:1] == "-" and text != before:
            text = text[:1] + text[1:].strip()
        sign, rest = (text[:1], text[1:]) if text[:1] in "-+" else ("", text)
        text = sign + _CURRENCY_AROUND.sub("", rest).strip()
    return text


def _bare_sign(text: str) -> tuple[str, bool]:
    negative = text.startswith("-")
    text = text.lstrip("-+").strip()
    if re.fullmatch(r".*\d\s?-", text) and not negative:
        return text[:-1].strip(), True
    return text, negative


def _value(bare: str, convention: Convention) -> Decimal | None:
    decimal, group = (".", ",") if convention is Convention.POINT else (",", ".")
    bare = re.sub(r"(?<=\d)[.,]-{1,2}$", "", bare)
    whole, sign, fraction = bare.partition(decimal)
    if sign and not (fraction.isdigit() and fraction.isascii()):
        return None
    digits = _grouped(whole, group) if whole else ("0" if sign else None)
    if digits is None:
        return None
    return Decimal(f"{digits}.{fraction}" if sign else digits)


def _grouped(whole: str, group: str) -> str | None:
    """Return the digits of a whole part if its separators group it by thousands (or the Indian way)."""
    if whole.isdigit() and whole.isascii():
        return whole
    separators = {char for char in whole if not char.isdigit()}
    if len(separators) != 1 or not separators <= {group, *_GROUP_SPACES, *_APOSTROPHES}:
        return None
    head, *middle, last = re.split(f"[{re.escape(''.join(separators))}]", whole)
    regular = 1 <= len(head) <= 3 and head[0] != "0" and len(last) == 3
    if not regular or len({len(part) for part in middle}) > 1 or any(len(p) not in (2, 3) for p in middle):
        return None
    return head + "".join(middle) + last
