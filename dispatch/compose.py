"""Outgoing messages as bytes: one frozen envelope in, one proven message out.

The same envelope always gives the same bytes (boundaries follow from the content), so that a resend is
byte-identical. Bodies are quoted-printable, attachments base64, lines end in CRLF.
"""

import quopri
import re
import unicodedata
from base64 import encodebytes
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from posixpath import splitext
from urllib.parse import quote

from dispatch import headers
from dispatch.headers import Field, HeaderError
from templates.plain import cleaned

MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]*")
_BUT_ABSENCES = "DR, RN, NRN, AutoReply"  # all of MS-OXCMAIL 2.2.3.2.14 but OOF
REFERENCES_KEPT = 20  # the first and the newest ones: enough for every client to thread


@dataclass(frozen=True)
class Attachment:
    """A file that goes along; ``name`` is what the recipient sees, in any script."""

    name: str
    content: bytes
    media_type: str = "application/pdf"


@dataclass(frozen=True)
class Outgoing:
    """Everything that a message says; ``automatic`` mail asks that no machine answers it (RFC 3834).

    Mail that ``sees_absences`` asks for that too, but wants the notes of those who are away.
    """

    sender: str
    sender_name: str
    recipient: str
    subject: str
    text: str
    message_id: str
    date: datetime  # aware
    html: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    reply_to: str | None = None
    attachments: tuple[Attachment, ...] = ()
    automatic: bool = False
    sees_absences: bool = False


def compose(envelope: Outgoing) -> bytes:
    """Return the message as it goes over the wire; raises HeaderError for what cannot be said safely."""
    kind, body = _body(envelope)
    fields = (*_fields(envelope), headers.token_field("MIME-Version", "1.0"), *kind)
    return headers.proven(headers.written(fields) + b"\r\n" + body, fields)


def _fields(envelope: Outgoing) -> list[Field]:
    if envelope.date.tzinfo is None:
        raise ValueError("the date of a message needs its time zone")
    fields = [
        headers.address_field("From", envelope.sender, envelope.sender_name),
        headers.address_field("To", envelope.recipient),
        headers.text_field("Subject", envelope.subject),
        headers.token_field("Date", format_datetime(envelope.date.astimezone(UTC))),
        headers.message_id_field("Message-ID", [envelope.message_id]),
    ]
    if envelope.reply_to:
        fields.append(headers.address_field("Reply-To", envelope.reply_to))
    return fields + _thread(envelope) + _automatic(envelope)


def _thread(envelope: Outgoing) -> list[Field]:
    """Return the thread's fields; identifiers that others wrote wrongly are left out, they are only hints."""
    references = list(filter(headers.is_message_id, envelope.references))
    if len(references) > REFERENCES_KEPT:
        references = references[:1] + references[1 - REFERENCES_KEPT :]
    fields = []
    if envelope.in_reply_to and headers.is_message_id(envelope.in_reply_to):
        fields.append(headers.message_id_field("In-Reply-To", [envelope.in_reply_to]))
    if references:
        fields.append(headers.message_id_field("References", references))
    return fields


def _automatic(envelope: Outgoing) -> list[Field]:
    if not envelope.automatic:
        return []
    kind = "auto-replied" if envelope.in_reply_to else "auto-generated"
    return [
        headers.token_field("Auto-Submitted", kind),
        headers.token_field("X-Auto-Response-Suppress", _BUT_ABSENCES if envelope.sees_absences else "All"),
    ]


def _body(envelope: Outgoing) -> tuple[tuple[Field, ...], bytes]:
    """Return the fields that describe the body, and the body."""
    texts = [_text_part("plain", envelope.text)]
    if envelope.html is not None:
        texts.append(_text_part("html", envelope.html))
    told = texts[0] if len(texts) == 1 else _multipart("alternative", texts)
    if not envelope.attachments:
        return told
    return _multipart("mixed", [told, *map(_attachment_part, envelope.attachments)])


Part = tuple[tuple[Field, ...], bytes]


def _text_part(subtype: str, text: str) -> Part:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    plain = "".join(" " if _is_control(char) else char for char in lines)
    encoded = quopri.encodestring(plain.encode("utf-8", "replace"))
    fields = (
        headers.token_field("Content-Type", f"text/{subtype}; charset=utf-8"),
        headers.token_field("Content-Transfer-Encoding", "quoted-printable"),
    )
    return fields, _crlf(encoded)


def _is_control(char: str) -> bool:
    return char not in "\n\t" and unicodedata.category(char) == "Cc"


def _attachment_part(attachment: Attachment) -> Part:
    if not MEDIA_TYPE.fullmatch(attachment.media_type):
        raise HeaderError(f"{attachment.media_type!r} is not a media type")
    disposition = f"attachment; {_file_name(attachment.name)}"
    fields = (
        headers.token_field("Content-Type", attachment.media_type),
        headers.token_field("Content-Transfer-Encoding", "base64"),
        Field("Content-Disposition", disposition, disposition),
    )
    return fields, _crlf(encodebytes(attachment.content))


def _file_name(name: str) -> str:
    """Return the file name parameter: plain where it is harmless, else as RFC 2231 says."""
    stem, suffix = splitext(re.sub(r'[/\\:*?"<>|]', "_", cleaned(name)) or "document")
    shown = stem[:60] + suffix[:20]
    if re.fullmatch(r"[A-Za-z0-9 ._()+-]{1,40}", shown):
        return f'filename="{shown}"'
    return f"filename*=utf-8''{quote(shown, safe='')}"


def _multipart(subtype: str, parts: Sequence[Part]) -> Part:
    """Return parts joined by a boundary that follows from them.

    Neither encoding of the parts can contain ``=_``, with which the boundary starts (RFC 2045 6.7).
    """
    written = [headers.written(fields) + b"\r\n" + body for fields, body in parts]
    boundary = "=_" + sha256(b"\0".join(written)).hexdigest()[:32]
    marker = f"--{boundary}".encode()
    body = b"".join(marker + b"\r\n" + part + b"\r\n" for part in written) + marker + b"--\r\n"
    content_type = f'multipart/{subtype}; boundary="{boundary}"'
    return (headers.token_field("Content-Type", content_type),), body


def _crlf(lines: bytes) -> bytes:
    return lines.replace(b"\n", b"\r\n")
