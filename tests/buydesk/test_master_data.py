"""Previewing, exporting and loading master data at the command line."""

from pathlib import Path

from openpyxl import load_workbook

from tests.buydesk.terminal import Terminal
from tests.buydesk.test_organisation import change


def test_a_preview_says_what_would_change_and_changes_nothing(terminal: Terminal, acme: Path) -> None:
    terminal("org", "load", acme)
    change(acme / "people.csv", "Vera Visitor", "Vera Victor")
    seen = terminal("org", "preview", acme)
    assert (seen.code, seen.err) == (0, "")
    assert "Northwind Instruments: this would change:" in seen.out
    assert "person: 1 updated" in seen.out and "name Vera Visitor → Vera Victor" in seen.out
    assert terminal("org", "preview", acme, "--json").json["changes"]["person"]["updated"] == 1
    assert "person: 1 updated" in terminal("org", "load", acme).out
    assert terminal("org", "preview", acme).out == "Northwind Instruments: nothing would change.\n"


def test_an_export_as_folder_loads_again_unchanged(terminal: Terminal, acme: Path, tmp_path: Path) -> None:
    terminal("org", "load", acme)
    assert terminal("org", "export", tmp_path / "out").code == 0
    assert terminal("org", "load", tmp_path / "out").out == "Northwind Instruments: nothing changed.\n"
    assert "not empty" in terminal("org", "export", tmp_path / "out").sentence


def test_a_workbook_is_exported_edited_and_loaded(terminal: Terminal, acme: Path, tmp_path: Path) -> None:
    terminal("org", "load", acme)
    file = tmp_path / "master.xlsx"
    assert terminal("org", "export", file).code == 0
    assert terminal("org", "load", file).out == "Northwind Instruments: nothing changed.\n"
    book = load_workbook(file)
    column = next(cell.column for cell in book["people"][1] if cell.value == "name")
    book["people"].cell(2, column).value = "Somebody Else"
    book.save(file)
    assert "person: 1 updated" in terminal("org", "load", file).out
    book["people"].cell(3, column).value = None
    book.save(file)
    assert "sheet people, row 3: name is empty" in terminal("org", "check", file).sentence


def test_a_workbook_needs_an_organisation_that_is_loaded(terminal: Terminal, acme: Path, tmp_path: Path) -> None:
    (tmp_path / "no.xlsx").write_bytes(b"nothing")
    terminal("org", "load", acme)
    assert "not readable as XLSX" in terminal("org", "load", tmp_path / "no.xlsx").sentence
