"""Decisions about several requests in one mail: "approve R-00012 and 15, reject 16", "all approved", line by line.

The grammar is that of one decision (parsers.decision), with the requests' numbers in it. Whatever does not fit
leaves everything open: then each request is asked about again.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from parsers.decision import LONGEST, decide, fold
from parsers.phrases import any_of, load
from parsers.reading import Decision

ALL = "*"
UNCLEAR = "?"
MOST = 50
_MARK = "\ue010"
_OURS = re.compile(r"(?<![\w-])R-\d{5,12}(?![\w-])", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.,-])(?:R-|#)?\d{1,12}(?![\w-]|[.,]\d)", re.IGNORECASE)
_BREAK = re.compile(r"[.,;!]\s|[.;!]?\n|[.;!]+$")


@dataclass(frozen=True)
class _Part:
    numbers: tuple[str, ...]
    decision: Decision | None  # None: only numbers
    is_all: bool
    verb_first: bool


def decisions(own_words: str) -> dict[str, str]:
    """Return number -> approved or rejected as the author's own words state; ``*`` stands for all others.

    Numbers are written as he wrote them, but for a ``#``. Empty where no request is named and not all are meant;
    ``{"?": "unclear"}`` where one of ours is named (R-00012) and the words are no plain decision about it.

    >>> decisions("Approve R-00012 and 15, reject 16.")
    {'R-00012': 'approved', '15': 'approved', '16': 'rejected'}
    >>> decisions("All approved, thanks."), decisions("Approve 12 if it is cheap."), decisions("Approved.")
    ({'*': 'approved'}, {}, {})
    """
    text = own_words.strip()
    unclear = {UNCLEAR: "unclear"} if _OURS.search(text) else {}
    if not text or len(text) > LONGEST or "?" in text:
        return unclear
    found: dict[str, str] = {}
    for number, decision in _stated(text) or ():
        if found.setdefault(number, decision) != decision:
            return unclear
    return found if 0 < len(found) <= MOST else unclear


def _stated(text: str) -> list[tuple[str, str]] | None:
    """Return what each part says of which number; None where one part is no decision."""
    found: list[tuple[str, str]] = []
    waiting: list[str] = []  # numbers whose decision stands further on
    last: _Part | None = None
    for part in _parts(text):
        if part is None:
            return None
        if part.decision is None:
            if last is not None and last.verb_first and last.decision is not None:
                found += [(number, last.decision.value) for number in part.numbers]
            else:
                waiting += part.numbers
            continue
        numbers = [*waiting, *part.numbers, *([ALL] if part.is_all else [])]
        if not numbers:
            return None
        found += [(number, part.decision.value) for number in numbers]
        waiting, last = [], part
    return None if waiting else found


def _parts(text: str) -> Iterator[_Part | None]:
    """Yield the parts of the text that say something; None for one that fits nothing."""
    for segment in _segments(text):
        numbers = tuple(number.group().lstrip("#").upper() for number in _NUMBER.finditer(segment))
        marked = _NUMBER.sub(_MARK, segment)
        words = _without_joints(marked)
        is_all = bool(_all().search(fold(words)))
        if not words:
            if numbers:
                yield _Part(numbers, None, False, False)
            continue
        decision = _decision(words, is_all=is_all)
        if decision is None:
            if numbers or not _is_polite(words):
                yield None
        elif numbers or is_all:
            yield _Part(numbers, decision, is_all and not numbers, not marked.lstrip().startswith(_MARK))
        else:
            yield None


def _segments(text: str) -> Iterator[str]:
    """Yield the parts between stops, and before each further verb ("approve 12 and reject 15")."""
    for piece in _BREAK.split(text):
        for segment in _and().split(piece):
            if segment.strip():
                yield segment.strip()


def _decision(words: str, *, is_all: bool) -> Decision | None:
    if is_all and _not().search(fold(words)):
        return None  # "not all"
    found = decide(_all().sub(" ", fold(words)) if is_all else words)
    return found if found in (Decision.APPROVED, Decision.REJECTED) else None


def _is_polite(words: str) -> bool:
    """Whether the words add nothing to a decision: with one beside them, it stands."""
    return decide(f"Approved.\n{words}") is Decision.APPROVED and decide(f"Rejected.\n{words}") is Decision.REJECTED


def _without_joints(marked: str) -> str:
    """Return the words without the numbers and what joins them to each other and to their decision."""
    joined = re.sub(rf"\b{any_of(load('decision')['several']['joints'])}\b(?=\s*{_MARK})", " ", marked, flags=re.I)
    return " ".join(re.sub(rf"[{_MARK}:=–—>-]", " ", joined).split()).strip(" .,;!")


def _and() -> re.Pattern[str]:
    several = load("decision")["several"]
    return re.compile(rf"\s{any_of(several['and'])}\s+(?={any_of(several['verbs'])}\b)", re.IGNORECASE)


def _all() -> re.Pattern[str]:
    return re.compile(rf"\b{any_of(load('decision')['several']['all'])}\b")


def _not() -> re.Pattern[str]:
    return re.compile(rf"\b{any_of(load('decision')['several']['not'])}\b")
