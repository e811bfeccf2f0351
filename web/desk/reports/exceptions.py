"""What people had to look at, why, and whose mail it was."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from records.tables import ExceptionItem, Message, OrderResponse, Organisation, Requisition
from web.desk.reports.figures import Column, Period, Report, Value, hours

MOST = 100  # rows of a list that the longest tail would make endless


def by_reason(session: Session, organisation: Organisation, period: Period) -> Report:
    """Return how often each reason code held something up, and how long until it was cleared."""
    opened: Counter[str] = Counter()
    still: Counter[str] = Counter()
    took: defaultdict[str, list[timedelta]] = defaultdict(list)
    rows = session.execute(
        select(ExceptionItem.problems, ExceptionItem.opened_at, ExceptionItem.resolved_at).where(
            *_opened(organisation, period)
        )
    )
    for problems, opened_at, resolved_at in rows.yield_per(2000):
        for code in {str(problem["code"]) for problem in problems}:
            opened[code] += 1
            if resolved_at is None:
                still[code] += 1
            else:
                took[code].append(resolved_at - opened_at)
    return Report(
        name="exceptions",
        title="Exceptions by reason",
        question="What holds things up?",
        columns=(
            Column("code", "Reason"),
            Column("opened", "Opened", "count"),
            Column("open", "Still open", "count"),
            Column("median", "Cleared after, median", "hours"),
            Column("nine_of_ten", "9 of 10 within", "hours"),
        ),
        rows=tuple(
            (code, number, still[code], hours(took[code]), hours(took[code], 0.9))
            for code, number in opened.most_common()
        ),
        chart=("opened",),
        notes=("An exception with several reasons is counted under each of them.",),
    )


def by_sender(session: Session, organisation: Organisation, period: Period) -> Report:
    """Return whose mails needed help most often: the senders with the most exceptions first."""
    found: Counter[str] = Counter()
    codes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for table, problems, sender in _senders(session, organisation, period):
        found[sender or f"({table.replace('_', ' ')} without a mail)"] += 1
        codes[sender or ""].update({str(problem["code"]) for problem in problems})
    rows: list[tuple[Value, ...]] = [
        (sender, number, ", ".join(code for code, _ in codes[sender].most_common(3)))
        for sender, number in found.most_common(MOST)
    ]
    return Report(
        name="exception-senders",
        title="Exceptions by sender",
        question="Whose mail needs help?",
        columns=(
            Column("sender", "Sender"),
            Column("exceptions", "Exceptions", "count"),
            Column("reasons", "Most frequent reasons"),
        ),
        rows=tuple(rows),
        chart=("exceptions",),
        notes=(f"The {MOST} senders with the most exceptions.",) if len(found) > MOST else (),
    )


def _opened(organisation: Organisation, period: Period) -> tuple[ColumnElement[bool], ...]:
    return (
        ExceptionItem.organisation_id == organisation.id,
        ExceptionItem.opened_at >= period.begins,
        ExceptionItem.opened_at < period.ends,
    )


def _senders(
    session: Session, organisation: Organisation, period: Period
) -> Iterable[tuple[str, list[dict[str, str]], str | None]]:
    """Yield the table, the problems and the sender's address of each exception about a mail or what it made."""
    for table, source in (
        ("message", ExceptionItem.subject_id),
        ("requisition", _mail_of(Requisition)),
        ("order_response", _mail_of(OrderResponse)),
    ):
        rows = session.execute(
            select(ExceptionItem.problems, Message.sender_address)
            .outerjoin(Message, Message.id == source)
            .where(*_opened(organisation, period), ExceptionItem.subject_table == table)
        )
        for problems, sender in rows.yield_per(2000):
            yield table, problems, sender


def _mail_of(table: type[Requisition] | type[OrderResponse]) -> Any:
    return select(table.message_id).where(table.id == ExceptionItem.subject_id).scalar_subquery()
