"""A request that lacks something, on both databases: one mail with all questions, whose answer goes on with it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from records.blobs import Blobs
from records.database import Database
from records.tables import ExceptionItem, Message
from scheduler.clock import Clock as Waker
from tests.journeys.people import in_days
from tests.journeys.world import plain
from tests.paper_desk import PaperDesk
from web.desk.resolution import correct


@pytest.fixture
def desk(database: Database, blobs: Blobs) -> PaperDesk:
    return PaperDesk(database, blobs)


def questions(desk: PaperDesk) -> list[str]:
    return [plain(mail) for mail in desk.outbox(desk.person("ada")) if "Question" in mail.subject]


def ask(desk: PaperDesk, text: str) -> None:
    desk.receive(desk.person("ada"), "Gloves", text)


def reply(desk: PaperDesk, text: str, **fields: str) -> int:
    return desk.reply(desk.person("ada"), desk.outbox(desk.person("ada"))[-1], text, **fields)


def items(desk: PaperDesk) -> list[tuple[str, str]]:
    with desk.rows() as session:
        return [(item.subject_table, item.state) for item in desk.held(session)]


def test_everything_that_is_missing_is_asked_in_one_mail_and_one_answer_completes_it(desk: PaperDesk) -> None:
    ask(desk, "Hi,\n\nplease order:\n\n- 1.250 boxes nitrile gloves, size M (G-100)\n\nThanks\nAda")
    assert len(questions(desk)) == 1
    asked = questions(desk)[0]
    for what in ("Which cost centre", "How many", "By when"):
        assert what in asked
    assert items(desk) == [("requisition", "postponed")]
    message = reply(desk, f"Sorry. 10 boxes, cost centre 4711, by {in_days(30)}.")
    with desk.rows() as session:
        row = desk.requisition(session)
        assert (row.state, row.number, row.cost_center) == ("pending_approval", "R-00001", "4711")
        assert (row.lines[0].quantity, row.lines[0].item_number) == (Decimal(10), "G-100")
        assert row.needed_by is not None
        assert row.reading["evidence"]["/cost_center"]["message"] == message
        assert row.reading["evidence"]["/lines/0/quantity"]["text"] == "10 boxes"
        assert row.reading["evidence"]["/needed_by"]["message"] == message
        assert session.get_one(Message, message).state == "filed"
    assert items(desk) == []
    assert len(questions(desk)) == 1


def test_a_bare_answer_is_enough(desk: PaperDesk) -> None:
    ask(desk, f"Please order 10 boxes of nitrile gloves, size M (G-100), by {in_days(30)}.")
    reply(desk, "4711")
    with desk.rows() as session:
        assert (desk.requisition(session).state, desk.requisition(session).cost_center) == ("pending_approval", "4711")


def test_a_partial_answer_is_followed_by_one_more_mail_for_the_rest(desk: PaperDesk) -> None:
    ask(desk, "Hi,\n\nplease order:\n\n- 1.250 boxes nitrile gloves, size M (G-100)\n\nThanks\nAda")
    reply(desk, "Cost centre 4711.")
    assert [("Which cost centre" in text, "How many" in text) for text in questions(desk)] == [(True, True)]
    assert items(desk) == [("requisition", "to_review")]  # it was asked before: now a person looks


def test_what_the_answer_brings_up_anew_is_asked_once_more_and_then_a_person_looks(desk: PaperDesk) -> None:
    ask(desk, "Please order nitrile gloves, size M (G-100), cost centre 4711.")
    before = len(questions(desk))
    reply(desk, "Please order 10 boxes of nitrile gloves, size M (G-100), cost centre 9999.")
    assert len(questions(desk)) <= before + 1
    reply(desk, "cost centre 9998")
    reply(desk, "cost centre 9997")
    assert len(questions(desk)) <= 2
    assert items(desk)[0] == ("requisition", "to_review")


def test_an_answer_that_says_nothing_reaches_a_person(desk: PaperDesk) -> None:
    ask(desk, "Please order 10 boxes of nitrile gloves, size M (G-100).")
    reply(desk, "No idea, Bob usually knows that kind of thing.")
    assert ("message", "to_review") in items(desk)
    with desk.rows() as session:
        assert (
            "Bob usually knows"
            in next(i for i in desk.held(session) if i.subject_table == "message").problems[0]["detail"]
        )


def test_an_unproven_answer_changes_nothing(desk: PaperDesk) -> None:
    ask(desk, "Please order 10 boxes of nitrile gloves, size M (G-100).")
    reply(desk, "4711", proven="no")
    with desk.rows() as session:
        assert desk.requisition(session).state == "incomplete"
        assert desk.requisition(session).cost_center is None


def test_somebody_else_cannot_answer_for_the_requester(desk: PaperDesk) -> None:
    ask(desk, "Please order 10 boxes of nitrile gloves, size M (G-100).")
    desk.reply(desk.person("olga"), desk.outbox(desk.person("ada"))[-1], "4711")
    with desk.rows() as session:
        assert desk.requisition(session).cost_center is None


def test_a_withdrawal_in_answer_to_a_question_reaches_a_person(desk: PaperDesk) -> None:
    ask(desk, "Please order 10 boxes of nitrile gloves, size M (G-100).")
    reply(desk, "Please cancel the order, we found some in the cellar.")
    assert ("message", "to_review") in items(desk)
    with desk.rows() as session:
        assert desk.requisition(session).state == "incomplete"


def test_who_does_not_answer_within_two_days_is_seen_to_by_a_person(desk: PaperDesk) -> None:
    ask(desk, "Please order 10 boxes of nitrile gloves, size M (G-100).")
    with desk.rows() as session:
        item = desk.held(session)[0]
        assert item.wake_at == desk.clock.now + timedelta(days=2)
        item.wake_at = item.opened_at
    Waker(desk.database).wake_postponed()
    assert items(desk) == [("requisition", "to_review")]
    assert len(questions(desk)) == 1


def test_an_agent_may_correct_while_the_requester_is_asked(desk: PaperDesk) -> None:
    ask(desk, "Please order 10 boxes of nitrile gloves, size M (G-100).")
    with desk.rows() as session:
        correct(session, desk.held(session)[0], ["/cost_center=4711"], "agent")
    desk.work()
    assert items(desk) == []
    assert len(questions(desk)) == 1


def test_what_a_requester_cannot_settle_goes_to_a_person_at_once(desk: PaperDesk) -> None:
    ask(desk, "Please order 9000 boxes of nitrile gloves, size M (G-100), cost centre 4711.")
    assert questions(desk) == []
    assert items(desk) == [("requisition", "to_review")]


def test_a_question_for_a_german_writer_is_german(desk: PaperDesk) -> None:
    desk.receive(
        desk.person("ada"),
        "Handschuhe",
        "Hallo,\n\nbitte bestellen Sie für uns 10 Kartons Nitrile gloves, size M (G-100).\n\nDanke",
    )
    text = plain(desk.outbox(desk.person("ada"))[-1])
    assert "Welche Kostenstelle" in text
    assert "Which" not in text
    desk.reply(desk.person("ada"), desk.outbox(desk.person("ada"))[-1], "Kostenstelle ist die 4711, danke!")
    with desk.rows() as session:
        assert desk.requisition(session).cost_center == "4711"


def test_running_the_check_again_asks_nothing_twice(desk: PaperDesk) -> None:
    ask(desk, "Please order 10 boxes of nitrile gloves, size M (G-100).")
    for _ in range(3):
        with desk.rows() as session:
            desk.requisition(session).due_at = desk.clock.now
        desk.work()
    assert len(questions(desk)) == 1
    with desk.rows() as session:
        assert session.scalars(select(ExceptionItem.state)).all() == ["postponed"]
