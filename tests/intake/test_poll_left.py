"""Mail whose bytes do not come by themselves: too large, or one at which the server breaks off."""

import pytest
from sqlalchemy import select

from intake.imap_fetch import IN_PIECES
from records import exceptions
from records.blobs import Blobs
from records.database import Database
from records.problems import Code
from records.tables import ExceptionItem, Message, Organisation
from scheduler.runner import Runner
from tests.intake.desk import add_mailbox, mail, make_runner, messages, poll_once
from tests.servers.dovecot import Dovecot

pytestmark = pytest.mark.dovecot

LARGE = mail(2, size=IN_PIECES + 100_000)


def open_items(database: Database) -> list[ExceptionItem]:
    with database.session() as session:
        items = list(session.scalars(select(ExceptionItem).where(ExceptionItem.state == "to_review")))
        session.expunge_all()
    return items


def release(runner: Runner, row: Message) -> None:
    """Release the message's exception and run its step."""
    with runner.database.session() as session:
        item = exceptions.open_item(session, session.get_one(Message, row.id))
        assert item is not None
        exceptions.release(session, item, "agent@desk.example", "fetch it")
    assert runner.run(runner.step_named("fetch_left"), row.id)


def test_large_mail_comes_in_pieces_byte_for_byte(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, organisation: Organisation
) -> None:
    box = add_mailbox(database, organisation, dovecot.account(user))
    exact = mail(3)[:-2] + b"y" * (3 * 1024 * 1024 - len(mail(3))) + b"\r\n"
    dovecot.deliver(user, mail(1), LARGE, exact, mail(4))
    row = poll_once(make_runner(database, blobs), box)
    found = messages(database, box)
    assert [blobs.get(one.raw_sha256) for one in found] == [mail(1), LARGE, exact, mail(4)]
    assert len({one.received_at for one in found}) < 3
    assert row.last_uid == 4


def test_mail_above_the_limit_waits_on_the_server_until_a_person_releases_it(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, organisation: Organisation
) -> None:
    config = dovecot.account(user, largest_mail=IN_PIECES + 1, move_to="Done")
    box = add_mailbox(database, organisation, config)
    runner = make_runner(database, blobs)
    dovecot.deliver(user, mail(1), LARGE, mail(3))
    poll_once(runner, box)
    row = poll_once(runner, box)
    assert [one.state for one in messages(database, box)] == ["fetched", "left_on_server", "fetched"]
    assert list(dovecot.contents(user).values()) == [LARGE]
    assert row.server_messages == 3
    (item,) = open_items(database)
    assert (item.step, item.owner) == ("fetch_left", "agent")
    assert [problem["code"] for problem in item.problems] == [Code.QUARANTINED]
    left = messages(database, box)[1]
    assert blobs.get(left.raw_sha256).startswith(b"Message-ID: <2@people.example>")
    assert (left.size, left.due_at) == (len(LARGE), None)

    release(runner, left)
    poll_once(runner, box)
    fetched = messages(database, box)[1]
    assert (fetched.state, blobs.get(fetched.raw_sha256)) == ("fetched", LARGE)
    assert dovecot.contents(user) == {}
    assert open_items(database) == []


def test_mail_that_left_the_folder_before_it_was_released_is_held_with_the_reason(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, organisation: Organisation
) -> None:
    box = add_mailbox(database, organisation, dovecot.account(user, largest_mail=IN_PIECES + 1))
    runner = make_runner(database, blobs)
    dovecot.deliver(user, LARGE)
    poll_once(runner, box)
    dovecot.expunge(user, 1)
    (left,) = messages(database, box)
    release(runner, left)
    (item,) = open_items(database)
    assert [problem["code"] for problem in item.problems] == [Code.UNREADABLE]


def test_mail_at_which_the_server_breaks_off_does_not_bar_the_others_and_comes_once_it_can_be_read(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, organisation: Organisation
) -> None:
    box = add_mailbox(database, organisation, dovecot.account(user))
    runner = make_runner(database, blobs)
    dovecot.deliver(user, mail(1), mail(2), mail(3))
    (file,) = [path for path in dovecot.maildir(user).rglob("new/*") if b"Request 2" in path.read_bytes()]
    file.chmod(0)
    rows = [poll_once(runner, box) for _ in range(4)]
    assert [row.last_error is None for row in rows] == [False, False, True, True]
    assert (rows[-1].attempts, rows[-1].server_messages) == (0, 3)
    assert [one.state for one in messages(database, box)] == ["fetched", "left_on_server", "fetched"]
    (item,) = open_items(database)
    assert [problem["code"] for problem in item.problems] == [Code.POISON]

    (file,) = dovecot.maildir(user).rglob(f"*/{file.name.partition(':')[0]}*")
    file.chmod(0o600)
    left = messages(database, box)[1]
    release(runner, left)
    fetched = messages(database, box)[1]
    assert (fetched.state, blobs.get(fetched.raw_sha256)) == ("fetched", mail(2))
