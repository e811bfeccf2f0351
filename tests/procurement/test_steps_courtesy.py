"""Automatic answers on both databases: who gets which, in which language, how often, and why not."""

import pytest
from sqlalchemy import select

from records.blobs import Blobs
from records.database import Database
from records.tables import AuditEntry, Notice, Outbound
from tests.journeys.world import plain
from tests.paper_desk import PaperDesk

CHAT = "The coffee machine on the second floor makes a strange noise again, any idea who knows about it?"


@pytest.fixture
def desk(database: Database, blobs: Blobs) -> PaperDesk:
    return PaperDesk(database, blobs)


def told(desk: PaperDesk, address: str) -> list[str]:
    """Return the kinds of the mails to ``address``, oldest first."""
    with desk.rows() as session:
        return list(session.scalars(select(Outbound.kind).where(Outbound.recipient == address).order_by(Outbound.id)))


def silences(desk: PaperDesk) -> list[str]:
    """Return why answers were not sent, and see that the audit chain says the same."""
    with desk.rows() as session:
        found = session.scalars(select(Notice).where(Notice.state == "suppressed").order_by(Notice.id)).all()
        audited = session.scalars(select(AuditEntry).where(AuditEntry.action == "not_answered")).all()
        assert [one.why for one in found] == [entry.detail["why"] for entry in audited]
        assert all(one.due_at is None for one in found)
        return [one.why or "" for one in found]


def test_every_new_request_is_acknowledged_with_its_number_and_what_was_read(desk: PaperDesk) -> None:
    for boxes in (10, 11):
        text = f"Please order {boxes} boxes of nitrile gloves, size M (G-100), cost centre 4711."
        desk.receive(desk.person("ada"), f"Gloves {boxes}", text)
    received = [mail for mail in desk.outbox(desk.person("ada")) if "We have your request" in mail.subject]
    assert len(received) == 2
    assert "R-00002" in received[1].subject
    assert "11 boxes" in plain(received[1])


def test_a_mail_that_is_not_understood_waits_for_a_person_and_its_writer_is_told_once_a_day(desk: PaperDesk) -> None:
    for number in range(3):
        desk.receive(desk.person("ada"), f"Coffee {number}", CHAT)
    assert told(desk, desk.person("ada")) == ["message_unclear"]
    assert desk.codes() == ["UNCLASSIFIED"] * 3
    assert [why.endswith("within the last day.") for why in silences(desk)] == [True, True]
    assert "coffee machine" in plain(desk.outbox(desk.person("ada"))[0])
    desk.clock.forward(days=1, minutes=1)
    desk.receive(desk.person("ada"), "Coffee again", CHAT)
    assert told(desk, desk.person("ada")) == ["message_unclear"] * 2


def test_the_answer_is_a_reply_marked_as_automatic(desk: PaperDesk) -> None:
    desk.receive(desk.person("ada"), "Coffee", CHAT, Message_ID="<coffee@north.example>")
    answer = desk.outbox(desk.person("ada"))[0]
    assert answer.in_reply_to == ("<coffee@north.example>",) or "coffee@north.example" in str(answer.in_reply_to)
    assert answer.get("auto-submitted") == "auto-replied"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Die Kaffeemaschine im zweiten Stock macht schon wieder ein Geräusch. Weiß jemand, wer das ist?", "Nachricht"),
        ("La machine à café du deuxième étage fait encore un bruit étrange, savez-vous qui s'en occupe ?", "message"),
        ("La máquina de café del segundo piso hace otra vez un ruido extraño, ¿saben quién la cuida?", "mensaje"),
        ("La macchina del caffè al secondo piano fa di nuovo un rumore strano, sapete chi se ne occupa?", "messaggio"),
        ("Het koffieapparaat op de tweede verdieping maakt weer een vreemd geluid, weet u wie dat doet?", "bericht"),
    ],
)
def test_the_answer_is_in_the_language_of_the_writer(desk: PaperDesk, text: str, word: str) -> None:
    desk.receive(desk.person("ada"), "?", text)
    answer = plain(desk.outbox(desk.person("ada"))[0])
    assert word in answer
    assert "Kind regards" not in answer


