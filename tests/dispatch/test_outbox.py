"""The rules of the outbox: the table of moves, the schedule, and what may not go out."""

from datetime import timedelta
from itertools import count

import pytest

from dispatch.compose import compose
from dispatch.outbox import MOVES, NotSendableError, check_sendable, dot_stuffed, retry_after
from records.flow import IllegalMoveError, check_move
from tests.dispatch.outbox_desk import envelope

STATES = "queued sending handing_over sent deferred failed uncertain bounced superseded".split()
ALLOWED = {
    ("queued", "sending"),
    ("queued", "superseded"),
    ("sending", "handing_over"),
    ("sending", "deferred"),
    ("sending", "failed"),
    ("sending", "superseded"),
    ("handing_over", "sent"),
    ("handing_over", "deferred"),
    ("handing_over", "failed"),
    ("handing_over", "uncertain"),
    ("deferred", "sending"),
    ("deferred", "superseded"),
    ("uncertain", "sent"),
    ("uncertain", "queued"),
    ("uncertain", "bounced"),
    ("failed", "queued"),
    ("failed", "superseded"),
    ("bounced", "queued"),
    ("bounced", "superseded"),
    ("sent", "bounced"),
}


@pytest.mark.parametrize("old", STATES)
@pytest.mark.parametrize("new", STATES)
def test_a_mail_makes_the_moves_of_the_table_and_no_other(old: str, new: str) -> None:
    if old == new or (old, new) in ALLOWED:
        check_move(MOVES, old, new)
    else:
        with pytest.raises(IllegalMoveError):
            check_move(MOVES, old, new)


def test_what_may_have_arrived_never_goes_back_to_sending_by_a_step() -> None:
    by_steps = {"queued": {"sending"}, "deferred": {"sending"}, "sending": {"handing_over", "deferred", "failed"}}
    by_steps["handing_over"] = set(MOVES["handing_over"])
    reached, new = {"handing_over"}, {"handing_over"}
    while new:
        new = {after for state in new for after in by_steps.get(state, set())} - reached
        new.discard("deferred")  # the server said that it has not taken the mail
        reached |= new
    assert not reached & {"queued", "sending"}


def test_a_deferred_mail_is_tried_less_and_less_often_for_a_day() -> None:
    waits = []
    for tries in count(1):
        if (wait := retry_after(tries)) is None:
            break
        waits.append(wait)
    assert waits == sorted(waits)
    assert timedelta(hours=20) < sum(waits, timedelta()) < timedelta(hours=26)


def test_lines_that_begin_with_a_dot_are_stuffed_and_the_end_is_a_line_end() -> None:
    assert dot_stuffed(b".\r\na\r\n..b\r\nc.") == b"..\r\na\r\n...b\r\nc.\r\n"


@pytest.mark.parametrize(
    "spoil, complaint",
    [
        (lambda raw: raw.replace(b"\r\n", b"\n", 1), "CRLF"),
        (lambda raw: raw + b"\r.\r\n", "CRLF"),
        (lambda raw: raw + b"\n.\r\nMAIL FROM:<a@b>\r\n", "CRLF"),
        (lambda raw: raw + "é\r\n".encode(), "ASCII"),
        (lambda raw: raw.replace(b"<order1@", b"<order2@"), "is not <order1@"),
        (lambda raw: raw.replace(b"Message-ID:", b"X-Lost:"), "is not <order1@"),
        (lambda raw: b"Message-ID: <second@x>\r\n" + raw, "is not <order1@"),
        (lambda raw: raw.replace(b"To: orders1@", b"To: others@"), "not addressed"),
        (lambda raw: b"To: third@party.example\r\n" + raw, "not addressed"),
        (lambda raw: raw.replace(b"application/pdf", b"application/zip"), "no PDF"),
    ],
)
def test_bytes_that_are_not_what_their_row_says_do_not_go_out(spoil, complaint: str) -> None:  # type: ignore[no-untyped-def]
    raw, mail = compose(envelope()), envelope()
    check_sendable(raw, "order", mail.recipient, mail.message_id)
    with pytest.raises(NotSendableError, match=complaint):
        check_sendable(spoil(raw), "order", mail.recipient, mail.message_id)


@pytest.mark.parametrize("pdf", [None, b"", b"not a pdf"])
def test_an_order_needs_its_pdf_and_another_mail_does_not(pdf: bytes | None) -> None:
    mail = envelope(pdf=pdf)
    check_sendable(compose(mail), "order_reminder", mail.recipient, mail.message_id)
    with pytest.raises(NotSendableError, match="no PDF"):
        check_sendable(compose(mail), "order", mail.recipient, mail.message_id)
