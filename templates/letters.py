"""The emails that Buydesk writes, and the values that each of them needs and may have.

``organisation`` (the buyer's name under the mail) is needed by all, ``person`` (whom to greet) may be
given to all. ``order`` is an OrderDocument. ``lines`` have ``line_number``, ``description``,
``quantity``, ``unit`` and, where known, ``unit_price``, ``line_total``, ``needed_by``, ``item_number``,
``supplier_item_number``, ``cost_center``, ``account_code``, ``project``, ``contract``, ``note``; a
mapping or an object will do. ``changes`` have ``line_number``, ``field``, ``before``, ``after``.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Letter:
    """What one email needs and what it may have; an optional value that is not given is None."""

    needed: frozenset[str]
    optional: frozenset[str]


def _letter(needed: str, optional: str = "") -> Letter:
    return Letter(
        frozenset({"organisation", *needed.split()}),
        frozenset({"person", *optional.split()}),
    )


_REQUEST = "number requester lines currency total token by_email"
_REQUEST_MAY = "supplier reason needed_by cost_center account_code project budget_left waived page"

LETTERS = {
    # To the supplier. token: the line that leads the answer back to this order.
    # page: where the supplier can answer without writing.
    "order": _letter("order number", "changes token page"),
    "order_reminder": _letter("order number", "open_lines token"),
    # agreed: changes; offered and refused: lines as we offer them, and as they stay; words: of the buyer, to him.
    "response_decided": _letter("order_number agreed offered refused", "answer_number currency not_ordered words"),
    # lines: what is asked about; needed_by is the day for which it is promised.
    "delivery_reminder": _letter("order number lines", "currency token"),
    "delivery_overdue": _letter("order number lines", "currency token"),
    # reason: why the order is to be cancelled.
    "order_cancellation": _letter("order number", "reason"),
    # differences: what differs, as short sentences without words of a language; words: of whoever disputes it.
    "invoice_disputed": _letter("number words", "order_number differences"),
    # To the approver. by_email: whether an answer by email counts; page: where to decide instead;
    # waived: sentences; rule: why this approver is asked; budget_left: before this requisition.
    "approval_request": _letter(_REQUEST, f"{_REQUEST_MAY} rule in_place_of"),
    "approval_reminder": _letter(_REQUEST, f"{_REQUEST_MAY} asked_on escalates_on"),
    # deputy: who is asked in the approver's place.
    "approval_delegated": _letter("number requester deputy currency total"),
    # requests: mappings of what approval_request needs, each with its token; count: how many.
    "approval_digest": _letter("requests count about"),
    # code: the digits that he enters on the page, once.
    "approval_code": _letter("number code minutes"),
    # answer: what the requester answers to his question.
    "approval_answer": _letter(f"{_REQUEST} answer", _REQUEST_MAY),
    # why: unclear, not_authenticated, changed, no_token, over_limit or not_approver; answer: their words.
    "approval_again": _letter("number why token by_email", "answer page"),
    # To the requester. questions: mappings (templates.mail_rows.question_points), all in one mail.
    "requisition_received": _letter("number lines currency", "supplier needed_by cost_center total"),
    "requisition_question": _letter("number questions", "lines currency"),
    # words: the approver's own question or condition.
    "approval_question": _letter("number approver words"),
    # words: what somebody at the desk asks; about: the subject of the mail that he asks about.
    "desk_question": _letter("words", "about"),
    "requisition_rejected": _letter("number", "reason decided_by"),
    "requisition_refused": _letter("", "about contact"),
    # understood: what the mail seemed to want (a key of the letter's words), "" for nothing at all.
    "message_unclear": _letter("understood", "about said"),
    "requisition_ordered": _letter("number order", "expected_on"),
    # answer: issued, accepted, refused, cancelled or stands (a key of the letter's words); comment: the supplier's.
    "order_changed": _letter("number supplier answer", "revision changes comment reason"),
    # To the operator. kind: stopped, unreachable, silent or expiring; detail: a sentence that says what to do.
    "operator_alarm": _letter("kind about detail"),
    # answer: accepted, changed, rejected or received_only; pending: the buyer still has to decide.
    "response_applied": _letter("order_number supplier answer", "number changes comment expected_on pending"),
}
