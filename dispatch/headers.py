"""Outgoing header fields: the one place where a value becomes a line of a header.

The standard library's writer is not used: in some versions it turns an encoded word that hides a line
break into a real header (CVE-2024-6923). Here a value is cleaned, then written either as plain ASCII
without ``=?`` or as encoded words of our own making, and ``proven`` reads the finished bytes back
before anything is sent (RFC 5322, 2047, 3834).
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from email.errors import MultipartInvariantViolationDefect
from email.header import decode_header
from email.parser import BytesHeaderParser

from templates.plain import cleaned

CRLF = "\r\n"
FOLD_AT = 76  # characters of a line, below the 78 that RFC 5322 2.1.1 recommends
LONGEST_VALUE = 4000
LONGEST_WORD = 70  # a longer one cannot be folded and is sent as encoded words
BYTES_IN_ENCODED_WORD = 39  # with its frame of 12 characters below the 75 of RFC 2047 section 2

FIELD_NAME = re.compile(r"[A-Z][A-Za-z0-9]*(?:-[A-Z][A-Za-z0-9]*)*")
LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
DOMAIN = re.compile(
    r"(?=.{1,253}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
MESSAGE_ID = re.compile(r"<[!-;=?A-~]{1,400}@[!-;=?A-~]{1,400}>")
ATOM_TEXT = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")


class HeaderError(ValueError):
    """A value cannot be sent as a header without changing what it means."""


@dataclass(frozen=True)
class Field:
    """One header field: ``written`` is the ASCII text on the wire, ``meant`` the same decoded."""

    name: str
    written: str
    meant: str


def text_field(name: str, text: str) -> Field:
    """Return an unstructured field such as Subject, with ``text`` cleaned."""
    value = cleaned(text)
    return _field(name, value if _is_plain(value) else _encoded(value), value)


def token_field(name: str, value: str) -> Field:
    """Return a field whose value is fixed syntax (``auto-generated``); raises if it is not plain ASCII."""
    if value != cleaned(value) or not _is_plain(value):
        raise HeaderError(f"{name}: {value!r} is not a plain header value")
    return _field(name, value, value)


def address_field(name: str, address: str, display_name: str = "") -> Field:
    """Return a field that holds exactly one mailbox."""
    mailbox = checked_address(address)
    shown = cleaned(display_name)
    if not shown:
        return _field(name, mailbox, mailbox)
    phrase = _phrase(shown)
    meant = shown if phrase.startswith("=?") else phrase
    return _field(name, f"{phrase} <{mailbox}>", f"{meant} <{mailbox}>")


def message_id_field(name: str, message_ids: Sequence[str]) -> Field:
    """Return Message-ID, In-Reply-To or References; raises if one is not ``<left@right>`` in ASCII."""
    if wrong := [message_id for message_id in message_ids if not is_message_id(message_id)]:
        raise HeaderError(f"{name}: {wrong[0]!r} is not a message identifier")
    value = " ".join(message_ids)
    return _field(name, value, value)


def is_message_id(text: str) -> bool:
    """Tell whether ``text`` is exactly one well-formed ASCII message identifier."""
    return MESSAGE_ID.fullmatch(text) is not None


def checked_address(address: str) -> str:
    """Return ``address`` with its domain in ASCII; raises unless it is exactly one plain mailbox.

    Quoted local parts, comments, lists, address literals and letters outside ASCII before the @ are
    refused: no purchasing mailbox needs them and each has carried an injection somewhere.

    >>> checked_address("einkauf@müller.example")
    'einkauf@xn--mller-kva.example'
    """
    local, at, domain = address.rpartition("@")
    ascii_domain = _ascii_domain(domain)
    if not at or len(local) > 64 or not LOCAL_PART.fullmatch(local) or not DOMAIN.fullmatch(ascii_domain):
        raise HeaderError(f"{address!r} is not one plain email address")
    return f"{local}@{ascii_domain}"


def written(fields: Sequence[Field]) -> bytes:
    """Return the header block of ``fields`` with folded lines, without the empty line that ends it."""
    return "".join(_folded(field) for field in fields).encode("ascii")


def proven(message: bytes, fields: Sequence[Field]) -> bytes:
    """Return ``message`` unchanged after reading it back; raises unless it says exactly ``fields``.

    Names, their order, their number and every decoded value must agree, and no line may be longer than
    998 octets or contain a lone CR, a lone LF or a NUL (RFC 5322 2.1.1 and 2.2).
    """
    _check_lines(message)
    head, separator, _ = message.partition(b"\r\n\r\n")
    if not separator:
        raise HeaderError("the message has no end of its header")
    parsed = BytesHeaderParser().parsebytes(head + b"\r\n\r\n")
    found = [(name, _decoded(str(value))) for name, value in parsed.items()]
    intended = [(field.name, field.meant) for field in fields]
    # Python before 3.11.5 misses the body of a multipart even where only its header is read.
    defects = [one for one in parsed.defects if not isinstance(one, MultipartInvariantViolationDefect)]
    if defects or found != intended:
        raise HeaderError("the written header does not read back as it was meant")
    return message


def header_writer_is_safe() -> bool:
    """Return True when a hidden line break in a subject or name stays inside its field.

    ``buydesk doctor`` asks this: it writes the known attacks and reads them back.
    """
    attacks = ("=?utf-8?q?=0d=0aBcc:_x@example.org?=", "a\r\nBcc: x@example.org", "a\n\n<b>", "ü\r\n\r\nb")
    for attack in attacks:
        fields = (text_field("Subject", attack), address_field("From", "a@example.org", attack))
        try:
            proven(written(fields) + b"\r\n", fields)
        except HeaderError:
            return False
    return True


def _field(name: str, value: str, meant: str) -> Field:
    if not FIELD_NAME.fullmatch(name):
        raise HeaderError(f"{name!r} is not a header name")
    if not value or len(meant) > LONGEST_VALUE:
        raise HeaderError(f"{name}: a value of {len(meant)} characters cannot be sent")
    return Field(name, value, meant)


def _is_plain(value: str) -> bool:
    """Tell whether a value may stand as it is: ASCII, foldable, and nothing that looks encoded."""
    longest = max(map(len, value.split()), default=0)
    return value.isascii() and value.isprintable() and "=?" not in value and longest <= LONGEST_WORD


def _phrase(name: str) -> str:
    if not _is_plain(name):
        return _encoded(name)
    if ATOM_TEXT.fullmatch(name):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _encoded(value: str) -> str:
    """Return ``value`` as encoded words in UTF-8 and base64, no character split over two of them."""
    chunks, chunk = [], b""
    for char in value:
        octets = char.encode()
        if len(chunk) + len(octets) > BYTES_IN_ENCODED_WORD:
            chunks.append(chunk)
            chunk = b""
        chunk += octets
    chunks.append(chunk)
    return " ".join(f"=?utf-8?b?{b64encode(part).decode()}?=" for part in chunks)


def _folded(field: Field) -> str:
    """Return the field's lines; folding replaces nothing, it only puts CRLF before a space."""
    lines, line = [], f"{field.name}:"
    for word in field.written.split(" "):
        if len(line) + 1 + len(word) > FOLD_AT and line != f"{field.name}:":
            lines.append(line)
            line = ""
        line += f" {word}"
    return CRLF.join([*lines, line]) + CRLF


def _decoded(value: str) -> str:
    """Return a parsed value unfolded and with its encoded words decoded; quoted strings stay quoted."""
    unfolded = value.replace("\r\n", "").replace("\n", "")
    parts = [
        part if isinstance(part, str) else part.decode(charset or "ascii") for part, charset in decode_header(unfolded)
    ]
    return "".join(parts)


def _ascii_domain(domain: str) -> str:
    try:
        return domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise HeaderError(f"{domain!r} is not a domain name") from error


def _check_lines(message: bytes) -> None:
    lines = message.split(b"\r\n")
    if any(len(line) > 998 or b"\r" in line or b"\n" in line or b"\0" in line for line in lines):
        raise HeaderError("a line of the message is too long or holds a bare CR, LF or NUL")
