"""Access tokens: fetched when needed, kept in this process until shortly before they end, renewed when refused.

They stand in no log and in no database. Microsoft's and Google's libraries are needed only where they are
used (``buydesk[oauth]``).
"""

import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any

from intake.oauth import GOOGLE, MICROSOFT, SERVICE_ACCOUNT, OAuth
from intake.refusals import LoginRefusedError
from intake.token_http import TokenHttp
from records.secret import resolve

EARLY = 300.0  # seconds before its end at which a token is no longer handed out
SHORTEST = 30.0  # seconds that a token is kept however short the server says it lives
MISSING = "Signing in with OAuth needs two more packages. Install them: pip install 'buydesk[oauth]'"
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,16384}")
_PASSING = frozenset({"temporarily_unavailable", "server_error"})


class ExtraMissingError(LookupError):
    """Raised where the libraries for OAuth are not installed; the message names the command."""


@dataclass(frozen=True)
class Fetched:
    """A new token and how many seconds it lives."""

    token: str = field(repr=False)
    seconds: float


Fetch = Callable[[OAuth, str, TokenHttp], Fetched]


@dataclass
class _Kept:
    lock: threading.Lock = field(default_factory=threading.Lock)
    token: str = field(default="", repr=False)
    until: float = 0.0  # by time.monotonic


_KEPT: dict[tuple[OAuth, str], _Kept] = {}
_ALL = threading.Lock()


@dataclass(frozen=True)
class TokenSource:
    """Gives the access tokens by which ``username`` signs in."""

    oauth: OAuth
    username: str

    def token(self) -> str:
        """Return a token that is good for some minutes; raises LoginRefusedError, ThrottledError, ConnectionError."""
        kept = self._kept()
        with kept.lock:
            if time.monotonic() >= kept.until:
                self._renew(kept)
            return kept.token

    def renewed(self, refused: str) -> str:
        """Return another token than ``refused``, which a mail server would not take."""
        kept = self._kept()
        with kept.lock:
            if kept.token == refused or time.monotonic() >= kept.until:
                self._renew(kept)
            return kept.token

    def _kept(self) -> _Kept:
        owner = self.username if self.oauth.flow == SERVICE_ACCOUNT else ""  # elsewhere tokens know no mailbox
        with _ALL:
            return _KEPT.setdefault((replace(self.oauth, expires=None), owner), _Kept())

    def _renew(self, kept: _Kept) -> None:
        kept.token, kept.until = "", 0.0
        fetched = FLOWS[self.oauth.flow](self.oauth, self.username, TokenHttp(self.oauth.ca_file))
        if not _TOKEN.fullmatch(fetched.token):
            raise LoginRefusedError("the token server gave something that is no token")
        early = min(EARLY, fetched.seconds / 2)
        kept.token, kept.until = fetched.token, time.monotonic() + max(SHORTEST, fetched.seconds - early)


Credential = str | TokenSource


def credential(password: str | None, oauth: OAuth | None, username: str) -> Credential:
    """Return by what ``username`` signs in: the password behind its reference, or a source of tokens."""
    return TokenSource(oauth, username) if oauth else resolve(password or "")


def last_day(oauth: OAuth) -> date | None:
    """Return the last day of what the tokens are asked for with: as configured, or as the certificate says."""
    if oauth.expires or not oauth.certificate:
        return oauth.expires
    try:
        from cryptography import x509

        ends = x509.load_pem_x509_certificate(_certificate(resolve(oauth.certificate)).encode())
    except (ImportError, ValueError, LookupError):
        return None
    return ends.not_valid_after_utc.date()


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise ExtraMissingError(MISSING) from error


