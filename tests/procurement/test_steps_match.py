"""What a mail answers, on both databases: by thread, number and sender, several orders, revisions, lost mail."""

from datetime import timedelta
from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from sqlalchemy import select

from parsers.message import Message as Mail
from records.base import utc_now
from records.blobs import Blobs
from records.database import Database
from records.exceptions import hold
from records.problems import Code, Problem
from records.tables import AuditEntry, Message, OrderResponse, OrderRevision, Outbound, PurchaseOrder, Supplier
from tests.paper_desk import PaperDesk


@pytest.fixture
def desk(database: Database, blobs: Blobs) -> PaperDesk:
    return PaperDesk(database, blobs)


def two_orders(desk: PaperDesk) -> tuple[Mail, Mail]:
    first = desk.order_gloves()
    desk.ask_for_gloves(12)
    olga = desk.person("olga")
    desk.reply(olga, desk.outbox(olga)[-1], "Approved")
    return first, desk.outbox(desk.glover)[-1]


def standings(desk: PaperDesk) -> list[str]:
    with desk.rows() as session:
        return [order.acknowledgement for order in desk.orders(session)]


def numbers(desk: PaperDesk) -> list[str]:
    with desk.rows() as session:
        return [order.number or "" for order in desk.orders(session)]


def test_one_mail_confirms_two_orders_that_it_names_in_one_breath(desk: PaperDesk) -> None:
    two_orders(desk)
    first, second = numbers(desk)
    desk.receive(desk.glover, "Your orders", f"Hello,\n\nwe confirm {first} and {second} as ordered.\n\nJan")
    assert (standings(desk), desk.codes()) == (["accepted", "accepted"], [])


@pytest.mark.parametrize(
    "text",
    [
        "We confirm {second} at the prices of {first}.",
        "{first} is confirmed, {second} will be two weeks late.",
        "We confirm {first} and {second}, but the price of HG-7 is now EUR 9.50.",
    ],
)
def test_two_orders_that_are_not_plainly_confirmed_together_wait_for_a_person(desk: PaperDesk, text: str) -> None:
    two_orders(desk)
    first, second = numbers(desk)
    desk.receive(desk.glover, "Your orders", text.format(first=first, second=second))
    assert standings(desk) == ["awaiting", "awaiting"]
    assert desk.codes() != []


def confirmation(number: str, boxes: int, price: str) -> str:
    return (
        f"<html><body><h1>Order confirmation</h1><p>Order confirmation no.: AB-{boxes}</p><p>Your order: {number}</p>"
        "<p>Date: 24 November 2026</p><p>Currency: EUR</p>"
        "<table><tr><th>Pos</th><th>Item</th><th>Description</th><th>Quantity</th><th>Unit</th><th>Unit price</th>"
        f"<th>Total</th></tr><tr><td>1</td><td>HG-7</td><td>Nitrile gloves, size M</td><td>{boxes}</td><td>box</td>"
        f"<td>{price}</td><td>{boxes * float(price):.2f}</td></tr></table></body></html>"
    )


def with_files(raw: bytes, *files: str) -> bytes:
    mail = message_from_bytes(raw, policy=SMTP)
    assert isinstance(mail, EmailMessage)
    for number, text in enumerate(files):
        mail.add_attachment(text.encode(), maintype="text", subtype="html", filename=f"confirmation-{number}.html")
    return mail.as_bytes()


@pytest.mark.parametrize(
    ("text", "second_price", "expected"),
    [
        ("Please find our confirmations attached.", "8.00", ["accepted", "accepted"]),
        ("Please find our confirmations attached.", "9.90", ["accepted", "awaiting"]),
        ("Confirmations attached, but one of them comes two weeks later.", "8.00", ["awaiting", "awaiting"]),
    ],
)
def test_two_confirmations_in_one_mail_each_answer_their_own_order(
    desk: PaperDesk, text: str, second_price: str, expected: list[str]
) -> None:
    two_orders(desk)
    first, second = numbers(desk)
    raw = desk.mail(desk.glover, f"Your orders {first}, {second}", text)
    desk.deliver(with_files(raw, confirmation(first, 10, "8.00"), confirmation(second, 12, second_price)))
    desk.work()
    assert standings(desk) == expected
    assert (desk.codes() == []) == (expected == ["accepted", "accepted"])


def test_a_question_beside_a_confirmation_is_shown_to_a_person_and_the_confirmation_counts(desk: PaperDesk) -> None:
    mail = desk.order_gloves()
    desk.reply(desk.glover, mail, "We confirm your order as it is. Could our driver use the rear gate?")
    assert (standings(desk), desk.codes()) == (["accepted"], ["UNCLASSIFIED"])
    with desk.rows() as session:
        assert "rear gate" in desk.held(session)[0].problems[0]["detail"]


