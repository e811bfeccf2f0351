"""From a receipt and an invoice by mail to the package for accounts payable."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from parsers.reading import Kind
from procurement.steps.drawings import drawn_on
from records.audit import faults
from records.blobs import Blobs
from records.database import Database
from records.tables import GoodsReceipt, Invoice, InvoicePackage, Organisation
from tests.paper_desk import PaperDesk, fingerprint
from tests.procurement.bills import GLOVES, Line, bill, number_of, ubl
from web.desk.invoices import (
    accept_invoice,
    dispute_invoice,
    invoice_numbered,
    invoice_values,
    link_invoice,
    reject_invoice,
    reopen_invoice,
)
from web.desk.refused import CommandError
from web.desk.resolution import correct, waive_all

DEARER: Line = (*GLOVES[:4], "8.50")
FEWER: Line = (*GLOVES[:2], "4", *GLOVES[3:])


@pytest.fixture
def desk(sqlite_database: Database, blobs: Blobs) -> PaperDesk:
    desk = PaperDesk(sqlite_database, blobs)
    desk.order_gloves()
    return desk


def came(desk: PaperDesk, text: str, **fields: str) -> None:
    desk.receive(desk.person("ada"), f"Order {number_of(desk)}", text, **fields)


def billed(desk: PaperDesk, number: str, *lines: Line, **more: str) -> None:
    bill(desk, ubl(number, number_of(desk), list(lines) or [GLOVES], **more))


def stands(desk: PaperDesk) -> tuple[str, str, str]:
    with desk.rows() as session:
        order = desk.orders(session)[0]
        return order.state, order.receipt, order.billing


def verdicts(desk: PaperDesk) -> list[tuple[str, str | None]]:
    with desk.rows() as session:
        return [(one.state, one.verdict) for one in session.scalars(select(Invoice).order_by(Invoice.id))]


def packages(desk: PaperDesk) -> int:
    with desk.rows() as session:
        return session.scalars(select(func.count()).select_from(InvoicePackage)).one()


def test_an_order_that_came_and_was_billed_closes(database: Database, blobs: Blobs) -> None:
    desk = PaperDesk(database, blobs)
    desk.order_gloves()
    came(desk, "All arrived, thanks.")
    assert stands(desk) == ("issued", "full", "none")
    billed(desk, "INV-1001")
    assert desk.codes() == []
    assert stands(desk) == ("closed", "full", "full")
    assert verdicts(desk) == [("matched", "match")]
    with desk.rows() as session:
        (package,) = session.scalars(select(InvoicePackage))
        (line,) = package.content["lines"]
        assert (line["agreed_quantity"], line["received"], line["billed_quantity"]) == ("10", "10", "10")
        assert desk.requisition(session).state == "closed"
        assert list(faults(session, desk.organisation_id)) == []
        assert drawn_on(session, desk.organisation_id, "budget", "4711") == (Decimal(0), Decimal("80.00"))
    before = fingerprint(desk.database)
    desk.work()
    assert fingerprint(desk.database) == before


def test_an_invoice_waits_for_its_goods_and_is_matched_when_they_come(desk: PaperDesk) -> None:
    billed(desk, "INV-1001")
    assert (verdicts(desk), desk.codes(), packages(desk)) == ([("waiting_for_receipt",) * 2], [], 0)
    came(desk, "Only 8 of 10 boxes arrived.")
    assert (stands(desk), packages(desk)) == (("issued", "partial", "none"), 0)
    came(desk, "Everything has arrived now.")
    assert (verdicts(desk), packages(desk)) == ([("matched", "match")], 1)
    assert stands(desk) == ("closed", "full", "full")


def test_goods_that_nobody_reports_are_asked_for(desk: PaperDesk) -> None:
    billed(desk, "INV-1001")
    desk.clock.forward(days=8)
    desk.work()
    assert "INVOICE_DISCREPANCY" in desk.codes()
    came(desk, "All arrived, thanks.")
    assert "INVOICE_DISCREPANCY" not in desk.codes()
    assert verdicts(desk) == [("matched", "match")]


def test_a_part_is_billed_and_the_budget_spent_by_it(desk: PaperDesk) -> None:
    came(desk, "All arrived, thanks.")
    billed(desk, "INV-1001", FEWER)
    assert stands(desk) == ("issued", "full", "partial")
    with desk.rows() as session:
        assert drawn_on(session, desk.organisation_id, "budget", "4711") == (Decimal("48.00"), Decimal("32.00"))
    billed(desk, "INV-1002")
    assert (stands(desk), desk.codes()) == (("issued", "full", "partial"), ["INVOICE_DISCREPANCY"])


def test_a_difference_is_accepted_only_by_who_may_sign_for_it(desk: PaperDesk) -> None:
    came(desk, "All arrived, thanks.")
    billed(desk, "INV-1001", DEARER)
    assert (desk.codes(), packages(desk)) == (["INVOICE_DISCREPANCY"], 0)
    with desk.rows() as session:
        invoice = invoice_numbered(session, desk.organisation_id, "inv 1001")
        assert "8.5 per box is billed, 8.00 was agreed" in str(invoice_values(session, invoice)["problems"])
        for who in (desk.person("ada"), desk.person("vera"), "nobody@north.example"):
            with pytest.raises(CommandError):
                accept_invoice(session, invoice, who, "fine")
        with pytest.raises(CommandError, match="invoices accept"):
            waive_all(session, desk.held(session)[0], "INVOICE_DISCREPANCY", None, "agent", "fine")
        accept_invoice(session, invoice, desk.person("olga"), "the market price rose")
    desk.work()
    assert (verdicts(desk), desk.codes()) == ([("matched", "accepted")], [])
    with desk.rows() as session:
        (package,) = session.scalars(select(InvoicePackage))
        assert [one["why"] for one in package.content["accepted"]] == ["the market price rose"]


def test_nobody_accepts_more_than_he_may_sign(desk: PaperDesk) -> None:
    came(desk, "All arrived, thanks.")
    billed(desk, "INV-1001", (*GLOVES[:4], "200.00"))
    with desk.rows() as session:
        invoice = invoice_numbered(session, desk.organisation_id, "INV-1001")
        with pytest.raises(CommandError, match="above what"):
            accept_invoice(session, invoice, desk.person("olga"), "fine")
        accept_invoice(session, invoice, desk.person("dora"), "fine")


def test_a_dispute_tells_the_supplier_and_can_be_reopened(desk: PaperDesk) -> None:
    came(desk, "All arrived, thanks.")
    billed(desk, "INV-1001", DEARER)
    with desk.rows() as session:
        invoice = invoice_numbered(session, desk.organisation_id, "INV-1001")
        dispute_invoice(session, invoice, "buyer", "We agreed on 8.00.")
    desk.work()
    told = desk.outbox(desk.glover)[-1]
    assert "INV-1001" in told.subject
    assert (verdicts(desk)[0][0], desk.codes()) == ("disputed", [])
    with desk.rows() as session:
        reopen_invoice(session, invoice_numbered(session, desk.organisation_id, "INV-1001"), "buyer", "explained")
    desk.work()
    assert desk.codes() == ["INVOICE_DISCREPANCY"]
    with desk.rows() as session:
        reject_invoice(session, invoice_numbered(session, desk.organisation_id, "INV-1001"), "buyer", "wrong")
    assert (desk.codes(), packages(desk)) == ([], 0)


def test_the_same_invoice_twice_is_filed_once_and_a_similar_one_asked_about(desk: PaperDesk) -> None:
    came(desk, "All arrived, thanks.")
    billed(desk, "INV-1001", FEWER)
    billed(desk, "INV 1001", FEWER)
    assert verdicts(desk) == [("matched", "match"), ("duplicate", "duplicate")]
    billed(desk, "INV-1001", FEWER, day="2026-11-21")
    billed(desk, "INV-1O01", FEWER)
    assert (desk.codes(), packages(desk)) == (["DUPLICATE_SUSPECT", "DUPLICATE_SUSPECT"], 1)
    with desk.rows() as session:
        waive_all(session, desk.held(session)[0], "DUPLICATE_SUSPECT", None, "agent", "two deliveries")
    desk.work()
    assert packages(desk) == 2


def test_an_invoice_without_an_order_is_linked_by_a_person(desk: PaperDesk) -> None:
    came(desk, "All arrived, thanks.")
    bill(desk, ubl("INV-1001", "PO-1999-00001", [GLOVES]))
    assert desk.codes() == ["NO_ORDER_MATCH"]
    number = number_of(desk)
    with desk.rows() as session:
        invoice = invoice_numbered(session, desk.organisation_id, "INV-1001")
        with pytest.raises(CommandError, match="has no order"):
            link_invoice(session, invoice, "PO-1999-00001", "agent")
        link_invoice(session, invoice, number, "agent")
    desk.work()
    assert (verdicts(desk), desk.codes()) == ([("matched", "match")], [])


def test_another_supplier_cannot_bill_the_order(desk: PaperDesk) -> None:
    came(desk, "All arrived, thanks.")
    bill(desk, ubl("INV-1001", number_of(desk), [GLOVES]), f"bestellung@paper-{desk.slug}.example")
    assert (desk.codes(), packages(desk)) == (["NO_ORDER_MATCH"], 0)


def test_a_credit_note_reopens_what_was_closed(desk: PaperDesk) -> None:
    came(desk, "All arrived, thanks.")
    billed(desk, "INV-1001")
    assert stands(desk)[0] == "closed"
    billed(desk, "CN-1", FEWER, kind="CreditNote")
    assert desk.codes() == []
    assert stands(desk) == ("issued", "full", "partial")
    with desk.rows() as session:
        assert [one.content["document"]["credits"] for one in session.scalars(select(InvoicePackage))] == [
            None,
            "INV-1001",
        ]
        assert drawn_on(session, desk.organisation_id, "budget", "4711") == (Decimal("32.00"), Decimal("48.00"))
    billed(desk, "INV-1002", FEWER)
    assert stands(desk) == ("closed", "full", "full")


def test_a_credit_note_for_nothing_is_held(desk: PaperDesk) -> None:
    billed(desk, "CN-1", FEWER, kind="CreditNote")
    assert (desk.codes(), packages(desk)) == (["NO_ORDER_MATCH"], 0)


def test_what_is_sent_back_reopens_the_order(desk: PaperDesk) -> None:
    came(desk, "All arrived, thanks.")
    billed(desk, "INV-1001")
    came(desk, "We returned 2 boxes of HG-7 nitrile gloves because they were torn.")
    assert (stands(desk), desk.codes()) == (("issued", "partial", "full"), [])
    with desk.rows() as session:
        assert "torn" in str(session.scalars(select(GoodsReceipt.reason).order_by(GoodsReceipt.id.desc())).first())


def test_what_is_unclear_is_held_and_booked_once_corrected(desk: PaperDesk) -> None:
    came(desk, "All arrived except the second parcel.")
    assert (desk.codes(), stands(desk)[1]) == (["LOW_CONFIDENCE"], "none")
    with desk.rows() as session:
        correct(session, desk.held(session)[0], ["/lines/0/line_number=1", "/lines/0/quantity=6"], "agent")
    desk.work()
    assert (desk.codes(), stands(desk)[1]) == ([], "partial")


def test_a_stranger_receives_nothing(desk: PaperDesk) -> None:
    came(desk, "All arrived, thanks.", proven="no")
    desk.receive(desk.person("vera"), f"Order {number_of(desk)}", "All arrived, thanks.")
    desk.receive(desk.person("ada"), "Parcel", "All arrived, thanks.")
    assert stands(desk)[1] == "none"
    assert desk.codes() == ["SENDER_NOT_AUTHENTICATED", "UNKNOWN_SENDER", "NO_ORDER_MATCH"]


def test_freight_and_other_rules_of_the_organisation_are_heeded(desk: PaperDesk) -> None:
    came(desk, "All arrived, thanks.")
    with desk.rows() as session:
        session.get_one(Organisation, desk.organisation_id).billing = {"charges_amount": "10"}
    billed(desk, "INV-1001", freight="10.00")
    assert verdicts(desk) == [("matched", "within_tolerance")]


def test_the_kinds_of_bills_are_those_that_are_read() -> None:
    assert {"invoice", "credit_note", "receipt_advice"} <= {kind.value for kind in Kind}
