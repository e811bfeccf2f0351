from decimal import Decimal

from sqlalchemy import select

from parsers.message import Message as Mail
from records.audit import faults
from records.tables import ChangeOrder, Organisation, Outbound
from tests.journeys.test_the_whole_way import request_gloves
from tests.journeys.world import Desk, pdf, plain


def ordered(desk: Desk) -> Mail:
    """Let gloves be requested, approved, ordered and confirmed; return the mail to the supplier."""
    request_gloves(desk)
    desk.answer(desk.person("olga"), desk.inbox(desk.person("olga"))[-1], "Approved")
    desk.work()
    order = desk.inbox(desk.glover)[-1]
    desk.answer(desk.glover, order, "Thank you, we confirm your order as written.\n\nJan")
    desk.work()
    return order


def test_a_requesters_change_is_approved_again_sent_as_a_revision_and_confirmed(desk: Desk) -> None:
    first = ordered(desk)
    told = desk.inbox(desk.person("ada"))[-1]
    wish = "Please change the order: make it 12 boxes of nitrile gloves instead of 10.\n\nAda"
    desk.answer(desk.person("ada"), told, wish)
    desk.work()
    assert len(desk.inbox(desk.glover)) == 1
    asked = desk.inbox(desk.person("olga"))[-1]
    assert "quantity 10 → 12" in plain(asked)

    desk.answer(desk.person("olga"), asked, "Approved")
    desk.work()
    second = desk.inbox(desk.glover)[-1]
    assert "revision 2" in second.subject and first.message_id in second.references
    assert "Quantity: 10 → 12" in plain(second) and pdf(second).startswith(b"%PDF-")

    desk.answer(desk.glover, second, "Thank you, we confirm your order as written.\n\nJan")
    desk.work()
    with desk.rows() as session:
        (order,) = desk.orders(session)
        assert (order.revision, order.acknowledgement) == (2, "accepted")
        assert order.lines[0].agreed_quantity == Decimal(12)
        (change,) = session.scalars(select(ChangeOrder)).all()
        assert (change.state, change.source, change.revision) == ("accepted", "requester", 2)
        assert desk.held(session) == []
        assert list(faults(session, session.scalars(select(Organisation.id)).one())) == []


def test_a_cancellation_is_asked_of_the_supplier_whose_yes_ends_the_order(desk: Desk) -> None:
    ordered(desk)
    desk.answer(
        desk.person("ada"), desk.inbox(desk.person("ada"))[-1], "Please cancel this order, the test was stopped."
    )
    desk.work()
    asked = desk.inbox(desk.glover)[-1]
    assert "Cancellation" in asked.subject and "the test was stopped" in plain(asked)
    with desk.rows() as session:
        assert desk.orders(session)[0].state == "issued"

    desk.answer(desk.glover, asked, "No problem, your order has been cancelled.\n\nJan")
    desk.work()
    assert "is cancelled" in plain(desk.inbox(desk.person("ada"))[-1])
    with desk.rows() as session:
        assert desk.orders(session)[0].state == "cancelled"
        assert desk.requisition(session).state == "cancelled"
        assert session.scalars(select(ChangeOrder.state)).all() == ["accepted"]
        assert {mail.state for mail in session.scalars(select(Outbound))} == {"sent"}
