"""What the text of a mail says by itself: lines, fields and numbers in the author's own words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from parsers.dates import Order, settle_order
from parsers.mail_parts import tables_as_html
from parsers.message import Message
from parsers.own_words import OwnWords
from parsers.own_words_lines import body_leaves, html_body
from parsers.own_words_quotes import Role, roles
from parsers.prose_described import Found
from parsers.prose_fields import (
    FieldFound,
    currency_of,
    labelled,
    needed_by,
    project,
    ship_to,
    supplier_in_request,
    totals,
)
from parsers.prose_lines import convention_of, find_lines
from parsers.prose_ordered import ordered_lines
from parsers.reading import Evidence, Kind, Reading, ReadLine
from records.problems import Code, Problem

LONGEST = 20_000  # characters of running text that are read for items; longer lists come as documents


@dataclass(frozen=True)
class Body:
    """What was read in the text: a Reading without kind, and the lines that quoted text holds."""

    reading: Reading
    quoted_lines: tuple[ReadLine, ...] = ()
    from_table: bool = False


def read_body(message: Message, words: OwnWords, language: str | None, sent_texts: Sequence[str] = ()) -> Body:
    """Return what the author's words say; nothing of it is taken from quoted text but ``quoted_lines``."""
    today = message.local_date.date() if message.local_date else None
    text = words.text[:LONGEST]
    order = settle_order([text], language) or _order_of_short(text)
    fields, spans, problems = _fields(text, today, order)
    own_table, quoted_table = _tables(message, sent_texts)
    own_table = own_table or _text_table(text)
    found = find_lines(text, taken_spans=spans)
    if own_table and not (_prove_themselves(found) and len(found) > len(own_table.lines)):
        found = ()
    own_table = None if found else own_table
    lines = own_table.lines if own_table else tuple(f.line for f in found)
    quoted = quoted_table.lines if quoted_table else quoted_text_lines(words.quoted[:LONGEST])
    if len(words.text) > LONGEST:
        problems.append(Problem(Code.LOW_CONFIDENCE, "The text is too long to be read to its end.", "/lines"))
    reading = _assembled(fields, lines, found, own_table, problems, text)
    return Body(reading, quoted, own_table is not None)


def _prove_themselves(found: Sequence[Found]) -> bool:
    """Whether every row tells a sum that its quantity and price make."""
    return bool(found) and all(item.line.line_total is not None for item in found)


_DAY_FIRST = re.compile(r"(?<![\d/.])(?:1[3-9]|2\d|3[01])/(?:0?[1-9]|1[0-2])(?![\d/])")
_MONTH_FIRST = re.compile(r"(?<![\d/.])(?:0?[1-9]|1[0-2])/(?:1[3-9]|2\d|3[01])(?![\d/])")


def _order_of_short(text: str) -> Order | None:
    """A day above twelve settles the order of dates without a year ("14/12")."""
    day, month = _DAY_FIRST.search(text), _MONTH_FIRST.search(text)
    if bool(day) == bool(month):
        return None
    return Order.DAY_FIRST if day else Order.MONTH_FIRST


def quoted_text_lines(text: str) -> tuple[ReadLine, ...]:
    """Return the items that a quoted text lists, as an order of ours does, from its tables or its rows."""
    if ours := ordered_lines(text):
        return ours
    table = _text_table(text)
    return table.lines if table else tuple(f.line for f in find_lines(text, in_sentences=False))


def _tables(message: Message, sent_texts: Sequence[str]) -> tuple[Reading | None, Reading | None]:
    """Return what the HTML tables of the author and those of quoted text say, None where there are none."""
    _, html_leaves = body_leaves(message)
    if not html_leaves or not any("<t" in (leaf.text or "").lower() for leaf in html_leaves):
        return None, None
    lines = list(html_body(html_leaves).lines)
    whose = roles(lines, sent_texts)
    own = [line for line, role in zip(lines, whose, strict=True) if role is Role.OWN]
    others = [line for line, role in zip(lines, whose, strict=True) if role is not Role.OWN]
    return _table(tables_as_html(own)), _table(tables_as_html(others))


def _table(html: str) -> Reading | None:
    if "<tr>" not in html:
        return None
    from parsers.formats.html import read_html_tables

    reading = read_html_tables(html)
    return reading if reading.lines else None


def _text_table(text: str) -> Reading | None:
    """Return what an aligned table within plain text says, None where there is none."""
    rows = [
        line for line in text.split("\n") if re.search(r"\S(?:\s{3,}|\t|\s*\|\s*)\S.*(?:\s{2,}|\t|\s*\|\s*)\S", line)
    ]
    if len(rows) < 2:
        return None
    from parsers.formats.text_table import read_text_tables

    reading = read_text_tables(text)
    return reading if reading.lines and all(line.description for line in reading.lines) else None


_PLAIN_FIELDS = ("cost_center", "account_code", "justification")


def _fields(
    text: str, today: date | None, order: Order | None
) -> tuple[dict[str, FieldFound], list[tuple[int, int]], list[Problem]]:
    found: dict[str, FieldFound] = {}
    for name in _PLAIN_FIELDS:
        if value := labelled(text, name):
            found[name] = value
    for name, reader in (("project", project), ("ship_to", ship_to)):
        if value := reader(text):
            found[name] = value
    problems: list[Problem] = []
    when, weighed = needed_by(text, today, order)
    if when and when.value:
        found["needed_by"] = FieldFound(when.value.isoformat(), when.span, when.text)
    elif any(f.value is None for f in weighed):
        unclear = next(f for f in weighed if f.value is None)
        problems.append(Problem(Code.AMBIGUOUS_DATE, f"{unclear.text!r} can mean more than one day.", "/needed_by"))
    spans = [f.span for name, f in found.items() if name != "justification"]
    return found, [*spans, *(f.span for f in weighed)], problems


def _assembled(
    fields: dict[str, FieldFound],
    lines: tuple[ReadLine, ...],
    found: Sequence[Found],
    table: Reading | None,
    problems: list[Problem],
    text: str,
) -> Reading:
    net, gross = totals(text, convention_of(text))
    table_net = table.net_total if table and table.net_total != gross else None
    evidence = {f"/{name}": Evidence(f.text.strip(), span=f.span) for name, f in fields.items()}
    for index, item in enumerate(found):
        evidence[f"/lines/{index}"] = Evidence(text[slice(*item.span)].strip(), span=item.span)
        problems += [replace(p, at=f"/lines/{index}/quantity") for p in item.problems]
    values = {name: f.value for name, f in fields.items() if name != "needed_by"}
    when = fields.get("needed_by")
    reading = Reading(
        lines=lines,
        needed_by=date.fromisoformat(when.value) if when else None,
        currency=currency_of(text) or (table.currency if table else None),
        net_total=net if net is not None else table_net,
        tax_total=table.tax_total if table else None,
        gross_total=gross if gross is not None else (table.gross_total if table else None),
        evidence=evidence,
        problems=tuple(problems),
    )
    return reading.with_(**values)


def supplier_of_request(words: OwnWords) -> FieldFound | None:
    """Return the supplier that the author of a request names."""
    return supplier_in_request(words.text)


KINDS_WITH_REQUEST_FIELDS = (Kind.REQUISITION, Kind.ORDER_CHANGE)
