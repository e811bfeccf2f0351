"""Any document as a Reading: the one entrance to all formats.

The bytes tell the format, not the name: the name only helps with plain text. Each format's libraries are
loaded when the first document of that format comes.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import date

from parsers.bytes_check import refusal
from parsers.hints import Lessons
from parsers.page_reader import PageReader, ReadPages
from parsers.reading import Reading
from records.problems import Code, Problem

# What libraries for foreign formats are known to let escape on broken bytes.
_BREAKAGES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
_X12 = re.compile(rb"\s*ISA(.).{100,110}", re.DOTALL)
_EDIFACT = re.compile(rb"\s*(?:UNA.{6}\s*)?UNB[+\x1d]", re.DOTALL)
_HTML = re.compile(rb"<!doctype\s+html|<html|<table|<body|<div", re.IGNORECASE)
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"GIF8", b"BM")

MOST_TEXT_LINES = 200_000

_Reader = Callable[[bytes, ReadPages], Reading]


def read_document(
    data: bytes,
    name: str | None = None,
    media_type: str | None = None,
    today: date | None = None,
    lessons: Lessons | None = None,
) -> Reading:
    """Return what the document ``data`` says; never raises.

    ``name`` and ``media_type`` tell the format where the bytes do not. ``today`` is the day that relative
    dates are told from, ``lessons`` what was learned of layouts. Bytes that cannot be read give a Reading
    of kind other with a problem.
    """
    return read_document_with(PageReader(today, lessons or {}), data, name, media_type)


def read_document_with(read_pages: ReadPages, data: bytes, name: str | None, media_type: str | None) -> Reading:
    """Return what the document ``data`` says, its pages read by ``read_pages``; never raises."""
    problem = refusal(data)
    if problem:
        return Reading(problems=(problem,))
    reader = _reader_of(data, (name or "").lower(), (media_type or "").lower())
    if reader is None:
        return _unreadable("The format of the file is not known.")
    try:
        return reader(data, read_pages)
    except _BREAKAGES as error:
        return _unreadable(f"The file is broken ({type(error).__name__}).")


def _unreadable(detail: str) -> Reading:
    return Reading(problems=(Problem(Code.UNREADABLE, detail),))


def _told(reading: Reading, left_out: str) -> Reading:
    """Return ``reading`` with the doubt that something was left out, unchanged if nothing was."""
    if not left_out:
        return reading
    problem = Problem(Code.LOW_CONFIDENCE, left_out)
    return reading.with_(problems=(*reading.problems, problem), accepted=False)


def _reader_of(data: bytes, name: str, media_type: str) -> _Reader | None:
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if b"%PDF" in data[:1024]:
        return _pdf
    if data.startswith(_PICTURES) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        return _picture
    if data[:4] == b"PK\x03\x04":
        return _office(data)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return _spreadsheet
    if _EDIFACT.match(data[:64]):
        return _edifact
    if _X12.match(data[:200]):
        return _x12
    if _HTML.search(data[:4096]) and not head.startswith(b"<?xml"):
        return _html
    if head.startswith((b"<?xml", b"<")) or (data[:2] in (b"\xff\xfe", b"\xfe\xff") and b"<\x00" in data[:8]):
        return _html if b"<html" in data[:4096].lower() else _xml
    if name.endswith((".csv", ".tsv", ".txt", ".tab")) or media_type.startswith("text/") or _is_text(data):
        return _text
    return None


def _is_text(data: bytes) -> bool:
    sample = data[:4096]
    return not any(byte < 9 or 13 < byte < 27 for byte in sample)


def _office(data: bytes) -> _Reader | None:
    """Return the reader of a zip archive by what it holds."""
    head = data[:4096] + data[-65536:]
    if b"xl/workbook" in data or b"opendocument.spreadsheet" in head:
        return _spreadsheet
    if b"word/document.xml" in data:
        return _docx
    return None


def _pdf(data: bytes, read_pages: ReadPages) -> Reading:
    from parsers.formats.pdf_document import read_pdf_document
    from parsers.formats.pdf_refusal import PdfEncryptedError, PdfRefusedError

    try:
        return read_pdf_document(data, read_pages)
    except PdfEncryptedError as error:
        return Reading(problems=(Problem(Code.ENCRYPTED, str(error)),))
    except PdfRefusedError as error:
        return _unreadable(str(error))


def _picture(data: bytes, read_pages: ReadPages) -> Reading:
    from parsers.formats.picture import PictureRefusedError, read_picture

    try:
        return read_picture(data, read_pages)
    except PictureRefusedError as error:
        return _unreadable(str(error))


def _spreadsheet(data: bytes, read_pages: ReadPages) -> Reading:
    from parsers.formats.spreadsheet import SheetRefusedError, read_spreadsheet

    try:
        workbook = read_spreadsheet(data)
        return _told(read_pages(workbook.pages), workbook.left_out)
    except SheetRefusedError as error:
        code = Code.ENCRYPTED if "ncrypted" in str(error) else Code.UNREADABLE
        return Reading(problems=(Problem(code, str(error)),))


def _docx(data: bytes, read_pages: ReadPages) -> Reading:
    from parsers.formats.docx import WordRefusedError, read_docx

    try:
        return read_pages(read_docx(data))
    except WordRefusedError as error:
        return _unreadable(str(error))


def _html(data: bytes, read_pages: ReadPages) -> Reading:
    from parsers.formats.csv_table import decode
    from parsers.formats.html import html_pages
    from parsers.html_text import without_endless_tags

    text = decode(data)
    if without_endless_tags(text) != text:
        return _unreadable("The page holds a tag without end.")
    return read_pages(html_pages(text))


def _text(data: bytes, read_pages: ReadPages) -> Reading:
    from parsers.formats.csv_table import decode, read_csv
    from parsers.formats.text_table import text_page

    if max(data.count(b"\n"), data.count(b"\r")) > MOST_TEXT_LINES:
        return _unreadable(f"The text has more than {MOST_TEXT_LINES} lines, more than any order.")
    pages = read_csv(data)
    if pages:
        delimited = read_pages(pages)
        if delimited.lines or any(problem.code is Code.UNREADABLE for problem in delimited.problems):
            return delimited
    return read_pages((text_page(decode(data)),))


def _xml(data: bytes, read_pages: ReadPages) -> Reading:
    from parsers.formats.xml import XmlRefusedError, read_xml

    try:
        return read_xml(data)
    except XmlRefusedError as error:
        return _unreadable(str(error))


def _edifact(data: bytes, read_pages: ReadPages) -> Reading:
    from parsers.formats.edifact import read_edifact

    return read_edifact(data)


def _x12(data: bytes, read_pages: ReadPages) -> Reading:
    from parsers.formats.x12 import read_x12

    return read_x12(data)
