"""The server that takes our mail, as the organisation's folder describes it: values only, no connection."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from intake.mailbox import is_loopback
from intake.oauth import OAuth, OAuthError, oauth_from
from intake.tokens import Credential, credential

PORTS = {"implicit": 465, "starttls": 587, "none": 25}
LONGEST_FINAL_WAIT = 600  # seconds; RFC 5321 4.5.3.2.6 asks for at least ten minutes after the dot


class RelayError(ValueError):
    """Raised where a relay is described so that it cannot be used; the message says what to change."""


@dataclass(frozen=True)
class Relay:
    """The server that takes our mail. ``password`` is a reference (records.secret); times are seconds.

    ``tls`` is implicit, starttls, or none (loopback only). Without ``username`` nobody logs in; with
    ``oauth`` there is no password.
    """

    host: str
    port: int = 587
    tls: str = "starttls"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    oauth: OAuth | None = None
    ca_file: str | None = None
    greeting: str = "[127.0.0.1]"  # what EHLO says: a name or an address literal
    connect_seconds: float = 30
    command_seconds: float = 300
    final_seconds: float = LONGEST_FINAL_WAIT


_TEXTS = ("host", "tls", "username", "password", "ca_file", "greeting")
_NUMBERS = ("port", "connect_seconds", "command_seconds", "final_seconds")


def relay_from(config: Mapping[str, Any]) -> Relay:
    """Return the relay that ``config`` (Organisation.smtp) describes; raises RelayError."""
    values = {name: config[name] for name in (*_TEXTS, *_NUMBERS) if config.get(name) not in (None, "")}
    for name, value in values.items():
        wanted: type[Any] | tuple[type[Any], ...] = str if name in _TEXTS else (int, float)
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise RelayError(f"smtp.{name} is not a {'text' if name in _TEXTS else 'number'}")
    if "host" not in values:
        raise RelayError("smtp.host is missing: there is no server to send mail through")
    tls = values.setdefault("tls", "starttls")
    if tls not in PORTS:
        raise RelayError(f"smtp.tls is implicit, starttls or none, not {tls!r}")
    if tls == "none" and not is_loopback(values["host"]):
        raise RelayError("smtp.tls may be none only for a server on this machine")
    oauth = _oauth(config.get("oauth"))
    if ("username" in values) != ("password" in values or oauth is not None):
        raise RelayError("smtp.username and smtp.password (or smtp.oauth) go together")
    if oauth and ("password" in values or not values["username"].isascii()):
        raise RelayError("with smtp.oauth there is no smtp.password, and smtp.username is plain ASCII")
    values.setdefault("port", PORTS[tls])
    return Relay(**values, oauth=oauth)


def _oauth(config: object) -> OAuth | None:
    if not config:
        return None
    if not isinstance(config, Mapping):
        raise RelayError("smtp.oauth is not a table")
    try:
        return oauth_from(config)
    except OAuthError as error:
        raise RelayError(f"smtp.{error}") from error


def login_of(relay: Relay) -> Credential | None:
    """Return by what the relay lets us in; raises SecretMissingError."""
    return credential(relay.password, relay.oauth, relay.username) if relay.username else None
