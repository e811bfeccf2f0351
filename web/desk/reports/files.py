"""A report as a file: CSV and XLSX with the same rows; formulas are neutralised where they are written."""

import csv
import io
from decimal import Decimal

from procurement.folder_export import Cell
from procurement.folder_workbook import write_workbook
from procurement.formulas import neutral
from web.desk.reports.figures import Report, Value

SHEET_NAME = 31  # characters


def as_csv(report: Report) -> bytes:
    """Return the rows as CSV in UTF-8 with a header of keys; decimals with a point, days as ISO 8601."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([column.key for column in report.columns])
    writer.writerows([neutral(_text(value)) for value in row] for row in report.rows)
    return target.getvalue().encode()


def as_xlsx(report: Report) -> bytes:
    """Return the rows as one sheet of a workbook under the headings of the page."""
    header: list[Cell] = [column.heading for column in report.columns]
    rows: list[list[Cell]] = [[_cell(value) for value in row] for row in report.rows]
    return write_workbook({report.title[:SHEET_NAME]: [header, *rows]})


def as_json(report: Report) -> dict[str, object]:
    """Return the report as JSON-ready values; decimals and days as texts."""
    keys = [column.key for column in report.columns]
    return {
        "name": report.name,
        "title": report.title,
        "currency": report.currency,
        "notes": list(report.notes),
        "rows": [dict(zip(keys, map(_json, row), strict=True)) for row in report.rows],
    }


def _cell(value: Value) -> Cell:
    return Decimal(value) if isinstance(value, int) else value


def _text(value: Value) -> str:
    return "" if value is None else format(value, "f") if isinstance(value, Decimal) else str(value)


def _json(value: Value) -> str | int | None:
    return value if value is None or isinstance(value, int) else _text(value)
