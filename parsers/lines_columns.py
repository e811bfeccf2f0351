"""Rows beneath a header parted into its columns: which word belongs to which label."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from parsers.lexicon import total_role
from parsers.lines_header import NUMERIC_ROLES, Column, Header
from parsers.numbers import readings
from parsers.page import Box, Cell, Page, Row, Word, union

_REACH = 6.0  # points by which figures may miss their label
_ALIGNED = 3.0  # points between the left edges of a label and of a text beneath it
_SAME_EDGE = 1.0  # points between the left edges of texts in one column
_LAST_WORDS = re.compile(r"^(?:[-=_*.·|]{3,}|\s*)$")


@dataclass(frozen=True, slots=True)
class Split:
    """A row whose words are dealt to columns by index."""

    row: Row
    index: int
    words: Mapping[int, tuple[Word, ...]]

    def text(self, column: int | None) -> str:
        """Return the words in ``column``, "" where there are none."""
        return " ".join(w.text for w in self.words.get(column, ())) if column is not None else ""


def split_rows(page: Page, body: Sequence[Row], header: Header) -> tuple[Header, list[Split]]:
    """Return ``body`` dealt to the columns of ``header``, which gains those of a grid that have no label."""
    header = _with_grid_columns(header, body) if page.gridded else header
    edges = _edges(page, body, header)
    starts = _starts(body, edges)
    rows = [(n, row) for n, row in enumerate(body) if not _LAST_WORDS.match(row.text) and not (n == 0 and _counts(row))]
    return header, [_deal(row, n, edges, header, starts) for n, row in rows]


_COLUMN_NUMBER = re.compile(r"\d{1,2}(?:\s?\([\dx+*=-]+\))?")


def _counts(row: Row) -> bool:
    """Return whether a row beneath the labels only numbers the columns ("0 1 2 3 4 5(3x4)")."""
    cells = [cell.text.strip() for cell in row.cells]
    if len(cells) < 4 or not all(_COLUMN_NUMBER.fullmatch(text) for text in cells):
        return False
    numbers = [int(re.split(r"\D", text)[0]) for text in cells]
    return numbers[0] < 2 and all(b - a == 1 for a, b in pairwise(numbers))


def is_percent(text: str) -> bool:
    """Return whether ``text`` is a percentage."""
    return bool(re.fullmatch(r"\(?\w?\)?\s*[-+]?[\d.,]+\s*%|%\s?[\d.,]+", text.strip()))


def total_roles(row: Row) -> set[str]:
    """Return what the cells of ``row`` that have a figure to their right announce."""
    figures = [n for n, cell in enumerate(row.cells) if readings(cell.text)]
    last = max(figures, default=-1)
    return {role for cell in row.cells[: last + 1] if (role := total_role(cell.text))} | _own_sums(row)


def _own_sums(row: Row) -> set[str]:
    """Return what cells announce that hold label and figure together."""
    ends = ((cell, cell.text.split()[-1]) for cell in row.cells if " " in cell.text)
    return {role for cell, last in ends if readings(last) and (role := total_role(cell.text))}


def _with_grid_columns(header: Header, body: Sequence[Row]) -> Header:
    """Return ``header`` with a column for every grid column that holds values but has no label."""
    labelled = {column.box[0] for column in header.columns}
    width = header.columns[0].box[2] - header.columns[0].box[0]
    bare = {cell.box[0] for row in body for cell in row.cells} - labelled
    extra = [Column(None, "", (x, 0.0, x + min(width, 99.0), 0.0)) for x in bare]
    return replace(header, columns=tuple(sorted((*header.columns, *extra), key=lambda c: c.box[0])))


def _edges(page: Page, body: Sequence[Row], header: Header) -> list[float]:
    """Return the x between each two neighbouring columns."""
    if page.gridded:
        return [right.box[0] - 0.5 for right in header.columns[1:]]
    labels = [c.box for c in header.columns if c.role in NUMERIC_ROLES]
    busy = [box for row in body if _hits(row, labels) >= 2 for cell in row.cells for box in _solid(cell, labels)]
    upright = _upright(page, header, body)
    return [_edge(left, right, busy, upright) for left, right in pairwise(header.columns)]


def _solid(cell: Cell, labels: Sequence[Box]) -> list[Box]:
    """Return what no column edge may cut: the words of a cell up to the figures at its end, and each of these."""
    words = list(cell.words)
    loose: list[Box] = []
    while len(words) > 1 and _is_figure(words[-1]) and (_is_figure(words[0]) or _under(words[-1].box, labels)):
        loose.append(words.pop().box)
    return [union(w.box for w in words), *loose]


def _is_figure(word: Word) -> bool:
    return bool(readings(word.text)) or is_percent(word.text)


def _under(box: Box, labels: Sequence[Box]) -> bool:
    return any(box[0] < x1 and box[2] > x0 for x0, _, x1, _ in labels)


def _hits(row: Row, labels: Sequence[Box]) -> int:
    """Return under how many of the figure columns' labels a figure of ``row`` stands."""
    if total_roles(row):
        return 0
    figures = [w.box for cell in row.cells for w in cell.words if readings(w.text)]
    return sum(1 for x0, _, x1, _ in labels if any(f[0] < x1 + _REACH and f[2] > x0 - _REACH for f in figures))


