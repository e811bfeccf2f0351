"""A session with an IMAP server: TLS, login, and the one place through which every command goes.

Follows RFC 9051 and RFC 3501 over IMAPClient. What the server refuses in a way that the desk acts upon
becomes an error of its own; every other failure (``BROKEN``) rises as it is and ends the session.
"""

import imaplib
import re
import socket
import ssl
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, TypeVar

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import LoginError

from intake.mailbox import Account, AccountError
from intake.refusals import LoginRefusedError, ThrottledError
from intake.sasl import TokenLogin
from intake.tokens import Credential, TokenSource
from records.failpoint import hit

# What a broken connection, or an answer that cannot be parsed, raises out of IMAPClient and imaplib.
BROKEN = (imaplib.IMAP4.error, OSError, ValueError, LookupError, TypeError, AssertionError)
CONNECT_SECONDS = 30

_THROTTLED = re.compile(r"request is throttled.*?suggested backoff time:\s*(\d{1,9})\s*milli", re.I | re.S)
_TEMPORARY = re.compile(r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]|temporar|try again", re.I)
T = TypeVar("T")


@dataclass
class Server:
    """A session that has logged in."""

    client: IMAPClient

    def command(self, name: str, call: Callable[..., T], *arguments: object) -> T:
        """Return ``call(*arguments)``; every IMAP command of the product passes here."""
        hit(f"imap:{name}")
        try:
            answer = call(*arguments)
        except imaplib.IMAP4.error as error:
            if throttled := _THROTTLED.search(str(error)):
                raise ThrottledError(timedelta(milliseconds=int(throttled.group(1)))) from error
            raise
        hit(f"imap:{name}:done")
        return answer

    @cached_property
    def capabilities(self) -> frozenset[str]:
        """What the server can do after login (``MOVE``, ``IDLE``), in capitals."""
        found = self.command("capability", self.client.capabilities)
        return frozenset(one.decode("ascii", "replace").upper() for one in found)

    @cached_property
    def _namespace(self) -> tuple[str, str]:
        """The prefix and delimiter of the account's own folders."""
        if "NAMESPACE" in self.capabilities:
            personal = self.command("namespace", self.client.namespace).personal
            if personal:
                return personal[0][0] or "", personal[0][1] or "/"
        listed = self.command("list", self.client.list_folders, "", "")
        delimiter = listed[0][1] if listed else None
        return "", delimiter.decode("ascii", "replace") if delimiter else "/"

    def folder_name(self, written: str) -> str:
        """Return the server's name of a folder that is configured with "/" between its levels.

        Where the server puts its personal folders below a prefix ("INBOX."), the prefix is added.
        """
        if written.upper() == "INBOX":
            return "INBOX"
        prefix, delimiter = self._namespace
        name = written.replace("/", delimiter)
        return name if not prefix or name.upper().startswith(prefix.upper()) else prefix + name

    def create(self, folder: str) -> None:
        """Create ``folder`` (the server's name); one that has come into being meanwhile is as good."""
        try:
            self.command("create", self.client.create_folder, folder)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            if not self.command("list", self.client.folder_exists, folder):
                raise


@contextmanager
def log_in(account: Account, credential: Credential) -> Iterator[Server]:
    """Give a session at ``account``; raises LoginRefusedError, ThrottledError or one of ``BROKEN``.

    ``credential`` is a password or a source of tokens (intake.tokens); a token that is refused is renewed once.

    The session ends with LOGOUT, never with CLOSE, which would expunge what people had marked as deleted.
    """
    client = _connect(account)
    server = Server(client)
    try:
        _secure(server, account)
        _authenticate(server, account, credential)
        yield server
        _log_out(server)
    finally:
        _hang_up(client)


def _connect(account: Account) -> IMAPClient:
    hit("imap:connect")
    client = IMAPClient(
        account.host,
        port=account.port,
        ssl=account.tls == "implicit",
        ssl_context=_context(account) if account.tls == "implicit" else None,
        timeout=SocketTimeout(min(CONNECT_SECONDS, account.timeout), account.timeout),
    )
    client._imap.debug = 0  # IMAPClient logs every body otherwise, at seven times the cost
    client._imap.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.normalise_times = False
    hit("imap:connect:done")
    return client


def _context(account: Account) -> ssl.SSLContext:
    """Return a context that verifies certificate and host name, by the account's own CA if it has one."""
    return ssl.create_default_context(cafile=account.ca_file)


def _secure(server: Server, account: Account) -> None:
    if account.tls == "starttls":
        server.command("starttls", server.client.starttls, _context(account))


def _authenticate(server: Server, account: Account, credential: Credential) -> None:
    offered = server.command("capability", server.client.capabilities)
    if isinstance(credential, str):
        _give_password(server, account, credential, offered)
        return
    if f"AUTH={_mechanism(account)}".encode() not in {one.upper() for one in offered}:
        raise AccountError(f"the server offers no login with OAuth by {_mechanism(account)}")
    _give_token(server, account, credential)


def _mechanism(account: Account) -> str:
    return account.oauth.mechanism.upper() if account.oauth else ""


def _give_password(server: Server, account: Account, password: str, offered: Collection[bytes]) -> None:
    client = server.client
    if b"LOGINDISABLED" in offered and b"AUTH=PLAIN" not in offered:
        raise AccountError("the server offers no login with a password")
    plain = b"LOGINDISABLED" in offered or not (account.username + password).isascii()
    with _refusals():
        server.command("login", client.plain_login if plain else client.login, account.username, password)


def _give_token(server: Server, account: Account, source: TokenSource) -> None:
    token = source.token()
    try:
        _offer(server, account, token)
    except LoginRefusedError:  # it may have been withdrawn before its time
        _offer(server, account, source.renewed(token))


def _offer(server: Server, account: Account, token: str) -> None:
    mechanism = _mechanism(account)
    login = TokenLogin(mechanism.lower(), account.username, token, account.host, account.port)
    try:
        with _refusals():
            server.command("login", server.client.sasl_login, mechanism, login.answer)
    except LoginRefusedError as error:
        raise LoginRefusedError(f"{error} {login.reason}".strip()) from error


@contextmanager
def _refusals() -> Iterator[None]:
    """Tell a refusal of the login from a login that did not go through."""
    try:
        yield
    except LoginError as error:
        # IMAPClient turns a connection that broke during login into a refusal: it is none.
        if isinstance(error.__context__, imaplib.IMAP4.abort) or _TEMPORARY.search(str(error)):
            raise ConnectionError(f"the login did not go through: {error}") from error
        raise LoginRefusedError(str(error)) from error


def _log_out(server: Server) -> None:
    """Say good-bye; everything was done before, so a server that is gone already does no harm."""
    try:
        server.command("logout", server.client.logout)
    except BROKEN:
        return


def _hang_up(client: Any) -> None:
    """Close the socket whatever state it is in."""
    try:
        client.shutdown()
    except BROKEN:
        return
