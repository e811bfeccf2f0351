from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch import headers
from dispatch.headers import Field, HeaderError
from templates.plain import cleaned

ATTACK = "=?utf-8?q?Order=0d=0aBcc:_thief@example.org?="


def read_back(fields: tuple[Field, ...]) -> list[tuple[str, str]]:
    raw = headers.proven(headers.written(fields) + b"\r\n", fields)
    parsed = BytesHeaderParser().parsebytes(raw)
    return [(name, str(make_header(decode_header(value)))) for name, value in parsed.items()]


def test_an_encoded_word_with_a_hidden_line_break_stays_one_header() -> None:
    fields = (headers.text_field("Subject", ATTACK), headers.address_field("From", "a@example.org", ATTACK))
    found = read_back(fields)
    assert [name for name, _ in found] == ["Subject", "From"]
    assert found[0][1] == ATTACK


def test_the_same_attack_written_raw_is_caught_when_it_is_read_back() -> None:
    meant = (Field("Subject", "Order", "Order"),)
    with pytest.raises(HeaderError):
        headers.proven(b"Subject: Order\r\nBcc: thief@example.org\r\n\r\n", meant)


def test_a_changed_value_is_caught_when_it_is_read_back() -> None:
    with pytest.raises(HeaderError):
        headers.proven(b"Subject: Order 2\r\n\r\n", (Field("Subject", "Order 1", "Order 1"),))


@pytest.mark.parametrize("broken", [b"A: b\nC: d\r\n\r\n", b"A: b\rc\r\n\r\n", b"A: \0\r\n\r\n", b"A: b\r\n"])
def test_bare_line_breaks_nul_and_a_missing_end_are_refused(broken: bytes) -> None:
    with pytest.raises(HeaderError):
        headers.proven(broken, ())


def test_a_line_of_998_octets_passes_and_of_999_is_refused() -> None:
    fields = (Field("Subject", "a", "a"),)
    assert headers.proven(b"Subject: a\r\n\r\n" + b"x" * 998, fields)
    with pytest.raises(HeaderError):
        headers.proven(b"Subject: a\r\n\r\n" + b"x" * 999, fields)


def test_line_breaks_control_and_bidi_characters_leave_a_value() -> None:
    assert cleaned(" a\r\nb\0c\u2028d\u202egpj.exe\ud800 ") == "a b c dgpj.exe"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "plain",
        "a@",
        "@example.org",
        "a@b@example.org",
        "a@example.org,b@example.org",
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org\n",
        '"a b"@example.org',
        "a (comment)@example.org",
        "<a@example.org>",
        "Name <a@example.org>",
        "a@[127.0.0.1]",
        "a..b@example.org",
        "ä@example.org",
        "a@-example.org",
        "a@" + "b" * 64 + ".org",
        "a" * 65 + "@example.org",
        "a@example.org\u202e",
    ],
)
def test_anything_but_one_plain_mailbox_is_refused(address: str) -> None:
    with pytest.raises(HeaderError):
        headers.address_field("To", address)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Northwind Tools", "Northwind Tools <a@example.org>"),
        ("Miller, Sons & Co.", '"Miller, Sons & Co." <a@example.org>'),
        ('The "Best" \\ Ltd', '"The \\"Best\\" \\\\ Ltd" <a@example.org>'),
        ("", "a@example.org"),
    ],
)
def test_a_display_name_is_quoted_where_syntax_needs_it(name: str, written: str) -> None:
    field = headers.address_field("From", "a@example.org", name)
    assert field.written == written
    assert parseaddr(field.written) == (name, "a@example.org")


def test_a_display_name_cannot_smuggle_a_second_mailbox() -> None:
    field = headers.address_field("From", "a@example.org", "Boss <boss@example.org>, x")
    assert parseaddr(field.written) == ("Boss <boss@example.org>, x", "a@example.org")


def test_a_domain_with_umlaut_is_sent_in_ascii() -> None:
    assert headers.checked_address("a@müller.example") == "a@xn--mller-kva.example"


@pytest.mark.parametrize("name", ["subject", "X Y", "X:Y", "Subject\r\n", ""])
def test_a_header_name_with_anything_odd_is_refused(name: str) -> None:
    with pytest.raises(HeaderError):
        headers.text_field(name, "a")


@pytest.mark.parametrize("value", ["<a@b>\r\n", "<a b@c>", "a@b", "<a@b> <c@d>", "<ä@b>", "<@>"])
def test_a_message_identifier_must_be_exactly_one(value: str) -> None:
    with pytest.raises(HeaderError):
        headers.message_id_field("In-Reply-To", [value])


def test_an_empty_or_endless_value_is_refused() -> None:
    with pytest.raises(HeaderError):
        headers.text_field("Subject", "\r\n")
    with pytest.raises(HeaderError):
        headers.text_field("Subject", "a" * 5000)


def test_the_header_writer_proves_itself_safe() -> None:
    assert headers.header_writer_is_safe()


@given(st.text(max_size=300), st.text(max_size=80))
def test_what_goes_into_a_header_comes_out_of_it(subject: str, name: str) -> None:
    fields = (
        headers.text_field("Subject", subject + "."),
        headers.address_field("From", "a@example.org", name),
    )
    raw = headers.written(fields) + b"\r\n"
    assert all(len(line) <= 100 for line in raw.split(b"\r\n"))
    parsed = BytesHeaderParser().parsebytes(headers.proven(raw, fields))
    assert str(make_header(decode_header(parsed["Subject"]))) == cleaned(subject + ".")
    shown, address = parseaddr(parsed["From"].replace("\r\n", ""))
    assert str(make_header(decode_header(shown))) == cleaned(name)
    assert address == "a@example.org"
