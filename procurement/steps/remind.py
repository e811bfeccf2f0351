"""The step ``remind``: an approver who does not answer is reminded, on the organisation's days."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from procurement.steps.notices import notify
from records.base import utc_now
from records.exceptions import not_waived
from records.flow import Done, Hold, Outcome, Wait
from records.problems import Code, Problem
from records.tables import Approval, Organisation

WAIT_ON = timedelta(days=30)


def remind(session: Session, approval: Approval, *, clock: Callable[[], datetime] = utc_now) -> Outcome:
    """Send the reminder that is due, or tell an agent once all were sent and nobody answered.

    What is not to be decided any more is void. A waiver of NO_APPROVER waits on.
    """
    now = clock()
    requisition = approval.requisition
    if requisition.state != "pending_approval" or requisition.revision_hash != approval.revision_hash:
        return Done("void")
    days = session.get_one(Organisation, approval.organisation_id).approval_days
    asked_at = approval.asked_at or now
    due = sum(1 for day in days if now >= asked_at + timedelta(days=day))
    if due > approval.reminders:
        approval.reminders = due
        key = f"reminder:{approval.id}:{due}"
        notify(session, approval, "approval_reminder", approval.approver.email, key=key)
    if due < len(days):
        return Wait(asked_at + timedelta(days=days[due]))
    patience = days[-1] + (days[-1] - days[-2] if len(days) > 1 else days[-1]) if days else 7
    end = asked_at + timedelta(days=patience)
    if now < end:
        return Wait(end)
    detail = f"{approval.approver.name} has not decided on {requisition.number} for {patience} days."
    barring = not_waived(session, approval, [Problem(Code.NO_APPROVER, detail + " Waive this to wait on.")])
    return Hold(barring, owner="client") if barring else Wait(now + WAIT_ON)
