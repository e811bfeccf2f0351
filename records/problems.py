"""What can stand in the way of a row: the reason codes, and the problem value that carries one.

A problem is data. Parsers and rules return problems; the step runner opens an exception item with
them; an agent resolves each by correcting data or recording a waiver.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Code(StrEnum):
    """Reason codes of the exception queue (design, section 4)."""

    UNKNOWN_SENDER = "UNKNOWN_SENDER"
    SENDER_NOT_AUTHENTICATED = "SENDER_NOT_AUTHENTICATED"
    LOOKALIKE_SENDER = "LOOKALIKE_SENDER"
    UNREADABLE = "UNREADABLE"
    ENCRYPTED = "ENCRYPTED"
    POISON = "POISON"
    QUARANTINED = "QUARANTINED"
    UNCLASSIFIED = "UNCLASSIFIED"
    LOW_CONFIDENCE = "LOW_CONFIDENCE"
    AMBIGUOUS_NUMBER = "AMBIGUOUS_NUMBER"
    AMBIGUOUS_DATE = "AMBIGUOUS_DATE"
    TOTALS_DISAGREE = "TOTALS_DISAGREE"
    UNKNOWN_SUPPLIER = "UNKNOWN_SUPPLIER"
    SUPPLIER_BLOCKED = "SUPPLIER_BLOCKED"
    UNKNOWN_ITEM = "UNKNOWN_ITEM"
    UNIT_MISMATCH = "UNIT_MISMATCH"
    PRICE_MISMATCH = "PRICE_MISMATCH"
    OFF_CONTRACT = "OFF_CONTRACT"
    CODING_MISSING = "CODING_MISSING"
    BUDGET_EXCEEDED = "BUDGET_EXCEEDED"
    BUDGET_UNKNOWN = "BUDGET_UNKNOWN"
    DUPLICATE_SUSPECT = "DUPLICATE_SUSPECT"
    SPLIT_SUSPECT = "SPLIT_SUSPECT"
    NO_APPROVER = "NO_APPROVER"
    NO_ORDER_MATCH = "NO_ORDER_MATCH"
    AMBIGUOUS_ORDER = "AMBIGUOUS_ORDER"
    STALE_REVISION = "STALE_REVISION"
    RESPONSE_OUT_OF_TOLERANCE = "RESPONSE_OUT_OF_TOLERANCE"
    RESPONSE_OVERDUE = "RESPONSE_OVERDUE"
    BOUNCED = "BOUNCED"
    DELIVERY_UNCERTAIN = "DELIVERY_UNCERTAIN"
    OVER_RECEIPT = "OVER_RECEIPT"
    INVOICE_DISCREPANCY = "INVOICE_DISCREPANCY"
    BANK_MISMATCH = "BANK_MISMATCH"
    STALE_APPROVAL = "STALE_APPROVAL"
    MAIL_SERVER = "MAIL_SERVER"
    ADDRESS_INCOMPLETE = "ADDRESS_INCOMPLETE"
    GAVE_UP = "GAVE_UP"


@dataclass(frozen=True)
class Problem:
    """One reason why a machine stops: ``detail`` is a full sentence for an agent.

    ``at`` is a JSON pointer into the row's data (``/lines/3/quantity``), or "" for the whole.
    """

    code: Code
    detail: str
    at: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the problem as JSON-ready values."""
        return asdict(self) | {"code": self.code.value}

    @staticmethod
    def from_dict(values: dict[str, Any]) -> "Problem":
        """Return the problem that ``as_dict`` described."""
        return Problem(Code(values["code"]), values["detail"], values.get("at", ""))
