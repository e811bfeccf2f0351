"""The clock: what it wakes, what it listens to, and that two are never active at once."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from records.base import utc_now
from records.database import Database
from records.tables import ExceptionItem, Mailbox, Organisation
from scheduler.clock import Clock
from scheduler.leader import Leadership

NOWHERE: dict[str, object] = {
    "address": "po@desk.example",
    "host": "127.0.0.1",
    "port": 9,
    "tls": "none",
    "username": "po",
    "password": "env:NOT_SET",
}


def until(reached: Callable[[], object], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.02)


def add_mailbox(database: Database, organisation: Organisation, **values: object) -> int:
    with database.session() as session:
        given = {"name": "purchasing", "state": "active", "config": NOWHERE, **values}
        row = Mailbox(organisation_id=organisation.id, **given)
        session.add(row)
        session.flush()
        return row.id


def due_at(database: Database, mailbox_id: int) -> datetime | None:
    with database.read() as session:
        return session.get_one(Mailbox, mailbox_id).due_at


@contextmanager
def running(clock: Clock) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=clock.run)
    thread.start()
    try:
        yield thread
    finally:
        clock.stop.set()
        thread.join(10)
        assert not thread.is_alive()


def test_what_was_postponed_is_woken_when_its_time_has_come(database: Database, organisation: Organisation) -> None:
    now = utc_now()
    states = {"past": ("postponed", -1), "future": ("postponed", 60), "resolved": ("resolved", -1)}
    with database.session() as session:
        for number, (step, (state, minutes)) in enumerate(states.items()):
            item = ExceptionItem(
                organisation_id=organisation.id, subject_table="message", subject_id=number, step=step, state=state
            )
            item.wake_at = now + timedelta(minutes=minutes)
            session.add(item)
    Clock(database).wake_postponed()
    with database.read() as session:
        found = {item.step: (item.state, item.wake_at) for item in session.scalars(select(ExceptionItem))}
    assert found["past"] == ("to_review", None)
    assert (found["future"][0], found["resolved"][0]) == ("postponed", "resolved")


def test_new_mail_lets_its_mailbox_be_polled_now_and_no_other(database: Database, organisation: Organisation) -> None:
    later = utc_now() + timedelta(hours=1)
    told = add_mailbox(database, organisation, due_at=later)
    other = add_mailbox(database, organisation, due_at=later, name="other")
    stopped = add_mailbox(database, organisation, due_at=None, name="stopped", state="stopped")
    swept: list[bool] = []
    clock = Clock(database, sweep=lambda: swept.append(True))
    clock.new_mail(told)
    clock.new_mail(stopped)
    assert (due_at(database, told) or later) <= utc_now()
    assert (due_at(database, other), due_at(database, stopped)) == (later, None)
    assert swept == [True, True]


def test_new_mail_during_a_poll_lets_it_be_polled_once_more(database: Database, organisation: Organisation) -> None:
    claimed = utc_now() - timedelta(seconds=10)
    mailbox_id = add_mailbox(database, organisation, due_at=claimed)
    Clock(database).new_mail(mailbox_id)
    assert due_at(database, mailbox_id) == claimed, "it is due as it is"
    with database.session() as session:
        session.execute(update(Mailbox).values(lease_token="held", lease_until=utc_now() + timedelta(minutes=1)))
    Clock(database).new_mail(mailbox_id)
    assert (due_at(database, mailbox_id) or claimed) > claimed


def test_a_listener_outlives_a_database_that_is_away(database: Database, organisation: Organisation) -> None:
    def refused() -> None:
        raise OperationalError("select", {}, Exception("the database is away"))

    Clock(database, sweep=refused).new_mail(add_mailbox(database, organisation))


def test_only_active_mailboxes_are_listened_to_and_with_their_present_configuration(
    sqlite_database: Database, organisation_on_sqlite: Organisation
) -> None:
    first = add_mailbox(sqlite_database, organisation_on_sqlite)
    add_mailbox(sqlite_database, organisation_on_sqlite, name="stopped", state="stopped")
    broken = add_mailbox(sqlite_database, organisation_on_sqlite, name="broken", config={"host": ""})
    clock = Clock(sqlite_database)
    clock.refresh_listeners()
    before = dict(clock._listeners)
    assert set(before) == {first, broken}
    clock.refresh_listeners()
    assert clock._listeners == before
    with sqlite_database.session() as session:
        session.execute(update(Mailbox).where(Mailbox.id == first).values(config=NOWHERE | {"folder": "Orders"}))
        session.execute(update(Mailbox).where(Mailbox.id == broken).values(state="stopped"))
    clock.refresh_listeners()
    assert set(clock._listeners) == {first}
    assert clock._listeners[first][1]["folder"] == "Orders"
    assert before[first][0].is_set()
    assert before[broken][0].is_set()
    clock._listeners[first][0].set()


def test_one_clock_sweeps_and_the_other_takes_over_when_it_stops(database: Database) -> None:
    swept: list[str] = []
    first = Clock(database, sweep=lambda: swept.append("first"))
    second = Clock(database, sweep=lambda: swept.append("second"))
    with running(first):
        until(lambda: "first" in swept)
        with running(second):
            time.sleep(1.2)
            assert "second" not in swept
            first.stop.set()
            until(lambda: "second" in swept)


def test_a_clock_with_the_right_to_its_database_leads_at_once_and_leaves_the_right_alone(
    sqlite_database: Database,
) -> None:
    owned = Leadership(sqlite_database)
    assert owned.take()
    swept: list[bool] = []
    with running(Clock(sqlite_database, sweep=lambda: swept.append(True), leadership=owned)):
        until(lambda: swept)
    assert owned.holds()
    owned.leave()


@pytest.fixture
def organisation_on_sqlite(sqlite_database: Database) -> Organisation:
    from tests.rows import add_organisation

    return add_organisation(sqlite_database)


def test_nobody_listens_at_a_mailbox_whose_login_was_refused_or_that_is_held(
    database: Database, organisation: Organisation
) -> None:
    well = add_mailbox(database, organisation, name="well")
    add_mailbox(database, organisation, name="refused", login_failures=1)
    add_mailbox(database, organisation, name="held", due_at=None)
    clock = Clock(database)
    try:
        clock.refresh_listeners()
        assert list(clock._listeners) == [well]
        with database.session() as session:
            session.execute(update(Mailbox).values(login_failures=1))
        clock.refresh_listeners()
        assert list(clock._listeners) == []
    finally:
        for stop, _ in clock._listeners.values():
            stop.set()


def test_the_clock_raises_alarms_about_mailboxes(database: Database, organisation: Organisation) -> None:
    add_mailbox(database, organisation, last_contact_at=utc_now() - timedelta(hours=2))
    Clock(database).watch()
    with database.read() as session:
        (item,) = session.scalars(select(ExceptionItem))
        assert (item.subject_table, item.problems[0]["code"]) == ("alarm", "MAIL_SERVER")
        assert "has not been reached for 2 hours" in item.problems[0]["detail"]
