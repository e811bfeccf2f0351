"""Which layout a document has: a fingerprint that all documents of one form share, whatever they say.

It is made of how the pages are built and of the words that label the table of items, in their order; where
there is no table, of the labels of single values.
"""

import hashlib
from collections.abc import Sequence
from itertools import islice

from parsers.fields_labels import find_hits, is_label
from parsers.lexicon import label_key, normalise
from parsers.lines_header import Header
from parsers.numbers import find_numbers
from parsers.page import Page, Row

_HALF_INCH = 36.0
_FEWEST_LABELS = 3  # cells of a row that labels a table
_MOST_DIGITS = 2  # in one label ("Menge 2", "Rabatt 10")
_LONGEST_LABEL = 60  # characters
_BENEATH = 3  # rows in which figures must follow a row of labels
_MOST_FIELDS = 12


def fingerprint(pages: Sequence[Page], rows: Sequence[Row], headers: Sequence[Header], exact: bool) -> str:
    """Return the fingerprint of the layout of ``pages``: 16 hexadecimal digits.

    ``headers`` are the table headers that were found without any hint; ``exact`` is False for pictures.
    """
    told = [_build(pages[0], exact), *(_header_words(rows, headers) or _field_labels(rows))]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def header_row(rows: Sequence[Row]) -> int | None:
    """Return the first row that looks like the labels of a table whatever its words are, None if none does."""
    for index, row in enumerate(rows):
        if _labels(row) and any(_figures(beneath) for beneath in rows[index + 1 : index + 1 + _BENEATH]):
            return index
    return None


def _build(page: Page, exact: bool) -> str:
    """Return the class of the pages' geometry; text and scans have no size that their layout decides."""
    if page.gridded:
        return "grid"
    if not exact:
        return "scan"
    if any(word.span for word in page.words[:1]):
        return "text"
    return f"page {round(page.width / _HALF_INCH)} {round(page.height / _HALF_INCH)}"


def _header_words(rows: Sequence[Row], headers: Sequence[Header]) -> list[str]:
    if headers:  # by column, because what stands on one row may differ by a hair
        return [normalise(" ".join(column.label for column in headers[0].columns))]
    index = header_row(rows)
    return [] if index is None else [normalise(rows[index].text)]


def _field_labels(rows: Sequence[Row]) -> list[str]:
    """Return the labels of single values, each once, in their order."""
    marked = (c.text.partition(":")[0] for row in rows for c in row.cells if ":" in c.text and is_label(c.text))
    known = (hit.label for hit in find_hits(rows))
    return list(islice(dict.fromkeys(map(label_key, (*known, *marked))), _MOST_FIELDS))


def _labels(row: Row) -> bool:
    """Return whether every cell of the row may be a label."""
    return len(row.cells) >= _FEWEST_LABELS and all(
        any(map(str.isalpha, cell.text))
        and len(cell.text) <= _LONGEST_LABEL
        and sum(map(str.isdigit, cell.text)) <= _MOST_DIGITS
        and not cell.text.rstrip().endswith(":")
        for cell in row.cells
    )


def _figures(row: Row) -> bool:
    """Return whether the row holds figures in two cells or more, as a line of a table does."""
    return sum(1 for cell in row.cells if find_numbers(cell.text)) >= 2
