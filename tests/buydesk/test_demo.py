"""The demo, once from end to end: what it left behind, and what may be done with it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdfium2 import PdfDocument
from sqlalchemy import select
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from buydesk.cli import app
from buydesk.demo.promises import promises
from buydesk.demo.show import run_demo
from records.database import Database
from records.exceptions import OPEN_STATES
from records.tables import Approval, ExceptionItem, Message, OrderLine, PurchaseOrder, Requisition
from web.desk.accounting import accounts


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a demo that ran; it must have shown all that it promises."""
    place = tmp_path_factory.mktemp("demo")
    assert run_demo(place) == 0
    return place


@pytest.fixture
def rows(folder: Path) -> Iterator[Session]:
    database = Database(f"sqlite:///{folder / 'data' / 'buydesk.db'}")
    with database.read() as session:
        yield session
    database.close()


def order_to(rows: Session, code: str) -> PurchaseOrder:
    return next(order for order in rows.scalars(select(PurchaseOrder)) if order.supplier.code == code)


def test_every_promise_is_kept(rows: Session) -> None:
    assert [promise for promise in promises(rows) if not promise.kept] == []


def test_every_order_is_a_pdf_with_its_number_lines_and_prices(folder: Path, rows: Session) -> None:
    orders = list(rows.scalars(select(PurchaseOrder)))
    assert {f"{order.number}.pdf" for order in orders} == {file.name for file in (folder / "orders").iterdir()}
    for order in orders:
        printed = letters(printed_text(folder / "orders" / f"{order.number}.pdf"))
        told = [order.number, order.supplier.name, *(line.description for line in order.lines)]
        told += [line.supplier_item_number for line in order.lines]
        told += [f"{line.unit_price:.2f}" for line in order.lines if line.unit_price < 1000]
        assert [text for text in told if letters(text or "?") not in printed] == []


def test_tax_is_added_to_an_order_as_its_catalog_says(folder: Path, rows: Session) -> None:
    printed = printed_text(folder / "orders" / f"{order_to(rows, 'NORD').number}.pdf")
    assert "148,05" in printed and "176,18" in printed  # 19 % on 148.05


def printed_text(pdf: Path) -> str:
    return " ".join(page.get_textpage().get_text_bounded() for page in PdfDocument(pdf))


def letters(text: str) -> str:
    """Return letters and digits only: where a line breaks, and which decimal point stands there, is no matter."""
    return "".join(char for char in text if char.isalnum())


def test_a_later_date_within_tolerance_is_agreed_without_asking(rows: Session) -> None:
    first, second, third = order_to(rows, "NORD").lines
    assert [line.acknowledgement for line in (first, second, third)] == ["accepted", "changed", "accepted"]
    assert second.promised_on and second.needed_by and 0 < (second.promised_on - second.needed_by).days <= 3


def test_a_price_beyond_tolerance_changes_no_order_line(rows: Session) -> None:
    monitor = order_to(rows, "TRIN").lines[0]
    assert (monitor.acknowledgement, monitor.agreed_price) == ("awaiting", None)


def test_a_few_words_and_a_pdf_confirm_every_line(rows: Session) -> None:
    for code in ("HALD", "KOLB"):
        assert {line.acknowledgement for line in order_to(rows, code).lines} == {"accepted"}


def test_the_forged_approval_is_held_and_decided_nothing(rows: Session) -> None:
    approval = next(one for one in rows.scalars(select(Approval)) if one.approver.name == "Helena Brandt")
    assert (approval.state, approval.requisition.state) == ("asked", "pending_approval")
    held = rows.scalars(select(Message).where(Message.approval_id == approval.id, Message.state == "matched")).one()
    assert not held.authenticated
    assert held.sender_address == "helena.brandt@seeberg.example"


def test_a_request_in_each_form_became_the_order_that_it_asked_for(rows: Session) -> None:
    asked = {
        requisition.number: {(line.item_number, int(line.quantity)) for line in requisition.lines}
        for requisition in rows.scalars(select(Requisition).where(Requisition.state == "ordered"))
    }
    wanted = [
        {("OFF-1001", 20), ("OFF-1002", 2), ("OFF-1003", 15)},  # prose
        {("TOO-2001", 3), ("TOO-2002", 6), ("TOO-2003", 2)},  # HTML table
        {("LAB-3001", 8), ("LAB-3002", 20), ("LAB-3003", 24)},  # German prose
        {("ITE-4001", 6), ("ITE-4002", 6)},  # spreadsheet
        {("PAC-5001", 4), ("PAC-5002", 36)},  # PDF form
    ]
    assert all(lines in asked.values() for lines in wanted), asked
    assert all(line.needed_by for line in rows.scalars(select(OrderLine)))


def test_nobody_ordered_twice_what_came_twice(rows: Session) -> None:
    (duplicate,) = rows.scalars(select(Message).where(Message.state == "duplicate"))
    (requisition,) = rows.scalars(select(Requisition).where(Requisition.message_id == duplicate.duplicate_of_id))
    assert requisition.state == "ordered"


def test_all_mail_is_accounted_for(rows: Session) -> None:
    (box,) = accounts(rows)
    assert box.unaccounted == box.in_flight == 0
    assert box.accepted == len(list(rows.scalars(select(Message))))


def test_the_commands_work_on_what_the_demo_left(folder: Path, rows: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUYDESK_HOME", str(folder / "data"))
    numbers = rows.scalars(select(ExceptionItem.id).where(ExceptionItem.state.in_(OPEN_STATES))).all()
    listed = CliRunner().invoke(app, ["exceptions", "list"])
    assert listed.exit_code == 0 and set(map(str, numbers)) <= set(re.findall(r"\d+", listed.output))
    shown = CliRunner().invoke(app, ["exceptions", "show", str(numbers[0])])
    assert shown.exit_code == 0 and f"Exception {numbers[0]}" in shown.output
    assert CliRunner().invoke(app, ["status"]).exit_code == 0
