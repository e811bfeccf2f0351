"""Far-off cells of XLSX sheets: one cell in the last corner must not make a sheet of 17 billion cells.

Libraries build the whole rectangle that a sheet spans. Cells that no order reaches are taken out first;
cells beyond the grid that the format has are refused.
"""

import io
import re
import zipfile
from typing import Any

from lxml import etree

MOST_ROWS, MOST_COLUMNS = 50_000, 300
_GRID_ROWS, _GRID_COLUMNS = 1_048_576, 16_384
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,4})(\d{1,9})"')
_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d{1,9})"')


class BeyondGridError(ValueError):
    """A cell stands where no sheet has one."""


def bounded(data: bytes) -> bytes:
    """Return the workbook without cells beyond row 50,000 or column 300, itself if none are; raises BeyondGridError."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        far = {name for name in archive.namelist() if _SHEET.fullmatch(name) and _is_far(archive.read(name))}
        if not far:
            return data
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as copy:
            for entry in archive.infolist():
                content = archive.read(entry)
                copy.writestr(entry.filename, _near(content) if entry.filename in far else content)
        return buffer.getvalue()


def _is_far(xml: bytes) -> bool:
    places = [(column_number(m[1].decode()), int(m[2])) for m in _CELL.finditer(xml)]
    rows = [row for _, row in places] + [int(m[1]) for m in _ROW.finditer(xml)]
    columns = [column for column, _ in places]
    if max(rows, default=0) > _GRID_ROWS or max(columns, default=0) > _GRID_COLUMNS:
        raise BeyondGridError("A cell of the workbook stands beyond the grid that the format has.")
    return max(rows, default=0) > MOST_ROWS or max(columns, default=0) > MOST_COLUMNS


def column_number(letters: str) -> int:
    """Return the number of a column counted from 1.

    >>> column_number("A"), column_number("AA"), column_number("XFD")
    (1, 27, 16384)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _near(xml: bytes) -> bytes:
    """Return a sheet without its far cells and without the rectangle that it claims to span."""
    root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    for dimension in root.iterfind("{*}dimension"):
        root.remove(dimension)
    for row in list(root.iterfind("{*}sheetData/{*}row")):
        if int(row.get("r", "0")) > MOST_ROWS:
            row.getparent().remove(row)
        else:
            _drop_far_cells(row)
    return bytes(etree.tostring(root))


def _drop_far_cells(row: Any) -> None:
    for cell in list(row.iterfind("{*}c")):
        letters = re.match(r"[A-Z]+", cell.get("r", "A"))
        if letters and column_number(letters[0]) > MOST_COLUMNS:
            row.remove(cell)
