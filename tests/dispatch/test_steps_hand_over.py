"""The step that puts a package into the folder of accounts payable."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from dispatch.steps.hand_over import package_files
from records.base import utc_now
from records.blobs import Blobs
from records.database import Database
from records.tables import InvoicePackage
from scheduler.pipeline import MOVES, World, pipeline
from scheduler.runner import Runner
from tests.paper_desk import PaperDesk, read_at_once
from tests.procurement.bills import GLOVES, bill, number_of, ubl
from web.desk.invoices import confirm_package, invoice_numbered, open_packages, saved_package
from web.desk.refused import CommandError


@pytest.fixture
def desk(sqlite_database: Database, blobs: Blobs) -> PaperDesk:
    desk = PaperDesk(sqlite_database, blobs)
    desk.order_gloves()
    desk.receive(desk.person("ada"), f"Order {number_of(desk)}", "All arrived, thanks.")
    return desk


def hands_over_to(desk: PaperDesk, folder: Path) -> None:
    world = replace(World(desk.blobs, read_at_once, clock=desk.clock), accounts_payable=folder)
    desk.runner = Runner(desk.database, pipeline(world), MOVES, clock=desk.clock)


def test_a_matched_invoice_is_put_into_the_folder_once(desk: PaperDesk, tmp_path: Path) -> None:
    hands_over_to(desk, tmp_path / "out")
    document = ubl("INV-1001", number_of(desk), [GLOVES])
    bill(desk, document)
    (package,) = (tmp_path / "out" / desk.slug).glob("[!.]*")
    assert sorted(file.name for file in package.iterdir()) == ["cover.html", "invoice.json", "original-invoice.xml"]
    assert (package / "original-invoice.xml").read_bytes() == document
    told = json.loads((package / "invoice.json").read_bytes())
    assert (told["document"]["number"], told["order"]["number"], told["verdict"]) == (
        "INV-1001",
        number_of(desk),
        "match",
    )
    assert "INV-1001" in (package / "cover.html").read_text()
    assert not list((tmp_path / "out" / desk.slug / ".staging").iterdir())
    with desk.rows() as session:  # as after a crash before the row was settled
        session.execute(update(InvoicePackage).values(state="to_hand_over", due_at=utc_now()))
    for file in package.iterdir():
        file.unlink()
    package.rmdir()
    desk.work()
    assert not package.exists()
    with desk.rows() as session:
        assert session.scalars(select(InvoicePackage.state)).all() == ["handed_over"]


def test_without_a_folder_packages_are_fetched_from_the_desk(desk: PaperDesk) -> None:
    bill(desk, ubl("INV-1001", number_of(desk), [GLOVES]))
    with desk.rows() as session:
        (one,) = open_packages(session, desk.organisation_id)
        assert confirm_package(session, desk.organisation_id, one["key"], "ap@north.example")
        assert not confirm_package(session, desk.organisation_id, one["key"], "ap@north.example")
        assert open_packages(session, desk.organisation_id) == []
        with pytest.raises(CommandError, match="no package"):
            confirm_package(session, desk.organisation_id, "other", "ap@north.example")
        files = saved_package(session, invoice_numbered(session, desk.organisation_id, "INV-1001"), desk.blobs)
        assert "invoice.json" in files
    desk.work()


def test_names_of_files_from_outside_are_made_harmless(blobs: Blobs) -> None:
    content = {
        "key": "k",
        "organisation": {"slug": "n", "name": "<b>N</b>"},
        "supplier": {"code": "S", "name": "S"},
        "document": {"kind": "invoice", "number": "<script>", "issued_on": None, "credits": None}
        | dict.fromkeys(("net_total", "tax_total", "gross_total"))
        | {"original": {"name": "..\\..\\.bashrc", "sha256": blobs.put(b"x")}},
        "order": dict.fromkeys(("number", "revision", "requester", "cost_center", "account", "project"))
        | {"currency": "EUR", "acknowledgement": "accepted"},
        "verdict": "match",
        "charges": "0",
        "lines": [],
        "accepted": [],
    }
    files = package_files(content, blobs, "red; } body { display: none")
    assert sorted(files) == ["cover.html", "invoice.json", "original-bashrc"]
    assert b"<script>" not in files["cover.html"] and b"display: none" not in files["cover.html"]
