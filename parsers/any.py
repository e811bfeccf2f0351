"""A Reading of any file: a mail message is told from a document by its bytes."""

import re
from functools import partial

from parsers.child import read_in_child
from parsers.document import read_document
from parsers.hints import Lessons
from parsers.reading import Reading

_MAIL_ENDINGS = (".eml", ".msg", ".mime")
_DOCUMENT_ENDINGS = tuple(
    ".pdf .xlsx .xlsm .xls .ods .csv .tsv .docx .doc .xml .html .htm .zip .png .jpg .jpeg .tif .tiff .gif .bmp .edi "
    ".edifact .x12".split()
)
# PDF, zip, OLE, pictures, XML, HTML, EDIFACT, X12: what a mail's first bytes never are.
_DOCUMENT_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:%PDF-|PK\x03\x04|\xd0\xcf\x11\xe0|\x89PNG|\xff\xd8\xff|II\*\x00|MM\x00\*|GIF8|BM.{4}\x00|"
    rb"<\?xml|<!doctype|<html|UNA.{6}|UNB\+|ISA\W)",
    re.IGNORECASE | re.DOTALL,
)
_NO_TEXT = bytes(c for c in range(32) if c not in b"\t\n\v\f\r\x1b")  # ESC shifts Japanese (RFC 1468)


def read_any(
    data: bytes, name: str, *, with_parts: bool = False, in_child: bool = False, lessons: Lessons | None = None
) -> Reading:
    """Return what the file ``name`` with these bytes says; never raises for any bytes.

    ``lessons`` are what was learned of layouts.
    """
    reader = partial(read_in_child if in_child else read_document, lessons=lessons)
    if not is_message(data, name):
        return reader(data, name, None)
    from parsers.mail import read_message
    from parsers.message import parse_message

    return read_message(parse_message(data), reader, with_parts=with_parts)


def is_message(data: bytes, name: str) -> bool:
    """Return whether the file is a mail: by its name, else by its bytes, which then are text of no document's format.

    Text without any header is the body of a mail.
    """
    ending = name.lower()
    if ending.endswith(_MAIL_ENDINGS):
        return True
    if ending.endswith(_DOCUMENT_ENDINGS) or _DOCUMENT_START.match(data[:200]):
        return False
    head = data[:4000]
    return head != b"" and len(head) - len(head.translate(None, _NO_TEXT)) <= len(head) // 50
