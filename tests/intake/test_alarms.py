"""The rules of alarms: at, below and above each limit."""

from datetime import UTC, date, datetime, timedelta

import pytest

from intake.alarms import EXPIRING, RELAY, SILENT, STOPPED, UNREACHABLE, Watched, alarms, learned_quiet, longest_gap

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)
MOMENT = timedelta(seconds=1)


def box(**values: object) -> Watched:
    """Return a mailbox with which all is well but for ``values``."""
    well: dict[str, object] = {
        "about": "mailbox purchasing",
        "table": "mailbox",
        "row_id": 7,
        "since": NOW - timedelta(days=90),
        "last_contact_at": NOW - MOMENT,
        "last_mail_at": NOW - timedelta(hours=1),
        "unreachable_after": HALF_AN_HOUR,
        "quiet_after": timedelta(days=2),
    }
    return Watched(**{**well, **values})  # type: ignore[arg-type]


def kinds(one: Watched) -> list[str]:
    return [alarm.kind for alarm in alarms(one, NOW)]


def test_a_mailbox_with_which_all_is_well_alarms_nobody() -> None:
    assert kinds(box()) == []


@pytest.mark.parametrize(("after", "found"), [(HALF_AN_HOUR, []), (HALF_AN_HOUR + MOMENT, [UNREACHABLE])])
def test_a_mailbox_is_unreachable_after_its_time_and_not_at_it(after: timedelta, found: list[str]) -> None:
    assert kinds(box(last_contact_at=NOW - after)) == found
    assert kinds(box(last_contact_at=None, since=NOW - after)) == found


@pytest.mark.parametrize(("after", "found"), [(timedelta(days=2), []), (timedelta(days=2) + MOMENT, [SILENT])])
def test_a_mailbox_is_silent_after_its_time_and_not_at_it(after: timedelta, found: list[str]) -> None:
    assert kinds(box(last_mail_at=NOW - after)) == found
    assert kinds(box(last_mail_at=NOW - after, quiet_after=None)) == []


def test_a_mailbox_that_is_not_reached_is_not_called_silent_and_a_stopped_one_is_only_stopped() -> None:
    long_ago = {"last_mail_at": NOW - timedelta(days=9), "last_contact_at": NOW - timedelta(days=9)}
    assert kinds(box(**long_ago)) == [UNREACHABLE]
    assert kinds(box(**long_ago, stopped="The login was refused.")) == [STOPPED]


def test_a_mailbox_that_never_had_mail_is_not_called_silent() -> None:
    assert kinds(box(last_mail_at=None)) == []


@pytest.mark.parametrize(
    ("left", "key", "urgent"),
    [
        (31, None, None),
        (30, "expiring-30:mailbox:7", False),
        (8, "expiring-30:mailbox:7", False),
        (7, "expiring-7:mailbox:7", True),
        (2, "expiring-7:mailbox:7", True),
        (1, "expiring-1:mailbox:7", True),
        (-5, "expiring-1:mailbox:7", True),
    ],
)
def test_a_credential_counts_down(left: int, key: str | None, urgent: bool | None) -> None:
    found = alarms(box(expires=NOW.date() + timedelta(days=left)), NOW)
    assert [(alarm.key, alarm.urgent) for alarm in found] == ([(key, urgent)] if key else [])


def test_a_countdown_says_the_day() -> None:
    (alarm,) = alarms(box(expires=date(2026, 5, 5)), NOW)
    assert (alarm.kind, "ends in 1 day, on 2026-05-05" in alarm.detail) == (EXPIRING, True)
    (alarm,) = alarms(box(expires=date(2026, 5, 1)), NOW)
    assert "ended on 2026-05-01" in alarm.detail


def test_a_stopped_relay_has_its_own_kind_and_no_second_exception() -> None:
    (alarm,) = alarms(box(about="mail relay of acme", table="organisation", stopped="Refused."), NOW)
    assert (alarm.kind, alarm.detail, alarm.has_own_exception) == (RELAY, "Refused.", False)


def test_what_is_usual_is_learned_from_enough_mail_only() -> None:
    start = NOW - timedelta(days=60)
    weekdays = [start + timedelta(days=day) for day in range(40) if (start + timedelta(days=day)).weekday() < 5]
    assert longest_gap(weekdays) == timedelta(days=3)
    assert learned_quiet(longest_gap(weekdays)) == timedelta(days=6)
    assert longest_gap(weekdays[:19]) is None
    assert longest_gap([start + timedelta(hours=hour) for hour in range(200)]) is None
    assert learned_quiet(timedelta(hours=1)) == timedelta(days=1)
    assert learned_quiet(None) is None