def _upright(page: Page, header: Header, body: Sequence[Row]) -> list[float]:
    top, bottom = body[0].top, max(row.bottom for row in body if row.page == body[0].page)
    tall = [r for r in page.rulings if r[3] - r[1] > 2 * (r[2] - r[0]) and r[1] < bottom and r[3] > top]
    return sorted({round((r[0] + r[2]) / 2, 1) for r in tall})


def _edge(left: Column, right: Column, busy: Sequence[Box], upright: Sequence[float]) -> float:
    """Return a ruling between the labels, else the middle of the widest gutter between their centres."""
    between = [x for x in upright if left.box[2] - 1 <= x <= right.box[0] + 1]
    if between:
        return between[0]
    start, end = (left.box[0] + left.box[2]) / 2, (right.box[0] + right.box[2]) / 2
    if sum(1 for b in busy if abs(b[0] - right.box[0]) < _ALIGNED) > 1:
        end = max(start + 0.2, right.box[0])
    if left.role in NUMERIC_ROLES and sum(1 for b in busy if abs(b[2] - left.box[2]) < _ALIGNED) > 1:
        start = min(end - 0.1, left.box[2])
    crossing = [(max(b[0], start), min(b[2], end)) for b in busy if b[0] < end and b[2] > start]
    stops = sorted({start, end, *(x for pair in crossing for x in pair)})
    gutters = [(sum(1 for c in crossing if c[0] < x1 and c[1] > x0), x0 - x1, x0, x1) for x0, x1 in pairwise(stops)]
    if not gutters:
        return (left.box[2] + right.box[0]) / 2
    _, _, x0, x1 = min(gutters)
    return (x0 + x1) / 2


def _starts(body: Sequence[Row], edges: Sequence[float]) -> Mapping[int, list[float]]:
    """Return by column where more than one cell of it begins."""
    counts = Counter(
        (_column_at(cell.words[0], edges), round(cell.box[0])) for row in body for cell in row.cells if cell.words
    )
    found: dict[int, list[float]] = {}
    for (column, start), count in counts.items():
        if count > 1:
            found.setdefault(column, []).append(start)
    return found


def _deal(row: Row, index: int, edges: Sequence[float], header: Header, starts: Mapping[int, Sequence[float]]) -> Split:
    if in_order := _in_order(row, header, edges):
        return Split(row, index, in_order)
    dealt: dict[int, list[Word]] = {}
    for cell in row.cells:
        column = -1
        for number, word in enumerate(cell.words):
            place = _column_at(word, edges)
            if column >= 0 and len(row.cells) == 1:
                place = column
            if column < 0 or (
                place != column and _moves_on(cell.words[number:], header.columns[place], starts.get(place, ()))
            ):
                column = place
            dealt.setdefault(column, []).append(word)
    return Split(row, index, {column: tuple(words) for column, words in dealt.items()})


def _in_order(row: Row, header: Header, edges: Sequence[float]) -> dict[int, tuple[Word, ...]] | None:
    """Return the cells by column in the order they stand, where a long text has pushed the figures aside.

    Only where there is one figure for each column of figures behind the text, and their places put two of them into
    one column.
    """
    columns = [n for n, role in enumerate(header.roles) if role in NUMERIC_ROLES]
    texts, figures = row.cells[: -len(columns)], row.cells[-len(columns) :] if columns else ()
    if not texts or len(columns) < 2 or columns != list(range(len(header.roles) - len(columns), len(header.roles))):
        return None
    if not all(readings(c.text) or is_percent(c.text) for c in figures):
        return None
    places = [_column_at(cell.words[0], edges) for cell in figures]
    if len(set(places)) == len(places) or total_roles(row) & {"net", "tax", "gross", "paid", "carried"}:
        return None
    dealt = {n: cell.words for n, cell in zip(columns, figures, strict=True)}
    described = next((n for n, role in enumerate(header.roles) if role == "description"), 0)
    for cell in texts:
        place = min(_column_at(cell.words[0], edges), columns[0] - 1) if len(texts) > 1 else described
        dealt[place] = (*dealt.get(place, ()), *cell.words)
    return dealt


def _column_at(word: Word, edges: Sequence[float]) -> int:
    middle = min((word.box[0] + word.box[2]) / 2, word.box[0] + 30)
    return sum(1 for edge in edges if edge < middle)


def _moves_on(words: Sequence[Word], column: Column, starts: Sequence[float]) -> bool:
    """Return whether words close to their left neighbour nevertheless open the next column."""
    if column.role in NUMERIC_ROLES:
        return all(readings(w.text) or is_percent(w.text) for w in words)
    left = words[0].box[0]
    return abs(left - column.box[0]) < _ALIGNED or any(abs(left - start) < _SAME_EDGE for start in starts)
