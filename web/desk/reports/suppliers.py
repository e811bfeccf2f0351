"""How suppliers answer and deliver."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from records.tables import Message, OrderResponse, Organisation, PurchaseOrder, Supplier
from web.desk.reports.figures import Column, Period, Report, hours, share

ANSWERED = ("accepted", "changed", "rejected")


@dataclass
class _Answers:
    orders: int = 0
    answered: int = 0
    accepted: int = 0
    chased: int = 0
    took: list[timedelta] = field(default_factory=list)


def acknowledgement(session: Session, organisation: Organisation, period: Period) -> Report:
    """Return, by supplier, how many orders of the period were answered, accepted as they are, and how soon."""
    found: defaultdict[str, _Answers] = defaultdict(_Answers)
    for name, state, chasers, issued_at, answered_at in _orders(session, organisation, period):
        one = found[name]
        one.orders += 1
        one.chased += chasers > 0
        one.answered += state in ANSWERED
        one.accepted += state == "accepted"
        if answered_at is not None:
            one.took.append(answered_at - issued_at)
    ordered = sorted(found.items(), key=lambda pair: (-pair[1].orders, pair[0]))
    return Report(
        name="acknowledgement",
        title="Acknowledgement by supplier",
        question="Who confirms what we order?",
        columns=(
            Column("supplier", "Supplier"),
            Column("orders", "Orders", "count"),
            Column("answered", "Answered", "percent"),
            Column("accepted", "Accepted as ordered", "percent"),
            Column("chased", "Had to be reminded", "percent"),
            Column("median", "First answer after, median", "hours"),
        ),
        rows=tuple(
            (
                name,
                one.orders,
                share(one.answered, one.orders),
                share(one.accepted, one.orders),
                share(one.chased, one.orders),
                hours(one.took),
            )
            for name, one in ordered
        ),
        chart=("answered",),
    )


def _orders(
    session: Session, organisation: Organisation, period: Period
) -> Iterator[tuple[str, str, int, datetime, datetime | None]]:
    answered = (
        select(func.min(Message.received_at))
        .join(OrderResponse, OrderResponse.message_id == Message.id)
        .where(OrderResponse.order_id == PurchaseOrder.id)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Supplier.name, PurchaseOrder.acknowledgement, PurchaseOrder.chasers, PurchaseOrder.issued_at, answered)
        .join(Supplier, Supplier.id == PurchaseOrder.supplier_id)
        .where(
            PurchaseOrder.organisation_id == organisation.id,
            PurchaseOrder.issued_at >= period.begins,
            PurchaseOrder.issued_at < period.ends,
        )
    )
    for name, state, chasers, issued_at, answered_at in rows.yield_per(5000):
        if issued_at is not None:
            yield name, state, chasers, issued_at, answered_at
