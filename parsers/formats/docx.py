"""Word documents as pages: paragraphs line by line, tables as rows of cells, in the order they stand."""

import io
from collections.abc import Iterator
from typing import Any

from parsers.numbers import readings
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
    """Return rows of cell texts as a gridded page; texts of several lines side by side become rows, items do not."""
    words: list[Word] = []
    rows = [spread for row in rows for spread in _spread(row)]
    for y, row in enumerate(rows):
        for x, text in enumerate(row):
            if text:
                words.append(Word(text, (100.0 * x, GRID_ROW * y, 100.0 * x + 99, GRID_ROW * (y + 1) - 1)))
    return Page(1, 1000.0, GRID_ROW * len(rows), tuple(words), gridded=True)


def _spread(row: list[str]) -> Iterator[list[str]]:
    """Yield a row of texts of several lines as that many rows, and a row with figures as it is."""
    lines = [text.split("\n") for text in row]
    if max(map(len, lines), default=1) < 2 or any(readings(text) for text in row):
        yield [text.replace("\n", " ") for text in row]
        return
    for index in range(max(map(len, lines))):
        yield [cell[index] if index < len(cell) else "" for cell in lines]


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
            lines = (" ".join(line.split()) for line in cell.text.splitlines())
            texts.append("" if merged else "\n".join(line for line in lines if line))
        yield texts
