"""A Reading of any file: a mail message is told from a document by its bytes."""

import re

from parsers.child import read_in_child
from parsers.document import read_document
from parsers.reading import Reading

_HEADER = re.compile(rb"(?:From [^\n]+\n)?(?:[!-9;-~]+:[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*){2,}", re.IGNORECASE)
_MAIL_FIELDS = re.compile(rb"^(?:from|to|date|subject|received|message-id|mime-version|return-path):", re.I | re.M)
_MAIL_ENDINGS = (".eml", ".msg", ".mime")


def read_any(data: bytes, name: str, *, with_parts: bool = False, in_child: bool = False) -> Reading:
    """Return what the file ``name`` with these bytes says; never raises for any bytes."""
    reader = read_in_child if in_child else read_document
    if not is_message(data, name):
        return reader(data, name, None)
    from parsers.mail import read_message
    from parsers.message import parse_message

    return read_message(parse_message(data), reader, with_parts=with_parts)


def is_message(data: bytes, name: str) -> bool:
    """Return whether the bytes are a mail: by their ending, or because they begin with mail header fields."""
    if name.lower().endswith(_MAIL_ENDINGS):
        return True
    head = data[:4000]
    return bool(_HEADER.match(head)) and len(_MAIL_FIELDS.findall(head)) >= 2
