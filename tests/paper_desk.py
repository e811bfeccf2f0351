"""A whole desk without mail servers: mail is put in as rows, and what goes out stays in the outbox."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from email.utils import make_msgid
from itertools import count

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from parsers.document import read_document
from parsers.hints import Lessons
from parsers.message import Message as Mail
from parsers.message import parse_message
from parsers.reading import Reading
from procurement.organisation_folder import read_folder
from procurement.steps.load import load_organisation
from records.base import utc_now
from records.blobs import Blobs
from records.database import Database
from records.exceptions import OPEN_STATES
from records.tables import (
    Base,
    ExceptionItem,
    Mailbox,
    Message,
    Organisation,
    Outbound,
    PurchaseOrder,
    Requisition,
)
from scheduler.pipeline import MOVES, World, pipeline
from scheduler.runner import Runner
from scheduler.worker import run_until_quiet
from tests.conftest import Clock
from tests.journeys.people import folder

BORDER = "mx.border.example"
SERVER_STEPS = frozenset({"poll", "send", "copy_to_sent"})
_numbers = count(1)


def read_at_once(data: bytes, name: str | None, media_type: str | None, *, lessons: Lessons | None = None) -> Reading:
    """Read a document in this process."""
    return read_document(data, name, media_type, lessons=lessons)


@dataclass
class PaperDesk:
    """The desk of the organisation ``slug`` (people and master data: tests.journeys.people)."""

    database: Database
    blobs: Blobs
    slug: str = "north"
    clock: Clock = field(default_factory=lambda: Clock(utc_now() + timedelta(hours=1)))
    runner: Runner = field(init=False)

    def __post_init__(self) -> None:
        world = World(self.blobs, read_at_once, clock=self.clock)
        self.runner = Runner(self.database, pipeline(world), MOVES, clock=self.clock)
        self.load(folder(self.slug, BORDER, self._mailbox(), {"host": "127.0.0.1", "port": 1, "tls": "none"}))
        with self.database.session() as session:
            self.organisation_id = session.scalars(select(Organisation.id).where(Organisation.slug == self.slug)).one()

    def load(self, files: dict[str, bytes]) -> None:
        """Load a folder's files."""
        data, faults = read_folder(files)
        assert data is not None, [str(fault) for fault in faults]
        with self.database.session() as session:
            load_organisation(session, data)

    def _mailbox(self) -> dict[str, object]:
        account = {"host": "127.0.0.1", "port": 1, "tls": "none", "username": self.slug, "password": "env:NONE"}
        return {**account, "address": self.address, "poll_seconds": 600}

    @property
    def address(self) -> str:
        """The desk's own address."""
        return f"purchasing@{self.slug}.example"

    @property
    def glover(self) -> str:
        """The address that orders for the glove maker go to."""
        return f"orders@gloves-{self.slug}.example"

    def person(self, local: str) -> str:
        """Return the address of somebody in the organisation."""
        return f"{local}@{self.slug}.example"

    def mail(self, sender: str, subject: str, text: str, **fields: str) -> bytes:
        """Return a mail of ``sender`` as the border passes it on: proven, unless ``proven`` is "no" or "envelope"."""
        mail = EmailMessage()
        domain = sender.rpartition("@")[2]
        results = {
            "yes": f"dmarc=pass header.from={domain}",
            "no": f"dmarc=fail header.from={domain}",
            "envelope": f"spf=pass smtp.mailfrom={domain}",
        }
        mail["Authentication-Results"] = f"{BORDER}; {results[fields.pop('proven', 'yes')]}"
        mail["Received"] = f"from out.example by {BORDER}; Mon, 2 Mar 2026 10:00:00 +0000"
        mail["From"] = sender
        mail["To"] = self.address
        mail["Subject"] = subject
        mail["Date"] = self.clock.now
        mail["Message-ID"] = fields.pop("Message_ID", make_msgid(domain=domain))
        for name, value in fields.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        return mail.as_bytes()

    def deliver(self, raw: bytes) -> int:
        """Put a mail into the mailbox as a row, and return the row's id."""
        with self.database.session() as session:
            box = session.scalars(select(Mailbox).where(Mailbox.organisation_id == self.organisation_id)).one()
            row = Message(
                organisation_id=self.organisation_id,
                mailbox_id=box.id,
                uidvalidity=1,
                uid=next(_numbers),
                raw_sha256=self.blobs.put(raw),
                size=len(raw),
                received_at=self.clock.now,
                settled_on_server=True,
                state="fetched",
            )
            session.add(row)
            session.flush()
            return row.id

    def receive(self, sender: str, subject: str, text: str, **fields: str) -> int:
        """Put in a mail of ``sender``, do what is due, and return the message's id."""
        row_id = self.deliver(self.mail(sender, subject, text, **fields))
        self.work()
        return row_id

    def reply(self, sender: str, to: Mail, text: str, **fields: str) -> int:
        """Put in an answer of ``sender`` to a mail that he received, and do what is due."""
        about = {"In_Reply_To": to.message_id, "References": to.message_id}
        return self.receive(sender, f"Re: {to.subject}", text, **about, **fields)

    def work(self, skip: frozenset[str] = SERVER_STEPS) -> None:
        """Do what is due, without the steps that talk to servers; what is queued then counts as sent."""
        run_until_quiet(self.runner, skip=skip)
        with self.database.session() as session:
            queued = Outbound.state == "queued", Outbound.organisation_id == self.organisation_id
            session.execute(update(Outbound).where(*queued).values(state="sent", due_at=None, sent_at=utc_now()))

    def works_always(self) -> None:
        """Let the organisation work day and night, so that reminders come whenever a test runs."""
        with self.database.session() as session:
            hours = {"starts": "00:00", "ends": "23:59", "country": "ZZ"}
            organisation = session.get_one(Organisation, self.organisation_id)
            organisation.calendar = hours | {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}

    def outbox(self, recipient: str) -> list[Mail]:
        """Return the mails to ``recipient``, oldest first."""
        with self.database.read() as session:
            names = session.scalars(
                select(Outbound.raw_sha256)
                .where(Outbound.organisation_id == self.organisation_id, Outbound.recipient == recipient)
                .order_by(Outbound.id)
            ).all()
        return [parse_message(self.blobs.get(name)) for name in names]

    @contextmanager
    def rows(self) -> Iterator[Session]:
        """Give a session to look at rows with, or to act as a person at the command line."""
        with self.database.session() as session:
            yield session

    def held(self, session: Session) -> list[ExceptionItem]:
        """Return the open exceptions, oldest first."""
        found = select(ExceptionItem).where(
            ExceptionItem.organisation_id == self.organisation_id, ExceptionItem.state.in_(OPEN_STATES)
        )
        return list(session.scalars(found.order_by(ExceptionItem.id)))

    def codes(self) -> list[str]:
        """Return the codes of all open exceptions."""
        with self.rows() as session:
            return [problem["code"] for item in self.held(session) for problem in item.problems]

    def requisition(self, session: Session) -> Requisition:
        """Return the latest requisition of the organisation."""
        found = select(Requisition).where(Requisition.organisation_id == self.organisation_id)
        return session.scalars(found.order_by(Requisition.id.desc()).limit(1)).one()

    def orders(self, session: Session) -> list[PurchaseOrder]:
        """Return the orders of the organisation."""
        found = select(PurchaseOrder).where(PurchaseOrder.organisation_id == self.organisation_id)
        return list(session.scalars(found.order_by(PurchaseOrder.id)))

    def ask_for_gloves(self, boxes: int = 10) -> None:
        """Let Ada request gloves, which Olga is then asked to approve."""
        text = f"Please order {boxes} boxes of nitrile gloves, size M (G-100), cost centre 4711."
        self.receive(self.person("ada"), "Gloves", text)

    def order_gloves(self) -> Mail:
        """Let gloves be requested, approved and ordered; return the mail to the supplier."""
        self.ask_for_gloves()
        self.reply(self.person("olga"), self.outbox(self.person("olga"))[-1], "Approved")
        return self.outbox(self.glover)[-1]


def fingerprint(database: Database) -> str:
    """Return a hash over every row of every table: equal where nothing was written in between."""
    digest = hashlib.sha256()
    with database.read() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table).order_by(*table.primary_key.columns)):
                digest.update(repr(tuple(row)).encode("utf-8", "backslashreplace"))
    return digest.hexdigest()
