"""Previews of what goes out: each email and the order's print, in the organisation's own words, in every language."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from dispatch.samples import VALUES
from records.tables import Organisation
from templates.language import LOCALES
from web.access import Here, Role, allowed
from web.desk.own_templates import preview_mail, preview_order, templates_of
from web.pages import page

router = APIRouter(prefix="/o/{organisation}/previews")
Reader = Annotated[Here, Depends(allowed(Role.SUPERVISOR, Role.BUYER, Role.ADMINISTRATOR, Role.AUDITOR))]
FRAMED = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"


@router.get("")
def choose(request: Request, here: Reader, name: str = "order", language: str = "en") -> Response:
    """Show one email as it would be sent, and the way to all others and to the order's PDF."""
    _known(name, language)
    with here.place.database.read() as session:
        organisation = session.get_one(Organisation, here.organisation_id)
        mine = templates_of(session, organisation)
        mail = preview_mail(name, language, organisation.name, mine)
    own = [path for path, _ in mine.files]
    values: dict[str, Any] = {
        "names": sorted(VALUES),
        "languages": list(LOCALES),
        "language": language,
        "mail": mail,
        "own": own,
    }
    return page(request, "previews.html", letter=name, **values)


@router.get("/{letter}/{language}/html")
def framed(here: Reader, letter: str, language: str) -> Response:
    """Return the email's HTML for the frame of the page: it runs nothing and loads nothing."""
    _known(letter, language)
    with here.place.database.read() as session:
        organisation = session.get_one(Organisation, here.organisation_id)
        mail = preview_mail(letter, language, organisation.name, templates_of(session, organisation))
    headers = {"content-security-policy": FRAMED, "x-frame-options": "SAMEORIGIN"}
    return HTMLResponse(mail.html, headers=headers)


@router.get("/order/{language}/pdf")
def printed(here: Reader, language: str) -> Response:
    """Return an example of an order as PDF."""
    _known("order", language)
    with here.place.database.read() as session:
        organisation = session.get_one(Organisation, here.organisation_id)
        name, accent, mine = organisation.name, organisation.accent, templates_of(session, organisation)
    return Response(preview_order(language, name, accent, mine), media_type="application/pdf")


def _known(name: str, language: str) -> None:
    if name not in VALUES or language not in LOCALES:
        raise HTTPException(404)
