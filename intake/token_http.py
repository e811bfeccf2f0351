"""The one way to a token server: short, bounded, verified, without redirects; both Google's and Microsoft's
libraries are given it as their transport.
"""

import http.client
import ssl
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

from intake.oauth import is_safe
from intake.refusals import ThrottledError

SECONDS = 20.0
LARGEST = 1024 * 1024
USUAL_DELAY = timedelta(seconds=60)  # where a server that is busy does not say how long
LONGEST_DELAY = timedelta(hours=1)


@dataclass(frozen=True)
class Reply:
    """What the token server said, under the names that both libraries look for."""

    status_code: int
    headers: Mapping[str, str]
    data: bytes = field(repr=False)

    @property
    def status(self) -> int:
        """The status, as google-auth calls it."""
        return self.status_code

    @property
    def text(self) -> str:
        """The body as text, as msal wants it."""
        return self.data.decode("utf-8", "replace")

    def raise_for_status(self) -> None:
        """Raise ConnectionError for a status that is no success."""
        if self.status_code >= 400:
            raise ConnectionError(f"the token server answered {self.status_code}")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token server that sends elsewhere is not believed: the request holds secrets."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Return None: no redirect is followed."""
        return


@dataclass
class TokenHttp:
    """A transport; ``ca_file`` is the authority of a token server of one's own."""

    ca_file: str | None = None
    seconds: float = SECONDS

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> Reply:
        """Send a form, as msal does."""
        return self._send(_with(url, params), "POST", _encoded(data), headers)

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> Reply:
        """Ask for a document, as msal does."""
        return self._send(_with(url, params), "GET", None, headers)

    def close(self) -> None:
        """Do nothing: no connection is kept."""

    def __call__(self, url: str, method: str = "GET", body: Any = None, headers: Any = None, **_: Any) -> Reply:
        """Send a request, as google-auth does."""
        return self._send(url, method, _encoded(body), headers)

    def _send(self, url: str, method: str, body: bytes | None, headers: Mapping[str, str] | None) -> Reply:
        """Return the reply; raises ThrottledError where the server is busy, ConnectionError where it is away."""
        if not is_safe(url):
            raise ConnectionError("the token server has an address without TLS")
        request = urllib.request.Request(url, body, dict(headers or {}), method=method)
        context = ssl.create_default_context(cafile=self.ca_file)
        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), _NoRedirect)
        try:
            with opener.open(request, timeout=self.seconds) as answer:
                reply = Reply(answer.status, dict(answer.headers.items()), answer.read(LARGEST))
        except HTTPError as error:
            with error:
                reply = Reply(error.code, dict(error.headers.items()), error.read(LARGEST))
        except (OSError, http.client.HTTPException) as error:
            raise ConnectionError(f"the token server cannot be reached: {error}") from error
        if reply.status_code in (429, 503):
            raise ThrottledError(_delay(reply.headers))
        if reply.status_code >= 500:
            reply.raise_for_status()
        return reply


def _with(url: str, params: Any) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(params)}" if params else url


def _encoded(body: Any) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    return (body if isinstance(body, str) else urlencode(body)).encode()


def _delay(headers: Mapping[str, str]) -> timedelta:
    """Return how long the server wants to be left alone (RFC 9110 10.2.3, in seconds), within reason."""
    told = next((value for name, value in headers.items() if name.lower() == "retry-after"), "").strip()
    if not (told.isascii() and told.isdigit()):
        return USUAL_DELAY
    return min(timedelta(seconds=int(told[:9])), LONGEST_DELAY)
