"""Mail as rows on both databases: what is odd, hostile or there twice is unpacked once and stays its own."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from sqlalchemy import select

from records.blobs import Blobs
from records.database import Database
from records.tables import Message, Requisition
from tests.paper_desk import PaperDesk
from web.desk.resolution import correct, waive_all

REQUEST = "Please order 10 boxes of nitrile gloves, size M (G-100), cost centre 4711."


@pytest.fixture
def desk(database: Database, blobs: Blobs) -> PaperDesk:
    return PaperDesk(database, blobs)


def state(desk: PaperDesk, row_id: int) -> str:
    with desk.rows() as session:
        return session.get_one(Message, row_id).state


def with_attachment(raw: bytes, name: str = "list.csv") -> bytes:
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    mail.add_attachment(b"a;b\n1;2\n", maintype="text", subtype="csv", filename=name)
    return mail.as_bytes()


ODD = {
    "NUL in the subject": (b"Subject: Gloves", b"Subject: =?utf-8?b?AEEAQgA=?="),
    "surrogates in the subject": (b"Subject: Gloves", b"Subject: =?utf-8?q?=ED=A0=80_=ED=BF=BF?="),
    "four bytes": (b"Subject: Gloves", "Subject: \U0001f9e4\U0001f9e4".encode()),
    "long subject": (b"Subject: Gloves", b"Subject: " + b"x" * 20_000),
    "NUL in the body": (b"Please", b"Please\x00\x00"),
    "surrogates in the body": (b"Please", b"Please \xed\xa0\x80"),
    "right to left": (b"Please", "Please \u202e\u2066".encode()),
    "long message id": (b"Message-ID: <", b"Message-ID: <" + b"y" * 3000),
    "template words": (b"Subject: Gloves", b"Subject: {{ 7*7 }} {% raise %} ${HOME}"),
    "formula": (b"Subject: Gloves", b"Subject: =cmd|' /C calc'!A0"),
    "many references": (b"Subject: Gloves", b"Subject: Gloves\r\nReferences: " + b" <a@b>" * 5000),
    "long cost centre": (b"cost centre 4711", b"cost centre " + bytes(65 + n * 7 % 26 for n in range(9000))),
}


@pytest.mark.parametrize("how", ODD)
def test_odd_characters_hurt_nothing(desk: PaperDesk, how: str) -> None:
    old, new = ODD[how]
    raw = desk.mail(desk.person("ada"), "Gloves", REQUEST)
    assert old in raw
    row_id = desk.deliver(with_attachment(raw.replace(old, new, 1), "l\x00i\u202est.csv"))
    desk.work()
    with desk.rows() as session:
        row = session.get_one(Message, row_id)
        assert row.last_error is None
        assert row.state == "filed" or desk.held(session), f"nobody is told of it: {row.state}"
    assert "GAVE_UP" not in desk.codes()


def test_a_mail_that_arrives_twice_by_two_ways_is_applied_once_whichever_is_unpacked_first(desk: PaperDesk) -> None:
    raw = desk.mail(desk.person("ada"), "Gloves", REQUEST)
    first, second = desk.deliver(raw), desk.deliver(b"X-Trace: another way\r\n" + raw)
    step = desk.runner.step_named("unpack")
    assert desk.runner.run(step, second)
    assert desk.runner.run(step, first)
    desk.work()
    assert (state(desk, second), state(desk, first)) == ("filed", "duplicate")
    with desk.rows() as session:
        assert len(session.scalars(select(Requisition)).all()) == 1


def test_equal_bytes_without_a_message_id_are_one_mail(desk: PaperDesk) -> None:
    raw = desk.mail(desk.person("ada"), "Gloves", REQUEST)
    raw = b"\n".join(line for line in raw.split(b"\n") if not line.startswith(b"Message-ID"))
    ids = [desk.deliver(raw), desk.deliver(raw)]
    desk.work()
    assert [state(desk, one) for one in ids] == ["filed", "duplicate"]


def test_a_proven_mail_is_no_duplicate_of_its_copy_by_a_way_that_proves_nothing(desk: PaperDesk) -> None:
    proven = desk.mail(desk.person("ada"), "Gloves", REQUEST, Message_ID="<one@north.example>")
    copy = proven.replace(b"dmarc=pass", b"dmarc=fail")
    ids = [desk.deliver(copy), desk.deliver(proven)]
    desk.work()
    assert [state(desk, one) for one in ids] == ["matched", "filed"]
    assert desk.codes() == ["SENDER_NOT_AUTHENTICATED"]


def test_a_lookalike_with_an_attachment_waits_and_goes_on_once_its_sender_is_named(desk: PaperDesk) -> None:
    raw = desk.mail(desk.person("ada").replace("north", "n0rth"), "Gloves", REQUEST)
    row_id = desk.deliver(with_attachment(raw))
    desk.work()
    assert desk.codes() == ["LOOKALIKE_SENDER"]
    with desk.rows() as session:
        correct(session, desk.held(session)[0], [f"/sender={desk.person('ada')}"], "agent")
    desk.work()
    with desk.rows() as session:
        row = session.get_one(Message, row_id)
        assert (row.state, len(row.documents), row.last_error) == ("filed", 1, None)
        assert row.person_id is not None


def test_a_lookalike_that_is_waived_goes_on_as_who_it_is(desk: PaperDesk) -> None:
    desk.receive(f"ada@{desk.slug}1.example", "Gloves", REQUEST)
    assert desk.codes() == ["LOOKALIKE_SENDER"]
    with desk.rows() as session:
        waive_all(session, desk.held(session)[0], "LOOKALIKE_SENDER", None, "agent", "a new company of that name")
    desk.work()
    assert desk.codes() == ["UNKNOWN_SENDER"]
