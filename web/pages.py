"""Pages as answers: a template, filled with its values and with what every page shows."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from templates.web_page import web_page
from web.access import Here, Membership, SignInError, Visitor, visitor_of
from web.csrf import expected
from web.navigation import entries
from web.place import place_of


def page(request: Request, name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Return the page ``templates/web/NAME``.

    Templates know besides ``values``: ``visitor`` (None where nobody is signed in), ``organisation``
    (a Membership, None where the page belongs to none), ``csrf``, ``navigation``, ``path`` and ``time``.
    """
    visitor = _visitor(request)
    member: Membership | None = getattr(request.state, "member", None)
    zone = ZoneInfo(member.time_zone if member else "UTC")
    shown = {
        "visitor": visitor,
        "organisation": member,
        "csrf": expected(request, place_of(request)),
        "navigation": entries(member, request.url.path) if member else (),
        "path": request.url.path,
        "time": lambda moment: _time(moment, zone),
    }
    return HTMLResponse(web_page(name, shown | values), status_code=status)


def go(path: str) -> RedirectResponse:
    """Return the answer to a form that was done: the browser goes on to ``path``."""
    return RedirectResponse(path, status_code=303)


def at(here: Here, path: str) -> str:
    """Return the path of a page of the organisation, e.g. ``at(here, "exceptions/12")``."""
    return f"/o/{here.member.slug}/{path}"


def _visitor(request: Request) -> Visitor | None:
    try:
        return visitor_of(request)
    except SignInError:
        return None


def _time(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else ""
