"""A Reading: what a message or a document says, and where it says it.

Only what the source states is present; an absent value is None or empty, never a default.
Numbers are ``Decimal``, dates are ``datetime.date``; the JSON form writes numbers as strings in
plain notation and dates in ISO 8601, and leaves out what is absent.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self

from records.problems import Problem


class Kind(StrEnum):
    """What a message or document is for."""

    REQUISITION = "requisition"
    ORDER = "order"
    ORDER_RESPONSE = "order_response"
    DESPATCH_ADVICE = "despatch_advice"
    DELIVERY_NOTE = "delivery_note"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    QUOTATION = "quotation"
    STATEMENT = "statement"
    ORDER_CHANGE = "order_change"
    ORDER_CANCELLATION = "order_cancellation"
    RECEIPT_ADVICE = "receipt_advice"
    APPROVAL_DECISION = "approval_decision"
    DELIVERY_FAILURE = "delivery_failure"
    AUTO_REPLY = "auto_reply"
    OTHER = "other"


class Response(StrEnum):
    """What an order response says of the whole order."""

    ACCEPTED = "accepted"
    CHANGED = "changed"
    REJECTED = "rejected"
    RECEIVED_ONLY = "received_only"


class LineStatus(StrEnum):
    """What an order response says of one line."""

    ACCEPTED = "accepted"
    CHANGED = "changed"
    REJECTED = "rejected"
    BACKORDERED = "backordered"


class Decision(StrEnum):
    """What an approver's answer says."""

    APPROVED = "approved"
    REJECTED = "rejected"
    QUESTION = "question"


@dataclass(frozen=True)
class Evidence:
    """Where a value was read.

    ``part`` counts the leaves of a message from 0 (None for a document read on its own). On a page,
    ``page`` counts from 1 and ``box`` is (x0, top, x1, bottom) in PDF points from the top left
    (in a spreadsheet: column and row numbers); in a text part ``span`` is [start, end) in
    characters of the decoded text. ``text`` is what stands there, as written. ``message`` is the row of
    the mail where a Reading was completed by a later one.
    """

    text: str
    part: int | None = None
    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    span: tuple[int, int] | None = None
    message: int | None = None


@dataclass(frozen=True)
class Check:
    """One deterministic check of a Reading and whether it holds."""

    check: str
    holds: bool


@dataclass(frozen=True)
class Sender:
    """The one mailbox of the From header; ``address`` is lower case, "" where unreadable."""

    address: str
    name: str = ""


@dataclass(frozen=True)
class Announcement:
    """A sentence that announces another account (``about`` "bank") or address ("address"); it changes nothing."""

    about: str
    text: str


@dataclass(frozen=True)
class Aside:
    """A sentence that wants something besides what the mail is filed as: a Kind's value, or "question"."""

    kind: str
    text: str


@dataclass(frozen=True)
class PartInfo:
    """One decoded leaf of a message; ``size`` in bytes and ``sha256`` are of the decoded bytes."""

    media_type: str
    name: str | None
    size: int
    sha256: str
    text: str | None = None


@dataclass(frozen=True)
class ReadLine:
    """One line item as the source states it; prices are per ``unit`` in the Reading's currency."""

    line_number: str | None = None
    description: str | None = None
    item_number: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    unit_price: Decimal | None = None
    line_total: Decimal | None = None
    needed_by: date | None = None
    status: LineStatus | None = None
    promised_on: date | None = None
    substitute_for: str | None = None
    backordered: Decimal | None = None  # comes later than ``quantity``; 0: the rest will not come