def test_who_may_not_request_is_told_so_once_a_day(desk: PaperDesk) -> None:
    for number in range(3):
        text = f"Please order {number + 2} boxes of nitrile gloves, size M (G-100), cost centre 4711."
        desk.receive(desk.person("vera"), f"Gloves {number}", text)
    assert told(desk, desk.person("vera")) == ["requisition_refused"]
    assert len(silences(desk)) == 2


def test_nobody_unproven_is_answered(desk: PaperDesk) -> None:
    text = "Please order 3 boxes of nitrile gloves, size M (G-100), cost centre 4711."
    for sender in (desk.person("vera"), desk.person("ada"), "eve@evil.example"):
        desk.receive(sender, f"Gloves for {sender}", text, proven="no")
        desk.receive(sender, f"Coffee for {sender}", CHAT, proven="no")
    for sender in (desk.person("vera"), desk.person("ada"), "eve@evil.example"):
        assert told(desk, sender) == []
    assert silences(desk) and all("not proven" in why for why in silences(desk))


def test_a_proven_stranger_who_wants_something_bought_is_told_that_they_may_not(desk: PaperDesk) -> None:
    stranger = "eve@elsewhere.example"
    desk.receive(stranger, "Gloves", "Please order 3 boxes of nitrile gloves, size M (G-100), cost centre 4711.")
    desk.receive(stranger, "Offer", "Our pumps are the best of the whole world. Have a look at our new catalogue!")
    assert told(desk, stranger) == ["requisition_refused"]
    assert desk.codes() == ["UNKNOWN_SENDER", "UNKNOWN_SENDER"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Auto_Submitted", "auto-replied"),
        ("Auto_Submitted", "auto-generated"),
        ("Precedence", "bulk"),
        ("Precedence", "list"),
        ("Precedence", "junk"),
        ("List_Id", "<staff.north.example>"),
        ("X_Auto_Response_Suppress", "All"),
        ("X_Loop", "desk"),
        ("Return_Path", "<>"),
    ],
)
def test_nothing_that_a_machine_sent_is_answered(desk: PaperDesk, name: str, value: str) -> None:
    desk.receive(desk.person("ada"), "Coffee", CHAT, **{name: value})
    assert told(desk, desk.person("ada")) == []


def test_two_desks_do_not_talk_to_each_other(desk: PaperDesk) -> None:
    desk.receive(desk.address, "Coffee", CHAT)
    assert told(desk, desk.address) == []


def test_a_machine_that_answers_every_mail_of_ours_is_silenced_by_its_thread(desk: PaperDesk) -> None:
    """An absence note without a single header that says so, to each mail that it gets."""
    desk.receive(desk.person("ada"), "Paper", "Please order 3 boxes of nitrile gloves, size M (G-100).")
    for _ in range(12):
        last = desk.outbox(desk.person("ada"))[-1]
        desk.reply(desk.person("ada"), last, "I am looking at your mail and will be with you in a moment.")
    assert len(desk.outbox(desk.person("ada"))) <= 3


def test_an_approver_is_asked_again_once_a_day_and_a_person_sees_the_rest(desk: PaperDesk) -> None:
    desk.ask_for_gloves()
    olga = desk.person("olga")
    for _ in range(3):
        desk.reply(olga, desk.outbox(olga)[-1], "Hm, I will look at it some time.")
    assert told(desk, olga) == ["approval_request", "approval_again"]
    assert desk.codes() == ["UNCLASSIFIED", "UNCLASSIFIED"]
    for _ in range(4):
        desk.clock.forward(days=1, minutes=1)
        desk.reply(olga, desk.outbox(olga)[-1], "Hm, I will look at it some time.")
    assert told(desk, olga).count("approval_again") == 3


def test_one_address_gets_no_more_than_twenty_answers_a_day(desk: PaperDesk) -> None:
    for boxes in range(1, 25):
        text = f"Please order {boxes} boxes of nitrile gloves, size M (G-100), cost centre 4711."
        desk.receive(desk.person("ada"), f"Gloves {boxes}", text)
    assert told(desk, desk.person("ada")).count("requisition_received") == 20
    assert len(silences(desk)) == 4
