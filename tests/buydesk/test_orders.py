"""Orders at the command line: what is listed, shown, exported and saved."""

import csv
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from parsers.formats.xml import read_xml
from parsers.reading import Response
from records.blobs import Blobs
from records.database import Database
from records.tables import OrderLine, PurchaseOrder, Requisition, Supplier
from tests.buydesk.terminal import Terminal
from tests.dispatch.schemas import faults
from tests.paper_desk import PaperDesk
from web.desk.orders import PAGE, orders_of


@pytest.fixture
def paper(home: Path, migrated_template: Path) -> Iterator[PaperDesk]:
    """Give a desk whose rows the terminal's commands see, and whose mail stays in the outbox."""
    home.mkdir()
    shutil.copyfile(migrated_template, home / "buydesk.db")
    database = Database(f"sqlite:///{home / 'buydesk.db'}")
    yield PaperDesk(database, Blobs(str(home / "blobs")))
    database.close()


def number(desk: PaperDesk) -> str:
    with desk.rows() as session:
        return desk.orders(session)[-1].number or ""


def answer(desk: PaperDesk, text: str) -> None:
    desk.reply(desk.glover, desk.outbox(desk.glover)[-1], text)


def test_orders_are_listed_with_where_they_stand(paper: PaperDesk, terminal: Terminal) -> None:
    paper.order_gloves()
    (row,) = terminal("orders", "list", "--json").json
    expected = {"state": "issued", "dispatch": "sent", "acknowledgement": "awaiting", "net_total": "80.00"}
    assert {name: row[name] for name in expected} == expected
    assert number(paper) in terminal("orders", "list").out
    assert terminal("orders", "list", "--state", "closed", "--json").json == []
    assert terminal("orders", "list", "--supplier", "NOBODY", "--json").json == []
    assert len(terminal("orders", "list", "--acknowledgement", "awaiting", "--json").json) == 1


def test_one_order_is_shown_with_its_lines_revisions_and_answers(paper: PaperDesk, terminal: Terminal) -> None:
    paper.order_gloves()
    answer(paper, "We accept your order as it is.")
    told = terminal("orders", "show", number(paper).lower(), "--json").json
    assert [line["quantity"] for line in told["lines"]] == ["10"]
    assert [one["revision"] for one in told["revisions"]] == [1]
    assert [(one["state"], one["response"]) for one in told["responses"]] == [("applied", "accepted")]
    assert told["acknowledgement"] == "accepted"
    shown = terminal("orders", "show", number(paper)).out
    assert "Nitrile gloves" in shown and "answers" in shown


def test_an_export_holds_every_order_as_a_table_or_as_data(paper: PaperDesk, terminal: Terminal) -> None:
    paper.order_gloves()
    with paper.rows() as session:
        session.execute(
            update(OrderLine).values(description='=HYPERLINK("http://x.example")', supplier_item_number="@1")
        )
    assert terminal("orders", "export", terminal.folder / "all.csv").code == 0
    (row,) = csv.DictReader(io.StringIO((terminal.folder / "all.csv").read_text()))
    assert row["description"].startswith("'=HYPERLINK") and row["supplier_item_number"] == "'@1"
    assert (row["number"], row["line_total"], row["order_acknowledgement"]) == (number(paper), "80.00", "awaiting")
    assert terminal("orders", "export", terminal.folder / "all.json").out.startswith("1 order(s)")
    (order,) = json.loads((terminal.folder / "all.json").read_text())
    assert (order["number"], len(order["lines"])) == (number(paper), 1)


def test_an_export_of_nothing_is_an_empty_table_and_an_empty_list(paper: PaperDesk, terminal: Terminal) -> None:
    terminal("orders", "export", terminal.folder / "none.csv")
    terminal("orders", "export", terminal.folder / "none.json")
    assert len((terminal.folder / "none.csv").read_text().splitlines()) == 1
    assert json.loads((terminal.folder / "none.json").read_text()) == []


def test_an_export_reads_page_by_page_and_leaves_no_order_out(paper: PaperDesk) -> None:
    paper.order_gloves()
    with paper.rows() as session:
        first = paper.orders(session)[0]
        for place in range(PAGE + 1):
            wish = Requisition(
                organisation_id=first.organisation_id,
                number=f"R-X{place}",
                requester_id=first.requisition.requester_id,
                state="ordered",
            )
            session.add(wish)
            session.flush()
            session.add(
                PurchaseOrder(
                    organisation_id=first.organisation_id,
                    requisition_id=wish.id,
                    supplier_id=first.supplier_id,
                    currency="EUR",
                    state="issued",
                    number=f"X-{place}",
                )
            )
    with paper.rows() as session:
        found = [order["number"] for order in orders_of(session, paper.organisation_id)]
    assert len(found) == len(set(found)) == PAGE + 2


def test_papers_and_answers_are_saved_as_files(paper: PaperDesk, terminal: Terminal) -> None:
    with paper.rows() as session:
        session.execute(update(Supplier).values(order_xml="ubl"))
    paper.order_gloves()
    answer(paper, "Confirmed, but the price is 8.50 per box.")
    assert terminal("orders", "save", number(paper), terminal.folder / "out").code == 0
    saved = {path.name: path.read_bytes() for path in (terminal.folder / "out").iterdir()}
    pdf, ubl, response = (saved[name] for name in sorted(saved, key=lambda name: ("response" in name, name)))
    assert pdf.startswith(b"%PDF-") and faults(ubl) == [] and faults(response) == []
    assert read_xml(response).order_numbers == (number(paper),)
    assert read_xml(response).response in (Response.CHANGED, Response.ACCEPTED)


def test_what_cannot_be_done_is_one_sentence(paper: PaperDesk, terminal: Terminal) -> None:
    assert terminal("orders", "show", "PO-404").sentence == "There is no order PO-404 at north."
    assert terminal("orders", "export", terminal.folder / "x.txt").sentence == "x.txt is neither .csv nor .json."
    assert "cannot be written" in terminal("orders", "export", terminal.folder / "no" / "x.csv").sentence
    with paper.rows() as session:
        assert session.scalars(select(PurchaseOrder)).all() == []
