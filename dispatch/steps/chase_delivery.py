"""A delivery is asked about before it is due and after: "please confirm that you will deliver", "where is it?"."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.steps.contacts import contact_for
from procurement.chasing import DeliveryQuestion, delivery_days, delivery_question, next_question
from procurement.steps.change import received_of
from procurement.steps.despatch import despatched_of
from procurement.steps.notices import notify
from procurement.working_time import WorkingTime, in_working_time, working_days_later
from records.audit import record
from records.tables import Notice, OrderLine, PurchaseOrder


def ask_about_delivery(
    session: Session, order: PurchaseOrder, stated: Mapping[str, Any], working: WorkingTime, now: datetime
) -> datetime | None:
    """Ask what has come due of ``order``, one day's deliveries at a time, and return when to look again."""
    days = delivery_days(stated)
    due = _due(session, order)
    for due_on, lines in sorted(due.items()):
        question = delivery_question(due_on, days, now, working)
        if question and _key(order, question) not in _asked(session, order) and _ask(session, order, question, lines):
            return in_working_time(working_days_later(now, 1, working), working)
    moments = [next_question(due_on, days, now, working) for due_on in due]
    return min(filter(None, moments), default=None)


def _ask(session: Session, order: PurchaseOrder, question: DeliveryQuestion, lines: list[OrderLine]) -> bool:
    recipient = contact_for(session, order, question.number)
    if recipient is None:
        return False
    numbers = [line.line_number for line in lines]
    key, language = _key(order, question), order.supplier.language
    notify(session, order, question.kind, recipient, key, lines=numbers, number=question.number, language=language)
    order.delivery_chasers += 1
    told = {"due_on": question.due_on.isoformat(), "lines": numbers, "recipient": recipient}
    record(session, order, "delivery_chased", "step:chase", what=question.kind, **told)
    return True


def _key(order: PurchaseOrder, question: DeliveryQuestion) -> str:
    return f"delivery:{order.id}:{question.key}"


def _asked(session: Session, order: PurchaseOrder) -> set[str]:
    about = Notice.subject_table == order.__tablename__, Notice.subject_id == order.id
    return set(session.scalars(select(Notice.key).where(*about, Notice.kind.like("delivery_%"))))


def _due(session: Session, order: PurchaseOrder) -> dict[date, list[OrderLine]]:
    """Return the lines that are still to come by the day on which they are due: as promised, else as needed."""
    came, sent = received_of(session, order), despatched_of(session, order)
    found: dict[date, list[OrderLine]] = defaultdict(list)
    for line in order.lines:
        due_on = line.promised_on or line.needed_by
        wanted = line.quantity if line.agreed_quantity is None else line.agreed_quantity
        on_its_way = max(came.get(line.line_number, Decimal(0)), sent.get(line.line_number, Decimal(0)))
        if due_on and line.acknowledgement != "rejected" and not line.closed_short and on_its_way < wanted:
            found[due_on].append(line)
    return found
