"""Orders that are changed at the command line, and blanket orders."""

import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from records.blobs import Blobs
from records.database import Database
from records.tables import Contract, Organisation, Supplier
from tests.buydesk.terminal import Terminal
from tests.paper_desk import PaperDesk


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


def test_an_order_is_changed_listed_held_and_cancelled(paper: PaperDesk, terminal: Terminal) -> None:
    paper.order_gloves()
    order = number(paper)
    why = ("--reason", "fewer are needed")
    assert "drafted" in terminal("orders", "change", order, "--line", "1", "--quantity", "9", *why).out
    paper.work()
    (row,) = terminal("orders", "changes", order, "--json").json
    assert (row["state"], row["revision"], row["reason"]) == ("issued", 2, "fewer are needed")
    assert "on hold" in terminal("orders", "hold", order, *why).out
    assert "fewer are needed" in terminal("orders", "show", order).out
    assert "goes on" in terminal("orders", "release", order, *why).out
    assert "closed" in terminal("orders", "close-short", order, *why).out
    assert "issued" in terminal("orders", "reopen", order, *why).out
    assert "supplier is asked" in terminal("orders", "cancel", order, *why).out
    paper.work()
    assert "issued" in terminal("orders", "cancel", order, "--answered", "no", "--reason", "it left already").out
    paper.work()
    assert "cancelled" in terminal("orders", "cancel", order, "--force", *why).out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--line", "1"), "nothing would change"),
        (("--line", "7", "--quantity", "1"), "no line 7"),
        (("--quantity", "1"), "Say which line"),
        (("--line", "1", "--quantity", "ten"), "must be a number"),
        (("--line", "1", "--drop"), "Cancel the order instead"),
    ],
)
def test_what_cannot_be_changed_is_one_clear_sentence(
    paper: PaperDesk, terminal: Terminal, arguments: tuple[str, ...], words: str
) -> None:
    paper.order_gloves()
    ended = terminal("orders", "change", number(paper), "--reason", "x", *arguments)
    assert ended.code == 2 and words in ended.err


def test_a_change_that_waits_for_approval_is_withdrawn(paper: PaperDesk, terminal: Terminal) -> None:
    paper.order_gloves()
    order = number(paper)
    terminal("orders", "change", order, "--line", "1", "--quantity", "12", "--reason", "more")
    paper.work()
    (row,) = terminal("orders", "changes", order, "--json").json
    assert (row["state"], row["changes"]) == ("pending_approval", "Line 1: quantity 10 → 12.")
    assert "withdrawn" in terminal("orders", "withdraw", order, str(row["id"]), "--reason", "no").out


def test_a_blanket_order_is_written_called_off_and_closed(paper: PaperDesk, terminal: Terminal) -> None:
    with paper.rows() as session:
        owner = session.scalars(select(Organisation.id)).one()
        supplier = session.scalars(select(Supplier.id).where(Supplier.code == "GLOVE")).one()
        terms = {"reference": "K-1", "supplier_id": supplier, "currency": "EUR", "ceiling": Decimal(400)}
        session.add(Contract(organisation_id=owner, **terms))
    assert "written" in terminal("blankets", "create", "B-1", "--contract", "K-1", "--quantity", "G-100=30").out
    call = ("blankets", "call-off", "B-1", "--requester", paper.person("ada"), "--cost-centre", "4711")
    assert "160.00" in terminal(*call, "--line", "1=20").out
    assert "10 is left" in terminal(*call, "--line", "1=11").err
    (line,) = terminal("blankets", "show", "B-1", "--json").json["lines"]
    assert (line["called_off"], line["left"]) == ("20", "10")
    assert "B-1" in terminal("blankets", "list").out
    assert "closed" in terminal("blankets", "close", "B-1", "--reason", "over").out
    assert "closed" in terminal(*call, "--line", "1=1").err
