"""Suppliers are reminded on working days, other people of theirs after them, and asked about their deliveries."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from records.base import utc_now
from records.blobs import Blobs
from records.database import Database
from records.tables import DespatchAdvice, Notice, OrderLine, Outbound, SupplierContact
from tests.journeys.world import plain
from tests.paper_desk import PaperDesk
from web.desk.orders import order_values

SHIPPED = "Your goods left our warehouse today.\n\nCarrier: DHL\nTracking number: 00340434161094042557"
PLAIN = "We confirm your order as written."


@pytest.fixture
def desk(database: Database, blobs: Blobs) -> PaperDesk:
    desk = PaperDesk(database, blobs)
    desk.works_always()
    return desk


def contact(desk: PaperDesk, purpose: str, email: str) -> None:
    with desk.rows() as session:
        (order,) = desk.orders(session)
        session.add(
            SupplierContact(
                organisation_id=desk.organisation_id,
                supplier_id=order.supplier_id,
                purpose=purpose,
                name="Kim",
                email=email,
            )
        )


def after(desk: PaperDesk, days: float) -> None:
    desk.clock.forward(days=days)
    with desk.rows() as session:
        for order in desk.orders(session):
            order.due_at = utc_now()
    desk.work()


def promise(desk: PaperDesk, in_days: int) -> date:
    due_on = (desk.clock.now + timedelta(days=in_days)).date()
    with desk.rows() as session:
        session.execute(update(OrderLine).values(promised_on=due_on))
    return due_on


def asked(desk: PaperDesk) -> list[tuple[str, str]]:
    """Return kind and recipient of every mail that reminds of something."""
    with desk.rows() as session:
        found = select(Notice.kind, Notice.recipient).where(Notice.kind.in_(
            ["order_reminder", "delivery_reminder", "delivery_overdue"]))  # fmt: skip
        return [(kind, to) for kind, to in session.execute(found.order_by(Notice.id))]


def test_the_second_reminder_goes_to_the_next_of_his_people(desk: PaperDesk) -> None:
    desk.order_gloves()
    contact(desk, "escalation", "boss@gloves-north.example")
    after(desk, 2.1)
    after(desk, 0.1)
    after(desk, 2)
    assert asked(desk) == [("order_reminder", desk.glover), ("order_reminder", "boss@gloves-north.example")]
    assert "awaits your confirmation" in desk.outbox("boss@gloves-north.example")[0].subject


def test_nobody_is_reminded_while_the_buyer_has_to_decide(desk: PaperDesk) -> None:
    order = desk.order_gloves()
    desk.reply(
        desk.glover, order, "We confirm, but the price of HG-7 nitrile gloves is now EUR 9.50 per box, 10 boxes."
    )
    after(desk, 5)
    assert asked(desk) == []


def test_to_have_received_an_order_stops_no_reminder(desk: PaperDesk) -> None:
    order = desk.order_gloves()
    desk.reply(desk.glover, order, "Thank you, we have received your order and will get back to you.")
    after(desk, 2.1)
    assert asked(desk) == [("order_reminder", desk.glover)]


def test_a_delivery_is_asked_about_before_and_after_and_each_time_once(desk: PaperDesk) -> None:
    order = desk.order_gloves()
    desk.reply(desk.glover, order, PLAIN)
    promise(desk, 6)
    for days in (1, 1.5, 1, 1, 2, 3, 2, 4, 9):
        after(desk, days)
    assert asked(desk) == [("delivery_reminder", desk.glover)] + 2 * [("delivery_overdue", desk.glover)]
    (reminder,) = [mail for mail in desk.outbox(desk.glover) if "deliver on time" in mail.subject]
    assert "Nitrile gloves" in plain(reminder)


def test_what_is_on_its_way_is_not_asked_about_and_stands_on_the_order(desk: PaperDesk) -> None:
    order = desk.order_gloves()
    desk.reply(desk.glover, order, PLAIN)
    promise(desk, 6)
    desk.reply(desk.glover, order, SHIPPED)
    assert desk.codes() == []
    for days in (4, 4, 9):
        after(desk, days)
    assert asked(desk) == []
    with desk.rows() as session:
        (told,) = order_values(session, desk.orders(session)[0])["despatches"]
        assert (told["carrier"], told["tracking_number"]) == ("DHL", "00340434161094042557")
        assert told["lines"] == [[1, "10"]]


def test_a_part_on_its_way_leaves_the_rest_to_be_asked_about(desk: PaperDesk) -> None:
    order = desk.order_gloves()
    desk.reply(desk.glover, order, PLAIN)
    promise(desk, 6)
    with desk.rows() as session:
        (row,) = desk.orders(session)
        message = session.scalars(select(Outbound.id).limit(1)).one()
        session.add(
            DespatchAdvice(organisation_id=row.organisation_id, order_id=row.id, message_id=message, lines=[[1, "4"]])
        )
    after(desk, 4)
    assert asked(desk) == [("delivery_reminder", desk.glover)]


def test_an_order_on_hold_is_never_chased(desk: PaperDesk) -> None:
    desk.order_gloves()
    with desk.rows() as session:
        desk.orders(session)[0].on_hold = True
    after(desk, 9)
    assert (asked(desk), desk.codes()) == ([], [])
