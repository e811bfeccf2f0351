"""The exception queue: a row with problems waits here for a person, then goes on with the same step."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.audit import record
from records.base import Base, Work, utc_now
from records.problems import Problem
from records.tables.desk import ExceptionItem, Waiver
from records.tables.webhooks import WebhookDelivery
from records.webhooks import announce

OPEN_STATES = ("to_review", "reviewing", "postponed")


def table_named(name: str) -> type[Work]:
    """Return the table of rows that steps work on, by its name."""
    for mapper in Base.registry.mappers:
        if mapper.class_.__tablename__ == name and issubclass(mapper.class_, Work):
            return mapper.class_
    raise LookupError(f"no step works on {name}")


def open_item(session: Session, row: Work) -> ExceptionItem | None:
    """Return the open exception item of ``row``."""
    return session.scalars(
        select(ExceptionItem).where(
            ExceptionItem.subject_table == row.__tablename__,
            ExceptionItem.subject_id == row.id,
            ExceptionItem.state.in_(OPEN_STATES),
        )
    ).one_or_none()


def hold(
    session: Session,
    row: Work,
    step: str,
    problems: Iterable[Problem],
    owner: str,
    detail: str | None = None,
    until: datetime | None = None,
) -> ExceptionItem:
    """Open an exception item for ``row`` (or renew the open one) and return it; ``until`` postpones it."""
    item = open_item(session, row)
    is_new = item is None
    if item is None:
        item = ExceptionItem(
            organisation_id=row.organisation_id,
            subject_table=row.__tablename__,
            subject_id=row.id,
        )
        session.add(item)
    item.step, item.owner, item.detail = step, owner, detail
    item.problems = [problem.as_dict() for problem in problems]
    item.code = item.problems[0]["code"] if item.problems else ""
    if until:
        postpone(item, until)
    else:
        wake(item)
    session.flush()
    codes = sorted({problem["code"] for problem in item.problems})
    record(session, row, "held", f"step:{step}", codes=codes, exception=item.id)
    if is_new and row.__tablename__ != WebhookDelivery.__tablename__:  # what cannot be told is not told of either
        about = {"table": item.subject_table, "row": item.subject_id, "owner": owner, "problems": item.problems}
        announce(session, row.organisation_id, "exception.opened", f"exception:{item.id}", {"id": item.id, **about})
    return item


def postpone(item: ExceptionItem, until: datetime) -> None:
    """Let ``item`` wait for somebody else until then; the clock of its service level stands still."""
    item.state, item.wake_at = "postponed", until
    item.paused_at = item.paused_at or utc_now()
    end_lease(item)


def wake(item: ExceptionItem) -> None:
    """Put ``item`` in front of people (again); what it waited for others is added to its time."""
    if item.paused_at is not None:
        waited = utc_now() - item.paused_at
        item.paused_seconds = (item.paused_seconds or 0) + int(waited.total_seconds())
        item.due_by += waited
    item.state, item.wake_at, item.paused_at = "to_review", None, None
    end_lease(item)


def answered(item: ExceptionItem, now: datetime) -> None:
    """Put ``item`` in front of people because who was asked has answered; who holds it ``now`` keeps it."""
    held = item.lease_id, item.lease_by, item.lease_until
    wake(item)
    if held[2] is not None and held[2] > now:
        item.state = "reviewing"
        item.lease_id, item.lease_by, item.lease_until = held


def end_lease(item: ExceptionItem) -> None:
    """Let nobody hold ``item``."""
    item.lease_id = item.lease_by = item.lease_until = None


def resolve(session: Session, item: ExceptionItem, by: str, resolution: str) -> None:
    """Close ``item``; the audit chain says who and how."""
    item.state, item.resolved_by, item.resolution, item.resolved_at = "resolved", by, resolution, utc_now()
    end_lease(item)
    record(session, subject(session, item), "exception_resolved", by, exception=item.id, how=resolution)


def release(session: Session, item: ExceptionItem, by: str, resolution: str) -> None:
    """Close ``item`` and let the same step run again on its row."""
    row = subject(session, item)
    row.due_at, row.attempts, row.last_error = utc_now(), 0, None
    resolve(session, item, by, resolution)


def waive(session: Session, item: ExceptionItem, code: str, at: str, by: str, why: str) -> Waiver:
    """Record that ``by`` goes on in spite of the problem ``code`` at ``at``, and why."""
    waiver = Waiver(
        organisation_id=item.organisation_id,
        subject_table=item.subject_table,
        subject_id=item.subject_id,
        code=code,
        at=at,
        by=by,
        why=why,
    )
    session.add(waiver)
    record(session, subject(session, item), "waived", by, code=code, at=at, why=why)
    return waiver


def not_waived(session: Session, row: Work, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems that no waiver of ``row`` covers."""
    rows = session.execute(
        select(Waiver.code, Waiver.at).where(
            Waiver.subject_table == row.__tablename__,
            Waiver.subject_id == row.id,
        )
    )
    waived = {(code, at) for code, at in rows}
    return tuple(problem for problem in problems if (problem.code.value, problem.at) not in waived)


def subject(session: Session, item: ExceptionItem) -> Work:
    """Return the row that ``item`` is about."""
    row = session.get(table_named(item.subject_table), item.subject_id)
    if row is None:
        raise LookupError(f"{item.subject_table} {item.subject_id} is gone")
    return row
