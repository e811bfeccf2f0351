"""How often a sign-in may fail: by account, and by network address."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from records.tables import LoginFailure
from web.seal import hashed

PERIOD = timedelta(minutes=15)
OF_ACCOUNT, OF_ADDRESS = 8, 40


def is_blocked(session: Session, account: str, address: str, now: datetime) -> bool:
    """Return whether so many tries failed of late that no further one is looked at."""
    return (
        _failures(session, _account(account), now) >= OF_ACCOUNT
        or _failures(session, _address(address), now) >= OF_ADDRESS
    )


def note_failure(session: Session, account: str, address: str, now: datetime) -> None:
    """Count a failed try, and forget those that count no longer."""
    session.execute(delete(LoginFailure).where(LoginFailure.at < now - PERIOD))
    session.add_all([LoginFailure(about=one, at=now) for one in (_account(account), _address(address))])


def forgive(session: Session, account: str) -> None:
    """Forget the failures of an account that has signed in."""
    session.execute(delete(LoginFailure).where(LoginFailure.about == _account(account)))


def _failures(session: Session, about: str, now: datetime) -> int:
    counted = select(func.count()).where(LoginFailure.about == about, LoginFailure.at > now - PERIOD)
    return session.scalar(counted) or 0


def _account(email: str) -> str:
    return hashed(f"account {email}")


def _address(address: str) -> str:
    return hashed(f"address {address}")
