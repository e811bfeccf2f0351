"""Beyond tolerance the buyer decides line by line, the supplier hears it by mail, and his next answer counts."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from parsers.message import Message as Mail
from procurement.response_decision import Offer
from records.blobs import Blobs
from records.database import Database
from records.tables import ChangeOrder, OrderResponse
from tests.journeys.world import plain
from tests.paper_desk import PaperDesk
from web.desk.refused import CommandError
from web.desk.responses import accept_lines, counter_line, refuse_lines, response_values, responses_of

DEARER = "We confirm, but the price of HG-7 nitrile gloves is now EUR 9.50 per box, 10 boxes."
FEWER = "We confirm, but we can only deliver 8 boxes of HG-7 nitrile gloves."


@pytest.fixture
def desk(database: Database, blobs: Blobs) -> PaperDesk:
    return PaperDesk(database, blobs)


def answered(desk: PaperDesk, text: str) -> Mail:
    order = desk.order_gloves()
    desk.reply(desk.glover, order, text)
    assert desk.codes() == ["RESPONSE_OUT_OF_TOLERANCE"]
    return order


def latest(session: Session) -> OrderResponse:
    return session.scalars(select(OrderResponse).order_by(OrderResponse.id.desc()).limit(1)).one()


def later(desk: PaperDesk) -> None:
    """Let the change be seen to, and after that the answer that waits for it."""
    for _ in range(2):
        desk.clock.forward(hours=2)
        desk.work()


def line(desk: PaperDesk) -> tuple[str, str, Decimal | None, Decimal | None]:
    with desk.rows() as session:
        (order,) = desk.orders(session)
        (row,) = order.lines
        return order.acknowledgement, row.acknowledgement, row.agreed_quantity, row.agreed_price


def test_what_is_accepted_within_the_order_s_value_stands_and_the_supplier_is_told(desk: PaperDesk) -> None:
    answered(desk, FEWER)
    with desk.rows() as session:
        row = latest(session)
        assert [one["waiting"] for one in responses_of(session, desk.organisation_id, waiting=True, count=9)] == [1]
        assert accept_lines(session, row, ["1"], "buyer", "eight are enough") == 1
    desk.work()
    assert desk.codes() == []
    assert line(desk) == ("changed", "changed", Decimal(8), Decimal("8.00"))
    mail = desk.outbox(desk.glover)[-1]
    assert "Agreed" in plain(mail) and "Line 1, Quantity: 10 → 8" in plain(mail)
    with desk.rows() as session:
        assert session.scalars(select(ChangeOrder)).all() == []


def test_what_costs_more_than_ordered_is_approved_before_it_stands(desk: PaperDesk) -> None:
    answered(desk, DEARER)
    with desk.rows() as session:
        accept_lines(session, latest(session), [], "buyer", "the market is so")
    desk.work()
    assert line(desk) == ("awaiting", "awaiting", None, None)
    asked = desk.outbox(desk.person("olga"))[-1]
    desk.reply(desk.person("olga"), asked, "Approved")
    later(desk)
    assert line(desk)[:2] == ("accepted", "accepted")
    with desk.rows() as session:
        (order,) = desk.orders(session)
        assert (order.revision, order.lines[0].unit_price) == (2, Decimal("9.50"))
        assert latest(session).state == "applied"


def test_what_the_approvers_do_not_want_comes_back_to_the_buyer(desk: PaperDesk) -> None:
    answered(desk, DEARER)
    with desk.rows() as session:
        accept_lines(session, latest(session), [], "buyer", "the market is so")
    desk.work()
    desk.reply(desk.person("olga"), desk.outbox(desk.person("olga"))[-1], "Rejected, too dear.")
    later(desk)
    assert desk.codes() == ["RESPONSE_OUT_OF_TOLERANCE"]
    with desk.rows() as session:
        told = response_values(session, latest(session))
        assert "was rejected" in told["lines"][0]["ask"]
        refuse_lines(session, latest(session), [], "buyer", "not approved")
    desk.work()
    assert (desk.codes(), line(desk)[0]) == ([], "awaiting")


def test_a_counter_proposal_is_mailed_and_a_plain_yes_to_it_agrees_to_it(desk: PaperDesk) -> None:
    answered(desk, DEARER)
    with desk.rows() as session:
        row = latest(session)
        offer = Offer(unit_price=Decimal("7.90"))
        counter_line(session, row, "1", offer, "buyer", "they have room", "We buy every month.")
    desk.work()
    assert (desk.codes(), line(desk)[:2]) == ([], ("awaiting", "awaiting"))
    mail = desk.outbox(desk.glover)[-1]
    assert "10 box × EUR 7.90" in plain(mail) and "We buy every month." in plain(mail)
    desk.reply(desk.glover, mail, "We accept your proposal and confirm the order.")
    assert desk.codes() == []
    assert line(desk) == ("accepted", "accepted", Decimal(10), Decimal("7.90"))


def test_a_refused_answer_changes_nothing_that_stood_before(desk: PaperDesk) -> None:
    order = desk.order_gloves()
    desk.reply(desk.glover, order, "We confirm your order as written.")
    desk.clock.forward(minutes=5)
    desk.reply(desk.glover, order, DEARER)
    with desk.rows() as session:
        refuse_lines(session, latest(session), ["1"], "buyer", "we have their word")
    desk.work()
    assert line(desk) == ("accepted", "accepted", Decimal(10), Decimal("8.00"))
    assert "stay as they are" in plain(desk.outbox(desk.glover)[-1])
    with desk.rows() as session:
        states = session.scalars(select(OrderResponse.state).order_by(OrderResponse.id)).all()
        assert states == ["applied", "refused"]


def test_what_waits_for_nothing_is_not_decided(desk: PaperDesk) -> None:
    answered(desk, DEARER)
    with desk.rows() as session:
        row = latest(session)
        refused: tuple[tuple[Callable[[], int], str], ...] = (
            (lambda: accept_lines(session, row, ["2"], "buyer", "why"), "1 does"),
            (lambda: accept_lines(session, row, ["1"], "buyer", " "), "needs a reason"),
            (lambda: counter_line(session, row, "1", Offer(), "buyer", "why"), "what we offer"),
            (lambda: counter_line(session, row, "1", Offer(quantity=Decimal(0)), "buyer", "why"), "above 0"),
        )
        for decide, said in refused:
            with pytest.raises(CommandError, match=said):
                decide()
        accept_lines(session, row, ["1"], "buyer", "so be it")
        with pytest.raises(CommandError, match="waits for a decision"):
            refuse_lines(session, row, ["1"], "buyer", "changed my mind")
