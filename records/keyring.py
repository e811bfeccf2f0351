"""The keys that seal what must not be read in the database: one Fernet key or several, the newest first.

The newest seals, each of them opens, so that a key can be changed while the desk runs. Where values are to be
compared without being opened, their prints are kept: an HMAC with a key that is derived from a sealing key.
"""

import hashlib
import hmac
import os
import re
import secrets
import stat
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Text
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

from records.secret import SecretMissingError, resolve

SETTING = "encryption_key"
PRINT_BYTES = 16
_INFO = b"buydesk prints"


class KeyMissingError(LookupError):
    """Raised where a value is to be sealed or opened and there is no key for it; the message says what to do."""


class Sealed(TypeDecorator[str]):
    """A column of text that a keyring sealed; ``buydesk keys rotate`` finds its columns by this type."""

    impl = Text
    cache_ok = True


class Keyring:
    """Keys in the form of Fernet (32 bytes, base64url), the newest first."""

    def __init__(self, keys: Sequence[str]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise KeyMissingError(
                "The encryption key is not one: it is 32 bytes in base64url, as `buydesk keys new` prints it."
            ) from error
        self._print_keys = [_derived(key) for key in keys]

    def seal(self, text: str) -> str:
        """Return ``text`` encrypted by the newest key."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return what was sealed; raises KeyMissingError where none of the keys fits."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise KeyMissingError(
                "What is stored was sealed with another encryption key; add that key behind the present one."
            ) from error

    def resealed(self, sealed: str) -> str:
        """Return the same secret sealed by the newest key; raises KeyMissingError."""
        return self.seal(self.open(sealed))

    def prints(self, text: str) -> tuple[str, ...]:
        """Return the keyed hash of ``text`` by each key, that of the newest first."""
        return tuple(hmac.digest(key, text.encode(), hashlib.sha256)[:PRINT_BYTES].hex() for key in self._print_keys)


class Keys:
    """Where the keys of one database are: behind a reference, or in a file beside an SQLite database.

    They are looked up when first needed. The file is made, for its owner only, when something is first sealed.
    """

    def __init__(self, reference: str = "", file: Path | None = None) -> None:
        self.reference = reference
        self.file = None if reference else file
        self._ring: Keyring | None = None

    def ring(self, *, making: bool = False) -> Keyring:
        """Return the keyring; with ``making`` a missing file is made. Raises KeyMissingError."""
        if self._ring is None:
            if making and self.file and not self.file.exists():
                make_key_file(self.file)
            self._ring = Keyring(_split(self._text()))
        return self._ring

    def forget(self) -> None:
        """Look the keys up anew when they are needed next."""
        self._ring = None

    def _text(self) -> str:
        if self.file:
            try:
                return self.file.read_text(encoding="ascii")
            except (OSError, UnicodeDecodeError) as error:
                raise KeyMissingError(
                    f"The encryption key {self.file} cannot be read; put back the one that was there."
                ) from error
        if not self.reference:
            raise KeyMissingError(
                f"There is no encryption key: set {SETTING} (BUYDESK_{SETTING.upper()}) to env:NAME or file:PATH, "
                "the same on every machine; `buydesk keys new` prints a new key."
            )
        try:
            return resolve(self.reference)
        except SecretMissingError as error:
            raise KeyMissingError(f"The encryption key is missing: {error}.") from error


def keyring(session: Session, *, making: bool = False) -> Keyring:
    """Return the keyring of the database that ``session`` works on; raises KeyMissingError."""
    keys: Keys = session.info["keys"]
    return keys.ring(making=making)


def new_key() -> str:
    """Return a new key."""
    return Fernet.generate_key().decode()


def make_key_file(file: Path) -> None:
    """Make ``file`` with a new key, for its owner only; another process that was quicker wins."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = _written(file, [new_key()])
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def replace_keys(file: Path, keys: Sequence[str]) -> None:
    """Put ``keys``, the newest first, in the place of those in ``file``."""
    _written(file, keys).replace(file)


def keys_in(file: Path) -> list[str]:
    """Return the keys in ``file``, the newest first."""
    return _split(file.read_text(encoding="ascii"))


def is_private(file: Path) -> bool:
    """Return whether nobody but its owner may read ``file``."""
    return not stat.S_IMODE(file.stat().st_mode) & 0o077


def _written(file: Path, keys: Sequence[str]) -> Path:
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write("".join(f"{key}\n" for key in keys))
        out.flush()
        os.fsync(out.fileno())
    return draft


def _split(text: str) -> list[str]:
    return [key for key in re.split(r"[\s,]+", text) if key]


def _derived(key: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_INFO).derive(key.encode())
