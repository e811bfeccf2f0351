"""How much passes through the desk, how much of it without a hand, and how long it takes."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from records.tables import ExceptionItem, Message, OrderResponse, Organisation, PurchaseOrder, Requisition
from web.desk.reports.figures import Column, Period, Report, hours, share

_DAY = Column("from", "From", "day")


def volumes(session: Session, organisation: Organisation, period: Period) -> Report:
    """Return how many mails came in, and how many requests, orders and answers they made."""
    counted = {
        "mails": _counted(session, organisation, period, Message, Message.received_at),
        "requisitions": _counted(session, organisation, period, Requisition, Requisition.submitted_at),
        "orders": _counted(session, organisation, period, PurchaseOrder, PurchaseOrder.issued_at),
        "responses": _counted(session, organisation, period, OrderResponse, OrderResponse.created_at),
        "exceptions": _counted(session, organisation, period, ExceptionItem, ExceptionItem.opened_at),
    }
    headings = {"mails": "Mails in", "requisitions": "Requests", "responses": "Answers of suppliers"}
    columns = tuple(Column(key, headings.get(key, key.capitalize()), "count") for key in counted)
    return Report(
        name="volumes",
        title="Volumes",
        question="How much passes through the desk?",
        columns=(_DAY, *columns),
        rows=tuple((day, *(counted[column.key][day] for column in columns)) for day in period.buckets()),
        chart=("mails", "requisitions", "orders"),
    )


def touchless(session: Session, organisation: Organisation, period: Period) -> Report:
    """Return how many mails were filed and orders issued without a person having had to help."""
    mails, helped_mails = _by_help(session, organisation, period, Message, Message.received_at, ("filed",))
    orders, helped_orders = _orders_helped(session, organisation, period)
    rows = [
        (
            day,
            mails[day],
            share(mails[day] - helped_mails[day], mails[day]),
            orders[day],
            share(orders[day] - helped_orders[day], orders[day]),
        )
        for day in period.buckets()
    ]
    return Report(
        name="touchless",
        title="Without a hand",
        question="How much does the desk do alone?",
        columns=(
            _DAY,
            Column("mails", "Mails filed", "count"),
            Column("first_pass", "Right at the first pass", "percent"),
            Column("orders", "Orders issued", "count"),
            Column("touchless", "Touchless", "percent"),
        ),
        rows=tuple(rows),
        chart=("first_pass", "touchless"),
        notes=(
            "Right at the first pass: filed without an exception. Touchless: neither the mail, the request nor the "
            "order ever waited for an agent; approvals are not counted as help.",
        ),
    )


def cycle_times(session: Session, organisation: Organisation, period: Period) -> Report:
    """Return how long it took from mail to order and from order to the supplier's first answer."""
    to_order: defaultdict[date, list[timedelta]] = defaultdict(list)
    to_answer: defaultdict[date, list[timedelta]] = defaultdict(list)
    for issued, received, answered in _times(session, organisation, period):
        bucket = period.bucket(issued)
        if received is not None:
            to_order[bucket].append(issued - received)
        if answered is not None:
            to_answer[bucket].append(answered - issued)
    rows = [
        (
            day,
            len(to_order[day]),
            hours(to_order[day]),
            hours(to_order[day], 0.9),
            len(to_answer[day]),
            hours(to_answer[day]),
            hours(to_answer[day], 0.9),
        )
        for day in period.buckets()
    ]
    return Report(
        name="cycle-times",
        title="Cycle times",
        question="How long does it take?",
        columns=(
            _DAY,
            Column("orders", "Orders", "count"),
            Column("to_order", "Mail to order, median", "hours"),
            Column("to_order_90", "Mail to order, 9 of 10 within", "hours"),
            Column("answered", "Answered", "count"),
            Column("to_answer", "Order to answer, median", "hours"),
            Column("to_answer_90", "Order to answer, 9 of 10 within", "hours"),
        ),
        rows=tuple(rows),
        chart=("to_order", "to_answer"),
        notes=("Hours of the clock, nights and weekends included, counted under the day of the order.",),
    )


def _counted(session: Session, organisation: Organisation, period: Period, table: Any, moment: Any) -> Counter[date]:
    found = session.scalars(
        select(moment).where(table.organisation_id == organisation.id, moment >= period.begins, moment < period.ends)
    )
    return Counter(period.bucket(one) for one in found.yield_per(5000))


def _helped(table: Any) -> Any:
    return (
        select(ExceptionItem.id)
        .where(ExceptionItem.subject_table == table.__tablename__, ExceptionItem.subject_id == table.id)
        .exists()
    )


def _by_help(
    session: Session, organisation: Organisation, period: Period, table: Any, moment: Any, states: tuple[str, ...]
) -> tuple[Counter[date], Counter[date]]:
    rows = session.execute(
        select(moment, _helped(table)).where(
            table.organisation_id == organisation.id,
            moment >= period.begins,
            moment < period.ends,
            table.state.in_(states),
        )
    )
    return _split(period, ((row[0], bool(row[1])) for row in rows.yield_per(5000)))


def _orders_helped(session: Session, organisation: Organisation, period: Period) -> tuple[Counter[date], Counter[date]]:
    rows = session.execute(
        select(PurchaseOrder.issued_at, or_(_helped(PurchaseOrder), _helped(Requisition), _helped(Message)))
        .join(Requisition, Requisition.id == PurchaseOrder.requisition_id)
        .outerjoin(Message, Message.id == Requisition.message_id)
        .where(
            PurchaseOrder.organisation_id == organisation.id,
            PurchaseOrder.issued_at >= period.begins,
            PurchaseOrder.issued_at < period.ends,
        )
    )
    return _split(period, ((row[0], bool(row[1])) for row in rows.yield_per(5000) if row[0]))


def _split(period: Period, moments: Iterator[tuple[datetime, bool]]) -> tuple[Counter[date], Counter[date]]:
    all_of_them: Counter[date] = Counter()
    helped: Counter[date] = Counter()
    for moment, needed_help in moments:
        all_of_them[period.bucket(moment)] += 1
        helped[period.bucket(moment)] += needed_help
    return all_of_them, helped


def _times(
    session: Session, organisation: Organisation, period: Period
) -> Iterator[tuple[datetime, datetime | None, datetime | None]]:
    answered = (
        select(func.min(Message.received_at))
        .join(OrderResponse, OrderResponse.message_id == Message.id)
        .where(OrderResponse.order_id == PurchaseOrder.id)
        .scalar_subquery()
    )
    asked = select(Message.received_at).where(Message.id == Requisition.message_id).scalar_subquery()
    rows = session.execute(
        select(PurchaseOrder.issued_at, asked, answered)
        .join(Requisition, Requisition.id == PurchaseOrder.requisition_id)
        .where(
            PurchaseOrder.organisation_id == organisation.id,
            PurchaseOrder.issued_at >= period.begins,
            PurchaseOrder.issued_at < period.ends,
        )
    )
    for issued, received, answer in rows.yield_per(5000):
        if issued is not None:
            yield issued, received, answer