@dataclass(frozen=True)
class Reading:
    """All that one source says. ``evidence`` maps a JSON pointer to where its value stands.

    ``accounts`` are IBANs and account numbers that it names, ``announcements`` what it says of new ones.
    ``answers`` maps places of an earlier Reading to what this one says there, where we had asked.
    """

    kind: Kind = Kind.OTHER
    language: str | None = None
    reply_text: str | None = None
    order_numbers: tuple[str, ...] = ()
    number: str | None = None
    issued_on: date | None = None
    needed_by: date | None = None
    currency: str | None = None
    supplier_name: str | None = None
    buyer_name: str | None = None
    ship_to: str | None = None
    cost_center: str | None = None
    account_code: str | None = None
    project: str | None = None
    justification: str | None = None
    response: Response | None = None
    decision: Decision | None = None
    failed_recipient: str | None = None
    failed_recipients: tuple[str, ...] = ()
    permanent: bool | None = None
    tracking_number: str | None = None
    carrier: str | None = None
    net_total: Decimal | None = None
    tax_total: Decimal | None = None
    gross_total: Decimal | None = None
    lines: tuple[ReadLine, ...] = ()
    source: str | None = None
    sender: Sender | None = None
    subject: str | None = None
    sent_at: datetime | None = None
    accepted: bool = False
    accounts: tuple[str, ...] = ()
    announcements: tuple[Announcement, ...] = ()
    also: tuple[Aside, ...] = ()  # what the author wants besides
    forwarded: tuple[Sender, ...] = ()  # who wrote what is passed on
    answers: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    problems: tuple[Problem, ...] = ()
    layout: str | None = None  # its fingerprint (parsers.layout)
    learned: tuple[str, ...] = ()  # what of the lessons of its layout it was read with (parsers.hints)
    documents: tuple["Reading", ...] = ()
    parts: tuple[PartInfo, ...] = ()
    left_out: tuple[str, ...] = ()  # words that their own frame cuts off: a viewer does not show them whole

    def with_(self, **changes: Any) -> Self:
        """Return a copy with ``changes``."""
        return dataclasses.replace(self, **changes)

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-ready values; what is absent is left out, ``accepted`` always stands."""
        return {"kind": self.kind.value} | _fields(self) | {"accepted": self.accepted}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the Reading that ``as_dict`` described; raises ValueError or KeyError if it did not."""
        known = {name: _revive(name, value) for name, value in values.items()}
        return cls(**known)


def plain(number: Decimal) -> str:
    """Return ``number`` in plain notation with its digits kept.

    >>> plain(Decimal("1E+3")), plain(Decimal("12.50"))
    ('1000', '12.50')
    """
    return format(number, "f")


def _fields(value: Any) -> dict[str, Any]:
    named = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value))
    return {name: _json(item) for name, item in named if item is not None and item != () and item != {}}


def _json(value: Any) -> Any:
    match value:
        case StrEnum():
            return value.value
        case Decimal():
            return plain(value)
        case datetime() | date():
            return value.isoformat()
        case Problem():
            return value.as_dict()
        case Mapping():
            return {key: _json(item) for key, item in value.items()}
        case tuple() | list():
            return [_json(item) for item in value]
        case Reading():
            return value.as_dict()
        case _ if dataclasses.is_dataclass(value):
            return _fields(value)
        case _:
            return value


_NUMBERS = {"net_total", "tax_total", "gross_total", "quantity", "unit_price", "line_total", "backordered"}
_DATES = {"issued_on", "needed_by", "promised_on"}
_ENUMS: dict[str, type[StrEnum]] = {"kind": Kind, "response": Response, "decision": Decision, "status": LineStatus}


def _revive(name: str, value: Any) -> Any:
    if name in _NUMBERS:
        return Decimal(value)
    if name in _DATES:
        return date.fromisoformat(value)
    if name in _ENUMS:
        return _ENUMS[name](value)
    match name:
        case "sent_at":
            return datetime.fromisoformat(value)
        case "order_numbers" | "failed_recipients" | "learned" | "accounts" | "left_out":
            return tuple(value)
        case "lines":
            return tuple(ReadLine(**{k: _revive(k, v) for k, v in line.items()}) for line in value)
        case "sender":
            return Sender(**value)
        case "evidence":
            return {pointer: _evidence(item) for pointer, item in value.items()}
        case "announcements":
            return tuple(Announcement(**item) for item in value)
        case "also":
            return tuple(Aside(**item) for item in value)
        case "forwarded":
            return tuple(Sender(**item) for item in value)
        case "checks":
            return tuple(Check(**item) for item in value)
        case "problems":
            return tuple(Problem.from_dict(item) for item in value)
        case "documents":
            return tuple(Reading.from_dict(item) for item in value)
        case "parts":
            return tuple(PartInfo(**item) for item in value)
        case _:
            return value


def evidence_from(values: Mapping[str, Any] | None) -> dict[str, Evidence] | None:
    """Return the evidence whose JSON form ``values`` is; None for None."""
    return None if values is None else {pointer: _evidence(item) for pointer, item in values.items()}


def _evidence(values: Mapping[str, Any]) -> Evidence:
    shapes = {name: tuple(values[name]) for name in ("box", "span") if name in values}
    return Evidence(**{**values, **shapes})
