"""Answers to FETCH as imaplib hands them over, read without IMAPClient's word-by-word parser.

Servers give mail in one shape almost always: a line, the literal, a closing bracket. That shape is read
here at a tenth of the cost; an answer of any other shape is left to IMAPClient.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from imapclient.response_parser import parse_fetch_response

Answer = Sequence[bytes | tuple[bytes, bytes] | None]

_UID = re.compile(rb"\bUID (\d{1,10})\b", re.I)
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,15})\b", re.I)
_TIME = re.compile(rb'\bINTERNALDATE "( ?\d{1,2})-([A-Z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"', re.I)
_GMAIL = re.compile(rb"\bX-GM-MSGID (\d{1,20})\b", re.I)
_LITERAL = re.compile(rb"\bBODY\[\] \{\d+\}\Z", re.I)
_MONTHS = {name: number for number, name in enumerate(b"jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}


@dataclass(frozen=True)
class FetchedMail:
    """One mail as the server gave it; ``received_at`` is its INTERNALDATE, None where it has none.

    ``gmail_id`` is X-GM-MSGID, which a mail at Google keeps whatever its UID becomes.
    """

    uid: int
    data: bytes
    received_at: datetime | None
    gmail_id: str | None = None


@dataclass(frozen=True)
class Outline:
    """What is told of a mail without its body: ``size`` as announced, ``head`` some of its header fields as written."""

    uid: int
    size: int
    received_at: datetime
    head: bytes


def read_sizes(answer: Answer) -> dict[int, int]:
    """Return the RFC822.SIZE of each UID in ``answer``."""
    found = ((_UID.search(one), _SIZE.search(one)) for one in answer if isinstance(one, bytes))
    return {int(uid.group(1)): int(size.group(1)) for uid, size in found if uid and size}


def read_times(answer: Answer) -> dict[int, datetime]:
    """Return the INTERNALDATE (UTC) of each UID in ``answer``."""
    found = ((_UID.search(one), _time(one)) for one in answer if isinstance(one, bytes))
    return {int(uid.group(1)): time for uid, time in found if uid and time}


def read_gmail_ids(answer: Answer) -> dict[int, str]:
    """Return the X-GM-MSGID of each UID in ``answer``."""
    found = ((_UID.search(one), _gmail_id(one)) for one in answer if isinstance(one, bytes))
    return {int(uid.group(1)): name for uid, name in found if uid and name}


def _gmail_id(said: bytes) -> str | None:
    found = _GMAIL.search(said)
    return found.group(1).decode("ascii") if found else None


def read_mails(answer: Answer) -> list[FetchedMail]:
    """Return the mails in ``answer`` to a fetch of INTERNALDATE and BODY.PEEK[] that came with bytes."""
    if any(_is_unusual(one) for one in answer):
        return list(_parsed(answer))
    return list(_literals(answer))


def read_outlines(answer: Answer) -> list[Outline]:
    """Return what an answer tells of mails whose size, INTERNALDATE and some header fields were asked for.

    A mail whose answer has another shape is left out: it is fetched whole then.
    """
    found = []
    for position, one in enumerate(answer):
        if not isinstance(one, tuple):
            continue
        after = answer[position + 1] if position + 1 < len(answer) else b""
        said = one[0] + b" " + (after if isinstance(after, bytes) else b"")
        uid, size, time = _UID.search(said), _SIZE.search(said), _time(said)
        if uid and size and time:
            found.append(Outline(int(uid.group(1)), int(size.group(1)), time, one[1]))
    return found


def _is_unusual(one: bytes | tuple[bytes, bytes] | None) -> bool:
    if isinstance(one, tuple):
        return not _LITERAL.search(one[0])
    return one is not None and b"BODY[] " in one.upper()


def _literals(answer: Answer) -> Iterator[FetchedMail]:
    for position, one in enumerate(answer):
        if not isinstance(one, tuple):
            continue
        after = answer[position + 1] if position + 1 < len(answer) else b""
        said = one[0] + b" " + (after if isinstance(after, bytes) else b"")
        if uid := _UID.search(said):
            yield FetchedMail(int(uid.group(1)), one[1], _time(said), _gmail_id(said))


def _parsed(answer: Answer) -> Iterator[FetchedMail]:
    for uid, values in parse_fetch_response(list(answer), normalise_times=False, uid_is_key=True).items():
        data, time = values.get(b"BODY[]"), values.get(b"INTERNALDATE")
        if isinstance(data, bytes):
            received_at = time.astimezone(UTC) if isinstance(time, datetime) else None
            name = values.get(b"X-GM-MSGID")
            yield FetchedMail(uid, data, received_at, str(name) if isinstance(name, int) else None)


def _time(said: bytes) -> datetime | None:
    found = _TIME.search(said)
    month = _MONTHS.get(found.group(2).lower()) if found else None
    if found is None or month is None:
        return None
    day, _, year, hour, minute, second, sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == b"-" else 1)
    try:
        zone = timezone(offset)
        return datetime(int(year), month, int(day), int(hour), int(minute), int(second), tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
