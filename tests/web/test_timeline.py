"""The story of an order: complete, in order, and its organisation's alone."""

from collections.abc import Iterator

import pytest

from records.blobs import Blobs
from records.database import Database
from records.tables import Message
from tests.paper_desk import PaperDesk
from web.desk.timeline import Event, message_story, order_story, requisition_story


@pytest.fixture
def desk(sqlite_database: Database, blobs: Blobs) -> Iterator[PaperDesk]:
    desk = PaperDesk(sqlite_database, blobs)
    order = desk.order_gloves()
    desk.clock.forward(hours=2)
    desk.reply(desk.glover, order, "We accept your order as it is.")
    yield desk


def story(desk: PaperDesk) -> list[Event]:
    with desk.rows() as session:
        (order,) = desk.orders(session)
        return order_story(session, order)


def test_the_story_of_an_order_tells_every_mail_decision_and_change(desk: PaperDesk) -> None:
    told = [(event.kind, event.actor, event.what) for event in story(desk)]
    assert ("mail_in", desk.person("ada"), "Mail: Gloves") in told
    assert ("change", desk.person("ada"), "Requested as R-00001") in told
    assert ("change", desk.person("olga"), "Approved") in told
    assert any(what.startswith("Got the number PO-") for _, _, what in told)
    assert any(what.startswith(f"Mail to {desk.glover}") and what.endswith("(sent)") for _, _, what in told)
    assert any(actor == desk.glover and what == "The supplier answered: accepted" for _, actor, what in told)
    assert sum(kind == "mail_in" for kind, _, _ in told) == 3


def test_a_story_begins_with_the_mail_that_asked_and_steps_between_states_of_mails_are_left_out(
    desk: PaperDesk,
) -> None:
    moved = [event.subject[0] for event in story(desk) if "→" in event.what]
    assert set(moved) == {"requisition", "purchase_order"}


def test_request_and_order_tell_the_same_story(desk: PaperDesk) -> None:
    with desk.rows() as session:
        (order,) = desk.orders(session)
        assert requisition_story(session, desk.requisition(session)) == order_story(session, order)


def test_a_mail_s_story_tells_what_was_done_with_it(desk: PaperDesk) -> None:
    number = desk.receive("stranger@elsewhere.example", "Chairs", "Please order 3 chairs.")
    with desk.rows() as session:
        told = [event.what for event in message_story(session, session.get_one(Message, number))]
    assert sorted(told) == ["Mail: Chairs", "Waits for a person: UNKNOWN_SENDER"]


def test_what_braces_a_mail_holds_is_shown_as_it_is(desk: PaperDesk) -> None:
    number = desk.receive(desk.person("ada"), "{0.__class__} {number}", "Hello")
    with desk.rows() as session:
        told = [event.what for event in message_story(session, session.get_one(Message, number))]
    assert "Mail: {0.__class__} {number}" in told
