import threading
from decimal import Decimal

import pytest
from sqlalchemy import select

from procurement.change_order import LineWish, Wish
from procurement.steps.blanket import Wanted
from procurement.steps.change import draft_change
from records.blobs import Blobs
from records.database import Database
from records.tables import BlanketOrder, Contract, Organisation, Requisition, Supplier
from tests.journeys.world import plain
from tests.paper_desk import PaperDesk
from web.desk.blankets import (
    blanket_values,
    blankets,
    call_off_blanket,
    close_blanket,
    from_contract,
    from_request,
)
from web.desk.changes import cancel_order
from web.desk.refused import CommandError


@pytest.fixture
def desk(database: Database, blobs: Blobs) -> PaperDesk:
    desk = PaperDesk(database, blobs)
    with desk.rows() as session:
        owner = session.scalars(select(Organisation)).one()
        terms = Contract(
            organisation_id=owner.id,
            reference="K-1",
            supplier_id=session.scalars(select(Supplier.id).where(Supplier.code == "GLOVE")).one(),
            currency="EUR",
            ceiling=Decimal("400.00"),
        )
        session.add(terms)
        session.flush()
        from_contract(session, owner, "B-1", "K-1", {"G-100": Decimal(30)}, by="buyer")
    return desk


def take(desk: PaperDesk, boxes: str) -> str:
    """Call boxes of gloves off for Ada and return the request's number."""
    with desk.rows() as session:
        blanket = session.scalars(select(BlanketOrder)).one()
        wanted = Wanted({1: Decimal(boxes)}, "4711")
        return call_off_blanket(session, blanket, wanted, desk.person("ada"), by="buyer").number


def left(desk: PaperDesk) -> tuple[Decimal, Decimal]:
    with desk.rows() as session:
        told = blanket_values(session, session.scalars(select(BlanketOrder)).one())
        return told["left"], told["lines"][0]["left"]


def approve(desk: PaperDesk) -> None:
    desk.work()
    desk.reply(desk.person("olga"), desk.outbox(desk.person("olga"))[-1], "Approved")


def test_a_call_off_is_approved_ordered_and_leaves_less(desk: PaperDesk) -> None:
    number = take(desk, "20")
    assert left(desk) == (Decimal("240.00"), Decimal(10))
    approve(desk)
    order = desk.outbox(desk.glover)[-1]
    assert "160.00" in plain(order) and "K-1" in plain(order)
    with desk.rows() as session:
        told = blanket_values(session, session.scalars(select(BlanketOrder)).one())
        assert [(one["requisition"], one["state"]) for one in told["call_offs"]] == [(number, "ordered")]


def test_nothing_is_called_off_above_the_ceiling_until_something_is_given_back(desk: PaperDesk) -> None:
    take(desk, "20")
    with pytest.raises(CommandError, match="11 is wanted, 10 is left"):
        take(desk, "11")
    desk.work()
    desk.reply(desk.person("olga"), desk.outbox(desk.person("olga"))[-1], "Rejected")
    assert left(desk) == (Decimal("400.00"), Decimal(30))
    take(desk, "30")
    assert left(desk)[1] == 0


def test_a_change_of_a_call_off_keeps_below_the_ceiling_and_counts_while_it_waits(desk: PaperDesk) -> None:
    take(desk, "20")
    approve(desk)
    for boxes, passes in ((31, False), (30, True)):
        with desk.rows() as session:
            (order,) = desk.orders(session)
            wish = Wish((LineWish(1, quantity=Decimal(boxes)),))
            made = draft_change(session, order, wish, by="buyer", reason="more", source="buyer")
            assert isinstance(made, tuple) is not passes
    assert left(desk)[1] == 0
    with pytest.raises(CommandError, match="0 is left"):
        take(desk, "1")


def test_a_cancelled_call_off_is_given_back(desk: PaperDesk) -> None:
    take(desk, "20")
    approve(desk)
    with desk.rows() as session:
        cancel_order(session, desk.orders(session)[0], by="buyer", reason="not needed")
    desk.work()
    desk.reply(desk.glover, desk.outbox(desk.glover)[-1], "We confirm the cancellation.")
    assert left(desk) == (Decimal("400.00"), Decimal(30))


def test_two_call_offs_at_once_do_not_both_take_what_is_left(desk: PaperDesk) -> None:
    refused: list[CommandError] = []

    def one() -> None:
        try:
            take(desk, "20")
        except CommandError as error:
            refused.append(error)

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 2
    assert left(desk)[1] == 10


def test_a_closed_blanket_order_an_unknown_person_and_cost_centre_are_refused(desk: PaperDesk) -> None:
    with desk.rows() as session:
        blanket = session.scalars(select(BlanketOrder)).one()
        with pytest.raises(CommandError, match="no active person"):
            call_off_blanket(session, blanket, Wanted({1: Decimal(1)}, "4711"), "x@y.example", by="buyer")
        with pytest.raises(CommandError, match="Cost centre"):
            call_off_blanket(session, blanket, Wanted({1: Decimal(1)}, "9"), desk.person("ada"), by="buyer")
        close_blanket(session, blanket, by="buyer", reason="the contract ended")
    with pytest.raises(CommandError, match="closed"):
        take(desk, "1")
    with desk.rows() as session:
        assert [one["state"] for one in blankets(session, session.scalars(select(Organisation)).one())] == ["closed"]


def test_a_blanket_order_takes_the_place_of_the_request_that_it_is_written_of(desk: PaperDesk) -> None:
    desk.ask_for_gloves()
    with desk.rows() as session:
        owner = session.scalars(select(Organisation)).one()
        request = desk.requisition(session)
        blanket = from_request(session, owner, "B-2", request.number, (None, None), by="buyer")
        assert (blanket.ceiling, blanket.lines[0].quantity) == (Decimal("80.00"), Decimal(10))
        assert session.get_one(Requisition, request.id).state == "withdrawn"
        with pytest.raises(CommandError, match="already"):
            from_contract(session, owner, "B-2", "K-1", {}, by="buyer")
        with pytest.raises(CommandError, match="withdrawn"):
            from_request(session, owner, "B-3", request.number, (None, None), by="buyer")
