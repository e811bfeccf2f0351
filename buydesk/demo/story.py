"""The demo told as it happens: new entries of the audit chain, each as a line in the words of the field."""

from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.text import Text
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buydesk.commands.shared import visible
from buydesk.demo.calendar import ZONE, english
from procurement.approval import TOKEN
from procurement.stated import stated
from records.blobs import Blobs
from records.database import Database
from records.tables import (
    Approval,
    AuditEntry,
    Document,
    ExceptionItem,
    Message,
    OrderLine,
    OrderResponse,
    OrderRevision,
    Outbound,
    PurchaseOrder,
    Requisition,
)

Sentence = tuple[str, str]  # a style of Rich and what is said
GOOD, PLAIN, QUIET, ASKS = "green", "", "dim", "yellow"


class Story:
    """Tells what the desk did since the last time, on ``console``."""

    def __init__(self, database: Database, blobs: Blobs, console: Console, zone: ZoneInfo = ZONE) -> None:
        self._database, self._blobs, self._console, self._zone = database, blobs, console, zone
        self._told = 0

    def heading(self, text: str) -> None:
        """Print what begins now."""
        self._console.print()
        self._console.print(Text(text, style="bold"))

    def said(self, sentence: str) -> None:
        """Print what a simulated person did."""
        self._console.print(Text(f"          {visible(sentence)}", style=QUIET), soft_wrap=True)

    def skip_to_now(self) -> None:
        """Pass over what happened so far."""
        with self._database.read() as session:
            self._told = session.scalar(select(func.max(AuditEntry.sequence))) or 0

    def tell(self) -> None:
        """Print a line for each thing that happened since the last call and that a person would tell."""
        with self._database.read() as session:
            entries = session.scalars(
                select(AuditEntry).where(AuditEntry.sequence > self._told).order_by(AuditEntry.sequence)
            ).all()
            for entry in entries:
                self._told = entry.sequence
                if said := self._sentence(session, entry):
                    self._print(entry, *said)

    def _print(self, entry: AuditEntry, style: str, sentence: str) -> None:
        line = Text(f"{entry.at.astimezone(self._zone):%H:%M:%S}  ", style="cyan")
        line.append(visible(sentence), style=style)
        self._console.print(line, soft_wrap=True)

    def _sentence(self, session: Session, entry: AuditEntry) -> Sentence | None:
        tell = _SENTENCES.get((entry.subject_table, entry.action))
        return tell(session, entry, self._blobs) if tell else None


Tell = Callable[[Session, AuditEntry, Blobs], Sentence | None]


def _message_moved(session: Session, entry: AuditEntry, _: Blobs) -> Sentence | None:
    message = session.get_one(Message, entry.subject_id)
    match entry.detail["new"]:
        case "duplicate":
            return QUIET, f"{_title(message)} came a second time: put aside"
        case "automatic":
            what = str(message.screened.get("kind", "automatic mail")).replace("_", " ")
            return QUIET, f"{_title(message)} ({what}): put aside, nobody is answered"
    return None


def _title(message: Message) -> str:
    """Return the subject of a mail, without the token of an approval."""
    return f"“{TOKEN.sub('', message.subject or '').strip()}”"


def _held(session: Session, entry: AuditEntry, _: Blobs) -> Sentence:
    item = session.get_one(ExceptionItem, entry.detail["exception"])
    problem = item.problems[0]
    return ASKS, f"exception {item.id}, {problem['code']}: {_subject(session, entry)}. {problem['detail']}"


def _subject(session: Session, entry: AuditEntry) -> str:
    match entry.subject_table:
        case "message":
            message = session.get_one(Message, entry.subject_id)
            return f"{_title(message)} from {message.sender_address}"
        case "requisition":
            return session.get_one(Requisition, entry.subject_id).number
        case "order_response":
            order = session.get_one(OrderResponse, entry.subject_id).order
            return f"{order.supplier.name} answers {order.number} otherwise"
        case "outbound":
            mail = session.get_one(Outbound, entry.subject_id)
            return f"the mail to {mail.recipient} did not arrive"
    return f"{entry.subject_table} {entry.subject_id}"


def _requested(session: Session, entry: AuditEntry, _: Blobs) -> Sentence:
    requisition = session.get_one(Requisition, entry.subject_id)
    items = len(stated(requisition.reading, requisition.corrections).lines)
    document = session.scalars(select(Document.name).where(Document.message_id == requisition.message_id)).first()
    source = f" in {document}" if document else ""
    asks = f"asks for {_count(items, 'item')}{source}" if items else f"sends {document}, in which no item is found"
    return PLAIN, f"{requisition.requester.name} {asks} -> {requisition.number}"


