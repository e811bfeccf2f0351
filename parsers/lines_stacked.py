"""Items that take two printed lines each, under a header of two lines whose labels belong to one of them each.

"Item / Material / Description" over "Quantity / Unit / Price / Value": the first line of an item names it and
the second one states its figures. Also items whose amounts follow as conditions on lines of their own ("Gross
price", "Discount", "Net value").
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from parsers.lexicon import normalise, total_role
from parsers.lines_columns import Split, split_rows, total_roles
from parsers.lines_header import Header, row_columns
from parsers.lines_table import FIGURES, Field, RawLine, holds_figure
from parsers.page import Page, Row

_COUNTING = frozenset({"quantity", "ordered", "delivered"})
_AMOUNTS = frozenset({"price", "total", "gross"})
_NAMING = frozenset({"position", "item", "description"})
_REACH = 3  # rows from the line that names an item to the line of its figures


def read_stacked(pages: Mapping[int, Page], rows: Sequence[Row], header: Header, end: int) -> tuple[RawLine, ...]:
    """Return the items in ``rows`` from ``header`` to ``end`` as pairs of lines, empty where they are none."""
    naming, counting = _halves(header, rows)
    body = rows[header.rows[1] : end]
    if not naming or not counting or not body:
        return ()
    page = pages[header.page]
    named, named_rows = split_rows(page, body, naming)
    counted, counted_rows = split_rows(page, body, counting)
    return tuple(_pairs(named, named_rows, counted, counted_rows))


def _halves(header: Header, rows: Sequence[Row]) -> tuple[Header | None, Header | None]:
    """Return the header's first line and its last one as headers of their own, None where they share a role."""
    start, end = header.rows
    if end - start < 2:
        return None, None
    first, last = (replace(header, columns=row_columns(rows[n])) for n in (start, end - 1))
    roles, values = ({c.role for c in half.columns if c.role} for half in (first, last))
    apart = not roles & values and len(roles & _NAMING) > 1 and values & _COUNTING and values & _AMOUNTS
    return (first, last) if apart else (None, None)


def _pairs(
    named: Header, named_rows: Sequence[Split], counted: Header, counted_rows: Sequence[Split]
) -> Iterator[RawLine]:
    figures = {n: role for n, role in enumerate(counted.roles) if role in FIGURES}
    last = -1
    for place, split in enumerate(counted_rows):
        if sum(1 for n, role in figures.items() if holds_figure(role, split.text(n))) < min(2, len(figures)):
            continue
        if total_roles(split.row):
            return
        names = next(
            (s for s in reversed(named_rows[max(last + 1, place - _REACH) : place]) if _names_item(s, named)), None
        )
        if names:
            last = place
            yield _joined(named, names, counted, split)


def _names_item(split: Split, header: Header) -> bool:
    filled = {role for n, role in enumerate(header.roles) if role in _NAMING and split.text(n)}
    return len(filled) > 1


def _joined(named: Header, names: Split, counted: Header, figures: Split) -> RawLine:
    page = names.row.page
    fields = {
        role: Field((split.words[n],), page)
        for header, split in ((named, names), (counted, figures))
        for n, role in enumerate(header.roles)
        if role and n in split.words
    }
    return RawLine(fields, page, True, frozenset(fields))


def read_conditions(pages: Mapping[int, Page], rows: Sequence[Row], header: Header, end: int) -> tuple[RawLine, ...]:
    """Return the items in ``rows`` whose price and amount stand on a line of conditions beneath them."""
    body = rows[header.rows[1] : end]
    counts = [n for n, role in enumerate(header.roles) if role in _COUNTING]
    totals = [n for n, role in enumerate(header.roles) if role == "total"]
    if not body or not counts or not totals or "description" not in header.roles:
        return ()
    header, splits = split_rows(pages[header.page], body, header)
    found: list[tuple[Split, list[Split], list[Split]]] = []
    for split in splits:
        counted = any(holds_figure("quantity", split.text(n)) for n in counts)
        priced = any(holds_figure("total", split.text(n)) for n in totals)
        if counted and not priced:
            found.append((split, [], []))
        elif found and priced and not counted and _is_condition(split, header):
            found[-1][2].append(split)
        elif priced:
            break
        elif found and not found[-1][2]:
            found[-1][1].append(split)
    complete = [item for item in found if item[2]]
    return tuple(_with_condition(header, *item) for item in complete) if len(complete) == len(found) else ()


def _is_condition(split: Split, header: Header) -> bool:
    """Return whether the row names no item but a price, a discount or a net value."""
    words = normalise(" ".join(split.text(n) for n, role in enumerate(header.roles) if role in _NAMING)).split()
    return 0 < len(words) < 5 and not any(map(str.isdigit, "".join(words)))


def _with_condition(header: Header, item: Split, texts: Sequence[Split], conditions: Sequence[Split]) -> RawLine:
    """Return the item with the price and amount of its net value, else of its last condition."""
    named = [n for n, role in enumerate(header.roles) if role in _NAMING]
    net = [s for s in conditions if any(total_role(s.text(n)) == "net" for n in named)]
    chosen = (net or list(conditions))[-1]
    fields: dict[str, Field] = {}
    for n, role in enumerate(header.roles):
        if role is None:
            continue
        sources = [chosen] if role in _AMOUNTS else [item, *texts] if role in _NAMING else [item]
        lines = tuple(s.words[n] for s in sources if n in s.words)
        if lines:
            fields[role] = Field(lines, item.row.page)
    return RawLine(fields, item.row.page, True, frozenset(fields))
