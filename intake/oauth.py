"""How to sign in at a mail server with OAuth 2.0 (RFC 6749), as the organisation's folder describes it: values only."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlsplit

MICROSOFT, GOOGLE, SERVICE_ACCOUNT = "microsoft", "google", "google-service-account"
MECHANISMS = ("xoauth2", "oauthbearer")

# What each flow needs beside its name; of the last group one is enough.
NEEDED: dict[str, tuple[tuple[str, ...], ...]] = {
    MICROSOFT: (("tenant",), ("client_id",), ("client_secret", "certificate")),
    GOOGLE: (("client_id",), ("client_secret",), ("refresh_token",)),
    SERVICE_ACCOUNT: (("service_account",),),
}
TOKEN_SERVERS = {
    MICROSOFT: "https://login.microsoftonline.com",
    GOOGLE: "https://oauth2.googleapis.com/token",
    SERVICE_ACCOUNT: "https://oauth2.googleapis.com/token",
}
SCOPES = {
    MICROSOFT: "https://outlook.office365.com/.default",
    GOOGLE: "https://mail.google.com/",
    SERVICE_ACCOUNT: "https://mail.google.com/",
}
_LOOPBACK = re.compile(r"localhost|127(\.\d{1,3}){3}|::1")


class OAuthError(ValueError):
    """Raised where a description of OAuth cannot be used; the message says what to change."""


@dataclass(frozen=True)
class OAuth:
    """One way to get access tokens. Secrets are references (records.secret); nothing here is one itself.

    ``flow`` is microsoft (client credentials of an app), google (the refresh token of an installed app) or
    google-service-account (with domain-wide delegation). ``expires`` is the last day of the client secret,
    certificate or refresh token, where it is known.
    """

    flow: str
    tenant: str = ""
    client_id: str = ""
    client_secret: str | None = field(default=None, repr=False)
    certificate: str | None = field(default=None, repr=False)  # private key and certificate in PEM
    refresh_token: str | None = field(default=None, repr=False)
    service_account: str | None = field(default=None, repr=False)  # the key file's JSON
    scope: str = ""
    mechanism: str = "xoauth2"
    token_server: str = ""  # an authority (microsoft) or a token endpoint (google)
    ca_file: str | None = None  # for a token server of one's own
    expires: date | None = None


_TEXTS = tuple(name for name in OAuth.__dataclass_fields__ if name != "expires")


def oauth_from(config: Mapping[str, Any]) -> OAuth:
    """Return what ``config`` describes, absent values filled in; raises OAuthError."""
    for name in _TEXTS:
        if not isinstance(config.get(name, ""), str):
            raise OAuthError(f"oauth.{name} is not a text")
    values = {name: config[name] for name in _TEXTS if config.get(name)}
    flow = values.get("flow", "")
    if flow not in NEEDED:
        raise OAuthError(f"oauth.flow is {', '.join(NEEDED)}, not {flow!r}")
    for group in NEEDED[flow]:
        if not any(name in values for name in group):
            raise OAuthError(f"oauth.{' or oauth.'.join(group)} is missing")
    values = {"scope": SCOPES[flow], "token_server": TOKEN_SERVERS[flow], **values}
    if values.get("mechanism", "xoauth2") not in MECHANISMS:
        raise OAuthError(f"oauth.mechanism is {' or '.join(MECHANISMS)}")
    if not is_safe(values["token_server"]):
        raise OAuthError("oauth.token_server must begin with https://")
    return OAuth(**values, expires=_day(config.get("expires")))


def is_safe(url: str) -> bool:
    """Return whether secrets may be sent to ``url``: over TLS, or to this very machine.

    >>> is_safe("https://login.example"), is_safe("http://login.example"), is_safe("http://127.0.0.1:80/token")
    (True, False, True)
    """
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and bool(_LOOPBACK.fullmatch(parts.hostname or ""))


def _day(text: object) -> date | None:
    if text in (None, ""):
        return None
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise OAuthError("oauth.expires is not a date; write 2027-01-31") from error
