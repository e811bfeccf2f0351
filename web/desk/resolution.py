"""What a person does about an exception: correct values, waive problems, record a decision."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.steps.decide import confirm_delivered, send_again
from parsers.reading import Decision, Kind, LineStatus, Response
from procurement.stated import CorrectionError, check_correction
from procurement.steps.decide import locked_approval, settle
from procurement.steps.route import void
from procurement.steps.signing import approvals_of, delegation_is_over
from records.audit import record
from records.base import Work, utc_now
from records.exceptions import open_item, release, subject, waive
from records.flow import IllegalMoveError
from records.tables import (
    Approval,
    ExceptionItem,
    GoodsReceipt,
    Invoice,
    Message,
    Notice,
    OrderResponse,
    Organisation,
    Outbound,
    Person,
    PurchaseOrder,
    Relay,
    Requisition,
)
from web.desk.refused import CommandError

ACCEPTED_BY_SIGNATURE = ("INVOICE_DISCREPANCY", "TOTALS_DISAGREE", "UNIT_MISMATCH")  # of an invoice
OF_A_MESSAGE = ("/sender", "/handled")
WORDS: dict[str, type[StrEnum]] = {"kind": Kind, "response": Response, "decision": Decision, "status": LineStatus}
# Where a row ends, if not a message, that a person saw to by hand.
BY_HAND: dict[tuple[type[Work], str], str] = {
    (Requisition, "incomplete"): "withdrawn",
    (Requisition, "pending_approval"): "withdrawn",
    (PurchaseOrder, "approved"): "cancelled",
    (OrderResponse, "received"): "refused",
    (GoodsReceipt, "received"): "refused",
    (Invoice, "received"): "rejected",
    (Invoice, "waiting_for_receipt"): "rejected",
    (Notice, "to_write"): "written",
}
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def correct(session: Session, item: ExceptionItem, values: Sequence[str], by: str) -> dict[str, Any]:
    """Lay corrections (``AT=VALUE``) over what was read, release the row, and return them by pointer.

    They are refused as a whole if one is wrong.
    """
    row = subject(session, item)
    if not hasattr(row, "reading") and not all(text.startswith("/handled=") for text in values):
        what = item.subject_table.replace("_", " ")
        raise CommandError(f"Exception {item.id} is about a {what}, of which nothing was read: waive or release it.")
    corrections: dict[str, Any] = {}
    for text in values:
        pointer, sign, value = text.partition("=")
        if not sign:
            raise CommandError(f"{text!r} is not of the form AT=VALUE, e.g. /cost_center=4711.")
        corrections[pointer] = _checked(row, pointer, value)
    row.corrections = {**row.corrections, **corrections}
    record(session, row, "corrected", by, values=corrections)
    release(session, item, by, f"corrected {', '.join(corrections)}")
    if reason := corrections.get("/handled"):
        _close_by_hand(session, row, by, reason)
    elif isinstance(row, Requisition) and row.state == "pending_approval":
        _move(session, row, "incomplete", by)  # checked anew: approvals count for exactly what was asked
    return corrections


def _close_by_hand(session: Session, row: Work, by: str, reason: str) -> None:
    """End what a person saw to outside the desk, whatever step it has come to."""
    state = "filed" if isinstance(row, Message) else BY_HAND[type(row), row.state]
    _move(session, row, state, by, why=reason)
    row.due_at = None
    if isinstance(row, Requisition):
        void(session, approvals_of(session, row), by)


def _move(session: Session, row: Work, state: str, by: str, **detail: Any) -> None:
    record(session, row, "moved", by, old=row.state, new=state, **detail)
    row.state = state


def waive_all(session: Session, item: ExceptionItem, code: str, at: str | None, by: str, why: str) -> int:
    """Waive every problem of ``item`` with ``code`` (only the one at ``at`` if given) and release the row."""
    _refuse_sent(session, item)
    _refuse_difference(session, item, code.upper())
    fits = [p for p in item.problems if p["code"] == code.upper() and at in (None, p["at"])]
    if not fits:
        known = ", ".join(f"{p['code']} {p['at']}".strip() for p in item.problems)
        raise CommandError(f"Exception {item.id} has no such problem; it has {known}.")
    if not why.strip():
        raise CommandError("A waiver needs a reason: --why TEXT.")
    for problem in fits:
        waive(session, item, problem["code"], problem["at"], by, why)
    release(session, item, by, f"waived {code.upper()}: {why}")
    return len(fits)


def release_mended(session: Session, item: ExceptionItem, by: str, why: str) -> None:
    """Let the same step run again as it is, because something outside was mended."""
    if not why.strip():
        raise CommandError("Say what was mended: --why TEXT.")
    _refuse_sent(session, item)
    release(session, item, by, why)


def _refuse_sent(session: Session, item: ExceptionItem) -> None:
    """A mail that failed, bounced or is uncertain has no step to run again: somebody must say what it becomes."""
    row = subject(session, item)
    if isinstance(row, Outbound) and row.state in ("uncertain", "failed", "bounced"):
        choice = f"buydesk outbox settle {row.id} --arrived or --send-again"
        raise CommandError(f"This mail is {row.state}; say what becomes of it: {choice}.")


def _refuse_difference(session: Session, item: ExceptionItem, code: str) -> None:
    """What an invoice differs in is accepted by somebody who may sign for it, not waived."""
    row = subject(session, item)
    if isinstance(row, Invoice) and code in ACCEPTED_BY_SIGNATURE:
        raise CommandError(
            f"Accept the invoice, dispute it or reject it: buydesk invoices accept {row.number or row.id}."
        )


def settle_mail(session: Session, number: int, *, arrived: bool, by: str) -> None:
    """Settle a mail of the outbox as ``by`` decides: it arrived, or the same bytes go out again."""
    row = session.get(Outbound, number)
    if row is None:
        raise CommandError(f"There is no mail {number} in the outbox.")
    try:
        (confirm_delivered if arrived else send_again)(session, row, by)
    except IllegalMoveError as error:
        what = "be noted as arrived" if arrived else "be sent again"
        raise CommandError(f"Mail {number} is {row.state.replace('_', ' ')}: it cannot {what}.") from error


def start_relay(session: Session, organisation: Organisation, by: str, why: str) -> None:
    """Let a relay that was stopped after refused logins be tried again."""
    row = session.scalars(select(Relay).where(Relay.organisation_id == organisation.id)).one_or_none()
    item = open_item(session, row) if row is not None else None
    if item is None:
        raise CommandError(f"The relay of {organisation.slug} is not stopped.")
    release_mended(session, item, by, why)


def record_decision(session: Session, number: int, decision: str, approver: str, by: str, why: str) -> None:
    """Record the decision of the approver himself, as ``by`` reports it; audited as such."""
    if session.get(Approval, number) is None:
        raise CommandError(f"There is no approval {number}.")
    approval = locked_approval(session, number)
    if decision not in ("approved", "rejected"):
        raise CommandError("A decision is approved or rejected.")
    person = session.get_one(Person, approval.approver_id)
    if approver != person.email:
        raise CommandError(f"Approval {number} was asked of {person.email}: nobody else can decide it.")
    requisition = approval.requisition
    if requisition.state != "pending_approval" or approval.revision_hash != requisition.revision_hash:
        raise CommandError(f"{requisition.number} is {requisition.state}: there is nothing to decide.")
    if approval.state not in ("asked", "question"):
        raise CommandError(f"Approval {number} is {approval.state.replace('_', ' ')}.")
    if delegation_is_over(session, approval, utc_now()):
        raise CommandError(f"{person.email} was asked in place of {approval.principal_email}, who decides again.")
    if by == requisition.requester.email:
        raise CommandError(f"{by} requested {requisition.number}: somebody else must record this decision.")
    if not why.strip():
        raise CommandError("Say how the decision reached you: --why TEXT.")
    record(session, approval, "decision_recorded", by, why=why, decision=decision)
    settle(session, approval, decision, by, utc_now())


def _checked(row: Work, pointer: str, value: str) -> Any:
    """Return ``value`` as a correction of ``row`` holds it; raises CommandError if it is none."""
    if pointer in OF_A_MESSAGE:
        closes = pointer == "/handled" and (type(row), row.state) in BY_HAND
        if not isinstance(row, Message) and not closes:
            raise CommandError(f"{pointer} belongs to a message; this exception is about a later row of it.")
        return _of_a_message(pointer, value.strip())
    try:
        checked = check_correction(pointer, value)
    except CorrectionError as error:
        raise CommandError(f"{error}.") from error
    if (words := WORDS.get(pointer.rpartition("/")[2])) and value and value not in list(words):
        raise CommandError(f"{pointer} must be one of {', '.join(words)}, not {value!r}.")
    return checked


def _of_a_message(pointer: str, value: str) -> str:
    if pointer == "/handled":
        return value
    if value and not _ADDRESS.fullmatch(value):
        raise CommandError(f"/sender must be an email address, not {value!r}.")
    return value.lower()
