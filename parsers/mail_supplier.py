"""A supplier's mail as one Reading: its document first, then what the covering text says."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from parsers.dates import Order, settle_order
from parsers.mail_body import Body
from parsers.message import Message
from parsers.own_words import OwnWords
from parsers.phrases import any_of, load
from parsers.prose_answers import pointed_lines, points_at_change, read_answer
from parsers.prose_fields import carrier, dates_in, labelled
from parsers.prose_names import firm_of
from parsers.prose_references import own_number
from parsers.reading import Evidence, Kind, LineStatus, Reading, ReadLine, Response
from records.problems import Code, Problem


def with_supplier(reading: Reading, message: Message, words: OwnWords, body: Body, leading: Reading | None) -> Reading:
    """A supplier's mail: the document first, then what the text says."""
    own = body.reading
    leading = leading or _text_document(words, reading.kind)
    rows = _rows_document(body) if reading.kind is Kind.ORDER_RESPONSE and leading is None else None
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
    evidence = dict(leading.evidence) if leading and lines is leading.lines else lines_only(own.evidence)
    if reading.kind is Kind.DESPATCH_ADVICE:
        values |= _despatch(message, words, values)
    if rows is not None:
        return _with_rows(
            reading.with_(**values, lines=rows.lines, evidence=lines_only(own.evidence)), message, words, rows
        )
    if reading.kind is Kind.ORDER_RESPONSE:
        return _with_answer(reading.with_(**values, lines=lines, evidence=evidence), message, words, body, leading)
    return reading.with_(**values, lines=lines, evidence=evidence)


def _despatch(message: Message, words: OwnWords, values: Mapping[str, Any]) -> dict[str, Any]:
    """Carrier and consignment, and the day the text gives behind the note's number or calls today."""
    number, firm = labelled(words.text, "tracking_number"), carrier(words.text)
    found: dict[str, Any] = {}
    if number:
        found["tracking_number"] = number.value
    if firm:
        found["carrier"] = firm.value
    if values.get("issued_on") is None:
        found["issued_on"] = _sent_today(message, words.text)
    return found


@cache
def _today() -> re.Pattern[str]:
    return re.compile(rf"\b{any_of(load('prose')['dated']['today'])}\b", re.IGNORECASE)


@cache
def _date_label() -> re.Pattern[str]:
    words = load("prose")["dated"]
    return re.compile(rf"{any_of(words['labels'])}[\s:]*{any_of(words['articles'])}?$", re.IGNORECASE)


def _dated(message: Message, text: str, number: str) -> date | None:
    """Return the day that stands right behind the document's number or its date label."""
    today = message.local_date.date() if message.local_date else None
    dates = [f for f in dates_in(text, today, None) if f.value]
    end = text.find(number) + len(number) if number and number in text else -1
    for found in dates:
        gap = text[end : found.span[0]] if 0 <= end <= found.span[0] else None
        if gap is not None and len(gap) <= 16 and "\n" not in gap:
            return found.value
    labelled_days = [f.value for f in dates if _date_label().search(text[max(0, f.span[0] - 24) : f.span[0]])]
    return labelled_days[0] if number and len(set(labelled_days)) == 1 else None


def _text_document(words: OwnWords, kind: Kind) -> Reading | None:
    """An invoice or quotation written into the mail itself, read as the document it is."""
    if kind not in (Kind.INVOICE, Kind.QUOTATION) or not re.search(r"\d[.,]\d\d\b", words.text):
        return None
    from parsers.formats.text_table import read_text_tables

    found = read_text_tables(words.text)
    return found.with_(lines=(), supplier_name=None, evidence={}, problems=()) if found != Reading() else None


def _rows_document(body: Body) -> Reading | None:
    """A confirmation written into the mail itself: rows that each prove their sum."""
    lines = body.reading.lines
    return Reading(lines=lines) if lines and all(_proves_itself(line) for line in lines) else None


def _proves_itself(line: ReadLine) -> bool:
    if line.quantity is None or line.unit_price is None or line.line_total is None:
        return False
    return abs(line.quantity * line.unit_price - line.line_total) <= Decimal("0.01")


def _with_rows(reading: Reading, message: Message, words: OwnWords, rows: Reading) -> Reading:
    """An answer that lists its lines: the text around them tells what it is, and a day for all of them."""
    spans = sorted(e.span for at, e in reading.evidence.items() if at.startswith("/lines") and e.span)
    around = words.text
    for start, end in reversed(spans):
        around = f"{around[:start]}{around[end:]}"
    today = message.local_date.date() if message.local_date else None
    order = settle_order([words.text, words.quoted], reading.language)
    cover = replace(words, text=around, pieces=())
    found = _with_cover(_confirmed(reading, cover, rows), cover, today, order)
    days = {line.promised_on for line in read_answer(cover, (), today, order, reading.order_numbers).lines}
    if len(days) != 1:
        return found
    day = next(iter(days))
    return found.with_(lines=tuple(replace(x, promised_on=x.promised_on or day) for x in found.lines))


def _sent_today(message: Message, text: str) -> date | None:
    today = message.local_date.date() if message.local_date else None
    return today if _today().search(text) else None


def _with_answer(reading: Reading, message: Message, words: OwnWords, body: Body, leading: Reading | None) -> Reading:
    """An order response: line by line from its document, else from the author's words."""
    today = message.local_date.date() if message.local_date else None
    order = settle_order([words.text, words.quoted], reading.language)
    if leading is not None and leading.lines:
        return _with_cover(_confirmed(reading, words, leading), words, today, order)
    lines = body.reading.lines if body.from_table else ()
    answer = read_answer(words, body.quoted_lines, today, order, reading.order_numbers)
    return reading.with_(
        response=answer.response,
        lines=answer.lines or lines,
        evidence=answer.evidence if answer.lines else lines_only(body.reading.evidence) if lines else {},
        problems=(*reading.problems, *answer.problems),
    )


def _with_cover(reading: Reading, words: OwnWords, today: date | None, order: Order | None) -> Reading:
    """A covering text that changes a line otherwise than the document does is for a person to settle."""
    cover = read_answer(words, reading.lines, today, order, (*reading.order_numbers, reading.number or ""))
    told = [line for line in cover.lines if line.status not in (None, LineStatus.ACCEPTED)]
    if reading.response is not Response.ACCEPTED or not told:
        return reading
    detail = "The mail changes a line that the document beside it confirms."
    problem = Problem(Code.LOW_CONFIDENCE, detail, "/lines")
    return reading.with_(response=Response.CHANGED, problems=(*reading.problems, problem))


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


def lines_only(evidence: Mapping[str, Evidence]) -> dict[str, Evidence]:
    """Return the evidence of lines alone."""
    return {at: e for at, e in evidence.items() if at.startswith("/lines")}
