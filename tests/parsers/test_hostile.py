"""Files made to do harm: each gets its reason, none kills more than its own reading, none delays the next."""

import io
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Sequence

import pytest

from parsers.any import read_any
from parsers.bytes_check import LARGEST_DOCUMENT, refusal
from parsers.child import read_in_child
from parsers.document import read_document
from records.problems import Code
from tests.parsers.paper import print_pdf

GOOD = b"Purchase requisition\nDescription;Qty\nPens;10\nInk;2\n"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>"
CATALOG, PAGES = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
REFUSED = {Code.UNREADABLE, Code.POISON, Code.ENCRYPTED}


def pdf(objects: Sequence[bytes]) -> bytes:
    out, places = b"%PDF-1.7\n", []
    for number, thing in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + thing + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    return out + head + table + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(out))


def stream(data: bytes, facts: bytes = b"") -> bytes:
    return b"<</Length %d%s>>\nstream\n" % (len(data), facts) + data + b"\nendstream"


def flate(data: bytes, times: int = 1) -> bytes:
    for _ in range(times):
        data = zlib.compress(data, 9)
    return stream(data, b"/Filter[" + b"/FlateDecode" * times + b"]")


def archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return out.getvalue()


def sheet(cells: str, dimension: str = "") -> bytes:
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    return archive(
        {
            "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="a" Type="{office}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>'.encode(),
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="a" '
            f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'.encode(),
            "xl/workbook.xml": f'<workbook {main} xmlns:r="{office}"><sheets><sheet name="S" sheetId="1" r:id="a"/>'
            "</sheets></workbook>".encode(),
            "xl/worksheets/sheet1.xml": f"<worksheet {main}>{dimension}<sheetData>{cells}</sheetData>"
            "</worksheet>".encode(),
        }
    )


def png(width: int, height: int) -> bytes:
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


def nested_zip(depth: int) -> bytes:
    data = b"0" * (4 << 20)
    for level in range(depth):
        data = archive({f"{level}-{n}.zip": data for n in range(4)})
    return data


def overlapping_zip(entries: int) -> bytes:
    """Return an archive whose entries all lie on the same bytes."""
    one = archive({"a": bytes(20 << 20)})
    directory, end = one.find(b"PK\x01\x02"), one.rfind(b"PK\x05\x06")
    named = one[directory:end]
    out = one[:directory] + named * entries
    return out + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, entries, entries, len(named) * entries, directory, 0)


def lying_zip() -> bytes:
    """Return an archive whose entry is longer than its directory says."""
    out = bytearray(archive({"order.csv": b"Description;Qty\nPens;5\n"}))
    place = bytes(out).rfind(b"PK\x01\x02")
    out[place + 24 : place + 28] = struct.pack("<L", 3)
    return bytes(out)


def invoice(doctype: bytes, value: bytes) -> bytes:
    space = b"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
    return doctype + b'<Invoice xmlns="' + space + b'"><ID>' + value + b"</ID></Invoice>"


MANY_PAGES = b"<</Type/Pages/Kids[" + b"3 0 R " * 10_000 + b"]/Count 10000>>"
LOOP = b"/Resources<</XObject<</A 5 0 R>>>>"
DOCTYPE = b'<!DOCTYPE Invoice [<!ENTITY a "%s">]>' % (b"a" * 60_000)
INCLUSION = b'<r xmlns:x="http://www.w3.org/2001/XInclude"><x:include href="/etc/passwd"/></r>'
HUGE_PAGE = PAGE.replace(b"595 842", b"1000000000 1000000000")

