"""What a person does about an exception: correct values, waive problems, record a decision."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from buydesk.commands.shared import CommandError
from procurement.stated import CorrectionError, check_correction
from procurement.steps.decide import settle
from records.audit import record
from records.base import utc_now
from records.exceptions import release, subject, waive
from records.tables import Approval, ExceptionItem, Person

OF_A_MESSAGE = ("/sender", "/handled")


def correct(session: Session, item: ExceptionItem, values: Sequence[str], by: str) -> None:
    """Lay corrections (``AT=VALUE``) over what was read and release the row; refused as a whole if one is wrong."""
    row = subject(session, item)
    corrections: dict[str, Any] = {}
    for text in values:
        pointer, sign, value = text.partition("=")
        if not sign:
            raise CommandError(f"{text!r} is not of the form AT=VALUE, e.g. /cost_center=4711")
        corrections[pointer] = _checked(pointer, value)
    row.corrections = {**row.corrections, **corrections}
    record(session, row, "corrected", by, values=corrections)
    release(session, item, by, f"corrected {', '.join(corrections)}")


def waive_all(session: Session, item: ExceptionItem, code: str, at: str | None, by: str, why: str) -> int:
    """Waive every problem of ``item`` with ``code`` (only the one at ``at`` if given) and release the row."""
    fits = [p for p in item.problems if p["code"] == code.upper() and at in (None, p["at"])]
    if not fits:
        known = ", ".join(f"{p['code']} {p['at']}".strip() for p in item.problems)
        raise CommandError(f"Exception {item.id} has no such problem; it has {known}.")
    if not why.strip():
        raise CommandError("A waiver needs a reason: --why TEXT")
    for problem in fits:
        waive(session, item, problem["code"], problem["at"], by, why)
    release(session, item, by, f"waived {code.upper()}: {why}")
    return len(fits)


def record_decision(session: Session, number: int, decision: str, approver: str, by: str, why: str) -> None:
    """Record the decision of the approver himself, as ``by`` reports it; audited as such."""
    approval = session.get(Approval, number)
    if approval is None:
        raise CommandError(f"There is no approval {number}.")
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
    record(session, approval, "decision_recorded", by, why=why, decision=decision)
    settle(session, approval, decision, by, utc_now())


def _checked(pointer: str, value: str) -> Any:
    if pointer in OF_A_MESSAGE:
        return value.strip().lower() if pointer == "/sender" else value
    try:
        return check_correction(pointer, value)
    except CorrectionError as error:
        raise CommandError(f"{error}.") from error
