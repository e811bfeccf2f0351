"""Sheets of XLSX, XLS, XLSB and ODS files as gridded pages, the cached values of formulas included.

Hidden sheets, rows and columns do not count: no person who looked at the file saw them.
"""

import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from parsers.formats.sheet_bounds import MOST_COLUMNS, BeyondGridError, bounded
from parsers.page import Page, grid_page

MOST_CELLS = 200_000
MOST_SHEETS = 30


class SheetRefusedError(ValueError):
    """The workbook is beyond what is read; the message says why."""


@dataclass(frozen=True)
class Workbook:
    """One gridded page for each visible sheet with content; ``left_out`` tells what was not read, "" if nothing."""

    pages: tuple[Page, ...]
    left_out: str = ""


def read_spreadsheet(data: bytes) -> Workbook:
    """Return the visible sheets of a workbook; raises SheetRefusedError."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        near = bounded(data) if data[:2] == b"PK" and b"xl/workbook" in data else data
        far, data = near is not data, near
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [
            s
            for s in workbook.sheets_metadata
            if s.visible == SheetVisibleEnum.Visible and s.typ == SheetTypeEnum.WorkSheet
        ]
        pages = []
        if len(sheets) > MOST_SHEETS:
            left_out = f"The workbook has {len(sheets)} sheets; the first {MOST_SHEETS} were read."
        else:
            left_out = "Cells of the workbook that stand further off than any order's were not read." if far else ""
        for number, sheet in enumerate(sheets[:MOST_SHEETS], 1):
            cells = workbook.get_sheet_by_name(sheet.name)
            rows = _texts(cells, _hidden(data, workbook.sheet_names.index(sheet.name)))
            if cells.width > MOST_COLUMNS:
                left_out = left_out or f"A sheet has {cells.width} columns; the first {MOST_COLUMNS} were read."
            pages.append(grid_page(rows, number))
        return Workbook(tuple(page for page in pages if page.words), left_out)
    except BeyondGridError as error:
        raise SheetRefusedError(str(error)) from None
    except CalamineError as error:
        raise SheetRefusedError(f"The workbook cannot be read: {error}.") from None


def _texts(sheet: Any, hidden: tuple[set[int], set[int]]) -> list[list[str]]:
    if sheet.height * sheet.width > 20 * MOST_CELLS:
        raise SheetRefusedError(f"A sheet of the workbook spans {sheet.height} by {sheet.width} cells.")
    hidden_rows, hidden_columns = hidden
    first_row, first_column = sheet.start or (0, 0)
    rows: list[list[str]] = []
    for y, row in enumerate(sheet.iter_rows(), first_row):
        if y not in hidden_rows:
            rows.append(
                [cell_text(v) for x, v in enumerate(row[:MOST_COLUMNS], first_column) if x not in hidden_columns]
            )
    if sum(1 for row in rows for text in row if text) > MOST_CELLS:
        raise SheetRefusedError("A sheet of the workbook has more cells than any order.")
    return rows


def cell_text(value: Any) -> str:
    """Return a cell's value as text that reads one way: point decimals, ISO dates.

    >>> cell_text(12.0), cell_text(0.1 + 0.2), cell_text(date(2026, 11, 5)), cell_text(" x ")
    ('12', '0.3', '2026-11-05', 'x')
    """
    match value:
        case bool():
            return "x" if value else ""
        case float() | int():
            return _number_text(value)
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
        case date():
            return value.isoformat()
        case time() | timedelta() | None:
            return "" if value is None else str(value)
        case _:
            return " ".join(str(value).split())


def _number_text(value: float) -> str:
    """Return a number with a sign that cannot be taken for thousands: 1.25 never becomes ``1.250``."""
    try:
        number = Decimal(repr(round(value, 6))).normalize()
    except InvalidOperation:
        return ""
    text = format(number, "f")
    whole, point, fraction = text.partition(".")
    return f"{whole}.{fraction}0" if point and len(fraction) == 3 else text


def _hidden(data: bytes, index: int) -> tuple[set[int], set[int]]:
    """Return the hidden rows and columns of an XLSX sheet counted from 0; other formats tell none."""
    if data[:2] != b"PK":
        return set(), set()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        name = f"xl/worksheets/sheet{index + 1}.xml"
        if name not in archive.namelist():
            return set(), set()
        return _hidden_in(archive.read(name))


def _hidden_in(xml: bytes) -> tuple[set[int], set[int]]:
    if b"hidden" not in xml:
        return set(), set()
    rows: set[int] = set()
    columns: set[int] = set()
    for match in re.finditer(rb"<(row|col)\b([^>]*\bhidden=\"(?:1|true)\"[^>]*)>", xml):
        facts = dict(re.findall(r'(\w+)="(\d+)"', match[2].decode("ascii", "replace")))
        if match[1] == b"row" and "r" in facts:
            rows.add(int(facts["r"]) - 1)
        elif "min" in facts and "max" in facts:
            columns.update(range(int(facts["min"]) - 1, min(int(facts["max"]), MOST_COLUMNS)))
    return rows, columns
