"""Pages written from right to left, turned over so that they read from left to right like all others.

The boxes of their words are mirrored: the first word of a line then stands first, and a label before its value.
Words of Latin letters and figures keep the order among themselves in which they are printed.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from parsers.page import Box, Page, Word, union
from parsers.reading import Evidence

_MOSTLY = 0.4  # share of words in letters written from right to left
_JOINED = 0.08  # of a line's height: a gap that does not part a word


def is_mirrored(pages: Sequence[Page]) -> bool:
    """Return whether the pages are printed from right to left; a grid has its columns in order already."""
    words = [word.text for page in pages if not page.gridded for word in page.words if any(map(str.isalpha, word.text))]
    return bool(words) and sum(map(_from_right, words)) >= _MOSTLY * len(words)


def _from_right(text: str) -> bool:
    return any(unicodedata.bidirectional(char) in ("R", "AL") for char in text)


def mirrored(pages: Sequence[Page]) -> tuple[Page, ...]:
    """Return ``pages`` turned over."""
    return tuple(replace(page, words=tuple(_turned(page)), rulings=_flipped(page)) for page in pages)


def _flipped(page: Page) -> tuple[Box, ...]:
    return tuple(flip(box, page.width) for box in page.rulings)


def flip(box: Box, width: float) -> Box:
    """Return ``box`` seen from the other side of a page of ``width``."""
    return (width - box[2], box[1], width - box[0], box[3])


def _turned(page: Page) -> Iterator[Word]:
    """Yield the words of a page mirrored; runs of words from left to right become one each, in their own order."""
    run: list[Word] = []
    for word in sorted(page.words, key=lambda w: (round((w.box[1] + w.box[3]) / 2), w.box[0])):
        if run and (_from_right(word.text) or not _follows(run[-1], word)):
            yield _joined(run, page.width)
            run = []
        if _from_right(word.text):
            yield replace(word, box=flip(word.box, page.width))
        else:
            run.append(word)
    if run:
        yield _joined(run, page.width)


def _follows(left: Word, right: Word) -> bool:
    """Return whether two words from left to right stand beside each other on one line."""
    height = max(min(left.height, right.height), 1.0)
    level = abs((left.box[1] + left.box[3]) - (right.box[1] + right.box[3])) / 2 < 0.4 * height
    return level and right.box[0] - left.box[2] < 0.45 * height


def _joined(run: Sequence[Word], width: float) -> Word:
    text = run[0].text
    for left, right in pairwise(run):
        glued = right.box[0] - left.box[2] < _JOINED * left.height
        text += right.text if glued else f" {right.text}"
    return Word(text, flip(union(word.box for word in run), width))


def evidence_back(evidence: Mapping[str, Evidence], pages: Sequence[Page]) -> dict[str, Evidence]:
    """Return where values stand on the pages as they are printed."""
    widths = {page.number: page.width for page in pages}
    return {
        name: replace(where, box=flip(where.box, widths[where.page])) if where.box and where.page in widths else where
        for name, where in evidence.items()
    }
