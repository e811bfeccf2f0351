"""ASC X12 interchanges: 850, 855, 856, 860, 865 and 810. Separators stand in the ISA segment itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from parsers.formats.edifact import edi_date, number_of
from parsers.formats.structured import StructuredLine, structured_reading
from parsers.reading import Kind, LineStatus, Reading, ReadLine, Response
from records.problems import Code, Problem

_KINDS = {
    "850": Kind.ORDER,
    "855": Kind.ORDER_RESPONSE,
    "856": Kind.DESPATCH_ADVICE,
    "860": Kind.ORDER_CHANGE,
    "865": Kind.ORDER_RESPONSE,
    "810": Kind.INVOICE,
    "843": Kind.QUOTATION,
}
# BAK02: AC and AE mean "read the lines", AH is a hold; none of them is acceptance.
_RESPONSES = {
    "AD": Response.ACCEPTED,
    "AT": Response.ACCEPTED,
    "RD": Response.REJECTED,
    "RJ": Response.REJECTED,
    "AK": Response.RECEIVED_ONLY,
    "RF": Response.RECEIVED_ONLY,
}
_STATES = {
    **dict.fromkeys(("IA", "AC", "AR"), LineStatus.ACCEPTED),
    **dict.fromkeys(("IC", "IQ", "IP", "DR", "IS"), LineStatus.CHANGED),
    **dict.fromkeys(("IB", "BP"), LineStatus.BACKORDERED),
    "IR": LineStatus.REJECTED,
}
_LINE_STARTS = ("PO1", "IT1", "POC", "LIN")
_HEADS = {"BEG": (3, 5), "BAK": (8, 9), "BSN": (2, 3), "BIG": (2, 1), "BCH": (3, 6), "BCA": (6, 6)}
_ITEM_QUALIFIERS = ("VP", "VN", "BP", "IN", "PI", "MG", "UP", "UK", "EN", "SK")
_PROMISED, _NEEDED = ("068", "067", "017", "011", "010", "069"), ("002", "106", "010", "001")

Segment = list[str]


@dataclass
class _Line:
    head: Segment
    segments: list[Segment] = field(default_factory=list)


def read_x12(data: bytes) -> Reading:
    """Return what the first transaction set says; raises ValueError where there is none."""
    segments = list(_segments(data))
    starts = [n for n, s in enumerate(segments) if s[0] == "ST"]
    if not starts:
        raise ValueError("no transaction set in the interchange")
    end = next((n for n, s in enumerate(segments) if n > starts[0] and s[0] == "SE"), len(segments))
    return _transaction(segments[starts[0] : end], len(starts))


def _segments(data: bytes) -> Iterator[Segment]:
    text = data.decode("utf-8", "replace").lstrip("\ufeff \r\n\t")
    element, end = text[3], text[105]
    for segment in text.split(end):
        bare = segment.strip("\r\n\t ")
        if bare:
            yield [value.strip() for value in bare.split(element)]


def _at(segment: Sequence[str], place: int | None) -> str:
    return segment[place] if place is not None and place < len(segment) else ""


def _first(segments: Sequence[Segment], tag: str, qualifier: str | None = None) -> Segment:
    return next((s for s in segments if s[0] == tag and (qualifier is None or _at(s, 1) == qualifier)), [])


def _transaction(segments: list[Segment], sets: int) -> Reading:
    kind = _KINDS.get(_at(segments[0], 1), Kind.OTHER)
    header, lines, trailer = _grouped(segments)
    if kind is Kind.INVOICE and _at(_first(header, "BIG"), 7) in ("CR", "CN"):
        kind = Kind.CREDIT_NOTE
    problems = []
    if sets > 1:
        problems.append(
            Problem(Code.LOW_CONFIDENCE, f"The interchange holds {sets} transaction sets; the first was read.")
        )
    return structured_reading(
        kind, _values(kind, header, trailer), [_line(line, kind) for line in lines], Decimal(0), problems
    )


def _grouped(segments: list[Segment]) -> tuple[list[Segment], list[_Line], list[Segment]]:
    header: list[Segment] = []
    lines: list[_Line] = []
    trailer: list[Segment] = []
    for segment in segments:
        if segment[0] in _LINE_STARTS:
            lines.append(_Line(segment))
        elif segment[0] in ("CTT", "TDS", "AMT") or trailer:
            trailer.append(segment)
        elif lines:
            lines[-1].segments.append(segment)
        else:
            header.append(segment)
    return header, lines, trailer


def _values(kind: Kind, header: Sequence[Segment], trailer: Sequence[Segment]) -> dict[str, Any]:
    head = next((s for s in header if s[0] in _HEADS), [""])
    number_place, date_place = _HEADS.get(head[0], (None, None))
    number = _at(head, number_place) or _at(_first(header, "REF", "VN"), 2) or _at(_first(header, "REF", "CO"), 2)
    return {
        "number": number or None,
        "issued_on": edi_date(_at(head, date_place)),
        "order_numbers": _orders(kind, head, header),
        "currency": _at(_first(header, "CUR"), 2) or None,
        "needed_by": _date(header, _NEEDED),
        "supplier_name": _party(header, "SE", "SU", "VN", "SF", "RI"),
        "buyer_name": _party(header, "BY", "BT"),
        "ship_to": _party(header, "ST"),
        "carrier": _at(_first(header, "TD5"), 5) or _at(_first(header, "TD5"), 3) or None,
        "tracking_number": _at(_first(header, "REF", "CN"), 2) or None,
        "response": _RESPONSES.get(_at(head, 2)) if head[0] in ("BAK", "BCA") else None,
        "gross_total": _cents(_at(_first(trailer, "TDS"), 1)),
    }


def _orders(kind: Kind, head: Segment, header: Sequence[Segment]) -> tuple[str, ...]:
    place = {"BEG": 3, "BAK": 3, "BIG": 4, "BCH": 3, "BCA": 3}.get(head[0])
    found = [
        _at(head, place),
        *(_at(s, 1) for s in header if s[0] == "PRF"),
        *(_at(s, 2) for s in header if s[:2] == ["REF", "PO"]),
    ]
    return tuple(dict.fromkeys(number for number in found if number))


def _cents(text: str) -> Decimal | None:
    """Return TDS01, an amount with two decimals implied."""
    value = number_of(text)
    if value is None:
        return None
    return value if "." in text else value.scaleb(-2)


def _party(segments: Sequence[Segment], *qualifiers: str) -> str | None:
    return next((name for q in qualifiers if (name := _at(_first(segments, "N1", q), 2))), None)


def _date(segments: Sequence[Segment], qualifiers: Sequence[str]) -> date | None:
    return next((found for q in qualifiers if (found := edi_date(_at(_first(segments, "DTM", q), 2)))), None)


def _line(line: _Line, kind: Kind) -> StructuredLine:
    head = line.head
    shipped, (acknowledged, later) = _first(line.segments, "SN1"), _acknowledged(line)
    quantity, unit, price = number_of(_at(head, 2)), _at(head, 3), number_of(_at(head, 4))
    codes = head[6:]
    if head[0] == "LIN":
        quantity, unit, price, codes = number_of(_at(shipped, 2)), _at(shipped, 3), None, head[2:]
    if head[0] == "POC":
        quantity, unit, price, codes = number_of(_at(head, 3)), _at(head, 5), number_of(_at(head, 6)), head[8:]
    if acknowledged:
        quantity, unit = number_of(_at(acknowledged, 2)) or quantity, _at(acknowledged, 3) or unit
    read = ReadLine(
        line_number=_at(head, 1) or None,
        description=_at(_first(line.segments, "PID"), 5) or None,
        item_number=_item(codes),
        quantity=quantity,
        unit=unit.lower() or None,
        unit_price=price,
        needed_by=_date(line.segments, _NEEDED) if kind is Kind.ORDER else None,
        status=LineStatus.BACKORDERED if later else _STATES.get(_at(acknowledged, 1)) if acknowledged else None,
        backordered=number_of(_at(later, 2)),
        promised_on=edi_date(_at(acknowledged, 5))
        or (_date(line.segments, _PROMISED) if kind is not Kind.ORDER else None),
    )
    return StructuredLine(read, price)


def _acknowledged(line: _Line) -> tuple[Segment, Segment]:
    """Return the ACK of what comes now, and the one of what comes later; [] where there is none.

    A line that is all on backorder has the former only.
    """
    found = [segment for segment in line.segments if segment[0] == "ACK"]
    now = [one for one in found if _STATES.get(_at(one, 1)) is not LineStatus.BACKORDERED]
    later = [one for one in found if one not in now]
    if not now:
        return (later or [[]])[0], []
    return now[0], (later or [[]])[0]


def _item(codes: Sequence[str]) -> str | None:
    pairs = dict(zip(codes[::2], codes[1::2], strict=False))
    return next((pairs[q] for q in _ITEM_QUALIFIERS if pairs.get(q)), None)
