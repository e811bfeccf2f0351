import io
import struct
import zipfile

import pytest

from parsers.bytes_check import MOST_ENTRIES, refusal
from records.problems import Code


def archive(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in files.items():
            zipped.writestr(name, data)
    return buffer.getvalue()


def code(data: bytes) -> Code | None:
    problem = refusal(data)
    return problem.code if problem else None


def test_ordinary_bytes_pass() -> None:
    assert code(b"Description;Qty\nPens;10\n") is None
    assert code(archive({"word/document.xml": b"<a>hello</a>"})) is None


def test_an_archive_that_unpacks_to_far_too_much_is_poison() -> None:
    assert code(archive({"a": b"\0" * (40 << 20)})) is Code.POISON


def test_an_archive_with_too_many_entries_is_poison() -> None:
    assert code(archive({str(n): b"" for n in range(MOST_ENTRIES + 1)})) is Code.POISON


def test_an_entry_that_lies_about_its_size_is_unreadable() -> None:
    data = bytearray(archive({"order.csv": b"item,qty\nbolt,5\n"}))
    place = bytes(data).rfind(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<L", 3)
    assert code(bytes(data)) is Code.UNREADABLE


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_any_document_type_in_xml_is_refused(encoding: str) -> None:
    assert code('<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x "y">]><r>&x;</r>'.encode(encoding)) is Code.UNREADABLE
    assert code(archive({"xl/a.xml": b"<!DOCTYPE x><x/>"})) is Code.UNREADABLE


def test_the_document_type_of_html_is_its_own() -> None:
    assert code(b"<!DOCTYPE html><html><body>x</body></html>") is None


@pytest.mark.parametrize(("side", "refused"), [(5_000, None), (20_000, Code.UNREADABLE)])
def test_a_picture_is_judged_by_its_pixels(side: int, refused: Code | None) -> None:
    assert code(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", side, side)) is refused


def test_nothing_at_all_is_unreadable() -> None:
    assert code(b"") is Code.UNREADABLE
