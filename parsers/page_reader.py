"""How the pages of a document are read: on which day, and with what was learned before."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from parsers.hints import Lessons
from parsers.page import Page
from parsers.page_mirror import evidence_back, is_mirrored, mirrored
from parsers.reading import Reading
from records.problems import Code, Problem

MOST_WORDS = 150_000
LONGEST_WORD = 32_767  # characters, as many as a cell of a workbook can hold
WIDEST_LINE = 1_500


class ReadPages(Protocol):
    """Turns the pages that a format's reader made into a Reading."""

    def __call__(self, pages: Sequence[Page], exact: bool = True) -> Reading:
        """Return what ``pages`` say; ``exact`` is False for text recognised from pictures."""
        ...


@dataclass(frozen=True)
class PageReader:
    """Reads pages on the day ``today`` (of relative dates), with lessons by the fingerprint of their layout."""

    today: date | None = None
    lessons: Lessons = field(default_factory=dict)

    def __call__(self, pages: Sequence[Page], exact: bool = True) -> Reading:
        """Return what ``pages`` say: the first document in them, further ones as its ``documents``."""
        if excess := _excess(pages):
            return Reading(problems=(Problem(Code.UNREADABLE, excess),))
        from parsers.several import parts_of

        parts = parts_of(pages)
        first, *others = [self._read(group, exact) for group in parts.documents]
        if parts.doubt:
            first = _doubted(first, parts.doubt)
        if not others:
            return first
        told = f"The file holds {len(parts.documents)} documents; each was read on its own."
        return _doubted(first, told).with_(documents=tuple(_doubted(other, told) for other in others))

    def _read(self, pages: Sequence[Page], exact: bool) -> Reading:
        from parsers.assemble import read_pages

        if not is_mirrored(pages):
            return read_pages(pages, self.today, exact, self.lessons)
        reading = read_pages(mirrored(pages), self.today, exact, self.lessons)
        return reading.with_(evidence=evidence_back(reading.evidence, pages))


def _doubted(reading: Reading, detail: str) -> Reading:
    return reading.with_(problems=(*reading.problems, Problem(Code.LOW_CONFIDENCE, detail)), accepted=False)


def _excess(pages: Sequence[Page]) -> str:
    """Return what is more on ``pages`` than in any document of business, "" if nothing is."""
    words = [word for page in pages for word in page.words]
    if len(words) > MOST_WORDS:
        return f"The document holds more than {MOST_WORDS} words or cells, more than any order."
    if any(len(word.text) > LONGEST_WORD for word in words):
        return "The document holds a text without end that is no order."
    if any(max(Counter(round(w.box[1]) for w in page.words).values(), default=0) > WIDEST_LINE for page in pages):
        return "The document holds a line with more words or cells than any order."
    return ""
