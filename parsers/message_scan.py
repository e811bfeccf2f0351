"""Limits that raw bytes must keep before anything parses them (cheap, linear, no decoding)."""

import re

from records.problems import Code, Problem

HEADER_BLOCK = 256 * 1024
ONE_HEADER = 64 * 1024
HEADERS = 1000
ADDRESSES = 1000
ENCODED_WORDS = 2000
DEPTH = 20
PARTS = 500

_END = re.compile(rb"\n[ \t]*\r?\n|\r\r")
_NEW_FIELD = re.compile(rb"\n(?![ \t])")
_ADDRESS_FIELD = re.compile(rb"^(?:from|to|cc|bcc|sender|reply-to|resent-[a-z-]+)[ \t]*:", re.IGNORECASE | re.MULTILINE)


def header_end(data: bytes) -> int:
    """Return where the first header block ends (its last byte and one), at most ``HEADER_BLOCK`` + 1."""
    found = _END.search(data, 0, HEADER_BLOCK + 2)
    return found.start() + 1 if found else min(len(data), HEADER_BLOCK + 1)


def scan_header(data: bytes) -> Problem | None:
    """Return the limit that the header block breaks, None if it keeps them all."""
    block = data[: header_end(data)]
    if len(block) > HEADER_BLOCK:
        return _refused(f"The header is longer than {HEADER_BLOCK} bytes.")
    if block.count(b"\n") > HEADERS and len(_NEW_FIELD.findall(block)) > HEADERS:
        return _refused(f"The header has more than {HEADERS} fields.")
    if len(block) > ONE_HEADER and max(map(len, _NEW_FIELD.split(block))) > ONE_HEADER:
        return _refused(f"One header field is longer than {ONE_HEADER} bytes.")
    if block.count(b"=?") > 2 * ENCODED_WORDS:
        return _refused(f"The header has more than {ENCODED_WORDS} encoded words.")
    return _scan_addresses(block)


def _scan_addresses(block: bytes) -> Problem | None:
    if block.count(b",") <= ADDRESSES and block.count(b"(") <= ADDRESSES:
        return None
    for field in _NEW_FIELD.split(block):
        crowded = max(field.count(b","), field.count(b"(")) > ADDRESSES
        if crowded and _ADDRESS_FIELD.match(field):
            return _refused(f"One address field names more than {ADDRESSES} addresses or comments.")
    return None


def _refused(detail: str) -> Problem:
    return Problem(Code.POISON, f"The message breaks a limit for safe reading. {detail}")
