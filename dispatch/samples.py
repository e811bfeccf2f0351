"""One example of every letter and of an order: what previews show, and what own templates are tried on."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from procurement.order_document import Change, DocumentLine, OrderDocument, Party

LINES = (
    DocumentLine(
        1,
        "Hex bolt M8",
        Decimal("100"),
        "H87",
        Decimal("0.1275"),
        item_number="N-1",
        supplier_item_number="S-1",
        needed_by=date(2026, 3, 18),
    ),
    DocumentLine(2, "Gloves, size L", Decimal("1250.5"), "box", Decimal("14.9"), note="One lot please"),
)
ORDER = OrderDocument(
    number="PO-2026-00007",
    revision=1,
    issued_on=date(2026, 3, 4),
    currency="EUR",
    language="en",
    buyer=Party("Northwind GmbH"),
    supplier=Party("Acme Supplies Ltd"),
    ship_to=Party("Northwind Works 2", ("Gate 3", "Hamburg")),
    lines=LINES,
    needed_by=date(2026, 3, 20),
)
REQUEST: dict[str, Any] = {
    "number": "REQ-2026-00011",
    "requester": "Jonas Weber",
    "lines": [
        {
            "line_number": 1,
            "description": "Hex bolt M8",
            "quantity": Decimal("100"),
            "unit": "H87",
            "unit_price": Decimal("0.1275"),
            "line_total": Decimal("12.75"),
            "cost_center": "4711",
        },
        {"line_number": 2, "description": "Something new", "quantity": Decimal("1"), "unit": "box", "unit_price": None},
    ],
    "currency": "EUR",
    "total": Decimal("18645.20"),
    "token": "BD-TOKEN-7",
    "by_email": True,
    "supplier": "Acme Supplies Ltd",
    "reason": "The old ones broke.\nWe need them soon.",
    "budget_left": Decimal("20000"),
    "waived": ["The price is 3 % above the contract."],
    "needed_by": date(2026, 3, 20),
}
VALUES: dict[str, Mapping[str, Any]] = {
    "order": {"order": ORDER, "number": ORDER.number, "token": "BD-TOKEN-7"},
    "order_reminder": {"order": ORDER, "number": ORDER.number, "open_lines": "2"},
    "response_decided": {
        "order_number": ORDER.number,
        "answer_number": "AB-77",
        "currency": "EUR",
        "agreed": [Change(1, "needed_by", date(2026, 3, 18), date(2026, 3, 23))],
        "offered": [LINES[0]],
        "refused": [LINES[1]],
        "not_ordered": 1,
        "words": ["The price stands in our contract."],
    },
    "delivery_reminder": {"order": ORDER, "number": ORDER.number, "lines": LINES, "currency": "EUR"},
    "delivery_overdue": {"order": ORDER, "number": ORDER.number, "lines": LINES, "currency": "EUR"},
    "invoice_disputed": {
        "number": "INV-2026-0042",
        "order_number": "PO-2026-00007",
        "words": "8.50 is billed, 8.00 was agreed.",
        "differences": ["Nitrile gloves: 8.00 → 8.50"],
    },
    "order_cancellation": {"order": ORDER, "number": ORDER.number, "reason": "The project was stopped."},
    "order_changed": {
        "number": "PO-2026-00007",
        "supplier": "Acme Supplies Ltd",
        "answer": "issued",
        "revision": 2,
        "changes": [Change(2, "quantity", Decimal(10), Decimal(12))],
        "reason": "More is needed.",
    },
    "approval_request": REQUEST | {"rule": "Above EUR 10,000 the plant manager decides."},
    "approval_reminder": REQUEST | {"asked_on": date(2026, 3, 1), "escalates_on": date(2026, 3, 9)},
    "desk_question": {"about": "Gloves", "words": "Which size do you need?"},
    "approval_question": {"number": "REQ-2026-00011", "approver": "Ana Ruiz", "words": "What is it for?"},
    "approval_delegated": {key: REQUEST[key] for key in ("number", "requester", "currency", "total")}
    | {"deputy": "Ana Ruiz"},
    "approval_digest": {
        "requests": [dict.fromkeys(("reason", "cost_center", "account_code", "project", "waived")) | REQUEST],
        "count": 1,
        "about": REQUEST["number"],
    },
    "approval_code": {"number": "REQ-2026-00011", "code": "042137", "minutes": 15},
    "approval_answer": REQUEST | {"answer": "They are for the new line."},
    "approval_again": {"number": "REQ-2026-00011", "why": "unclear", "token": "BD-TOKEN-7", "by_email": True},
    "requisition_received": {key: REQUEST[key] for key in ("number", "lines", "currency")},
    "requisition_question": {
        "number": "REQ-2026-00011",
        "questions": [{"ask": "item", "line": 2, "wanted": "thing", "choices": [["G-1", "A thing"], ["G-2", "It"]]}],
    },
    "requisition_rejected": {"number": "REQ-2026-00011", "reason": "No budget.", "decided_by": "Ana Ruiz"},
    "requisition_refused": {"about": "new chairs"},
    "operator_alarm": {"kind": "silent", "about": "mailbox purchasing", "detail": "No mail has come for 3 days."},
    "message_unclear": {"about": "new chairs", "understood": "requisition", "said": "Something about chairs."},
    "requisition_ordered": {"number": "REQ-2026-00011", "order": ORDER},
    "response_applied": {
        "order_number": "PO-2026-00007",
        "supplier": "Acme Supplies Ltd",
        "answer": "changed",
        "changes": [Change(2, "needed_by", date(2026, 3, 20), date(2026, 3, 27))],
        "pending": True,
    },
}


def sample_values(name: str, organisation: str) -> dict[str, Any]:
    """Return the values of one example of the email ``name``, as ``organisation`` would write it."""
    return {"organisation": organisation, **VALUES[name]}
