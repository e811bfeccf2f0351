"""Reports at the command line: as a table, or as CSV, XLSX or JSON."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from buydesk.commands.shared import OrganisationName, installation, organisation_named, print_json, print_table
from web.desk.refused import CommandError

reports = typer.Typer(help="What managers look at: volumes, times, exceptions, spend.", no_args_is_help=True)


class Format(StrEnum):
    """How a report is given out."""

    TABLE = "table"
    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


@reports.command("list")
def list_reports() -> None:
    """List the reports by name."""
    from web.desk.reports.shelf import REPORTS

    for name in REPORTS:
        print(name)


@reports.command("show")
def show(
    name: Annotated[str, typer.Argument(help="The report's name (buydesk reports list).")],
    organisation: OrganisationName = None,
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day (today).")] = None,
    form: Annotated[Format, typer.Option("--format", help="How it is given out.")] = Format.TABLE,
    target: Annotated[Path | None, typer.Option("--output", help="The file to write (needed for xlsx).")] = None,
) -> None:
    """Show one report over a period; the last 30 days where none is named."""
    from records.base import utc_now
    from web.desk.reports.figures import PeriodError, period_of
    from web.desk.reports.files import as_csv, as_json, as_xlsx
    from web.desk.reports.shelf import report_named

    make = report_named(name)
    with installation().database.read() as session:
        owner = organisation_named(session, organisation)
        try:
            period = period_of(owner, first.date() if first else None, last.date() if last else None, utc_now())
        except PeriodError as error:
            raise CommandError(str(error)) from error
        report = make(session, owner, period)
    if form in (Format.CSV, Format.XLSX):
        _write(as_csv(report) if form is Format.CSV else as_xlsx(report), target, is_text=form is Format.CSV)
    elif form is Format.JSON:
        print_json(as_json(report))
    else:
        cells = [["" if value is None else value for value in row] for row in report.rows]
        print_table(report.title, [column.heading for column in report.columns], cells)
        print("\n".join(report.notes))


def _write(data: bytes, target: Path | None, *, is_text: bool) -> None:
    if target is not None:
        target.write_bytes(data)
    elif is_text:
        print(data.decode(), end="")
    else:
        raise CommandError("Say with --output where the workbook is to be written.")
