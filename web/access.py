"""Who may do what: roles in organisations, and the guard that every route declares.

A route of an organisation has ``{organisation}`` in its path and ``Depends(allowed(Role...))``; what is not the
visitor's is not there for him (404). A route of people without an organisation declares ``signed_in``, one for
everybody ``everybody``. The guard also checks that a form was sent by one of our own pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from sqlalchemy import select

from records.tables import Grant, Organisation, User
from web import sessions
from web.csrf import check_form, read_form
from web.place import Place, place_of
from web.seal import mark


class Role(StrEnum):
    """What somebody is in an organisation."""

    REQUESTER = "requester"
    APPROVER = "approver"
    BUYER = "buyer"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"  # sees all, changes nothing


EVERY_ROLE = tuple(Role)
DESK = (Role.AGENT, Role.SUPERVISOR, Role.BUYER, Role.ADMINISTRATOR)  # who works on what is held up
READS_ALL = (*DESK, Role.AUDITOR)
NEED_PROOF = frozenset({Role.APPROVER, Role.ADMINISTRATOR})  # of a second factor: they sign, and change bank accounts


class SignInError(Exception):
    """Raised where somebody must sign in first; ``step`` is where: login, code or enrol."""

    def __init__(self, step: str = "login") -> None:
        super().__init__(step)
        self.step = step


@dataclass(frozen=True)
class Membership:
    """An organisation, and what the visitor is in it."""

    organisation_id: int
    slug: str
    name: str
    currency: str
    time_zone: str
    roles: frozenset[Role]


@dataclass(frozen=True)
class Visitor:
    """Who is signed in. ``enrolled`` has a second factor; ``proven`` has shown it in this session."""

    user_id: int
    email: str
    name: str
    session_id: int
    csrf: str
    enrolled: bool
    proven: bool
    memberships: Mapping[str, Membership] = field(default_factory=dict)


@dataclass(frozen=True)
class Here:
    """A request that was let in: the place, who asks, and in which organisation."""

    place: Place
    visitor: Visitor
    member: Membership

    @property
    def organisation_id(self) -> int:
        """Return the organisation to which every query is scoped."""
        return self.member.organisation_id

    @property
    def by(self) -> str:
        """Return who acts, as the audit chain names him."""
        return self.visitor.email

    def may(self, *roles: Role) -> bool:
        """Return whether the visitor has one of ``roles`` here."""
        return bool(self.member.roles & set(roles))


Form = Annotated[None, Depends(read_form)]


class Guard:
    """Lets in who has one of ``roles`` in the organisation of the path; with ``proof`` only by a second factor."""

    def __init__(self, roles: tuple[Role, ...], *, proof: bool = False) -> None:
        self.roles, self.proof = frozenset(roles), proof

    def __call__(self, request: Request, organisation: str, _: Form) -> Here:
        """Return the request that was let in; raises SignInError, 404 or 403."""
        visitor = visitor_of(request)
        check_form(request)
        member = visitor.memberships.get(organisation)
        if member is None:
            raise HTTPException(404)
        if not (having := member.roles & self.roles):
            raise HTTPException(403)
        if (self.proof or having <= NEED_PROOF) and not visitor.proven:
            raise SignInError("code" if visitor.enrolled else "enrol")
        here = Here(place_of(request), visitor, member)
        request.state.member = member
        return here


def allowed(*roles: Role) -> Guard:
    """Return the guard that lets in who has one of ``roles``."""
    return Guard(roles)


def proven(*roles: Role) -> Guard:
    """Return the guard that lets in who has one of ``roles`` and has shown a second factor."""
    return Guard(roles, proof=True)


def signed_in(request: Request, _: Form) -> Visitor:
    """Return who is signed in; raises SignInError where nobody is."""
    visitor = visitor_of(request)
    check_form(request)
    return visitor


def everybody(request: Request, _: Form) -> None:
    """Let everybody in; forms are checked all the same."""
    check_form(request)


def visitor_of(request: Request) -> Visitor:
    """Return who is signed in, looked up once a request; raises SignInError."""
    known: Visitor | None = getattr(request.state, "visitor", None)
    if known is not None:
        return known
    place = place_of(request)
    token = request.cookies.get(cookie_name(place))
    found = sessions.find(place, token) if token else None
    visitor = _visitor(place, found) if found else None
    if found is None or visitor is None:
        raise SignInError
    if visitor.enrolled and not visitor.proven and not request.url.path.startswith(("/login", "/logout")):
        raise SignInError("code")
    request.state.visitor = visitor
    if found.token:
        request.state.session_token = found.token
    return visitor


def cookie_name(place: Place) -> str:
    """Return the name of the cookie that holds the session's token."""
    return "__Host-buydesk" if place.is_secure else "buydesk"


def session_mark(place: Place, session_id: int) -> str:
    """Return what forms of a session must carry."""
    return mark(place.key, "form", str(session_id))


def _visitor(place: Place, found: sessions.Open) -> Visitor | None:
    with place.database.read() as session:
        user = session.get(User, found.user_id)
        if user is None or not user.active:
            return None
        rows = session.execute(
            select(Organisation, Grant.role)
            .join(Grant, Grant.organisation_id == Organisation.id)
            .where(Grant.user_id == user.id)
            .order_by(Organisation.name, Organisation.id)
        ).all()
    roles: dict[str, set[Role]] = {}
    for organisation, role in rows:
        roles.setdefault(organisation.slug, set()).add(Role(role))
    memberships = {
        one.slug: Membership(one.id, one.slug, one.name, one.currency, one.time_zone, frozenset(roles[one.slug]))
        for one, _ in rows
    }
    mark_of_forms = session_mark(place, found.session_id)
    enrolled = user.totp_secret is not None
    return Visitor(user.id, user.email, user.name, found.session_id, mark_of_forms, enrolled, found.proven, memberships)
