"""An account at a mail server, as the organisation's folder describes it: values only, no connection."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from intake.oauth import OAuth, OAuthError, oauth_from

PORTS = {"implicit": 993, "starttls": 143, "none": 143}


class AccountError(ValueError):
    """Raised where a description cannot be used; the message says what to change."""


@dataclass(frozen=True)
class Account:
    """One folder of one account: where it is, how to log in, and where mail goes once it is kept.

    ``password`` is a reference (records.secret); with ``oauth`` there is none. ``tls`` is implicit,
    starttls, or none (loopback only). Without ``move_to`` nothing on the server is ever changed. Sizes
    are bytes, times seconds.
    """

    address: str
    host: str
    username: str
    password: str = field(default="", repr=False)
    oauth: OAuth | None = None
    port: int = 993
    tls: str = "implicit"
    ca_file: str | None = None
    folder: str = "INBOX"
    move_to: str | None = None
    sent_folder: str | None = None
    poll_seconds: float = 300
    timeout: float = 60
    largest_mail: int = 50 * 1024 * 1024
    unreachable_minutes: float = 30  # without contact, then an operator is told
    quiet_hours: float | None = None  # without mail, then an operator is told; 0 never; None as learned


_TEXTS = ("address", "host", "username", "password", "tls", "ca_file", "folder", "move_to", "sent_folder")
_NUMBERS = ("port", "poll_seconds", "timeout", "largest_mail", "unreachable_minutes", "quiet_hours")


def account_from(config: Mapping[str, Any]) -> Account:
    """Return the account that ``config`` (Mailbox.config) describes; raises AccountError.

    Absent values take their defaults; values of other names (the mailbox's own ``name``) are ignored.
    """
    values = {name: config[name] for name in (*_TEXTS, *_NUMBERS) if config.get(name) not in (None, "")}
    oauth = _oauth(config.get("oauth"))
    needed = ("address", "host", "username", *(() if oauth else ("password",)))
    missing = [name for name in needed if name not in values]
    if missing:
        raise AccountError(f"the mailbox has no {missing[0]}")
    for name, value in values.items():
        _check_type(name, value)
    values.setdefault("port", PORTS.get(values.get("tls", "implicit"), 0))
    account = Account(**values, oauth=oauth)
    _check(account)
    return account


def _oauth(config: object) -> OAuth | None:
    if not config:
        return None
    if not isinstance(config, Mapping):
        raise AccountError("the mailbox's oauth is not a table")
    try:
        return oauth_from(config)
    except OAuthError as error:
        raise AccountError(str(error)) from error


def _check_type(name: str, value: object) -> None:
    wanted: type[Any] | tuple[type[Any], ...] = str if name in _TEXTS else (int, float)
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise AccountError(f"the mailbox's {name} is not a {'text' if name in _TEXTS else 'number'}")
    if isinstance(value, str) and any(ord(c) < 32 for c in value):
        raise AccountError(f"the mailbox's {name} holds a control character")


def _check(account: Account) -> None:
    if account.tls not in PORTS:
        raise AccountError(f"tls is implicit, starttls or none, not {account.tls!r}")
    if account.tls == "none" and not is_loopback(account.host):
        raise AccountError("a mailbox on another machine needs TLS")
    if account.oauth and (account.password or not account.username.isascii()):
        raise AccountError("with oauth a mailbox has no password, and its username is plain ASCII")
    if account.move_to and account.move_to == account.folder:
        raise AccountError("mail cannot be moved to the folder that it is read from")
    if min(getattr(account, name) for name in _NUMBERS if name != "quiet_hours") <= 0 or (account.quiet_hours or 0) < 0:
        raise AccountError("port, poll_seconds, timeout, largest_mail and unreachable_minutes are above zero")


def is_loopback(host: str) -> bool:
    """Return whether ``host`` is this machine by its own name or a loopback address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
