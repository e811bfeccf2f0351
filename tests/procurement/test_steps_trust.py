"""What a mail may do for whose sender only the envelope speaks: ask, and nothing more."""

import pytest
from sqlalchemy import select

from records.blobs import Blobs
from records.database import Database
from records.tables import AuditEntry, OrderResponse
from tests.paper_desk import PaperDesk

GLOVES = "Please order 10 boxes of nitrile gloves, size M (G-100), cost centre 4711."


@pytest.fixture
def desk(database: Database, blobs: Blobs) -> PaperDesk:
    return PaperDesk(database, blobs)


def test_the_envelope_suffices_to_ask_and_the_audit_chain_says_so(desk: PaperDesk) -> None:
    desk.receive(desk.person("ada"), "Gloves", GLOVES, proven="envelope")
    assert desk.codes() == []
    with desk.rows() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "requested")).one()
        assert entry.detail["proof"] == "envelope"
        assert desk.requisition(session).state == "pending_approval"
    assert "We have your request" in desk.outbox(desk.person("ada"))[0].subject


def test_the_envelope_does_not_suffice_to_approve(desk: PaperDesk) -> None:
    desk.ask_for_gloves()
    desk.reply(desk.person("olga"), desk.outbox(desk.person("olga"))[-1], "Approved", proven="envelope")
    assert desk.codes() == ["SENDER_NOT_AUTHENTICATED"]
    with desk.rows() as session:
        assert desk.requisition(session).state == "pending_approval"


def test_an_acceptance_outside_the_thread_takes_proof(desk: PaperDesk) -> None:
    order = desk.order_gloves()
    with desk.rows() as session:
        number = desk.orders(session)[0].number
    text = f"We confirm your order {number} as ordered."
    desk.receive(desk.glover, f"Confirmation {number}", text, proven="envelope")
    assert desk.codes() == ["SENDER_NOT_AUTHENTICATED"]
    desk.reply(desk.glover, order, text)
    with desk.rows() as session:
        assert len(session.scalars(select(OrderResponse)).all()) == 1
        proofs = select(AuditEntry.detail).where(AuditEntry.action == "answered")
        assert [detail["proof"] for detail in session.scalars(proofs)] == ["border"]
