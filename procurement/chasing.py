"""When a supplier is reminded, of what, and whom of his people: pure rules over working days.

Days are working days of the organisation. What fell due while nobody looked is said once, not once for each time.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from procurement.working_time import MOST_FREE_DAYS, WorkingTime, in_working_time, working_days_later

BEFORE_DUE, AFTER_DUE = (3,), (2, 5)  # where the organisation says nothing
ESCALATION = ("orders", "escalation", "management")  # purposes of contacts, in the order in which they are tried
MOST_A_DAY = 20  # reminders to one address


@dataclass(frozen=True)
class DeliveryDays:
    """On which working days before and after its due date a delivery is asked about."""

    before: tuple[int, ...] = BEFORE_DUE
    after: tuple[int, ...] = AFTER_DUE


@dataclass(frozen=True)
class DeliveryQuestion:
    """What is to be asked of the lines due on one day; ``key`` tells it from every other question."""

    kind: str  # delivery_reminder, delivery_overdue
    number: int
    due_on: date

    @property
    def key(self) -> str:
        """Return what tells this question from the others about the same order."""
        return f"{self.kind}:{self.due_on.isoformat()}:{self.number}"


def delivery_days(values: Mapping[str, Any]) -> DeliveryDays:
    """Return the days that an organisation states; an empty list asks nothing.

    >>> delivery_days({"before_due": []})
    DeliveryDays(before=(), after=(2, 5))
    """
    return DeliveryDays(tuple(values.get("before_due", BEFORE_DUE)), tuple(values.get("after_due", AFTER_DUE)))


def reminders_due(asked_at: datetime, days: Sequence[int], now: datetime, working: WorkingTime) -> int:
    """Return how many of the reminders on ``days`` after ``asked_at`` have come due."""
    return sum(1 for day in days if now >= working_days_later(asked_at, day, working))


def next_reminder(asked_at: datetime, days: Iterable[int], now: datetime, working: WorkingTime) -> datetime | None:
    """Return when the next of the reminders on ``days`` is due, None after the last."""
    moments = [working_days_later(asked_at, day, working) for day in days]
    return min((one for one in moments if one > now), default=None)


def delivery_question(due_on: date, days: DeliveryDays, now: datetime, working: WorkingTime) -> DeliveryQuestion | None:
    """Return the latest question about what is due on ``due_on`` that has come due; None before the first."""
    past = [question for moment, question in _questions(due_on, days, working) if moment <= now]
    return past[-1] if past else None


def next_question(due_on: date, days: DeliveryDays, now: datetime, working: WorkingTime) -> datetime | None:
    """Return when the next question about what is due on ``due_on`` comes due, None after the last."""
    return next((moment for moment, _ in _questions(due_on, days, working) if moment > now), None)


def recipient(order_email: str, contacts: Iterable[tuple[str, str]], dead: Set[str], number: int) -> str | None:
    """Return who gets the ``number``-th reminder (from 1): the address for orders, then the next of his people.

    ``contacts`` are (purpose, address). ``dead`` are addresses at which mail of this order came back; None where
    no other is known.

    >>> people = [("invoices", "c@x.example"), ("escalation", "b@x.example")]
    >>> [recipient("a@x.example", people, frozenset(), number) for number in (1, 2, 3)]
    ['a@x.example', 'b@x.example', 'b@x.example']
    """
    known = list(contacts)
    others = [email for purpose in ESCALATION for said, email in known if said == purpose]
    alive = [email for email in dict.fromkeys((order_email, *others)) if email not in dead]
    return alive[min(number, len(alive)) - 1] if alive else None


def _questions(due_on: date, days: DeliveryDays, working: WorkingTime) -> list[tuple[datetime, DeliveryQuestion]]:
    """Return every question about what is due on ``due_on`` with its moment, the earliest first."""
    before = [(_opening(_earlier(due_on, day, working), working), "delivery_reminder") for day in days.before]
    start = _opening(due_on, working)
    after = [(working_days_later(start, day, working), "delivery_overdue") for day in days.after]
    found = []
    for moments in (sorted(before), sorted(after)):
        found += [(at, DeliveryQuestion(kind, number, due_on)) for number, (at, kind) in enumerate(moments, 1)]
    return found


def _earlier(day: date, count: int, working: WorkingTime) -> date:
    """Return the working day that is ``count`` working days before ``day``."""
    for _ in range(count):
        before = (day - timedelta(days=number) for number in range(1, MOST_FREE_DAYS + 1))
        day = next((one for one in before if working.is_working(one)), day - timedelta(days=1))
    return day


def _opening(day: date, working: WorkingTime) -> datetime:
    return in_working_time(datetime.combine(day, working.starts, working.zone), working)
