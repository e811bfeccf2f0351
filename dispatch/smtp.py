"""One conversation with a mail server, command by command (RFC 5321, 3207, 4954).

The final dot is a command of its own (``finish``), so that what must be durable before it can be made
durable before it. Answers are values; a connection that breaks before the dot raises, after it it is the
answer ``NO_ANSWER``. Every command passes a failpoint before and after.
"""

import re
import selectors
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

from dispatch.outbox import dot_stuffed
from dispatch.smtp_relay import Relay, RelayError
from dispatch.smtp_replies import Client, ImplicitClient, PlainClient
from intake.refusals import LoginRefusedError
from intake.sasl import TokenLogin
from intake.tokens import Credential
from records.failpoint import hit

SHORT_TOKEN = 200
BY_PASSWORD = {"PLAIN": "auth_plain", "LOGIN": "auth_login", "CRAM-MD5": "auth_cram_md5"}

_ADDRESS = re.compile(r"[!-;=?-~]{1,64}@[!-;=?-~]{1,255}")
T = TypeVar("T")


class ConversationError(ConnectionError):
    """Raised where the server breaks off or says what it may not, and nothing was handed over."""


class Verdict(StrEnum):
    """What an answer means for the mail."""

    ACCEPTED = "accepted"
    GO_AHEAD = "go ahead"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    NO_ANSWER = "no answer"