def test_an_answer_in_the_thread_may_name_another_order_as_well(desk: PaperDesk) -> None:
    _, mail = two_orders(desk)
    first, second = numbers(desk)
    desk.reply(desk.glover, mail, f"We confirm {first} and {second}.")
    assert standings(desk) == ["accepted", "accepted"]


def test_a_colleague_of_the_same_supplier_is_understood_without_a_thread(desk: PaperDesk) -> None:
    desk.order_gloves()
    colleague = "ines@" + desk.glover.partition("@")[2]
    desk.receive(colleague, f"AW: WG: Bestellung {numbers(desk)[0]}", "Wir bestätigen die Bestellung.")
    assert standings(desk) == ["accepted"]


def test_another_supplier_who_names_the_number_changes_nothing(desk: PaperDesk) -> None:
    desk.order_gloves()
    krause = desk.glover.replace("gloves-", "paper-")
    desk.receive(krause, f"Order {numbers(desk)[0]}", f"We confirm your order {numbers(desk)[0]}.")
    assert (standings(desk), desk.codes()) == (["awaiting"], ["NO_ORDER_MATCH"])


def revise(desk: PaperDesk, after: timedelta) -> None:
    """Let a second revision of the order go out ``after`` the first, as a change order does."""
    with desk.rows() as session:
        order = desk.orders(session)[0]
        first = session.scalars(select(OrderRevision)).one()
        order.revision = 2
        session.add(
            OrderRevision(
                organisation_id=order.organisation_id,
                order_id=order.id,
                revision=2,
                issued_at=desk.clock.now + after,
                document=first.document,
                pdf_sha256=first.pdf_sha256,
                net_total=first.net_total,
            )
        )


def answered(desk: PaperDesk) -> list[int]:
    with desk.rows() as session:
        return list(session.scalars(select(OrderResponse.revision).order_by(OrderResponse.id)))


def test_an_answer_to_the_mail_of_an_older_revision_is_stale(desk: PaperDesk) -> None:
    order = desk.order_gloves()
    revise(desk, timedelta())
    desk.clock.forward(hours=1)
    desk.reply(desk.glover, order, "We confirm your order.")
    assert (answered(desk), standings(desk), desk.codes()) == ([1], ["awaiting"], ["STALE_REVISION"])


def test_an_answer_without_a_thread_is_to_the_newest_revision_that_was_out(desk: PaperDesk) -> None:
    desk.order_gloves()
    revise(desk, timedelta(hours=1))
    number = numbers(desk)[0]
    desk.receive(desk.glover, f"Order {number}", f"We confirm your order {number}.")
    desk.clock.forward(hours=2)
    desk.receive(desk.glover, f"Order {number}", f"We confirm your order {number}, thank you.")
    assert answered(desk) == [1, 2]


def make_uncertain(desk: PaperDesk) -> int:
    """Let nobody know whether the order's mail arrived, and return its row."""
    with desk.rows() as session:
        row = session.scalars(select(Outbound).where(Outbound.kind == "order")).one()
        row.state, row.sent_at, row.due_at, row.reply = "uncertain", None, None, "the line broke"
        hold(session, row, "send", [Problem(Code.DELIVERY_UNCERTAIN, "Nobody knows.")], "operator")
        return row.id


def outbound(desk: PaperDesk, row_id: int) -> Outbound:
    with desk.rows() as session:
        row = session.get_one(Outbound, row_id)
        session.expunge(row)
        return row


def test_an_answer_proves_that_an_uncertain_order_arrived(desk: PaperDesk) -> None:
    order = desk.order_gloves()
    row_id = make_uncertain(desk)
    desk.reply(desk.glover, order, "We confirm your order as written.")
    assert (outbound(desk, row_id).state, standings(desk), desk.codes()) == ("sent", ["accepted"], [])
    assert outbound(desk, row_id).sent_at is not None
    with desk.rows() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "delivery_proven")).one()
        assert session.get_one(Message, entry.detail["message"]).sender_address == desk.glover


def test_a_proven_answer_by_number_proves_it_too_and_an_unproven_one_does_not(desk: PaperDesk) -> None:
    desk.order_gloves()
    row_id, number = make_uncertain(desk), numbers(desk)[0]
    desk.receive(desk.glover, f"Order {number}", f"We have received your order {number}.", proven="no")
    assert outbound(desk, row_id).state == "uncertain"
    assert "DELIVERY_UNCERTAIN" in desk.codes()
    desk.clock.forward(minutes=1)
    desk.receive(desk.glover, f"Order {number}", f"We confirm your order {number}.")
    assert outbound(desk, row_id).state == "sent"
    assert "DELIVERY_UNCERTAIN" not in desk.codes()


