"""Mail from files: .eml and .msg, mbox, Maildir; each mail with its bytes as they were delivered.

What cannot be read is named with a reason and passed over; a broken file never ends an import.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO

LARGEST = 150 * 1024 * 1024
MAIL_SUFFIXES = frozenset({".eml", ".msg"})
MBOX_SUFFIXES = frozenset({".mbox", ".mbx"})

_LINE = 64 * 1024
# "From sender date" with a year; Thunderbird writes "From - date". Other lines that begin so are text.
_SEPARATOR = re.compile(rb"From \S+[ \t]+[A-Z][a-z]{2} .*[12]\d{3}.*\r?\n?\Z")
_ESCAPED = re.compile(rb">+From ")
_RECEIVED = re.compile(rb"^received:.*(?:\n[ \t].*)*", re.IGNORECASE | re.MULTILINE)
_EMPTY_LINE = re.compile(rb"\n\r?\n")
_HEADER_FIELD = re.compile(rb"^[!-9;-~]{1,200}[ \t]*:", re.MULTILINE)
_OUTLOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class FoundMail:
    """One mail; ``name`` says where it was (``box.mbox#3``), ``received_at`` None where nothing tells."""

    name: str
    data: bytes
    received_at: datetime | None


@dataclass(frozen=True)
class SkippedFile:
    """A file, or a mail in one, that was passed over; ``reason`` is the end of a sentence about it."""

    name: str
    reason: str


Found = FoundMail | SkippedFile


def find_mail(paths: Iterable[Path]) -> Iterator[Found]:
    """Yield the mail of files and folders, in the order of their names, one at a time."""
    for path in paths:
        if path.is_dir():
            yield from _folder(path)
        else:
            yield from _file(path, named=True)


def _folder(folder: Path) -> Iterator[Found]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        yield SkippedFile(str(folder), f"cannot be opened: {error.strerror}")
        return
    if is_maildir(folder):
        yield from _maildir(folder)
        entries = [one for one in entries if one.is_dir() and one.name not in ("cur", "new", "tmp")]
    for entry in entries:
        if entry.is_symlink():
            yield SkippedFile(str(entry), "is a link to elsewhere")
        elif entry.is_dir():
            yield from _folder(entry)
        else:
            yield from _file(entry, named=False)


def is_maildir(folder: Path) -> bool:
    """Return whether ``folder`` is one folder of a Maildir."""
    return (folder / "cur").is_dir() and (folder / "new").is_dir()


def _maildir(folder: Path) -> Iterator[Found]:
    for place in ("cur", "new"):
        for path in sorted((folder / place).iterdir()):
            if path.is_file() and not path.name.startswith("."):
                yield _single(path, delivered=_modified(path))


def _file(path: Path, named: bool) -> Iterator[Found]:
    """One file: an mbox by its first line, a mail by its suffix or because the user named it."""
    try:
        with path.open("rb") as file:
            start = file.read(_LINE)
    except OSError as error:
        yield SkippedFile(str(path), f"cannot be opened: {error.strerror}")
        return
    suffix = path.suffix.lower()
    if not start.strip():
        yield SkippedFile(str(path), "is empty")
    elif _SEPARATOR.match(start.split(b"\n", 1)[0] + b"\n") and suffix not in MAIL_SUFFIXES:
        yield from _mbox(path)
    elif suffix in MBOX_SUFFIXES:
        yield SkippedFile(str(path), "does not begin as an mbox does")
    elif named or suffix in MAIL_SUFFIXES:
        yield _single(path, delivered=None)
    else:
        yield SkippedFile(str(path), "is neither .eml, .msg, an mbox nor a Maildir")


def _modified(path: Path) -> datetime | None:
    """Return when a Maildir file was delivered."""
    try:
        return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    except (OSError, OverflowError, ValueError):
        return None


def _single(path: Path, delivered: datetime | None) -> Found:
    try:
        if path.stat().st_size > LARGEST:
            return SkippedFile(str(path), f"is larger than {LARGEST // 1_000_000} MB")
        data = path.read_bytes()
    except OSError as error:
        return SkippedFile(str(path), f"cannot be read: {error.strerror}")
    return _mail(str(path), data, delivered)


def _mail(name: str, data: bytes, delivered: datetime | None) -> Found:
    if data.startswith(_OUTLOOK):
        return FoundMail(name, data, delivered)
    header = _EMPTY_LINE.split(data[:_LINE].lstrip(b"\r\n"), maxsplit=1)[0]
    if not _HEADER_FIELD.search(header):
        return SkippedFile(name, "has no header of a mail")
    return FoundMail(name, data, received_time(header) or delivered)


def received_time(header: bytes) -> datetime | None:
    """Return the time in the topmost Received field of a header, None where there is none.

    >>> received_time(b"Received: from a by b;\\n Mon, 2 Mar 2026 10:00:00 +0100\\nSubject: x")
    datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.timezone.utc)
    """
    found = _RECEIVED.search(header)
    return _time(found.group().rpartition(b";")[2]) if found else None


def _time(written: bytes) -> datetime | None:
    try:
        found = parsedate_to_datetime(" ".join(written.decode("ascii", "replace").split()))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _mbox(path: Path) -> Iterator[Found]:
    """Yield the mails of an mbox; ``>From`` lines lose the one ``>`` that was put there (mboxrd)."""
    try:
        with path.open("rb") as file:
            yield from _mbox_mails(str(path), file)
    except OSError as error:
        yield SkippedFile(str(path), f"cannot be read to its end: {error.strerror}")


def _mbox_mails(name: str, file: BinaryIO) -> Iterator[Found]:
    separator, size, number = b"", 0, 0
    lines: list[bytes] = []
    after_blank, at_start = True, True
    while line := file.readline(_LINE):
        if at_start and after_blank and _SEPARATOR.match(line):
            if number:
                yield _from_mbox(name, number, separator, lines, size)
            separator, lines, size, number = line, [], 0, number + 1
        elif size <= LARGEST:
            lines.append(line[1:] if at_start and _ESCAPED.match(line) else line)
            size += len(line)
        after_blank = at_start and not line.strip(b"\r\n")
        at_start = line.endswith(b"\n")
    yield _from_mbox(name, number, separator, lines, size)


def _from_mbox(name: str, number: int, separator: bytes, lines: list[bytes], size: int) -> Found:
    place = f"{name}#{number}"
    if size > LARGEST:
        return SkippedFile(place, f"is larger than {LARGEST // 1_000_000} MB")
    if len(lines) > 1 and not lines[-1].strip(b"\r\n"):
        lines = lines[:-1]  # the empty line that parts it from the next mail
    if not lines:
        return SkippedFile(place, "is empty")
    written = separator.split(None, 2)
    return _mail(place, b"".join(lines), _time(_as_mail_date(written[2])) if len(written) > 2 else None)


def _as_mail_date(written: bytes) -> bytes:
    """Return the date of a From line (asctime: ``Mon Mar  2 10:00:00 2026``) as a mail would have it."""
    words = written.split()
    if len(words) >= 5 and words[2].isdigit() and b":" in words[3]:
        return b" ".join((words[2], words[1], words[4], words[3], *words[5:6]))
    return written
