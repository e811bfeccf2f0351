"""Who a program is: a token that acts as its user, in one organisation, within its scopes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import select

from records.tables import ApiToken, Grant, User
from web.access import Role
from web.api.problem import ApiError
from web.place import Place, place_of
from web.seal import hashed

NOTE_USE = timedelta(minutes=1)  # how exactly the last use of a token is kept
bearer = HTTPBearer(auto_error=False, description="A token made with `buydesk tokens add`.")


class Scope(StrEnum):
    """What a token may be used for."""

    READ = "read"
    EXCEPTIONS = "exceptions"
    ORDERS = "orders"
    RECEIPTS = "receipts"
    INVOICES = "invoices"
    MESSAGES = "messages"


# The roles of which the token's user must have one, to use a scope.
MAY: dict[Scope, frozenset[Role]] = {
    Scope.READ: frozenset({Role.AGENT, Role.SUPERVISOR, Role.BUYER, Role.ADMINISTRATOR, Role.AUDITOR}),
    Scope.EXCEPTIONS: frozenset({Role.AGENT, Role.SUPERVISOR, Role.BUYER, Role.ADMINISTRATOR}),
    Scope.ORDERS: frozenset({Role.BUYER, Role.ADMINISTRATOR}),
    Scope.RECEIPTS: frozenset({Role.BUYER, Role.AGENT, Role.ADMINISTRATOR}),
    Scope.INVOICES: frozenset({Role.BUYER, Role.ADMINISTRATOR}),
    Scope.MESSAGES: frozenset({Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR}),
}


@dataclass(frozen=True)
class Program:
    """A request that was let in."""

    place: Place
    token_id: int
    organisation_id: int
    by: str  # as the audit chain names who acts
    scopes: frozenset[str]


def scoped(scope: Scope) -> Callable[..., Program]:
    """Return the guard that lets in tokens with ``scope`` whose user has a role for it."""

    def guard(
        request: Request, told: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)] = None
    ) -> Program:
        program, roles = _program(place_of(request), told.credentials if told else "")
        if scope not in program.scopes or not roles & MAY[scope]:
            raise ApiError(403, "scope_missing", f"This token may not be used for “{scope}”.")
        return program

    return guard


def _program(place: Place, token: str) -> tuple[Program, set[Role]]:
    now = place.clock()
    with place.database.session() as session:
        row = session.scalars(select(ApiToken).where(ApiToken.token_hash == hashed(token))).one_or_none()
        if row is None or not _counts(row, now):
            raise ApiError(401, "no_token", "Send a token that counts: Authorization: Bearer TOKEN.")
        user = session.get_one(User, row.user_id)
        granted = select(Grant.role).where(Grant.user_id == user.id, Grant.organisation_id == row.organisation_id)
        roles = {Role(one) for one in session.scalars(granted)}
        if not user.active or not roles:
            raise ApiError(401, "no_token", "Whoever this token acts for may not sign in any more.")
        if row.last_used_at is None or now - row.last_used_at > NOTE_USE:
            row.last_used_at = now
        by = f"{user.email} (token {row.name})"
        return Program(place, row.id, row.organisation_id, by, frozenset(row.scopes)), roles


def _counts(row: ApiToken, now: datetime) -> bool:
    return row.revoked_at is None and (row.expires_at is None or now < row.expires_at)


Reads = Annotated[Program, Depends(scoped(Scope.READ))]
