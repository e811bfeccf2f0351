"""The organisation's mail border, played by a small SMTP server: what people submit reaches the desk by it.

``Border`` accepts mail on loopback (STARTTLS and AUTH offered), puts Return-Path, Authentication-Results
and Received on top as a real border does, drops results that others wrote in its name, and delivers to
Dovecot. ``submit`` sends as a person would::

    border.person("ada@people.example")                  # may log in and owns people.example
    border.submit("ada@people.example", "po@desk.example", mail)          # dmarc=pass
    border.submit(None, "po@desk.example", forged)                        # dmarc=fail
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from parsers.message import parse_message
from tests.servers.certificates import Certificates, make_certificates
from tests.servers.dovecot import Dovecot, free_port

NAME = "mx.northwind.example"
PASSWORD = "secret"


@dataclass
class Border:
    """A running border called ``name`` (its authserv-id) at ``address``:``port``.

    Mail to ``LOCAL@anything`` goes to the Dovecot user whom ``routes`` gives for the address, or LOCAL.
    ``refused`` recipients are answered with 550, as unknown users are.
    """

    dovecot: Dovecot
    certificates: Certificates
    name: str = NAME
    address: str = "127.0.0.1"
    port: int = field(default_factory=free_port)
    routes: dict[str, str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    accepted: int = 0
    _people: set[str] = field(default_factory=set)

    @property
    def ca_file(self) -> str:
        """The authority that a client trusts to reach this server by TLS."""
        return str(self.certificates.ca_file)

    def person(self, address: str) -> None:
        """Let ``address`` log in; its login owns the address's domain."""
        self._people.add(address.lower())

    def route(self, address: str, user: str) -> None:
        """Deliver mail for ``address`` to the Dovecot user ``user``."""
        self.routes[address.lower()] = user

    def submit(self, login: str | None, recipient: str, mail: bytes, envelope_from: str | None = None) -> None:
        """Send ``mail`` to ``recipient``, logged in as the person ``login`` (None: as a stranger)."""
        context = ssl.create_default_context(cafile=self.ca_file)
        with smtplib.SMTP(self.address, self.port, local_hostname="client.example", timeout=30) as client:
            client.starttls(context=context)
            if login:
                client.login(login, PASSWORD)
            sender = envelope_from if envelope_from is not None else login or "stranger@elsewhere.example"
            client.sendmail(sender, [recipient], mail)

    def smtp_config(self, login: str) -> dict[str, object]:
        """Return an Organisation.smtp that sends through this server as the person ``login``."""
        self.person(login)
        return {
            "host": self.address,
            "port": self.port,
            "tls": "starttls",
            "username": login,
            "password": f"file:{self.dovecot.folder / 'password'}",
            "ca_file": self.ca_file,
        }

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer one recipient."""
        if address.lower() in self.refused:
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Trace and deliver one mail."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        login = session.auth_data.decode() if isinstance(session.auth_data, bytes) else ""
        traced = self.trace(content, envelope.mail_from or "", login)
        for recipient in envelope.rcpt_tos:
            user = self.routes.get(recipient.lower(), recipient.partition("@")[0])
            self.dovecot.deliver(user, f"Delivered-To: {recipient}\r\n".encode() + traced)
        self.accepted += 1
        return "250 2.0.0 delivered"

    def trace(self, mail: bytes, envelope_from: str, login: str) -> bytes:
        """Return ``mail`` with the border's fields on top and without results in the border's name."""
        sender = parse_message(mail).sender
        domain = sender.address.rpartition("@")[2] if sender else "invalid"
        owns = bool(login) and login.rpartition("@")[2] == domain
        dmarc, now = "pass" if owns else "fail", format_datetime(datetime.now(UTC))
        top = (
            f"Return-Path: <{envelope_from}>\r\n"
            f"Authentication-Results: {self.name}; dmarc={dmarc} header.from={domain}\r\n"
            f"Received: from client.example (client.example [127.0.0.1])\r\n"
            f"\tby {self.name} with {'ESMTPSA' if login else 'ESMTPS'}; {now}\r\n"
        )
        return top.encode("ascii", "replace") + _without_results_of(mail, self.name)

    def authenticate(self, server: Any, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        """Accept the password of every person."""
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        login = data.login.decode("utf-8", "replace").lower()
        good = login in self._people and data.password == PASSWORD.encode()
        return AuthResult(success=good, handled=False, auth_data=login.encode() if good else None)


def _without_results_of(mail: bytes, name: str) -> bytes:
    """Return ``mail`` without the fields that claim to be results of ``name`` (RFC 8601, section 5)."""
    forged = rb"(?im)^authentication-results:[ \t]*" + re.escape(name.encode()) + rb"\b.*\r?\n(?:[ \t].*\r?\n)*"
    head, gap, body = mail.partition(b"\r\n\r\n")
    return re.sub(forged, b"", head + b"\r\n")[:-2] + gap + body


@contextmanager
def running_border(dovecot: Dovecot, folder: Path, name: str = NAME) -> Iterator[Border]:
    """Give a border that delivers to ``dovecot``; it stops at the end."""
    border = Border(dovecot, make_certificates(folder), name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(border.certificates.cert_file, border.certificates.key_file)
    controller = Controller(
        border,
        hostname=border.address,
        port=border.port,
        tls_context=context,
        authenticator=border.authenticate,
        auth_required=False,
        server_hostname=name,
    )
    controller.start()
    try:
        yield border
    finally:
        controller.stop()
