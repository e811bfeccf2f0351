"""A token server on loopback: it issues signed tokens that Dovecot takes, and errs as a test tells it to.

It answers as Entra ID does below ``authority`` (by TLS, with its discovery document) and as Google does at
``token_url``. A token is for the user in ``users`` of the client that asks, or for the subject that it names.
"""

import json
import shutil
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.servers.certificates import Certificates, make_certificates

TENANT = "11111111-1111-1111-1111-111111111111"
ISSUER = "https://tokens.example"
GOOGLE = "https://oauth2.googleapis.com/token"  # the audience that google-auth names whatever endpoint it asks


@dataclass
class TokenServer:
    """A running server; ``lives`` is how long its tokens live, ``errors`` are the answers that come first.

    An error is a status, a JSON body and headers. ``asked`` are the forms that arrived.
    """

    certificates: Certificates
    port: int = 0
    users: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)  # a client's secret or refresh token that is right
    lives: int = 3600
    slow: float = 0.0
    errors: list[tuple[int, dict[str, str], dict[str, str]]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    _key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    @property
    def base(self) -> str:
        """The authority that takes the place of Microsoft's."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def token_url(self) -> str:
        """The endpoint that takes the place of Google's."""
        return f"{self.base}/token"

    def microsoft(self, client: str, secret: str, **changes: str) -> dict[str, object]:
        """Return the oauth table of an app with a client secret."""
        return {
            "flow": "microsoft",
            "tenant": TENANT,
            "client_id": client,
            "client_secret": secret,
            "token_server": self.base,
            "ca_file": str(self.certificates.ca_file),
            **changes,
        }

    def google(self, client: str, secret: str, refresh: str, **changes: str) -> dict[str, object]:
        """Return the oauth table of an installed app with a refresh token."""
        return {
            "flow": "google",
            "client_id": client,
            "client_secret": secret,
            "refresh_token": refresh,
            "token_server": self.token_url,
            "ca_file": str(self.certificates.ca_file),
            **changes,
        }

    def write_key(self, folder: Path) -> None:
        """Put the public key where Dovecot looks for it below ``folder``."""
        place = folder / "default" / "RS256"
        place.mkdir(parents=True, exist_ok=True)
        public = self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        (place / "k1").write_bytes(public)

    def issue(self, user: str, lives: int | None = None) -> str:
        """Return a signed token for ``user``."""
        now = int(time.time())
        claims = {"iss": ISSUER, "sub": user, "email": user, "iat": now - 60, "nbf": now - 60, "jti": str(time.time())}
        ends = now + (self.lives if lives is None else lives)
        token = jwt.encode({**claims, "exp": ends}, self._key, algorithm="RS256", headers={"kid": "k1"})
        self.tokens.append(token)
        return token

    def grant(self, form: dict[str, str]) -> tuple[int, dict[str, Any], dict[str, str]]:
        """Answer one form (RFC 6749 5)."""
        self.asked.append(form)
        time.sleep(self.slow)
        if self.errors:
            return self.errors.pop(0)
        user, known = self._asker(form)
        if not known:
            return 400, {"error": "invalid_grant", "error_description": "AADSTS70000: not valid\nTrace: 1"}, {}
        token = self.issue(user)
        return 200, {"token_type": "Bearer", "access_token": token, "expires_in": self.lives}, {}

    def _asker(self, form: dict[str, str]) -> tuple[str, bool]:
        if assertion := form.get("assertion"):  # a service account's: for the subject that it names (RFC 7523)
            claims = jwt.decode(assertion, options={"verify_signature": False})
            return str(claims.get("sub")), claims.get("aud") in (self.token_url, GOOGLE)
        client = form.get("client_id", "")
        right = self.secrets.get(client)
        if signed := form.get("client_assertion"):
            claims = jwt.decode(signed, options={"verify_signature": False})
            return self.users.get(client, client), claims.get("iss") == client
        return self.users.get(client, client), right in (form.get("refresh_token"), form.get("client_secret"))

    def discovery(self, path: str) -> dict[str, str]:
        """Return the document that describes the tenant in ``path`` (OpenID Connect Discovery)."""
        tenant = f"{self.base}/{path.strip('/').split('/')[0]}"
        return {
            "issuer": f"{tenant}/v2.0",
            "authorization_endpoint": f"{tenant}/oauth2/v2.0/authorize",
            "token_endpoint": f"{tenant}/oauth2/v2.0/token",
        }


def _handler(server: TokenServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(200, server.discovery(urlsplit(self.path).path), {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            self._answer(*server.grant({name: values[0] for name, values in parse_qs(body).items()}))

        def _answer(self, status: int, body: dict[str, Any], headers: dict[str, str]) -> None:
            raw = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", "Content-Length": str(len(raw)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def running_token_server(folder: Path) -> Iterator[TokenServer]:
    """Give a running server whose certificate stands in ``folder``."""
    certificates = make_certificates(folder)
    tokens = TokenServer(certificates)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(tokens))
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.cert_file, certificates.key_file)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    tokens.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield tokens
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def dovecot_settings(folder: Path, tokens: TokenServer) -> str:
    """Return what Dovecot needs to take the tokens of ``tokens``; its files are written to ``folder``."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o755, parents=True)
    tokens.write_key(folder / "keys")
    (folder / "oauth2.conf").write_text(
        "introspection_mode = local\n"
        f"local_validation_key_dict = fs:posix:prefix={folder}/keys/\n"
        "username_attribute = email\n"
        f"issuers = {ISSUER}\n"
    )
    return (
        "auth_mechanisms = plain login xoauth2 oauthbearer\n"
        "passdb {\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n"
        f"  args = {folder}/oauth2.conf\n}}\n"
    )
