"""What is packed inside a mail: TNEF, zip, S/MIME, PGP; what only decorates it; and what cannot be opened."""

import io
import struct
import zipfile
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

from parsers.mail_parts import documents_of
from parsers.message import Message, parse_message
from parsers.own_words import own_words
from records.problems import Code

LIST = b"item;quantity\r\nGloves;10\r\n"


def mail_with(*attachments: tuple[str, str, bytes], text: str = "See below.\n") -> Message:
    message = EmailMessage()
    message["From"], message["To"] = "Ann Lee <ann@mill.example>", "desk@mill.example"
    message["Subject"], message["Message-ID"] = "Gloves", "<1@mill.example>"
    message.set_content(text)
    for name, media_type, data in attachments:
        main, _, sub = media_type.partition("/")
        message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return parse_message(message.as_bytes())


def names(message: Message) -> list[str | None]:
    return [leaf.filename for _, leaf in documents_of(message)]


def codes(message: Message) -> set[Code]:
    return {problem.code for problem in message.problems}


def zipped(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


def tnef(body: bytes, *attachments: tuple[bytes, bytes]) -> bytes:
    """Return a TNEF stream (MS-OXTNEF 2.1.3) with a plain body and attachments by value."""
    found = struct.pack("<IH", 0x223E9F78, 1)
    found += _attribute(1, 0x00089006, struct.pack("<I", 0x00010000)) + _attribute(1, 0x0002800C, body + b"\0")
    for name, data in attachments:
        found += _attribute(2, 0x00069002, struct.pack("<HIHHHH", 1, 0xFFFFFFFF, 0, 0, 0, 0))
        found += _attribute(2, 0x00018010, name + b"\0") + _attribute(2, 0x0006800F, data)
    return found


def _attribute(level: int, kind: int, data: bytes) -> bytes:
    return struct.pack("<BII", level, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def test_files_in_a_tnef_stream_are_whole() -> None:
    big = bytes(range(256)) * 400
    stream = tnef(b"See attached.", (b"list.csv", LIST), (b"plan.bin", big))
    message = mail_with(("winmail.dat", "application/ms-tnef", stream))
    assert names(message) == ["list.csv", "plan.bin"]
    assert [leaf.data for _, leaf in documents_of(message)] == [LIST, big]


def test_a_mail_that_is_nothing_but_tnef_lends_its_words() -> None:
    raw = EmailMessage()
    raw["From"], raw["To"], raw["Subject"] = "ann@mill.example", "desk@mill.example", "Gloves"
    raw.set_content(tnef(b"Please order 10 boxes of gloves."), maintype="application", subtype="ms-tnef")
    assert own_words(parse_message(raw.as_bytes())).text == "Please order 10 boxes of gloves."


def test_a_broken_tnef_stream_is_told() -> None:
    message = mail_with(("winmail.dat", "application/ms-tnef", tnef(b"x")[:9] + b"\xff" * 40))
    assert message.problems or names(message) == []


def test_files_in_a_zip_and_in_a_zip_within_it_are_documents() -> None:
    inner = zipped(("deep/list.csv", LIST))
    message = mail_with(("all.zip", "application/zip", zipped(("offer.txt", b"10 boxes"), ("more.zip", inner))))
    assert sorted(filter(None, names(message))) == ["list.csv", "offer.txt"]


@pytest.mark.parametrize(
    "data",
    [
        zipped(("zeros.bin", b"\0" * 50_000_000)),
        zipped(*((f"{number}.txt", b"x") for number in range(500))),
    ],
    ids=["a bomb", "too many files"],
)
def test_an_archive_that_is_a_bomb_is_not_opened(data: bytes) -> None:
    message = mail_with(("all.zip", "application/zip", data))
    assert names(message) == []
    assert codes(message) & {Code.QUARANTINED, Code.POISON}


def test_a_name_that_leaves_the_archive_is_told_and_kept_short() -> None:
    message = mail_with(("all.zip", "application/zip", zipped(("../../etc/list.csv", LIST))))
    assert names(message) == ["list.csv"]
    assert codes(message) == {Code.UNREADABLE}


def test_a_locked_archive_is_told_to_be_encrypted() -> None:
    data = bytearray(zipped(("list.csv", LIST)))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        at = data.find(mark) + (6 if mark == b"PK\x03\x04" else 8)
        data[at] |= 1
    message = mail_with(("all.zip", "application/zip", bytes(data)))
    assert codes(message) == {Code.ENCRYPTED}


@pytest.fixture(scope="module")
def signer() -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ann Lee")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return certificate, key


INNER = b"Content-Type: text/plain; charset=utf-8\r\n\r\nPlease order 10 boxes of gloves.\r\n"


def signed(signer: tuple[x509.Certificate, rsa.RSAPrivateKey], *options: pkcs7.PKCS7Options) -> bytes:
    builder = pkcs7.PKCS7SignatureBuilder().set_data(INNER).add_signer(*signer, hashes.SHA256())
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary, *options])


