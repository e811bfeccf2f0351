"""A mail server that keeps what it is given, and answers each command as a test scripts it.

::

    with running_sink() as sink:
        sink.script["RCPT"] = "450 4.2.0 come back later"     # once; then it behaves again
        ...
        assert sink.delivered == [raw]
"""

import asyncio
import base64
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.certificates import Certificates
from tests.servers.dovecot import free_port

LOGIN = ("desk", "secret")


@dataclass
class SmtpSink:
    """Accepts all mail on loopback; ``script`` maps a verb to the one answer that it gives next.

    Verbs are CONNECT, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, and DOT for the answer to the mail itself.
    A scripted DOT of 2xx keeps the mail, any other does not.
    """

    port: int = field(default_factory=free_port)
    script: dict[str, str] = field(default_factory=dict)
    delivered: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    logins: int = 0
    tokens: set[str] = field(default_factory=set)  # that it takes instead of a password (XOAUTH2)

    def clear(self) -> None:
        """Forget what was delivered and scripted."""
        self.script.clear()
        self.delivered.clear()
        self.recipients.clear()
        self.tokens.clear()
        self.logins = 0

    async def handle_DATA(self, server: object, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep one mail, or refuse it as scripted."""
        answer = self.script.pop("DOT", "250 2.0.0 kept")
        if answer.startswith("2"):
            assert isinstance(envelope.content, bytes)
            self.delivered.append(envelope.content)
            self.recipients += envelope.rcpt_tos
        return answer

    def authenticate(
        self, server: object, session: object, envelope: object, mechanism: str, data: object
    ) -> AuthResult:
        """Let LOGIN in."""
        assert isinstance(data, LoginPassword)
        self.logins += 1
        known = (data.login.decode(), data.password.decode()) == LOGIN
        return AuthResult(success=known, handled=False)

    async def auth_XOAUTH2(self, server: SMTP, words: list[str]) -> AuthResult:  # noqa: N802
        """Let whoever in who shows one of ``tokens``; a refusal is told by a challenge first, as Google does."""
        self.logins += 1
        given = base64.b64decode(words[1]) if len(words) > 1 else await server.challenge_auth(b"")
        said = given.decode() if isinstance(given, bytes) else ""
        if any(f"auth=Bearer {token}\x01" in said for token in self.tokens):
            return AuthResult(success=True, handled=False)
        await server.challenge_auth(b'{"status":"401","schemes":"bearer"}')
        return AuthResult(success=False, handled=False)


class _Scripted(SMTP):
    """aiosmtpd's server with answers that may be scripted."""

    sink: SmtpSink

    async def push(self, status: str | bytes) -> None:
        """Send an answer; the greeting may be scripted."""
        text = status if isinstance(status, str) else status.decode()
        if text.startswith("220 ") and self.session and not self.session.host_name:
            text = self.sink.script.pop("CONNECT", text)
        await super().push(text)

    async def _scripted(self, verb: str, usual: Callable[..., Awaitable[None]], argument: Any) -> None:
        if answer := self.sink.script.pop(verb, None):
            await self.push(answer)
        else:
            await usual(argument)


def _scriptable(verb: str) -> Callable[..., Awaitable[None]]:
    usual = getattr(SMTP, f"smtp_{verb}")

    async def answer(self: _Scripted, argument: str) -> None:
        await self._scripted(verb, usual.__get__(self), argument)

    return answer


for _verb in ("EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA"):
    setattr(_Scripted, f"smtp_{_verb}", _scriptable(_verb))


class _Controller(Controller):
    def __init__(self, sink: SmtpSink, certificates: Certificates | None, implicit: bool) -> None:
        self.sink = sink
        context = _context(certificates) if certificates else None
        super().__init__(
            sink,
            hostname="127.0.0.1",
            port=sink.port,
            ssl_context=context if implicit else None,
            tls_context=None if implicit else context,
            require_starttls=False,
            authenticator=sink.authenticate,
            auth_required=False,
            auth_require_tls=context is not None and not implicit,
        )

    def factory(self) -> SMTP:
        """Return the server of one connection."""
        server = _Scripted(self.handler, loop=self.loop, **self.SMTP_kwargs)
        server.sink = self.sink
        return server


def _context(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates.cert_file, certificates.key_file)
    return context


@contextmanager
def running_sink(certificates: Certificates | None = None, implicit: bool = False) -> Iterator[SmtpSink]:
    """Give a running sink; with ``certificates`` it offers STARTTLS, or speaks TLS at once (``implicit``)."""
    sink = SmtpSink()
    controller = _Controller(sink, certificates, implicit)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
        asyncio.set_event_loop(None)
