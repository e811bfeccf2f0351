"""Watching over mail servers: an alarm is raised once, told once, and ends by itself."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from records import exceptions
from records.audit import faults
from records.blobs import Blobs
from records.database import Database
from records.problems import Code, Problem
from records.tables import Alarm, ExceptionItem, Mailbox, Message, Notice, Organisation, Outbound, Relay
from scheduler.pipeline import MOVES, World, pipeline
from scheduler.runner import Runner
from scheduler.watch import MOST_AN_HOUR, present, watch
from tests.conftest import Clock

OPERATOR = "ops@northwind.example"
OAUTH = {"flow": "microsoft", "tenant": "t", "client_id": "c", "client_secret": "env:S"}
CONFIG: dict[str, object] = {
    "address": "po@desk.example",
    "host": "imap.example",
    "username": "po",
    "password": "env:NOT_SET",
}


@pytest.fixture
def add(database: Database, organisation: Organisation, clock: Clock) -> Callable[..., int]:
    """Return a function that adds a mailbox which was reached just now."""
    with database.session() as session:
        session.execute(update(Organisation).values(operator_email=OPERATOR))

    def add_mailbox(name: str = "purchasing", **values: object) -> int:
        given = {"state": "active", "config": CONFIG, "last_contact_at": clock.now, "created_at": clock.now, **values}
        with database.session() as session:
            row = Mailbox(organisation_id=organisation.id, name=name, **given)
            session.add(row)
            session.flush()
            return row.id

    return add_mailbox


def look(database: Database, clock: Clock) -> None:
    with database.session() as session:
        watch(session, clock.now)


def rows(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        return [(row.kind, row.state) for row in session.scalars(select(Alarm).order_by(Alarm.id))]


def items(database: Database) -> list[tuple[str, str, str]]:
    with database.read() as session:
        found = session.scalars(select(ExceptionItem).order_by(ExceptionItem.id))
        return [(one.subject_table, one.owner, one.state) for one in found]


def notices(database: Database) -> list[str]:
    with database.read() as session:
        return [row.recipient for row in session.scalars(select(Notice))]


def touch(database: Database, **values: object) -> None:
    with database.session() as session:
        session.execute(update(Mailbox).values(**values))


def test_a_mailbox_that_is_not_reached_alarms_once_and_the_alarm_ends_by_itself(
    database: Database, organisation: Organisation, clock: Clock, add: Callable[..., int]
) -> None:
    add()
    look(database, clock)
    assert rows(database) == []
    clock.forward(minutes=31)
    for _ in range(5):
        look(database, clock)
        clock.forward(minutes=1)
    assert rows(database) == [("unreachable", "raised")]
    assert items(database) == [("alarm", "operator", "to_review")]
    assert notices(database) == [OPERATOR]
    touch(database, last_contact_at=clock.now)
    look(database, clock)
    assert rows(database) == [("unreachable", "over")]
    assert items(database) == [("alarm", "operator", "resolved")]
    clock.forward(minutes=31)
    look(database, clock)
    assert rows(database) == [("unreachable", "over"), ("unreachable", "raised")]
    with database.open_session() as session:
        assert list(faults(session, organisation.id)) == []


def test_an_alarm_that_a_person_put_away_does_not_come_back_while_it_lasts(
    database: Database, clock: Clock, add: Callable[..., int]
) -> None:
    add()
    clock.forward(minutes=31)
    look(database, clock)
    with database.session() as session:
        exceptions.release(session, session.scalars(select(ExceptionItem)).one(), "operator", "known")
    look(database, clock)
    assert items(database) == [("alarm", "operator", "resolved")]
    with database.read() as session:
        assert session.scalars(select(Alarm.due_at)).all() == [None]
    touch(database, last_contact_at=clock.now)
    look(database, clock)
    assert rows(database) == [("unreachable", "over")]


def test_a_stopped_mailbox_is_written_about_and_keeps_its_one_exception(
    database: Database, clock: Clock, add: Callable[..., int]
) -> None:
    box = add()
    with database.session() as session:
        row = session.get_one(Mailbox, box)
        row.due_at = None
        exceptions.hold(session, row, "poll", [Problem(Code.GAVE_UP, "The login was refused 3 times.")], "operator")
    clock.forward(hours=3)
    look(database, clock)
    assert rows(database) == [("stopped", "raised")]
    assert items(database) == [("mailbox", "operator", "to_review")]
    assert notices(database) == [OPERATOR]


def test_what_a_mailbox_is_used_to_is_learned_from_its_mail(
    database: Database, organisation: Organisation, clock: Clock, add: Callable[..., int]
) -> None:
    box = add()
    with database.session() as session:
        for number in range(30):  # a mail a day, but for one gap of three days; the last one five days ago
            when = clock.now - timedelta(days=36 - number - (2 if number >= 15 else 0))
            session.add(_mail(organisation, box, number, when))
    look(database, clock)
    with database.read() as session:
        row = session.get_one(Mailbox, box)
        assert (row.usual_silence, row.last_mail_at) == (3 * 86400, clock.now - timedelta(days=5))
    clock.forward(days=1)
    touch(database, last_contact_at=clock.now)
    look(database, clock)
    assert rows(database) == []
    clock.forward(minutes=1)
    look(database, clock)
    assert rows(database) == [("silent", "raised")]


def _mail(organisation: Organisation, box: int, number: int, when: datetime) -> Message:
    return Message(
        organisation_id=organisation.id,
        mailbox_id=box,
        uidvalidity=1,
        uid=number + 1,
        raw_sha256=f"{number:064}",
        size=1,
        received_at=when,
        state="filed",
        due_at=None,
    )


def test_quiet_hours_go_before_what_was_learned_and_none_never_alarm(
    database: Database, clock: Clock, add: Callable[..., int]
) -> None:
    long_ago = clock.now - timedelta(hours=9)
    add("loud", config={**CONFIG, "quiet_hours": 8}, last_mail_at=long_ago)
    add("quiet", config={**CONFIG, "quiet_hours": 0}, last_mail_at=long_ago, usual_silence=1, learned_at=clock.now)
    with database.read() as session:
        found = [(alarm.about, alarm.kind) for _, alarm in present(session, clock.now)]
    assert found == [("mailbox loud", "silent")]


def test_credentials_of_mailbox_and_relay_count_down_and_each_level_is_told_once(
    database: Database, clock: Clock, add: Callable[..., int]
) -> None:
    config = {name: value for name, value in CONFIG.items() if name != "password"}
    expires = (clock.now + timedelta(days=40)).date()
    oauth = {**OAUTH, "expires": expires.isoformat()}
    add(config={**config, "oauth": oauth})
    with database.session() as session:
        session.execute(update(Organisation).values(smtp={"host": "smtp.example", "username": "po", "oauth": oauth}))
    counted = []
    for _ in range(42):
        touch(database, last_contact_at=clock.now)
        look(database, clock)
        counted.append(len(rows(database)))
        clock.forward(days=1)
    assert [counted.index(number) for number in (2, 4, 6)] == [10, 33, 39]
    assert counted[-1] == 6


def test_nobody_is_written_to_about_a_relay_that_takes_no_mail(
    database: Database, organisation: Organisation, clock: Clock, add: Callable[..., int]
) -> None:
    with database.session() as session:
        row = Relay(organisation_id=organisation.id, state="stopped", due_at=None)
        session.add(row)
        session.flush()
        exceptions.hold(session, row, "try_relay", [Problem(Code.GAVE_UP, "Refused.")], "operator")
    look(database, clock)
    assert (rows(database), notices(database)) == ([("relay_stopped", "raised")], [])


def test_many_alarms_in_an_hour_make_few_mails(database: Database, clock: Clock, add: Callable[..., int]) -> None:
    for number in range(MOST_AN_HOUR + 3):
        add(f"box {number}")
    clock.forward(minutes=31)
    look(database, clock)
    assert len(rows(database)) == MOST_AN_HOUR + 3
    assert len(notices(database)) == MOST_AN_HOUR


def test_the_operator_gets_a_mail_that_says_what_is_wrong(
    database: Database, blobs: Blobs, clock: Clock, add: Callable[..., int]
) -> None:
    add()
    clock.forward(minutes=31)
    look(database, clock)
    steps = [step for step in pipeline(World(blobs, lambda _: {}, clock)) if step.name == "write"]  # type: ignore[arg-type]
    Runner(database, steps, MOVES, clock=clock).run_due()
    with database.read() as session:
        mail = session.scalars(select(Outbound)).one()
        assert (mail.recipient, mail.kind, mail.state) == (OPERATOR, "operator_alarm", "queued")
        assert "not reached: mailbox purchasing" in mail.subject
        assert "has not been reached for 31 minutes" in mail.text
