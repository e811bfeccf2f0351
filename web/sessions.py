"""Sessions: opaque tokens that change every few minutes, kept as hashes, ended by rest, by age and by sign-out."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from records.tables import LoginLink, User, WebSession
from web.place import Place
from web.seal import hashed

ROTATES_AFTER = timedelta(minutes=10)
OVERLAP = timedelta(seconds=60)  # in which the token before still counts
_NOTED_AFTER = timedelta(minutes=1)  # the time of the last request is kept no finer


@dataclass(frozen=True)
class Open:
    """A session that counts; ``token`` is what the browser should hold from now on, None: what it has."""

    session_id: int
    user_id: int
    proven: bool
    token: str | None = None


def begin(session: Session, place: Place, user: User, *, proven: bool = False) -> str:
    """Open a session of ``user`` and return its token."""
    now, token = place.clock(), secrets.token_urlsafe(32)
    session.execute(delete(WebSession).where(WebSession.expires_at < now))
    session.add(
        WebSession(
            user_id=user.id,
            token_hash=hashed(token),
            rotated_at=now,
            seen_at=now,
            expires_at=now + place.longest,
            proven=proven,
        )
    )
    return token


def find(place: Place, token: str) -> Open | None:
    """Return the session of ``token``, rotated where it is time; None where it counts no longer."""
    now = place.clock()
    with place.database.read() as session:
        row = _row(session, token)
        if row is None or not _counts(place, row, token, now):
            return None
        found = Open(row.id, row.user_id, row.proven)
        rested = now - row.seen_at > _NOTED_AFTER or now - row.rotated_at > ROTATES_AFTER
    return _touch(place, found, token, now) if rested else found


def end(session: Session, session_id: int) -> None:
    """End one session."""
    session.execute(delete(WebSession).where(WebSession.id == session_id))


def end_all(session: Session, user_id: int) -> None:
    """End every session of a user."""
    session.execute(delete(WebSession).where(WebSession.user_id == user_id))


def link_token(session: Session, user: User, now: datetime, lasts: timedelta) -> str:
    """Return the token of a new link that signs ``user`` in once."""
    token = secrets.token_urlsafe(24)
    session.add(LoginLink(token_hash=hashed(token), user_id=user.id, expires_at=now + lasts))
    return token


def use_link(session: Session, token: str, now: datetime) -> User | None:
    """Return whom the link signs in, and use it up; None where it was used, or is too old."""
    row = session.scalars(
        select(LoginLink).where(LoginLink.token_hash == hashed(token)).with_for_update()
    ).one_or_none()
    if row is None:
        return None
    session.delete(row)
    user = session.get(User, row.user_id)
    return user if row.expires_at > now and user is not None and user.active else None


def _row(session: Session, token: str) -> WebSession | None:
    mark = hashed(token)
    known = or_(WebSession.token_hash == mark, WebSession.previous_hash == mark)
    return session.scalars(select(WebSession).where(known)).one_or_none()


def _counts(place: Place, row: WebSession, token: str, now: datetime) -> bool:
    late = row.token_hash != hashed(token) and now - row.rotated_at > OVERLAP
    return not late and now < row.expires_at and now - row.seen_at < place.idle


def _touch(place: Place, found: Open, token: str, now: datetime) -> Open:
    """Note that the session is in use, and give it a new token where the old one is of age."""
    fresh = None
    with place.database.session() as session:
        row = session.get(WebSession, found.session_id, with_for_update=True)
        if row is None:
            return found
        row.seen_at = now
        if now - row.rotated_at > ROTATES_AFTER and row.token_hash == hashed(token):
            fresh = secrets.token_urlsafe(32)
            row.previous_hash, row.token_hash, row.rotated_at = row.token_hash, hashed(fresh), now
    return Open(found.session_id, found.user_id, found.proven, fresh)
