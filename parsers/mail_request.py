"""A request as one Reading: the author's words first, then the form or the offer that comes with it."""

from typing import Any

from parsers.dates import settle_order
from parsers.mail_body import Body, quoted_text_lines, supplier_of_request
from parsers.message import Message
from parsers.own_words import OwnWords
from parsers.prose_changes import asks_for_all, changed_lines, new_quantities, passed_on, refers_to_list, section_meant
from parsers.prose_fields import currency_of
from parsers.prose_line_changes import dropped_lines, exchanged
from parsers.prose_names import firm_of
from parsers.prose_references import own_number
from parsers.reading import Evidence, Kind, Reading, ReadLine

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


def with_request(reading: Reading, message: Message, words: OwnWords, body: Body, leading: Reading | None) -> Reading:
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
        return _changed(words.text, body, changed_lines(words.text, body.quoted_lines, today, order))
    if body.from_table:
        return body.reading.lines
    quoted = body.quoted_lines
    if part := section_meant(words.text, words.quoted):
        quoted = quoted_text_lines(part)
    own = passed_on(words.text, quoted) or body.reading.lines
    return quoted if not own and words.forwarded and asks_for_all(words.text) else own


def _changed(text: str, body: Body, changed: tuple[ReadLine, ...]) -> tuple[ReadLine, ...]:
    """Return the lines that change: dropped by number, given new values, or the only one there is."""
    dropped = dropped_lines(text, body.quoted_lines)
    numbers = {line.line_number for line in dropped}
    others = tuple(line for line in changed if line.line_number not in numbers) or new_quantities(text)
    return (*dropped, *(others or exchanged(text, body.quoted_lines) or body.reading.lines))


def _completed(
    values: dict[str, Any], lines: tuple[ReadLine, ...], leading: Reading
) -> tuple[dict[str, Any], tuple[ReadLine, ...]]:
    for name in (*_REQUEST_FIELDS, "supplier_name", "number", "issued_on"):
        if values.get(name) is None:
            values[name] = getattr(leading, name)
    if values["gross_total"] == values["net_total"] and not values["tax_total"]:
        values["gross_total"] = None  # one total, printed once or twice
    return values, (leading.lines or lines)


def _forwarded_firm(words: OwnWords) -> str | None:
    """The supplier whose offer is passed on for ordering."""
    if not words.forwarded or not refers_to_list(words.text):
        return None
    inner = words.forwarded[0]
    return firm_of("", inner.text.split("\n")[-8:], inner.name, inner.address)
