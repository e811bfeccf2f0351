"""A whole mail as one Reading: what its author asks or answers, with all it carries.

The body and each document are read on their own; what follows from all of them together stands at the
top, and what the author writes overrides what is attached.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from parsers.dates import settle_order
from parsers.language import detect_language
from parsers.mail_body import KINDS_WITH_REQUEST_FIELDS, Body, quoted_text_lines, read_body, supplier_of_request
from parsers.mail_kind import KindFound, find_kind
from parsers.mail_parts import documents_of, part_infos
from parsers.message import Message, NestedMessage
from parsers.own_words import OwnWords, own_words
from parsers.prose_answers import pointed_lines, points_at_change, read_answer
from parsers.prose_changes import changed_lines, passed_on, refers_to_list, section_meant
from parsers.prose_fields import carrier, currency_of, dates_in, labelled
from parsers.prose_names import firm_of
from parsers.prose_references import order_numbers, own_number
from parsers.reading import Evidence, Kind, LineStatus, Reading, ReadLine, Response, Sender
from parsers.screening import Screened, screen
from parsers.screening_bounce import report_text
from records.problems import Code, Problem

ReadDocument = Callable[[bytes, str | None, str | None], Reading]
_SUPPLIER_KINDS = (Kind.ORDER_RESPONSE, Kind.DESPATCH_ADVICE, Kind.INVOICE, Kind.QUOTATION)
_BLOCKING = (Code.AMBIGUOUS_NUMBER, Code.AMBIGUOUS_DATE, Code.UNCLASSIFIED, Code.LOW_CONFIDENCE)


def read_message(
    message: Message,
    read_document: ReadDocument,
    *,
    sent_texts: Sequence[str] = (),
    with_parts: bool = False,
    own_addresses: Sequence[str] = (),
) -> Reading:
    """Return what ``message`` says; ``read_document`` reads each attachment (bytes, name, media type).

    ``sent_texts`` are texts of ours that it may quote, ``own_addresses`` the desk's own. Never raises for
    anything that stands in a message.
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
    return _whole(message, words, body, kind, documents, base)


def _base(message: Message, words: OwnWords, with_parts: bool) -> Reading:
    sender = message.sender
    shown = Sender(sender.address, sender.name) if sender else None
    if shown is None and message.get("from"):
        shown = Sender(message.from_address)
    problems = list(message.problems)
    if words.alternatives_disagree:
        detail = "The plain text and the HTML of the mail do not say the same."
        problems.append(Problem(Code.LOW_CONFIDENCE, detail, "/reply_text"))
    return Reading(
        sender=shown,
        subject=message.subject or None,
        sent_at=message.sent_at,
        reply_text=words.text or None,
        language=_language(message, words),
        problems=tuple(problems),
        parts=part_infos(message) if with_parts else (),
    )


def _language(message: Message, words: OwnWords) -> str | None:
    own = f"{words.text}\n{words.signature[:200]}"
    return detect_language(own) or detect_language(f"{message.subject}\n{own}\n{words.quoted[:2000]}")


def _documents(message: Message, read_document: ReadDocument) -> tuple[Reading, ...]:
    found = []
    for index, leaf in documents_of(message):
        reading = read_document(leaf.data, leaf.filename, leaf.media_type)
        evidence = {at: replace(e, part=index) for at, e in reading.evidence.items()}
        found.append(reading.with_(source=leaf.filename or leaf.media_type, evidence=evidence))
    found += [_nested(nested) for nested in message.nested]
    return tuple(found)


def _nested(nested: NestedMessage) -> Reading:
    """A message carried inside is told of, never read as an answer of this mail's author."""
    inner = nested.message
    sender = Sender(inner.from_address, inner.sender.name if inner.sender else "")
    texts = [inner.subject, *(leaf.text or "" for leaf in inner.own_leaves if leaf.media_type == "text/plain")]
    return Reading(
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
    words: OwnWords,
    body: Body,
    found: KindFound,
    documents: tuple[Reading, ...],
    base: Reading,
) -> Reading:
    kind = found.kind
    leading = _leading(documents, kind)
    reading = base.with_(kind=kind, decision=found.decision, documents=documents)
    reading = reading.with_(order_numbers=_order_numbers(message, words, documents, kind))
    if kind in KINDS_WITH_REQUEST_FIELDS:
        reading = _with_request(reading, message, words, body, leading)
    elif kind in _SUPPLIER_KINDS:
        reading = _with_supplier(reading, message, words, body, leading)
    elif kind is Kind.RECEIPT_ADVICE:
        reading = reading.with_(lines=body.reading.lines, evidence=_lines_only(body.reading.evidence))
    problems = (*base.problems, *found.problems, *_problems_of(body, kind, leading))
    checks = leading.checks if leading else ()
    accepted = not problems and (leading is None or leading.accepted)
    return reading.with_(problems=tuple(dict.fromkeys(problems)), checks=checks, accepted=accepted)


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


