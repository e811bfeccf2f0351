"""Google's own number of a mail is an extra key: a mail that comes back under another UID is the same mail."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from records.blobs import Blobs
from records.database import Database
from records.tables import Mailbox, Message, Organisation
from tests.intake.desk import add_mailbox, mail, make_runner, messages, poll_once
from tests.intake.test_poll_login import config
from tests.servers.scripted_imap import scripted_imap

CAPABILITY = "* CAPABILITY IMAP4rev1 MOVE UIDPLUS X-GM-EXT-1\r\nTAG OK done"
WHEN = '"01-May-2026 10:00:00 +0000"'


def script(uid: int, gmail_id: int, raw: bytes, validity: int = 5) -> Mapping[str, str]:
    """Return what a server says that holds one mail."""
    body = f"* 1 FETCH (X-GM-MSGID {gmail_id} UID {uid} INTERNALDATE {WHEN} BODY[] {{{len(raw)}}}\r\n{raw.decode()})"
    return {
        "CAPABILITY": CAPABILITY,
        "EXAMINE": f"* 1 EXISTS\r\n* OK [UIDVALIDITY {validity}] ok\r\n* OK [UIDNEXT {uid + 1}] ok\r\nTAG OK done",
        "UID SEARCH": f"* SEARCH {uid}\r\nTAG OK done",
        f"UID FETCH {uid} (RFC822.SIZE)": f"* 1 FETCH (UID {uid} RFC822.SIZE {len(raw)})\r\nTAG OK done",
        f"UID FETCH {uid} (INTERNALDATE X-GM-MSGID BODY.PEEK[])": f"{body}\r\nTAG OK done",
        f"UID FETCH {uid} (INTERNALDATE)": f"* 1 FETCH (UID {uid} INTERNALDATE {WHEN})\r\nTAG OK done",
    }


def rows_after(
    database: Database, blobs: Blobs, box: int, tmp_path: Path, scripts: list[Mapping[str, str]]
) -> list[Message]:
    """Poll once from each of the servers and return the mailbox's rows."""
    for answers in scripts:
        with scripted_imap(answers) as port:
            with database.session() as session:
                session.get_one(Mailbox, box).config = config(port, tmp_path)
            assert poll_once(make_runner(database, blobs), box).last_error is None
    return messages(database, box)


@pytest.mark.parametrize("validity", [5, 6])
def test_a_mail_that_comes_back_under_another_uid_keeps_its_row(
    database: Database, blobs: Blobs, organisation: Organisation, tmp_path: Path, validity: int
) -> None:
    box = add_mailbox(database, organisation, config(1, tmp_path))
    number = 2**64 - 3
    back = script(9, number, mail(1), validity)
    (row,) = rows_after(database, blobs, box, tmp_path, [script(3, number, mail(1)), back])
    assert (row.uid, row.uidvalidity, row.gmail_id) == (9, validity, str(number))
    assert blobs.get(row.raw_sha256) == mail(1)


def test_another_mail_of_the_very_same_bytes_is_another_mail(
    database: Database, blobs: Blobs, organisation: Organisation, tmp_path: Path
) -> None:
    box = add_mailbox(database, organisation, config(1, tmp_path))
    found = rows_after(database, blobs, box, tmp_path, [script(3, 100, mail(1)), script(9, 101, mail(1))])
    assert [(row.uid, row.gmail_id) for row in found] == [(3, "100"), (9, "101")]