def test_mail_about_another_order_proves_nothing(desk: PaperDesk) -> None:
    first, _ = two_orders(desk)
    with desk.rows() as session:
        rows = session.scalars(select(Outbound).where(Outbound.kind == "order").order_by(Outbound.id)).all()
        rows[1].state, rows[1].due_at = "uncertain", None
        hold(session, rows[1], "send", [Problem(Code.DELIVERY_UNCERTAIN, "Nobody knows.")], "operator")
        row_id = rows[1].id
    desk.reply(desk.glover, first, "We confirm your order as written.")
    assert outbound(desk, row_id).state == "uncertain"


def test_a_requester_may_send_a_whole_new_list_while_it_is_asked_about(desk: PaperDesk) -> None:
    desk.ask_for_gloves()
    told, asked = desk.outbox(desk.person("ada"))[-1], desk.outbox(desk.person("olga"))[-1]
    text = "Sorry, please order 12 boxes of nitrile gloves, size M (G-100), cost centre 4711."
    desk.reply(desk.person("ada"), told, text)
    with desk.rows() as session:
        row = desk.requisition(session)
        assert (row.number, row.state, row.lines[0].quantity) == ("R-00001", "pending_approval", Decimal(12))
    desk.reply(desk.person("olga"), asked, "Approved")  # of what she saw before
    with desk.rows() as session:
        assert desk.requisition(session).state == "pending_approval"
        assert session.scalars(select(PurchaseOrder)).all() == []
    desk.reply(desk.person("olga"), desk.outbox(desk.person("olga"))[-1], "Approved")
    with desk.rows() as session:
        assert desk.orders(session)[0].lines[0].quantity == 12


def test_thanks_while_it_is_asked_about_change_nothing(desk: PaperDesk) -> None:
    desk.ask_for_gloves()
    desk.reply(desk.person("ada"), desk.outbox(desk.person("ada"))[-1], "Thanks a lot!")
    with desk.rows() as session:
        assert desk.requisition(session).state == "pending_approval"


def test_an_answer_without_a_thread_finds_its_request_by_the_number_in_its_subject(desk: PaperDesk) -> None:
    desk.receive(desk.person("ada"), "Gloves", "Please order 10 boxes of nitrile gloves, size M (G-100).")
    desk.receive(desk.person("ada"), "Your question about r-00001", "Cost centre: 4711")
    with desk.rows() as session:
        assert desk.requisition(session).state == "pending_approval"
    desk.receive(desk.person("olga"), "R-00001", "Cost centre: 4712")
    with desk.rows() as session:
        assert desk.requisition(session).cost_center == "4711"


def test_every_row_of_a_supplier_is_as_it_was(desk: PaperDesk) -> None:
    desk.order_gloves()
    with desk.rows() as session:
        before = [(row.code, row.emails, row.domains) for row in session.scalars(select(Supplier))]
    desk.receive("ines@" + desk.glover.partition("@")[2], f"Order {numbers(desk)[0]}", "We confirm your order.")
    with desk.rows() as session:
        assert [(row.code, row.emails, row.domains) for row in session.scalars(select(Supplier))] == before
    assert utc_now() < desk.clock.now


def test_a_question_beside_a_confirmation_is_no_plain_yes(desk: PaperDesk) -> None:
    desk.reply(desk.glover, desk.order_gloves(), "We confirm your order as written. Which size do you want?")
    assert (standings(desk), desk.codes()) == (["awaiting"], ["LOW_CONFIDENCE", "LOW_CONFIDENCE"])


def test_a_second_wish_of_a_requester_reaches_a_person_and_the_first_goes_on(desk: PaperDesk) -> None:
    text = "Please order 10 boxes of nitrile gloves, size M (G-100), cost centre 4711."
    desk.receive(desk.person("ada"), "Gloves", f"{text}\n\nWhen will the soap of last week arrive?")
    assert desk.codes() == ["UNCLASSIFIED"]
    with desk.rows() as session:
        item = desk.held(session)[0]
        assert "When will the soap of last week arrive?" in item.problems[0]["detail"]
        assert session.get_one(Message, item.subject_id).state == "filed"
        assert desk.requisition(session).state == "pending_approval"


def test_a_new_address_of_a_supplier_is_told_and_changes_nothing(desk: PaperDesk) -> None:
    order = desk.order_gloves()
    desk.reply(
        desk.glover, order, "We confirm your order as written.\n\nPlease note our new address: 3 Quay Road, Leeds."
    )
    assert "UNCLASSIFIED" in desk.codes()
    with desk.rows() as session:
        assert any("3 Quay Road" in item.problems[0]["detail"] for item in desk.held(session))
        supplier = session.scalars(select(Supplier).where(Supplier.order_email == desk.glover)).one()
        assert supplier.address == ["1 Mill Lane", "Leeds"]
