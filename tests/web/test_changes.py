from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from records.blobs import Blobs
from records.database import Database
from records.tables import ChangeOrder, Outbound, Requisition, Supplier
from tests.journeys.world import plain
from tests.paper_desk import SERVER_STEPS, PaperDesk
from web.desk import changes
from web.desk.refused import CommandError
from web.desk.resolution import waive_all

BUYER = {"by": "buyer@north.example", "reason": "The project was stopped."}


@pytest.fixture
def desk(database: Database, blobs: Blobs) -> PaperDesk:
    return PaperDesk(database, blobs)


def standing(desk: PaperDesk) -> tuple[str, list[str], list[str]]:
    """Return the state of the one order, of its changes and of all requisitions."""
    with desk.rows() as session:
        (order,) = desk.orders(session)
        found = session.scalars(select(ChangeOrder.state).order_by(ChangeOrder.id)).all()
        requests = session.scalars(select(Requisition.state).order_by(Requisition.id)).all()
        return order.state, list(found), list(requests)


def cancel(desk: PaperDesk) -> None:
    with desk.rows() as session:
        changes.cancel_order(session, desk.orders(session)[0], **BUYER)
    desk.work()


def test_an_order_that_nobody_was_sent_is_cancelled_at_once(desk: PaperDesk) -> None:
    desk.order_gloves()
    with desk.rows() as session:
        session.execute(update(Outbound).where(Outbound.kind == "order").values(state="queued"))
        assert changes.cancel_order(session, desk.orders(session)[0], **BUYER) is None
        assert session.scalars(select(Outbound.state).where(Outbound.kind == "order")).all() == ["superseded"]
    assert standing(desk) == ("cancelled", [], ["cancelled"])


def test_an_order_that_is_out_waits_for_the_suppliers_answer(desk: PaperDesk) -> None:
    desk.order_gloves()
    cancel(desk)
    assert standing(desk) == ("issued", ["issued"], ["ordered"])
    mail = desk.outbox(desk.glover)[-1]
    assert "Cancellation" in mail.subject and "The project was stopped." in plain(mail)
    with pytest.raises(CommandError, match="being cancelled already"):
        cancel(desk)


@pytest.mark.parametrize(
    ("words", "state", "change"),
    [
        ("We confirm the cancellation of your order.", "cancelled", "accepted"),
        ("Your order has been cancelled as requested.", "cancelled", "accepted"),
        ("Cancelled.", "cancelled", "accepted"),
        ("OK, no problem.", "cancelled", "accepted"),
        ("Sorry, we cannot cancel, the goods were shipped yesterday.", "issued", "refused"),
        ("Unfortunately it is too late to cancel this order.", "issued", "refused"),
        ("We do not accept the cancellation.", "issued", "refused"),
        ("Wir bestätigen die Stornierung.", "cancelled", "accepted"),
        ("Leider ist die Ware bereits versandt, eine Stornierung ist nicht mehr möglich.", "issued", "refused"),
        ("Nous confirmons l'annulation de votre commande.", "cancelled", "accepted"),
    ],
)
def test_the_suppliers_yes_or_no_in_his_words_settles_the_cancellation(
    sqlite_database: Database, blobs: Blobs, words: str, state: str, change: str
) -> None:
    desk = PaperDesk(sqlite_database, blobs)
    desk.order_gloves()
    cancel(desk)
    desk.reply(desk.glover, desk.outbox(desk.glover)[-1], words)
    assert standing(desk)[:2] == (state, [change])
    told = plain(desk.outbox(desk.person("ada"))[-1])
    assert ("is cancelled" if state == "cancelled" else "the order stands") in told


@pytest.mark.parametrize(
    "words", ["We will look into it.", "Cancelled, but we charge 50 EUR.", "We can cancel line 1, not line 2.", "Why?"]
)
def test_anything_else_than_a_plain_yes_or_no_waits_for_the_buyer(
    sqlite_database: Database, blobs: Blobs, words: str
) -> None:
    desk = PaperDesk(sqlite_database, blobs)
    desk.order_gloves()
    cancel(desk)
    desk.reply(desk.glover, desk.outbox(desk.glover)[-1], words)
    assert standing(desk)[:2] == ("issued", ["issued"])
    assert desk.codes() != []


def test_a_supplier_who_does_not_answer_is_told_to_the_buyer_who_may_force_it(desk: PaperDesk) -> None:
    desk.order_gloves()
    cancel(desk)
    desk.clock.forward(days=8)
    desk.work()
    assert "RESPONSE_OVERDUE" in desk.codes()
    with desk.rows() as session:
        changes.force_cancellation(session, desk.orders(session)[0], **BUYER)
    desk.work()
    assert standing(desk) == ("cancelled", ["forced"], ["cancelled"])


