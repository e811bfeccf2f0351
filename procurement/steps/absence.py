"""The step ``absence``: an approver's absence note lets his deputy decide; and absences told at the desk."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from records.audit import record
from records.base import utc_now
from records.flow import Done, Outcome
from records.tables import Absence, Approval, Message, Organisation, Outbound, Person, Requisition

UNDATED = timedelta(days=7)  # how long a note counts that does not say when it ends
LONGEST = timedelta(days=366)


def note_absence(session: Session, message: Message, *, clock: Callable[[], datetime] = utc_now) -> Outcome:
    """Note the absence that ``message`` tells, where it is proven to be of a person who was written to by us.

    Any other automatic mail stays aside, as it is. A note that names neither its end nor a deputy among the
    organisation's people tells too little.
    """
    aside = Done("automatic")
    person = _writer(session, message)
    if person is None or message.screened.get("kind") != "auto_reply":
        return aside
    organisation = session.get_one(Organisation, message.organisation_id)
    today = clock().astimezone(ZoneInfo(organisation.time_zone)).date()
    deputy = _deputy(session, message, person)
    last = _last_day(str(message.screened.get("back_on") or ""), today)
    if last is None and deputy is None:
        return aside
    last = last or today + UNDATED
    if last >= today:
        set_absence(session, person, deputy, (today, last), source="reply", by=person.email, message=message)
    return aside


def set_absence(
    session: Session,
    person: Person,
    deputy: str | None,
    days: tuple[date, date],
    *,
    source: str,
    by: str,
    message: Message | None = None,
) -> Absence:
    """Write that ``person`` is away from the first to the last of ``days``, and let open approvals be looked at."""
    key = {"organisation_id": person.organisation_id, "source": source, "email": person.email, "starts_on": days[0]}
    absence = session.scalars(select(Absence).filter_by(**key)).one_or_none()
    if absence is None:
        absence = Absence(**key, ends_on=days[1])
        session.add(absence)
    absence.deputy_email, absence.ends_on = deputy, days[1]
    absence.message_id = message.id if message else None
    session.flush()
    record(session, absence, "away", by, person=person.email, deputy=deputy, until=days[1].isoformat())
    look_again(session, person)
    return absence


def look_again(session: Session, person: Person) -> None:
    """Let every requisition be routed anew that waits for ``person`` or for somebody in his place."""
    is_his = (Approval.approver_id == person.id) | (Approval.principal_email == person.email)
    waiting = select(Approval.requisition_id).where(
        Approval.organisation_id == person.organisation_id, is_his, Approval.state.in_(["to_ask", "asked", "question"])
    )
    session.execute(
        update(Requisition)
        .where(Requisition.id.in_(waiting), Requisition.state == "pending_approval")
        .values(due_at=utc_now())
    )


def _writer(session: Session, message: Message) -> Person | None:
    """Return the person whose own mail box answers a mail that we sent to that very person."""
    if not message.authenticated or not message.in_reply_to:
        return None
    ours = select(Outbound.id).where(
        Outbound.organisation_id == message.organisation_id,
        Outbound.message_id.in_(message.in_reply_to),
        Outbound.recipient == message.sender_address,
    )
    if session.scalars(ours.limit(1)).first() is None:
        return None
    return _active(session, message.organisation_id, message.sender_address or "")


def _deputy(session: Session, message: Message, person: Person) -> str | None:
    """Return the address that the note names, where it is that of somebody else who may sign at all."""
    named = _active(session, message.organisation_id, str(message.screened.get("deputy") or "").lower())
    if named is None or named.id == person.id or named.approval_limit is None:
        return None
    return named.email


def _active(session: Session, organisation_id: int, email: str) -> Person | None:
    found = select(Person).where(Person.organisation_id == organisation_id, Person.email == email, Person.active)
    return session.scalars(found).one_or_none()


def _last_day(back_on: str, today: date) -> date | None:
    """Return the day before somebody is back, None where that is not said or cannot be meant.

    >>> _last_day("2026-08-10", date(2026, 8, 1)), _last_day("2036-08-10", date(2026, 8, 1))
    (datetime.date(2026, 8, 9), None)
    """
    if not back_on:
        return None
    back = date.fromisoformat(back_on)
    return back - timedelta(days=1) if back - today <= LONGEST else None
