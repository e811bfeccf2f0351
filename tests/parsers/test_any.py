import pytest

from parsers.any import is_message, read_any
from parsers.reading import Kind

MAIL = b"From: Ada <ada@people.example>\r\nSubject: Paper\r\n\r\nPlease order 3 boxes of paper.\r\n"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("letter.eml", b"anything"),
        ("letter", MAIL),
        ("letter.txt", MAIL),
        ("note.txt", b"Please order 3 boxes of paper.\n"),
        ("outlook.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ],
)
def test_mail_is_known_by_its_name_or_as_text(name: str, data: bytes) -> None:
    assert is_message(data, name)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("order.pdf", b"From: not a mail\nTo: nobody\n"),
        ("order", b"%PDF-1.7\n"),
        ("order.xml", b"<Order/>"),
        ("order", b"\xef\xbb\xbf<?xml version='1.0'?><Order/>"),
        ("book", b"PK\x03\x04"),
        ("list.csv", b"item;quantity\nP-1;3\n"),
        ("answer", b"UNA:+.? 'UNB+UNOC:3"),
        ("noise", bytes(range(32)) * 4),
        ("empty", b""),
    ],
)
def test_documents_are_known_by_their_name_or_first_bytes(name: str, data: bytes) -> None:
    assert not is_message(data, name)


def test_a_mail_is_read_whole() -> None:
    reading = read_any(MAIL, "letter")
    assert reading.kind is Kind.REQUISITION
    assert reading.subject == "Paper"
