"""The line items of a document: several readings are built, and the one whose arithmetic holds is taken."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from parsers.fields_totals import Amount
from parsers.lexicon import normalise, totals
from parsers.lines_free import read_free_lines
from parsers.lines_header import Header
from parsers.lines_stacked import read_conditions, read_stacked
from parsers.lines_table import RawLine, read_table
from parsers.lines_values import Conventions, FoundLine, found_line
from parsers.page import Page, Row, rows_of

_CENT = Decimal("0.01")
_WIDEST_STEP = 10  # between the numbers of two lines
_STACKED = 0.5  # what a reading as items of several lines counts for, where its figures are as right
_DESCRIBED = 0.1  # what a description counts for beside an item's number
_MOST_UNKNOWN = 3  # columns without a known label that may yet hold a figure


@dataclass(frozen=True)
class Candidate:
    """One reading of the lines: ``roles`` are its columns, ``sums`` whether they add up to a stated total."""

    lines: tuple[FoundLine, ...]
    roles: frozenset[str]
    sums: bool
    score: float

    @property
    def line_sum(self) -> Decimal | None:
        """Return the sum of the line totals, None if any is missing."""
        values = [line.amount for line in self.lines if line.amount is not None]
        return sum(values, Decimal(0)) if values and len(values) == len(self.lines) else None


def document_rows(pages: Sequence[Page]) -> tuple[Row, ...]:
    """Return the rows of all pages without what repeats at the same height on most of them."""
    rows = [row for page in pages for row in rows_of(page)]
    if len(pages) < 2:
        return tuple(rows)
    seen = Counter((row.text, round(row.top)) for row in rows)
    repeated = {key for key, count in seen.items() if count > 1 and count >= len(pages) - 1}
    first_page = pages[0].number
    return tuple(r for r in rows if r.page == first_page or (r.text, round(r.top)) not in repeated)


def read_lines(
    pages: Sequence[Page],
    rows: Sequence[Row],
    headers: Sequence[Header],
    amounts: Sequence[Amount],
    conventions: Conventions,
) -> Candidate | None:
    """Return the best reading of the line items, None if there are none."""
    sums = {v for a in amounts if a.role in ("net", "gross") and (v := a.value(conventions.number)) is not None}
    by_number = {page.number: page for page in pages}
    raw = [(raws, told, 0.0) for raws, told in _raw_readings(by_number, rows, headers)]
    raw += [(raws, told, _STACKED) for raws, told in _stacked_readings(by_number, rows, headers)]
    candidates = [_candidate(raws, told, sums, conventions, bonus) for raws, told, bonus in raw]
    free = read_free_lines(rows, conventions)
    if free:
        candidates.append(_scored(free, frozenset({"free"}), sums, -0.5))
    return max((c for c in candidates if c.lines), key=lambda c: c.score, default=None)


def _raw_readings(
    pages: Mapping[int, Page], rows: Sequence[Row], headers: Sequence[Header]
) -> Iterator[tuple[tuple[RawLine, ...], tuple[Header, ...]]]:
    """Yield the raw lines of each kind of table and of all that hold quantities, under each plausible labelling."""
    groups = _groups(rows, headers)
    for group in groups.values():
        for relabel in _labellings(group[0][0]):
            yield _read_group(pages, rows, [(relabel(h), end) for h, end in group])
    if len(groups) > 1:
        counted = [pair for group in groups.values() for pair in group if _counts(pair[0])]
        yield _read_group(pages, rows, counted)


def _stacked_readings(
    pages: Mapping[int, Page], rows: Sequence[Row], headers: Sequence[Header]
) -> Iterator[tuple[tuple[RawLine, ...], tuple[Header, ...]]]:
    """Yield the raw lines of tables whose items take several printed lines."""
    for group in _groups(rows, headers).values():
        for read in (read_stacked, read_conditions):
            raws = tuple(raw for header, end in group for raw in read(pages, rows, header, end))
            if raws:
                yield raws, tuple(header for header, _ in group)


def _groups(
    rows: Sequence[Row], headers: Sequence[Header]
) -> Mapping[tuple[str | None, ...], list[tuple[Header, int]]]:
    """Return the headers of each kind of table, each with the row at which its table ends."""
    ends = [h.rows[0] for h in headers[1:]] + [len(rows)] * bool(headers)
    groups: dict[tuple[str | None, ...], list[tuple[Header, int]]] = {}
    for header, end in zip(headers, ends, strict=True):
        groups.setdefault(header.roles, []).append((header, end))
    return groups


def _counts(header: Header) -> bool:
    roles = set(header.roles)
    return bool(roles & {"quantity", "ordered", "delivered"}) and bool(roles & {"description", "item"})


def _read_group(
    pages: Mapping[int, Page], rows: Sequence[Row], group: Sequence[tuple[Header, int]]
) -> tuple[tuple[RawLine, ...], tuple[Header, ...]]:
    raws = tuple(raw for header, end in group for raw in read_table(pages, rows, header, end))
    return raws, tuple(header for header, _ in group)


def _labellings(header: Header) -> Iterator["_Relabel"]:
    """Yield ways to understand the labels: as they are, and with a missing quantity or text found elsewhere."""
    roles = header.roles
    changes: dict[int, str] = {}
    if not {"description", "item"} & set(roles) and "position" in roles:
        changes[roles.index("position")] = "description"
    yield _Relabel(changes)
    if not {"quantity", "ordered", "delivered"} & set(roles):
        for lost in ("position", "total", "unit"):
            if (
                lost in roles
                and changes.get(roles.index(lost)) is None
                and (lost != "total" or roles.count("total") > 1)
            ):
                yield _Relabel(changes | {roles.index(lost): "quantity"})

    unknown = [n for n, role in enumerate(roles) if role is None][:_MOST_UNKNOWN]
    if unknown and "description" not in roles:
        changes = changes | {unknown[0]: "description"}
        yield _Relabel(changes)
    for column in unknown:
        for role in ("total", "quantity", "price"):
            counted = role == "quantity" and bool({"quantity", "ordered", "delivered"} & set(roles))
            if role == "total" or not (counted or role in roles):
                yield _Relabel(changes | {column: role})
    if "price" in roles and not {"total", "gross"} & set(roles):
        last = max(n for n, role in enumerate(roles) if role == "price")
        yield _Relabel(changes | {last: "total"})


@dataclass(frozen=True)
class _Relabel:
    """A change of roles by column index, applied to headers of the same roles."""

    changes: Mapping[int, str]

    def __call__(self, header: Header) -> Header:
        columns = [replace(c, role=self.changes.get(n, c.role)) for n, c in enumerate(header.columns)]
        return replace(header, columns=tuple(columns))


def _candidate(
    raws: Sequence[RawLine], headers: Sequence[Header], sums: set[Decimal], conventions: Conventions, bonus: float
) -> Candidate:
    positioned = any("position" in h.roles for h in headers)
    found = [line for raw in raws if (line := found_line(raw, conventions, positioned))]
    lines = _with_item_numbers([line for line in found if not _is_included(line) and not _is_charge(line)])
    roles = frozenset(role for h in headers for role in h.roles if role)
    known = max((h.score for h in headers), default=0.0)
    return _scored(lines, roles, sums, known / 20 + bonus)


def _with_item_numbers(lines: Sequence[FoundLine]) -> tuple[FoundLine, ...]:
    """Return ``lines``; numbers that do not count the lines are the items' own where these have none."""
    numbers = [line.line.line_number for line in lines]
    if len(lines) < 2 or any(
        number is None or line.line.item_number for number, line in zip(numbers, lines, strict=True)
    ):
        return tuple(lines)
    steps = {int(b) - int(a) for a, b in pairwise(numbers) if a and b and a.isdigit() and b.isdigit()}
    even = len(steps) == 1 and numbers[0] is not None and numbers[0].isdigit() and int(numbers[0]) in steps
    if all(step > 0 for step in steps) and (even or max(steps, default=1) <= _WIDEST_STEP):
        return tuple(lines)
    return tuple(
        replace(
            found,
            line=replace(found.line, item_number=found.line.line_number, line_number=None),
            evidence={("item_number" if name == "line_number" else name): e for name, e in found.evidence.items()},
        )
        for found in lines
    )


