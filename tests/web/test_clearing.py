"""What a person does with an exception: ask, hand on, discard, take that back, and wait."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from records.base import utc_now
from records.blobs import Blobs
from records.database import Database
from records.exceptions import postpone, wake
from records.tables import AuditEntry, ExceptionItem, Message, Notice, Requisition
from tests.journeys.world import plain
from tests.paper_desk import PaperDesk
from web.desk import clearing
from web.desk.refused import CommandError

AGNES = "agnes@desk.example"
STRANGER = "info@else.example"


@pytest.fixture
def desk(database: Database, blobs: Blobs) -> PaperDesk:
    return PaperDesk(database, blobs)


@pytest.fixture
def waiting(desk: PaperDesk) -> int:
    """Return the number of the exception about a stranger's mail."""
    desk.receive(STRANGER, "Who is this", "Good morning, it is about the thing.")
    with desk.rows() as session:
        return desk.held(session)[0].id


def test_what_waits_for_others_gets_that_time_on_top(desk: PaperDesk, waiting: int) -> None:
    with desk.rows() as session:
        item = session.get_one(ExceptionItem, waiting)
        promised = item.due_by
        postpone(item, utc_now() + timedelta(hours=9))
        assert item.due_by == promised
        item.paused_at = utc_now() - timedelta(hours=3)
        postpone(item, utc_now() + timedelta(hours=20))  # asked again: it has waited since the first time
        wake(item)
        assert timedelta(hours=3) <= item.due_by - promised < timedelta(hours=3, minutes=1)
        assert item.state == "to_review" and not item.wake_at and not item.paused_at
        assert 3 * 3600 <= item.paused_seconds < 3 * 3600 + 60
        moved = item.due_by
        wake(item)
        assert item.due_by == moved


def test_the_sender_is_asked_by_mail_and_the_exception_waits_for_him(desk: PaperDesk, waiting: int) -> None:
    now = desk.clock()
    with desk.rows() as session:
        item = session.get_one(ExceptionItem, waiting)
        assert clearing.ask_sender(session, item, "  Which thing?  ", AGNES, now) == STRANGER
        assert (item.state, item.lease_by) == ("postponed", None)
        assert item.wake_at is not None and item.wake_at - now >= timedelta(days=1)
        notice = session.scalars(select(Notice).where(Notice.kind == "desk_question")).one()
        assert (notice.recipient, notice.details["words"]) == (STRANGER, "Which thing?")
        assert session.scalars(select(AuditEntry.actor).where(AuditEntry.action == "sender_asked")).one() == AGNES
    desk.work()
    assert "Which thing?" in plain(desk.outbox(STRANGER)[-1])


@pytest.mark.parametrize("words", ["", "  ", "x" * (clearing.LONGEST_QUESTION + 1)])
def test_a_question_without_words_or_without_end_is_refused(desk: PaperDesk, waiting: int, words: str) -> None:
    with desk.rows() as session, pytest.raises(CommandError, match="Write a question"):
        clearing.ask_sender(session, session.get_one(ExceptionItem, waiting), words, AGNES, desk.clock())


def test_handing_on_needs_an_owner_that_there_is_and_a_reason(desk: PaperDesk, waiting: int) -> None:
    with desk.rows() as session:
        item = session.get_one(ExceptionItem, waiting)
        postpone(item, utc_now() + timedelta(hours=9))
        with pytest.raises(CommandError, match="belongs to agent, buyer, operator; not 'boss'"):
            clearing.hand_to(session, item, "boss", "he knows", AGNES)
        with pytest.raises(CommandError, match="Say why"):
            clearing.hand_to(session, item, "buyer", " ", AGNES)
        assert (item.owner, item.state) == ("agent", "postponed")
        clearing.hand_to(session, item, "buyer", "she knows them", AGNES)
        assert (item.owner, item.state, item.lease_id) == ("buyer", "to_review", None)
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "exception_handed")).one()
        assert (entry.detail["to"], entry.detail["why"]) == ("buyer", "she knows them")


def test_a_discarded_mail_is_filed_and_stands_where_it_stood_when_that_is_undone(desk: PaperDesk, waiting: int) -> None:
    with desk.rows() as session:
        item = session.get_one(ExceptionItem, waiting)
        before = session.get_one(Message, item.subject_id).state
        with pytest.raises(CommandError, match="Say why"):
            clearing.discard(session, item, " ", AGNES)
        clearing.discard(session, item, "advertising", AGNES)
        assert (item.state, session.get_one(Message, item.subject_id).state) == ("resolved", "filed")
    desk.work()
    with desk.rows() as session:
        item, now = session.get_one(ExceptionItem, waiting), utc_now()
        assert not clearing.may_undo(item, now + clearing.UNDO)
        with pytest.raises(CommandError, match="no more"):
            clearing.undo(session, item, AGNES, now + clearing.UNDO)
        clearing.undo(session, item, AGNES, now)
        message = session.get_one(Message, item.subject_id)
        assert (item.state, item.resolved_by, message.state, message.corrections) == ("to_review", None, before, {})
        with pytest.raises(CommandError, match="no more"):
            clearing.undo(session, item, AGNES, now)
    desk.work()
    with desk.rows() as session:
        assert [item.id for item in desk.held(session)] == [waiting]


def test_a_discarded_requisition_is_withdrawn_and_asked_about_again_when_that_is_undone(desk: PaperDesk) -> None:
    desk.receive(desk.person("ada"), "Gloves", "Please order 2 boxes of nitrile gloves, size M.")
    with desk.rows() as session:
        (item,) = desk.held(session)
        number = item.id
        assert clearing.sender_of(session, item) == desk.person("ada")
        clearing.discard(session, item, "bought elsewhere", AGNES)
        assert session.get_one(Requisition, item.subject_id).state == "withdrawn"
    with desk.rows() as session:
        item = session.get_one(ExceptionItem, number)
        clearing.undo(session, item, AGNES, utc_now())
        assert session.get_one(Requisition, item.subject_id).state == "incomplete"
    desk.work()
    with desk.rows() as session:
        assert [one.id for one in desk.held(session)] == [number]


def test_what_was_resolved_otherwise_is_not_undone(desk: PaperDesk, waiting: int) -> None:
    with desk.rows() as session:
        item = session.get_one(ExceptionItem, waiting)
        item.state, item.resolution, item.resolved_at = "resolved", "corrected /sender", utc_now()
        assert not clearing.may_undo(item, utc_now())
