"""The command ``parse``: any file, for people and for machines, without a database."""

import io
import json
import os
import random
from datetime import date
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path

import pikepdf
import pytest

from dispatch.pdf import render_order
from parsers.reading import Reading
from procurement.order_document import DocumentLine, OrderDocument, Party
from tests.buydesk.terminal import Terminal
from tests.dispatch.order_samples import order as sample_order

HOSTILE = "Please order 3 boxes of gloves (G-1).\n\x1b]0;owned\x07 \x1b[2J \x9b31m \u202egpj.exe \u2028 end\n"


def letter(folder: Path, text: str, name: str = "letter.eml") -> Path:
    mail = EmailMessage()
    mail["From"], mail["To"] = "Ada <ada@acme.example>", "purchasing@acme.example"
    mail["Subject"], mail["Message-ID"] = "Gloves", "<1@acme.example>"
    mail.set_content(text)
    file = folder / name
    file.write_bytes(mail.as_bytes())
    return file


def sheet(folder: Path) -> Path:
    file = folder / "request.csv"
    file.write_text("Requisition\nitem_number;description;quantity;unit\nG-100;Nitrile gloves;12;box\n")
    return file


def test_a_letter_and_a_sheet_are_read_for_people(terminal: Terminal) -> None:
    ran = terminal("parse", letter(terminal.folder, "Please order 3 boxes of gloves (G-1)."), sheet(terminal.folder))
    assert (ran.code, ran.err) == (0, "")
    assert "letter.eml: requisition, accepted" in ran.out
    for word in ("Nitrile gloves", "G-100", "12", "G-1 "):
        assert word in ran.out


def test_machines_get_readings_with_their_source(terminal: Terminal) -> None:
    files = [letter(terminal.folder, "Please order 3 boxes of gloves (G-1)."), sheet(terminal.folder)]
    listed = terminal("parse", "--json", *files).json
    assert [one["source"] for one in listed] == [str(file) for file in files]
    assert [one["lines"][0]["quantity"] for one in listed] == ["3", "12"]
    lines = terminal("parse", "--jsonl", *files).out.splitlines()
    assert [json.loads(line) for line in lines] == listed
    assert [Reading.from_dict(one).as_dict() for one in listed] == listed


def test_parts_are_listed_only_when_asked_for(terminal: Terminal) -> None:
    file = letter(terminal.folder, "Please order 3 boxes of gloves (G-1).")
    assert "parts" not in terminal("parse", "--json", file).json[0]
    (part,) = terminal("parse", "--json", "--parts", file).json[0]["parts"]
    assert (part["media_type"], part["text"]) == ("text/plain", "Please order 3 boxes of gloves (G-1).\n")


def test_a_pdf_is_read_with_its_places(terminal: Terminal) -> None:
    party = Party("Northwind Instruments")
    line = DocumentLine(1, "Copy paper", Decimal(2), "box", Decimal("21.50"))
    file = terminal.folder / "order.pdf"
    order = OrderDocument("PO-2026-00017", 1, date(2026, 11, 24), "EUR", "en", party, Party("Krause"), party, (line,))
    with pikepdf.open(io.BytesIO(render_order(order))) as paper:
        del paper.attachments["order-x.xml"]  # data inside would be read instead of the page
        paper.save(file)
    (reading,) = terminal("parse", "--json", file).json
    assert (reading["kind"], reading["number"]) == ("order", "PO-2026-00017")
    assert reading["evidence"]["/number"]["page"] == 1
    assert "page 1: " in terminal("parse", file).out


def test_a_pdf_that_holds_its_data_is_read_by_it(terminal: Terminal) -> None:
    file = terminal.folder / "order.pdf"
    file.write_bytes(render_order(sample_order(2)))
    (reading,) = terminal("parse", "--json", file).json
    assert (reading["kind"], reading["number"], reading["accepted"]) == ("order", "PO-2026-00007", True)
    assert [line["line_total"] for line in reading["lines"]] == ["15431.25", "15431.25"]


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 5000, random.Random(7).randbytes(5000), b"%PDF-1.7\nno", b"PK\x03\x04no"]
)
def test_rubbish_is_for_a_person_and_no_failure(terminal: Terminal, content: bytes) -> None:
    file = terminal.folder / "rubbish.dat"
    file.write_bytes(content)
    ran = terminal("parse", "--json", file)
    assert (ran.code, ran.err) == (0, "")
    assert (ran.json[0]["accepted"], ran.json[0].get("lines")) == (False, None)
    assert ran.json[0]["problems"]


def test_what_cannot_be_opened_is_told_after_all_else_was_read(terminal: Terminal) -> None:
    file = sheet(terminal.folder)
    ran = terminal("parse", "--jsonl", "missing.eml", file / "inner.eml", file)
    assert ran.code == 2
    assert ran.err == "buydesk: 2 of 3 files could not be opened.\n"
    readings = [json.loads(line) for line in ran.out.splitlines()]
    assert [one["source"] for one in readings] == ["missing.eml", str(file / "inner.eml"), str(file)]
    details = [problem["detail"] for one in readings[:2] for problem in one["problems"]]
    assert details == [
        "The file cannot be opened: No such file or directory.",
        "The file cannot be opened: Not a directory.",
    ]


@pytest.mark.parametrize("form", [(), ("--json",), ("--jsonl",), ("--json", "--parts")])
def test_what_could_steer_a_terminal_is_never_printed_raw(terminal: Terminal, form: tuple[str, ...]) -> None:
    file = letter(terminal.folder, HOSTILE, "evil\x1b[31m.eml")
    odd = terminal.folder / os.fsdecode(b"\xff.csv")
    odd.write_text("\x1b[31m;1\n")
    ran = terminal("parse", *form, file, odd)
    assert ran.code == 0
    assert not [c for c in ran.out if not c.isprintable() and c != "\n"]
    ran.out.encode()
    if form:
        readings = ran.json if "--json" in form else [json.loads(line) for line in ran.out.splitlines()]
        assert "\x1b]0;owned" in readings[0]["reply_text"], "JSON says what stands there, escaped"


def test_a_folder_is_read_file_by_file(terminal: Terminal) -> None:
    file = sheet(terminal.folder)
    ran = terminal("parse", "--jsonl", terminal.folder)
    assert str(file) in [json.loads(line)["source"] for line in ran.out.splitlines()]
