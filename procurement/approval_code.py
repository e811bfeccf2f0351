"""One-time codes: what an approver who opens the page by his link must know besides the link.

Six digits go to his address of record on request. They are kept as a salted hash, live for minutes and bear
few tries, so that neither the link nor the database is enough to decide.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

LIFE = timedelta(minutes=15)
MOST_TRIES = 5
MOST_CODES = 3  # for one approval within an hour
DIGITS = 6


@dataclass(frozen=True)
class KeptCode:
    """A code as it is kept: its hash, until when it counts (exclusive) and how often it was tried or used up."""

    salt: str
    hashed: str
    expires_at: datetime
    tries: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        whole = {"salt": self.salt, "hashed": self.hashed, "tries": self.tries}
        return whole | {"expires_at": self.expires_at.isoformat()}


def kept_code(values: dict[str, Any]) -> KeptCode:
    """Return what ``KeptCode.as_dict`` wrote."""
    return KeptCode(
        values["salt"], values["hashed"], datetime.fromisoformat(values["expires_at"]), int(values["tries"])
    )


def keep(code: str, salt: str, now: datetime) -> KeptCode:
    """Return the form in which a new ``code`` is kept."""
    return KeptCode(salt, _hashed(code, salt), now + LIFE)


def is_alive(kept: KeptCode, now: datetime) -> bool:
    """Whether an answer may still be compared with the code at all."""
    return kept.tries < MOST_TRIES and now < kept.expires_at


def is_right(kept: KeptCode, answer: str, now: datetime) -> bool:
    """Whether ``answer`` is the code, and the code still counts; spaces do not matter."""
    given = "".join(answer.split())
    return is_alive(kept, now) and hmac.compare_digest(_hashed(given, kept.salt), kept.hashed)


def _hashed(code: str, salt: str) -> str:
    return hashlib.scrypt(code.encode(), salt=bytes.fromhex(salt), n=2**14, r=8, p=1).hex()
