"""Whether mail in a folder is mail that is kept already, told without fetching its body again.

Where a server forgets its numbers (another UIDVALIDITY) nothing else names a mail: its size, the time it was
received and the fields that its author's program wrote do, together. Whatever they leave open is fetched
and compared by its bytes.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from intake.imap_answer import Outline
from parsers.message_headers import split_fields

TELLING = ("MESSAGE-ID", "FROM", "DATE", "SUBJECT")  # header fields that are compared
_LONGEST_HEADER = 256 * 1024

Marks = tuple[int, datetime, tuple[tuple[str, bytes], ...]]


@dataclass(frozen=True)
class KeptMail:
    """A mail that is kept: its row, its blob, what the server said of it, and whether it is done with there."""

    row_id: int
    sha256: str
    size: int
    received_at: datetime
    settled: bool


def telling_fields(head: bytes) -> tuple[tuple[str, bytes], ...]:
    """Return the compared fields of a header, sorted, without the blanks that servers fold differently.

    >>> telling_fields(b"Subject: a\\r\\n b\\r\\nTo: c\\r\\nDATE: d\\r\\n\\r\\n")
    (('date', b'd'), ('subject', b'ab'))
    """
    fields, _, _ = split_fields(head[:_LONGEST_HEADER])
    wanted = {name.lower() for name in TELLING}
    return tuple(sorted((n.lower(), b"".join(raw.split())) for n, raw in fields if n.lower() in wanted))


def recognised(found: Iterable[Outline], kept: Iterable[KeptMail], heads: Mapping[str, bytes]) -> dict[int, int]:
    """Return UID -> row id of the mails in ``found`` that are certainly among ``kept``.

    ``heads`` holds the header of each kept mail by its blob. Where more mails look alike than rows do, or
    rows that look alike hold different bytes, none is recognised. Of rows alike those come first that are not
    done with on the server.
    """
    by_marks: dict[Marks, list[Outline]] = defaultdict(list)
    for one in found:
        by_marks[(one.size, one.received_at, telling_fields(one.head))].append(one)
    rows: dict[Marks, list[KeptMail]] = defaultdict(list)
    for mail in kept:
        if mail.sha256 in heads:
            rows[(mail.size, mail.received_at, telling_fields(heads[mail.sha256]))].append(mail)
    result: dict[int, int] = {}
    for marks, alike in by_marks.items():
        known = sorted(rows[marks], key=lambda mail: (mail.settled, mail.row_id))
        if marks[2] and len(alike) <= len(known) and len({mail.sha256 for mail in known}) == 1:
            result |= {one.uid: mail.row_id for one, mail in zip(alike, known, strict=False)}
    return result
