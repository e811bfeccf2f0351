"""Forms count only if one of our own pages sent them: a mark that is bound to the session or the visit."""

import hmac
import secrets
from urllib.parse import urlsplit

from fastapi import HTTPException, Request

from web.place import Place, place_of
from web.seal import mark

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
MOST_FIELDS, MOST_FILES = 1000, 10
VISIT = "buydesk-visit"  # a cookie of who is not signed in yet


async def read_form(request: Request) -> None:
    """Read the form of a request, for ``check_form``; raises 403 where another site sent it."""
    if request.method in SAFE:
        return
    if _is_foreign(request):
        raise HTTPException(403)
    form = request.state.form = await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS)
    told = form.get("csrf")
    request.state.form_mark = told if isinstance(told, str) else request.headers.get("x-csrf-token", "")


def _is_foreign(request: Request) -> bool:
    """Return whether the browser says that another site sent this; "null" is what our referrer policy leaves."""
    origin, fetched = request.headers.get("origin", "null"), request.headers.get("sec-fetch-site", "same-origin")
    return (origin != "null" and urlsplit(origin).netloc != place_of(request).host) or fetched != "same-origin"


def check_form(request: Request) -> None:
    """Let a request through that changes nothing, or that one of our pages sent; raises 403."""
    if request.method in SAFE:
        return
    wanted, told = expected(request, place_of(request)), request.state.form_mark
    if not hmac.compare_digest(wanted.encode(), told.encode()):
        raise HTTPException(403)


def expected(request: Request, place: Place) -> str:
    """Return the mark that forms sent by this browser carry."""
    from web.access import SignInError, visitor_of

    try:
        return visitor_of(request).csrf
    except SignInError:
        return mark(place.key, "visit", visit(request))


def visit(request: Request) -> str:
    """Return the random name of a visit; the answer sets it as a cookie where it is new."""
    known = getattr(request.state, "visit", None) or request.cookies.get(VISIT)
    if known is None:
        known = secrets.token_urlsafe(24)
        request.state.new_visit = known
    request.state.visit = known
    return str(known)
