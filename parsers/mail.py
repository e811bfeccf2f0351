"""A whole mail as one Reading: what its author asks or answers, with all it carries.

The body and each document are read on their own; what follows from all of them together stands at the
top, and what the author writes overrides what is attached.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from parsers.asides import asides
from parsers.asked import Asked, read_asked
from parsers.bank import LONGEST, accounts_in, together
from parsers.dates import settle_order
from parsers.language import detect_language
from parsers.mail_body import KINDS_WITH_REQUEST_FIELDS, Body, read_body
from parsers.mail_each import with_own_answers
from parsers.mail_kind import KindFound, find_kind, is_answer
from parsers.mail_parts import documents_of, part_infos
from parsers.mail_request import with_request
from parsers.mail_supplier import lines_only, with_supplier
from parsers.message import Message, NestedMessage
from parsers.own_words import OwnWords, own_words
from parsers.own_words_lines import is_cut
from parsers.prose_references import order_numbers
from parsers.reading import Kind, Reading, Response, Sender
from parsers.screening import Screened, screen
from parsers.screening_bounce import report_text
from records.problems import Code, Problem

ReadDocument = Callable[[bytes, str | None, str | None], Reading]
_MAY_ANSWER = (Kind.OTHER, Kind.REQUISITION, Kind.ORDER_CHANGE, Kind.ORDER_RESPONSE)
_SUPPLIER_KINDS = (Kind.ORDER_RESPONSE, Kind.DESPATCH_ADVICE, Kind.INVOICE, Kind.QUOTATION)


def read_message(
    message: Message,
    read_document: ReadDocument,
    *,
    sent_texts: Sequence[str] = (),
    with_parts: bool = False,
    own_addresses: Sequence[str] = (),
    asked: Sequence[Asked] = (),
) -> Reading:
    """Return what ``message`` says; ``read_document`` reads each attachment (bytes, name, media type).

    ``sent_texts`` are texts of ours that it may quote, ``own_addresses`` the desk's own, ``asked`` what we
    asked its author. Never raises for anything that stands in a message.
    """
    screened = screen(message, own_addresses)
    words = own_words(message, sent_texts)
    base = _base(message, words, with_parts)
    if screened.kind == "bounce":
        return _bounce(message, screened, base)
    documents = _documents(message, read_document)
    if screened.kind != "human":
        return _automatic(message, screened, words, base, documents)
    body = read_body(message, words, base.language, sent_texts)
    kind = find_kind(message, screened, words, documents, bool(body.reading.lines))
    if asked and kind.kind in _MAY_ANSWER:
        return _answering(message, words, body, documents, base, asked)
    return _whole(message, screened, words, body, kind, documents, base)


def _answering(
    message: Message,
    words: OwnWords,
    body: Body,
    documents: tuple[Reading, ...],
    base: Reading,
    asked: Sequence[Asked],
) -> Reading:
    """A mail that answers our questions about a request: what it tells completes that request."""
    reading = _whole(message, Screened(), words, body, KindFound(Kind.REQUISITION), documents, base)
    today = message.local_date.date() if message.local_date else None
    answers, evidence = read_asked(words.text, asked, today, settle_order([words.text], base.language))
    if any(at.startswith("/lines/") for at in answers) and not any(d.lines for d in documents):
        kept = {at: e for at, e in reading.evidence.items() if not at.startswith("/lines")}
        problems = tuple(p for p in reading.problems if not p.at.startswith("/lines"))
        reading = reading.with_(lines=(), evidence=kept, problems=problems)  # they fill lines, they are none
    return reading.with_(answers=answers, evidence={**reading.evidence, **evidence})


def _base(message: Message, words: OwnWords, with_parts: bool) -> Reading:
    sender = message.sender
    shown = Sender(sender.address, sender.name) if sender else None
    if shown is None and message.get("from"):
        shown = Sender(message.from_address)
    problems = list(message.problems)
    if words.alternatives_disagree:
        detail = "The plain text and the HTML of the mail do not say the same."
        problems.append(Problem(Code.LOW_CONFIDENCE, detail, "/reply_text"))
    if is_cut(message):
        detail = "The text of the mail is longer than any letter; its end was not read."
        problems.append(Problem(Code.LOW_CONFIDENCE, detail, "/reply_text"))
    accounts, announcements = together([words.text, words.signature, *(one.text for one in words.forwarded)])
    return Reading(
        sender=shown,
        subject=message.subject or None,
        sent_at=message.sent_at,
        reply_text=words.text,
        accounts=accounts,
        announcements=announcements,
        forwarded=_forwarded(message, words),
        language=_language(message, words),
        problems=tuple(problems),
        parts=part_infos(message) if with_parts else (),
    )


def _forwarded(message: Message, words: OwnWords) -> tuple[Sender, ...]:
    """Return who wrote what the mail passes on, inside its text or attached; the sender stays its author."""
    blocks = () if is_answer(message, words) else words.forwarded
    inside = [Sender(one.address, one.name) for one in blocks if one.address or one.name]
    attached = [nested.message.sender for nested in message.nested if nested.message.sender]
    return tuple(dict.fromkeys([*inside, *(Sender(one.address, one.name) for one in attached)]))


def _language(message: Message, words: OwnWords) -> str | None:
    own = f"{words.text}\n{words.signature[:200]}"
    return detect_language(own) or detect_language(f"{message.subject}\n{own}\n{words.quoted[:2000]}")


def _documents(message: Message, read_document: ReadDocument) -> tuple[Reading, ...]:
    found = []
    for index, leaf in documents_of(message):
        reading = read_document(leaf.data, leaf.filename, leaf.media_type)
        if not reading.accounts and leaf.media_type.endswith("xml"):
            reading = reading.with_(accounts=accounts_in(leaf.data[:LONGEST].decode("ascii", "ignore")))
        for document in (reading.with_(documents=()), *reading.documents):
            evidence = {at: replace(e, part=index) for at, e in document.evidence.items()}
            found.append(document.with_(source=leaf.filename or leaf.media_type, evidence=evidence))
    found += [_nested(nested) for nested in message.nested]
    return tuple(found)


def _nested(nested: NestedMessage) -> Reading:
    """A message carried inside is told of, never read as an answer of this mail's author."""
    inner = nested.message
    sender = Sender(inner.from_address, inner.sender.name if inner.sender else "")
    texts = [inner.subject, *(leaf.text or "" for leaf in inner.own_leaves if leaf.media_type == "text/plain")]
    accounts, announcements = together(texts)
    return Reading(
        accounts=accounts,
        announcements=announcements,
        source=nested.path,
        sender=sender if sender.address else None,
        subject=inner.subject or None,
        sent_at=inner.sent_at,
        order_numbers=order_numbers(texts),
    )