def _submitted(session: Session, entry: AuditEntry, _: Blobs) -> Sentence:
    requisition = session.get_one(Requisition, entry.subject_id)
    suppliers = ", ".join(dict.fromkeys(line.supplier.name for line in requisition.lines))
    return PLAIN, (
        f"{requisition.number} is checked: {requisition.currency} {requisition.net_total} from {suppliers}, "
        f"cost centre {requisition.cost_center}, within budget"
    )


def _requisition_moved(session: Session, entry: AuditEntry, _: Blobs) -> Sentence | None:
    requisition = session.get_one(Requisition, entry.subject_id)
    match entry.detail["new"]:
        case "approved":
            return GOOD, f"{requisition.number} is approved (rule “{requisition.policy_rule}”)"
        case "rejected":
            return PLAIN, f"{requisition.number} is rejected; {requisition.requester.name} is told why"
    return None


def _approval(said: str, style: str) -> Tell:
    def tell(session: Session, entry: AuditEntry, _: Blobs) -> Sentence:
        approval = session.get_one(Approval, entry.subject_id)
        words = f": “{' '.join((approval.words or '').split())}”" if approval.words else ""
        return style, f"{approval.approver.name} {said} {approval.requisition.number}{words}"

    return tell


def _sent(session: Session, entry: AuditEntry, blobs: Blobs) -> Sentence | None:
    """Tell that a mail went out: only orders and requests for approval are worth a line."""
    mail = session.get_one(Outbound, entry.subject_id)
    if entry.detail["new"] != "sent":
        return None
    if mail.kind == "order":
        order = session.get_one(PurchaseOrder, mail.subject_id)
        pages = _pages(blobs, session, order)
        return GOOD, f"{order.number} is sent to {order.supplier.name} (PDF, {_count(pages, 'page')})"
    if mail.kind == "approval_request":
        approval = session.get_one(Approval, mail.subject_id)
        return PLAIN, f"{approval.approver.name} is asked to decide on {approval.requisition.number}"
    return None


def _pages(blobs: Blobs, session: Session, order: PurchaseOrder) -> int:
    from pypdfium2 import PdfDocument

    name = session.scalars(select(OrderRevision.pdf_sha256).where(OrderRevision.order_id == order.id)).one()
    return len(PdfDocument(blobs.get(name)))


def _acknowledged(session: Session, entry: AuditEntry, _: Blobs) -> Sentence:
    order = session.get_one(PurchaseOrder, entry.subject_id)
    response = session.get_one(OrderResponse, entry.detail["response"])
    told = [text for line in response.lines if (text := _line(session, line.order_line_id, line.differences))]
    agreed = f"within tolerance: {'; '.join(told)}" if told else "as ordered"
    return GOOD, f"{order.supplier.name} confirms {order.number} {agreed}"


def _line(session: Session, line_id: int | None, differences: dict[str, list[str]]) -> str:
    number = session.get_one(OrderLine, line_id).line_number if line_id else 0
    texts = []
    for name, (old, new) in differences.items():
        if name == "promised_on":
            days = (date.fromisoformat(new) - date.fromisoformat(old)).days
            texts.append(
                f"line {number} on {english(date.fromisoformat(new))} ({days:+d} day{'' if abs(days) == 1 else 's'})"
            )
        else:
            texts.append(f"line {number} {name.replace('_', ' ')} {new} instead of {old}")
    return ", ".join(texts)


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


_SENTENCES: dict[tuple[str, str], Tell] = {
    ("message", "moved"): _message_moved,
    ("requisition", "requested"): _requested,
    ("requisition", "submitted"): _submitted,
    ("requisition", "moved"): _requisition_moved,
    ("approval", "approved"): _approval("approves", GOOD),
    ("approval", "rejected"): _approval("rejects", PLAIN),
    ("approval", "question"): _approval("asks about", ASKS),
    ("outbound", "moved"): _sent,
    ("purchase_order", "acknowledged"): _acknowledged,
    **{
        (table, "held"): _held
        for table in (
            "message",
            "requisition",
            "order_response",
            "outbound",
            "purchase_order",
            "approval",
            "mailbox",
            "notice",
        )
    },
}
