"""A page as words, rulings and pictures with coordinates, whatever it came from.

Lengths are PDF points from the top left. In a gridded page (spreadsheet, Word or HTML table, delimited
text) each word is a whole cell: it may hold blank space and is never joined with its neighbour; the
column n stands at x = 100 n and the row m at y = 10 m.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

Box = tuple[float, float, float, float]

GRID_COLUMN, GRID_ROW = 100.0, 10.0
_WIDEST_WORD_GAP = 1.0  # in line heights; more always parts two cells


@dataclass(frozen=True, slots=True)
class Word:
    """A run of characters; ``box`` is (x0, top, x1, bottom)."""

    text: str
    box: Box
    span: tuple[int, int] | None = None

    @property
    def height(self) -> float:
        """Return the height of the word's box."""
        return self.box[3] - self.box[1]


@dataclass(frozen=True, slots=True)
class Page:
    """One page: ``number`` counts from 1, ``rulings`` are thin boxes, ``images`` boxes of pictures."""

    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    rulings: tuple[Box, ...] = ()
    images: tuple[Box, ...] = ()
    gridded: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """Words that stand together; ``text`` joins them with blanks."""

    text: str
    box: Box
    page: int
    words: tuple[Word, ...] = field(default=(), repr=False)

    @property
    def span(self) -> tuple[int, int] | None:
        """Return the stretch of text the cell covers, None where the source is no text."""
        spans = [w.span for w in self.words if w.span]
        return (min(s[0] for s in spans), max(s[1] for s in spans)) if spans else None


@dataclass(frozen=True, slots=True)
class Row:
    """Cells on one line of a page, left to right."""

    cells: tuple[Cell, ...]
    page: int
    top: float
    bottom: float

    @property
    def text(self) -> str:
        """Return all cells joined with blanks."""
        return " ".join(cell.text for cell in self.cells)

    @property
    def height(self) -> float:
        """Return the height of the row."""
        return self.bottom - self.top


def union(boxes: Iterable[Box]) -> Box:
    """Return the smallest box around ``boxes``; there must be one."""
    xs0, tops, xs1, bottoms = zip(*boxes, strict=True)
    return (min(xs0), min(tops), max(xs1), max(bottoms))


def cell_of(words: Sequence[Word], page: int) -> Cell:
    """Return ``words`` as one cell."""
    return Cell(" ".join(w.text for w in words), union(w.box for w in words), page, tuple(words))


def rows_of(page: Page) -> tuple[Row, ...]:
    """Return the lines of ``page`` from top to bottom, each parted into cells at wide gaps and rulings."""
    lines = _text_lines(page.words)
    gap = _cell_gap(lines) if not page.gridded else 0.0
    upright = [r for r in page.rulings if r[3] - r[1] > 2 * (r[2] - r[0])]
    return tuple(_row(line, page, gap, upright) for line in lines)


def grid_page(rows: Iterable[Sequence[str]], number: int = 1) -> Page:
    """Return a gridded page of ``rows`` of cell texts; empty cells are left out."""
    words = [
        Word(text, (GRID_COLUMN * x, GRID_ROW * y, GRID_COLUMN * (x + 1) - 1, GRID_ROW * (y + 1) - 1))
        for y, row in enumerate(rows)
        for x, text in enumerate(row)
        if text
    ]
    width = max((w.box[2] for w in words), default=0.0)
    return Page(number, width, max((w.box[3] for w in words), default=0.0), tuple(words), gridded=True)


def without(page: Page, unwanted: Iterable[Word]) -> Page:
    """Return ``page`` without the words ``unwanted``."""
    gone = set(unwanted)
    return replace(page, words=tuple(w for w in page.words if w not in gone))


def _text_lines(words: Sequence[Word]) -> list[list[Word]]:
    """Return words grouped by the height they stand at; each group is ordered from left to right."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda w: (w.box[1] + w.box[3]) / 2):
        if lines and _share_line(lines[-1], word):
            lines[-1].append(word)
        else:
            lines.append([word])
    return [sorted(line, key=lambda w: w.box[0]) for line in lines]


def _share_line(line: Sequence[Word], word: Word) -> bool:
    middle = median((w.box[1] + w.box[3]) / 2 for w in line[-8:])
    height = min(word.height, median(w.height for w in line[-8:]))
    return abs((word.box[1] + word.box[3]) / 2 - middle) < 0.4 * height


def _cell_gap(lines: Sequence[Sequence[Word]]) -> float:
    """Return the gap, in line heights, beyond which two words of a line belong to different cells."""
    gaps = []
    for line in lines:
        for left, right in pairwise(line):
            height = max(left.height, right.height, 1.0)
            gap = (right.box[0] - left.box[2]) / height
            if 0 < gap < _WIDEST_WORD_GAP:
                gaps.append(gap)
    usual = median(gaps) if gaps else 0.3
    return min(max(2.0 * usual, 0.45), _WIDEST_WORD_GAP)


def _row(line: Sequence[Word], page: Page, gap: float, upright: Sequence[Box]) -> Row:
    groups: list[list[Word]] = []
    box = union(w.box for w in line)
    middle = (box[1] + box[3]) / 2
    upright = [r for r in upright if r[1] <= middle <= r[3]] if not page.gridded else []
    for word in line if page.gridded else _with_whole_numbers(line):
        if groups and not page.gridded and not _parted(groups[-1][-1], word, gap, upright):
            groups[-1].append(word)
        else:
            groups.append([word])
    cells = tuple(cell_of(group, page.number) for group in groups)
    return Row(cells, page.number, box[1], box[3])


_FIRST_GROUP, _LATER_GROUP = re.compile(r"[-−(]?\d{1,3}(?: \d{3})*"), re.compile(r"\d{3}(?:[.,]\d{1,4})?\)?-?")


def _with_whole_numbers(line: Sequence[Word]) -> list[Word]:
    """Return the words of a line, those that are one number grouped by blanks ("1 234,50") joined."""
    words: list[Word] = []
    for word in line:
        last = words[-1] if words else None
        near = last is not None and 0 < word.box[0] - last.box[2] < 0.4 * word.height
        if last and near and _FIRST_GROUP.fullmatch(last.text) and _LATER_GROUP.fullmatch(word.text):
            span = (last.span[0], word.span[1]) if last.span and word.span else None
            words[-1] = Word(f"{last.text} {word.text}", union((last.box, word.box)), span)
        else:
            words.append(word)
    return words


def _parted(left: Word, right: Word, gap: float, upright: Sequence[Box]) -> bool:
    distance = right.box[0] - left.box[2]
    if distance > gap * max(min(left.height, right.height), 1.0):
        return True
    return any(left.box[2] - 1.5 <= r[0] <= right.box[0] + 1.5 for r in upright)
