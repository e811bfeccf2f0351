"""Reports: the shelf of them, each with its chart and table, and the file behind it."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response
from markupsafe import Markup

from records.tables import Organisation
from web.access import Here, Role, allowed
from web.charts import chart
from web.desk.refused import CommandError
from web.desk.reports.figures import PeriodError, Report, period_of
from web.desk.reports.files import as_csv, as_xlsx
from web.desk.reports.shelf import REPORTS
from web.pages import page

router = APIRouter(prefix="/o/{organisation}/reports")
READERS = (Role.SUPERVISOR, Role.BUYER, Role.ADMINISTRATOR, Role.AUDITOR)
Reader = Annotated[Here, Depends(allowed(*READERS))]
FILES = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
}


@router.get("")
def shelf(request: Request, here: Reader, first: str = "", last: str = "") -> Response:
    """Show the four reports that managers look at first, and the way to all of them."""
    shown = ("volumes", "touchless", "cycle-times", "service-levels")
    made = [_made(here, name, first, last) for name in shown]
    return page(request, "reports.html", reports=_drawn(made), names=list(REPORTS), first=first, last=last)


@router.get("/{name}")
def show(request: Request, here: Reader, name: str, first: str = "", last: str = "") -> Response:
    """Show one report with its table."""
    report = _made(here, name, first, last)
    return page(request, "report.html", reports=_drawn([report]), names=list(REPORTS), first=first, last=last)


@router.get("/{name}/file/{form}")
def download(here: Reader, name: str, form: str, first: str = "", last: str = "") -> Response:
    """Return a report as a file."""
    if form not in FILES:
        raise HTTPException(404)
    media_type, write = FILES[form]
    data = write(_made(here, name, first, last))
    headers = {"content-disposition": f'attachment; filename="{name}.{form}"'}
    return Response(data, media_type=media_type, headers=headers)


def _made(here: Here, name: str, first: str, last: str) -> Report:
    if name not in REPORTS:
        raise HTTPException(404)
    with here.place.database.read() as session:
        organisation = session.get_one(Organisation, here.organisation_id)
        try:
            period = period_of(organisation, _day(first), _day(last), here.place.clock())
        except PeriodError as error:
            raise CommandError(str(error)) from error
        return REPORTS[name](session, organisation, period)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise CommandError(f"{text[:40]} is no day; write it like 2026-07-14.") from error


def _drawn(reports: list[Report]) -> list[tuple[Report, Markup | None]]:
    """Return each report with its chart, whose every text was escaped when it was drawn."""
    return [(one, Markup(drawn) if (drawn := chart(one)) else None) for one in reports]
