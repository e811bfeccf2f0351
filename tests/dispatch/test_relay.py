"""A relay that refuses our login: three tries, then all mail waits, one operator is told, and it goes on."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, update

from dispatch.outbox import SEND_LEASE
from dispatch.steps.relay import try_relay
from records import exceptions
from records.blobs import Blobs
from records.database import Database
from records.flow import Step
from records.tables import ExceptionItem, Organisation, Relay
from scheduler.pipeline import MOVES as ALL_MOVES
from scheduler.runner import Runner
from tests.conftest import Clock
from tests.dispatch.outbox_desk import OutboxDesk, envelope
from tests.servers.certificates import Certificates, make_certificates
from tests.servers.smtp_sink import SmtpSink, running_sink


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def sink(certificates: Certificates) -> Iterator[SmtpSink]:
    with running_sink(certificates) as server:
        yield server


@pytest.fixture
def password(tmp_path: Path) -> Path:
    return tmp_path / "password"


@pytest.fixture
def desk(
    database: Database,
    blobs: Blobs,
    organisation: Organisation,
    clock: Clock,
    sink: SmtpSink,
    certificates: Certificates,
    password: Path,
) -> OutboxDesk:
    password.write_text("wrong")
    config = {"host": "127.0.0.1", "port": sink.port, "tls": "starttls", "ca_file": str(certificates.ca_file)}
    config |= {"username": "desk", "password": f"file:{password}"}
    with database.session() as session:
        session.execute(update(Organisation).values(smtp=config))
    return OutboxDesk(database, blobs, organisation, clock)


def items(desk: OutboxDesk) -> list[ExceptionItem]:
    with desk.database.open_session() as session:
        found = list(session.scalars(select(ExceptionItem).where(ExceptionItem.state == "to_review")))
        session.expunge_all()
    return found


def relay(desk: OutboxDesk) -> Relay:
    with desk.database.open_session() as session:
        row = session.scalars(select(Relay)).one()
        session.expunge(row)
    return row


def release(desk: OutboxDesk) -> None:
    """Release the one exception, and let the relay be tried."""
    (item,) = items(desk)
    with desk.database.session() as session:
        exceptions.release(session, session.merge(item), "operator", "mended")
        session.execute(update(Relay).values(due_at=desk.clock.now))
    step = Step("try_relay", Relay, "stopped", partial(try_relay, clock=desk.clock), SEND_LEASE, keeps_trying=True)
    Runner(desk.database, [step], ALL_MOVES, clock=desk.clock).run_due()


def test_after_three_refused_logins_nothing_is_tried_and_one_operator_is_told(desk: OutboxDesk, sink: SmtpSink) -> None:
    rows = [desk.queue(envelope(number)) for number in range(1, 6)]
    desk.run(passes=20, hours=0.5)
    assert sink.logins == 3
    (item,) = items(desk)
    assert (item.owner, item.subject_table) == ("operator", "relay")
    assert "refused our login 3 times" in item.problems[0]["detail"]
    assert "Authentication credentials invalid" in item.problems[0]["detail"]
    for row in map(desk.row, rows):
        assert (row.state, row.attempts, row.last_error) == ("queued", 0, None)
        assert row.due_at is not None


def test_mail_waits_five_minutes_after_a_refused_login(desk: OutboxDesk, sink: SmtpSink) -> None:
    desk.queue(envelope(1))
    desk.queue(envelope(2))
    desk.run(passes=4)
    assert sink.logins == 1
    desk.clock.forward(minutes=5.1)
    desk.run(passes=4)
    assert (sink.logins, relay(desk).state) == (2, "active")


def test_a_release_tries_once_and_either_asks_again_or_sends_everything(
    desk: OutboxDesk, sink: SmtpSink, password: Path
) -> None:
    rows = [desk.queue(envelope(number)) for number in range(1, 4)]
    desk.run(passes=5, hours=0.2)
    release(desk)
    assert (sink.logins, relay(desk).state) == (4, "stopped")
    assert "4 times" in items(desk)[0].problems[0]["detail"]
    password.write_text("secret")
    release(desk)
    assert (relay(desk).state, relay(desk).login_failures, items(desk)) == ("active", 0, [])
    desk.run(passes=1)
    assert [desk.row(row).state for row in rows] == ["sent"] * 3
    assert len(sink.delivered) == 3


def test_an_accepted_login_forgets_the_refused_ones(desk: OutboxDesk, sink: SmtpSink, password: Path) -> None:
    desk.queue(envelope(1))
    desk.run(passes=1, hours=0.2)
    assert relay(desk).login_failures == 1
    password.write_text("secret")
    desk.run(passes=1)
    assert (relay(desk).login_failures, len(sink.delivered)) == (0, 1)