def bare(media_type: str, data: bytes, name: str) -> Message:
    main, _, sub = media_type.partition("/")
    raw = EmailMessage()
    raw["From"], raw["To"], raw["Subject"] = "ann@mill.example", "desk@mill.example", "Gloves"
    raw.set_content(data, maintype=main, subtype=sub, filename=name)
    return parse_message(raw.as_bytes())


def test_words_in_an_opaque_signature_are_read(signer: tuple[x509.Certificate, rsa.RSAPrivateKey]) -> None:
    message = bare("application/pkcs7-mime", signed(signer), "smime.p7m")
    assert any("10 boxes of gloves" in (leaf.text or "") for leaf in message.leaves)
    assert codes(message) == set()


def test_a_detached_signature_is_no_document(signer: tuple[x509.Certificate, rsa.RSAPrivateKey]) -> None:
    detached = signed(signer, pkcs7.PKCS7Options.DetachedSignature)
    message = mail_with(("smime.p7s", "application/pkcs7-signature", detached), text="Please order gloves.\n")
    assert names(message) == []
    assert own_words(message).text == "Please order gloves."


def test_an_enveloped_mail_is_told_to_be_encrypted(signer: tuple[x509.Certificate, rsa.RSAPrivateKey]) -> None:
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(INNER).add_recipient(signer[0])
    sealed = builder.encrypt(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])
    assert codes(bare("application/pkcs7-mime", sealed, "smime.p7m")) == {Code.ENCRYPTED}


def test_clear_signed_words_are_read_without_their_armour() -> None:
    text = (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nPlease order:\n- - 10 boxes of gloves\n"
        "-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCgAdFiEE\n-----END PGP SIGNATURE-----\n"
    )
    assert own_words(mail_with(text=text)).text == "Please order:\n- 10 boxes of gloves"


def test_a_mail_encrypted_with_pgp_is_told_so() -> None:
    raw = (
        b"From: ann@mill.example\r\nTo: desk@mill.example\r\nSubject: Gloves\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b\r\n\r\n'
        b"--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b\r\n"
        b"Content-Type: application/octet-stream; name=encrypted.asc\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\n"
        b"hQEMA\r\n-----END PGP MESSAGE-----\r\n--b--\r\n"
    )
    assert Code.ENCRYPTED in codes(parse_message(raw))


def test_an_invitation_and_a_card_are_no_documents() -> None:
    message = mail_with(
        ("meeting.ics", "text/calendar", b"BEGIN:VCALENDAR\r\nSUMMARY:Order 10 boxes\r\nEND:VCALENDAR\r\n"),
        ("ann.vcf", "text/vcard", b"BEGIN:VCARD\r\nFN:Ann Lee\r\nEND:VCARD\r\n"),
        ("list.csv", "text/csv", LIST),
    )
    assert names(message) == ["list.csv"]


def png(width: int, height: int, size: int) -> bytes:
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)
    return head + b"\0" * (size - len(head))


@pytest.mark.parametrize(
    ("width", "height", "size", "shown", "is_document"),
    [
        (120, 60, 4_000, True, False),
        (600, 80, 20_000, True, False),
        (1240, 1754, 300_000, False, True),
        (1240, 1754, 300_000, True, True),
        (1, 1, 100, False, False),
        (900, 700, 15_000, True, False),
    ],
    ids=["logo", "strip", "scan attached", "scan pasted", "pixel", "small picture in the text"],
)
def test_logos_and_signature_pictures_are_told_apart_from_scans(
    width: int, height: int, size: int, shown: bool, is_document: bool
) -> None:
    raw = EmailMessage()
    raw["From"], raw["To"], raw["Subject"] = "ann@mill.example", "desk@mill.example", "Gloves"
    raw.set_content("See below.\n")
    raw.add_alternative('<p>See below.</p><img src="cid:pic@mill.example">', subtype="html")
    picture = png(width, height, size)
    if shown:
        page = list(raw.iter_parts())[1]
        assert isinstance(page, EmailMessage)
        page.add_related(picture, "image", "png", cid="<pic@mill.example>", filename="image001.png")
    else:
        raw.add_attachment(picture, "image", "png", filename="scan.png")
    assert bool(names(parse_message(raw.as_bytes()))) is is_document
