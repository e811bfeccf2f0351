"""Signing in with the organisation's own provider."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from web import sessions
from web.access import everybody
from web.oidc import CALLBACK, COOKIE, LASTS, OidcError, begin, finish, user_of
from web.pages import go, page
from web.place import Place, place_of
from web.routes.login import onward

router = APIRouter(dependencies=[Depends(everybody)])


@router.get("/login/oidc")
def leave(request: Request, next: str = "/") -> Response:
    """Send the browser to the provider."""
    place = place_of(request)
    try:
        begun = begin(place, onward(next))
    except OidcError as error:
        return page(request, "refused.html", status=503, sentence=str(error))
    answer = RedirectResponse(begun.address, 303)
    _keep(answer, place, begun.kept, int(LASTS.total_seconds()))
    return answer


@router.get(CALLBACK)
def come_back(request: Request, state: str = "", code: str = "") -> Response:
    """Sign in who comes back from the provider; a second factor shown there counts here."""
    place = place_of(request)
    try:
        claims, wanted = finish(place, request.cookies.get(COOKIE), state[:200], code[:4000])
        with place.database.session() as session:
            user = user_of(session, claims)
            request.state.session_token = sessions.begin(session, place, user, proven=claims.strong)
        answer: Response = go(onward(wanted))
    except OidcError as error:
        answer = page(request, "refused.html", status=403, sentence=str(error))
    _keep(answer, place, "", 0)
    return answer


def _keep(answer: Response, place: Place, kept: str, seconds: int) -> None:
    answer.set_cookie(
        COOKIE, kept, max_age=seconds, path="/login/oidc", httponly=True, samesite="lax", secure=place.is_secure
    )
