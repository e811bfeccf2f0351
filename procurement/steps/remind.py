"""The step ``remind``: an approver who does not answer is reminded, then a superior of his is asked as well."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from procurement.steps.notices import notify
from procurement.steps.signing import approvals_of, as_asked, signing_of, stand_ins_of
from procurement.working_time import in_working_time, working_days_later, working_time
from records.audit import record
from records.base import utc_now
from records.exceptions import not_waived
from records.flow import Done, Hold, Outcome, Wait
from records.problems import Code, Problem
from records.tables import Approval, Organisation

WAIT_ON = timedelta(days=30)


def remind(session: Session, approval: Approval, *, clock: Callable[[], datetime] = utc_now) -> Outcome:
    """Send the reminder that is due; once all were sent, ask a superior, or tell the client where none may sign.

    Days are working days of the organisation, and nothing goes out at night or on a holiday. What is not to
    be decided any more is void. A waiver of NO_APPROVER waits on.
    """
    now = clock()
    requisition = approval.requisition
    if requisition.state != "pending_approval" or requisition.revision_hash != approval.revision_hash:
        return Done("void")
    organisation = session.get_one(Organisation, approval.organisation_id)
    working = working_time(organisation.calendar, organisation.country, organisation.time_zone)
    if (begins := in_working_time(now, working)) > now:
        return Wait(begins)
    days = organisation.approval_days
    asked_at = approval.asked_at or now
    dates = [working_days_later(asked_at, day, working) for day in days]
    due = sum(1 for date in dates if now >= date)
    if due > approval.reminders:
        approval.reminders = due
        key = f"reminder:{approval.id}:{asked_at.isoformat()}:{due}"
        notify(session, approval, "approval_reminder", approval.approver.email, key=key)
    if due < len(days):
        return Wait(dates[due])
    end = working_days_later(asked_at, patience := _patience(days), working)
    if now < end:
        return Wait(end)
    if _escalate(session, approval, now):
        return Wait(now + WAIT_ON)
    detail = f"{approval.approver.name} has not decided on {requisition.number} for {patience} working days."
    barring = not_waived(session, approval, [Problem(Code.NO_APPROVER, detail + " Waive this to wait on.")])
    return Hold(barring, owner="client") if barring else Wait(now + WAIT_ON)


def _patience(days: list[int]) -> int:
    """Return how many working days an approver has: as long after the last reminder as that was after the one before.

    >>> _patience([2, 4]), _patience([3]), _patience([])
    (6, 6, 7)
    """
    if not days:
        return 7
    return days[-1] + (days[-1] - days[-2] if len(days) > 1 else days[-1])


def _escalate(session: Session, approval: Approval, now: datetime) -> bool:
    """Let a superior be asked as well; return whether one may sign in the approver's place."""
    if approval.principal_email is not None:
        return False
    signing = signing_of(session, approval.requisition)
    if isinstance(signing, Problem):
        return False
    asked = approvals_of(session, approval.requisition)
    first = approval.escalated_at is None
    approval.escalated_at = approval.escalated_at or now
    found = stand_ins_of(session, approval.requisition, signing, asked, now)
    stand_in = found.get((approval.step_number, as_asked(approval).principal))
    if stand_in is None:
        approval.escalated_at = None
        return False
    if first:
        record(session, approval, "escalated", "step:remind", to=stand_in.email)
        approval.requisition.due_at = now
    return True
