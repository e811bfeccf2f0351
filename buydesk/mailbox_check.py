"""Walking a mailbox through everything the desk will do with it, step by step, each told in plain words.

Nothing that is there is changed: what is moved, copied and taken away again is one test mail of our own.
"""

import imaplib
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from buydesk.doctor import Finding
from buydesk.plain_words import explained
from dispatch.compose import Outgoing, compose
from dispatch.smtp import Verdict, conversation
from dispatch.smtp_relay import login_of, relay_from
from intake.alarms import ends
from intake.imap_folder import Folder, can_move, open_folder
from intake.imap_server import Server, log_in
from intake.mailbox import Account, account_from
from intake.tokens import credential, last_day
from records.base import utc_now
from records.secret import resolve

LOOK_SECONDS = 1.0
T = TypeVar("T")


class StepFailedError(Exception):
    """Raised where a step fails, so that those which need it are left out; the finding has been told."""


@dataclass
class Check:
    """The check of one mailbox; ``findings`` grows while it runs, ``tell`` hears of each at once."""

    config: dict[str, object]
    smtp: dict[str, object]
    tell: Callable[[Finding], None]
    send: bool = True
    patience: float = 60.0  # seconds to wait for the test mail
    findings: list[Finding] = field(default_factory=list)

    def run(self) -> bool:
        """Take every step that can be taken, and return whether nothing failed."""
        try:
            account = self._step("settings", self._settings)
            login = credential(account.password, account.oauth, account.username)
            server = self._enter(account, login)
            with server as session:
                self._with(session, account)
        except StepFailedError:
            pass
        except Exception as error:  # whatever a server does wrong is what the check reports
            self._note("session", "failed", explained(error))
        return all(finding.verdict != "failed" for finding in self.findings)

    def _enter(self, account: Account, login: object) -> "_Session":
        session = _Session(account, login)
        self._step("login", session.open)
        how = "with a token" if account.oauth else "with a password"
        safe = "without TLS on this very machine" if account.tls == "none" else "over verified TLS"
        self._note("login", "ok", f"{account.username} signs in at {account.host}:{account.port} {how}, {safe}.")
        return session

    def _with(self, server: Server, account: Account) -> None:
        self._step("abilities", lambda: self._abilities(server, account))
        folder = self._step("folder", lambda: self._folder(server, account))
        self._step("read", lambda: self._read(folder))
        if not self.send:
            self._step("move", lambda: self._rights(server, account))
            return
        mail_id = self._step("send", lambda: self._send(account))
        place = self._step("receive", lambda: self._receive(server, account, mail_id))
        self._step("move", lambda: self._move(server, account, place, mail_id))
        self._step("sent folder", lambda: self._sent(server, account, mail_id))

    def _step(self, name: str, act: Callable[[], T]) -> T:
        try:
            return act()
        except StepFailedError:
            raise
        except Exception as error:  # whatever a server does wrong is what the check reports
            self._note(name, "failed", explained(error))
            raise StepFailedError from error

    def _note(self, name: str, verdict: str, detail: str) -> None:
        self.findings.append(Finding(name, verdict, detail))
        self.tell(self.findings[-1])

    def _settings(self) -> Account:
        account = account_from(self.config)
        if not account.oauth:
            resolve(account.password)
        self._note("settings", "ok", f"{account.address}, read from {account.folder} every {account.poll_seconds:g} s.")
        if account.oauth and (expires := last_day(account.oauth)):
            soon = expires - utc_now().date() <= timedelta(days=30)
            said = f"What the mailbox signs in with {ends(expires, utc_now())}."
            self._note("credential", "warning" if soon else "ok", said)
        elif account.oauth:
            self._note("credential", "warning", "Its end is not known: set oauth.expires, and you are told in time.")
        return account

    def _abilities(self, server: Server, account: Account) -> None:
        if account.move_to and not can_move(server):
            said = "The server has neither MOVE nor UIDPLUS: mail cannot leave the folder safely. Leave move_to out."
            self._note("abilities", "failed", said)
            raise StepFailedError
        if "IDLE" not in server.capabilities:
            said = f"The server lacks IDLE: new mail is seen only every {account.poll_seconds:g} s."
            self._note("abilities", "warning", said)
        else:
            known = sorted({"IDLE", "MOVE", "UIDPLUS", "X-GM-EXT-1"} & server.capabilities)
            self._note("abilities", "ok", f"The server has what is needed ({', '.join(known)}).")

    def _folder(self, server: Server, account: Account) -> Folder:
        name = server.folder_name(account.folder)
        try:
            folder = open_folder(server, name)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            self._note("folder", "failed", f"{explained(error)} The account has {_folders(server)}.")
            raise StepFailedError from error
        self._note("folder", "ok", f"{name} can be opened (UIDVALIDITY {folder.uidvalidity}).")
        return folder

    def _read(self, folder: Folder) -> None:
        uids = folder.uids()
        if not uids:
            self._note("read", "ok", f"{folder.name} is empty.")
            return
        if not folder.head(uids[-1]):
            raise ConnectionError("the server lists mail but does not give its header")
        self._note("read", "ok", f"{len(uids)} mails in {folder.name}; they can be read, and stay unread.")

    def _rights(self, server: Server, account: Account) -> None:
        if not account.move_to:
            self._note("move", "ok", "Mail is never moved: there is no move_to.")
            return
        open_folder(server, server.folder_name(account.folder), writable=True)
        self._note("move", "ok", f"Mail may be moved out of {account.folder}; without a test mail none was.")

    def _send(self, account: Account) -> str:
        relay = relay_from(self.smtp)
        mail_id = f"<check.{secrets.token_hex(12)}@{account.address.rpartition('@')[2]}>"
        raw = compose(
            Outgoing(
                sender=account.address,
                sender_name="Buydesk",
                recipient=account.address,
                subject="Test mail of the purchasing desk",
                text="This mail shows that the desk can send and receive. Nothing is to be done.\n",
                message_id=mail_id,
                date=utc_now(),
                automatic=True,
            )
        )
        with conversation(relay, login_of(relay)) as talk:
            answer = talk.refusal(account.address, account.address, len(raw))
            if answer is None:
                talk.body(raw)
                answer = talk.finish()
                talk.quit()
        if answer.verdict is not Verdict.ACCEPTED:
            self._note("send", "failed", f"{relay.host} does not take mail of {account.address} to itself: {answer}.")
            raise StepFailedError
        self._note("send", "ok", f"{relay.host} took a test mail to {account.address}.")
        return mail_id

    def _receive(self, server: Server, account: Account, mail_id: str) -> str:
        """Return the folder in which the test mail is: a desk that runs may have moved it already."""
        names = [server.folder_name(name) for name in (account.folder, account.move_to) if name]
        began = time.monotonic()
        while time.monotonic() - began < self.patience:
            for name in names:
                if _found(server, name, mail_id):
                    took = time.monotonic() - began
                    self._note("receive", "ok", f"The test mail arrived in {name} after {took:.0f} s.")
                    return name
            time.sleep(LOOK_SECONDS)
        self._note(
            "receive",
            "failed",
            f"The test mail did not arrive in {account.folder} within {self.patience:.0f} s. Look at the spam folder, "
            "at rules that move mail, and whether this account gets the mail of its address.",
        )
        raise StepFailedError

    def _move(self, server: Server, account: Account, place: str, mail_id: str) -> None:
        if not account.move_to:
            self._note("move", "ok", "Mail is never moved: there is no move_to.")
        else:
            target = server.folder_name(account.move_to)
            if place != target:
                open_folder(server, place, writable=True).move(_found(server, place, mail_id, writable=True), target)
            if not _found(server, target, mail_id):
                raise ConnectionError(f"the test mail did not come to {target}")
            self._note("move", "ok", f"The test mail was moved to {target}.")
            place = target
        _take_away(server, place, mail_id)

    def _sent(self, server: Server, account: Account, mail_id: str) -> None:
        if not account.sent_folder:
            self._note("sent folder", "ok", "Nothing is put into a Sent folder: there is no sent_folder.")
            return
        name = server.folder_name(account.sent_folder)
        client = server.client
        if not server.command("list", client.folder_exists, name):
            server.create(name)
        raw = f"From: {account.address}\r\nSubject: Test mail\r\nMessage-ID: {mail_id}\r\n\r\nTest.\r\n".encode()
        server.command("append", client.append, name, raw, (b"\\Seen",), utc_now())
        if not _found(server, name, mail_id):
            raise ConnectionError(f"what was put into {name} is not found there")
        _take_away(server, name, mail_id)
        self._note("sent folder", "ok", f"A copy can be put into {name}.")


