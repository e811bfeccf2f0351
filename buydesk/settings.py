"""Settings: read once, from one TOML file and the environment, and passed down.

The environment outweighs the file. ``BUYDESK_CONFIG`` names the file (default: ``buydesk.toml`` in the
present folder, if there is one). A secret may be given as ``..._FILE``, the path of a file that holds it.
"""

import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

HOME = "buydesk-data"
WORDS = {"log_format": ("text", "json"), "log_level": ("debug", "info", "warning", "error", "critical")}
MOST_PROCESSES = 64
DATABASES = ("sqlite:///", "postgresql://", "postgres://", "postgresql+psycopg://")


class SettingsError(ValueError):
    """Raised for a settings file or variable that cannot be used; the message is a sentence."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs from one installation to another.

    ``home`` is the folder of the SQLite file and the blobs; ``lease_scale`` shortens all leases (tests).
    """

    home: Path = Path(HOME)
    database_url: str = ""
    blobs: str = ""
    accounts_payable: str = ""  # a folder, or "off"
    encryption_key: str = ""  # env:NAME or file:PATH; without it SQLite has a file beside its own
    processes: int = 2
    log_format: str = "text"  # or json
    log_level: str = "info"
    lease_scale: float = 1.0
    poll_seconds: float = 0.5  # how long an idle worker rests on SQLite
    web: str = "127.0.0.1:8080"  # where the workbench listens; off: `buydesk up` serves none
    web_url: str = ""  # where browsers reach it, if not there: https://desk.example
    oidc_issuer: str = ""  # whose sign-in is taken: https://login.example/realm
    oidc_client_id: str = ""
    oidc_client_secret: str = ""  # env:NAME or file:PATH
    web_key: str = ""  # seals secrets and forms; by default made once and kept in ``home``

    @property
    def url(self) -> str:
        """Return the database's URL: SQLite in ``home`` unless another is given."""
        return self.database_url or f"sqlite:///{self.home.absolute() / 'buydesk.db'}"

    @property
    def accounts_payable_folder(self) -> Path | None:
        """Return where invoices are handed over: a folder in ``home`` unless another is given; None for ``off``."""
        if self.accounts_payable == "off":
            return None
        return Path(self.accounts_payable) if self.accounts_payable else self.home.absolute() / "accounts-payable"

    @property
    def blob_root(self) -> str:
        """Return where blobs are kept: a folder in ``home`` unless another place is given."""
        return self.blobs or str(self.home.absolute() / "blobs")


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of ``environment`` and its file; raises SettingsError with a clear sentence."""
    path = Path(environment.get("BUYDESK_CONFIG", "buydesk.toml"))
    values = _file_values(path, required="BUYDESK_CONFIG" in environment)
    names = {field.name for field in fields(Settings)}
    if unknown := sorted(values.keys() - names):
        raise SettingsError(f"{path}: unknown setting {unknown[0]!r}; known are {', '.join(sorted(names))}")
    for name in names:
        variable = f"BUYDESK_{name.upper()}"
        if variable in environment:
            values[name] = environment[variable]
        elif f"{variable}_FILE" in environment:
            values[name] = _secret_file(environment[f"{variable}_FILE"])
    return Settings(**{name: _typed(name, value) for name, value in values.items()})


def _file_values(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if required:
            raise SettingsError(f"{path}: there is no such settings file") from None
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error


def _secret_file(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{name}: this is not UTF-8 text") from error


def _typed(name: str, value: Any) -> Any:
    """Return ``value`` (from TOML its own type, from the environment text) as the setting ``name`` holds it."""
    if words := WORDS.get(name):
        return _word(name, value, words)
    default = getattr(Settings(), name)
    if isinstance(default, Path | str):
        if not isinstance(value, str):
            raise SettingsError(f"{name} must be text, not {value!r}")
        if name == "database_url" and value and not _names_a_database(value):
            raise SettingsError("database_url must be sqlite:///FILE or postgresql://USER@HOST/NAME")
        if name == "encryption_key" and value and not value.startswith(("env:", "file:")):
            raise SettingsError("encryption_key says where the key is, as env:NAME or file:PATH, never the key itself")
        return type(default)(value)
    return _whole(name, value) if isinstance(default, int) else _positive(name, value)


def _names_a_database(url: str) -> bool:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        named = make_url(url).database not in (None, "", ":memory:")  # which processes cannot share
    except (ArgumentError, ValueError):
        return False
    return named and url.startswith(DATABASES)


def _word(name: str, value: Any, words: tuple[str, ...]) -> str:
    word = value.lower() if isinstance(value, str) else value
    if word not in words:
        raise SettingsError(f"{name} must be {', '.join(words[:-1])} or {words[-1]}, not {value!r}")
    return str(word)


def _whole(name: str, value: Any) -> int:
    text = str(value).strip()
    if isinstance(value, str | int) and text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST_PROCESSES:
        return int(text)
    raise SettingsError(f"{name} must be a whole number from 1 to {MOST_PROCESSES}, not {value!r}")


def _positive(name: str, value: Any) -> float:
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else 0.0
    except ValueError:
        number = 0.0
    if number <= 0 or not math.isfinite(number):
        raise SettingsError(f"{name} must be a number above 0, not {value!r}")
    return number
