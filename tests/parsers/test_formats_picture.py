"""Scanned pages; where Tesseract is not installed only the problem can be told."""

import io
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
from PIL import Image

from parsers.document import read_document
from parsers.formats import picture
from records.problems import Code
from tests.parsers.paper import print_pdf

HTML = """<style>body{font:13pt sans-serif}td,th{border:1px solid;padding:6pt;text-align:left}</style>
<h1>Purchase requisition</h1><p>Requisition no. PR-417</p><table style="border-collapse:collapse">
<tr><th>Qty<th>Unit<th>Description<th>Price<th>Amount</tr><tr><td>12<td>bags<td>Cement mortar<td>7.50<td>90.00</tr>
<tr><td>6<td>boxes<td>Wood screws<td>11.00<td>66.00</tr></table><p>Total net 156.00</p>"""
needs_engine = pytest.mark.skipif(not picture.engine(), reason="Tesseract is not installed")


def scan(turn: float = 0.0) -> Any:
    document = pypdfium2.PdfDocument(print_pdf(HTML))
    image = document[0].render(scale=200 / 72, grayscale=True).to_pil()
    document.close()
    return image.rotate(turn, expand=turn % 90 == 0, fillcolor=255)


def encoded(image: Any, kind: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


@needs_engine
@pytest.mark.parametrize(("turn", "kind"), [(0.0, "PNG"), (1.5, "JPEG"), (180.0, "TIFF")])
def test_a_scanned_form_is_read_whatever_way_it_lies(turn: float, kind: str) -> None:
    reading = read_document(encoded(scan(turn), kind))
    assert [(line.quantity, line.line_total) for line in reading.lines] == [
        (Decimal(12), Decimal("90.00")),
        (Decimal(6), Decimal("66.00")),
    ]


@needs_engine
def test_what_a_picture_says_once_is_never_accepted() -> None:
    assert not read_document(encoded(scan(), "PDF")).accepted


def test_without_an_engine_the_problem_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "engine", lambda: None)
    reading = read_document(encoded(scan(), "PNG"))
    assert [p.code for p in reading.problems] == [Code.UNREADABLE]
    assert "Tesseract" in reading.problems[0].detail


def test_broken_pictures_are_unreadable() -> None:
    whole = encoded(Image.new("L", (50, 50)), "PNG")
    for data in (whole[:60], b"GIF89a", b"\xff\xd8\xff\xe0" + bytes(50), b"BM" + bytes(60)):
        assert [p.code for p in read_document(data).problems] == [Code.UNREADABLE]
