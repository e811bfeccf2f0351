"""Pages as a Reading: conventions, lines, fields and totals put together, and the checks they pass."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from parsers.bank import together
from parsers.dates import settle_order
from parsers.fields import BOUGHT_BY_WRITER, FoundFields, document_language, read_fields
from parsers.fields_kind import document_kind
from parsers.fields_labels import Hit, column_hits, find_hits
from parsers.fields_totals import Totals, choose_totals, find_amounts, with_net
from parsers.hints import NOTHING, Hints, Lessons, preferred
from parsers.layout import fingerprint
from parsers.lexicon import column_role, label_key, normalise
from parsers.lines import Candidate, document_rows, read_lines
from parsers.lines_figures import sums_to
from parsers.lines_header import Header, find_headers
from parsers.lines_values import Conventions, FoundLine
from parsers.numbers import find_numbers, settle
from parsers.page import Page, Row
from parsers.reading import Check, Evidence, Kind, LineStatus, Reading, ReadLine, Response
from records.problems import Code, Problem

_CENT = Decimal("0.01")
_BILLED = frozenset({Kind.INVOICE, Kind.CREDIT_NOTE})
_PRICED = _BILLED | {Kind.QUOTATION}
_NUMBERED = _PRICED | {Kind.ORDER, Kind.ORDER_RESPONSE, Kind.DELIVERY_NOTE, Kind.DESPATCH_ADVICE}
_BESIDE_ITEMS = frozenset({None, "ignored", "supplier", "cost_center", "account"})
_TOTAL_NAMES = {"net": "net_total", "tax": "tax_total", "gross": "gross_total"}


def read_pages(
    pages: Sequence[Page], today: date | None = None, exact: bool = True, lessons: Lessons | None = None
) -> Reading:
    """Return what ``pages`` say.

    ``exact`` is False for text recognised from pictures: such a Reading is accepted only where every
    line is proven by arithmetic. ``lessons`` are hints by layout: those of this one are tried first.
    """
    rows = document_rows(pages)
    if not rows:
        return Reading(problems=(Problem(Code.UNREADABLE, "The document holds no text that can be read."),))
    headers = find_headers(rows)
    layout = fingerprint(pages, rows, headers, exact)
    reading = _read_rows(pages, rows, headers, today, exact, NOTHING)
    if hints := (lessons or {}).get(layout):
        taught = _read_rows(pages, rows, find_headers(rows, hints.columns), today, exact, hints)
        reading = preferred(reading, taught)
    return reading.with_(layout=layout)


def _read_rows(
    pages: Sequence[Page],
    rows: Sequence[Row],
    headers: Sequence[Header],
    today: date | None,
    exact: bool,
    hints: Hints,
) -> Reading:
    text = "\n".join(row.text for row in rows)
    language = document_language(text)
    number, order = settle(_numbers(rows)), settle_order([text], language)
    conventions = Conventions(number or hints.number, order or hints.order, today)
    above, hits = _outside_tables(rows, headers, hints, pages[0].gridded)
    kind = document_kind(rows, hits)
    amounts = find_amounts(rows)
    lines = read_lines(pages, rows, headers, amounts, conventions)
    line_sum = lines.line_sum if lines else None
    totals = with_net(choose_totals(amounts, line_sum, conventions.number), rows, line_sum, conventions.number)
    fields = read_fields(rows, above, hits, kind, conventions, language)
    stated = tuple(v for a in amounts if a.role == "net" and (v := a.value(conventions.number)) is not None)
    mentions = text.count(str(fields.values.get("number", "\0")))
    reading = _reading(_Parts(kind, language, lines, totals, fields, exact, stated, mentions))
    accounts, announcements = together([text])
    reading = reading.with_(accounts=accounts, announcements=announcements)
    return reading.with_(learned=tuple(_learned(hints, headers, lines, hits, number is None, order is None)))


def _learned(
    hints: Hints,
    headers: Sequence[Header],
    lines: Candidate | None,
    hits: Sequence[Hit],
    number_open: bool,
    order_open: bool,
) -> Iterator[str]:
    """Yield which of ``hints`` had a part in the Reading, as "kind key" (parsers.hints.hints_of)."""
    roles = lines.roles if lines else frozenset[str]()
    labels = [c.label for h in headers for c in h.columns if c.taught and c.role in roles]
    keys = [normalise(form) for label in labels for form in (label.replace("- ", ""), label)]
    yield from dict.fromkeys(f"column {key}" for key in keys if key in hints.columns)
    yield from dict.fromkeys(f"label {key}" for hit in hits if (key := label_key(hit.label)) in hints.labels)
    if number_open and hints.number:
        yield "number"
    if order_open and hints.order:
        yield "dates"


def _outside_tables(
    rows: Sequence[Row], headers: Sequence[Header], hints: Hints, gridded: bool = False
) -> tuple[int, tuple[Hit, ...]]:
    """Return the number of rows above the first table header, and the labelled values outside the headers.

    In a ``gridded`` page a column beside those of the items may state a value of the document in every row.
    """
    inside = {n for header in headers for n in range(*header.rows)}
    hits = tuple(hit for hit in find_hits(rows, hints.labels) if hit.row not in inside)
    if gridded and len(headers) == 1:
        boxes = {c.box[0] for c in headers[0].columns if c.role in _BESIDE_ITEMS}
        labels = [cell for cell in rows[headers[0].rows[1] - 1].cells if cell.box[0] in boxes]
        hits += tuple(column_hits(rows, headers[0].rows[1], len(rows), labels, hints.labels))
    return (headers[0].rows[0] if headers else len(rows)), hits


def _numbers(rows: Sequence[Row]) -> list[str]:
    return [n.text for row in rows for cell in row.cells for n in find_numbers(cell.text)]


@dataclass(frozen=True)
class _Parts:
    kind: Kind
    language: str | None
    lines: Candidate | None
    totals: Totals
    fields: FoundFields
    exact: bool
    stated: tuple[Decimal, ...] = ()  # every net amount that the document names
    mentions: int = 0  # how often the document's number stands in it

    @property
    def found(self) -> Sequence[ReadLine]:
        lines = self.lines.lines if self.lines else ()
        return tuple(_as_meant(line, self.kind, self.fields.values.get("needed_by")) for line in lines)


def _as_meant(found: FoundLine, kind: Kind, on_header: date | None) -> ReadLine:
    """Return the line as a document of ``kind`` means it: a date is wished for or promised, a state only answered.

    The list price of a bill that grants a discount is stated as printed; an order's price is what is agreed upon.
    """
    line = found.line
    if kind in _BILLED:
        return replace(line, status=None, unit_price=found.list_price if line.unit_price is None else line.unit_price)
    if kind in BOUGHT_BY_WRITER:
        return replace(line, needed_by=line.needed_by or line.promised_on, promised_on=None, status=None)
    if kind is not Kind.ORDER_RESPONSE:
        return replace(line, status=None)
    silent = line.status is None
    return replace(
        line, status=LineStatus.ACCEPTED if silent else line.status, promised_on=line.promised_on or on_header
    )


def _reading(parts: _Parts) -> Reading:
    values, evidence = dict(parts.fields.values), dict(parts.fields.evidence)
    totals, total_evidence = _totals(parts)
    values |= totals
    evidence |= total_evidence
    if parts.kind not in BOUGHT_BY_WRITER:
        values.pop("needed_by", None)
        evidence.pop("needed_by", None)
    checks = tuple(_checks(parts, totals))
    problems = (*parts.fields.problems, *_problems(parts, checks, values))
    return Reading(
        kind=parts.kind,
        language=parts.language,
        lines=tuple(parts.found),
        response=_response(parts),
        evidence=_pointers(evidence) | _line_evidence(parts),
        checks=checks,
        problems=problems,
        accepted=not problems and bool(checks) and all(c.holds for c in checks) and parts.kind is not Kind.OTHER,
        **values,
    )


def _totals(parts: _Parts) -> tuple[dict[str, Any], dict[str, Evidence]]:
    """Return the totals; one that speaks of no tax stands for both where the lines add up to it."""
    values = {_TOTAL_NAMES[r]: v for r, v in parts.totals.values.items()}
    evidence = {_TOTAL_NAMES[r]: a.evidence for r, a in parts.totals.chosen.items()}
    line_sum = parts.lines.line_sum if parts.lines else None
    for have, lack in (("gross_total", "net_total"), ("net_total", "gross_total")):
        alone = have in values and lack not in values and "tax_total" not in values
        if alone and line_sum is not None and abs(abs(line_sum) - abs(values[have])) <= _CENT:
            values[lack], evidence[lack] = values[have], evidence[have]
    return values, evidence


def _checks(parts: _Parts, totals: Mapping[str, Decimal]) -> list[Check]:
    checks: list[Check] = []
    lines = parts.lines.lines if parts.lines else ()
    computed = [line.computed for line in lines if line.computed is not None]
    if computed:
        checks.append(Check("lines_are_quantity_times_price", all(computed)))
    amounts = [line.amount for line in lines if line.amount is not None]
    bases = [totals[name] for name in ("net_total", "gross_total") if name in totals]
    bases += [value for value in parts.stated if parts.totals.adds_up]
    if {"gross_total", "tax_total"} <= totals.keys() and "net_total" not in totals:
        bases.append(totals["gross_total"] - totals["tax_total"])
    if amounts and bases and len(amounts) == len(lines):
        held = any(_sums(amounts, base - extra) for base in bases for extra in parts.totals.extras)
        checks.append(Check("lines_sum_to_total", held))
    if parts.totals.adds_up is not None and {"net_total", "gross_total"} <= totals.keys():
        checks.append(Check("net_and_tax_make_gross", parts.totals.adds_up))
    products = [line.product for line in lines if line.product is not None]
    if products and bases and not amounts and len(products) == len(lines):
        held = any(_sums(products, base - extra) for base in bases for extra in parts.totals.extras)
        checks.append(Check("lines_sum_to_total", held))
    if lines and not amounts:
        checks.append(Check("lines_have_quantities", all(line.line.quantity is not None for line in lines)))
    return checks


def _sums(amounts: Sequence[Decimal], base: Decimal) -> bool:
    return sums_to(amounts, base) or sums_to(amounts, -base)


def _problems(parts: _Parts, checks: Sequence[Check], values: Mapping[str, Any]) -> list[Problem]:
    problems: list[Problem] = []
    if not parts.found:
        problems.append(Problem(Code.LOW_CONFIDENCE, "No line items were found.", "/lines"))
    if parts.kind is Kind.OTHER:
        problems.append(Problem(Code.UNCLASSIFIED, "The document does not say what it is.", "/kind"))
    for index, line in enumerate(parts.lines.lines if parts.lines else ()):
        for figure in line.ambiguous:
            name = {"price": "unit_price", "total": "line_total"}.get(figure, figure)
            problems.append(Problem(Code.AMBIGUOUS_NUMBER, "The number may mean two things.", f"/lines/{index}/{name}"))
    if any(not c.holds for c in checks):
        failed = ", ".join(c.check.replace("_", " ") for c in checks if not c.holds)
        problems.append(Problem(Code.TOTALS_DISAGREE, f"The figures of the document do not agree: {failed}."))
    problems.extend(_doubts(parts, checks, values))
    return problems


def _doubts(parts: _Parts, checks: Sequence[Check], values: Mapping[str, Any]) -> list[Problem]:
    """Return what keeps a Reading without contradiction from being sure."""
    held = {c.check for c in checks if c.holds}
    lacking = [name for name in ("number", "issued_on") if name not in values]
    doubts = []
    if parts.kind in _NUMBERED and lacking:
        doubts.append(f"the document's {' and '.join(name.replace('_', ' ') for name in lacking)} was not found")
    if parts.kind in _BILLED and "gross_total" not in values:
        doubts.append("the amount to pay was not found")
    if parts.kind in _PRICED and "lines_sum_to_total" not in held:
        doubts.append("no total confirms the lines")
    if not parts.exact and parts.mentions < 2:
        doubts.append("the text was recognised from a picture and its number stands there only once")
    if not parts.exact and not {"lines_are_quantity_times_price", "lines_sum_to_total"} <= held:
        doubts.append("the text was recognised from a picture and no arithmetic confirms it")
    noted = [n for n, line in enumerate(parts.found) if _is_note(line.description)]
    if noted:
        doubts.append(f"the description of line {noted[0] + 1} is a note")
    incomplete = [
        n for n, line in enumerate(parts.found) if line.quantity is None or not (line.description or line.item_number)
    ]
    if incomplete:
        doubts.append(f"line {incomplete[0] + 1} lacks its quantity or description")
    return [Problem(Code.LOW_CONFIDENCE, f"{d[0].upper()}{d[1:]}.") for d in doubts]


def _is_note(text: str | None) -> bool:
    """Return whether a description begins with the label of a number ("GTIN: 4012...") instead of a name."""
    head, colon, _ = (text or "").partition(":")
    words = head.split()
    return bool(colon and words) and column_role(words[-1]) == "item"


def _response(parts: _Parts) -> Response | None:
    """Return what an order response says as a whole, from the states of its lines."""
    states = {line.status for line in parts.found if line.status}
    if parts.kind is not Kind.ORDER_RESPONSE or not parts.found:
        return None
    if states == {LineStatus.REJECTED} and all(line.status for line in parts.found):
        return Response.REJECTED
    if states - {LineStatus.ACCEPTED}:
        return Response.CHANGED
    return Response.ACCEPTED


def _pointers(evidence: Mapping[str, Evidence]) -> dict[str, Evidence]:
    return {f"/{name}": where for name, where in evidence.items()}


def _line_evidence(parts: _Parts) -> dict[str, Evidence]:
    found = parts.lines.lines if parts.lines else ()
    return {
        f"/lines/{n}/{name}": where
        for n, (line, meant) in enumerate(zip(found, parts.found, strict=True))
        for name, where in line.evidence.items()
        if name != "unit_price" or meant.unit_price is not None
    }
