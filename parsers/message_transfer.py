"""Bytes behind a Content-Transfer-Encoding, decoded leniently: nothing that can be read is dropped."""

import binascii
import re

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_BASE64_RUN = re.compile(rb"[A-Za-z0-9+/\s]+={0,2}")
_BLANK_AT_END = re.compile(rb"[ \t]+(?=\r?\n)|[ \t]+\Z")
_UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,250})\r?$", re.MULTILINE)
_UU_END = re.compile(rb"^(?:`|[ ])?\r?\n?end[ \t]*\r?$", re.MULTILINE)


def decode_transfer(data: bytes, encoding: str) -> tuple[bytes, bool]:
    """Return the decoded bytes, and whether they were well-formed.

    An unknown encoding is taken as none (RFC 2045 6.4 would refuse the part; we keep it).
    """
    match encoding:
        case "base64" | "b":
            return decode_base64(data)
        case "quoted-printable" | "quoted_printable" | "quopri":
            return decode_quoted_printable(data), True
        case "x-uuencode" | "uuencode" | "x-uue" | "uue":
            files = uuencoded_files(data)
            return (files[0][1], True) if files else (data, False)
        case _:
            return data, True


def decode_base64(data: bytes) -> tuple[bytes, bool]:
    """Return decoded base64 and whether it was clean; several padded runs are joined.

    >>> decode_base64(b"aGVs bG8=")
    (b'hello', True)
    """
    pad = data.find(b"=")
    rest = data[pad:].lstrip(b"=").strip() if pad >= 0 else b""
    if not rest:
        try:
            return binascii.a2b_base64(data), True
        except binascii.Error:
            return _decode_run(data), not data.strip()
    runs = [_decode_run(run) for run in _BASE64_RUN.findall(data) if run.strip(b"= \t\r\n")]
    return b"".join(runs), False


def _decode_run(run: bytes) -> bytes:
    letters = _NOT_BASE64.sub(b"", run)
    surplus = len(letters) % 4
    if surplus == 1:
        letters = letters[:-1]
    elif surplus:
        letters += b"=" * (4 - surplus)
    return binascii.a2b_base64(letters)


def decode_quoted_printable(data: bytes) -> bytes:
    """Return decoded quoted-printable; blank space at line ends was added on the way (RFC 2045 6.7)."""
    return binascii.a2b_qp(_BLANK_AT_END.sub(b"", data))


def uuencoded_files(data: bytes) -> list[tuple[str, bytes]]:
    """Return (name, content) of each uuencoded file within ``data``."""
    if b"begin" not in data:
        return []
    files = []
    for begin in _UU_BEGIN.finditer(data):
        end = _UU_END.search(data, begin.end())
        if end:
            lines = data[begin.end() : end.start()].splitlines()
            content = b"".join(_uu_line(line) for line in lines if line.strip(b" `"))
            if content:
                files.append((begin.group(1).decode("utf-8", "replace").strip(), content))
    return files


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Some encoders count trailing padding; what the length byte promises is enough.
        wanted = (((line[0] - 32) & 63) * 4 + 5) // 3
        try:
            return binascii.a2b_uu(line[:wanted])
        except binascii.Error:
            return b""
