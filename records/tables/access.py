"""Who may use the workbench: users, what they are granted, their sessions, and what proves them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base, Owned, RowId, utc_now


class User(Base):
    """Somebody who signs in. ``email`` is lower case; without a password he comes by a link.

    ``totp_secret`` is sealed (web.seal), ``recovery`` holds the hashes of codes that were not used yet.
    """

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None] = mapped_column(default=None)
    totp_secret: Mapped[str | None] = mapped_column(default=None)
    totp_step: Mapped[int | None] = mapped_column(RowId, default=None)  # the last that was used: none counts twice
    recovery: Mapped[list[str]] = mapped_column(default=list)
    subject: Mapped[str | None] = mapped_column(String(300), unique=True, default=None)  # "ISSUER SUBJECT"
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Grant(Owned):
    """A role (web.access.Role) that a user has in an organisation."""

    __tablename__ = "role_grant"
    __table_args__ = (UniqueConstraint("user_id", "organisation_id", "role"),)

    user_id: Mapped[int] = mapped_column(RowId, ForeignKey("user_account.id"))
    role: Mapped[str] = mapped_column(String(20))


class WebSession(Base):
    """One browser that is signed in; the hash of what it holds, which changes every few minutes."""

    __tablename__ = "web_session"
    __table_args__ = (Index("ix_web_session_user", "user_id"), Index("ix_web_session_previous", "previous_hash"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    user_id: Mapped[int] = mapped_column(RowId, ForeignKey("user_account.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    previous_hash: Mapped[str | None] = mapped_column(String(64), default=None)  # for requests under way
    rotated_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    proven: Mapped[bool] = mapped_column(default=False)  # by a second factor


class LoginLink(Base):
    """A link that signs a user in once."""

    __tablename__ = "login_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(RowId, ForeignKey("user_account.id"))
    expires_at: Mapped[datetime]


class LoginFailure(Base):
    """A try to sign in that failed; ``about`` is the hash of an account or of a network address."""

    __tablename__ = "login_failure"
    __table_args__ = (Index("ix_login_failure_about", "about", "at"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    about: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class ApiToken(Owned):
    """A token for programs: it acts as its user, in one organisation, within its scopes."""

    __tablename__ = "api_token"

    user_id: Mapped[int] = mapped_column(RowId, ForeignKey("user_account.id"))
    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    last_used_at: Mapped[datetime | None] = mapped_column(default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)


class ApiRequest(Owned):
    """What a program asked for under an idempotency key, and what it was answered; ``asked`` is a SHA-256."""

    __tablename__ = "api_request"
    __table_args__ = (UniqueConstraint("token_id", "key"),)

    token_id: Mapped[int] = mapped_column(RowId, ForeignKey("api_token.id"))
    key: Mapped[str] = mapped_column(String(100))
    asked: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
