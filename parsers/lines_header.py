"""The header of a table of line items: which column holds what.

A header is one to four neighbouring rows whose stacked cells read as known column labels. Labels that
stand close together ("Menge Preis Betrag" without wide gaps) are parted by the lexicon.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from parsers.hints import IGNORED
from parsers.lexicon import column_role, fields, label_key, load, normalise
from parsers.numbers import readings
from parsers.page import Box, Cell, Row, Word, cell_of, union

NUMERIC_ROLES = ("quantity", "ordered", "delivered", "open", "price", "per", "discount", "tax", "total", "gross")
_VALUE_ROLES = frozenset({"quantity", "ordered", "delivered", "price", "total", "gross"})
_NAMED_ROLES = frozenset({"description", "item"})
_NAMING_ROLES = frozenset({"description", "item", "position", "unit"})
_FIRST_FIGURES = 15  # rows from a header to the first figure beneath it
_SIGNS = frozenset("#№%")
_TALLEST = 5  # rows of one header
_LONGEST_PHRASE = 5  # words of one label
_LONGEST_LABEL = 90  # characters, several lines together


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``role`` is None where its label is unknown; ``box`` is the label's; ``taught``: by a lesson."""

    role: str | None
    label: str
    box: Box
    taught: bool = False

    @property
    def whole(self) -> bool:
        """Return whether the label is known as a whole."""
        return self.role is not None and (self.taught or column_role(self.label) == self.role)


@dataclass(frozen=True, slots=True)
class Header:
    """Columns from left to right; ``rows`` are [start, end) in the rows of the document."""

    columns: tuple[Column, ...]
    rows: tuple[int, int]
    page: int

    @property
    def roles(self) -> tuple[str | None, ...]:
        """Return the role of each column."""
        return tuple(column.role for column in self.columns)

    @property
    def words(self) -> int:
        """Return how many words the labels have that are known as a whole."""
        return sum(len(c.label.split()) for c in self.columns if c.whole)

    @property
    def score(self) -> float:
        """Return how well the labels are known; unknown, half-known and double ones count against it."""
        known = [role for role in self.roles if role]
        whole = sum(1 for c in self.columns if c.whole)
        unknown = len(self.columns) - len(known)
        worth = sum({"total": 1.3, "price": 1.3, "quantity": 1.3, "ignored": 0.0}.get(role, 1.0) for role in known)
        return worth + 0.2 * whole - 0.4 * unknown - 0.5 * (len(known) - len(set(known)))


@dataclass(frozen=True, slots=True)
class _Labelled:
    """A row parted at its labels, and the roles these name."""

    row: Row
    parts: tuple[Cell, ...]
    roles: tuple[str, ...]


def find_headers(rows: Sequence[Row], taught: Mapping[str, str] | None = None) -> tuple[Header, ...]:
    """Return the headers in ``rows`` from top to bottom, none overlapping another.

    ``taught`` maps labels (``normalise``) to roles that go before what the lexicon says.
    """
    known = _Known(taught or {})
    labelled = [_labelled(row, known) for row in rows]
    found: list[Header] = []
    index = free = 0
    while index < len(rows):
        header = _best_header(labelled, index, free, known)
        if header is None:
            index += 1
            continue
        below = _best_header(labelled, header.rows[1] - 1, free, known)
        header = max(below, header, key=_worth) if below else header
        index = free = header.rows[1]
        if _heads_figures(header, rows[header.rows[1] : header.rows[1] + _FIRST_FIGURES]):
            found.append(_as_taught(header))
    return tuple(found)


def _heads_figures(header: Header, body: Sequence[Row]) -> bool:
    """Return whether a figure stands beneath the labels, as it does in a table of items."""
    words = (word.text for row in body for cell in row.cells for word in cell.words)
    taught = any(column.taught for column in header.columns)
    return taught or not body or any(any(map(str.isdigit, text)) and readings(text) for text in words)


@dataclass(frozen=True, slots=True)
class _Known:
    """What labels mean: lessons first, then the lexicon."""

    taught: Mapping[str, str]

    def role(self, text: str) -> str | None:
        return (self.taught.get(normalise(text)) if self.taught else None) or column_role(text)

    def is_taught(self, text: str) -> bool:
        return bool(self.taught) and normalise(text) in self.taught


