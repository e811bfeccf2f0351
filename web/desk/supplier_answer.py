"""What a supplier answers on the page of his order: kept as a mail like any other, and filed by the same steps.

The answer becomes a message whose bytes are what he chose, in words; every value of its reading points into
these words. From there on it is what an emailed answer is: compared, applied or held for the buyer.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from email.message import EmailMessage
from email.policy import SMTP

from sqlalchemy import select
from sqlalchemy.orm import Session

from parsers.reading import Evidence, Kind, LineStatus, Reading, ReadLine, Response, plain
from records.audit import record
from records.blobs import Blobs
from records.tables import Mailbox, Message, OrderLine, PurchaseOrder, SupplierLink
from web.desk.refused import CommandError

MAILBOX = "supplier page"
LONGEST_NOTE, LONGEST_NAME, LONGEST_TEXT = 2000, 100, 100
_MOST = Decimal(10) ** 12


@dataclass(frozen=True)
class LineAnswer:
    """What he says of one line; values that are None stay as ordered."""

    line_number: int
    status: LineStatus
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    promised_on: date | None = None
    substitute: str | None = None


@dataclass(frozen=True)
class SupplierAnswer:
    """A whole answer: who gives it, all lines or some, his own number, and a word for the buyer."""

    name: str
    lines: tuple[LineAnswer, ...]
    number: str | None = None
    note: str | None = None


def take_answer(session: Session, blobs: Blobs, link: SupplierLink, answer: SupplierAnswer, now: datetime) -> Message:
    """Enter the answer as a message in the state ``matched`` and return it; the same one twice enters once."""
    order = session.get_one(PurchaseOrder, link.order_id, with_for_update=True, populate_existing=True)
    _refuse(order, link, answer)
    reading, words = _reading(order, answer)
    fingerprint = hashlib.sha256(f"{order.id}\n{order.revision}\n{words}".encode()).hexdigest()
    latest = _latest(session, order)
    if latest is not None and latest.fingerprint == fingerprint:
        return latest
    raw = _mail(order, words, now)
    message = Message(
        organisation_id=order.organisation_id,
        mailbox_id=_mailbox(session, order.organisation_id),
        raw_sha256=blobs.put(raw),
        size=len(raw),
        received_at=now,
        settled_on_server=True,
        state="matched",
        fingerprint=fingerprint,
        subject=f"Answer on the page of {order.number}",
        sender_address=order.supplier.order_email,
        sender_name=answer.name,
        authenticated=True,
        trust={"how": "link", "reason": "answered on the page that only the order's mail links to"},
        reading=reading.as_dict(),
        kind=Kind.ORDER_RESPONSE.value,
        supplier_id=order.supplier_id,
        order_id=order.id,
        signals=["order:link"],
    )
    session.add(message)
    session.flush()
    record(session, message, "answered_on_page", answer.name, order=order.number, revision=order.revision)
    return message


def _refuse(order: PurchaseOrder, link: SupplierLink, answer: SupplierAnswer) -> None:
    if order.state != "issued":
        raise CommandError(f"This order is {order.state}; it takes no answers any more.")
    if link.revision != order.revision:
        raise CommandError(
            f"This page belongs to revision {link.revision}. Please answer revision {order.revision}, sent since."
        )
    if not answer.name.strip() or len(answer.name) > LONGEST_NAME:
        raise CommandError("Please give your name, so that we know whom to ask.")
    if not answer.lines:
        raise CommandError("Please choose an answer for at least one line.")
    if len(answer.note or "") > LONGEST_NOTE or len(answer.number or "") > LONGEST_TEXT:
        raise CommandError(f"Please keep your note to {LONGEST_NOTE} characters and your number to {LONGEST_TEXT}.")
    known = {line.line_number for line in order.lines}
    numbers = [line.line_number for line in answer.lines]
    if not set(numbers) <= known or len(set(numbers)) < len(numbers):
        raise CommandError("Please answer each line of the order once.")
    for line in answer.lines:
        _refuse_line(line)


def _refuse_line(line: LineAnswer) -> None:
    told = f"Line {line.line_number}: "
    for value, what, least in ((line.quantity, "the quantity", Decimal()), (line.unit_price, "the price", Decimal())):
        if value is not None and not (value.is_finite() and least <= value < _MOST):
            raise CommandError(f"{told}{what} must be a number from 0.")
    changes = (line.quantity, line.unit_price, line.promised_on, line.substitute)
    if line.status is LineStatus.CHANGED and all(value is None for value in changes):
        raise CommandError(f"{told}please say what changes: quantity, price, date or a substitute.")
    if line.status is LineStatus.BACKORDERED and line.quantity is None and line.promised_on is None:
        raise CommandError(f"{told}please say how much comes now, or when the rest comes.")
    if len(line.substitute or "") > LONGEST_TEXT:
        raise CommandError(f"{told}please name the substitute in at most {LONGEST_TEXT} characters.")


class _Words:
    """The answer in words, and where in them each value stands."""

    def __init__(self) -> None:
        self.text = ""
        self.evidence: dict[str, Evidence] = {}

    def say(self, words: str, value: str = "", at: str = "") -> None:
        """Append ``words`` and then ``value``, which stands at the pointer ``at`` of the reading."""
        self.text += words
        if at:
            start = len(self.text)
            self.evidence[at] = Evidence(value, part=0, span=(start, start + len(value)))
        self.text += value


def _reading(order: PurchaseOrder, answer: SupplierAnswer) -> tuple[Reading, str]:
    ordered = {line.line_number: line for line in order.lines}
    words = _Words()
    words.say("Answer to our order ", order.number or "", "/order_numbers/0")
    words.say(f", revision {order.revision}, given on its page by {_line(answer.name)}.\n")
    if answer.number:
        words.say("Number of the confirmation: ", _line(answer.number), "/number")
        words.say("\n")
    lines = tuple(_say_line(words, index, line, ordered[line.line_number]) for index, line in enumerate(answer.lines))
    words.say("\n" + (answer.note or "").strip() + "\n")
    reading = Reading(
        kind=Kind.ORDER_RESPONSE,
        order_numbers=(order.number or "",),
        number=_line(answer.number) if answer.number else None,
        response=_response(answer.lines, len(ordered)),
        reply_text=(answer.note or "").strip() or None,
        currency=order.currency,
        lines=lines,
        accepted=True,
        evidence=words.evidence,
    )
    return reading, words.text


def _say_line(words: _Words, index: int, line: LineAnswer, ordered: OrderLine) -> ReadLine:
    at = f"/lines/{index}"
    words.say("\nLine ", str(line.line_number), f"{at}/line_number")
    words.say(f" ({_line(ordered.description)}): ", line.status.value, f"{at}/status")
    if line.quantity is not None:
        words.say("; quantity ", plain(line.quantity), f"{at}/quantity")
    if line.unit_price is not None:
        words.say("; price ", plain(line.unit_price), f"{at}/unit_price")
    if line.promised_on is not None:
        words.say("; delivery on ", line.promised_on.isoformat(), f"{at}/promised_on")
    if line.substitute:
        words.say("; substitute ", _line(line.substitute), f"{at}/item_number")
    words.say("\n")
    item = ordered.item_number or ordered.supplier_item_number
    return ReadLine(
        line_number=str(line.line_number),
        item_number=_line(line.substitute) if line.substitute else item,
        quantity=line.quantity,
        unit_price=line.unit_price,
        status=line.status,
        promised_on=line.promised_on,
        substitute_for=item if line.substitute else None,
    )


def _response(lines: Sequence[LineAnswer], ordered: int) -> Response:
    states = {line.status for line in lines}
    if len(lines) == ordered and states == {LineStatus.ACCEPTED}:
        return Response.ACCEPTED
    return Response.REJECTED if len(lines) == ordered and states == {LineStatus.REJECTED} else Response.CHANGED


def _line(text: str) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _mail(order: PurchaseOrder, words: str, now: datetime) -> bytes:
    mail = EmailMessage()
    mail["Date"] = now
    mail["Subject"] = f"Answer on the page of {order.number}"
    mail["X-Buydesk-Page"] = f"order {order.number}, revision {order.revision}"
    mail.set_content(words, cte="base64")
    return mail.as_bytes(policy=SMTP)


def _latest(session: Session, order: PurchaseOrder) -> Message | None:
    """Return the newest message about the order: an answer that only repeats it is the same answer."""
    found = select(Message).where(Message.order_id == order.id).order_by(Message.id.desc()).limit(1)
    return session.scalars(found).one_or_none()


def _mailbox(session: Session, organisation_id: int) -> int:
    wanted = select(Mailbox).where(Mailbox.organisation_id == organisation_id, Mailbox.name == MAILBOX)
    row = session.scalars(wanted).one_or_none()
    if row is None:
        row = Mailbox(organisation_id=organisation_id, name=MAILBOX, state="imported", due_at=None)
        session.add(row)
        session.flush()
    return row.id
