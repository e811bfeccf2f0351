"""Mail about an order that comes back is tied to the order, and goes to the next of the supplier's people."""

import pytest
from sqlalchemy import select

from records.blobs import Blobs
from records.database import Database
from records.tables import Message, Outbound, SupplierContact
from tests.paper_desk import PaperDesk

SECOND = "second@gloves-north.example"
REPORT = """From: MAILER-DAEMON@gloves-north.example
To: purchasing@north.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.gloves-north.example

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b
Content-Type: message/rfc822

Message-ID: {message_id}
To: {recipient}
Subject: Purchase order

--b--
"""


@pytest.fixture
def desk(database: Database, blobs: Blobs) -> PaperDesk:
    return PaperDesk(database, blobs)


def add_contact(desk: PaperDesk, purpose: str) -> None:
    with desk.rows() as session:
        (order,) = desk.orders(session)
        values = {"organisation_id": desk.organisation_id, "supplier_id": order.supplier_id, "purpose": purpose}
        session.add(SupplierContact(**values, name="Kim", email=SECOND))


def come_back(desk: PaperDesk, recipient: str) -> None:
    message_id = desk.outbox(recipient)[-1].message_id
    desk.deliver(REPORT.format(recipient=recipient, message_id=message_id).replace("\n", "\r\n").encode())
    desk.work()


def states(desk: PaperDesk) -> list[tuple[str, str]]:
    with desk.rows() as session:
        found = select(Outbound.recipient, Outbound.state).where(Outbound.kind == "order").order_by(Outbound.id)
        return [(to, state) for to, state in session.execute(found)]


def test_an_order_that_came_back_goes_to_the_next_contact_with_all_its_papers(desk: PaperDesk) -> None:
    first = desk.order_gloves()
    add_contact(desk, "orders")
    come_back(desk, desk.glover)
    assert states(desk) == [(desk.glover, "bounced"), (SECOND, "sent")]
    second = desk.outbox(SECOND)[-1]
    assert second.subject == first.subject and second.message_id != first.message_id
    files = [[(leaf.filename, leaf.data) for leaf in mail.leaves if leaf.filename] for mail in (first, second)]
    assert files[0] == files[1] and files[0]
    with desk.rows() as session:
        (item,) = desk.held(session)
        assert SECOND in item.problems[0]["detail"]
        bounced = session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
        assert bounced.order_id == desk.orders(session)[0].id
    come_back(desk, SECOND)  # nobody is left
    assert states(desk) == [(desk.glover, "bounced"), (SECOND, "bounced")]


def test_nobody_who_is_there_for_something_else_gets_an_order(desk: PaperDesk) -> None:
    desk.order_gloves()
    add_contact(desk, "invoices")
    come_back(desk, desk.glover)
    assert states(desk) == [(desk.glover, "bounced")]
    assert desk.codes() == ["BOUNCED"]


def test_an_answer_of_the_next_contact_counts(desk: PaperDesk) -> None:
    desk.order_gloves()
    add_contact(desk, "orders")
    come_back(desk, desk.glover)
    desk.reply(SECOND, desk.outbox(SECOND)[-1], "We confirm your order as written.")
    with desk.rows() as session:
        assert desk.orders(session)[0].acknowledgement == "accepted"


def test_an_order_that_was_revised_meanwhile_goes_nowhere_in_its_old_form(desk: PaperDesk) -> None:
    desk.order_gloves()
    add_contact(desk, "orders")
    with desk.rows() as session:
        desk.orders(session)[0].revision = 2
    come_back(desk, desk.glover)
    assert states(desk) == [(desk.glover, "bounced")]
