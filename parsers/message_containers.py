"""What is packed inside a leaf: TNEF (winmail.dat), Outlook .msg, zip and S/MIME wrappers.

Each opener returns what it found as (name, media type, bytes); libraries are imported when first
needed. Limits hold for everything together: members, bytes and depth.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from parsers.message_parts import Leaf
from records.problems import Code, Problem

MEMBERS = 200
UNPACKED = 64 * 1024 * 1024
RATIO = 200
DEPTH = 3

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TNEF_MAGIC = b"\x78\x9f\x3e\x22"
_ZIP_MAGIC = b"PK\x03\x04"


@dataclass(frozen=True)
class Member:
    """One thing found inside a container."""

    name: str | None
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Opened:
    """All that a container held, and what kept it from being read whole."""

    members: tuple[Member, ...] = ()
    problems: tuple[Problem, ...] = ()


def open_container(leaf: Leaf) -> Opened | None:
    """Return what ``leaf`` contains, None if it is no container."""
    data, name = leaf.data, (leaf.filename or "").lower()
    if leaf.media_type in ("application/ms-tnef", "application/vnd.ms-tnef") or data[:4] == TNEF_MAGIC:
        return open_tnef(data)
    if data[:4] == _ZIP_MAGIC and (name.endswith(".zip") or "zip" in leaf.media_type):
        return open_zip(data)
    if leaf.media_type in ("application/pkcs7-mime", "application/x-pkcs7-mime") or name.endswith(".p7m"):
        return open_pkcs7(data)
    return None


def open_zip(data: bytes) -> Opened:
    """Return the members of a zip archive, none at all where it looks like a bomb."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        infos = [info for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError, struct.error) as error:
        return _refused(Code.UNREADABLE, f"The zip archive cannot be read: {error}.")
    if any(info.filename == "[Content_Types].xml" for info in infos):
        return Opened()
    if trouble := _zip_trouble(infos, len(data)):
        return _refused(Code.QUARANTINED, trouble)
    members: list[Member] = []
    problems: list[Problem] = []
    for info in infos:
        try:
            members.append(Member(_safe_name(info.filename), "application/octet-stream", archive.read(info)))
        except (
            zipfile.BadZipFile,
            RuntimeError,
            ValueError,
            NotImplementedError,
            EOFError,
            OSError,
            zlib.error,
        ):
            code = Code.ENCRYPTED if info.flag_bits & 1 else Code.UNREADABLE
            problems.append(Problem(code, f"The file {_safe_name(info.filename)!r} in the zip cannot be read."))
        if info.filename.startswith("/") or ".." in re.split(r"[/\\]", info.filename):
            problems.append(Problem(Code.UNREADABLE, "The zip archive names files outside itself."))
    return Opened(tuple(members), tuple(problems))


def _zip_trouble(infos: list[zipfile.ZipInfo], packed: int) -> str:
    unpacked = sum(info.file_size for info in infos)
    if len(infos) > MEMBERS:
        return f"The zip archive holds more than {MEMBERS} files."
    if unpacked > UNPACKED or unpacked > RATIO * max(packed, 10_000):
        return "The zip archive would unpack to far more than its size allows."
    if len({info.header_offset for info in infos}) < len(infos):
        return "The zip archive holds overlapping files."
    return ""


def _safe_name(name: str) -> str:
    return re.split(r"[/\\]", name)[-1][:255]


def open_tnef(data: bytes) -> Opened:
    """Return body and attachments of a TNEF stream, embedded objects whole."""
    from tnefparse import TNEF

    try:
        tnef = TNEF(data)
        members = list(_tnef_members(tnef))
    except Exception as error:  # a third-party parser on bytes from outside
        return _refused(Code.UNREADABLE, f"The TNEF part cannot be read: {type(error).__name__}.")
    return Opened(tuple(members[:MEMBERS]))


def _tnef_members(tnef: Any) -> Iterator[Member]:
    html, plain = getattr(tnef, "htmlbody", None), getattr(tnef, "body", None)
    if plain:
        yield Member(None, "text/plain", _bytes(plain).rstrip(b"\0"))
    if html:
        yield Member(None, "text/html", _bytes(html).rstrip(b"\0"))
    rtf = getattr(tnef, "rtfbody", None)
    if rtf:
        yield Member(None, "text/rtf", _bytes(rtf))
    for attachment in tnef.attachments:
        whole = _embedded(attachment)
        name = attachment.long_filename() if callable(attachment.long_filename) else attachment.name
        yield Member(_safe_name(str(name or "")) or None, "application/octet-stream", whole)


def _embedded(attachment: Any) -> bytes:
    """Return the attachment's bytes; an embedded message carries them as a MAPI object property."""
    data = bytes(attachment.data or b"")
    for attribute in getattr(attachment, "mapi_attrs", ()) or ():
        if getattr(attribute, "name", None) == 0x3701:
            found = getattr(attribute, "raw_data", None) or getattr(attribute, "data", None)
            chunks = [bytes(c) for c in found] if isinstance(found, list) else [found]
            longest = max((bytes(c) for c in chunks if isinstance(c, bytes)), key=len, default=b"")
            # The object begins with the 16 bytes of its interface identifier.
            if len(longest) > len(data):
                data = longest[16:] if longest[16:20] == TNEF_MAGIC else longest
    return data


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def open_pkcs7(data: bytes) -> Opened:
    """Return the content of an opaque-signed S/MIME part; an enveloped one stays closed."""
    encrypted = bytes.fromhex("2a864886f70d010703") in data[:64]
    if encrypted:
        return _refused(Code.ENCRYPTED, "The message is encrypted with S/MIME.")
    content = signed_content(data)
    if content is None:
        return _refused(Code.UNREADABLE, "The signed S/MIME part cannot be read.")
    return Opened((Member(None, "message/x-mime-entity", content),))


_ID_DATA = bytes.fromhex("06092a864886f70d010701")


def signed_content(data: bytes) -> bytes | None:
    """Return the signed content of CMS SignedData in DER or BER (RFC 5652 5.2), None if not found."""
    at = data.find(_ID_DATA)
    if at < 0:
        return None
    explicit = _element(data, at + len(_ID_DATA))
    if explicit is None or explicit[0] != 0xA0:
        return None
    octets = _element(data, explicit[1])
    return _octets(data, octets) if octets else None


def _element(data: bytes, at: int) -> tuple[int, int, int] | None:
    """Return (tag, start, end) of the element at ``at``; end is -1 where the length is indefinite."""
    if at + 2 > len(data):
        return None
    tag, length, start = data[at], data[at + 1], at + 2
    if length == 0x80:
        return tag, start, -1
    if length & 0x80:
        size = length & 0x7F
        if size > 4 or start + size > len(data):
            return None
        length = int.from_bytes(data[start : start + size], "big")
        start += size
    return tag, start, min(start + length, len(data))


def _octets(data: bytes, element: tuple[int, int, int]) -> bytes | None:
    tag, start, end = element
    if tag == 0x04 and end >= 0:
        return data[start:end]
    if tag != 0x24:
        return None
    pieces = []
    while (end < 0 or start < end) and (piece := _element(data, start)) and piece[0] == 0x04 and piece[2] >= 0:
        pieces.append(data[piece[1] : piece[2]])
        start = piece[2]
    return b"".join(pieces)


def _refused(code: Code, detail: str) -> Opened:
    return Opened((), (Problem(code, detail),))
