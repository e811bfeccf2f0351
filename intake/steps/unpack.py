"""The step ``unpack``: a mail's headers and attachments become rows; what no person wrote goes aside."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from intake.sender import TEMPORARY, Lookup, assess, lookalike
from intake.txt_lookup import txt_record
from parsers.message import Message as Mail
from parsers.message import parse_message
from parsers.message_parts import Leaf
from parsers.screening import Screened, screen
from procurement.approval import token_hash, tokens_in
from records.base import utc_now
from records.blobs import Blobs
from records.exceptions import not_waived
from records.flow import Done, Hold, Keep, Progress, Wait
from records.problems import Code, Problem
from records.tables import Document, Message, Organisation, Outbound, Supplier

DNS_RETRY = timedelta(minutes=5)
DNS_PATIENCE = timedelta(hours=4)  # how long a signature waits for its key; then it counts as unproven
BARRED = frozenset({Code.POISON, Code.QUARANTINED})


def unpack(
    session: Session,
    message: Message,
    *,
    blobs: Blobs,
    lookup: Lookup = txt_record,
    clock: Callable[[], datetime] = utc_now,
) -> Progress:
    """Fill the message's row from its bytes, keep its attachments, and screen it.

    Moves to ``unpacked``, or to ``duplicate``, ``automatic`` or ``bounce``. ``lookup`` answers DNS
    questions of DKIM.
    """
    organisation = session.get_one(Organisation, message.organisation_id)
    raw_sha256, borders, own = message.raw_sha256, list(organisation.borders), organisation.email
    yield Keep()
    raw = blobs.get(raw_sha256)
    mail = parse_message(raw)
    trust = assess(mail, raw, borders, lookup)
    if trust.reason.startswith(TEMPORARY) and message.created_at > clock() - DNS_PATIENCE:
        return Wait(clock() + DNS_RETRY)
    screened = screen(mail, (own,))
    attachments = [(part, leaf, blobs.put(leaf.data)) for part, leaf in enumerate(mail.leaves) if _is_attachment(leaf)]
    _describe(message, mail)
    message.authenticated, message.trust = trust.authenticated, asdict(trust)
    message.screened = _json(screened)
    message.tokens = _tokens(mail)
    if original := _original(session, message):
        message.duplicate_of_id = original
        return Done("duplicate")
    _keep_documents(message, attachments)
    if _is_ours(session, message) or screened.kind not in ("human", "bounce"):
        return Done("automatic")
    if screened.kind == "bounce":
        return Done("bounce")
    if barring := not_waived(session, message, _barring(session, message, mail)):
        return Hold(barring)
    return Done("unpacked")


def _barring(session: Session, message: Message, mail: Mail) -> list[Problem]:
    """Return what keeps a person's mail from being read until somebody has looked at it."""
    barred = [problem for problem in mail.problems if problem.code in BARRED and "/kind" not in message.corrections]
    if "/sender" not in message.corrections and (near := _near(session, message)):
        detail = f"{near} Set /sender to the address it speaks for, or waive this if the address is right."
        barred.append(Problem(Code.LOOKALIKE_SENDER, detail, "/sender"))
    return barred


def _keep_documents(message: Message, attachments: Sequence[tuple[int, Leaf, str]]) -> None:
    """Give each attachment its row, once."""
    there = {document.part for document in message.documents}
    message.documents += [
        Document(
            organisation_id=message.organisation_id,
            part=part,
            name=leaf.filename,
            media_type=leaf.media_type,
            size=len(leaf.data),
            sha256=sha256,
        )
        for part, leaf, sha256 in attachments
        if part not in there
    ]


def _is_attachment(leaf: Leaf) -> bool:
    return bool(leaf.filename) or leaf.media_type not in ("text/plain", "text/html")


def _describe(message: Message, mail: Mail) -> None:
    message.message_id = mail.message_id[:900] or None
    message.in_reply_to = [*dict.fromkeys((*mail.in_reply_to, *mail.references))][-50:]
    message.fingerprint = mail.fingerprint
    message.subject = mail.subject[:900]
    message.sender_address = mail.sender.address if mail.sender else None
    message.sender_name = mail.sender.name if mail.sender else None


def _tokens(mail: Mail) -> list[str]:
    """Return the hashes of the approval tokens in the subject and any text of the mail itself."""
    texts = [leaf.text for leaf in mail.own_leaves if leaf.text]
    return [token_hash(token) for token in tokens_in(mail.subject, *texts)][:20]


def _original(session: Session, message: Message) -> int | None:
    """Return the row of the same mail that was unpacked before: equal bytes, or equal Message-ID and content.

    Copies are unpacked one after the other (the organisation's row is locked), so that one of them finds
    the other. A copy whose sender is proven is no duplicate of one whose sender is not.
    """
    session.flush()
    session.execute(select(Organisation.id).where(Organisation.id == message.organisation_id).with_for_update())
    found = select(Message.id).where(
        Message.organisation_id == message.organisation_id,
        Message.fingerprint == message.fingerprint,
        Message.id != message.id,
        Message.state != "duplicate",
    )
    if not message.message_id:
        found = found.where(Message.raw_sha256 == message.raw_sha256)
    if message.authenticated:
        found = found.where(or_(Message.authenticated, Message.raw_sha256 == message.raw_sha256))
    return session.scalars(found.order_by(Message.id).limit(1)).first()


def _is_ours(session: Session, message: Message) -> bool:
    """Return whether this is a mail that we sent ourselves and that came back to us."""
    if not message.message_id:
        return False
    found = select(Outbound.id).where(
        Outbound.organisation_id == message.organisation_id, Outbound.message_id == message.message_id
    )
    return session.scalars(found).first() is not None


def _near(session: Session, message: Message) -> str | None:
    """Return a sentence where the sender's address looks like a known one without being it."""
    if not message.sender_address:
        return None
    organisation = session.get_one(Organisation, message.organisation_id)
    suppliers = session.scalars(select(Supplier.domains).where(Supplier.organisation_id == message.organisation_id))
    domains: Sequence[str] = [*organisation.domains, *(domain for some in suppliers for domain in some)]
    return lookalike(message.sender_address, domains, message.sender_name or "")


def _json(screened: Screened) -> dict[str, object]:
    values = {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(screened).items()}
    return {name: value for name, value in values.items() if isinstance(value, str | int | list | tuple | bool)}
