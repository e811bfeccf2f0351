"""The rows beneath a header as raw line items: which words belong to which column of which item.

Rows with figures in two columns (or one, where the table has but one) are anchors. Rows of text
between two anchors go to the one whose band they stand in: bands end at rulings where there are any,
else at the next anchor's own description, else at the widest gap.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from parsers.lexicon import total_role
from parsers.lines_columns import Split, is_percent, split_rows, total_roles
from parsers.lines_header import NUMERIC_ROLES, Header
from parsers.numbers import readings
from parsers.page import Box, Page, Row, Word, union

FIGURES = ("quantity", "ordered", "delivered", "price", "total", "gross")
_WIDEST_TEXT_GAP = 1.3  # in row heights; text further below an item is not its description


@dataclass(frozen=True, slots=True)
class Field:
    """The words of one item in one column, line by line."""

    lines: tuple[tuple[Word, ...], ...]
    page: int

    @property
    def text(self) -> str:
        """Return the lines joined with blanks."""
        return " ".join(" ".join(w.text for w in line) for line in self.lines)

    @property
    def box(self) -> Box:
        """Return the box around all words."""
        return union(w.box for line in self.lines for w in line)


@dataclass(frozen=True, slots=True)
class RawLine:
    """One item: ``fields`` by role; ``strong`` if figures stand in two columns or more.

    ``own`` names the roles whose first words stand on the row of the figures.
    """

    fields: Mapping[str, Field]
    page: int
    strong: bool
    own: frozenset[str] = frozenset()

    def text(self, role: str) -> str:
        """Return the text under ``role``, "" if there is none."""
        return self.fields[role].text if role in self.fields else ""


def read_table(pages: Mapping[int, Page], rows: Sequence[Row], header: Header, end: int) -> tuple[RawLine, ...]:
    """Return the items in ``rows`` from the end of ``header`` up to ``end``."""
    body = rows[header.rows[1] : end]
    if not body:
        return ()
    header, splits = split_rows(pages[header.page], body, header)
    return tuple(_items(splits, header, pages))


_QUANTITY = re.compile(r"[-−(]?\s*\d[\d.,'’\u00a0\u202f ]*\)?")


def holds_figure(role: str, text: str) -> bool:
    """Return whether ``text`` holds a value of a figure column ``role``."""
    if not text or is_percent(text) or not any(map(str.isdigit, text)):
        return False
    if readings(text):
        return True
    if role in ("quantity", "ordered", "delivered"):
        match = _QUANTITY.match(text)
        if not match:
            return False
        behind = text[match.end() :]
        return len(behind) <= 24 and not re.search(r"\d\d", behind)
    tokens = [token for token in re.split(r"\s+|/", text) if not is_percent(token)]
    return any(readings(token) for token in tokens) and len(text) <= 40


def _items(splits: Sequence[Split], header: Header, pages: Mapping[int, Page]) -> Iterator[RawLine]:
    figures = {n: role for n, role in enumerate(header.roles) if role in FIGURES}
    counts = {split.index: _count(split, figures) for split in splits}
    enough = min(2, max(counts.values(), default=0))
    anchors: list[Split] = []
    pace = _Pace()
    stop = splits[-1].index + 1 if splits else 0
    summed: int | None = None
    for split in splits:
        if _is_total(split, figures):
            summed = split.index if summed is None else summed
            if total_roles(split.row) & {"tax", "paid"}:
                break
        elif _announces_totals(split.row) or pace.leaves(split.row):
            stop = split.index
            break
        elif counts[split.index] >= enough > 0 or (summed is None and _is_charge(split, header)):
            anchors.append(split)
            pace.add(split.row)
            summed = None
    yield from _with_texts(anchors, splits, stop if summed is None else summed, header, pages, counts, enough)


def _announces_totals(row: Row) -> bool:
    """Return whether the row heads a table of totals."""
    return sum(1 for cell in row.cells if total_role(cell.text)) > 2 and not any(readings(c.text) for c in row.cells)


class _Pace:
    """How far apart the items of a page stand, told while they are found."""

    def __init__(self) -> None:
        self._last: Row | None = None
        self._widest = 0.0

    def add(self, row: Row) -> None:
        """Take ``row`` for the next item."""
        same = self._last is not None and self._last.page == row.page
        self._widest = max(self._widest, row.top - self._last.top) if self._last and same else 0.0
        self._last = row

    def leaves(self, row: Row) -> bool:
        """Return whether ``row`` stands apart from the items above it on the same page."""
        last = self._last
        if last is None or last.page != row.page:
            return False
        return row.top - last.bottom > max(12 * max(last.height, 4.0), 2 * self._widest)


def _count(split: Split, figures: Mapping[int, str]) -> int:
    return sum(1 for column, role in figures.items() if holds_figure(role, split.text(column)))


def _is_charge(split: Split, header: Header) -> bool:
    """Return whether the row states a named amount and nothing else."""
    totals = [n for n, role in enumerate(header.roles) if role in ("total", "gross")]
    naming = [n for n, role in enumerate(header.roles) if role in ("description", "item", "position")]
    named = any(any(c.isalpha() for c in split.text(n)) for n in naming)
    return named and any(holds_figure("total", split.text(n)) for n in totals)


def _is_total(split: Split, figures: Mapping[int, str]) -> bool:
    """Return whether the row announces a sum and is no item with a quantity of its own."""
    if not total_roles(split.row) & {"net", "tax", "gross", "paid", "carried"}:
        return False
    quantities = [n for n, role in figures.items() if role in ("quantity", "ordered", "delivered")]
    counted = any(holds_figure("quantity", split.text(n)) for n in quantities)
    return not (counted and _count(split, figures) > 1)


def _with_texts(
    anchors: Sequence[Split],
    splits: Sequence[Split],
    stop: int,
    header: Header,
    pages: Mapping[int, Page],
    counts: Mapping[int, int],
    enough: int,
) -> Iterator[RawLine]:
    taken = {anchor.index for anchor in anchors}
    naming = [n for n, role in enumerate(header.roles) if role != "position"]
    described = [n for n, role in enumerate(header.roles) if role in ("description", "item")]
    wanted = described if pages[header.page].gridded else naming
    texts = [s for s in splits if s.index < stop and s.index not in taken and not _is_sum(s)]
    texts = [s for s in texts if any(n in s.words for n in wanted)]
    if pages[header.page].gridded:
        texts = [s for s in texts if not _is_item_of_its_own(s, header)]
    places = [t.index for t in texts]
    sums = [s.index for s in splits if _is_sum(s)]
    for number, anchor in enumerate(anchors):
        before = anchors[number - 1] if number else None
        after = anchors[number + 1] if number + 1 < len(anchors) else None
        end = bisect_left(sums, anchor.index + 1)
        first = bisect_left(places, before.index if before else 0)
        last = bisect_left(places, min(sums[end] if end < len(sums) else stop, after.index if after else stop))
        own = _own_texts(anchor, before, after, texts[first:last], header, pages)
        yield _raw_line(anchor, own, header, counts[anchor.index] >= enough)


def _is_item_of_its_own(split: Split, header: Header) -> bool:
    """Return whether a row of a grid names something although it states no figure: a heading, or what nobody wants."""
    filled = [role for n, role in enumerate(header.roles) if n in split.words]
    return filled == ["item"] or len({"item", "description", "unit"} & set(filled)) > 1


def _is_sum(split: Split) -> bool:
    return bool(total_roles(split.row))


def _own_texts(
    anchor: Split,
    before: Split | None,
    after: Split | None,
    texts: Sequence[Split],
    header: Header,
    pages: Mapping[int, Page],
) -> list[Split]:
    """Return the rows of text that belong to ``anchor``."""
    page = pages[anchor.row.page]
    low = before.index if before and before.row.page == anchor.row.page else -1
    high = after.index if after and after.row.page == anchor.row.page else 10**9
    near = [t for t in texts if low < t.index < high and t.row.page == anchor.row.page]
    band = _band(page, anchor.row, before, after)
    if band:
        return [t for t in near if band[0] <= (t.row.top + t.row.bottom) / 2 <= band[1]]
    if page.gridded or _describes(anchor, header):
        return _run(anchor, [t for t in near if t.index > anchor.index])
    above = _run(anchor, [t for t in reversed(near) if t.index < anchor.index])
    below = _run(anchor, [t for t in near if t.index > anchor.index])
    return sorted([*_not_of(above, before), *_not_of(below, after)], key=lambda t: t.index)


def _describes(anchor: Split, header: Header) -> bool:
    columns = [n for n, role in enumerate(header.roles) if role == "description"]
    return any(sum(map(str.isalpha, anchor.text(n))) > 1 for n in columns) or not columns


def _not_of(texts: Sequence[Split], other: Split | None) -> list[Split]:
    """Return the rows of ``texts``, nearest first, up to the widest gap before the ``other`` anchor."""
    if not texts or other is None:
        return list(texts)
    chain = [*texts, other]
    gaps = [_distance(a.row, b.row) for a, b in pairwise(chain)]
    widest = max(range(len(gaps)), key=lambda n: gaps[n])
    return list(texts[: widest + 1])


def _distance(a: Row, b: Row) -> float:
    return max(b.top - a.bottom, a.top - b.bottom)


def _run(anchor: Split, ordered: Sequence[Split]) -> list[Split]:
    """Return the rows that follow the anchor without a gap."""
    run: list[Split] = []
    row = anchor.row
    for text in ordered:
        if _distance(row, text.row) > _WIDEST_TEXT_GAP * max(min(row.height, text.row.height), 4.0):
            break
        run.append(text)
        row = text.row
    return run


def _band(page: Page, row: Row, before: Split | None, after: Split | None) -> tuple[float, float] | None:
    """Return the band between the rulings above and below ``row`` if no other anchor stands in it."""
    middle = (row.top + row.bottom) / 2
    flat = [(r[1] + r[3]) / 2 for r in page.rulings if r[2] - r[0] > 0.3 * page.width and r[3] - r[1] < 3]
    above = [y for y in flat if y <= middle]
    below = [y for y in flat if y > middle]
    if not above or not below:
        return None
    band = (max(above), min(below))
    others = [s.row for s in (before, after) if s and s.row.page == row.page]
    crowded = any(band[0] <= (o.top + o.bottom) / 2 <= band[1] for o in others)
    return None if crowded else band


def _raw_line(anchor: Split, texts: Sequence[Split], header: Header, strong: bool) -> RawLine:
    lines: dict[str, list[tuple[Word, ...]]] = {}
    for split in sorted([*texts, anchor], key=lambda s: s.index):
        for column, words in sorted(split.words.items()):
            if split is anchor or header.roles[column] not in NUMERIC_ROLES:
                lines.setdefault(_name(header, column), []).append(words)
            elif header.roles[column] == "price":
                lines.setdefault("more_price", []).append(words)
    page = anchor.row.page
    fields = {role: Field(tuple(parts), page) for role, parts in lines.items()}
    own = frozenset(_name(header, column) for column in anchor.words)
    return RawLine(fields, page, strong, own)


def _name(header: Header, column: int) -> str:
    """Return the role of a column; the second column of a role is ``price2`` and so on."""
    role = header.roles[column] or ("leading" if column == 0 else "unknown")
    earlier = header.roles[:column].count(header.roles[column])
    return role if earlier == 0 or role not in FIGURES else f"{role}{earlier + 1}"
