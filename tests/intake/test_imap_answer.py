"""Answers to FETCH in the shapes that servers use."""

from datetime import UTC, datetime

from intake.imap_answer import Answer, FetchedMail, read_mails, read_sizes, read_times

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_mail_is_read_wherever_its_number_and_time_stand() -> None:
    answer = [
        (b'1 (UID 7 INTERNALDATE " 2-Mar-2026 10:00:00 +0100" BODY[] {5}', b"UID 9"),
        b")",
        b"2 (FLAGS (\\Seen) UID 8)",
        (b"3 (BODY[] {2}", b"ok"),
        b' uid 11 INTERNALDATE "02-mar-2026 04:30:00 -0430")',
        (b"4 (UID 12 BODY[] {2}", b"no"),
        b")",
        None,
    ]
    assert read_mails(answer) == [
        FetchedMail(7, b"UID 9", AT),
        FetchedMail(11, b"ok", AT),
        FetchedMail(12, b"no", None),
    ]


def test_other_shapes_are_read_too_and_mail_without_bytes_is_left_out() -> None:
    answer: Answer = [
        b'1 (UID 7 BODY[] "short" INTERNALDATE "02-Mar-2026 10:00:00 +0100")',
        b"2 (UID 8 BODY[] NIL)",
        (b"3 (UID 9 BODY[] {2}", b"ok"),
        b")",
    ]
    assert read_mails(answer) == [FetchedMail(7, b"short", AT), FetchedMail(9, b"ok", None)]


def test_sizes_and_times_come_with_their_number_or_not_at_all() -> None:
    answer = [
        b"1 (UID 7 RFC822.SIZE 118)",
        b'2 (RFC822.SIZE 9 INTERNALDATE "02-Mar-2026 09:00:00 +0000" UID 8)',
        b"3 (RFC822.SIZE 9)",
        b'4 (UID 10 INTERNALDATE "32-Mar-2026 09:00:00 +0000")',
        b'5 (UID 11 INTERNALDATE "02-Foo-2026 09:00:00 +9900")',
        None,
    ]
    assert read_sizes(answer) == {7: 118, 8: 9}
    assert read_times(answer) == {8: AT}