_REQUEST_FIELDS = (
    "needed_by",
    "currency",
    "ship_to",
    "cost_center",
    "account_code",
    "project",
    "justification",
    "net_total",
    "gross_total",
    "tax_total",
)


def _with_request(reading: Reading, message: Message, words: OwnWords, body: Body, leading: Reading | None) -> Reading:
    """A request: the author's words first, then the form that is attached."""
    values = {name: getattr(body.reading, name) for name in _REQUEST_FIELDS}
    evidence = dict(body.reading.evidence)
    supplier = supplier_of_request(words)
    if supplier is None and (firm := _forwarded_firm(words)):
        values["supplier_name"] = firm
    lines = _requested_lines(reading, words, body, message)
    if lines and lines != body.reading.lines and values["currency"] is None and any(x.unit_price for x in lines):
        values["currency"] = currency_of(words.quoted)  # the prices are those of the offer passed on
    if supplier:
        values["supplier_name"] = supplier.value
        evidence["/supplier_name"] = Evidence(supplier.text, span=supplier.span)
    if leading is not None:
        values, lines = _completed(values, lines, leading)
        evidence = {**leading.evidence, **evidence} if lines is leading.lines else evidence
        values["number"] = values["number"] or own_number(reading.kind.value, [message.subject])
    if len({line.needed_by for line in lines} - {None}) > 0 and (reading.kind is Kind.ORDER_CHANGE or len(lines) > 1):
        own_dates = {line.needed_by for line in lines}
        if len(own_dates) > 1:
            values["needed_by"] = None
    return reading.with_(**values, lines=lines, evidence=evidence)


def _requested_lines(reading: Reading, words: OwnWords, body: Body, message: Message) -> tuple[ReadLine, ...]:
    """The lines of a request, the changed lines of an order, or those of a list passed on."""
    today = message.local_date.date() if message.local_date else None
    order = settle_order([words.text, words.quoted], reading.language)
    if reading.kind is Kind.ORDER_CHANGE:
        return changed_lines(words.text, body.quoted_lines, today, order) or body.reading.lines
    if body.from_table:
        return body.reading.lines
    quoted = body.quoted_lines
    if part := section_meant(words.text, words.quoted):
        quoted = quoted_text_lines(part)
    return passed_on(words.text, quoted) or body.reading.lines


def _completed(
    values: dict[str, object], lines: tuple[object, ...], leading: Reading
) -> tuple[dict[str, object], tuple[object, ...]]:
    for name in (*_REQUEST_FIELDS, "supplier_name", "number", "issued_on"):
        if values.get(name) is None:
            values[name] = getattr(leading, name)
    if values["gross_total"] == values["net_total"] and not values["tax_total"]:
        values["gross_total"] = None  # one total, printed once or twice
    return values, (leading.lines or lines)


def _with_supplier(reading: Reading, message: Message, words: OwnWords, body: Body, leading: Reading | None) -> Reading:
    """A supplier's mail: the document first, then what the text says."""
    own = body.reading
    leading = leading or _text_document(words, reading.kind)
    text_number = own_number(reading.kind.value, [message.subject, words.text], reading.order_numbers)
    names = ("currency", "net_total", "tax_total", "gross_total")
    values = {name: getattr(own, name) for name in names}
    if leading is not None:
        values |= {n: getattr(leading, n) for n in names if getattr(leading, n) is not None}
    from_document = leading.number if leading and leading.lines else None
    values["number"] = from_document or text_number or (leading.number if leading else None)
    values["issued_on"] = (leading.issued_on if leading else None) or _dated(
        message, words.text, str(values["number"] or "")
    )
    values["supplier_name"] = (leading.supplier_name if leading else None) or _firm(message, words)
    lines = leading.lines if leading and leading.lines else own.lines
    evidence = dict(leading.evidence) if leading and lines is leading.lines else _lines_only(own.evidence)
    if reading.kind is Kind.DESPATCH_ADVICE:
        values |= _despatch(message, words, values)
    if reading.kind is Kind.ORDER_RESPONSE:
        return _with_answer(reading.with_(**values, lines=lines, evidence=evidence), message, words, body, leading)
    return reading.with_(**values, lines=lines, evidence=evidence)


def _forwarded_firm(words: OwnWords) -> str | None:
    """The supplier whose offer is passed on for ordering."""
    if not words.forwarded or not refers_to_list(words.text):
        return None
    inner = words.forwarded[0]
    return firm_of("", inner.text.split("\n")[-8:], inner.name, inner.address)


