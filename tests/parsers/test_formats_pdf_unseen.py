"""Texts of a PDF that nobody sees: told apart by what is drawn beneath and over them."""

import zlib

import pytest

from parsers.document import read_document
from parsers.formats.pdf import read_pdf
from parsers.reading import Reading

_FONT = b"/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>/XObject<</P 5 0 R/T 6 0 R>>>>"
_PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R" + _FONT + b">>"
_GREY = b"/Type/XObject/Subtype/Image/Width 2/Height 2/ColorSpace/DeviceGray/BitsPerComponent 8"
_SHOWN = b"BT /F 12 Tf 50 700 Td (QTY 5) Tj ET "
_TEXT = b" BT /F 12 Tf 50 650 Td (SECRET) Tj ET "


def drawn(content: bytes) -> bytes:
    """Return a PDF of one page with ``content``; /P is an opaque picture, /T one that is half transparent."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        _PAGE,
        _stream(b"", content),
        _stream(_GREY, bytes(4)),
        _stream(_GREY + b"/SMask 7 0 R", bytes(4)),
        _stream(_GREY, b"\x20" * 4),
    ]
    out, places = b"%PDF-1.7\n", []
    for number, thing in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + thing + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    return out + head + table + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(out))


def _stream(facts: bytes, data: bytes) -> bytes:
    packed = zlib.compress(data)
    return b"<<" + facts + b"/Filter/FlateDecode/Length %d>>\nstream\n" % len(packed) + packed + b"\nendstream"


UNSEEN = {
    "white on the white page": b"1 g" + _TEXT,
    "nearly white": b"0.97 g" + _TEXT,
    "in the colour of the fill beneath": b"0 0 1 rg 40 640 200 30 re f" + _TEXT,
    "of one point": b"BT /F 1 Tf 50 650 Td (SECRET) Tj ET ",
    "scaled down": b"BT /F 10 Tf 0.1 0 0 0.1 50 650 Tm (SECRET) Tj ET ",
    "under a later fill": _TEXT + b"1 g 40 640 200 30 re f ",
    "under a later picture": _TEXT + b"q 200 0 0 30 40 640 cm /P Do Q ",
    "clipped away": b"q 300 300 50 50 re W n" + _TEXT + b"Q ",
    "outside the page": b"BT /F 12 Tf -500 650 Td (SECRET) Tj ET ",
}
SEEN = {
    "white on a dark bar": b"0 g 40 640 200 30 re f 1 g" + _TEXT,
    "white on a picture": b"q 200 0 0 30 40 640 cm /P Do Q 1 g" + _TEXT,
    "white on a bar with round corners": b"0 g 45 640 m 235 640 l 240 645 l 240 665 l 235 670 l 45 670 l 40 655 l f 1 g"
    + _TEXT,
    "black within a filled frame": b"0 g 40 640 200 30 re 41 641 198 28 re f*" + _TEXT,
    "light grey": b"0.85 g" + _TEXT,
    "beside a later fill": _TEXT + b"1 g 300 640 200 30 re f ",
    "partly under a later fill": _TEXT + b"1 g 40 640 20 30 re f ",
    "under a half transparent picture": _TEXT + b"q 200 0 0 30 40 640 cm /T Do Q ",
    "within its clip": b"q 40 640 200 30 re W n" + _TEXT + b"Q ",
}


@pytest.mark.parametrize("how", UNSEEN)
def test_a_text_that_nobody_sees_is_not_read_and_told(how: str) -> None:
    content = read_pdf(drawn(b"0 g " + _SHOWN + UNSEEN[how]))
    assert [word.text for word in content.pages[0].words] == ["QTY", "5"]
    assert content.hidden == 1
    reading = read_document(drawn(b"0 g " + _SHOWN + UNSEEN[how]))
    assert any("1 words that nobody sees" in problem.detail for problem in reading.problems)


@pytest.mark.parametrize("how", SEEN)
def test_a_text_that_is_seen_is_read(how: str) -> None:
    content = read_pdf(drawn(b"0 g " + _SHOWN + SEEN[how]))
    assert [word.text for word in content.pages[0].words] == ["QTY", "5", "SECRET"]
    assert not content.hidden


def test_the_second_line_of_a_cell_made_for_one_is_left_out_and_told_without_doubt() -> None:
    paper = drawn(b"0 g " + _SHOWN + b"q 40 630 200 19 re W n" + _TEXT + b"Q ")
    content = read_pdf(paper)
    assert [word.text for word in content.pages[0].words] == ["QTY", "5"]
    assert not content.hidden
    assert content.cut == ("SECRET",)
    reading = read_document(paper)
    assert reading.left_out == ("SECRET",)
    assert Reading.from_dict(reading.as_dict()) == reading
    assert not any("nobody sees" in problem.detail for problem in reading.problems)


def test_a_page_of_very_many_fills_and_texts_is_refused_and_not_compared() -> None:
    content = b"0 0 590 840 re f " * 9_000 + b"BT /F 9 Tf " + b"1 0 0 1 50 650 Tm (a) Tj " * 9_000 + b"ET"
    assert "areas" in read_document(drawn(content)).problems[0].detail
