import pytest

from parsers.message import parse_message
from parsers.message_headers import decode_words, strict_mailbox
from records.problems import Code

HEAD = b"From: Ann <ann@mill.example>\r\nDate: Tue, 10 Nov 2026 09:00:00 +0100\r\nSubject: x\r\n"


def test_every_leaf_of_a_multipart_is_kept_in_order() -> None:
    data = HEAD + (
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\npreamble\r\n--b\r\n\r\nfirst\r\n'
        b"--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: "
        b"base64\r\n\r\naGVsbG8=\r\n--b--\r\n"
    )
    message = parse_message(data)
    assert [(leaf.media_type, leaf.data) for leaf in message.leaves] == [
        ("text/plain", b"first"),
        ("application/pdf", b"hello"),
    ]
    assert message.leaves[1].filename == "a.pdf"


def test_a_missing_last_boundary_loses_nothing() -> None:
    data = HEAD + (
        b"Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Type: text/plain\r\n\r\nfive bolts"
    )
    assert [leaf.text for leaf in parse_message(data).leaves] == ["five bolts"]


def test_nested_messages_are_told_apart_from_the_message() -> None:
    data = HEAD + b"Content-Type: message/rfc822\r\n\r\nFrom: eve@other.example\r\nSubject: inner\r\n\r\nhi"
    message = parse_message(data)
    assert message.nested[0].message.subject == "inner"
    assert message.sender is not None and message.sender.address == "ann@mill.example"


@pytest.mark.parametrize(
    "written",
    [
        b"Ann <ann@mill.example>, Eve <eve@evil.example>",
        b"ann@mill.example <eve@evil.example>",
        b'"ann@mill.example" <eve@evil.example>',
        b"=?utf-8?q?ann=40mill.example?= <eve@evil.example>",
        b"Ann <ann@mill.example> <eve@evil.example>",
        b"Friends: ann@mill.example;",
        b"Ann",
        b"",
    ],
)
def test_a_from_field_that_could_mean_another_names_nobody(written: bytes) -> None:
    assert strict_mailbox(written) is None


@pytest.mark.parametrize(
    ("written", "address", "name"),
    [
        (b"Ann Lee <Ann@Mill.example>", "ann@mill.example", "Ann Lee"),
        (b'"Lee, Ann" <ann@mill.example>', "ann@mill.example", "Lee, Ann"),
        (b"ann@mill.example (Ann Lee)", "ann@mill.example", "Ann Lee"),
        (b"=?iso-8859-1?q?J=F6rg?= <j@mill.example>", "j@mill.example", "Jörg"),
    ],
)
def test_one_plain_mailbox_is_read_with_its_name(written: bytes, address: str, name: str) -> None:
    found = strict_mailbox(written)
    assert found is not None and (found.address, found.name) == (address, name)


def test_two_from_fields_or_a_hidden_one_name_nobody() -> None:
    assert parse_message(b"From: a@b.example\r\n" + HEAD + b"\r\nhi").sender is None
    hidden = parse_message(b"Subject: a\rFrom: evil@x.example\r\nFrom: a@b.example\r\n\r\nhi")
    assert hidden.sender is None and hidden.problems


def test_the_same_mail_with_other_trace_fields_has_the_same_fingerprint() -> None:
    one = parse_message(b"Received: by a\r\n" + HEAD + b"\r\nhi")
    two = parse_message(b"Received: by b\r\nDelivered-To: c@d.example\r\n" + HEAD + b"\r\nhi")
    other = parse_message(HEAD + b"\r\nho")
    assert one.fingerprint == two.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    "data",
    [
        b"X-Big: " + b"a " * 200_000 + b"\r\n\r\nhi",
        HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(1_500)) + b"\r\nhi",
        HEAD + b"Cc: " + b"," * 5_000 + b"\r\n\r\nhi",
        b"Subject: " + b"=?utf-8?q?a?= " * 5_000 + b"\r\n\r\nhi",
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 2_000,
    ],
)
def test_a_message_over_a_limit_is_poison_and_keeps_its_bytes(data: bytes) -> None:
    message = parse_message(data)
    assert Code.POISON in {problem.code for problem in message.problems}
    assert message.leaves


@pytest.mark.parametrize("data", [b"", b"\x00", b"\r\n\r\n", b"no header here", b":", b"From:", b"\xff\xfe" * 50])
def test_any_bytes_give_a_message(data: bytes) -> None:
    assert parse_message(data).fingerprint


@pytest.mark.parametrize(
    ("charset", "data", "text"),
    [
        ("iso-8859-1", "Bogen für Müller".encode(), "Bogen für Müller"),
        ("utf-8", "Bogen für Müller".encode("cp1252"), "Bogen für Müller"),
        ("x-nowhere", "café".encode(), "café"),
        ("macintosh", "gelée".encode("mac_roman"), "gelée"),
        ("us-ascii", "prix 5 €".encode(), "prix 5 €"),
    ],
)
def test_text_is_read_under_a_wrong_charset(charset: str, data: bytes, text: str) -> None:
    message = parse_message(HEAD + b"Content-Type: text/plain; charset=" + charset.encode() + b"\r\n\r\n" + data)
    assert message.leaves[0].text == text


def test_encoded_words_side_by_side_are_one_run_of_bytes() -> None:
    assert decode_words("=?utf-8?b?w6TDtg==?= =?utf-8?b?w7w=?= x") == "äöü x"
