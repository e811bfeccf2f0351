from datetime import UTC, date, datetime

import pytest

from procurement.chasing import DeliveryDays, delivery_question, next_question, next_reminder, recipient, reminders_due
from procurement.working_time import working_time

WEEK = working_time({"country": "ZZ"}, None, "UTC")  # Monday to Friday, 8 to 18
FRIDAY = datetime(2026, 3, 6, 10, tzinfo=UTC)
DAYS = DeliveryDays(before=(3,), after=(2, 5))


def at(day: int, hour: int = 10) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "due"), [(at(9), 0), (at(10, 9), 0), (at(10), 1), (at(11), 1), (at(12), 2), (at(31), 2)]
)
def test_reminders_count_working_days_from_the_last_word(now: datetime, due: int) -> None:
    assert reminders_due(FRIDAY, (2, 4), now, WEEK) == due


def test_the_next_reminder_comes_on_a_working_day_and_ends_with_the_last() -> None:
    assert next_reminder(FRIDAY, (2, 4), at(7), WEEK) == at(10)
    assert next_reminder(FRIDAY, (2, 4), at(12), WEEK) is None


@pytest.mark.parametrize(
    ("now", "kind", "number"),
    [
        (at(10, 18), None, 0),
        (at(11, 8), "delivery_reminder", 1),  # Wednesday, three working days before Monday the 16th
        (at(16), "delivery_reminder", 1),
        (at(18, 8), "delivery_overdue", 1),
        (at(23, 8), "delivery_overdue", 2),
    ],
)
def test_a_delivery_is_asked_about_before_it_is_due_and_after(now: datetime, kind: str | None, number: int) -> None:
    question = delivery_question(date(2026, 3, 16), DAYS, now, WEEK)
    assert (question and question.kind, question.number if question else 0) == (kind, number)


def test_the_questions_about_a_delivery_end() -> None:
    due_on = date(2026, 3, 16)
    assert next_question(due_on, DAYS, at(6), WEEK) == at(11, 8)
    assert next_question(due_on, DAYS, at(11, 8), WEEK) == at(18, 8)
    assert next_question(due_on, DAYS, at(24), WEEK) is None
    assert delivery_question(due_on, DeliveryDays((), ()), at(31), WEEK) is None


def test_an_address_at_which_mail_came_back_is_passed_over() -> None:
    people = [("escalation", "boss@x.example"), ("orders", "second@x.example"), ("invoices", "money@x.example")]
    asked = [recipient("first@x.example", people, frozenset(), number) for number in (1, 2, 3, 9)]
    assert asked == ["first@x.example", "second@x.example", "boss@x.example", "boss@x.example"]
    assert recipient("first@x.example", people, {"first@x.example"}, 1) == "second@x.example"
    assert recipient("first@x.example", [], {"first@x.example"}, 1) is None
