"""Who decides, and how soon."""

from collections import Counter, defaultdict
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.tables import Approval, Organisation, Person
from web.desk.reports.figures import Column, Period, Report, hours


def by_person(session: Session, organisation: Organisation, period: Period) -> Report:
    """Return, by approver, what was asked in the period, how it was decided, and how soon."""
    states: defaultdict[str, Counter[str]] = defaultdict(Counter)
    reminded: Counter[str] = Counter()
    took: defaultdict[str, list[timedelta]] = defaultdict(list)
    rows = session.execute(
        select(Person.name, Approval.state, Approval.reminders, Approval.asked_at, Approval.decided_at)
        .join(Person, Person.id == Approval.approver_id)
        .where(
            Approval.organisation_id == organisation.id,
            Approval.asked_at >= period.begins,
            Approval.asked_at < period.ends,
        )
    )
    for name, state, reminders, asked_at, decided_at in rows.yield_per(5000):
        states[name][state] += 1
        reminded[name] += reminders > 0
        if asked_at is not None and decided_at is not None:
            took[name].append(decided_at - asked_at)
    ordered = sorted(states.items(), key=lambda pair: (-pair[1].total(), pair[0]))
    return Report(
        name="approvals",
        title="Approvals by person",
        question="Who decides, and how soon?",
        columns=(
            Column("person", "Approver"),
            Column("asked", "Asked", "count"),
            Column("approved", "Approved", "count"),
            Column("rejected", "Rejected", "count"),
            Column("open", "Open", "count"),
            Column("void", "No longer needed", "count"),
            Column("reminded", "Had to be reminded", "count"),
            Column("median", "Decided after, median", "hours"),
            Column("nine_of_ten", "9 of 10 within", "hours"),
        ),
        rows=tuple(
            (
                name,
                one.total(),
                one["approved"],
                one["rejected"],
                one["asked"] + one["question"],
                one["void"],
                reminded[name],
                hours(took[name]),
                hours(took[name], 0.9),
            )
            for name, one in ordered
        ),
        chart=("asked",),
    )
