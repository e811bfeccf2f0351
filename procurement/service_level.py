"""The service level of the exception queue: by when somebody should have acted, in business time.

The clock counts the minutes in which the organisation works, and stands still while others are waited for.
"""

from datetime import datetime, timedelta

from procurement.working_time import MOST_FREE_DAYS, WorkingTime, in_working_time
from records.problems import Code

MINUTES = 480  # a working day, where nothing else is promised
URGENT = 60
_SOON = 240
PROMISED: dict[str, int] = {
    Code.DELIVERY_UNCERTAIN: URGENT,
    Code.MAIL_SERVER: URGENT,
    Code.BOUNCED: URGENT,
    Code.BANK_MISMATCH: URGENT,
    Code.GAVE_UP: URGENT,
    Code.LOOKALIKE_SENDER: _SOON,
    Code.STALE_REVISION: _SOON,
    Code.STALE_APPROVAL: _SOON,
    Code.NO_APPROVER: _SOON,
    Code.RESPONSE_OUT_OF_TOLERANCE: _SOON,
    Code.RESPONSE_OVERDUE: _SOON,
}


def promised_by(opened: datetime, code: str, working: WorkingTime) -> datetime:
    """Return when an exception with ``code`` that opened then should be cleared."""
    return business_minutes_later(opened, PROMISED.get(code, MINUTES), working)


def business_minutes_later(moment: datetime, minutes: int, working: WorkingTime) -> datetime:
    """Return the moment when ``minutes`` of working time have passed after ``moment``."""
    left = timedelta(minutes=minutes)
    start = in_working_time(moment, working)
    for _ in range(MOST_FREE_DAYS):
        local = start.astimezone(working.zone)
        end = datetime.combine(local.date(), working.ends, working.zone).astimezone(moment.tzinfo)
        if start + left <= end or end <= start:
            return start + left
        left -= end - start
        start = in_working_time(end, working)
    return start + left
