"""Mail that is kept is known again without its body, and what is in doubt is not."""

from datetime import UTC, datetime, timedelta

from intake.imap_answer import Outline, read_outlines
from intake.recognition import KeptMail, recognised, telling_fields

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HEAD = b"Message-ID: <1@a.example>\r\nFrom: a@a.example\r\nSubject: Gloves\r\nX-Other: 1\r\n\r\nBody"


def outline(uid: int, size: int = 100, at: datetime = AT, head: bytes = HEAD) -> Outline:
    return Outline(uid, size, at, head.partition(b"X-Other")[0] + b"\r\n")


def kept(row: int, sha: str = "a", size: int = 100, at: datetime = AT, settled: bool = False) -> KeptMail:
    return KeptMail(row, sha, size, at, settled)


def test_a_mail_of_the_same_size_time_and_fields_is_the_one_that_is_kept() -> None:
    assert recognised([outline(7)], [kept(1)], {"a": HEAD}) == {7: 1}


def test_another_size_time_or_field_is_another_mail() -> None:
    other = HEAD.replace(b"<1@", b"<2@")
    for found in (outline(7, size=101), outline(7, at=AT + timedelta(seconds=1)), outline(7, head=other)):
        assert recognised([found], [kept(1)], {"a": HEAD}) == {}


def test_two_that_look_alike_and_one_that_is_kept_are_compared_by_their_bytes() -> None:
    assert recognised([outline(7), outline(8)], [kept(1)], {"a": HEAD}) == {}


def test_rows_that_look_alike_and_hold_different_bytes_are_not_guessed_between() -> None:
    assert recognised([outline(7)], [kept(1), kept(2, "b")], {"a": HEAD, "b": HEAD}) == {}


def test_of_equal_rows_the_one_that_is_still_in_the_folder_comes_first() -> None:
    assert recognised([outline(7)], [kept(1, settled=True), kept(2)], {"a": HEAD}) == {7: 2}


def test_a_mail_without_any_telling_field_is_never_recognised() -> None:
    bare = b"X-Nothing: 1\r\n\r\n"
    assert recognised([Outline(7, 100, AT, b"\r\n")], [kept(1)], {"a": bare}) == {}


def test_fields_are_compared_however_they_are_folded_and_written() -> None:
    assert telling_fields(b"SUBJECT: a\r\n b\r\n\r\n") == telling_fields(b"Subject:a  b\n\nbody")


def test_an_outline_is_read_from_an_answer_in_any_order_of_its_items() -> None:
    line = b"1 (UID 5 RFC822.SIZE 123 BODY[HEADER.FIELDS (MESSAGE-ID FROM DATE SUBJECT)] {3}"
    answer: list[bytes | tuple[bytes, bytes] | None] = [
        (line, b"a\r\n"),
        b' INTERNALDATE "24-Nov-2026 09:00:00 +0000")',
    ]
    assert read_outlines(answer) == [Outline(5, 123, AT, b"a\r\n")]
    assert read_outlines([(b"1 (UID 5 BODY[] {1}", b"x"), b")"]) == []
