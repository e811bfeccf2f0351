"""An answer to what the desk asked the sender brings the exception back at once, with the answer beside it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from parsers.message import Message as Mail
from records.blobs import Blobs
from records.database import Database
from records.tables import AuditEntry, ExceptionItem
from tests.paper_desk import PaperDesk
from tests.web.site import Browser
from web.desk import clearing, lease
from web.desk.item_view import view_of

AGNES = "agnes@desk.example"
STRANGER = "info@else.example"


@pytest.fixture
def desk(database: Database, blobs: Blobs) -> PaperDesk:
    return PaperDesk(database, blobs)


def asked(desk: PaperDesk, sender: str = STRANGER, text: str = "Good morning, about the thing.") -> tuple[int, Mail]:
    """Let the sender of a mail that waits be asked; return the exception's number and the question."""
    desk.receive(sender, "The thing", text)
    with desk.rows() as session:
        (item,) = desk.held(session)
        number = item.id
        clearing.ask_sender(session, item, "Which thing?", AGNES, desk.clock())
    desk.work()
    return number, desk.outbox(sender)[-1]


def test_the_answer_wakes_what_waits_and_stands_beside_it(desk: PaperDesk) -> None:
    number, question = asked(desk)
    with desk.rows() as session:
        item = session.get_one(ExceptionItem, number)
        assert item.state == "postponed" and view_of(session, item).answers == ()
        promised = item.due_by
    answer = desk.reply(STRANGER, question, "The blue one.")
    with desk.rows() as session:
        item = session.get_one(ExceptionItem, number)
        assert item.state == "to_review" and not item.wake_at and item.due_by >= promised
        assert [one.id for one in view_of(session, item).answers] == [answer]
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "sender_answered")).one()
        assert (entry.detail["exception"], entry.detail["message"]) == (number, answer)


def test_a_mail_that_answers_nothing_and_an_absence_note_leave_it_waiting(desk: PaperDesk) -> None:
    number, question = asked(desk)
    desk.receive(STRANGER, "Something else", "Hello, are you there?")
    desk.reply(STRANGER, question, "I am away until Monday.", Auto_Submitted="auto-replied")
    with desk.rows() as session:
        item = session.get_one(ExceptionItem, number)
        assert item.state == "postponed" and view_of(session, item).answers == ()


def test_who_holds_it_meanwhile_keeps_it(desk: PaperDesk) -> None:
    number, question = asked(desk)
    with desk.rows() as session:
        mine = lease.take(session, desk.organisation_id, number, AGNES, desk.clock()).lease_id
    desk.reply(STRANGER, question, "The blue one.")
    with desk.rows() as session:
        item = lease.held_item(session, desk.organisation_id, number, mine or "")
        assert (item.state, item.lease_by) == ("reviewing", AGNES) and item.wake_at is None
        lease.give_back(session, desk.organisation_id, number, mine or "")
        assert item.state == "to_review"


def test_a_lease_that_is_over_ends_with_the_answer(desk: PaperDesk) -> None:
    number, question = asked(desk)
    with desk.rows() as session:
        lease.take(session, desk.organisation_id, number, AGNES, desk.clock() - timedelta(hours=1))
    desk.reply(STRANGER, question, "The blue one.")
    with desk.rows() as session:
        item = session.get_one(ExceptionItem, number)
        assert (item.state, item.lease_by) == ("to_review", None)


def test_what_was_resolved_meanwhile_stays_so(desk: PaperDesk) -> None:
    number, question = asked(desk)
    with desk.rows() as session:
        clearing.discard(session, session.get_one(ExceptionItem, number), "settled by phone", AGNES)
    desk.reply(STRANGER, question, "The blue one.")
    with desk.rows() as session:
        assert session.get_one(ExceptionItem, number).state == "resolved"


def test_a_requester_who_was_asked_brings_his_requisition_back(desk: PaperDesk) -> None:
    ada = desk.person("ada")
    number, question = asked(desk, ada, "Please order 2 boxes of nitrile gloves, size M.")
    desk.reply(ada, question, "I will have to ask my colleague and come back to you.")
    with desk.rows() as session:
        assert session.get_one(ExceptionItem, number).state != "postponed"


def test_the_screen_shows_the_answer(paper: PaperDesk, agent: Browser) -> None:
    number, question = asked(paper)
    paper.reply(STRANGER, question, "The <b>blue</b> one.")
    shown = agent.get(f"/o/north/exceptions/{number}").text
    assert "The answer: " in shown and "The &lt;b&gt;blue&lt;/b&gt; one." in shown
