"""What suppliers answer, on both databases: in and out of order, twice, too early, and by strangers."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from dispatch.steps.decide import mark_bounced
from parsers.message import Message as Mail
from records.blobs import Blobs
from records.database import Database
from records.tables import Message, OrderResponse, Outbound
from tests.paper_desk import SERVER_STEPS, PaperDesk, fingerprint
from web.desk.refused import CommandError
from web.desk.resolution import correct, release_mended, waive_all

DEARER = "We confirm, but the price of HG-7 nitrile gloves is now EUR 9.50 per box, 10 boxes."
PLAIN = "We confirm your order as written."


@pytest.fixture
def desk(database: Database, blobs: Blobs) -> PaperDesk:
    return PaperDesk(database, blobs)


def standing(desk: PaperDesk) -> str:
    with desk.rows() as session:
        return desk.orders(session)[0].acknowledgement


def answer(desk: PaperDesk, order: Mail, text: str, **fields: str) -> None:
    desk.reply(desk.glover, order, text, **fields)


def test_an_answer_is_applied_once(desk: PaperDesk) -> None:
    answer(desk, desk.order_gloves(), PLAIN)
    assert (standing(desk), desk.codes()) == ("accepted", [])
    before = fingerprint(desk.database)
    desk.work()
    desk.clock.forward(days=40)  # an answered order is not looked at again
    desk.work()
    assert fingerprint(desk.database) == before


def test_an_older_answer_does_not_replace_a_later_one_by_itself(desk: PaperDesk) -> None:
    order = desk.order_gloves()
    answer(desk, order, DEARER)
    (doubt,) = desk.codes()
    desk.clock.forward(minutes=5)
    answer(desk, order, PLAIN)
    assert standing(desk) == "accepted"
    with desk.rows() as session:
        waive_all(session, desk.held(session)[0], doubt, None, "buyer", "agreed by phone")
    desk.work()
    assert (standing(desk), desk.codes()) == ("accepted", ["STALE_REVISION"])
    with desk.rows() as session:
        correct(session, desk.held(session)[0], ["/handled=they withdrew it"], "buyer")
    desk.work()
    with desk.rows() as session:
        states = [one.state for one in session.scalars(select(OrderResponse).order_by(OrderResponse.id))]
        assert states == ["refused", "applied"]
        assert desk.orders(session)[0].lines[0].agreed_price == Decimal("8.00")
    assert desk.codes() == []


def test_nobody_answers_an_order_that_is_not_out(desk: PaperDesk) -> None:
    desk.ask_for_gloves()
    asked = desk.outbox(desk.person("olga"))[-1]
    desk.deliver(desk.mail(desk.person("olga"), f"Re: {asked.subject}", "Approved"))
    desk.work(skip=SERVER_STEPS | {"issue"})
    with desk.rows() as session:  # numbered, as after a crash while it was printed
        order = desk.orders(session)[0]
        order.number, order.normal_number = "PO-2026-00001", "PO202600001"
    desk.deliver(desk.mail(desk.glover, "PO-2026-00001", "We confirm PO-2026-00001 as written."))
    desk.work(skip=SERVER_STEPS | {"issue"})
    with desk.rows() as session:
        assert session.scalars(select(OrderResponse)).all() == []
    assert "NO_ORDER_MATCH" in desk.codes()


def test_a_number_alone_from_an_unproven_sender_is_held(desk: PaperDesk) -> None:
    desk.order_gloves()
    with desk.rows() as session:
        number = desk.orders(session)[0].number
    desk.receive(desk.glover, f"Order {number}", PLAIN, proven="no")
    desk.receive("eve@evil.example", f"Order {number}", PLAIN)
    desk.receive(f"bestellung@paper-{desk.slug}.example", f"Order {number}", f"We confirm {number} as written.")
    assert standing(desk) == "awaiting"
    assert desk.codes() == ["SENDER_NOT_AUTHENTICATED", "UNKNOWN_SENDER", "NO_ORDER_MATCH"]


def test_a_corrected_kind_is_matched_anew(desk: PaperDesk) -> None:
    order = desk.order_gloves()
    desk.receive(desk.glover, "Hello", "See you at the fair.")
    with desk.rows() as session:
        number = desk.orders(session)[0].number
        item = desk.held(session)[0]
        correct(session, item, ["/kind=order_response", f"/order_numbers={number}", "/response=accepted"], "agent")
    desk.work()
    assert (standing(desk), desk.codes()) == ("accepted", [])
    assert order.subject


def test_what_a_person_saw_to_is_filed_whatever_step_it_had_come_to(desk: PaperDesk) -> None:
    desk.receive("eve@evil.example", "Hello", "Buy my shoes.")
    with desk.rows() as session:
        correct(session, desk.held(session)[0], ["/handled=advertising"], "agent")
    desk.work()
    with desk.rows() as session:
        assert session.scalars(select(Message.state)).all() == ["filed"]
    assert desk.codes() == []


def test_a_mail_that_came_back_cannot_be_released_without_a_decision(desk: PaperDesk) -> None:
    desk.order_gloves()
    with desk.rows() as session:
        row = session.scalars(select(Outbound).where(Outbound.kind == "order")).one()
        mark_bounced(session, row, "It came back.", "test")
        with pytest.raises(CommandError, match="outbox settle"):
            release_mended(session, desk.held(session)[0], "agent", "it will be fine")
        with pytest.raises(CommandError, match="outbox settle"):
            waive_all(session, desk.held(session)[0], "BOUNCED", None, "agent", "it will be fine")
    desk.clock.forward(days=3)
    desk.work()
    assert len(desk.outbox(desk.glover)) == 1  # nobody is reminded of what he never got


def test_a_supplier_who_does_not_answer_is_reminded_and_then_the_buyer_is_told(desk: PaperDesk) -> None:
    desk.works_always()
    order = desk.order_gloves()
    for day in (2, 4, 8):
        desk.clock.now += timedelta(days=day)
        desk.work()
    assert len(desk.outbox(desk.glover)) > 1
    assert desk.codes() == ["RESPONSE_OVERDUE"]
    answer(desk, order, PLAIN)
    assert (standing(desk), desk.codes()) == ("accepted", [])
