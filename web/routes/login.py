"""Signing in: password or link, then the second factor; and signing out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy import select

from records.tables import User, WebSession
from web import sessions
from web.access import Visitor, everybody, signed_in
from web.headers import GONE
from web.limits import forgive, is_blocked, note_failure
from web.pages import go, page
from web.passwords import is_password
from web.place import place_of
from web.second_factor import is_proof

router = APIRouter()
Everybody = Depends(everybody)
SignedIn = Annotated[Visitor, Depends(signed_in)]
WRONG = "This address and password do not fit together."
WRONG_CODE = "This code is not right, or was used already."
TOO_OFTEN = "Too many tries failed. Wait a quarter of an hour, then try again."


@router.get("/login", dependencies=[Everybody])
def login_page(request: Request, next: str = "/") -> Response:
    """Show the form."""
    return _form(request, onward(next))


@router.post("/login", dependencies=[Everybody])
def login(
    request: Request,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Sign in with a password."""
    place, email, address = place_of(request), email.strip().lower()[:254], _address(request)
    with place.database.read() as session:
        if is_blocked(session, email, address, place.clock()):
            return _form(request, onward(next), email, TOO_OFTEN, 429)
        user = session.scalars(select(User).where(User.email == email, User.active)).one_or_none()
    right = is_password(user.password_hash if user else None, password)
    with place.database.session() as session:
        if user is None or not right:
            note_failure(session, email, address, place.clock())
            session.commit()
            return _form(request, onward(next), email, WRONG, 401)
        if user.totp_secret is None:
            forgive(session, email)
        request.state.session_token = sessions.begin(session, place, user)
    return go(onward(next))


@router.get("/login/link/{token}", dependencies=[Everybody])
def link_page(request: Request, token: str) -> Response:
    """Ask for the click that uses the link: programs that open links use nothing up."""
    return page(request, "login_link.html", token=token)


@router.post("/login/link/{token}", dependencies=[Everybody])
def link(request: Request, token: str) -> Response:
    """Sign in by a link, once."""
    place = place_of(request)
    with place.database.session() as session:
        user = sessions.use_link(session, token, place.clock())
        if user is not None:
            request.state.session_token = sessions.begin(session, place, user)
    if user is None:
        return page(request, "refused.html", status=404, sentence="This link was used already, or is too old.")
    return go("/")


@router.get("/login/code")
def code_page(request: Request, visitor: SignedIn) -> Response:
    """Ask for the second factor."""
    return page(request, "login_code.html", sentence="") if visitor.enrolled else go("/account/second-factor")


@router.post("/login/code")
def code(request: Request, visitor: SignedIn, code: Annotated[str, Form()] = "") -> Response:
    """Show the second factor; the session gets a new token with it."""
    place = place_of(request)
    with place.database.session() as session:
        user = session.get_one(User, visitor.user_id, with_for_update=True)
        if is_blocked(session, user.email, _address(request), place.clock()):
            return page(request, "login_code.html", status=429, sentence=TOO_OFTEN)
        if not is_proof(user, place.key, code[:40], place.clock()):
            note_failure(session, user.email, _address(request), place.clock())
            session.commit()
            return page(request, "login_code.html", status=401, sentence=WRONG_CODE)
        forgive(session, user.email)
        sessions.end(session, visitor.session_id)
        request.state.session_token = sessions.begin(session, place, user, proven=True)
    return go("/")


@router.post("/logout")
def logout(request: Request, visitor: SignedIn) -> Response:
    """Sign out."""
    with place_of(request).database.session() as session:
        if session.get(WebSession, visitor.session_id):
            sessions.end(session, visitor.session_id)
    request.state.session_token = GONE
    return go("/login")


def onward(path: str) -> str:
    """Return where to go after signing in: a page of ours, never another site."""
    harmless = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if harmless and "\\" not in path else "/"


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _form(request: Request, next: str, email: str = "", sentence: str = "", status: int = 200) -> Response:
    by_provider = place_of(request).oidc is not None
    values = {"next": next, "email": email, "sentence": sentence, "by_provider": by_provider}
    return page(request, "login.html", status=status, **values)
