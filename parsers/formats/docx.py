"""Word documents as pages: paragraphs line by line, tables as rows of cells, in the order they stand."""

import io
from collections.abc import Iterator
from typing import Any

from parsers.page import GRID_ROW, Page, Word

MOST_BLOCKS = 20_000


class WordRefusedError(ValueError):
    """The file is no Word document that can be read."""


def read_docx(data: bytes) -> tuple[Page, ...]:
    """Return the document as one gridded page; headers first, footers last; raises WordRefusedError."""
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError

    try:
        document = Document(io.BytesIO(data))
    except (PackageNotFoundError, KeyError, ValueError) as error:
        raise WordRefusedError(f"The file is not a readable Word document: {error}.") from None
    rows: list[list[str]] = []
    for section in document.sections[:1]:
        rows.extend(_block_rows(section.header))
    rows.extend(_block_rows(document))
    for section in document.sections[:1]:
        rows.extend(_block_rows(section.footer))
    return (page_of(rows),)


def page_of(rows: list[list[str]]) -> Page:
    """Return rows of cell texts as a gridded page; a text with a tab or line breaks becomes several cells or rows."""
    words: list[Word] = []
    for y, row in enumerate(rows):
        for x, text in enumerate(row):
            if text:
                words.append(Word(text, (100.0 * x, GRID_ROW * y, 100.0 * x + 99, GRID_ROW * (y + 1) - 1)))
    return Page(1, 1000.0, GRID_ROW * len(rows), tuple(words), gridded=True)


def _block_rows(container: Any) -> Iterator[list[str]]:
    from docx.table import Table

    for count, block in enumerate(container.iter_inner_content()):
        if count > MOST_BLOCKS:
            raise WordRefusedError("The Word document is longer than any order.")
        if isinstance(block, Table):
            yield from _table_rows(block)
        else:
            for line in block.text.splitlines():
                if line.strip():
                    yield [" ".join(cell.split()) for cell in line.split("\t")]


def _table_rows(table: Any) -> Iterator[list[str]]:
    for row in table.rows:
        texts: list[str] = []
        last = None
        for cell in row.cells:
            merged = cell._tc is last
            last = cell._tc
            texts.append("" if merged else " ".join(cell.text.split()))
        yield texts