def _bounce(message: Message, screened: Screened, base: Reading) -> Reading:
    texts = [message.subject, report_text(message)]
    for nested in message.nested:
        texts.append(nested.message.subject)
    texts += [leaf.text or "" for leaf in message.own_leaves if leaf.media_type.endswith("rfc822-headers")]
    recipients = screened.recipients
    return base.with_(
        kind=Kind.DELIVERY_FAILURE,
        language=detect_language(report_text(message)) or base.language,
        order_numbers=order_numbers(texts),
        failed_recipient=recipients[0] if recipients else None,
        failed_recipients=recipients,
        permanent=screened.permanent,
        accepted=bool(recipients) and not base.problems,
    )


def _automatic(
    message: Message, screened: Screened, words: OwnWords, base: Reading, documents: tuple[Reading, ...]
) -> Reading:
    """Machine mail is never an answer: nothing is read from it but what it refers to."""
    is_reply = screened.kind in ("auto_reply", "read_receipt", "challenge")
    numbers = order_numbers([message.subject, words.quoted]) if is_reply else ()
    return base.with_(
        kind=Kind.AUTO_REPLY if is_reply else Kind.OTHER,
        order_numbers=numbers,
        documents=documents,
        accepted=not base.problems,
    )


def _whole(
    message: Message,
    screened: Screened,
    words: OwnWords,
    body: Body,
    found: KindFound,
    documents: tuple[Reading, ...],
    base: Reading,
) -> Reading:
    kind = found.kind
    leading = _leading(documents, kind)
    reading = base.with_(kind=kind, decision=found.decision, documents=documents, also=asides(words.text, kind))
    reading = reading.with_(order_numbers=_order_numbers(message, words, documents, kind))
    if kind in KINDS_WITH_REQUEST_FIELDS:
        reading = with_request(reading, message, words, body, leading)
    elif kind in _SUPPLIER_KINDS:
        reading = with_supplier(reading, message, words, body, leading)
        reading = with_own_answers(reading, words) if kind is Kind.ORDER_RESPONSE else reading
    elif kind is Kind.RECEIPT_ADVICE:
        reading = reading.with_(lines=body.reading.lines, evidence=lines_only(body.reading.evidence))
    lost = _unread(documents, leading)
    if screened.automatic and leading is None and reading.response is Response.ACCEPTED:
        detail = "A program wrote that the order is accepted: only people and the documents they send agree."
        lost.append(Problem(Code.LOW_CONFIDENCE, detail, "/response"))
    if lost and reading.response is Response.ACCEPTED:
        reading = reading.with_(response=None)  # what is attached may say otherwise
    problems = (*reading.problems, *lost, *found.problems, *_problems_of(body, kind, leading))
    checks = leading.checks if leading else ()
    accepted = not problems and (leading is None or leading.accepted)
    return reading.with_(problems=tuple(dict.fromkeys(problems)), checks=checks, accepted=accepted)


def _unread(documents: tuple[Reading, ...], leading: Reading | None) -> list[Problem]:
    """Return why documents could not be read, where no other document leads the mail."""
    codes = (Code.UNREADABLE, Code.ENCRYPTED, Code.POISON)
    if leading is not None and not any(p.code in codes for p in leading.problems):
        return []
    return [replace(p, at="") for document in documents for p in document.problems if p.code in codes]


def _leading(documents: tuple[Reading, ...], kind: Kind) -> Reading | None:
    """Return the document that says most of what this mail is about."""
    own = [d for d in documents if d.lines or d.number or d.kind is not Kind.OTHER]
    same = [d for d in own if d.kind is kind]
    ranked = sorted(same or own, key=lambda d: -len(d.lines))
    return ranked[0] if ranked else None


def _order_numbers(message: Message, words: OwnWords, documents: tuple[Reading, ...], kind: Kind) -> tuple[str, ...]:
    texts = [message.subject, words.text, words.quoted]
    found = dict.fromkeys(order_numbers(texts))
    if kind is not Kind.REQUISITION:
        found |= dict.fromkeys(n for d in documents for n in d.order_numbers)
    return tuple(found)


def _problems_of(body: Body, kind: Kind, leading: Reading | None) -> list[Problem]:
    """Doubts about the text matter only where the text is what was read."""
    if kind in (Kind.OTHER, Kind.APPROVAL_DECISION, Kind.ORDER_CANCELLATION):
        return []
    own = [] if leading is not None and leading.lines else list(body.reading.problems)
    return [*own, *(leading.problems if leading else ())]
