"""Mail from files, found and entered once."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from intake import imports
from intake.imports import FoundMail, SkippedFile, find_mail
from intake.steps.imports import BATCH, ImportProgress, batches, import_mail
from records.blobs import Blobs
from records.database import Database
from records.tables import Mailbox, Message, Organisation
from tests.intake.desk import mail, messages

RECEIVED = b"Received: from a by b;\r\n\tMon, 2 Mar 2026 10:00:00 +0100\r\n"
AT_NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def found(path: Path) -> list[FoundMail]:
    return [one for one in find_mail([path]) if isinstance(one, FoundMail)]


def skipped(path: Path) -> dict[str, str]:
    return {Path(one.name).name: one.reason for one in find_mail([path]) if isinstance(one, SkippedFile)}


def test_single_mails_are_found_below_a_folder_with_the_time_they_were_received(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "b.EML").write_bytes(mail(2))
    (tmp_path / "a.eml").write_bytes(RECEIVED + mail(1))
    assert found(tmp_path) == [
        FoundMail(str(tmp_path / "a.eml"), RECEIVED + mail(1), AT_NINE),
        FoundMail(str(tmp_path / "below" / "b.EML"), mail(2), None),
    ]


def test_a_file_that_the_user_names_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    path = tmp_path / "message"
    path.write_bytes(mail(1))
    assert [one.data for one in found(path)] == [mail(1)]
    assert skipped(tmp_path) == {"message": "is neither .eml, .msg, an mbox nor a Maildir"}


def test_broken_and_foreign_files_are_named_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "LARGEST", 10_000)
    (tmp_path / "empty.eml").write_bytes(b"\r\n\r\n")
    (tmp_path / "image.eml").write_bytes(bytes(range(256)) * 4)
    (tmp_path / "huge.eml").write_bytes(mail(1, size=20_000))
    (tmp_path / "list.csv").write_bytes(b"a,b\n")
    (tmp_path / "broken.mbox").write_bytes(b"Subject: x\n\nhi\n")
    (tmp_path / "good.eml").write_bytes(mail(1))
    (tmp_path / "link.eml").symlink_to("/etc/hostname")
    assert skipped(tmp_path) == {
        "empty.eml": "is empty",
        "image.eml": "has no header of a mail",
        "huge.eml": "is larger than 0 MB",
        "list.csv": "is neither .eml, .msg, an mbox nor a Maildir",
        "broken.mbox": "does not begin as an mbox does",
        "link.eml": "is a link to elsewhere",
    }
    assert [one.data for one in found(tmp_path)] == [mail(1)]
    assert skipped(tmp_path / "nowhere") == {"nowhere": "cannot be opened: No such file or directory"}


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_an_mbox_is_parted_where_mails_begin_and_only_there(tmp_path: Path, end: bytes) -> None:
    lines = [
        b"From ada@people.example Mon Mar  2 10:00:00 2026",
        b"Subject: one",
        b"",
        b"From here on it is text.",
        b">From the second on it was escaped, as were",
        b">>From the third and",
        b">From ada@people.example Mon Mar  2 10:00:00 2026",
        b"no empty line before:",
        b"From ada@people.example Mon Mar  2 10:00:00 2026",
        b"",
        b"From - Tue Mar  3 11:30:00 2026",
        b"Subject: two",
        b"",
        b"Second.",
        b"",
        b"",
        b"From eve@evil.example Wed Mar  4 11:30:00 2026 +0100",
        b"Subject: three",
        b"",
        b"Third, without an end",
    ]
    path = tmp_path / "box"
    path.write_bytes(end.join(lines))
    first, second, third = found(path)
    assert first.data == end.join(
        [
            b"Subject: one",
            b"",
            b"From here on it is text.",
            b"From the second on it was escaped, as were",
            b">From the third and",
            b"From ada@people.example Mon Mar  2 10:00:00 2026",
            b"no empty line before:",
            b"From ada@people.example Mon Mar  2 10:00:00 2026",
            b"",
        ]
    )
    assert second.data == end.join([b"Subject: two", b"", b"Second.", b"", b""])
    assert third.data == end.join([b"Subject: three", b"", b"Third, without an end"])
    assert [one.name for one in (first, third)] == [f"{path}#1", f"{path}#3"]
    assert first.received_at == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert third.received_at == datetime(2026, 3, 4, 10, 30, tzinfo=UTC)


def test_a_broken_mail_in_an_mbox_costs_no_other_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "LARGEST", 100_000)
    start = b"From a@people.example Mon Mar  2 10:00:00 2026\n"
    path = tmp_path / "box.mbox"
    path.write_bytes(start + start + b"no header\n\n" + start + mail(1, size=200_000) + b"\n" + start + mail(2))
    assert [one.data for one in found(path)] == [mail(2)]
    assert skipped(path) == {
        "box.mbox#1": "has no header of a mail",
        "box.mbox#2": "is larger than 0 MB",
    }


def test_a_maildir_is_read_with_its_folders_and_without_what_is_unfinished(tmp_path: Path) -> None:
    for folder in ("cur", "new", "tmp", ".Done/cur", ".Done/new"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "cur" / "1.a:2,S").write_bytes(mail(1))
    (tmp_path / "new" / "2.a").write_bytes(mail(2))
    (tmp_path / "tmp" / "3.a").write_bytes(mail(3))
    (tmp_path / ".Done" / "cur" / "4.a:2,").write_bytes(mail(4))
    os.utime(tmp_path / "new" / "2.a", (AT_NINE.timestamp(),) * 2)
    assert [one.data for one in found(tmp_path)] == [mail(1), mail(2), mail(4)]
    assert found(tmp_path)[1].received_at == AT_NINE


def test_batches_are_cut_by_number_and_by_bytes() -> None:
    small = [FoundMail(str(number), b"x", None) for number in range(BATCH + 1)]
    assert [len(group) for group in batches(small)] == [BATCH, 1]
    large = [FoundMail(str(number), b"x" * 9_000_000, None) for number in range(3)]
    assert [len(group) for group in batches(large)] == [2, 1]


def run(database: Database, blobs: Blobs, organisation: Organisation, path: Path) -> list[ImportProgress]:
    steps = []
    with database.open_session() as session:
        for progress in import_mail(session, organisation, [path], blobs):
            session.commit()
            steps.append(progress)
    return steps


def test_importing_twice_adds_nothing(
    database: Database, blobs: Blobs, organisation: Organisation, tmp_path: Path
) -> None:
    folder = tmp_path / "mail"
    folder.mkdir()
    for number in range(BATCH + 5):
        (folder / f"{number:03}.eml").write_bytes(mail(number))
    (folder / "again.eml").write_bytes(mail(1))
    (folder / "x.txt").write_bytes(b"notes")
    first = run(database, blobs, organisation, folder)
    assert [(one.added, one.known, len(one.skipped)) for one in first] == [
        (0, 0, 0),
        (BATCH, 0, 0),
        (BATCH + 5, 1, 1),
    ]
    second = run(database, blobs, organisation, folder)
    assert (second[-1].added, second[-1].known) == (0, BATCH + 6)
    with database.session() as session:
        mailbox = session.scalars(select(Mailbox)).one()
        assert (mailbox.name, mailbox.state, mailbox.due_at) == ("import", "imported", None)
        assert session.scalars(select(Message.state).distinct()).all() == ["fetched"]
        mailbox_id = mailbox.id
    rows = messages(database, mailbox_id)
    assert sorted(blobs.get(one.raw_sha256) for one in rows) == sorted(map(mail, range(BATCH + 5)))
    assert all(one.settled_on_server and one.uid is None and one.due_at for one in rows)