def test_a_forced_cancellation_is_told_to_a_supplier_who_was_not_asked(desk: PaperDesk) -> None:
    desk.order_gloves()
    with desk.rows() as session:
        changes.force_cancellation(session, desk.orders(session)[0], **BUYER)
    desk.work()
    assert standing(desk) == ("cancelled", ["forced"], ["cancelled"])
    assert "Cancellation" in desk.outbox(desk.glover)[-1].subject


def test_an_order_on_hold_is_neither_sent_nor_chased_nor_changed_until_it_is_released(desk: PaperDesk) -> None:
    desk.order_gloves()
    with desk.rows() as session:
        (order,) = desk.orders(session)
        session.execute(update(Outbound).where(Outbound.kind == "order").values(state="queued", due_at=desk.clock.now))
        changes.hold_order(session, order, **BUYER)
        changes.change_order(session, order, changes.wish(1, quantity=Decimal(9)), **BUYER)
        with pytest.raises(CommandError, match="on hold already"):
            changes.hold_order(session, order, **BUYER)
    desk.clock.forward(days=3)
    desk.runner.run_due()
    with desk.rows() as session:
        (mail,) = session.scalars(select(Outbound).where(Outbound.recipient == desk.glover)).all()
        assert (mail.state, mail.due_at) == ("queued", None)
        changes.release_order(session, desk.orders(session)[0], **BUYER)
        assert mail.due_at is not None
    desk.work()
    assert standing(desk)[1] == ["issued"]


def test_what_is_waived_for_a_change_lets_the_change_go_out(desk: PaperDesk) -> None:
    desk.order_gloves()
    with desk.rows() as session:
        session.execute(update(Supplier).values(order_xml="ubl", country=None))
        changes.change_order(session, desk.orders(session)[0], changes.wish(1, quantity=Decimal(9)), **BUYER)
    desk.work()
    assert (desk.codes(), standing(desk)[1]) == (["ADDRESS_INCOMPLETE"], ["approved"])
    with desk.rows() as session:
        waive_all(session, desk.held(session)[0], "ADDRESS_INCOMPLETE", None, "buyer", "they know where they are")
    desk.work()
    assert (desk.codes(), standing(desk)[1]) == ([], ["issued"])


def test_an_approved_order_on_hold_is_issued_once_released(desk: PaperDesk) -> None:
    desk.ask_for_gloves()
    desk.deliver(_approval(desk))
    desk.work(skip=SERVER_STEPS | {"issue"})
    with desk.rows() as session:
        changes.hold_order(session, desk.orders(session)[0], **BUYER)
    desk.work()
    assert desk.outbox(desk.glover) == [] and desk.codes() == []
    with desk.rows() as session:
        changes.release_order(session, desk.orders(session)[0], **BUYER)
    desk.work()
    assert len(desk.outbox(desk.glover)) == 1


def _approval(desk: PaperDesk) -> bytes:
    asked = desk.outbox(desk.person("olga"))[-1]
    about = {"In_Reply_To": asked.message_id, "References": asked.message_id}
    return desk.mail(desk.person("olga"), f"Re: {asked.subject}", "Approved", **about)


def test_closing_the_last_line_short_closes_the_order_and_reopening_expects_it_again(desk: PaperDesk) -> None:
    desk.order_gloves()
    with desk.rows() as session:
        (order,) = desk.orders(session)
        with pytest.raises(CommandError, match="no line 7"):
            changes.close_short(session, order, [7], **BUYER)
        changes.close_short(session, order, [1], **BUYER)
        assert (order.state, order.lines[0].closed_short) == ("closed", True)
        changes.reopen(session, order, [], **BUYER)
        assert (order.state, order.lines[0].closed_short) == ("issued", False)
        with pytest.raises(CommandError, match="Nothing"):
            changes.reopen(session, order, [], **BUYER)


def test_a_change_that_waits_can_be_taken_back_and_is_then_not_asked_about(desk: PaperDesk) -> None:
    desk.order_gloves()
    with desk.rows() as session:
        (order,) = desk.orders(session)
        number = changes.change_order(session, order, changes.wish(1, quantity=Decimal(12)), **BUYER).id
    desk.work()
    asked = desk.outbox(desk.person("olga"))[-1]
    with desk.rows() as session:
        changes.withdraw_change(session, desk.orders(session)[0], number, **BUYER)
    desk.reply(desk.person("olga"), asked, "Approved")
    assert standing(desk) == ("issued", ["withdrawn"], ["ordered", "withdrawn"])
    assert desk.codes() == ["STALE_APPROVAL"]


def test_a_wish_without_a_line_is_about_the_whole_order_only() -> None:
    assert changes.wish(None, needed_by=date(2027, 1, 1)).needed_by == date(2027, 1, 1)
    for values in ({"quantity": Decimal(1)}, {"drop": True}, {"unit_price": Decimal(1)}):
        with pytest.raises(CommandError, match="Say which line"):
            changes.wish(None, **values)
    with pytest.raises(CommandError, match="Say why"):
        changes._reason(" ")
