"""What a person at the desk says of approvers' absences."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.steps.absence import look_again, set_absence
from records.audit import record
from records.base import utc_now
from records.tables import Absence, Organisation, Person
from web.desk.refused import CommandError


def delegate(
    session: Session,
    organisation: Organisation,
    person: str,
    deputy: str | None,
    days: tuple[date | None, date],
    by: str,
) -> Absence:
    """Note an absence and who decides meanwhile; refuses a deputy who may not sign at all."""
    starts_on, ends_on = days[0] or _today(organisation), days[1]
    if ends_on < starts_on:
        raise CommandError(f"An absence from {starts_on} cannot end on {ends_on}.")
    if ends_on < _today(organisation):
        raise CommandError(f"{ends_on} is over.")
    if deputy == person:
        raise CommandError("Nobody deputises for himself.")
    if deputy and active_person(session, organisation, deputy).approval_limit is None:
        raise CommandError(f"{deputy} has no approval limit and may not sign.")
    away = active_person(session, organisation, person)
    return set_absence(session, away, deputy, (starts_on, ends_on), source="desk", by=by)


def come_back(session: Session, organisation: Organisation, person: str, by: str) -> int:
    """End the absences of a person that were told by mail or at the desk, and return how many there were."""
    today = _today(organisation)
    row = active_person(session, organisation, person)
    mine = Absence.organisation_id == organisation.id, Absence.email == person, Absence.ends_on >= today
    ended = session.scalars(select(Absence).where(*mine, Absence.source != "folder", Absence.starts_on <= today)).all()
    for absence in ended:
        absence.ends_on = today - timedelta(days=1)
        record(session, absence, "back", by, person=person)
    session.flush()
    look_again(session, row)
    return len(ended)


def present_absences(session: Session, organisation: Organisation) -> list[dict[str, str]]:
    """Return the absences that are not over, the next to begin first."""
    mine = Absence.organisation_id == organisation.id, Absence.ends_on >= _today(organisation)
    rows = session.scalars(select(Absence).where(*mine).order_by(Absence.starts_on, Absence.id))
    return [
        {
            "person": one.email,
            "deputy": one.deputy_email or "",
            "from": one.starts_on.isoformat(),
            "until": one.ends_on.isoformat(),
            "source": one.source,
        }
        for one in rows
    ]


def _today(organisation: Organisation) -> date:
    return utc_now().astimezone(ZoneInfo(organisation.time_zone)).date()


def active_person(session: Session, organisation: Organisation, email: str) -> Person:
    """Return an active person of an organisation by address; refuses any other."""
    found = select(Person).where(Person.organisation_id == organisation.id, Person.email == email, Person.active)
    person = session.scalars(found).one_or_none()
    if person is None:
        raise CommandError(f"There is no active person {email} in {organisation.slug}.")
    return person
