"""An IMAP and an SMTP server inside this process, on loopback only: all the mail world of the demo.

The SMTP server is submission, relay and mail border in one: who logs in may write to anybody, a stranger
only to mailboxes that exist. Every mail passes the border (buydesk.demo.border) and is delivered by IMAP.
"""

import asyncio
import imaplib
import logging
import socket
import threading
from argparse import Namespace
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPService
from pymap.user import Passwords, UserMetadata

from buydesk.demo.border import bounce, traced

HOST = "127.0.0.1"
START_SECONDS = 20


class MailServer:
    """Servers for ``accounts`` (address -> password) behind the mail border named ``border``.

    Use it as a context: the ports are known inside, and both servers stop at the end.
    """

    def __init__(self, accounts: Mapping[str, str], border: str) -> None:
        self.accounts = {address.lower(): password for address, password in accounts.items()}
        self.border = border
        self.imap_port, self.smtp_port = _free_port(), _free_port()
        self._imap = _ImapServer(self.accounts, self.imap_port)
        self._smtp = Controller(
            self,
            hostname=HOST,
            port=self.smtp_port,
            authenticator=self.authenticate,
            auth_require_tls=False,
            server_hostname=border,
        )

    def __enter__(self) -> Self:
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd warns of its own old names at each login
        self._imap.start()
        self._smtp.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._smtp.stop()
        self._imap.stop()

    def authenticate(self, server: Any, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        """Accept the account's own password and nothing else."""
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        login = data.login.decode("utf-8", "replace").lower()
        good = self.accounts.get(login) == data.password.decode("utf-8", "replace")
        return AuthResult(success=good, handled=False, auth_data=login if good else None)

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer one recipient: strangers reach only mailboxes that exist."""
        if not session.auth_data and address.lower() not in self.accounts:
            return "550 5.7.1 relaying denied"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Trace one mail and deliver it; what has no mailbox comes back to its sender."""
        mail = envelope.content if isinstance(envelope.content, bytes) else b""
        login = session.auth_data if isinstance(session.auth_data, str) else None
        await asyncio.get_running_loop().run_in_executor(
            None, self._take, mail, envelope.mail_from or "", login, list(envelope.rcpt_tos)
        )
        return "250 2.0.0 delivered"

    def _take(self, mail: bytes, envelope_from: str, login: str | None, recipients: list[str]) -> None:
        now = datetime.now(UTC)
        for recipient in map(str.lower, recipients):
            if recipient in self.accounts:
                self._deliver(recipient, traced(mail, self.border, envelope_from, login, now))
            elif envelope_from.lower() in self.accounts:
                report = bounce(mail, self.border, envelope_from, recipient, now)
                self._deliver(envelope_from.lower(), traced(report, self.border, "", None, now))

    def _deliver(self, address: str, mail: bytes) -> None:
        """Append to the inbox as an IMAP client does, so that IDLE wakes up."""
        with imaplib.IMAP4(HOST, self.imap_port) as client:
            client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.login(address, self.accounts[address])
            verdict, told = client.append("INBOX", "", "", mail)
            if verdict != "OK":
                raise OSError(f"the mailbox of {address} did not take a mail: {told!r}")


class _ImapServer:
    """pymap with mailboxes in memory, on an event loop in a thread of its own."""

    def __init__(self, accounts: Mapping[str, str], port: int) -> None:
        self._accounts, self._port = accounts, port
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="imap", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped: asyncio.Event | None = None

    def start(self) -> None:
        self._thread.start()
        if not self._ready.wait(START_SECONDS):
            raise RuntimeError("the IMAP server did not start")

    def stop(self) -> None:
        if self._loop and self._stopped:
            self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(START_SECONDS)

    async def _serve(self) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        backend, config = await DictBackend.init(self._settings())
        passwords = Passwords(config)
        for address, password in self._accounts.items():
            hashed = await passwords.hash_password(password)
            backend.login.users_dict[address] = UserMetadata(config, address, password=hashed)
        async with AsyncExitStack() as stack:
            await backend.start(stack)
            await IMAPService(backend, config).start(stack)
            self._ready.set()
            await self._stopped.wait()

    def _settings(self) -> Namespace:
        first, password = next(iter(self._accounts.items()))
        return Namespace(
            demo_data=False,
            demo_user=first,
            demo_password=password,
            host=HOST,
            port=self._port,
            debug=False,
            cert=None,
            key=None,
            passlib_cfg=None,
            tls=False,
            proxy_protocol=None,
            inherited_sockets=None,
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
