"""The tree of a MIME message, walked into its decoded leaves without losing one (RFC 2045, 2046)."""

import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property

from parsers.message_charset import decode_text, html_charset
from parsers.message_headers import decode_header, decode_words, split_fields, split_parameters
from parsers.message_scan import DEPTH, PARTS
from parsers.message_transfer import decode_transfer, uuencoded_files
from records.problems import Code, Problem

_OPENING_FIELDS = ("received", "return-path", "from", "date", "to", "delivered-to", "x-received")
MESSAGE_TYPES = ("message/rfc822", "message/global", "message/news")
_GUESSED_BOUNDARY = re.compile(rb"^--([^\r\n]{1,200}?)[ \t]*\r?\ncontent-", re.IGNORECASE | re.MULTILINE)
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,100}")


@dataclass(frozen=True)
class Leaf:
    """One decoded leaf of a message.

    ``path`` counts from 1 at each level ("1.2"); ``parent`` is the multipart around it ("" at the
    top); ``inside`` names what it was taken out of ("" for the message itself, else a media type).
    """

    media_type: str
    data: bytes = field(repr=False)
    filename: str | None = None
    charset: str | None = None
    path: str = "1"
    parent: str = ""
    inside: str = ""
    disposition: str = ""
    content_id: str = ""
    flowed: bool = False
    del_sp: bool = False

    @cached_property
    def text(self) -> str | None:
        """The decoded text of a text part or a report, None for others."""
        if not self.media_type.startswith(("text/", "message/")):
            return None
        charset = self.charset
        if charset is None and self.media_type == "text/html":
            charset = html_charset(self.data)
        return decode_text(self.data, charset)

    @cached_property
    def sha256(self) -> str:
        """The hash of the decoded bytes."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Nested:
    """A whole message carried inside another: its bytes, and the path of the part that held it."""

    path: str
    data: bytes = field(repr=False)


@dataclass
class Walk:
    """What walking one message's parts has found so far."""

    leaves: list[Leaf] = field(default_factory=list)
    nested: list[Nested] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, detail: str, code: Code = Code.POISON) -> None:
        """Add a problem once."""
        problem = Problem(code, detail)
        if problem not in self.problems:
            self.problems.append(problem)


@dataclass(frozen=True)
class _Place:
    path: str
    parent: str
    inside: str
    depth: int


def walk_parts(data: bytes, into: Walk, inside: str = "", path: str = "", depth: int = 0) -> None:
    """Add every leaf and nested message of the message or part ``data`` to ``into``."""
    _walk_entity(data, into, _Place(path, "", inside, depth))


def _walk_entity(data: bytes, into: Walk, place: _Place) -> None:
    fields, start, _ = split_fields(data)
    _walk_body(fields, data[start:], into, place)


def _walk_body(fields: list[tuple[str, bytes]], body: bytes, into: Walk, place: _Place) -> None:
    if message := _joined_message(fields, body):
        fields, body = [fields[0]], message
    first: dict[str, bytes] = {}
    for name, raw in fields:
        first.setdefault(name.lower(), raw)
    media_type, parameters = _content_type(first, place)
    encoding = decode_header(first.get("content-transfer-encoding", b"")).lower().split(";")[0].strip()
    if media_type.startswith("multipart/"):
        if encoding in ("base64", "quoted-printable") and b"--" not in body[:2000]:
            body = decode_transfer(body, encoding)[0]
        if _walk_multipart(body, parameters, media_type, into, place):
            return
        media_type = "text/plain"
    _add_leaf(first, body, media_type, parameters, encoding, into, place)


def _joined_message(fields: list[tuple[str, bytes]], body: bytes) -> bytes | None:
    """The message of a message/rfc822 part whose fields follow without the empty line between."""
    if len(fields) < 3 or fields[1][0].lower() not in _OPENING_FIELDS:
        return None
    if fields[0][0].lower() != "content-type" or not fields[0][1].lower().startswith(b"message/rfc822"):
        return None
    return b"".join(name.encode("latin-1") + b": " + raw + b"\n" for name, raw in fields[1:]) + b"\n" + body


def _content_type(first: dict[str, bytes], place: _Place) -> tuple[str, dict[str, str]]:
    default = "message/rfc822" if place.parent == "multipart/digest" else "text/plain"
    raw = first.get("content-type")
    if raw is None:
        return default, {}
    media_type, parameters = split_parameters(decode_header(raw))
    media_type = media_type.split()[0].rstrip(",") if media_type else ""
    if media_type in ("text", "html", "plain"):
        media_type = "text/html" if media_type == "html" else "text/plain"
    return (media_type if _TYPE.fullmatch(media_type) else default), parameters


