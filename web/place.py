"""What the pages need of the installation: put together once, handed to every request."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from fastapi import Request

from records.base import utc_now
from records.blobs import Blobs
from records.database import Database


@dataclass(frozen=True)
class OpenIdConnect:
    """A provider that people sign in with: its issuer (discovery beneath it) and what we are there."""

    issuer: str
    client_id: str
    client_secret: str


@dataclass(frozen=True)
class Place:
    """An installation as the web sees it; ``url`` is where browsers reach it, without a slash at the end."""

    database: Database
    blobs: Blobs
    key: bytes
    url: str
    oidc: OpenIdConnect | None = None
    clock: Callable[[], datetime] = utc_now
    idle: timedelta = timedelta(hours=1)
    longest: timedelta = timedelta(hours=12)

    @property
    def is_secure(self) -> bool:
        """Return whether browsers come by HTTPS."""
        return self.url.startswith("https://")

    @property
    def host(self) -> str:
        """Return the host, and the port where it is named, as browsers send them."""
        return urlsplit(self.url).netloc


def place_of(request: Request) -> Place:
    """Return the place that a request came to."""
    place: Place = request.app.state.place
    return place