def _microsoft(oauth: OAuth, username: str, http: TokenHttp) -> Fetched:
    """Return a token of the app itself (client credentials, RFC 6749 4.4) by msal."""
    msal = _library("msal")
    try:
        app = msal.ConfidentialClientApplication(
            oauth.client_id,
            client_credential=_client_credential(oauth),
            authority=f"{oauth.token_server.rstrip('/')}/{oauth.tenant}",
            instance_discovery=False,  # the authority is the administrator's word
            http_client=http,
        )
        told: dict[str, Any] = app.acquire_token_for_client(scopes=[oauth.scope]) or {}
    except (ValueError, TypeError) as error:  # a tenant that is not known, a key that is none
        raise LoginRefusedError(f"no token can be asked for: {_line(str(error))}") from error
    if "access_token" not in told:
        raise _refusal(str(told.get("error", "")), str(told.get("error_description", "")))
    return Fetched(str(told["access_token"]), float(told.get("expires_in", 0)))


def _client_credential(oauth: OAuth) -> str | dict[str, str]:
    if not oauth.certificate:
        return resolve(oauth.client_secret or "")
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    pem = resolve(oauth.certificate)
    public = _certificate(pem)
    thumbprint = x509.load_pem_x509_certificate(public.encode()).fingerprint(hashes.SHA1())
    return {"private_key": _block(pem, "PRIVATE KEY"), "thumbprint": thumbprint.hex(), "public_certificate": public}


def _certificate(pem: str) -> str:
    return _block(pem, "CERTIFICATE")


def _block(pem: str, kind: str) -> str:
    found = re.search(rf"-----BEGIN (?:[A-Z]+ )?{kind}-----.*?-----END (?:[A-Z]+ )?{kind}-----", pem, re.S)
    if not found:
        raise ValueError(f"the file holds no {kind.lower()} in PEM")
    return found.group() + "\n"


def _google(oauth: OAuth, username: str, http: TokenHttp) -> Fetched:
    """Return a token for the account whose owner gave the refresh token (RFC 6749 6) by google-auth."""
    credentials = _library("google.oauth2.credentials").Credentials(
        None,
        refresh_token=resolve(oauth.refresh_token or ""),
        token_uri=oauth.token_server,
        client_id=oauth.client_id,
        client_secret=resolve(oauth.client_secret or ""),
    )
    return _refreshed(credentials, http)


def _service_account(oauth: OAuth, username: str, http: TokenHttp) -> Fetched:
    """Return a token of the service account on behalf of ``username`` (RFC 7523) by google-auth."""
    library = _library("google.oauth2.service_account")
    try:
        key = {**json.loads(resolve(oauth.service_account or "")), "token_uri": oauth.token_server}
        credentials = library.Credentials.from_service_account_info(key, scopes=[oauth.scope], subject=username)
    except (ValueError, TypeError) as error:
        raise LoginRefusedError("the service account's key is not the JSON file that Google gave") from error
    return _refreshed(credentials, http)


def _refreshed(credentials: Any, http: TokenHttp) -> Fetched:
    errors = _library("google.auth.exceptions")
    try:
        credentials.refresh(http)
    except errors.RefreshError as error:
        told = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], dict) else {}
        if error.retryable:
            raise ConnectionError("the token server has a fault of its own") from error
        raise _refusal(str(told.get("error", "")), str(told.get("error_description", ""))) from error
    except errors.GoogleAuthError as error:
        raise ConnectionError(f"the token server cannot be used: {_line(str(error))}") from error
    ends: datetime | None = credentials.expiry
    left = (ends.replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds() if ends else 0.0
    return Fetched(str(credentials.token), left)


def _refusal(error: str, description: str) -> Exception:
    """Return what the token server's refusal (RFC 6749 5.2) means: a passing fault, or no login."""
    said = ": ".join(filter(None, (_line(error), _line(description)))) or "without a reason"
    if error in _PASSING:
        return ConnectionError(f"the token server is not ready: {said}")
    return LoginRefusedError(f"the token server refused to give a token: {said}")


def _line(text: str) -> str:
    """Return the first line of a server's words, short and harmless."""
    first = text.strip().partition("\n")[0]
    return "".join(c for c in first if c.isprintable())[:300]


FLOWS: dict[str, Fetch] = {MICROSOFT: _microsoft, GOOGLE: _google, SERVICE_ACCOUNT: _service_account}
