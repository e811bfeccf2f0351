"""The commands ``import`` and ``status``: saved mail comes in once, and every mail is accounted for."""

import mailbox
from pathlib import Path

import pytest
from sqlalchemy import delete

from buydesk.installation import Installation
from buydesk.settings import Settings
from records.blobs import Blobs
from records.database import Database
from records.tables import Message
from scheduler.worker import run_until_quiet
from tests.buydesk.terminal import Terminal

MAIL = (
    b"From: Ada <ada@acme.example>\nTo: purchasing@acme.example\nSubject: No. %d\nMessage-ID: <%d@acme.example>\n\nHi\n"
)


def mail(number: int) -> bytes:
    return MAIL % (number, number)


@pytest.fixture
def saved(terminal: Terminal, acme: Path) -> list[Path]:
    """Return an .eml file, an mbox and a Maildir with six mails, one of which stands in two of them."""
    terminal("org", "load", acme)
    one, mbox, maildir = (terminal.folder / name for name in ("one.eml", "old.mbox", "Maildir"))
    one.write_bytes(mail(1))
    box = mailbox.mbox(mbox)
    for number in (2, 3):
        box.add(mail(number))
    box.close()
    kept = mailbox.Maildir(maildir)
    for number in (4, 5, 1):
        kept.add(mail(number))
    return [one, mbox, maildir]


def test_mail_is_imported_once_and_accounted_for(terminal: Terminal, saved: list[Path], home: Path) -> None:
    first = terminal("import", *saved)
    assert (first.code, first.err) == (0, "")
    assert "5 mails added, 1 known before, 0 files passed over." in first.out
    assert "0 mails added, 6 known before" in terminal("import", *saved).out
    status = terminal("status", "--json")
    account = next(box for box in status.json["mailboxes"] if box["name"] == "import")
    assert (status.code, account["accepted"], account["in_flight"], account["unaccounted"]) == (0, 5, 5, 0)
    assert {"table": "message", "state": "fetched", "depth": 5} in [
        {name: queue[name] for name in ("table", "state", "depth")} for queue in status.json["queues"]
    ]
    database = Database(f"sqlite:///{home / 'buydesk.db'}")
    place = Installation(Settings(home=home), database, Blobs(str(home / "blobs")))
    run_until_quiet(place.runner(), skip=frozenset({"poll"}))
    settled = terminal("status", "--json")
    account = next(box for box in settled.json["mailboxes"] if box["name"] == "import")
    assert (settled.code, account["in_flight"], account["unaccounted"]) == (0, 0, 0)
    assert account["processed"] + account["waiting"] == 5


def test_a_mail_that_is_nowhere_is_told_and_ends_with_1(terminal: Terminal, saved: list[Path], home: Path) -> None:
    terminal("import", *saved)
    with Database(f"sqlite:///{home / 'buydesk.db'}").session() as session:
        session.execute(delete(Message).where(Message.id == 2))
    assert terminal("status").code == 0, "an import counts its own rows"
    with Database(f"sqlite:///{home / 'buydesk.db'}").session() as session:
        box = session.get_one(Message, 1).mailbox_id
        session.connection().exec_driver_sql(f"update mailbox set server_messages = 5 where id = {box}")
    ran = terminal("status")
    assert (ran.code, "unaccounted" in ran.out) == (1, True)
    found = terminal("status", "--json", "-o", "acme").json["mailboxes"]
    assert [box["unaccounted"] for box in found if box["name"] == "import"] == [1]


def test_what_is_no_mail_is_passed_over_and_named(terminal: Terminal, saved: list[Path]) -> None:
    rubbish = terminal.folder / "evil\x1b[31m.eml"
    rubbish.write_bytes(b"\x00\x01" * 100)
    ran = terminal("import", rubbish, saved[0])
    assert (ran.code, "1 mails added, 0 known before, 1 files passed over." in ran.out) == (0, True)
    assert "evil\N{REPLACEMENT CHARACTER}[31m.eml: " in ran.out
    assert terminal("import", terminal.folder / "nowhere.eml").code == 2
