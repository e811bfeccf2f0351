"""What is derived from the installation's one key: sealed secrets, and marks that only we can make."""

import base64
import hashlib
import hmac
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken


def key_in(folder: Path) -> bytes:
    """Return the key kept in ``folder``, which is made (readable by its owner alone) where there is none."""
    file = folder / "web.key"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(32), encoding="ascii")
    return file.read_text(encoding="ascii").strip().encode()


def mark(key: bytes, *words: str) -> str:
    """Return what proves that ``words`` came from us: 43 characters."""
    digest = hmac.digest(key, "\0".join(words).encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def fits(key: bytes, told: str, *words: str) -> bool:
    """Return whether ``told`` is our mark of ``words``."""
    return hmac.compare_digest(mark(key, *words).encode(), told.encode())


def seal(key: bytes, secret: str) -> str:
    """Return ``secret`` so that only the key opens it."""
    return _fernet(key).encrypt(secret.encode()).decode()


def unseal(key: bytes, sealed: str) -> str | None:
    """Return what was sealed; None where it was sealed with another key."""
    try:
        return _fernet(key).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def hashed(token: str) -> str:
    """Return the SHA-256 of a random token: what is kept of it."""
    return hashlib.sha256(token.encode()).hexdigest()


def _fernet(key: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hmac.digest(key, b"seal", hashlib.sha256)))
