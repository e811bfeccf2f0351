"""What every answer carries: the security headers, and the cookies of visit and session."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.access import cookie_name
from web.csrf import VISIT
from web.place import Place

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-src 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
LARGEST = 25 << 20  # bytes of a request's body
GONE = ""  # a session token that stands for signing out


class Guarded:
    """An application behind limits on what comes in, with headers on what goes out."""

    def __init__(self, app: ASGIApp, place: Place) -> None:
        self.app, self.place = app, place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        left = LARGEST

        async def bounded() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            return message if left >= 0 else {"type": "http.disconnect"}

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if scope["path"].startswith("/static/"):
                    headers["cache-control"] = "public, max-age=3600"
                self._add(headers, state)
            await send(message)

        await self.app(scope, bounded, with_headers)

    def _add(self, headers: MutableHeaders, state: dict[str, object]) -> None:
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        if self.place.is_secure:
            headers.setdefault("strict-transport-security", "max-age=31536000; includeSubDomains")
        if isinstance(visit := state.get("new_visit"), str):
            headers.append("set-cookie", self._cookie(VISIT, visit))
        if isinstance(token := state.get("session_token"), str):
            headers.append("set-cookie", self._cookie(cookie_name(self.place), token))

    def _cookie(self, name: str, value: str) -> str:
        secure = "; Secure" if self.place.is_secure else ""
        age = "; Max-Age=0" if value == GONE else ""
        return f"{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}"
