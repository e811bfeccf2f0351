"""Queuing on both databases: bytes first, once, and nothing that could not go out."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from dispatch.compose import compose
from dispatch.outbox import NotSendableError
from dispatch.steps.queue import queue_mail
from records.blobs import Blobs
from records.database import Database
from records.tables import Mailbox, Organisation, Outbound
from tests.conftest import Clock
from tests.dispatch.outbox_desk import OutboxDesk, envelope
from tests.rows import add_organisation


@pytest.fixture
def desk(database: Database, blobs: Blobs, organisation: Organisation, clock: Clock) -> OutboxDesk:
    return OutboxDesk(database, blobs, organisation, clock)


def count(desk: OutboxDesk) -> int | None:
    with desk.database.open_session() as session:
        return session.scalar(select(func.count()).select_from(Outbound))


def test_a_queued_mail_is_a_due_row_and_a_blob(desk: OutboxDesk) -> None:
    row = desk.row(desk.queue())
    assert (row.state, row.kind, row.subject_table, row.revision) == ("queued", "order", "mailbox", 1)
    assert (row.recipient, row.subject) == ("orders1@supplier.example", "Order PO-2026-00001")
    assert row.text == envelope().text
    assert row.due_at is not None
    assert desk.blobs.get(row.raw_sha256) == compose(envelope())


def test_the_same_mail_is_queued_once_and_its_first_bytes_stand(desk: OutboxDesk) -> None:
    first = desk.queue()
    assert desk.queue() == first
    assert desk.queue(envelope(text="Other words.\n")) == first
    assert count(desk) == 1
    assert desk.blobs.get(desk.row(first).raw_sha256) == compose(envelope())


def test_a_mail_that_was_sent_is_not_queued_again(desk: OutboxDesk) -> None:
    row_id = desk.queue()
    with desk.database.session() as session:
        session.get_one(Outbound, row_id).state = "sent"
    desk.queue()
    assert (count(desk), desk.row(row_id).state) == (1, "sent")


def test_two_organisations_may_have_one_message_id(desk: OutboxDesk) -> None:
    first = desk.queue()
    other = OutboxDesk(desk.database, desk.blobs, add_organisation(desk.database, "southwind"), desk.clock)
    with desk.database.session() as session:
        subject = Mailbox(organisation_id=other.organisation.id, state="stopped", name="desk", due_at=None)
        session.add(subject)
        second = queue_mail(session, subject, envelope(), kind="order", blobs=desk.blobs)
        assert second.organisation_id == other.organisation.id
        assert second.id != first


def test_an_order_without_its_pdf_is_not_even_queued(desk: OutboxDesk) -> None:
    with pytest.raises(NotSendableError, match="no PDF"):
        desk.queue(envelope(pdf=None))
    assert count(desk) == 0
    assert desk.queue(envelope(pdf=None), kind="order_reminder")


def test_a_transaction_that_fails_leaves_no_mail(desk: OutboxDesk) -> None:
    subject_row = desk.row(desk.queue())
    with pytest.raises(ZeroDivisionError), desk.database.session() as session:
        subject = session.get_one(Mailbox, subject_row.subject_id)
        queue_mail(session, subject, envelope(2), kind="order", blobs=desk.blobs)
        raise ZeroDivisionError
    assert count(desk) == 1


@pytest.mark.postgres
def test_two_transactions_at_once_queue_one_mail(postgres_database: Database, blobs: Blobs, clock: Clock) -> None:
    """The second one waits for the first, finds the mail there, and goes on."""
    desk = OutboxDesk(postgres_database, blobs, add_organisation(postgres_database), clock)
    subject_id = desk.row(desk.queue()).subject_id
    found: list[int] = []

    def queue() -> None:
        with desk.database.session() as session:
            subject = session.get_one(Mailbox, subject_id)
            found.append(queue_mail(session, subject, envelope(2), kind="order", blobs=blobs).id)

    with desk.database.session() as session:
        subject = session.get_one(Mailbox, subject_id)
        first = queue_mail(session, subject, envelope(2), kind="order", blobs=blobs).id
        thread = threading.Thread(target=queue)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
    thread.join(20)
    assert found == [first]


def test_each_recipient_has_a_row(desk: OutboxDesk) -> None:
    desk.queue(envelope(1))
    desk.queue(replace(envelope(1), recipient="second@supplier.example", message_id="<other@northwind.example>"))
    assert count(desk) == 2
