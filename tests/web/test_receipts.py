"""Receipts that are recorded at the desk or loaded from a file."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from procurement.steps.change import received_of
from records.blobs import Blobs
from records.database import Database
from records.tables import GoodsReceipt, Waiver
from tests.paper_desk import PaperDesk
from tests.procurement.bills import number_of
from web.desk.receipts import Item, load_receipts, receipts, record_receipt
from web.desk.refused import CommandError


@pytest.fixture
def desk(sqlite_database: Database, blobs: Blobs) -> PaperDesk:
    desk = PaperDesk(sqlite_database, blobs)
    desk.order_gloves()
    return desk


def record(desk: PaperDesk, quantity: str, **more: str) -> str:
    with desk.rows() as session:
        order = desk.orders(session)[0]
        record_receipt(session, order, [Item(1, Decimal(quantity))], by="goods-in", **more)  # type: ignore[arg-type]
        return order.receipt


def count(desk: PaperDesk) -> int:
    with desk.rows() as session:
        return session.scalars(select(func.count()).select_from(GoodsReceipt)).one()


def test_receipts_add_up_and_a_return_takes_off(desk: PaperDesk) -> None:
    assert [record(desk, "4"), record(desk, "6")] == ["partial", "full"]
    with pytest.raises(CommandError, match="reason"):
        record(desk, "-2")
    assert record(desk, "-2", reason="torn") == "partial"
    with desk.rows() as session:
        order = desk.orders(session)[0]
        assert received_of(session, order) == {1: Decimal(8)}
        assert [one["lines"][0]["quantity"] for one in receipts(session, order)] == [4, 6, -2]


def test_a_delivery_note_counts_once_and_never_with_other_figures(desk: PaperDesk) -> None:
    record(desk, "4", delivery_note="DN-1")
    record(desk, "4", delivery_note="dn 1")
    assert count(desk) == 1
    with pytest.raises(CommandError, match="other figures"):
        record(desk, "5", delivery_note="DN-1")


def test_too_much_is_refused_or_kept_with_a_reason(desk: PaperDesk) -> None:
    with pytest.raises(CommandError, match="11 came, 10 were ordered"):
        record(desk, "11")
    assert count(desk) == 0
    assert record(desk, "11", accept="we need one more anyway") == "full"
    with desk.rows() as session:
        assert session.scalars(select(Waiver.why)).all() == ["we need one more anyway"]
        assert desk.held(session) == []


def load(desk: PaperDesk, *rows: str) -> tuple[int, int, int]:
    with desk.rows() as session:
        text = ["order,line,quantity,delivery_note,received_on\n", *(f"{row}\n" for row in rows)]
        found = load_receipts(session, desk.organisation_id, text, by="goods-in")
        return found.booked, found.known, len(found.refused)


def test_a_file_is_loaded_once_and_its_wrong_rows_told(desk: PaperDesk) -> None:
    number = number_of(desk)
    rows = (f"{number},1,3,DN-1,2026-11-20", f"{number},1,2,DN-2,", "PO-0000,1,2,DN-3,", f"{number},7,1,DN-4,")
    assert load(desk, *rows) == (2, 0, 2)
    assert load(desk, *rows) == (0, 2, 2)
    assert load(desk, f"{number},1,many,DN-5,", f"{number},1,1,DN-6,yesterday", f"{number},x,1,DN-7,") == (0, 0, 3)
    with desk.rows() as session:
        assert received_of(session, desk.orders(session)[0]) == {1: Decimal(5)}


def test_a_file_of_another_form_is_refused(desk: PaperDesk) -> None:
    with desk.rows() as session:
        for text, told in (("a,b\n", "no column"), ("order,line,quantity,delivery_note,colour\n", "colour")):
            with pytest.raises(CommandError, match=told):
                load_receipts(session, desk.organisation_id, [text], by="x")
        with pytest.raises(CommandError, match="says no quantity"):
            load_receipts(session, desk.organisation_id, ["order,line,quantity,delivery_note\n", "a,1,,n\n"], by="x")
