"""Header fields of a message: split from the bytes, decoded once, parameters and mailboxes read.

Follows RFC 5322 for fields, RFC 2047 for encoded words and RFC 2231 for parameters, and reads what
real mailers wrote instead; what could mislead about who wrote a message is refused, not mended.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from parsers.message_charset import decode_text
from parsers.message_transfer import decode_base64, decode_quoted_printable

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_COMMON = frozenset(
    b"from to cc subject date message-id mime-version content-type received return-path reply-to sender "
    b"content-transfer-encoding in-reply-to references".split()
)
_ENCODED = re.compile(r"=\?([A-Za-z0-9_.:\-+]{1,60})(?:\*[A-Za-z0-9-]*)?\?([bBqQ])\?([^?]*(?:\?(?!=)[^?]*){0,3}?)\?=")
_PARAMETER = re.compile(r";\s*([^\s=;\"]{1,80})\s*=\s*(\"(?:[^\"\\]|\\.)*\"|[^;]*)", re.DOTALL)
_UNFOLD = re.compile(r"\r?\n[ \t]*|\r|\n")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Header:
    """One header field: ``name`` as written, ``raw`` value with its folds, ``text`` decoded and unfolded."""

    name: str
    raw: bytes
    text: str


@dataclass(frozen=True)
class Mailbox:
    """One address, lower case, with the display name beside it ("" if none)."""

    address: str
    name: str = ""


def split_fields(data: bytes) -> tuple[list[tuple[str, bytes]], int, bool]:
    """Return raw header fields, where the body begins, and whether a line had to be mended.

    The block ends at the first empty line, or before a line that cannot belong to it.
    """
    fields: list[tuple[str, list[bytes]]] = []
    position, mended = 0, False
    if data[:5] == b"From " or data[:6] == b">From ":
        position = data.find(b"\n") + 1 or len(data)
    while position < len(data):
        newline = data.find(b"\n", position)
        end = len(data) if newline < 0 else newline
        line = data[position:end]
        if not line.strip(b"\r"):
            position = min(end + 1, len(data))
            break
        if line[:1] in b" \t" and fields:
            if not line.strip() and _body_follows(data, end + 1):
                position = end + 1
                break
            fields[-1][1].append(line)
        elif found := _FIELD.match(line):
            fields.append((found.group(1).decode("latin-1"), [line[found.end() :]]))
        elif fields and (line[:2] in (b"X-", b"x-") or _more_fields(data, end + 1)):
            mended = True
            fields[-1][1].append(b" " + line)
        else:
            mended = True
            break
        position = end + 1
    joined = [(name, b"\n".join(lines).strip(b" \t\r\n")) for name, lines in fields]
    return joined, min(position, len(data)), mended


def _body_follows(data: bytes, start: int) -> bool:
    """A line of blanks only is taken for the empty line when no field and no fold comes after it."""
    line = data[start : start + 998].split(b"\n", 1)[0]
    return not (line[:1] in (b" ", b"\t") or _FIELD.match(line))


def _more_fields(data: bytes, start: int) -> bool:
    """Whether a field follows before the empty line, so that the odd line is damage and not the body."""
    for number, line in enumerate(data[start : start + 8000].split(b"\n")[:30]):
        if not line.strip(b"\r"):
            return False
        if line[:1] in b" \t":
            continue
        found = _FIELD.match(line)
        if found and (number < 3 or found.group(1).lower() in _COMMON or found.group(1)[:2] in (b"X-", b"x-")):
            return True
    return False


def decode_header(raw: bytes) -> str:
    """Return a header value as text: folds removed, encoded words and 8-bit bytes decoded."""
    text = _UNFOLD.sub(" ", decode_text(raw, None)) if b"\n" in raw or b"\r" in raw else decode_text(raw, None)
    if "=?" in text:
        text = decode_words(text)
    return _CONTROL.sub("", text).strip()


def decode_words(text: str) -> str:
    """Return ``text`` with its encoded words decoded; those side by side are one run of bytes.

    >>> decode_words("=?utf-8?q?caf=C3?= =?utf-8?q?=A9?= bar")
    'café bar'
    """
    out: list[str] = []
    pending, charset, last = b"", "", 0
    for found in _ENCODED.finditer(text):
        between = text[last : found.start()]
        if pending and (between.strip() or found.group(1).lower() != charset):
            out.append(decode_text(pending, charset))
            pending = b""
        if between.strip() or not last:
            out.append(between)
        charset = found.group(1).lower()
        pending += _word_bytes(found.group(2), found.group(3))
        last = found.end()
    if pending:
        out.append(decode_text(pending, charset))
    out.append(text[last:])
    return "".join(out)


def _word_bytes(encoding: str, payload: str) -> bytes:
    data = payload.encode("utf-8", "replace")
    if encoding in "bB":
        return decode_base64(data)[0]
    return decode_quoted_printable(data.replace(b"_", b"=20"))


def split_parameters(value: str) -> tuple[str, dict[str, str]]:
    """Return the main value in lower case and its parameters (names lower case, RFC 2231 joined)."""
    main, _, _ = value.partition(";")
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for found in _PARAMETER.finditer(value):
        name, written = found.group(1).lower(), _unquoted(found.group(2))
        base, star, index = name.partition("*")
        if not star:
            plain.setdefault(base, written)
            continue
        number = index.rstrip("*")
        if number == "" or number.isdecimal():
            slot = int(number[:4]) if number else 0
            pieces.setdefault(base, {})[slot] = (written, index.endswith("*") or not index)
    plain.update({base: _joined(found) for base, found in pieces.items()})
    return main.strip().strip("\"'").lower(), plain


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] == '"':
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value.strip('"')


def _joined(pieces: dict[int, tuple[str, bool]]) -> str:
    charset, data = "utf-8", b""
    for slot in sorted(pieces):
        text, encoded = pieces[slot]
        if encoded and slot == min(pieces) and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        data += unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace")
    return decode_text(data, charset or "utf-8")


_ATOM = r"[^\s<>()\[\],;:@\"\\\x00-\x1f]+"
_LOCAL = rf"(?:{_ATOM}|\"(?:[^\"\\\r\n]|\\.)*\")"
_DOMAIN = r"[^\s<>()\[\],;:@\"\\\x00-\x1f]+"
_ADDRESS = re.compile(rf"{_LOCAL}@{_DOMAIN}")
_QUOTED = re.compile(r"\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)
_INNERMOST_COMMENT = re.compile(r"\(([^()]*)\)")


def strict_mailbox(raw: bytes) -> Mailbox | None:
    """Return the one mailbox of a From field, None where a reader could take it for another.

    Encoded words are decoded only after the structure is read, so that no encoded ``<`` or ``,`` counts.
    """
    text = _UNFOLD.sub(" ", decode_text(raw, None)).strip()
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text):
        return None
    unquoted, quotes = _without_quotes(text)
    bare, comments = _without_comments(unquoted)
    if bare is None or bare.count("@") != 1 or bare.count("<") > 1 or any(c in bare for c in ",;:\\()"):
        return None
    if "<" not in bare:
        address = bare.strip()
        name = comments[0] if len(comments) == 1 else ""
    else:
        name, _, rest = bare.partition("<")
        address, closed, tail = rest.partition(">")
        if not closed or tail.strip() or "@" in name or ">" in name:
            return None
    return _mailbox(_restored(address.strip(), quotes, True), _restored(name.strip(), quotes, False))


def _mailbox(address: str, name: str) -> Mailbox | None:
    if not _ADDRESS.fullmatch(address) or len(address) > 320:
        return None
    name = decode_words(name) if "=?" in name else name
    if _shows_other_address(name, address):
        return None
    return Mailbox(address.lower(), _CONTROL.sub("", name).strip().strip('"').strip())


def _shows_other_address(name: str, address: str) -> bool:
    """A display name that is itself an address, and not this one, is meant to be read instead."""
    shown = re.findall(r"[^\s<>\"'(),;]+@[^\s<>\"'(),;]+\.[^\s<>\"'(),;]+", name)
    return any(found.lower().strip(".") != address.lower() for found in shown)


def _without_quotes(text: str) -> tuple[str, list[str]]:
    quotes: list[str] = []

    def keep(found: re.Match[str]) -> str:
        quotes.append(found.group(0))
        return f"\x00{len(quotes) - 1}\x00"

    return _QUOTED.sub(keep, text), quotes


def _without_comments(text: str) -> tuple[str | None, list[str]]:
    comments: list[str] = []
    for _ in range(5):
        found = _INNERMOST_COMMENT.findall(text)
        if not found:
            return (None if "(" in text or ")" in text else text), comments
        comments = comments or [c.strip() for c in found]
        text = _INNERMOST_COMMENT.sub(" ", text)
    return None, comments


def _restored(text: str, quotes: list[str], keep_quotes: bool) -> str:
    def put_back(found: re.Match[str]) -> str:
        quoted = quotes[int(found.group(1))]
        return quoted if keep_quotes else re.sub(r"\\(.)", r"\1", quoted[1:-1])

    return re.sub(r"\x00(\d+)\x00", put_back, text)


def addresses(text: str) -> tuple[str, ...]:
    """Return every address that a decoded address header shows, lower case, in order, once each."""
    found = re.findall(r"[^\s<>\"'(),;:\[\]]+@[^\s<>\"'(),;:\[\]]+", text[:65536])
    return tuple(dict.fromkeys(a.lower().strip(".") for a in found))