def _despatch(message: Message, words: OwnWords, values: dict[str, object]) -> dict[str, object]:
    """Carrier and consignment, and the day the text gives behind the note's number or calls today."""
    number, firm = labelled(words.text, "tracking_number"), carrier(words.text)
    found: dict[str, object] = {}
    if number:
        found["tracking_number"] = number.value
    if firm:
        found["carrier"] = firm.value
    if values.get("issued_on") is None:
        found["issued_on"] = _sent_today(message, words.text)
    return found


_TODAY = re.compile(
    r"\b(?:today|heute|aujourd['’]hui|ce jour|hoy|oggi|vandaag|hoje|dzisiaj|dziś|i dag|idag)\b", re.IGNORECASE
)


_DATED = re.compile(
    r"(?:\bdated?|\w*datum|\w*date|fecha|\bdata|vom|\bdu|\bdel|van|z dnia)[\s:]*(?:the |of |le |el |il |de )?$",
    re.IGNORECASE,
)


def _dated(message: Message, text: str, number: str) -> date | None:
    """Return the day that stands right behind the document's number or its date label."""
    today = message.local_date.date() if message.local_date else None
    dates = [f for f in dates_in(text, today, None) if f.value]
    end = text.find(number) + len(number) if number and number in text else -1
    for found in dates:
        gap = text[end : found.span[0]] if 0 <= end <= found.span[0] else None
        if gap is not None and len(gap) <= 16 and "\n" not in gap:
            return found.value
    labelled_days = [f.value for f in dates if _DATED.search(text[max(0, f.span[0] - 24) : f.span[0]])]
    return labelled_days[0] if number and len(set(labelled_days)) == 1 else None


def _text_document(words: OwnWords, kind: Kind) -> Reading | None:
    """An invoice or quotation written into the mail itself, read as the document it is."""
    if kind not in (Kind.INVOICE, Kind.QUOTATION) or not re.search(r"\d[.,]\d\d\b", words.text):
        return None
    from parsers.formats.text_table import read_text_tables

    found = read_text_tables(words.text)
    return found.with_(lines=(), supplier_name=None, evidence={}, problems=()) if found != Reading() else None


def _sent_today(message: Message, text: str) -> date | None:
    today = message.local_date.date() if message.local_date else None
    return today if _TODAY.search(text) else None


def _with_answer(reading: Reading, message: Message, words: OwnWords, body: Body, leading: Reading | None) -> Reading:
    """An order response: line by line from its document, else from the author's words."""
    today = message.local_date.date() if message.local_date else None
    order = settle_order([words.text, words.quoted], reading.language)
    if leading is not None and leading.lines:
        return _confirmed(reading, words, leading)
    lines = body.reading.lines if body.from_table else ()
    answer = read_answer(words, body.quoted_lines, today, order)
    return reading.with_(response=answer.response, lines=answer.lines or lines, evidence={})


def _confirmed(reading: Reading, words: OwnWords, leading: Reading) -> Reading:
    """A confirmation document: its lines are accepted but for those that it or the covering text changes."""
    pointed = pointed_lines(words.text, leading.lines)
    lines = tuple(
        replace(line, status=line.status or (LineStatus.CHANGED if line in pointed else LineStatus.ACCEPTED))
        for line in leading.lines
    )
    plain = all(line.status is LineStatus.ACCEPTED for line in lines)
    response = leading.response or (Response.ACCEPTED if plain else Response.CHANGED)
    if response is Response.ACCEPTED and (pointed or points_at_change(words.text)):
        response = Response.CHANGED
    if response in (Response.REJECTED, Response.RECEIVED_ONLY):
        lines = leading.lines
    return reading.with_(response=response, lines=lines)


def _firm(message: Message, words: OwnWords) -> str | None:
    sender = message.sender
    tail = words.text.split("\n")[-3:]
    return firm_of(words.signature, tail, sender.name if sender else "", message.from_address)


def _lines_only(evidence: "dict[str, Evidence] | object") -> dict[str, Evidence]:
    return {at: e for at, e in evidence.items() if at.startswith("/lines")}  # type: ignore[attr-defined]


def _problems_of(body: Body, kind: Kind, leading: Reading | None) -> list[Problem]:
    """Doubts about the text matter only where the text is what was read."""
    if kind in (Kind.OTHER, Kind.APPROVAL_DECISION, Kind.ORDER_CANCELLATION):
        return []
    own = [] if leading is not None and leading.lines else list(body.reading.problems)
    return [*own, *(leading.problems if leading else ())]
