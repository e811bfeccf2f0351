"""The web server: the workbench on uvicorn, in the process that calls it or in a thread beside the clock."""

import threading

import structlog
import uvicorn

from buydesk.installation import Installation
from buydesk.settings import Settings, SettingsError
from records.base import utc_now
from records.secret import SecretMissingError, resolve
from web.app import create_app
from web.desk.users import first_administrator
from web.place import OpenIdConnect, Place
from web.seal import key_in

log = structlog.get_logger()


def url_of(settings: Settings) -> str:
    """Return where browsers reach the workbench, without a slash at the end."""
    host, port = address_of(settings)
    return settings.web_url.rstrip("/") or f"http://{host}:{port}"


def address_of(settings: Settings) -> tuple[str, int]:
    """Return where the server listens."""
    host, _, port = settings.web.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise SettingsError(f"web must be ADDRESS:PORT such as 127.0.0.1:8080, not {settings.web!r}")
    return host, int(port)


def place_of(installation: Installation) -> Place:
    """Return the place that the pages of ``installation`` work with."""
    settings = installation.settings
    key = settings.web_key.encode() or key_in(settings.home)
    return Place(installation.database, installation.blobs, key, url_of(settings), provider_of(settings))


def provider_of(settings: Settings) -> OpenIdConnect | None:
    """Return the provider that people sign in with; None where none is set."""
    if not settings.oidc_issuer:
        return None
    if not settings.oidc_client_id or not settings.oidc_client_secret:
        raise SettingsError("oidc_issuer needs oidc_client_id and oidc_client_secret (env:NAME or file:PATH) as well")
    try:
        secret = resolve(settings.oidc_client_secret)
    except SecretMissingError as error:
        raise SettingsError(f"oidc_client_secret: {error}") from error
    return OpenIdConnect(settings.oidc_issuer, settings.oidc_client_id, secret)


def server_of(installation: Installation) -> uvicorn.Server:
    """Return the server, not yet started."""
    host, port = address_of(installation.settings)
    config = uvicorn.Config(
        create_app(place_of(installation)),
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        date_header=False,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=64 << 10,
    )
    return uvicorn.Server(config)


def serve(server: uvicorn.Server) -> None:
    """Serve until the process is told to stop."""
    log.info("workbench", address=f"{server.config.host}:{server.config.port}")
    server.run()


def serve_beside(server: uvicorn.Server) -> threading.Thread:
    """Serve in a thread, which ends once ``server.should_exit`` is set."""
    thread = threading.Thread(target=server.run, name="web", daemon=True)
    thread.start()
    return thread


def tell_first_administrator(installation: Installation) -> None:
    """Print a link that signs the first administrator in, on a laptop where nobody could sign in yet."""
    if address_of(installation.settings)[0] not in ("127.0.0.1", "::1", "localhost"):
        return
    with installation.database.session() as session:
        path = first_administrator(session, utc_now())
    url = url_of(installation.settings)
    print(f"Open the workbench (this link works once, within the hour): {url}{path}" if path else f"Workbench: {url}")
