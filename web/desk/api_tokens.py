"""Tokens for programs: made for a user in one organisation, shown once, kept as a hash, taken back."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.audit import record
from records.tables import ApiToken, Grant, Organisation, User
from web.api.access import Scope
from web.desk.refused import CommandError
from web.seal import hashed

PREFIX = "bd_"  # by which a token is known where it does not belong


def add_token(
    session: Session,
    organisation: Organisation,
    user: User,
    name: str,
    scopes: Sequence[str],
    *,
    by: str,
    now: datetime,
    days: int | None = None,
) -> str:
    """Return a new token that acts as ``user`` in ``organisation`` within ``scopes``, for ``days``."""
    if unknown := set(scopes) - set(Scope):
        raise CommandError(f"There is no scope {sorted(unknown)[0]}; there are {', '.join(Scope)}.")
    if not scopes or not name.strip():
        raise CommandError("A token needs a name and at least one scope.")
    granted = select(Grant.id).where(Grant.user_id == user.id, Grant.organisation_id == organisation.id)
    if session.scalars(granted.limit(1)).first() is None:
        raise CommandError(f"{user.email} has no role in {organisation.slug}.")
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        organisation_id=organisation.id,
        user_id=user.id,
        name=name.strip(),
        token_hash=hashed(token),
        scopes=sorted(set(scopes)),
        expires_at=now + timedelta(days=days) if days else None,
    )
    session.add(row)
    session.flush()
    record(session, row, "token_made", by, user=user.email, name=row.name, scopes=row.scopes)
    return token


def tokens_of(session: Session, organisation: Organisation) -> list[dict[str, Any]]:
    """Return the organisation's tokens without what makes them secret."""
    rows = session.execute(
        select(ApiToken, User.email)
        .join(User, User.id == ApiToken.user_id)
        .where(ApiToken.organisation_id == organisation.id)
        .order_by(ApiToken.id)
    )
    names = ("id", "name", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")
    return [{"user": email} | {name: getattr(row, name) for name in names} for row, email in rows]


def revoke_token(session: Session, organisation: Organisation, number: int, by: str, now: datetime) -> None:
    """Let a token count no longer."""
    row = session.get(ApiToken, number)
    if row is None or row.organisation_id != organisation.id:
        raise CommandError(f"There is no token {number} in {organisation.slug}.")
    if row.revoked_at is not None:
        raise CommandError(f"Token {number} was revoked already.")
    row.revoked_at = now
    record(session, row, "token_revoked", by, name=row.name)
