"""UN/EDIFACT interchanges: ORDERS, ORDRSP, ORDCHG, DESADV and INVOIC of the D directories (as in EANCOM).

Segments carry their meaning in qualifiers; a segment group begins at its trigger (LIN for lines). The
first message of an interchange is read; others are counted in a problem.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from parsers.formats.structured import StructuredLine, price_of_one, structured_reading
from parsers.reading import Kind, LineStatus, Reading, ReadLine, Response
from records.problems import Code, Problem

_KINDS = {
    "ORDERS": Kind.ORDER,
    "ORDRSP": Kind.ORDER_RESPONSE,
    "ORDCHG": Kind.ORDER_CHANGE,
    "DESADV": Kind.DESPATCH_ADVICE,
    "INVOIC": Kind.INVOICE,
    "QUOTES": Kind.QUOTATION,
    "RECADV": Kind.RECEIPT_ADVICE,
}
_CREDIT_NOTES = frozenset({"381", "83", "396"})
# Message function (data element 1225) of an ORDRSP.
_RESPONSES = {"29": Response.ACCEPTED, "4": Response.CHANGED, "27": Response.REJECTED, "12": Response.RECEIVED_ONLY}
# Action (data element 1229) of an ORDRSP line.
_STATES = {
    "5": LineStatus.ACCEPTED,
    "3": LineStatus.CHANGED,
    "7": LineStatus.REJECTED,
    "2": LineStatus.REJECTED,
    "1": LineStatus.CHANGED,
}
# Quantities (data element 6063) in the order in which a document means them.
_QUANTITIES = {
    Kind.ORDER: ("21",),
    Kind.ORDER_CHANGE: ("21", "12"),
    Kind.ORDER_RESPONSE: ("113", "12", "170", "21"),
    Kind.DESPATCH_ADVICE: ("12",),
    Kind.RECEIPT_ADVICE: ("194", "48"),
    Kind.INVOICE: ("47", "46", "12"),
    Kind.CREDIT_NOTE: ("47", "61"),
    Kind.QUOTATION: ("145", "21"),
}
_BACKORDERED = ("83", "73")
_ISSUED, _PROMISED, _NEEDED = ("137",), ("67", "69", "79", "359", "17", "348"), ("2", "64", "63", "61")


@dataclass
class _Line:
    """One line group: its segments by tag."""

    head: list[list[str]]
    segments: list[list[list[str]]] = field(default_factory=list)


def read_edifact(data: bytes) -> Reading:
    """Return what the first message of an interchange says; raises ValueError where there is none."""
    segments = list(_segments(data))
    starts = [n for n, s in enumerate(segments) if s[0][0] == "UNH"]
    if not starts:
        raise ValueError("no message in the interchange")
    end = next((n for n, s in enumerate(segments) if n > starts[0] and s[0][0] == "UNT"), len(segments))
    return _message(segments[starts[0] : end], len(starts))


def _segments(data: bytes) -> Iterator[list[list[str]]]:
    """Yield segments as elements as components, by the separators that UNA declares."""
    text = data.decode("utf-8") if _is_utf8(data) else data.decode("latin-1")
    text = text.lstrip("\ufeff \r\n\t")
    component, element, escape, end = ":", "+", "?", "'"
    if text.startswith("UNA"):
        component, element, escape, end = text[3], text[4], text[6], text[8]
        text = text[9:]
    for segment in _split(text, end, escape):
        bare = segment.strip("\r\n\t ")
        if bare:
            yield [[_plain(c, escape) for c in _split(e, component, escape)] for e in _split(bare, element, escape)]


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _split(text: str, separator: str, escape: str) -> list[str]:
    """Return ``text`` parted at separators that no release character precedes."""
    parts, start, place = [], 0, 0
    while place < len(text):
        if text[place] == escape and escape != " ":
            place += 2
            continue
        if text[place] == separator:
            parts.append(text[start:place])
            start = place + 1
        place += 1
    return [*parts, text[start:]]


def _plain(text: str, escape: str) -> str:
    if escape == " ":
        return text
    out, place = [], 0
    while place < len(text):
        place += text[place] == escape and place + 1 < len(text)
        out.append(text[place])
        place += 1
    return "".join(out)


def part(segment: Sequence[Sequence[str]], element: int, component: int = 0) -> str:
    """Return a component of a segment, "" where it is left out."""
    return segment[element][component].strip() if element < len(segment) and component < len(segment[element]) else ""


def _message(segments: list[list[list[str]]], messages: int) -> Reading:
    kind = _KINDS.get(part(segments[0], 2), Kind.OTHER)
    header, lines = _grouped(segments)
    bgm = next((s for s in header if s[0][0] == "BGM"), [])
    if kind is Kind.INVOICE and part(bgm, 1) in _CREDIT_NOTES:
        kind = Kind.CREDIT_NOTE
    trailer = _trailer(segments)
    values = _values(kind, bgm, header, trailer)
    problems = []
    if messages > 1:
        problems.append(Problem(Code.LOW_CONFIDENCE, f"The interchange holds {messages} messages; the first was read."))
    read = [_line(line, kind) for line in lines]
    adjustment = (_amount(trailer, "131") or Decimal(0)) if kind in (Kind.INVOICE, Kind.CREDIT_NOTE) else Decimal(0)
    return structured_reading(kind, values, read, adjustment, problems)


def _grouped(segments: list[list[list[str]]]) -> tuple[list[list[list[str]]], list[_Line]]:
    header: list[list[list[str]]] = []
    lines: list[_Line] = []
    for segment in segments:
        tag = segment[0][0]
        if tag == "LIN":
            lines.append(_Line(segment))
        elif tag == "UNS":
            break
        elif tag == "CPS":
            continue
        elif lines:
            lines[-1].segments.append(segment)
        else:
            header.append(segment)
    return header, lines


def _trailer(segments: list[list[list[str]]]) -> list[list[list[str]]]:
    start = next((n for n, s in enumerate(segments) if s[0][0] == "UNS"), len(segments))
    return segments[start:]


def _values(kind: Kind, bgm: Any, header: Any, trailer: Any) -> dict[str, Any]:
    number = part(bgm, 2) or part(bgm, 2, 0)
    orders = _references(header, "ON") or ((number,) if kind is Kind.ORDER and number else ())
    return {
        "number": number or None,
        "issued_on": _date(header, _ISSUED),
        "order_numbers": orders,
        "needed_by": _date(header, _NEEDED),
        "currency": next((part(s, 1, 1) for s in header if s[0][0] == "CUX"), None),
        "supplier_name": _party(header, "SU", "SE", "SF"),
        "buyer_name": _party(header, "BY", "IV"),
        "ship_to": _party(header, "DP", "ST"),
        "response": _RESPONSES.get(part(bgm, 3)) if kind is Kind.ORDER_RESPONSE else None,
        "carrier": _party(header, "CA", "FW"),
        "net_total": _amount(trailer, "125", "79"),
        "tax_total": _amount(trailer, "124", "176"),
        "gross_total": _amount(trailer, "77", "86", "9", "39"),
    }


def _references(segments: Any, qualifier: str) -> tuple[str, ...]:
    found = [part(s, 1, 1) for s in segments if s[0][0] == "RFF" and part(s, 1) == qualifier]
    return tuple(dict.fromkeys(number for number in found if number))


def _party(segments: Any, *qualifiers: str) -> str | None:
    for qualifier in qualifiers:
        for segment in segments:
            if segment[0][0] == "NAD" and part(segment, 1) == qualifier:
                name = " ".join(c for c in (segment[4] if len(segment) > 4 else []) if c) or part(segment, 3)
                if name:
                    return name
    return None


def _date(segments: Any, qualifiers: Sequence[str]) -> date | None:
    for qualifier in qualifiers:
        for segment in segments:
            if segment[0][0] == "DTM" and part(segment, 1) == qualifier:
                return edi_date(part(segment, 1, 1))
    return None


def edi_date(text: str) -> date | None:
    """Return the date of CCYYMMDD at the head of ``text``, or of YYMMDD."""
    digits = text[:8] if len(text) >= 8 else f"20{text}" if len(text) == 6 else ""
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])) if digits.isdecimal() else None
    except ValueError:
        return None


def number_of(text: str) -> Decimal | None:
    """Return the number in ``text``, written with point or comma before its decimals."""
    try:
        value = Decimal(text.replace(",", ".")) if text else None
    except InvalidOperation:
        return None
    return value if value is None or value.is_finite() else None


def _amount(segments: Any, *qualifiers: str) -> Decimal | None:
    for qualifier in qualifiers:
        for segment in segments:
            if segment[0][0] == "MOA" and part(segment, 1) == qualifier:
                return number_of(part(segment, 1, 1))
    return None


def _line(line: _Line, kind: Kind) -> StructuredLine:
    segments = line.segments
    quantity, unit = _quantity(segments, _QUANTITIES.get(kind, ("21", "12", "47")))
    later, _ = _quantity(segments, _BACKORDERED)
    price, per = _price(segments)
    status = _STATES.get(part(line.head, 2)) if kind is Kind.ORDER_RESPONSE else None
    if later and kind is Kind.ORDER_RESPONSE:
        status = LineStatus.BACKORDERED
    read = ReadLine(
        line_number=part(line.head, 1) or None,
        description=_description(segments),
        item_number=_item(line),
        quantity=quantity,
        unit=unit.lower() if unit else None,
        unit_price=price_of_one(price, per),
        line_total=_amount(segments, "203", "66"),
        needed_by=_date(segments, _NEEDED) if kind is not Kind.ORDER_RESPONSE else None,
        status=status,
        backordered=later if kind is Kind.ORDER_RESPONSE else None,
        promised_on=_date(segments, _PROMISED) or (_date(segments, ("2",)) if kind is Kind.ORDER_RESPONSE else None),
    )
    return StructuredLine(read, price, per)


def _quantity(segments: Any, qualifiers: Sequence[str]) -> tuple[Decimal | None, str | None]:
    for qualifier in qualifiers:
        for segment in segments:
            if segment[0][0] == "QTY" and part(segment, 1) == qualifier:
                return number_of(part(segment, 1, 1)), part(segment, 1, 2) or None
    return None, None


def _price(segments: Any) -> tuple[Decimal | None, Decimal]:
    for qualifier in ("AAA", "CAL", "NTP", "AAB"):
        for segment in segments:
            if segment[0][0] == "PRI" and part(segment, 1) == qualifier:
                return number_of(part(segment, 1, 1)), number_of(part(segment, 1, 4)) or Decimal(1)
    return None, Decimal(1)


def _description(segments: Any) -> str | None:
    texts = [" ".join(c for c in s[3][3:5] if c) for s in segments if s[0][0] == "IMD" and len(s) > 3]
    return " ".join(text for text in texts if text) or None


def _item(line: _Line) -> str | None:
    """Return the supplier's item number, else the buyer's, else the GTIN."""
    coded: dict[str, str] = {}
    for segment in line.segments:
        if segment[0][0] == "PIA":
            for element in segment[2:]:
                if len(element) > 1 and element[0]:
                    coded.setdefault(element[1], element[0])
    return coded.get("SA") or coded.get("IN") or coded.get("BP") or part(line.head, 3) or None