def _labelled(row: Row, known: _Known) -> _Labelled:
    cells = [cell for cell in row.cells if any(map(str.isalnum, cell.text)) or cell.text in _SIGNS]
    parts = tuple(part for cell in cells for part in _parts(cell, known))
    return _Labelled(row, parts, tuple(role for part in parts if (role := known.role(part.text))))


def row_columns(row: Row) -> tuple[Column, ...]:
    """Return the columns that the labels of one ``row`` name by themselves."""
    parts = _labelled(row, _Known({})).parts
    return tuple(Column(column_role(part.text), part.text, part.box) for part in parts)


def _best_header(rows: Sequence[_Labelled], seed: int, free: int, known: _Known) -> Header | None:
    """Return the best header that holds row ``seed`` or follows it closely; none begins before ``free``."""
    if not rows[seed].roles:
        return None
    starts = range(max(free, seed - 1), min(seed + 3, len(rows)))
    usable = [h for start in starts for h in _blocks(rows, start, known) if _is_usable(h)]
    return max(usable, key=_worth, default=None)


def _worth(header: Header) -> tuple[float, int, int]:
    return (header.score, header.words, header.rows[0] - header.rows[1])


def _blocks(rows: Sequence[_Labelled], start: int, known: _Known) -> Iterator[Header]:
    """Yield the header of each block of neighbouring rows from ``start`` in which values are labelled."""
    roles: set[str] = set()
    cells: list[Cell] = []
    for end in range(start, min(start + _TALLEST, len(rows))):
        if end > start and _apart(rows[end - 1].row, rows[end].row):
            return
        roles |= set(rows[end].roles)
        cells += rows[end].parts
        if len(roles) > 1 and roles & _VALUE_ROLES:
            yield Header(tuple(_told_apart(_stack(cells, known))), (start, end + 1), rows[start].row.page)


def _as_taught(header: Header) -> Header:
    """Return ``header`` with each column left aside to which the lexicon gives the role of a taught one."""
    roles = {column.role for column in header.columns if column.taught} - {"description"}
    columns = (replace(c, role=IGNORED) if c.role in roles and not c.taught else c for c in header.columns)
    return replace(header, columns=tuple(columns)) if roles else header


def _told_apart(columns: list[Column]) -> list[Column]:
    """Return ``columns`` with a label that may mean two things read for what the other labels leave open.

    Of two that describe the item the first may be its number ("Artikel", "Bezeichnung"); of two that count the
    lines the second names the item ("Line", "Item").
    """
    if any(column.taught for column in columns):
        return columns
    places = {role: [n for n, column in enumerate(columns) if column.role == role] for role in _NAMING_ROLES}
    described, counted = places["description"], places["position"]
    for n in places["item"] if len(places["item"]) > 1 else ():
        if "order_number" in fields().get(label_key(columns[n].label), ()):
            columns[n] = replace(columns[n], role=None)  # the order that the item belongs to
    if len(counted) > 1:
        role = "item" if described and not places["item"] else "description"
        columns[counted[1]] = replace(columns[counted[1]], role=role)
    elif counted and not described and not places["item"] and normalise(columns[counted[0]].label) in _goods():
        columns[counted[0]] = replace(columns[counted[0]], role="description")
    elif len(described) > 1 and not places["item"] and normalise(columns[described[0]].label) in _goods():
        columns[described[0]] = replace(columns[described[0]], role="item")
    return columns


@lru_cache(maxsize=1)
def _goods() -> frozenset[str]:
    return frozenset(load("notes")["goods"])


def _apart(above: Row, below: Row) -> bool:
    return below.page != above.page or below.top - above.bottom > 0.9 * max(above.height, 4.0)


def _is_usable(header: Header) -> bool:
    roles = [role for role in header.roles if role]
    distinct = set(roles)
    worded = all(len(c.label) <= _LONGEST_LABEL and sum(map(str.isdigit, c.label)) < 3 for c in header.columns)
    return (
        worded
        and len(distinct) >= 2
        and bool(distinct & _VALUE_ROLES)
        and bool(
            distinct & _NAMED_ROLES
            or (distinct & _NAMING_ROLES and len(distinct & _VALUE_ROLES) > 1)
            or len(distinct & _VALUE_ROLES) > 2
        )
        and (len(roles) * 2 > len(header.columns) or sum(c.taught for c in header.columns) > 1)
    )


