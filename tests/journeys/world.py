"""A whole Buydesk between real servers, and the people around it who write and answer mail."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.message import EmailMessage
from email.utils import make_msgid
from itertools import count

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from parsers.child import read_in_child
from parsers.message import Message as Mail
from parsers.message import parse_message
from procurement.organisation_folder import read_folder
from procurement.steps.load import load_organisation
from records.base import utc_now
from records.blobs import Blobs
from records.database import Database
from records.exceptions import OPEN_STATES
from records.tables import ExceptionItem, Mailbox, Message, Organisation, PurchaseOrder, Requisition
from scheduler.jobs import Jobs, apply_schema
from scheduler.pipeline import MOVES, World, pipeline
from scheduler.runner import Runner
from scheduler.worker import run_until_quiet
from tests.journeys.people import folder
from tests.servers.border import Border
from tests.servers.dovecot import Dovecot

_numbers = count(1)


@dataclass
class Desk:
    """The desk of one organisation, whose name is its own in every test."""

    database: Database
    blobs: Blobs
    dovecot: Dovecot
    border: Border
    slug: str = field(default_factory=lambda: f"north{next(_numbers)}")
    world: World = field(init=False)
    runner: Runner = field(init=False)

    def __post_init__(self) -> None:
        self.world = World(self.blobs, read_in_child)
        if not self.database.is_sqlite:
            apply_schema(self.database)
        self.runner = Runner(self.database, pipeline(self.world), MOVES)
        for local in ("purchasing", "ada", "olga", "dora", "vera"):
            self._register(f"{local}@{self.slug}.example")
        for address in (self.glover, self.krause, f"mallory@evil-{self.slug}.example"):
            self._register(address)
        mailbox = self.dovecot.account(self._user(self.address))
        mailbox = {**mailbox, "address": self.address, "poll_seconds": 1, "move_to": "Done"}
        mailbox.pop("name", None)
        files = folder(self.slug, self.border.name, mailbox, self.border.smtp_config(self.address))
        data, faults = read_folder(files)
        assert data is not None, [str(fault) for fault in faults]
        with self.database.session() as session:
            load_organisation(session, data)

    @property
    def address(self) -> str:
        """The desk's own address."""
        return f"purchasing@{self.slug}.example"

    @property
    def glover(self) -> str:
        """The address that orders for the glove maker go to."""
        return f"orders@gloves-{self.slug}.example"

    @property
    def krause(self) -> str:
        """The address that orders for the paper merchant go to."""
        return f"bestellung@paper-{self.slug}.example"

    def person(self, local: str) -> str:
        """Return the address of somebody in the organisation."""
        return f"{local}@{self.slug}.example"

    def write(self, sender: str, subject: str, text: str, **changes: object) -> str:
        """Send a mail to the desk as ``sender`` (logged in) and return its Message-ID."""
        mail = self.compose(sender, subject, text)
        for name, value in changes.items():
            mail[name.replace("_", "-")] = str(value)
        self.border.submit(sender, self.address, mail.as_bytes().replace(b"\n", b"\r\n"))
        return str(mail["Message-ID"])

    def answer(self, sender: str, received: Mail, text: str, quote: bool = True, login: str | None = "") -> None:
        """Answer a mail that ``sender`` received; ``login`` "" is the sender himself, None a stranger."""
        mail = self.compose(sender, f"Re: {received.subject}", text)
        mail["In-Reply-To"] = received.message_id
        mail["References"] = " ".join((*received.references, received.message_id))
        if quote:
            quoted = "\n".join(f"> {line}" for line in plain(received).splitlines())
            mail.set_content(f"{text}\n\nOn Tuesday {received.from_address} wrote:\n{quoted}\n")
        who = sender if login == "" else login
        self.border.submit(who, self.address, mail.as_bytes().replace(b"\n", b"\r\n"))

    def compose(self, sender: str, subject: str, text: str) -> EmailMessage:
        """Return a mail to the desk that is not sent yet."""
        mail = EmailMessage()
        mail["From"] = sender
        mail["To"] = self.address
        mail["Subject"] = subject
        mail["Date"] = utc_now()
        mail["Message-ID"] = make_msgid(domain=sender.partition("@")[2])
        mail.set_content(text)
        return mail

    def work(self) -> None:
        """Poll the mailbox and run every step until nothing is due any more: by jobs on PostgreSQL."""
        self.make_due()
        if self.database.is_sqlite:
            run_until_quiet(self.runner)
            return
        jobs = Jobs(self.database, self.runner)
        self.runner.wake = jobs.wake
        jobs.work_until_quiet()

    def make_due(self) -> None:
        """Let the mailbox be polled at once."""
        with self.database.session() as session:
            session.execute(update(Mailbox).where(Mailbox.state == "active").values(due_at=utc_now()))

    def inbox(self, address: str) -> list[Mail]:
        """Return the mails that ``address`` has received, oldest first."""
        contents = self.dovecot.contents(self._user(address))
        return [parse_message(contents[uid]) for uid in sorted(contents)]

    def later(self, **amount: float) -> None:
        """Let time pass for every step that is run from now on."""
        delta = timedelta(**amount)
        clock = lambda: utc_now() + delta  # noqa: E731
        self.runner = Runner(self.database, pipeline(replace(self.world, clock=clock)), MOVES, clock=clock)

    def ask_no_more_of_small_requests(self) -> None:
        """Let requests stay below a limit of the policy one by one: they are not looked at together."""
        with self.rows() as session:
            session.scalars(select(Organisation)).one().checks = {"split_days": 0}

    @contextmanager
    def rows(self) -> Iterator[Session]:
        """Give a session to look at rows with, or to act as a person at the command line."""
        with self.database.session() as session:
            yield session

    def requisition(self, session: Session) -> Requisition:
        """Return the latest requisition."""
        return session.scalars(select(Requisition).order_by(Requisition.id.desc()).limit(1)).one()

    def orders(self, session: Session) -> list[PurchaseOrder]:
        """Return every order."""
        return list(session.scalars(select(PurchaseOrder).order_by(PurchaseOrder.id)))

    def messages(self, session: Session) -> list[Message]:
        """Return every message."""
        return list(session.scalars(select(Message).order_by(Message.id)))

    def held(self, session: Session) -> list[ExceptionItem]:
        """Return the open exceptions."""
        found = select(ExceptionItem).where(ExceptionItem.state.in_(OPEN_STATES)).order_by(ExceptionItem.id)
        return list(session.scalars(found))

    def _register(self, address: str) -> None:
        self.border.person(address)
        self.border.route(address, self._user(address))

    def _user(self, address: str) -> str:
        return "".join(c if c.isalnum() else "-" for c in address)


def plain(mail: Mail) -> str:
    """Return the plain text of a mail."""
    return next(leaf.text or "" for leaf in mail.own_leaves if leaf.media_type == "text/plain")


def pdf(mail: Mail) -> bytes:
    """Return the one PDF that a mail carries."""
    found = [leaf.data for leaf in mail.own_leaves if leaf.media_type == "application/pdf"]
    assert len(found) == 1
    return found[0]
