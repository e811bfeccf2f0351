"""An outbox in a test: mails that are queued, and the runner that sends them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import select, update

from dispatch.compose import Attachment, Outgoing
from dispatch.outbox import MOVES, SEND_LEASE
from dispatch.steps.copy import copy_to_sent
from dispatch.steps.queue import queue_mail
from dispatch.steps.send import send, settle_uncertain
from records.blobs import Blobs
from records.database import Database
from records.flow import Step, StepFunction
from records.tables import ExceptionItem, Mailbox, Organisation, Outbound
from scheduler.runner import Runner
from tests.conftest import Clock

PDF = b"%PDF-1.7\n% a small one\n%%EOF\n"
SENDER = "purchasing@northwind.example"


def envelope(number: int = 1, text: str = "Please deliver.\n.\n.hidden\n", pdf: bytes | None = PDF) -> Outgoing:
    """Return the ``number``-th order mail."""
    return Outgoing(
        sender=SENDER,
        sender_name="Northwind Purchasing",
        recipient=f"orders{number}@supplier.example",
        subject=f"Order PO-2026-{number:05d}",
        text=text,
        message_id=f"<order{number}@northwind.example>",
        date=datetime(2026, 3, 2, 9, tzinfo=UTC),
        attachments=(Attachment("order.pdf", pdf),) if pdf else (),
    )


def relay_config(port: int, seconds: float) -> dict[str, object]:
    """Return an Organisation.smtp for a server on loopback that has ``seconds`` for every answer."""
    patience = dict.fromkeys(("connect_seconds", "command_seconds", "final_seconds"), seconds)
    return {"host": "127.0.0.1", "port": port, "tls": "none", **patience}


@dataclass
class OutboxDesk:
    """The outbox of ``organisation``, sent through the server that ``connect`` names."""

    database: Database
    blobs: Blobs
    organisation: Organisation
    clock: Clock

    def connect(self, port: int, seconds: float = 15) -> None:
        """Let the organisation's mail go through the server at ``port``, waiting ``seconds`` for answers."""
        with self.database.session() as session:
            session.execute(update(Organisation).values(smtp=relay_config(port, seconds)))

    def queue(self, mail: Outgoing | None = None, kind: str = "order") -> int:
        """Queue ``mail`` and return its row's id; it is about a mailbox row, for want of an order."""
        with self.database.session() as session:
            subject = session.scalars(select(Mailbox)).first()
            if subject is None:
                subject = Mailbox(organisation_id=self.organisation.id, state="stopped", name="desk", due_at=None)
                session.add(subject)
                session.flush()
            return queue_mail(session, subject, mail or envelope(), kind=kind, blobs=self.blobs).id

    def runner(self, sender: StepFunction | None = None) -> Runner:
        """Return a runner over the steps of the outbox; ``sender`` takes the place of ``send``."""
        run = sender or partial(send, blobs=self.blobs, clock=self.clock)
        copy = partial(copy_to_sent, blobs=self.blobs, clock=self.clock)
        steps = [
            Step(f"send:{state}", Outbound, state, run, SEND_LEASE, keeps_trying=True)
            for state in ("queued", "deferred", "sending")
        ]
        settle = Step("settle_uncertain", Outbound, "handing_over", settle_uncertain)
        copying = Step("copy_to_sent", Outbound, "sent", copy)
        return Runner(self.database, [*steps, settle, copying], {Outbound: MOVES}, clock=self.clock)

    def run(self, passes: int = 3, hours: float = 0) -> None:
        """Run what is due, ``passes`` times, ``hours`` apart."""
        runner = self.runner()
        for _ in range(passes):
            runner.run_due()
            self.clock.forward(hours=hours)

    def row(self, row_id: int) -> Outbound:
        """Return the row, detached."""
        with self.database.open_session() as session:
            row = session.get_one(Outbound, row_id)
            session.expunge(row)
            return row

    def open_codes(self, row_id: int) -> list[str]:
        """Return the codes of the row's open exception."""
        with self.database.open_session() as session:
            items = session.scalars(
                select(ExceptionItem).where(ExceptionItem.subject_id == row_id, ExceptionItem.state == "to_review")
            )
            return [problem["code"] for item in items for problem in item.problems]
