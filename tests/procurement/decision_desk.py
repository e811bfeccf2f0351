"""A desk on which one request waits for Olga's decision, before every mail anew."""

from dataclasses import dataclass, field

from sqlalchemy import Update, select, update

from records.tables import Approval, ApprovalToken, ExceptionItem, Message, Notice, Requisition
from tests.paper_desk import BORDER, PaperDesk

STEPS = ("unpack", "read", "match", "file")


@dataclass
class DecisionDesk:
    """Gives mails to the real steps, from the bytes to the decision, and says what became of the approval."""

    desk: PaperDesk
    spoil: Update | None = None  # what is done to the rows before the next mail comes in
    token: str = field(init=False)
    asked_id: str = field(init=False)
    subject: str = field(init=False)

    def __post_init__(self) -> None:
        self.desk.ask_for_gloves()
        asked = self.desk.outbox(self.olga)[-1]
        self.asked_id, self.subject = asked.message_id, asked.subject
        self.token = asked.subject[asked.subject.index("[#") :]

    @property
    def olga(self) -> str:
        """The address of the one approver."""
        return self.desk.person("olga")

    def raw(self, body: str, *, fields: dict[str, str] | None = None, heads: str | None = None) -> bytes:
        """Return a proven answer of Olga; ``fields`` change its header or take one away (""), ``body`` begins
        with the fields of the content or is plain text, ``heads`` replace what the border puts on top."""
        domain = self.olga.rpartition("@")[2]
        top = heads if heads is not None else proof(f"dmarc=pass header.from={domain}")
        values = {
            "From": f"Olga Owner <{self.olga}>",
            "To": self.desk.address,
            "Subject": f"Re: {self.subject}",
            "Date": "Tue, 24 Nov 2026 10:00:00 +0100",
            "Message-ID": f"<{abs(hash((body, str(fields), heads)))}@{domain}>",
            "In-Reply-To": self.asked_id,
            "MIME-Version": "1.0",
        } | (fields or {})
        if not body.startswith("Content-Type:"):
            body = f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}"
        head = "".join(f"{name}: {value}\n" for name, value in values.items() if value)
        return (top + head + body).replace("\n", "\r\n").encode()

    def decide(self, raw: bytes) -> str:
        """Return the state of the approval after ``raw`` came in: asked, approved, rejected, question or void."""
        self._ask_again()
        row_id = self.desk.deliver(raw)
        for name in STEPS:
            self.desk.runner.run(self.desk.runner.step_named(name), row_id)
        with self.desk.rows() as session:
            message = session.get_one(Message, row_id)  # unpacked at least: its header was read
            assert message.subject is not None, message.last_error
            return session.scalars(select(Approval)).one().state

    def _ask_again(self) -> None:
        with self.desk.rows() as session:
            session.execute(update(Approval).values(state="asked", decided_at=None))
            session.execute(update(ApprovalToken).values(used_at=None))
            session.execute(update(Requisition).values(state="pending_approval"))
            for table in (Notice, ExceptionItem):
                session.execute(table.__table__.delete())  # type: ignore[attr-defined]
            session.execute(update(Message).values(fingerprint=None, due_at=None))
            if self.spoil is not None:
                session.execute(self.spoil)


def proof(results: str, border: str = BORDER) -> str:
    """Return what a border puts on top of a mail."""
    return (
        f"Authentication-Results: {border}; {results}\n"
        f"Received: from out.example by {border}; Tue, 24 Nov 2026 10:00:00 +0100\n"
    )
