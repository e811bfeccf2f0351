"""What is refused by its bytes alone, before any library opens it.

Archives are judged by their directory and by what really comes out of them, pictures by the size in
their header, XML by its DOCTYPE, and everything by its length.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from records.problems import Code, Problem

LARGEST_DOCUMENT = 64 << 20
MOST_ENTRIES = 2_000
LARGEST_UNPACKED = 96 << 20
LARGEST_ENTRY = 48 << 20
HIGHEST_RATIO = 120  # beyond 1 MiB unpacked
MOST_PIXELS = 60_000_000
_SMALL = 1 << 20
_XML_START = re.compile(rb"\s*<[?!a-zA-Z]")


def refusal(data: bytes) -> Problem | None:
    """Return why ``data`` must not be opened, None if nothing speaks against it."""
    if not data:
        return _unreadable("The file is empty.")
    if len(data) > LARGEST_DOCUMENT:
        return _poison(f"The file has {len(data) >> 20} MiB; {LARGEST_DOCUMENT >> 20} are read at most.")
    if data[:4] == b"PK\x03\x04":
        return _zip_refusal(data)
    pixels = _pixels(data)
    if pixels is not None and pixels > MOST_PIXELS:
        return _unreadable(f"The picture has {pixels // 1_000_000} million pixels.")
    if has_doctype(data):
        return _unreadable("The XML declares a document type, which business documents never need.")
    return None


def _unreadable(detail: str) -> Problem:
    return Problem(Code.UNREADABLE, detail)


def _poison(detail: str) -> Problem:
    return Problem(Code.POISON, detail)


def has_doctype(data: bytes) -> bool:
    """Return whether XML text in any encoding declares a document type; HTML's own is none."""
    head = data[:4096]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00<" in head[:4] or b"<\x00" in head[:4]:
        head = head.replace(b"\x00", b"").lstrip(b"\xff\xfe")
        data = data.replace(b"\x00", b"")
    bare = head.removeprefix(b"\xef\xbb\xbf")
    if not _XML_START.match(bare) or re.search(rb"<!doctype\s+html|<html", head, re.IGNORECASE):
        return False
    return b"<!DOCTYPE" in data or b"<!ENTITY" in data


def _zip_refusal(data: bytes) -> Problem | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            return _entries_refusal(entries, len(data)) or _contents_refusal(archive, entries)
    except (zipfile.BadZipFile, ValueError, OSError, struct.error, NotImplementedError, EOFError):
        return _unreadable("The archive is broken.")


def _entries_refusal(entries: list[zipfile.ZipInfo], size: int) -> Problem | None:
    if len(entries) > MOST_ENTRIES:
        return _poison(f"The archive has {len(entries)} entries.")
    if any(entry.flag_bits & 1 for entry in entries):
        return Problem(Code.ENCRYPTED, "The archive is protected by a password.")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > LARGEST_UNPACKED or any(entry.file_size > LARGEST_ENTRY for entry in entries):
        return _poison(f"The archive unpacks to {unpacked >> 20} MiB.")
    if unpacked > _SMALL and unpacked > HIGHEST_RATIO * size:
        return _poison("The archive unpacks to more than a hundred times its size.")
    return None


def _contents_refusal(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Problem | None:
    """Return what the entries' contents speak against: a false size, an XML document type."""
    for entry in entries:
        try:
            head = _checked(archive, entry)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
            return _unreadable(f"The archive's entry {entry.filename[:80]!r} is broken.")
        if entry.filename.lower().endswith((".xml", ".rels")) and has_doctype(head):
            return _unreadable("The document's XML declares a document type.")
    return None


def _checked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return the first bytes of an entry after reading it whole; raises BadZipFile where sizes or sums lie."""
    head = b""
    with archive.open(entry) as stream:
        while block := stream.read(_SMALL):
            head = head or block[:65536]
    return head


def _pixels(data: bytes) -> int | None:
    """Return the number of pixels that a picture's header states, None if the bytes are no picture."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return int(width * height)
    if data[:6] in (b"GIF87a", b"GIF89a") and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
        return int(width * height)
    if data[:2] == b"\xff\xd8":
        return next(_jpeg_sizes(data), None)
    if data[:2] == b"BM" and len(data) >= 26:
        width, height = struct.unpack("<ii", data[18:26])
        return abs(int(width * height))
    return None


def _jpeg_sizes(data: bytes) -> Iterator[int]:
    place = 2
    while place + 9 < len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            yield width * height
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
