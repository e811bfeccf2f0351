from datetime import UTC, datetime

import pytest

from records.blobs import Blobs
from records.database import Database
from records.tables import Organisation
from tests.intake.desk import add_mailbox, kept, mail, make_runner, messages, poll_once
from tests.servers.dovecot import Dovecot

pytestmark = pytest.mark.dovecot


@pytest.fixture
def box(dovecot: Dovecot, user: str, database: Database, organisation: Organisation) -> int:
    return add_mailbox(database, organisation, dovecot.account(user))


def test_new_mail_becomes_one_row_each_and_stays_where_it_is(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, box: int
) -> None:
    received_at = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
    dovecot.deliver(user, mail(1), mail(2), received_at=received_at)
    before = dovecot.flags(user)
    row = poll_once(make_runner(database, blobs), box)
    found = messages(database, box)
    assert [blobs.get(one.raw_sha256) for one in found] == [mail(1), mail(2)]
    assert {(one.state, one.received_at, one.settled_on_server) for one in found} == {
        ("fetched", received_at, True)
    }
    assert [(one.uidvalidity, one.uid, one.size) for one in found] == [
        (row.uidvalidity, 1, len(mail(1))),
        (row.uidvalidity, 2, len(mail(2))),
    ]
    assert (row.last_uid, row.server_messages, row.attempts) == (2, 2, 0)
    assert row.last_contact_at is not None and row.reconciled_at is not None
    assert dovecot.contents(user) == {1: mail(1), 2: mail(2)}
    assert dovecot.flags(user) == before


def test_polling_again_changes_nothing(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, box: int
) -> None:
    dovecot.deliver(user, mail(1))
    runner = make_runner(database, blobs)
    poll_once(runner, box)
    row = poll_once(runner, box)
    assert len(messages(database, box)) == kept(blobs) == row.server_messages == 1
