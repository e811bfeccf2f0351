"""Which pages of a file are which document: two invoices, an answer with its terms, a workbook of forms.

A page opens a new document where it bears a title and a number of its own that differ from those before, or
where its page count starts again. Pages of general terms belong to no document and are not read.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from parsers.fields_kind import title_of
from parsers.fields_labels import find_hits, segments, unspaced
from parsers.fields_numbers import document_number
from parsers.lexicon import load, normalise
from parsers.lines_header import find_headers
from parsers.page import Page, Row, Word, rows_of
from parsers.reading import Kind

_HEAD = 0.55  # of a page's height; titles and numbers stand above it
_GRID_HEAD = 25  # rows of a sheet
_TITLE_ROWS, _TITLED = 14, 1.3  # rows that may hold a title, and how much it must look like one
_TERMS_ROWS = 4
_FEWEST_PROSE = 60  # words of a page of terms


@dataclass(frozen=True)
class Parts:
    """The documents of a file, each as its pages; ``doubt`` says what could not be told apart, "" if nothing."""

    documents: tuple[tuple[Page, ...], ...]
    doubt: str = ""


@dataclass(frozen=True)
class _Head:
    """What the head of a page says: its title, its number, which page of how many it is, if it bears lines."""

    kind: Kind | None
    number: str | None
    count: tuple[int, int] | None
    terms: bool
    lines: bool


def parts_of(pages: Sequence[Page]) -> Parts:
    """Return the documents in ``pages``, each page in one of them or left out as general terms."""
    if len(pages) < 2:
        return Parts((tuple(pages),))
    heads = [_head(page) for page in pages]
    groups: list[list[Page]] = []
    open_: _Head | None = None
    doubts: list[str] = []
    in_terms = False
    for page, head, before in zip(pages, heads, [None, *heads[:-1]], strict=True):
        in_terms = bool(groups) and (head.terms or (in_terms and not head.kind and not head.lines))
        if in_terms:
            continue
        if open_ is None or _opens(head, open_):
            groups.append([])
            open_ = head
        elif doubt := _doubt(page, head, before):
            doubts.append(doubt)
        open_ = _known(open_, head)
        groups[-1].append(page)
    return Parts(tuple(tuple(group) for group in groups), doubts[0] if doubts else "")


def _opens(head: _Head, current: _Head) -> bool:
    """Return whether a page with this head is the first of another document than the ``current`` one."""
    if head.kind is None or (head.count and head.count[0] > 1):
        return False
    if head.kind is not current.kind and current.kind is not None:
        return head.number is not None and head.number != current.number
    return head.number is not None and current.number is not None and head.number != current.number


def _doubt(page: Page, head: _Head, before: _Head | None) -> str:
    """Return why a page that continues its document may be another one's, "" where nothing speaks for it."""
    if page.gridded and head.lines and before and before.lines:
        return f"Sheet {page.number} holds a table of its own; it may be another document than the one before."
    if head.count and head.count[0] == 1 and head.count[1] != 1 and before and before.count:
        return f"Page {page.number} counts from one again, but does not say what document it begins."
    if head.count == (1, 1) and before and before.count and (head.kind or head.lines):
        return f"Page {page.number} counts as the only one, but does not say what document it is."
    return ""


def _known(current: _Head, head: _Head) -> _Head:
    """Return what is known of the current document after a further page."""
    return _Head(current.kind or head.kind, current.number or head.number, current.count, False, current.lines)


def _head(page: Page) -> _Head:
    limit = 10.0 * _GRID_HEAD if page.gridded else _HEAD * page.height
    rows = rows_of(Page(page.number, page.width, page.height, _above(page, limit), page.rulings, gridded=page.gridded))
    kind = _titled(rows)
    headers = find_headers(rows)
    own = rows[: headers[0].rows[0]] if headers else rows
    number = document_number(own, find_hits(own), kind) if kind else None
    terms = not headers and not kind and len(page.words) >= _FEWEST_PROSE and _are_terms(rows)
    return _Head(kind, number[0] if number else None, _count(page), terms, bool(headers))


def _above(page: Page, limit: float) -> tuple[Word, ...]:
    return tuple(word for word in page.words if word.box[1] < limit)


def _titled(rows: Sequence[Row]) -> Kind | None:
    """Return what the first rows call the document, None where they bear no title."""
    titles = (title_of(piece) for row in rows[:_TITLE_ROWS] for cell in row.cells for piece in segments(cell.text)[:2])
    return next((Kind(kind) for kind, weight in titles if kind and weight >= _TITLED), None)


def _are_terms(rows: Sequence[Row]) -> bool:
    heads = (normalise(unspaced(text)) for row in rows[:_TERMS_ROWS] for text in (row.text, *_texts(row)))
    return any(head in _terms() or any(head.startswith(f"{t} ") for t in _long_terms()) for head in heads)


def _texts(row: Row) -> Iterator[str]:
    for cell in row.cells:
        yield cell.text


@lru_cache(maxsize=1)
def _terms() -> frozenset[str]:
    return frozenset(load("parts")["terms"])


@lru_cache(maxsize=1)
def _long_terms() -> tuple[str, ...]:
    return tuple(term for term in _terms() if len(term.split()) > 1)


@lru_cache(maxsize=1)
def _counter() -> re.Pattern[str]:
    words = load("parts")
    page, of = ("|".join(sorted(map(re.escape, words[name]), key=len, reverse=True)) for name in ("page", "of"))
    return re.compile(rf"(?:{page})[.:\s]*(\d{{1,3}})\s*(?:{of})\s*(\d{{1,3}})(?!\d)", re.IGNORECASE)


def _count(page: Page) -> tuple[int, int] | None:
    """Return which page of how many a page says it is, None where it does not say or says it twice."""
    if page.gridded or len(page.words) > 5_000:
        return None
    found = {(int(m[1]), int(m[2])) for m in _counter().finditer(" ".join(word.text for word in page.words))}
    told = {(n, of) for n, of in found if 1 <= n <= of}
    return told.pop() if len(told) == 1 else None
