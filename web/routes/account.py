"""One's own account: the second factor, and the password."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from records.tables import User
from web import sessions
from web.access import Visitor, signed_in
from web.desk.refused import CommandError
from web.pages import go, page
from web.passwords import is_password, password_hash
from web.place import Place, place_of
from web.seal import seal, unseal
from web.second_factor import enrol, new_secret, picture

router = APIRouter(prefix="/account")
SignedIn = Annotated[Visitor, Depends(signed_in)]


@router.get("")
def account(request: Request, visitor: SignedIn) -> Response:
    """Show one's account."""
    return page(request, "account.html", has_password=_has_password(request, visitor))


@router.post("/password")
def change_password(
    request: Request,
    visitor: SignedIn,
    present: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
) -> Response:
    """Set a new password; all sessions end but a new one."""
    place = place_of(request)
    with place.database.session() as session:
        user = session.get_one(User, visitor.user_id)
        if user.password_hash is not None and not is_password(user.password_hash, present):
            raise CommandError("The present password is not right.")
        user.password_hash = password_hash(new)
        sessions.end_all(session, user.id)
        request.state.session_token = sessions.begin(session, place, user, proven=visitor.proven)
    return go("/account")


@router.get("/second-factor")
def second_factor_page(request: Request, visitor: SignedIn) -> Response:
    """Show the secret for an authenticator app."""
    if visitor.enrolled:
        return go("/account")
    return _enrolment(request, visitor, place_of(request), new_secret())


@router.post("/second-factor")
def second_factor(
    request: Request,
    visitor: SignedIn,
    sealed: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
) -> Response:
    """Keep the secret once a code of the app, and the password, were given; show the recovery codes once."""
    place = place_of(request)
    secret = unseal(place.key, sealed)
    if secret is None or visitor.enrolled:
        return go("/account/second-factor")
    with place.database.session() as session:
        user = session.get_one(User, visitor.user_id, with_for_update=True)
        if user.password_hash is not None and not is_password(user.password_hash, password):
            return _enrolment(request, visitor, place, secret, "The password is not right.")
        codes = enrol(user, place.key, secret, code, place.clock())
        if codes is None:
            return _enrolment(request, visitor, place, secret, "This code is not right: is the clock of the app?")
        sessions.end_all(session, user.id)
        request.state.session_token = sessions.begin(session, place, user, proven=True)
    return page(request, "recovery.html", codes=codes)


def _enrolment(request: Request, visitor: Visitor, place: Place, secret: str, sentence: str = "") -> Response:
    values = {
        "secret": secret,
        "sealed": seal(place.key, secret),
        "picture": picture(secret, visitor.email),
        "sentence": sentence,
        "has_password": _has_password(request, visitor),
    }
    return page(request, "second_factor.html", status=422 if sentence else 200, **values)


def _has_password(request: Request, visitor: Visitor) -> bool:
    with place_of(request).database.read() as session:
        return session.get_one(User, visitor.user_id).password_hash is not None
