"""Refused logins of a mailbox, counted over all steps that log in: together they stay below a lock-out."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from intake.refusals import LOGIN_RETRY
from records.flow import Wait
from records.tables import Mailbox

LOOK_AGAIN = timedelta(minutes=15)


def closed_until(mailbox: Mailbox, now: datetime) -> datetime | None:
    """Return when a step beside ``poll`` may look again; None: the last login of the mailbox was not refused.

    Only ``poll`` tries on after a refusal, and asks an operator after the third.
    """
    return now + LOOK_AGAIN if mailbox.login_failures else None


def login_refused(session: Session, mailbox_id: int, now: datetime) -> Wait:
    """Count a refused login of another step than ``poll``, which waits until a poll got through."""
    counted = update(Mailbox).where(Mailbox.id == mailbox_id)
    session.execute(counted.values(login_failures=Mailbox.login_failures + 1))
    return Wait(now + LOGIN_RETRY)
