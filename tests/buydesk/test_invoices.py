"""Receipts and invoices at the command line, from the delivery note to the package."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from records.blobs import Blobs
from records.database import Database
from tests.buydesk.terminal import Terminal
from tests.paper_desk import PaperDesk
from tests.procurement.bills import GLOVES, bill, number_of, ubl


@pytest.fixture
def paper(home: Path, migrated_template: Path) -> Iterator[PaperDesk]:
    """Give a desk whose rows the terminal's commands see, with an order for ten boxes that is out."""
    home.mkdir()
    shutil.copyfile(migrated_template, home / "buydesk.db")
    database = Database(f"sqlite:///{home / 'buydesk.db'}")
    desk = PaperDesk(database, Blobs(str(home / "blobs")))
    desk.order_gloves()
    yield desk
    database.close()


def test_from_the_delivery_note_to_the_package(paper: PaperDesk, terminal: Terminal, tmp_path: Path) -> None:
    order = number_of(paper)
    note = ("--delivery-note", "DN-1")
    assert "partial" in terminal("receipts", "record", order, "--line", "1", "--quantity", "8", *note).out
    assert "before" in terminal("receipts", "record", order, "--line", "1", "--quantity", "8", *note).out
    file = tmp_path / "receipts.csv"
    file.write_text(f"order,line,quantity,delivery_note\n{order},1,2,DN-2\n")
    assert "1 receipt(s) recorded, 0 known" in terminal("receipts", "load", str(file)).out
    assert "0 receipt(s) recorded, 1 known" in terminal("receipts", "load", str(file)).out
    assert [one["delivery_note"] for one in terminal("receipts", "list", order, "--json").json] == ["DN-1", "DN-2"]
    bill(paper, ubl("INV-1001", order, [(*GLOVES[:4], "8.50")]))
    assert "8.5 per box is billed" in terminal("invoices", "show", "INV-1001").out
    assert [one["state"] for one in terminal("invoices", "list", "--json").json] == ["received"]
    terminal("invoices", "accept", "INV-1001", "--by", paper.person("olga"), "--why", "the market price rose")
    paper.work()
    assert terminal("invoices", "show", "INV-1001", "--json").json["verdict"] == "accepted"
    terminal("invoices", "save", "INV-1001", str(tmp_path / "out"))
    assert len(list((tmp_path / "out").iterdir())) == 3
    (shown,) = terminal("orders", "list", "--json").json
    assert (shown["state"], shown["receipt"], shown["billing"]) == ("closed", "full", "full")


def test_an_invoice_is_disputed_reopened_linked_and_rejected(paper: PaperDesk, terminal: Terminal) -> None:
    bill(paper, ubl("INV-1001", "PO-0000-0", [GLOVES]))
    terminal("invoices", "link", "INV-1001", "--order", number_of(paper))
    paper.work()
    assert terminal("invoices", "list", "--state", "waiting_for_receipt", "--json").json[0]["number"] == "INV-1001"
    terminal("invoices", "dispute", "INV-1001", "--why", "Nothing came.")
    terminal("invoices", "reopen", "INV-1001", "--why", "it is on its way")
    terminal("invoices", "reject", "INV-1001", "--why", "not ours")
    assert terminal("invoices", "show", "INV-1001", "--json").json["state"] == "rejected"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("receipts record PO-X --line 1 --quantity 8", "no order PO-X"),
        ("receipts record PO-X --line 1", "either --quantity or --amount"),
        ("receipts load /nowhere.csv", "cannot be read"),
        ("receipts list PO-X", "no order PO-X"),
        ("invoices show INV-1", "no invoice INV-1"),
        ("invoices link INV-1", "either --order or --credits"),
        ("invoices save INV-1 out", "no invoice INV-1"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    terminal: Terminal, paper_template: None, command: str, told: str
) -> None:
    assert told in terminal(*command.split()).sentence


@pytest.fixture
def paper_template(home: Path, migrated_template: Path) -> None:
    """Put an installation with one organisation and no orders there."""
    home.mkdir()
    shutil.copyfile(migrated_template, home / "buydesk.db")
    database = Database(f"sqlite:///{home / 'buydesk.db'}")
    PaperDesk(database, Blobs(str(home / "blobs")))
    database.close()
