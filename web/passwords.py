"""Passwords: argon2 hashes, and checks that take as long for nobody as for somebody."""

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from web.desk.refused import CommandError

SHORTEST, LONGEST = 12, 200
_hasher = PasswordHasher()


def password_hash(password: str) -> str:
    """Return what is kept of ``password``; raises CommandError where it is too short or endless."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise CommandError(f"A password has {SHORTEST} to {LONGEST} characters.")
    if len(set(password)) < 5:
        raise CommandError("This password is the same few characters again and again.")
    return _hasher.hash(password)


def is_password(kept: str | None, password: str) -> bool:
    """Return whether ``password`` is the one that was ``kept``; None takes as long and is never right."""
    try:
        return _hasher.verify(kept or _nobody(), password[:LONGEST]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher.hash("nobody has this password")
