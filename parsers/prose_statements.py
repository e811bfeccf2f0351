"""An answer cut into statements, each of which speaks of its own lines.

A sentence that names several lines is cut between them, where its own commas and conjunctions stand;
a contrast ("but", "except") opens a statement of its own.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from parsers.phrases import any_of, load
from parsers.prose_mentions import Mention, mentions
from parsers.prose_sentences import split_sentences
from parsers.reading import ReadLine

_BORDER = re.compile(
    r"[,;]\s+(?:(?:and|und|et|y|e|en|i|och|og|oraz)\s+)?|\s+(?:and|und|et|y|e|en|i|och|og|oraz|while|während|whereas)\s+|\s/\s|\s[–-]\s|[.!?]\s+"
)


@dataclass(frozen=True)
class Statement:
    """One statement: ``contrasts`` tells that it opens with "but" or the like, ``asks`` that it is a question."""

    text: str
    mentions: tuple[Mention, ...]
    contrasts: bool = False
    asks: bool = False


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of ``text``; a row that opens with a bullet, a line or a short row stands alone."""
    rows = text.split("\n")
    joined: list[str] = []
    for index, row in enumerate(rows):
        before = rows[index - 1].strip() if index else ""
        alone = not before or not row.strip() or len(before) < 50 or _opens().match(row)
        if alone:
            joined.append(row.strip())
        else:
            joined[-1] = f"{joined[-1]} {row.strip()}"
    return [row for row in joined if row]


@cache
def _opens() -> re.Pattern[str]:
    return re.compile(
        rf"\s*(?:[-*•–]\s|\d{{1,3}}[.)]\s|(?:{any_of(load('answers')['refs']['line'])})\s*\d)", re.IGNORECASE
    )


@cache
def _contrast() -> re.Pattern[str]:
    words = any_of(load("answers")["statement"]["contrasts"])
    return re.compile(rf"(?:(?<=[\s,;:.])|^)(?:{words})(?!\w)", re.IGNORECASE)


def statements(paragraph: str, ordered: Sequence[ReadLine], not_codes: Sequence[str] = ()) -> Iterator[Statement]:
    """Yield the statements of a paragraph in order."""
    for sentence in _sentences(paragraph):
        asks = sentence.rstrip().endswith("?")
        for clause, contrasts in _clauses(sentence):
            for part in _parted(clause, ordered, not_codes):
                yield Statement(part, tuple(mentions(part, ordered, not_codes)), contrasts, asks)


@cache
def _goes_on() -> re.Pattern[str]:
    return re.compile(rf"\W*(?:{any_of(load('answers')['statement']['goes_on'])})(?!\w)", re.IGNORECASE)


def _sentences(paragraph: str) -> list[str]:
    """Return the sentences; one that goes on with the one before ("Instead we offer ...") is joined to it."""
    found: list[str] = []
    for sentence, _ in split_sentences(paragraph):
        if found and _goes_on().match(sentence):
            found[-1] = f"{found[-1]} {sentence}"
        else:
            found.append(sentence)
    return found


def _clauses(sentence: str) -> Iterator[tuple[str, bool]]:
    """Yield the sentence cut at its contrasts, each with whether it opens with one."""
    starts = [found.start() for found in _contrast().finditer(sentence)]
    # A contrast amid a short clause ("will however be") colours the whole of it.
    cuts = [at for at in starts if at == 0 or len(re.findall(r"\w+", sentence[:at])) > 2]
    bounds = [0, *[at for at in cuts if at], len(sentence)]
    for a, b in pairwise(bounds):
        if sentence[a:b].strip(" ,;:"):
            yield sentence[a:b], a in cuts


def _parted(clause: str, ordered: Sequence[ReadLine], not_codes: Sequence[str]) -> Iterator[str]:
    """Yield a clause cut before each further line that it names."""
    found = mentions(clause, ordered, not_codes)
    start = 0
    for before, after in pairwise(found):
        if before.span == after.span or before.key == after.key:
            continue
        borders = list(_BORDER.finditer(clause, max(start, before.span[1]), after.span[0]))
        borders = [border for border in borders if not _goes_on().match(clause, border.end())]
        if borders and _says_something(clause[start : borders[-1].start()], before.span[0] - start):
            yield clause[start : borders[-1].start()]
            start = borders[-1].end()
    yield clause[start:]


def _says_something(text: str, at: int) -> bool:
    """A line that is only listed ("HG-7 and HG-8 come on ...") stays with what follows."""
    words = re.findall(r"[^\W_]+", text[at:])
    return (
        len(words) > 4 or bool(re.search(r"\d[\d.,]*\s|[:=]", text[at:].partition(" ")[2])) or bool(_cue().search(text))
    )


@cache
def _cue() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{any_of(load('answers')['statement']['cues'])})(?!\w)", re.IGNORECASE)
