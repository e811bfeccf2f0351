"""Which parts of a message are documents, which belong to its text, and which only decorate it."""

import re
import struct

from parsers.html_text import HtmlLine
from parsers.lexicon import column_role
from parsers.message import Message
from parsers.message_parts import MESSAGE_TYPES, Leaf
from parsers.own_words_lines import body_leaves
from parsers.reading import PartInfo

_SMALL_FILE = 50_000
_SMALL_SIDE = 250
_WRAPPERS = (
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-signature",
    "application/pgp-encrypted",
    "application/ms-tnef",
    "application/vnd.ms-tnef",
    "application/zip",
    "application/x-zip-compressed",
    "application/pkcs7-mime",
    "application/x-pkcs7-mime",
    "text/rfc822-headers",
    "text/vcard",
    "text/x-vcard",
    "text/directory",
    "text/calendar",
    "application/ics",
)


def part_infos(message: Message) -> tuple[PartInfo, ...]:
    """Return every leaf as the Reading tells of it."""
    return tuple(PartInfo(x.media_type, x.filename, len(x.data), x.sha256, x.text) for x in message.leaves)


def documents_of(message: Message) -> list[tuple[int, Leaf]]:
    """Return the leaves that are documents of this message, with their place among all leaves."""
    plain, html = body_leaves(message)
    body = {id(leaf) for leaf in (*plain, *html)}
    page = "".join(leaf.text or "" for leaf in html)
    return [
        (index, leaf)
        for index, leaf in enumerate(message.leaves)
        if id(leaf) not in body and _is_document(leaf) and not is_decoration(leaf, page)
    ]


def _is_document(leaf: Leaf) -> bool:
    if "rfc822" in leaf.inside or leaf.media_type in _WRAPPERS or leaf.media_type.startswith("message/"):
        return False
    if leaf.media_type in MESSAGE_TYPES or (leaf.filename or "").lower().endswith(
        (".eml", ".msg", ".p7s", ".p7m", ".vcf", ".ics", ".zip")
    ):
        return False
    return bool(leaf.data.strip()) and (bool(leaf.filename) or not leaf.media_type.startswith("text/"))


def is_decoration(leaf: Leaf, page: str) -> bool:
    """Return whether an image is a logo or a signature picture: shown inside the text and small."""
    if not leaf.media_type.startswith("image/"):
        return False
    shown = bool(leaf.content_id and leaf.content_id in page) or leaf.parent == "multipart/related"
    if not shown and leaf.disposition != "inline":
        return len(leaf.data) < 3_000
    size = image_size(leaf.data)
    if size is None:
        return len(leaf.data) < _SMALL_FILE
    width, height = size
    is_strip = width > 5 * height or height > 5 * width
    return min(width, height) <= _SMALL_SIDE or is_strip or (shown and len(leaf.data) < _SMALL_FILE // 2)


def image_size(data: bytes) -> tuple[int, int] | None:
    """Return (width, height) of a PNG, GIF or JPEG from its header, None for others and damaged ones."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if data[:4] == b"GIF8" and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
        return width, height
    if data[:2] == b"\xff\xd8":
        found = re.search(rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf]..\x08(..)(..)", data[:65536], re.DOTALL)
        if found:
            return int.from_bytes(found.group(2), "big"), int.from_bytes(found.group(1), "big")
    return None


def tables_as_html(lines: list[HtmlLine]) -> str:
    """Return the table rows among ``lines`` as plain tables again, one for each run of rows."""
    tables: list[list[list[str]]] = []
    inside = False
    for line in lines:
        is_row = line.row and "\t" in line.text
        if is_row and not inside:
            tables.append([])
        inside = is_row
        if is_row:
            tables[-1].append(line.text.split("\t"))
    return "".join(_table_html(_with_description(rows)) for rows in tables)


def _table_html(rows: list[list[str]]) -> str:
    cells = ("".join(f"<td>{_escaped(cell)}</td>" for cell in row) for row in rows)
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"


def _with_description(rows: list[list[str]]) -> list[list[str]]:
    """Name the column of the longest words "Description" where the author called it otherwise."""
    header = rows[0]
    known = [column_role(cell) for cell in header]
    if len(rows) < 2 or "description" in known or sum(role is not None for role in known) < 2:
        return rows
    free = [i for i, role in enumerate(known) if role is None or (role == "item" and known.count("item") > 1)]
    letters = {i: sum(c.isalpha() for row in rows[1:] for c in row[i : i + 1] and row[i]) for i in free}
    best = max(letters, key=lambda i: letters[i], default=None)
    if best is None or letters[best] < 4 * (len(rows) - 1):
        return rows
    return [[*header[:best], "Description", *header[best + 1 :]], *rows[1:]]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
