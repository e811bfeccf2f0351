from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from records.base import utc_now
from records.blobs import Blobs
from records.database import Database
from records.tables import Mailbox, Organisation
from tests.conftest import Clock
from tests.intake.desk import add_mailbox, kept, mail, make_runner, messages, poll_once
from tests.servers.cutting_proxy import cutting_proxy
from tests.servers.dovecot import Dovecot

pytestmark = pytest.mark.dovecot


@pytest.fixture
def box(dovecot: Dovecot, user: str, database: Database, organisation: Organisation) -> int:
    return add_mailbox(database, organisation, dovecot.account(user))


@pytest.fixture
def moving_box(dovecot: Dovecot, user: str, database: Database, organisation: Organisation) -> int:
    return add_mailbox(database, organisation, dovecot.account(user, move_to="Done/Größe"))


def test_new_mail_becomes_one_row_each_and_stays_as_it_is(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, box: int
) -> None:
    received_at = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
    dovecot.deliver(user, mail(1), mail(2), received_at=received_at)
    before = dovecot.flags(user)
    row = poll_once(make_runner(database, blobs), box)
    found = messages(database, box)
    assert [blobs.get(one.raw_sha256) for one in found] == [mail(1), mail(2)]
    assert {(one.state, one.received_at, one.settled_on_server) for one in found} == {("fetched", received_at, True)}
    assert [(one.uidvalidity, one.uid, one.size) for one in found] == [
        (row.uidvalidity, 1, len(mail(1))),
        (row.uidvalidity, 2, len(mail(2))),
    ]
    assert (row.last_uid, row.server_messages, row.attempts) == (2, 2, 0)
    assert row.last_contact_at is not None
    assert row.reconciled_at is not None
    assert dovecot.contents(user) == {1: mail(1), 2: mail(2)}
    assert dovecot.flags(user) == before


def test_polling_again_changes_nothing_and_reads_no_body_again(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, organisation: Organisation
) -> None:
    with cutting_proxy(dovecot.imap_port) as proxy:
        config = dovecot.account(user, port=proxy.port, tls="none", ca_file=None)
        box = add_mailbox(database, organisation, config)
        runner = make_runner(database, blobs)
        mails = [mail(number, size=20_000) for number in range(1, 121)]
        dovecot.deliver(user, *mails)
        poll_once(runner, box)
        dovecot.deliver(user, mail(121, size=20_000))
        for _ in range(3):
            row = poll_once(runner, box)
    assert len(messages(database, box)) == kept(blobs) == row.server_messages == 121
    assert proxy.received <= 1.1 * sum(len(one) for one in (*mails, mail(121, size=20_000)))


def test_mail_that_people_have_read_or_flagged_is_taken_all_the_same(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, box: int
) -> None:
    dovecot.deliver(user, mail(1), mail(2))
    with dovecot.client(user, "INBOX") as client:
        client.add_flags([1, 2], [rb"\Seen", rb"\Flagged"])
        client.add_flags([2], [rb"\Deleted"])
    poll_once(make_runner(database, blobs), box)
    assert len(messages(database, box)) == 2
    assert set(dovecot.contents(user)) == {1, 2}


def test_kept_mail_is_moved_and_nothing_else_is(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, moving_box: int
) -> None:
    runner = make_runner(database, blobs)
    dovecot.deliver(user, *[mail(number) for number in range(1, 61)])
    poll_once(runner, moving_box)
    dovecot.deliver(user, mail(61))
    poll_once(runner, moving_box)
    poll_once(runner, moving_box)
    found = messages(database, moving_box)
    assert [blobs.get(one.raw_sha256) for one in found] == [mail(number) for number in range(1, 62)]
    assert all(one.settled_on_server for one in found)
    assert dovecot.contents(user) == {}
    assert sorted(dovecot.contents(user, "Done/Größe").values()) == sorted(map(mail, range(1, 62)))


def test_mail_that_somebody_else_moved_first_is_settled(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, box: int
) -> None:
    runner = make_runner(database, blobs)
    dovecot.deliver(user, mail(1), mail(2))
    poll_once(runner, box)
    found = messages(database, box)
    with database.session() as session:
        mailbox = session.get_one(Mailbox, box)
        mailbox.config = {**mailbox.config, "move_to": "Done"}
        for one in found:
            session.merge(one).settled_on_server = False
    dovecot.expunge(user, 1)
    poll_once(runner, box)
    assert all(one.settled_on_server for one in messages(database, box))
    assert list(dovecot.contents(user, "Done").values()) == [mail(2)]


def test_a_mail_expunged_while_it_is_fetched_costs_no_other_its_place(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, box: int
) -> None:
    dovecot.deliver(user, mail(1), mail(2), mail(3))
    _poll_with(database, blobs, box, lambda: dovecot.expunge(user, 2))
    row = poll_once(make_runner(database, blobs), box)
    assert [one.uid for one in messages(database, box)] == [1, 3]
    assert (row.last_uid, row.server_messages) == (3, 2)


def _poll_with(database: Database, blobs: Blobs, box: int, between: Callable[[], None]) -> None:
    """Poll as the runner does and do ``between`` after the UIDs were listed and before mail is fetched."""
    from intake.steps.poll import poll

    with database.open_session() as session:
        progress = poll(session, session.get_one(Mailbox, box), blobs=blobs)
        for number, _ in enumerate(progress):
            session.commit()
            if number == 2:  # after Keep, the new UIDVALIDITY, the unknown UIDs
                between()
        session.commit()


def test_the_daily_comparison_finds_a_mail_below_the_cursor(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, box: int, clock: Clock
) -> None:
    runner = make_runner(database, blobs, clock)
    dovecot.deliver(user, mail(1), mail(2))
    poll_once(runner, box)
    first = messages(database, box)[0]
    with database.session() as session:
        session.delete(session.merge(first))
    clock.forward(hours=23)
    poll_once(runner, box)
    assert [one.uid for one in messages(database, box)] == [2]
    clock.forward(hours=2)
    row = poll_once(runner, box)
    assert sorted(one.uid or 0 for one in messages(database, box)) == [1, 2]
    assert row.reconciled_at == clock.now


def test_a_poll_waits_for_the_interval_of_the_mailbox(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, organisation: Organisation
) -> None:
    box = add_mailbox(database, organisation, dovecot.account(user, poll_seconds=120))
    row = poll_once(make_runner(database, blobs), box)
    assert row.due_at is not None
    assert 100 < (row.due_at - utc_now()).total_seconds() <= 120
