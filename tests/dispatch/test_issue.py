import io
from decimal import Decimal
from typing import Any

import pikepdf
import pypdfium2
import pytest
from sqlalchemy import select, update

from dispatch.orderx import FILE_NAME
from parsers.formats.xml import read_xml
from parsers.message import Message as Mail
from records.base import utc_now
from records.blobs import Blobs
from records.database import Database
from records.tables import (
    CatalogItem,
    OrderLine,
    OrderRevision,
    Organisation,
    Outbound,
    PurchaseOrder,
    ShipTo,
    Supplier,
)
from tests.dispatch.schemas import faults
from tests.journeys.world import plain
from tests.paper_desk import PaperDesk
from web.desk.resolution import waive_all


@pytest.fixture
def desk(database: Database, blobs: Blobs) -> PaperDesk:
    return PaperDesk(database, blobs)


def change(desk: PaperDesk, table: type[Any], **values: Any) -> None:
    with desk.rows() as session:
        session.execute(update(table).values(**values))


def attached(mail: Mail) -> dict[str, bytes]:
    return {leaf.filename: leaf.data for leaf in mail.leaves if leaf.filename}


def embedded(pdf: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return opened.attachments[FILE_NAME].get_file().read_bytes()


def approve(desk: PaperDesk) -> None:
    desk.reply(desk.person("olga"), desk.outbox(desk.person("olga"))[-1], "Approved")


def test_an_order_goes_out_as_a_pdf_that_holds_it_as_data(desk: PaperDesk) -> None:
    ((name, pdf),) = attached(desk.order_gloves()).items()
    said = read_xml(embedded(pdf))
    assert (name, said.net_total) == (f"{said.number}.pdf", Decimal("80.00"))
    assert faults(embedded(pdf)) == []
    with desk.rows() as session:
        assert session.scalars(select(OrderRevision.ubl_sha256)).all() == [None]


def test_a_supplier_who_wants_ubl_gets_it_beside_the_pdf_and_its_bytes_are_kept(desk: PaperDesk) -> None:
    change(desk, Supplier, order_xml="ubl")
    files = attached(desk.order_gloves())
    (ubl,) = [content for name, content in files.items() if name.endswith(".xml")]
    assert len(files) == 2 and faults(ubl) == []
    assert read_xml(ubl).net_total == Decimal("80.00")
    with desk.rows() as session:
        (revision,) = session.scalars(select(OrderRevision)).all()
        assert desk.blobs.get(revision.ubl_sha256 or "") == ubl


def test_a_unit_without_a_code_is_asked_about_only_where_a_machine_reads_it(desk: PaperDesk) -> None:
    change(desk, CatalogItem, unit="tub")
    change(desk, Supplier, order_xml="ubl")
    desk.receive(desk.person("ada"), "Gloves", "Please order 10 tub of nitrile gloves (G-100), cost centre 4711.")
    approve(desk)
    assert desk.codes() == ["UNIT_MISMATCH"]
    with desk.rows() as session:
        assert [order.number for order in desk.orders(session)] == [None]
        waive_all(session, desk.held(session)[0], "UNIT_MISMATCH", None, "buyer", "agreed by phone")
    desk.work()
    (ubl,) = [content for name, content in attached(desk.outbox(desk.glover)[-1]).items() if name.endswith(".xml")]
    assert b'unitCode="ZZ"' in ubl and b"ZZ = tub" in ubl


def countryless(desk: PaperDesk) -> None:
    """Take the country away from everybody whom an order names."""
    for table in (Organisation, Supplier, ShipTo):
        change(desk, table, country=None)


def test_a_party_without_a_country_is_asked_about_where_a_machine_reads_it(desk: PaperDesk) -> None:
    change(desk, Supplier, order_xml="ubl")
    countryless(desk)
    desk.ask_for_gloves()
    approve(desk)
    with desk.rows() as session:
        (item,) = desk.held(session)
        assert [(one["code"], one["at"]) for one in item.problems] == [
            ("ADDRESS_INCOMPLETE", f"/{party}/country") for party in ("buyer", "supplier", "ship_to")
        ]
        told = [one["detail"] for one in item.problems]
        assert "Northwind Instruments (buyer)" in told[0] and "organisation.toml" in told[0]
        assert "Handmade Gloves Ltd (supplier)" in told[1] and "suppliers.csv" in told[1]
        assert "Northwind goods-in (ship to)" in told[2] and "places.csv" in told[2]
        assert [order.number for order in desk.orders(session)] == [None]
    change(desk, Organisation, country="DK")
    change(desk, Supplier, country="GB")
    with desk.rows() as session:
        waive_all(session, desk.held(session)[0], "ADDRESS_INCOMPLETE", "/ship_to/country", "buyer", "they know us")
    desk.work()
    assert len(attached(desk.outbox(desk.glover)[-1])) == 2 and desk.codes() == []


def test_an_order_that_people_read_goes_out_without_countries(desk: PaperDesk) -> None:
    countryless(desk)
    ((name, _),) = attached(desk.order_gloves()).items()
    assert name.endswith(".pdf") and desk.codes() == []


def test_an_order_whose_papers_do_not_say_the_same_is_never_sent(desk: PaperDesk) -> None:
    with desk.rows() as session:  # a line of nothing is read back as a note, not as a line
        session.execute(update(CatalogItem).values(supplier_item_number=None))
    desk.ask_for_gloves()
    with desk.rows() as session:
        line = desk.requisition(session).lines[0]
        line.item_number = line.supplier_item_number = None
        line.quantity = Decimal(0)
    approve(desk)
    assert desk.outbox(desk.glover) == []
    assert "TOTALS_DISAGREE" in desk.codes()


def test_a_later_revision_tells_on_paper_and_by_mail_what_changed_and_takes_back_what_waits(desk: PaperDesk) -> None:
    desk.order_gloves()
    with desk.rows() as session:
        session.execute(update(Outbound).where(Outbound.kind == "order").values(state="deferred"))
        (order,) = desk.orders(session)
        order.revision, order.state, order.due_at = 2, "approved", utc_now()
        session.execute(update(OrderLine).values(quantity=12))
    desk.work()
    mail = desk.outbox(desk.glover)[-1]
    (pdf,) = attached(mail).values()
    page = " ".join(pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range().split())
    assert "Revision 2, replaces revision 1" in page and "1 Quantity 10 12" in page
    assert "Quantity: 10 → 12" in plain(mail)
    assert b">230<" in embedded(pdf)
    with desk.rows() as session:
        states = session.execute(select(Outbound.revision, Outbound.state).where(Outbound.kind == "order"))
        assert sorted(tuple(row) for row in states) == [(1, "superseded"), (2, "sent")]
        assert session.scalars(select(PurchaseOrder.state)).all() == ["issued"]