FILES: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "a zip that unpacks to a thousand times its size": lambda: archive({"xl/workbook.xml": bytes(40 << 20)}),
    "zips in zips": lambda: nested_zip(3),
    "a zip of very many entries": lambda: archive({f"{n}": b"" for n in range(3_000)}),
    "paths that lead out of a zip": lambda: archive({"../../evil.txt": b"x", "/etc/passwd": b"x"}),
    "billion laughs": lambda: b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><Invoice>&c;</Invoice>',
    "a document type in UTF-16": lambda: '<?xml version="1.0"?><!DOCTYPE a><a/>'.encode("utf-16"),
    "deeply nested XML": lambda: b"<a>" * 200_000,
    "deeply nested HTML": lambda: b"<html>" + b"<div>" * 200_000,
    "a giant picture": lambda: png(60_000, 60_000),
    "a cut picture": lambda: png(100, 100),
    "a cell beyond the grid": lambda: sheet('<row r="16777217"><c r="XFE16777217"><v>1</v></c></row>'),
    "ten thousand pages": lambda: pdf([CATALOG, MANY_PAGES, PAGE, stream(b"")]),
    "a page of a thousand kilometres": lambda: pdf([CATALOG, PAGES, HUGE_PAGE, stream(b"")]),
    "a loop of pages": lambda: pdf([CATALOG, b"<</Type/Pages/Kids[2 0 R]/Count 1>>"]),
    "a stream that unpacks without end": lambda: pdf([CATALOG, PAGES, PAGE, flate(b" " * (200 << 20))]),
    "a stream packed twice": lambda: pdf([CATALOG, PAGES, PAGE, flate(b" " * (200 << 20), 2)]),
    "a million strokes": lambda: pdf([CATALOG, PAGES, PAGE, flate(b"0 0 m 9 9 l S\n" * 1_000_000)]),
    "arrays in arrays": lambda: pdf([CATALOG, PAGES, PAGE[:-2] + b"/X " + b"[" * 50_000 + b">>", stream(b"")]),
    "an object stream without end": lambda: pdf([CATALOG, PAGES, PAGE, flate(b"1 0 " * (20 << 20))]),
    "no cross-reference": lambda: b"%PDF-1.7\nstartxref\n99999999\n%%EOF",
    "a line without end": lambda: b"1;" * 400_000,
    "a word without end": lambda: b"a" * 3_000_000,
    "too many cells": lambda: b"a;b;c;d;e;f\n" * 60_000,
    "entries that lie over each other": lambda: overlapping_zip(900),
    "an entry longer than it says": lying_zip,
    "an entity repeated": lambda: invoice(DOCTYPE, b"&a;" * 30_000),
    "an entity of a file": lambda: invoice(b'<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/hostname">]>', b"&x;"),
    "an entity of the network": lambda: invoice(b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x">%p;]>', b"1"),
    "a document type behind a remark of HTML": lambda: invoice(b"<!-- <html> -->" + DOCTYPE, b"&a;" * 30_000),
    "an inclusion of a file": lambda: INCLUSION,
    "a picture that is a program": lambda: b"GIF89a/*" + b"x" * 50 + b"*/=1;alert(1)//",
    "a form that draws itself": lambda: pdf(
        [CATALOG, PAGES, PAGE[:-2] + LOOP + b">>", stream(b"/A Do"), stream(b"/A Do", b"/Subtype/Form" + LOOP)]
    ),
    "words without end": lambda: b"a " * 3_000_000,
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_gets_its_reason_and_the_next_document_is_read(name: str) -> None:
    reading = read_in_child(FILES[name](), "order.csv" if "line" in name or "cells" in name else None)
    assert not reading.accepted
    assert not reading.lines
    assert REFUSED & {problem.code for problem in reading.problems}, reading.problems
    assert len(read_in_child(GOOD, "a.csv").lines) == 2


def test_a_cell_in_the_last_corner_of_a_sheet_is_left_out() -> None:
    text = '<row r="1"><c r="A1" t="inlineStr"><is><t>Item</t></is></c></row>'
    corner = sheet(text + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', '<dimension ref="A1:XFD1048576"/>')
    assert not read_in_child(corner).accepted


@pytest.mark.parametrize("action", [b"<</S/JavaScript/JS(app.alert)>>", b"<</S/Launch/F(calc.exe)>>"])
def test_actions_of_a_pdf_are_not_run(action: bytes) -> None:
    reading = read_in_child(
        pdf([b"<</Type/Catalog/Pages 2 0 R/OpenAction " + action + b">>", PAGES, PAGE, stream(b"")])
    )
    assert {p.code for p in reading.problems} == {Code.UNREADABLE}


def test_formulas_and_markup_stay_text() -> None:
    told = ("=HYPERLINK(1)", "@IMPORT(1)", "{{pens*7}}", "<script>x</script>")
    rows = "".join(f'"{text}";1\n' for text in told)
    reading = read_document(f"Purchase requisition\nDescription;Qty\n{rows}".encode(), "a.csv")
    assert [line.description for line in reading.lines] == list(told)


@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_file_cut_off_is_never_accepted(tenth: int) -> None:
    whole = print_pdf("<h1>Invoice</h1><p>Invoice no.: A-77</p><p>Total 5.00</p>")
    for data in (whole, archive({"xl/workbook.xml": b"x" * 9_000, "b": bytes(range(256)) * 90})):
        assert not read_in_child(data[: len(data) * tenth // 10]).accepted


def test_what_is_longer_than_any_document_is_refused() -> None:
    problem = refusal(b"a" * (LARGEST_DOCUMENT + 1))
    assert problem is not None and problem.code is Code.POISON


HEAD = b"From: a@firm.example\nTo: desk@buyer.example\nSubject: order\nContent-Type: text/%s\n"
HTML = HEAD % b"html" + b"\n"
MAILS: dict[str, Callable[[], bytes]] = {
    "a header without end": lambda: HEAD % b"plain" + b"X-Long: " + b"a " * 4_000_000 + b"\n\nhi",
    "a subject without end": lambda: b"Subject: " + b"a " * 2_000_000 + b"\nFrom: a@firm.example\n\nhi",
    "a text without end": lambda: HEAD % b"plain" + b"\n" + b"5 pens at 1.50\n" * 200_000,
    "a tag without end": lambda: HTML + b"<p " + b" ".join(b"a%d=1" % n for n in range(200_000)) + b">x",
    "a table without end": lambda: HTML + b"<table>" + b"<tr><td>pen<td>5<td>1.50" * 150_000,
}


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_without_end_is_left_to_a_person_and_holds_no_worker(name: str) -> None:
    start = time.process_time()
    reading = read_any(MAILS[name](), "a.eml", in_child=True)
    assert not reading.accepted
    assert reading.problems
    assert time.process_time() - start < 15


def test_a_picture_inside_the_text_of_a_mail_is_no_tag_without_end() -> None:
    page = b'<img src="data:image/png;base64,' + b"QUJD" * 20_000 + b'"><p>We need 5 pens by Monday.</p>'
    reading = read_any(HTML + page, "a.eml")
    assert reading.reply_text == "We need 5 pens by Monday."
    assert not [p for p in reading.problems if "end" in p.detail]


def test_rows_of_letters_are_read_in_linear_time() -> None:
    start = time.process_time()
    read_document(b"a;b;c\n" * 4_000, "a.csv")
    assert time.process_time() - start < 6


def test_what_is_left_out_of_a_workbook_is_told() -> None:
    from openpyxl import Workbook

    book = Workbook()
    for number in range(30):
        book.create_sheet(f"More {number}")
    book.worksheets[0].append(["Purchase requisition"])
    book.worksheets[0].append(["Description", "Qty"])
    book.worksheets[0].append(["Pens", 10])
    out = io.BytesIO()
    book.save(out)
    reading = read_document(out.getvalue(), "order.xlsx")
    assert len(reading.lines) == 1
    assert not reading.accepted
    assert "31 sheets" in reading.problems[-1].detail


def test_more_rows_than_any_order_has_are_told() -> None:
    reading = read_document(b"Description;Qty\nPens;1\n" + b"\n" * 200_000 + b"Ink;2\n", "a.csv")
    assert {p.code for p in reading.problems} == {Code.UNREADABLE}