def _is_included(line: FoundLine) -> bool:
    """Return whether the line only tells a part of the price of another one."""
    return _begins(line.line.description, "included")


def _is_charge(line: FoundLine) -> bool:
    """Return whether the line is a charge, a reduction or a sum on the whole document and no item."""
    item = line.line
    if item.line_number or item.quantity is not None:
        return False
    return any(
        _begins(item.description, role) for role in ("charge", "reduction", "net", "gross", "tax", "carried", "paid")
    )


def _begins(text: str | None, role: str) -> bool:
    words = normalise(text or "").split()
    return any(totals().get(" ".join(words[:n])) == role for n in range(1, min(len(words), 5) + 1))


def _scored(lines: Sequence[FoundLine], roles: frozenset[str], sums: set[Decimal], bonus: float) -> Candidate:
    """Return the candidate; right products, complete lines and a stated sum count for it."""
    if not lines:
        return Candidate((), roles, False, -1.0)
    right = sum(1 for line in lines if line.computed)
    wrong = sum(1 for line in lines if line.computed is False)
    named = sum(1 for line in lines if line.line.description or line.line.item_number)
    counted = sum(1 for line in lines if line.line.quantity is not None)
    amounts = [line.amount for line in lines if line.amount is not None]
    total = sum(amounts, Decimal(0)) if len(amounts) == len(lines) else None
    adds = total is not None and any(abs(abs(total) - abs(s)) <= _CENT * max(1, len(lines) // 2) for s in sums)
    described = sum(1 for line in lines if line.line.description)
    share = (2 * right - wrong + named + counted + _DESCRIBED * described) / len(lines)
    size = min(len(lines), 10) / 20
    return Candidate(tuple(lines), roles, adds, share + 3 * adds + bonus + size)
