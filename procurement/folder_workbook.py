"""An organisation's tables as one XLSX workbook, a sheet a table, and back.

Texts stay texts (no cell is a formula), days are days, numbers are numbers as far as a spreadsheet keeps them.
"""

import io
import zipfile
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils.exceptions import IllegalCharacterError, InvalidFileException

from procurement.folder_data import Fault
from procurement.folder_export import Cell, cell_text, csv_bytes

MOST_DIGITS = 15  # that a spreadsheet's numbers keep
MOST_BYTES = 200_000_000  # of a workbook unpacked


@dataclass(frozen=True)
class Sheet:
    """One sheet as CSV; ``starts`` holds the line of the CSV on which each of its rows begins."""

    name: str
    data: bytes
    starts: tuple[int, ...]


def write_workbook(tables: Mapping[str, list[list[Cell]]]) -> bytes:
    """Return the tables (by file name) as a workbook with one sheet each, called as the file is."""
    book = Workbook(write_only=True)
    for file, table in tables.items():
        sheet = book.create_sheet(file.removesuffix(".csv"))
        sheet.freeze_panes = "A2"
        for number, row in enumerate(table):
            sheet.append([_written(sheet, value, is_header=number == 0) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_workbook(data: bytes, known: Iterable[str], faults: list[Fault]) -> dict[str, Sheet]:
    """Return the sheets by the file that each stands for; what is no table of ``known`` adds a fault."""
    names = {file.removesuffix(".csv"): file for file in known if file.endswith(".csv")}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                raise InvalidFileException("it is too large when unpacked")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        rows = {sheet.title.strip().lower(): list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError, SyntaxError) as error:
        faults.append(Fault("the workbook", None, f"it is not readable as XLSX ({error})"))
        return {}
    found: dict[str, Sheet] = {}
    for title, values in rows.items():
        if title in names:
            found[names[title]] = _sheet(title, values)
        else:
            faults.append(Fault(f"sheet {title}", None, f"there is no such table; known are {', '.join(names)}"))
    return found


def in_sheets(faults: Iterable[Fault], sheets: Mapping[str, Sheet]) -> tuple[Fault, ...]:
    """Return faults of files as faults of the sheets that they came from, with the row instead of the line."""
    return tuple(_in_sheet(fault, sheets[fault.file]) if fault.file in sheets else fault for fault in faults)


def _in_sheet(fault: Fault, sheet: Sheet) -> Fault:
    row = bisect_right(sheet.starts, fault.line) if fault.line else None
    return replace(fault, file=f"sheet {sheet.name}", line=row)


def _sheet(title: str, values: list[tuple[Any, ...]]) -> Sheet:
    table = [[_read(value) for value in row] for row in values]
    width = max((len(row) for row in table if any(row)), default=0)
    while width and not any(row[width - 1] for row in table if len(row) >= width):
        width -= 1  # columns that only have a format
    starts, line = [], 1
    for row in table:
        starts.append(line)
        line += max(1, len(list(io.StringIO(csv_bytes([row[:width]]).decode(), newline=""))))
    return Sheet(title, csv_bytes(row[:width] + [""] * (width - len(row)) for row in table), tuple(starts))


def _read(value: Any) -> str:
    """Return the value of a cell as a text in the form that files have it."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return cell_text(value) if isinstance(value, date | bool) or value is None else str(value)


def _written(sheet: Any, value: Cell, *, is_header: bool) -> Any:
    if isinstance(value, Decimal) and len(value.as_tuple().digits) <= MOST_DIGITS:
        return _number_cell(sheet, value)
    if isinstance(value, date):
        cell = _number_cell(sheet, value)
        cell.number_format = "yyyy-mm-dd"
        return cell
    return _text_cell(sheet, value if isinstance(value, str) else cell_text(value), is_header)


def _number_cell(sheet: Any, value: Any) -> Any:
    return WriteOnlyCell(sheet, value)


def _text_cell(sheet: Any, text: str, is_header: bool) -> Any:
    """Return a cell that is a text whatever it says; characters that XML cannot hold become a mark."""
    try:
        cell = WriteOnlyCell(sheet, text)
    except IllegalCharacterError:
        cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text))
    cell.data_type, cell.quotePrefix = "s", True
    if is_header:
        cell.font = Font(bold=True)
    return cell