class _Session:
    """A login that is opened as one step and used as a context."""

    def __init__(self, account: Account, login: object) -> None:
        self._context = log_in(account, login)  # type: ignore[arg-type]
        self._server: Server | None = None

    def open(self) -> None:
        self._server = self._context.__enter__()

    def __enter__(self) -> Server:
        assert self._server is not None
        return self._server

    def __exit__(self, *end: object) -> None:
        self._context.__exit__(*end)  # type: ignore[arg-type]


def _found(server: Server, folder: str, mail_id: str, *, writable: bool = False) -> list[int]:
    """Return the UIDs of the test mail in ``folder``; none where there is no such folder."""
    client = server.client
    if not server.command("list", client.folder_exists, folder):
        return []
    open_folder(server, folder, writable)
    server.command("noop", client.noop)
    return [int(uid) for uid in server.command("search", client.search, ["HEADER", "Message-ID", mail_id])]


def _take_away(server: Server, folder: str, mail_id: str) -> None:
    """Remove the test mail, and only that, where the server can do so (UIDPLUS)."""
    if "UIDPLUS" not in server.capabilities:
        return
    if uids := _found(server, folder, mail_id, writable=True):
        server.command("store", server.client.add_flags, uids, [b"\\Deleted"], True)
        server.command("expunge", server.client.uid_expunge, uids)


def _folders(server: Server) -> str:
    names: Iterator[str] = (str(name) for _, _, name in server.command("list", server.client.list_folders))
    some = sorted(names)
    return ", ".join(some[:20]) + (", ..." if len(some) > 20 else "")
