"""One call of a webhook: who may be called, the signature, and the answer.

The address that was checked is the one that is connected to, so that a name which changes its mind in between
leads nowhere else. Redirections are answers like any other and never followed.
"""

import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import SplitResult, urlsplit

from records.flow import Moves

MOVES: Moves = {
    "queued": frozenset({"delivered", "failed"}),
    "delivered": frozenset({"queued"}),  # a person sends it again
    "failed": frozenset({"queued"}),
}
# How long to wait after each failure; two days in all, then somebody is told.
RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440))
TIMEOUT = 15  # seconds for each act of the network
LONGEST_REPLY = 300  # bytes of an answer that are kept for the log


class NotCallableError(ValueError):
    """Raised for an address that may not be called; the message is a full sentence."""


@dataclass(frozen=True)
class Reply:
    """What the receiver answered; ``status`` 0 is no answer, and ``text`` then says why."""

    status: int
    text: str

    @property
    def is_taken(self) -> bool:
        """Return whether the receiver took the event (2xx)."""
        return 200 <= self.status < 300


def signature(secret: str, timestamp: int, body: str) -> str:
    """Return the value of ``Buydesk-Signature``: the time, and HMAC-SHA256 of ``<time>.<body>`` in hexadecimal.

    >>> signature("secret", 1700000000, "{}")[:30]
    't=1700000000,v1=b8569b78799ff9'
    """
    digest = hmac.new(secret.encode(), f"{timestamp}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


def checked_url(url: str, *, private: bool) -> SplitResult:
    """Return the parts of ``url``; raises NotCallableError where it is no https address (or http, if private)."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise NotCallableError(f"{url!r} is no address: {error}.") from error
    schemes = ("https", "http") if private else ("https",)
    if parts.scheme not in schemes or not parts.hostname:
        raise NotCallableError(f"A webhook's address begins with {' or '.join(f'{one}://' for one in schemes)}.")
    if parts.username or parts.password or parts.fragment or not url.isascii() or any(c.isspace() for c in url):
        raise NotCallableError("A webhook's address has no user, no fragment and no blanks.")
    return parts


def addresses(host: str, port: int, *, private: bool) -> list[str]:
    """Return where ``host`` is; raises NotCallableError where a part of that is not on the public internet."""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise NotCallableError(f"{host} is not known: {error.strerror or error}.") from error
    if not private and (inside := sorted(one for one in found if not _is_public(one))):
        raise NotCallableError(f"{host} is {inside[0]}, which is not on the public internet.")
    return sorted(found)


def post(url: str, body: str, headers: Mapping[str, str], *, private: bool) -> Reply:
    """Send ``body`` once and return the answer; whatever keeps it from arriving is an answer without status."""
    try:
        parts = checked_url(url, private=private)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return _post(parts, port, addresses(parts.hostname or "", port, private=private)[0], body, headers)
    except (OSError, http.client.HTTPException, NotCallableError) as error:
        return Reply(0, f"{type(error).__name__}: {error}"[:LONGEST_REPLY])


def _post(parts: SplitResult, port: int, address: str, body: str, headers: Mapping[str, str]) -> Reply:
    host = parts.hostname or ""
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
    connection.sock = socket.create_connection((address, port), TIMEOUT)
    try:
        if parts.scheme == "https":
            connection.sock = ssl.create_default_context().wrap_socket(connection.sock, server_hostname=host)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body.encode(), {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        text = answer.read(LONGEST_REPLY).decode("utf-8", "replace")
        return Reply(answer.status, " ".join(text.split()))
    finally:
        connection.close()


def _is_public(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    return found.is_global and not found.is_multicast and (inner is None or inner.is_global)