def _walk_multipart(body: bytes, parameters: dict[str, str], media_type: str, into: Walk, place: _Place) -> bool:
    if place.depth >= DEPTH:
        into.refuse(f"The message nests parts more than {DEPTH} deep.")
        return False
    segments = _segments(body, parameters.get("boundary", ""))
    if segments is None:
        return False
    for number, segment in enumerate(segments, 1):
        if len(into.leaves) >= PARTS:
            into.refuse(f"The message has more than {PARTS} parts.")
            break
        path = f"{place.path}.{number}" if place.path else str(number)
        _walk_entity(segment, into, _Place(path, media_type, place.inside, place.depth + 1))
    return True


def _segments(body: bytes, boundary: str) -> list[bytes] | None:
    """Return the bytes of each part between boundary lines, None where there is no boundary line."""
    found = _delimiters(body, boundary.encode("utf-8", "replace")) if boundary else []
    if not found:
        guess = _GUESSED_BOUNDARY.search(body)
        found = _delimiters(body, guess.group(1)) if guess else []
    if not found:
        return None
    segments = []
    preamble = body[: found[0].start()]
    if not boundary and preamble.strip():
        segments.append(b"\n" + preamble)
    for delimiter, following in zip(found, [*found[1:], None], strict=True):
        closes = delimiter.group(1) == b"--"
        end = following.start() if following else len(body)
        segment = body[delimiter.end() : end]
        if closes and not _is_part(segment):
            continue
        segments.append(_without_last_newline(segment) if following else segment)
        if len(segments) > PARTS:
            break
    return segments


def _is_part(segment: bytes) -> bool:
    """What follows a closing boundary is epilogue unless it opens with MIME fields of its own."""
    return segment.lstrip(b"\r\n")[:8].lower() == b"content-"


def _delimiters(body: bytes, boundary: bytes) -> list[re.Match[bytes]]:
    boundary = boundary.rstrip()
    if not boundary or b"--" + boundary not in body:
        return []
    pattern = re.compile(rb"^--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r?\n|\r?\Z)", re.MULTILINE)
    found = []
    for match in pattern.finditer(body):
        found.append(match)
        if len(found) > PARTS + 1:
            break
    return found


def _without_last_newline(segment: bytes) -> bytes:
    """The line break before a boundary belongs to the boundary (RFC 2046 5.1.1)."""
    if segment.endswith(b"\r\n"):
        return segment[:-2]
    return segment[:-1] if segment.endswith(b"\n") else segment


def _add_leaf(
    first: dict[str, bytes],
    body: bytes,
    media_type: str,
    parameters: dict[str, str],
    encoding: str,
    into: Walk,
    place: _Place,
) -> None:
    data, clean = decode_transfer(body, encoding)
    disposition, extra = split_parameters(decode_header(first.get("content-disposition", b"")))
    filename = _filename(extra.get("filename") or parameters.get("name"))
    leaf = Leaf(
        media_type=media_type,
        data=data,
        filename=filename,
        charset=parameters.get("charset"),
        path=place.path or "1",
        parent=place.parent,
        inside=place.inside,
        disposition=disposition,
        content_id=decode_header(first.get("content-id", b"")).strip("<> "),
        flowed=parameters.get("format", "").lower() == "flowed",
        del_sp=parameters.get("delsp", "").lower() == "yes",
    )
    into.leaves.append(leaf)
    if not clean and not data.strip() and body.strip():
        into.refuse(f"The part {leaf.path} ({media_type}) cannot be decoded as {encoding}.", Code.UNREADABLE)
    if media_type in MESSAGE_TYPES:
        into.nested.append(Nested(leaf.path, data))
    elif media_type == "text/plain":
        _add_uuencoded(leaf, into)


def _add_uuencoded(leaf: Leaf, into: Walk) -> None:
    for name, content in uuencoded_files(leaf.data):
        into.leaves.append(
            Leaf("application/octet-stream", content, _filename(name), path=leaf.path, inside="text/x-uuencode")
        )


def _filename(name: str | None) -> str | None:
    """Return the last component of a file name as written, free of controls; None if nothing is left."""
    if not name:
        return None
    name = decode_words(name) if "=?" in name else name
    name = re.sub(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", name)
    return re.split(r"[/\\]", name)[-1].strip()[:255] or None
