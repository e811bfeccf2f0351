"""What a message stated, as plain values: its reading with a person's corrections laid over it.

A reading is the JSON form of what the parsers read; a correction maps a JSON pointer into it to the
value that a person put there ("" takes the value away).
"""

import copy
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from records.problems import Problem

HEADER = frozenset(
    "kind number issued_on needed_by currency supplier_name ship_to cost_center account_code project "
    "justification response decision order_numbers exchange_rate requester".split()
)
LINE = frozenset(
    "line_number description item_number quantity unit unit_price line_total needed_by status promised_on "
    "substitute_for backordered supplier".split()
)
MOST_DIGITS = 20  # before the decimal point: no document states more
_DATES = {"issued_on", "needed_by", "promised_on"}
_NUMBERS = {"quantity", "unit_price", "line_total", "backordered", "exchange_rate"}
_CURRENCY = re.compile(r"[A-Z]{3}")  # ISO 4217
_POINTER = re.compile(r"/(?:(?P<header>[a-z_]+)|lines/(?P<index>\d{1,4})(?:/(?P<field>[a-z_]+))?)")


class CorrectionError(ValueError):
    """Raised for a correction that names no value of a reading, or gives one of the wrong form."""


@dataclass(frozen=True)
class StatedLine:
    """One line as stated; None means that nothing was said. ``index`` is its place, from 0."""

    index: int
    line_number: str | None = None
    description: str | None = None
    item_number: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    unit_price: Decimal | None = None
    line_total: Decimal | None = None
    needed_by: date | None = None
    status: str | None = None
    promised_on: date | None = None
    substitute_for: str | None = None
    backordered: Decimal | None = None  # comes later than ``quantity``
    supplier: str | None = None

    @property
    def at(self) -> str:
        """Return the JSON pointer of the line."""
        return f"/lines/{self.index}"


@dataclass(frozen=True)
class Stated:
    """All that a message stated."""

    kind: str = "other"
    number: str | None = None
    needed_by: date | None = None
    currency: str | None = None
    supplier_name: str | None = None
    ship_to: str | None = None
    cost_center: str | None = None
    account_code: str | None = None
    project: str | None = None
    justification: str | None = None
    response: str | None = None
    decision: str | None = None
    exchange_rate: Decimal | None = None
    reply_text: str | None = None  # the author's own words
    order_numbers: tuple[str, ...] = ()
    lines: tuple[StatedLine, ...] = ()
    problems: tuple[Problem, ...] = ()


def stated(reading: Mapping[str, Any] | None, corrections: Mapping[str, Any]) -> Stated:
    """Return what ``reading`` says once ``corrections`` lie over it.

    Problems of the reading stand unless a correction touches the place they point at.
    """
    values = overlay(reading or {}, corrections)
    lines = tuple(_line(index, line) for index, line in enumerate(values.get("lines", [])) if line)
    problems = tuple(
        problem
        for problem in map(Problem.from_dict, values.get("problems", []))
        if not _touched(problem.at, corrections)
    )
    header = {name: _value(name, values[name]) for name in HEADER & values.keys() if values[name] not in (None, "")}
    known = {name: value for name, value in header.items() if name in Stated.__dataclass_fields__}
    return Stated(
        **{
            **known,
            "order_numbers": tuple(values.get("order_numbers", ())),
            "lines": lines,
            "reply_text": values.get("reply_text"),
            "problems": problems,
        }
    )


def overlay(reading: Mapping[str, Any], corrections: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of ``reading`` with every correction put in its place; lines grow as needed."""
    values: dict[str, Any] = copy.deepcopy(dict(reading))
    for pointer, value in corrections.items():
        match = _POINTER.fullmatch(pointer)
        if match is None:
            continue
        if name := match["header"]:
            values[name] = value
            continue
        lines: list[dict[str, Any]] = values.setdefault("lines", [])
        index = int(match["index"])
        lines.extend({} for _ in range(index + 1 - len(lines)))
        if match["field"]:
            lines[index][match["field"]] = value
        elif value == "":
            lines[index] = {}
    return values


def corrected_match(corrections: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the corrections that decide what a message answers, as the signal that they were considered."""
    told = {at: corrections[at] for at in ("/kind", "/order_numbers", "/sender") if at in corrections}
    return (f"corrected:{json.dumps(told, sort_keys=True)}",) if told else ()


def check_correction(pointer: str, value: str) -> Any:
    """Return ``value`` in the form that a reading holds at ``pointer``; raises CorrectionError if none fits.

    >>> check_correction("/lines/0/quantity", "12")
    '12'
    """
    match = _POINTER.fullmatch(pointer)
    if match is None:
        raise CorrectionError(f"{pointer} is no place of a reading; write e.g. /cost_center or /lines/0/quantity")
    name = match["header"] or match["field"]
    if name is None:
        if value:
            raise CorrectionError(f"{pointer} names a whole line: it can only be taken away (empty value)")
        return value
    if name not in (HEADER if match["header"] else LINE):
        raise CorrectionError(f"a reading has no {name}")
    if value == "":
        return value
    if name == "order_numbers":
        return [number.strip() for number in value.split(",") if number.strip()]
    if name == "currency" and not _CURRENCY.fullmatch(value):
        raise CorrectionError(f"currency must be a code of three capital letters, not {value!r}")
    _value(name, value)
    return value


def _value(name: str, value: Any) -> Any:
    try:
        if name in _DATES:
            return date.fromisoformat(value)
        if name in _NUMBERS:
            number = Decimal(value)
            if not number.is_finite() or number.adjusted() > MOST_DIGITS:
                raise InvalidOperation
            return number
    except (ValueError, InvalidOperation, TypeError) as error:
        wanted = "a date as YYYY-MM-DD" if name in _DATES else "a number with a decimal point"
        raise CorrectionError(f"{name} must be {wanted}, not {value!r}") from error
    return value


def _line(index: int, line: Mapping[str, Any]) -> StatedLine:
    known = {name: _value(name, value) for name, value in line.items() if name in LINE and value not in (None, "")}
    return StatedLine(index=index, **known)


def _touched(at: str, corrections: Mapping[str, Any]) -> bool:
    """Return whether a correction lies at ``at`` or below it, or takes the whole line away."""
    return at != "" and any(
        pointer == at or pointer.startswith(at + "/") or at.startswith(pointer + "/") for pointer in corrections
    )