@dataclass(frozen=True)
class Answer:
    """What the server said: ``code`` is 0 where it said nothing that can be understood."""

    code: int
    text: str = ""

    @property
    def verdict(self) -> Verdict:
        """What the code means by its first digit (RFC 5321 4.2.1)."""
        if self.code == 354:
            return Verdict.GO_AHEAD
        kinds = {2: Verdict.ACCEPTED, 4: Verdict.TEMPORARY, 5: Verdict.PERMANENT}
        return kinds.get(self.code // 100, Verdict.NO_ANSWER)

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip() if self.code else self.text or "no answer"


@dataclass
class Conversation:
    """A connection that greeted, is safe, and has logged in; one mail goes through it."""

    client: Client
    relay: Relay

    def command(self, name: str, call: Callable[..., T], *arguments: Any) -> T:
        """Return ``call(*arguments)``; every SMTP command of the product passes here."""
        hit(f"smtp:{name}")
        try:
            answer = call(*arguments)
        except smtplib.SMTPServerDisconnected as error:
            raise ConversationError(f"{name}: {error}") from error
        hit(f"smtp:{name}:done")
        return answer

    def ehlo(self) -> None:
        """Greet; raises smtplib.SMTPHeloError where the server will not talk to us."""
        self.command("ehlo", self.client.ehlo_or_helo_if_needed)

    def starttls(self) -> None:
        """Make the connection safe, certificate and host name verified, and greet again."""
        self.command("starttls", lambda: self.client.starttls(context=_context(self.relay)))
        if self.client.unread:
            raise ConversationError("starttls: the server spoke before the connection was safe")
        self.ehlo()

    def login(self, username: str, secret: Credential) -> None:
        """Log in; raises LoginRefusedError where that is refused for good, a token once renewed."""
        if isinstance(secret, str):
            self._give_password(username, secret)
            return
        mechanism = self.relay.oauth.mechanism if self.relay.oauth else "xoauth2"
        if mechanism.upper() not in self._mechanisms():
            raise RelayError(f"the server offers no login with OAuth by {mechanism.upper()}")
        token = secret.token()
        try:
            self._offer(mechanism, username, token)
        except LoginRefusedError:  # it may have been withdrawn before its time
            self._offer(mechanism, username, secret.renewed(token))

    def _mechanisms(self) -> list[str]:
        return str(self.client.esmtp_features.get("auth", "")).upper().split()

    def _give_password(self, username: str, password: str) -> None:
        """Log in by one mechanism: smtplib's own login tries them all, and each counts towards a lock-out."""
        offered = [name for name in BY_PASSWORD if name in self._mechanisms()]
        if not offered:
            raise RelayError("the server offers no login with a password")
        if not (username + password).isascii():
            raise RelayError("the username and the password of a relay are plain ASCII")
        self.client.user, self.client.password = username, password
        self._log_in(self.client.auth, offered[0], getattr(self.client, BY_PASSWORD[offered[0]]))

    def _offer(self, mechanism: str, username: str, token: str) -> None:
        said = TokenLogin(mechanism, username, token, self.relay.host, self.relay.port)
        short = len(token) < SHORT_TOKEN  # a longer one does not fit into the line of the command (RFC 4954 4)
        try:
            self._log_in(partial(self.client.auth, initial_response_ok=short), mechanism, said.answer)
        except LoginRefusedError as error:
            raise LoginRefusedError(f"{error} {said.reason}".strip()) from error

    def _log_in(self, call: Callable[..., object], *arguments: object) -> None:
        """Tell a refusal for good (RFC 4954 6: 5yz) from one for now, which rises as it is."""
        try:
            self.command("login", call, *arguments)
        except smtplib.SMTPAuthenticationError as error:
            if error.smtp_code // 100 != 5:
                raise
            raise LoginRefusedError(f"{error.smtp_code} {_text(_bytes(error.smtp_error))}") from error

    def mail(self, sender: str, size: int) -> Answer:
        """Begin a mail from ``sender``; ``size`` lets a server refuse early (RFC 1870)."""
        options = [f"size={size}"] if self.client.has_extn("size") else []
        return self._answer("mail", self.client.mail, _checked(sender), options)

    def rcpt(self, recipient: str) -> Answer:
        """Name the recipient."""
        return self._answer("rcpt", self.client.rcpt, _checked(recipient))

    def data(self) -> Answer:
        """Ask whether the mail may come; GO_AHEAD says that it may."""
        return self._answer("data", self.client.docmd, "DATA")

    def refusal(self, sender: str, recipient: str, size: int) -> Answer | None:
        """Ask to hand over one mail; return the answer that refuses it, None where the body may come."""
        asked: tuple[tuple[Verdict, Callable[[], Answer]], ...] = (
            (Verdict.ACCEPTED, lambda: self.mail(sender, size)),
            (Verdict.ACCEPTED, lambda: self.rcpt(recipient)),
            (Verdict.GO_AHEAD, self.data),
        )
        for wanted, ask in asked:
            answer = ask()
            if answer.verdict in (Verdict.TEMPORARY, Verdict.PERMANENT):
                return answer
            if answer.verdict is not wanted:
                raise ConversationError(f"the server answered {answer}")
        return None

    def body(self, raw: bytes) -> None:
        """Send ``raw`` dot-stuffed and without the final dot: the mail is not handed over yet."""
        self.command("body", self.client.send, dot_stuffed(raw))
        self._expect_silence()

    def finish(self) -> Answer:
        """Send the final dot and return the answer; it is NO_ANSWER wherever that is in doubt."""
        try:
            self._socket().settimeout(self.relay.final_seconds)
            answer = self._answer("finish", self._final_dot)
        except OSError as error:
            return Answer(0, f"no answer: {error}")
        return Answer(0, f"not an answer: {answer}") if answer.verdict is Verdict.GO_AHEAD else answer

    def quit(self) -> None:
        """Say good-bye without waiting for the answer, which nothing depends on."""
        try:
            self.command("quit", self.client.send, b"QUIT\r\n")
        except OSError:
            return

    def _final_dot(self) -> tuple[int, bytes]:
        self.client.send(b".\r\n")
        return self.client.getreply()

    def _answer(self, name: str, call: Callable[..., tuple[int, bytes]], *arguments: Any) -> Answer:
        code, text = self.command(name, call, *arguments)
        return Answer(code, _text(text))

    def _expect_silence(self) -> None:
        """Raise if the server spoke or left before the dot: then the mail surely is not handed over."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket(), selectors.EVENT_READ)
            if self.client.unread or selector.select(timeout=0):
                raise ConversationError("the server broke off while the mail was on its way")

    def _socket(self) -> Any:
        if self.client.sock is None:
            raise ConversationError("the connection is closed")
        return self.client.sock


@contextmanager
def conversation(relay: Relay, secret: Credential | None) -> Iterator[Conversation]:
    """Give a conversation that is ready for a mail; the connection is closed at the end in any case.

    Raises OSError (of which smtplib.SMTPException is one) where there is no getting through, and
    LoginRefusedError where the server does not let us in.
    """
    client = _connect(relay)
    try:
        talk = Conversation(client, relay)
        talk.ehlo()
        if relay.tls == "starttls":
            talk.starttls()
        if relay.username:
            talk.login(relay.username, secret or "")
        yield talk
    finally:
        client.close()


def _connect(relay: Relay) -> Client:
    hit("smtp:connect")
    if relay.tls == "implicit":
        client: Client = ImplicitClient(
            relay.host,
            relay.port,
            local_hostname=relay.greeting,
            timeout=relay.connect_seconds,
            context=_context(relay),
        )
    else:
        client = PlainClient(relay.host, relay.port, local_hostname=relay.greeting, timeout=relay.connect_seconds)
    if client.sock is not None:
        client.sock.settimeout(relay.command_seconds)
    hit("smtp:connect:done")
    return client


def _context(relay: Relay) -> ssl.SSLContext:
    """Return a context that verifies certificate and host name, by the relay's own CA if it has one."""
    return ssl.create_default_context(cafile=relay.ca_file)


def _checked(address: str) -> str:
    """Return ``address`` if it can stand in a command as it is; raises ValueError (RFC 5321 4.1.2)."""
    if not _ADDRESS.fullmatch(address):
        raise ValueError(f"not an address: {address!r}")
    return address


def _bytes(said: bytes | str) -> bytes:
    return said.encode("utf-8", "replace") if isinstance(said, str) else said


def _text(said: bytes) -> str:
    """Return what the server said as one harmless line."""
    words = said.decode("utf-8", "replace").split()
    return "".join(c for c in " ".join(words) if c.isprintable())[:500]
