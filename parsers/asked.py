"""What an answer to our own questions says: each fact that we asked for, where the author's words give it.

Knowing what was asked lets a bare "4711" be read as the cost centre. What could be the answer to two
questions answers neither.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from parsers.dates import Order
from parsers.numbers import Convention
from parsers.prose_fields import currency_of, dates_in, labelled, needed_by, project
from parsers.prose_lines import convention_of
from parsers.prose_quantity import Quantity, counted, value_of
from parsers.reading import Evidence, plain

_CODE = re.compile(r"(?<![\w.,/@#-])(?=[\w/-]*\d{2})[A-Za-z]{0,6}[-/]?\d[\w]*(?:[-/]\w+)*(?![\w@%€$£]|[.,]\d)")
_BARE = re.compile(r"(?<![\w.,/@£$€#-])\d{1,6}(?:[.,]\d{1,3})?(?![\w%€$£/@-]|[.,]\d)")
_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True)
class Asked:
    """One question of ours: what it asks, the place of the reading that it fills, what its line wanted."""

    ask: str
    at: str
    wanted: str = ""
    choices: tuple[tuple[str, str], ...] = ()

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> "Asked":
        """Return the question that ``procurement.questions.Question.as_dict`` described."""
        choices = tuple((str(number), str(text)) for number, text in values.get("choices", ()))
        return Asked(values["ask"], values["at"], values.get("wanted", ""), choices)


@dataclass
class _Answers:
    """Answers while they are found; what one of them took is read as nothing else."""

    text: str
    values: dict[str, str] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    taken: list[tuple[int, int]] = field(default_factory=list)

    def add(self, at: str, value: str, span: tuple[int, int]) -> None:
        self.values[at] = value
        self.evidence[at] = Evidence(self.text[slice(*span)].strip(), span=span)
        self.taken.append(span)

    def is_free(self, span: tuple[int, int]) -> bool:
        return not any(span[0] < end and start < span[1] for start, end in self.taken)


def read_asked(
    text: str, asked: Iterable[Asked], today: date | None, order: Order | None
) -> tuple[dict[str, str], dict[str, Evidence]]:
    """Return the answers that ``text`` gives to ``asked`` (JSON pointer -> value) and where each stands.

    Days are ISO 8601, numbers in plain notation, as a reading's JSON holds them.
    """
    asked = tuple(asked)
    found = _Answers(text)
    by_kind = {ask: [one for one in asked if one.ask == ask] for ask in {one.ask for one in asked}}
    _items(found, by_kind.get("item", []))
    _codings(found, by_kind)
    _days(found, [*by_kind.get("date", []), *by_kind.get("needed_by", [])], today, order)
    _quantities(found, [*by_kind.get("quantity", []), *by_kind.get("unit", [])], "cost_center" in by_kind)
    _bare_coding(found, by_kind)
    return found.values, found.evidence


def _items(found: _Answers, asked: Sequence[Asked]) -> None:
    for one in asked:
        named = [(number, where) for number, _ in one.choices for where in _places(found.text, number)]
        if len({number for number, _ in named}) == 1 and found.is_free(named[0][1]):
            found.add(one.at, *named[0])


def _places(text: str, number: str) -> list[tuple[int, int]]:
    return [m.span() for m in re.finditer(rf"(?<![\w-]){re.escape(number)}(?![\w-])", text, re.IGNORECASE)]


def _codings(found: _Answers, by_kind: Mapping[str, Sequence[Asked]]) -> None:
    if "cost_center" not in by_kind:
        return
    if code := labelled(found.text, "cost_center"):
        found.add("/cost_center", code.value, code.span)
    if (about := project(found.text)) and found.is_free(about.span):
        found.add("/project", about.value, about.span)


def _days(found: _Answers, asked: Sequence[Asked], today: date | None, order: Order | None) -> None:
    when, _ = needed_by(found.text, today, order)
    found.taken += [one.span for one in dates_in(found.text, today, order)]
    if len(asked) == 1 and when and when.value:
        found.add(asked[0].at, when.value.isoformat(), when.span)


def _quantities(found: _Answers, asked: Sequence[Asked], is_coding_asked: bool) -> None:
    convention = convention_of(found.text)
    told = [q for q in counted(found.text, convention) if q.value and found.is_free(q.span)]
    if not told and not is_coding_asked:
        told = [q for q in _bare_numbers(found.text, convention) if q.value and found.is_free(q.span)]
    for one in asked:
        fits = told if len(asked) == 1 else [q for q in told if _is_about(found.text, q, one, asked)]
        if len(fits) == 1 and fits[0].value is not None:
            found.add(one.at.rpartition("/")[0] + "/quantity", plain(Decimal(fits[0].value)), fits[0].span)
            if fits[0].unit:
                found.values[one.at.rpartition("/")[0] + "/unit"] = fits[0].unit


def _bare_numbers(text: str, convention: Convention | None) -> list[Quantity]:
    return [Quantity(value_of(m.group(), convention), None, m.span(), m.group()) for m in _BARE.finditer(text)]


def _is_about(text: str, quantity: Quantity, one: Asked, asked: Sequence[Asked]) -> bool:
    """Whether the line of the text that tells the quantity names what this line wanted, and no other."""
    start = text.rfind("\n", 0, quantity.span[0]) + 1
    row = text[start : (text.find("\n", quantity.span[1]) + 1 or len(text) + 1) - 1]
    words = _words(row)
    others = {word for other in asked if other is not one for word in _words(other.wanted)}
    return bool(words & (_words(one.wanted) - others)) and not words & (others - _words(one.wanted))


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}


def _is_money(text: str, span: tuple[int, int]) -> bool:
    return bool(currency_of(text[max(0, span[0] - 5) : span[1] + 6]))


def _bare_coding(found: _Answers, by_kind: Mapping[str, Sequence[Asked]]) -> None:
    """A code by itself is the cost centre where that was asked and nothing else could be meant."""
    if "cost_center" not in by_kind or "/cost_center" in found.values:
        return
    codes = [m for m in _CODE.finditer(found.text) if found.is_free(m.span()) and not _is_money(found.text, m.span())]
    if len({m.group() for m in codes}) == 1:
        found.add("/cost_center", codes[0].group(), codes[0].span())
