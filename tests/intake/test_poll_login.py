"""What a poll answers when the server does not let it in, or asks for patience."""

from pathlib import Path

import pytest
from sqlalchemy import select

from records import exceptions
from records.base import utc_now
from records.blobs import Blobs
from records.database import Database
from records.tables import ExceptionItem, Mailbox, Organisation
from scheduler.runner import MAX_ATTEMPTS
from tests.intake.desk import add_mailbox, mail, make_runner, messages, poll_once
from tests.servers.dovecot import Dovecot, free_port
from tests.servers.scripted_imap import scripted_imap


def config(port: int, tmp_path: Path, **changes: object) -> dict[str, object]:
    (tmp_path / "password").write_text("secret\n")
    return {
        "address": "po@desk.example",
        "host": "127.0.0.1",
        "port": port,
        "tls": "none",
        "username": "po",
        "password": f"file:{tmp_path / 'password'}",
        "timeout": 2,
        **changes,
    }


def items(database: Database) -> list[ExceptionItem]:
    with database.session() as session:
        found = list(session.scalars(select(ExceptionItem)))
        session.expunge_all()
    return found


@pytest.mark.dovecot
def test_after_three_refused_logins_an_operator_is_asked_and_then_it_goes_on(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, organisation: Organisation, tmp_path: Path
) -> None:
    password = tmp_path / "password"
    password.write_text("wrong")
    box = add_mailbox(database, organisation, dovecot.account(user, password=f"file:{password}"))
    runner = make_runner(database, blobs)
    rows = [poll_once(runner, box) for _ in range(3)]
    assert [row.login_failures for row in rows] == [1, 2, 3]
    assert [row.due_at is None for row in rows] == [False, False, True]
    (item,) = items(database)
    assert item.owner == "operator"
    assert f"refused the login of {user} 3 times" in item.problems[0]["detail"]

    password.write_text("secret")
    dovecot.deliver(user, mail(1))
    with database.session() as session:
        exceptions.release(session, session.merge(item), "operator@desk.example", "password renewed")
    row = poll_once(runner, box)
    assert (row.login_failures, len(messages(database, box))) == (0, 1)


def test_a_throttled_poll_waits_as_long_as_the_server_asks(
    database: Database, blobs: Blobs, organisation: Organisation, tmp_path: Path
) -> None:
    said = "TAG NO Request is throttled. Suggested Backoff Time: 900000 milliseconds"
    with scripted_imap({"EXAMINE": said}) as port:
        box = add_mailbox(database, organisation, config(port, tmp_path))
        row = poll_once(make_runner(database, blobs), box)
    assert row.due_at is not None
    assert 890 < (row.due_at - utc_now()).total_seconds() <= 900
    assert row.attempts == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": "file:/nowhere"}, "secret file"),
        ({"password": "letmein"}, "env:NAME or file:PATH"),
        ({"host": "imap.example"}, "needs TLS"),
    ],
)
def test_a_mailbox_that_cannot_be_used_is_told_to_an_operator_in_a_sentence(
    database: Database,
    blobs: Blobs,
    organisation: Organisation,
    tmp_path: Path,
    change: dict[str, object],
    said: str,
) -> None:
    box = add_mailbox(database, organisation, config(143, tmp_path, **change))
    row = poll_once(make_runner(database, blobs), box)
    assert row.due_at is None
    (item,) = items(database)
    assert said in item.problems[0]["detail"]
    assert "letmein" not in str(item.problems)


def test_a_folder_without_lasting_numbers_is_told_to_an_operator(
    database: Database, blobs: Blobs, organisation: Organisation, tmp_path: Path
) -> None:
    with scripted_imap({"EXAMINE": "* 0 EXISTS\r\nTAG OK done"}) as port:
        box = add_mailbox(database, organisation, config(port, tmp_path))
        poll_once(make_runner(database, blobs), box)
    (item,) = items(database)
    assert "UIDVALIDITY" in item.problems[0]["detail"]


@pytest.mark.dovecot
def test_a_server_that_is_down_is_told_to_an_operator_and_tried_on_until_it_is_back(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, organisation: Organisation
) -> None:
    box = add_mailbox(database, organisation, dovecot.account(user, port=free_port()))
    runner = make_runner(database, blobs)
    for _ in range(MAX_ATTEMPTS + 1):
        row = poll_once(runner, box)
    assert row.due_at is not None
    assert row.attempts == MAX_ATTEMPTS + 1
    (item,) = items(database)
    assert (item.state, item.owner) == ("to_review", "operator")

    with database.session() as session:
        mailbox = session.get_one(Mailbox, box)
        mailbox.config = {**mailbox.config, "port": dovecot.imaps_port}
    row = poll_once(runner, box)
    assert (row.attempts, row.last_error) == (0, None)
    assert items(database)[0].state == "resolved"
