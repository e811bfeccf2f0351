"""What happens when the server forgets its promises about UIDs: nothing is lost and nothing comes twice."""

import pytest
from sqlalchemy import update

from intake.steps.poll import poll
from records.blobs import Blobs
from records.database import Database
from records.tables import Mailbox, Message, Organisation
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
    return add_mailbox(database, organisation, dovecot.account(user, move_to="Done"))


def texts(database: Database, blobs: Blobs, box: int) -> list[bytes]:
    return sorted(blobs.get(one.raw_sha256) for one in messages(database, box))


def test_after_another_uidvalidity_known_mail_keeps_its_row_and_new_mail_gets_one(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, box: int
) -> None:
    runner = make_runner(database, blobs)
    dovecot.deliver(user, mail(1), mail(1), mail(2))
    before = poll_once(runner, box)
    ids = [one.id for one in messages(database, box)]
    dovecot.expunge(user, 1)
    dovecot.change_uidvalidity(user)
    dovecot.deliver(user, mail(3))
    after = poll_once(runner, box)
    poll_once(runner, box)
    assert after.uidvalidity != before.uidvalidity
    found = messages(database, box)
    assert texts(database, blobs, box) == sorted([mail(1), mail(1), mail(2), mail(3)])
    assert [one.id for one in found][:3] == ids
    assert sorted(one.uid for one in found if one.uid and one.uidvalidity == after.uidvalidity) == [1, 2, 3]
    assert after.server_messages == 4


def test_uids_that_name_other_mail_under_the_same_uidvalidity_are_noticed(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, box: int
) -> None:
    runner = make_runner(database, blobs)
    dovecot.deliver(user, mail(1), mail(2), mail(3))
    before = poll_once(runner, box)
    dovecot.expunge(user, 1, 2)
    dovecot.reuse_uids(user)
    dovecot.deliver(user, mail(4))
    after = poll_once(runner, box)
    poll_once(runner, box)
    assert after.uidvalidity == before.uidvalidity
    assert texts(database, blobs, box) == [mail(1), mail(2), mail(3), mail(4)]
    assert kept(blobs) == after.server_messages == 4


def test_uids_reused_beyond_the_cursor_are_noticed_by_the_daily_comparison(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, box: int, clock: Clock
) -> None:
    runner = make_runner(database, blobs, clock)
    dovecot.deliver(user, mail(1), mail(2), received_at=clock.now)
    poll_once(runner, box)
    dovecot.expunge(user, 1, 2)
    dovecot.reuse_uids(user)
    later = clock.forward(minutes=5)
    dovecot.deliver(user, mail(3), mail(4), mail(5), received_at=later)
    poll_once(runner, box)
    clock.forward(days=1)
    row = poll_once(runner, box)
    assert texts(database, blobs, box) == [mail(number) for number in range(1, 6)]
    assert row.server_messages == 5


def test_a_recreated_mailbox_with_the_same_mail_brings_no_second_row(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, box: int
) -> None:
    runner = make_runner(database, blobs)
    dovecot.deliver(user, mail(1), mail(2))
    poll_once(runner, box)
    dovecot.recreate(user)
    poll_once(runner, box)
    dovecot.deliver(user, mail(2), mail(3))
    row = poll_once(runner, box)
    assert texts(database, blobs, box) == [mail(1), mail(2), mail(3)]
    assert row.server_messages == 3


def test_mail_that_was_moved_and_comes_back_after_a_restore_is_moved_again(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, moving_box: int
) -> None:
    runner = make_runner(database, blobs)
    dovecot.deliver(user, mail(1))
    poll_once(runner, moving_box)
    dovecot.recreate(user)
    dovecot.deliver(user, mail(1), mail(2))
    poll_once(runner, moving_box)
    assert texts(database, blobs, moving_box) == [mail(1), mail(2)]
    assert dovecot.contents(user) == {}
    assert sorted(dovecot.contents(user, "Done").values()) == [mail(1), mail(2)]


def test_after_another_uidvalidity_no_body_is_fetched_again(
    dovecot: Dovecot, user: str, database: Database, organisation: Organisation, blobs: Blobs
) -> None:
    with cutting_proxy(dovecot.imap_port) as proxy:
        config = dovecot.account(user, port=proxy.port, tls="none", ca_file=None)
        box = add_mailbox(database, organisation, config)
        runner = make_runner(database, blobs)
        dovecot.deliver(user, *(mail(number, 20_000) for number in range(10)))
        poll_once(runner, box)
        before = proxy.received
        dovecot.change_uidvalidity(user)
        dovecot.deliver(user, mail(11, 20_000))
        poll_once(runner, box)
        assert proxy.received - before < 30_000
    assert texts(database, blobs, box) == sorted([*(mail(n, 20_000) for n in range(10)), mail(11, 20_000)])


def test_a_visit_that_dies_right_after_the_uids_were_lost_leaves_the_comparison_to_the_next(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, moving_box: int
) -> None:
    runner = make_runner(database, blobs)
    dovecot.deliver(user, mail(1))
    poll_once(runner, moving_box)
    with database.session() as session:  # its worker died after the move, before that was noted
        session.execute(update(Message).values(settled_on_server=False))
    dovecot.change_uidvalidity(user)
    with database.open_session() as session:
        visit = poll(session, session.get_one(Mailbox, moving_box), blobs=blobs)
        for _ in range(2):  # what the rows say; then the new UIDVALIDITY
            next(visit)
            session.commit()
        visit.close()
    poll_once(runner, moving_box)
    (found,) = messages(database, moving_box)
    assert found.settled_on_server
