"""Users of the workbench: add them, set their passwords, grant them roles, start them over."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from records.audit import record
from records.tables import Grant, LoginFailure, Organisation, User
from web import sessions
from web.access import EVERY_ROLE, Role
from web.desk.refused import CommandError
from web.passwords import password_hash

LINK_LASTS = timedelta(hours=1)


def user_named(session: Session, email: str) -> User:
    """Return the user with this address."""
    user = session.scalars(select(User).where(User.email == email.strip().lower())).one_or_none()
    if user is None:
        raise CommandError(f"There is no user {email}. Add one: buydesk users add {email}")
    return user


def add_user(session: Session, email: str, name: str) -> User:
    """Add a user, who may do nothing yet."""
    email = email.strip().lower()
    if "@" not in email or len(email) > 254 or not email.isprintable() or " " in email:
        raise CommandError(f"{email!r} is no email address.")
    if session.scalars(select(User.id).where(User.email == email)).first():
        raise CommandError(f"There is a user {email} already.")
    user = User(email=email, name=name.strip() or email)
    session.add(user)
    session.flush()
    return user


def set_password(session: Session, user: User, password: str) -> None:
    """Give ``user`` a password; whoever was signed in as him no longer is."""
    user.password_hash = password_hash(password)
    sessions.end_all(session, user.id)
    session.execute(delete(LoginFailure))


def drop_second_factor(session: Session, user: User) -> None:
    """Take the second factor from ``user``, who lost it: he sets up a new one."""
    user.totp_secret = user.totp_step = None
    user.recovery = []
    sessions.end_all(session, user.id)


def set_active(session: Session, user: User, active: bool) -> None:
    """Let ``user`` sign in again, or no longer."""
    user.active = active
    if not active:
        sessions.end_all(session, user.id)


def grant(session: Session, user: User, organisation: Organisation, role: str, by: str) -> None:
    """Give ``user`` a role in an organisation."""
    if role not in list(EVERY_ROLE):
        raise CommandError(f"A role is {', '.join(EVERY_ROLE)}; not {role!r}.")
    known = select(Grant.id).where(
        Grant.user_id == user.id, Grant.organisation_id == organisation.id, Grant.role == role
    )
    if session.scalars(known).first():
        raise CommandError(f"{user.email} is {role} of {organisation.slug} already.")
    session.add(Grant(user_id=user.id, organisation_id=organisation.id, role=role))
    record(session, organisation, "role_granted", by, user=user.email, role=role)


def revoke(session: Session, user: User, organisation: Organisation, role: str, by: str) -> None:
    """Take a role from ``user``."""
    fits = Grant.user_id == user.id, Grant.organisation_id == organisation.id, Grant.role == role
    if session.scalars(select(Grant.id).where(*fits)).first() is None:
        raise CommandError(f"{user.email} is not {role} of {organisation.slug}.")
    session.execute(delete(Grant).where(*fits))
    record(session, organisation, "role_revoked", by, user=user.email, role=role)


def login_link(session: Session, user: User, now: datetime) -> str:
    """Return the path of a link that signs ``user`` in once, within the hour."""
    return f"/login/link/{sessions.link_token(session, user, now, LINK_LASTS)}"


def first_administrator(session: Session, now: datetime) -> str | None:
    """Return the path of a link for the first administrator, where nobody could sign in yet.

    He gets every role but the auditor's in every organisation. None where somebody has signed in before.
    """
    organisations = list(session.scalars(select(Organisation).order_by(Organisation.id)))
    users = list(session.scalars(select(User)))
    if not organisations or any(one.password_hash or one.totp_secret or one.subject for one in users):
        return None
    user = users[0] if users else add_user(session, "administrator@localhost", "Administrator")
    roles = (Role.ADMINISTRATOR, Role.SUPERVISOR, Role.AGENT, Role.BUYER)
    held = {(one.organisation_id, one.role) for one in session.scalars(select(Grant).where(Grant.user_id == user.id))}
    for organisation in organisations:
        for role in roles:
            if (organisation.id, role) not in held:
                grant(session, user, organisation, role, "operator:up")
    return login_link(session, user, now)


def new_password() -> str:
    """Return a password to hand over."""
    return secrets.token_urlsafe(12)
