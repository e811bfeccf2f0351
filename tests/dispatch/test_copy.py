"""The Sent folder: what went out is found there once, on a real IMAP server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from dispatch.compose import compose
from records.blobs import Blobs
from records.database import Database
from records.tables import Mailbox, Outbound
from tests.conftest import Clock
from tests.dispatch.outbox_desk import SENDER, OutboxDesk, envelope
from tests.rows import add_organisation
from tests.servers.dovecot import Dovecot
from tests.servers.smtp_sink import SmtpSink, running_sink

pytestmark = pytest.mark.dovecot


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with running_sink() as server:
        yield server


@pytest.fixture
def desk(sqlite_database: Database, blobs: Blobs, clock: Clock, sink: SmtpSink) -> OutboxDesk:
    found = OutboxDesk(sqlite_database, blobs, add_organisation(sqlite_database), clock)
    found.connect(sink.port)
    return found


def add_mailbox(desk: OutboxDesk, config: dict[str, object], name: str = "sending") -> None:
    with desk.database.session() as session:
        organisation_id = desk.organisation.id
        session.add(Mailbox(organisation_id=organisation_id, state="active", name=name, due_at=None, config=config))


def copies(dovecot: Dovecot, user: str, folder: str = "Sent") -> list[bytes]:
    return list(dovecot.contents(user, folder).values())


def test_a_sent_mail_is_put_into_the_sent_folder_once(desk: OutboxDesk, dovecot: Dovecot, user: str) -> None:
    add_mailbox(desk, dovecot.account(user, sent_folder="Sent"))
    row_id = desk.queue()
    desk.run(passes=4, hours=1)
    row = desk.row(row_id)
    assert (row.state, row.due_at) == ("sent", None)
    assert row.copied_at is not None
    assert copies(dovecot, user) == [compose(envelope())]


def test_a_copy_whose_note_was_lost_is_not_made_again(desk: OutboxDesk, dovecot: Dovecot, user: str) -> None:
    add_mailbox(desk, dovecot.account(user, sent_folder="Sent"))
    row_id = desk.queue()
    desk.run()
    with desk.database.session() as session:
        session.execute(update(Outbound).values(copied_at=None, due_at=desk.clock.now))
    desk.run()
    assert desk.row(row_id).copied_at is not None
    assert len(copies(dovecot, user)) == 1


def test_the_sent_folder_of_the_sender_is_taken_before_others(desk: OutboxDesk, dovecot: Dovecot, user: str) -> None:
    add_mailbox(desk, dovecot.account(f"{user}x", sent_folder="Sent"), "first")
    add_mailbox(desk, dovecot.account(user, sent_folder="Sent items/Orders", address=SENDER), "second")
    desk.queue()
    desk.run()
    assert len(copies(dovecot, user, "Sent items/Orders")) == 1


def test_without_a_sent_folder_nothing_is_copied(desk: OutboxDesk, dovecot: Dovecot, user: str) -> None:
    add_mailbox(desk, dovecot.account(user))
    row_id = desk.queue()
    desk.run()
    row = desk.row(row_id)
    assert (row.state, row.due_at, row.copied_at, row.last_error) == ("sent", None, None, None)


def test_a_mail_stays_sent_while_the_imap_server_is_away(
    desk: OutboxDesk, dovecot: Dovecot, user: str, sink: SmtpSink
) -> None:
    add_mailbox(desk, dovecot.account(user, sent_folder="Sent", port=1))
    row_id = desk.queue()
    desk.run(passes=4, hours=1)
    row = desk.row(row_id)
    assert row.state == "sent"
    assert row.last_error is not None
    assert len(sink.delivered) == 1


def test_refused_logins_are_counted_with_those_of_the_poll_and_the_copy_waits(
    desk: OutboxDesk, dovecot: Dovecot, user: str, tmp_path: Path
) -> None:
    password = tmp_path / "password"
    password.write_text("wrong")
    add_mailbox(desk, dovecot.account(user, sent_folder="Sent", password=f"file:{password}"))
    row_id = desk.queue()
    desk.run(passes=6, hours=1)
    with desk.database.session() as session:
        box = session.scalars(select(Mailbox).where(Mailbox.name == "sending")).one()
        assert box.login_failures == 1
        box.login_failures = 0  # as after a poll that got through
    row = desk.row(row_id)
    assert (row.state, row.last_error, row.copied_at, row.due_at is None) == ("sent", None, None, False)
    password.write_text("secret")
    desk.run(passes=1)
    assert copies(dovecot, user) == [compose(envelope())]