def _parts(cell: Cell, known: _Known) -> list[Cell]:
    """Return ``cell``, parted where its words are a row of known labels and the whole is not one."""
    if known.role(cell.text):
        return [cell]
    words = [part for word in cell.words for part in _unglued(word)]
    if len(words) > len(cell.words) and (parts := _part_words(cell_of(words, cell.page), known)):
        return parts
    return (_part_words(cell, known) if len(cell.words) > 1 else []) or [cell]


_JOINT = re.compile(r"(?<=[^\W\d_]{2})(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])")


def _unglued(word: Word) -> list[Word]:
    """Return the words of two labels that were printed without a gap ("AntallEnhet")."""
    pieces = _JOINT.split(word.text)
    if len(pieces) < 2 or word.span:
        return [word]
    width = (word.box[2] - word.box[0]) / len(word.text)
    edges = [word.box[0]]
    for piece in pieces:
        edges.append(edges[-1] + width * len(piece))
    boxes = [(x0, word.box[1], x1 - 0.1, word.box[3]) for x0, x1 in pairwise(edges)]
    return [replace(word, text=text, box=box) for text, box in zip(pieces, boxes, strict=True)]


def _part_words(cell: Cell, labels: _Known) -> list[Cell]:
    """Return the fewest known labels that make up the whole cell, empty if none do."""
    words = cell.words
    best: list[list[Cell] | None] = [[]] + [None] * len(words)
    for end in range(1, len(words) + 1):
        for start in range(max(0, end - _LONGEST_PHRASE), end):
            before = best[start]
            if before is None:
                continue
            part = cell_of(words[start:end], cell.page)
            known = best[end]
            if labels.role(part.text) and (known is None or len(before) + 1 < len(known)):
                best[end] = [*before, part]
    return best[-1] or []


def _stack(cells: Sequence[Cell], known: _Known) -> list[Column]:
    """Return columns of cells that stand above each other, their texts joined from the top."""
    stacks: list[list[Cell]] = []
    boxes: list[Box] = []
    for cell in sorted(cells, key=lambda c: (c.box[1], c.box[0])):
        shared = [(_overlap(box, cell.box), n) for n, box in enumerate(boxes)]
        fitting = [(o, n) for o, n in shared if o > 0 and not _same_line(stacks[n][-1].box, cell.box)]
        if fitting:
            place = max(fitting)[1]
            stacks[place].append(cell)
            boxes[place] = union((boxes[place], cell.box))
        else:
            stacks.append([cell])
            boxes.append(cell.box)
    columns = [_column(stack, box, known) for stack, box in zip(stacks, boxes, strict=True)]
    return sorted(columns, key=lambda c: c.box[0])


def _column(stack: Sequence[Cell], box: Box, known: _Known) -> Column:
    text = " ".join(cell.text for cell in stack)
    joined = text.replace("- ", "")
    role = known.role(joined) or known.role(text)
    if role is None:
        pieces = [piece for cell in stack for piece in (cell.text, *_slashed(cell.text))]
        role = strongest([r for r in map(known.role, pieces) if r])
    return Column(role, text, box, known.is_taught(joined) or known.is_taught(text))


def _slashed(text: str) -> list[str]:
    return [part.strip() for part in text.split("/")] if "/" in text else []


def strongest(roles: Sequence[str]) -> str | None:
    """Return the role that a column with two labels is read for: its values, then its description."""
    for wanted in ("delivered", "total", "price", "quantity", "description", "item"):
        if wanted in roles:
            return wanted
    return roles[0] if roles else None


def _overlap(a: Box, b: Box) -> float:
    right, left = a[2] if a[2] < b[2] else b[2], a[0] if a[0] > b[0] else b[0]
    return right - left if right > left else 0.0


def _same_line(a: Box, b: Box) -> bool:
    return min(a[3], b[3]) - max(a[1], b[1]) > 0.5 * min(a[3] - a[1], b[3] - b[1])
