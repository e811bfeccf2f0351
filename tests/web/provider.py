"""A small OpenID provider on this machine: it signs in whoever it is told to, and keeps to the protocol."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "buydesk", "between us"


@dataclass
class Provider:
    """The provider; ``claims`` are those of whoever signs in next, ``asked`` what the browser was sent with."""

    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}))
    other: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}))
    claims: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    signs_with_other: bool = False
    exchanged: list[dict[str, str]] = field(default_factory=list)

    def sign_in(self, address: str) -> str:
        """Do what a person does at the provider: return where the browser is sent back to."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        return f"{urlsplit(self.asked['redirect_uri']).path}?state={self.asked['state']}&code=a-code"

    def discovery(self) -> dict[str, str]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def token(self, form: dict[str, str], authorization: str) -> dict[str, str] | None:
        """Return the tokens for a code whose verifier fits, None where anything is wrong."""
        self.exchanged.append(form)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        fits = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if authorization != f"Basic {basic}" or fits.decode().rstrip("=") != self.asked.get("code_challenge"):
            return None
        claims = {"iss": self.issuer, "aud": CLIENT, "nonce": self.asked["nonce"], **self.claims}
        key = self.other if self.signs_with_other else self.key
        return {
            "access_token": "x",
            "token_type": "Bearer",
            "id_token": jwt.encode({"alg": "RS256", "kid": "k1"}, claims, key),
        }


@contextmanager
def provider() -> Iterator[Provider]:
    """Give a provider that listens on a port of its own."""
    one = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found: Any = None
            if self.path.endswith("/openid-configuration"):
                found = one.discovery()
            elif self.path == "/keys":
                found = {"keys": [one.key.as_dict(private=False)]}
            self._answer(found)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._answer(one.token(form, self.headers.get("authorization", "")))

        def _answer(self, found: Any) -> None:
            data = json.dumps(found or {"error": "invalid_grant"}).encode()
            self.send_response(200 if found else 400)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    one.issuer = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
