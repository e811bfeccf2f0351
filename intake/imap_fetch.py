"""Fetching mail in batches: what came, what could not come and stays on the server, and what has gone.

Nothing is skipped in silence: every UID asked for is in exactly one of the three.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from intake.imap_answer import FetchedMail
from intake.imap_folder import Folder
from intake.imap_line import Line
from intake.imap_server import BROKEN
from records.problems import Code, Problem

BATCH = 50  # mails in one fetch
BATCH_BYTES = 8 * 1024 * 1024
AT_FIRST = 16 * 1024  # bytes of a first batch, unless its one mail is larger
IN_PIECES = 2 * 1024 * 1024  # mail above this is fetched alone and piece by piece
ASKED = 500  # mails whose sizes are asked for at once


@dataclass(frozen=True)
class LeftMail:
    """A mail that stays on the server for now; ``head`` is as much of its header as could be had."""

    uid: int
    head: bytes
    size: int
    received_at: datetime | None
    problem: Problem


@dataclass(frozen=True)
class Batch:
    """What became of the mails of ``uids``."""

    uids: tuple[int, ...]
    mails: tuple[FetchedMail, ...] = ()
    left: tuple[LeftMail, ...] = ()
    gone: frozenset[int] = frozenset()


def batches(line: Line, uids: Sequence[int], largest: int) -> Iterator[Batch]:
    """Yield the mails of ``uids`` (ascending); mail above ``largest`` bytes stays on the server.

    No batch has more than a tenth of what came before it (one mail, or ``AT_FIRST`` bytes, always go): whoever
    dies over a batch has fetched that much for nothing.
    """
    brought = 0
    for start in range(0, len(uids), ASKED):
        some = uids[start : start + ASKED]
        told = line.folder.sizes(some)
        left = {uid: told.get(uid, 0) for uid in some}
        while left:
            group = next(grouped(left, most_bytes=min(BATCH_BYTES, max(AT_FIRST, brought // 10))))
            left = {uid: size for uid, size in left.items() if uid not in group}
            brought += sum(group.values())
            if max(group.values()) > IN_PIECES:
                yield _large(line.folder, next(iter(group)), largest)
            else:
                yield _small(line.folder, tuple(group))


def grouped(sizes: Mapping[int, int], most: int = BATCH, most_bytes: int = BATCH_BYTES) -> Iterator[dict[int, int]]:
    """Yield ``sizes`` in groups of one fetch: at most ``most``, small enough together, the large alone.

    >>> [list(group) for group in grouped({1: 10, 2: 3_000_000, 3: 10, 4: 10})]
    [[1], [2], [3, 4]]
    """
    group: dict[int, int] = {}
    for uid, size in sizes.items():
        crowded = len(group) == most or sum(group.values()) + size > most_bytes
        if group and (crowded or size > IN_PIECES or max(group.values()) > IN_PIECES):
            yield group
            group = {}
        group[uid] = size
    if group:
        yield group


def _small(folder: Folder, uids: tuple[int, ...]) -> Batch:
    mails = folder.mails(uids)
    missing = sorted(set(uids) - {mail.uid for mail in mails})
    here = folder.present(missing)
    left = tuple(_withheld(folder, uid) for uid in sorted(here))
    return Batch(uids, tuple(mails), left, frozenset(missing) - here)


def _withheld(folder: Folder, uid: int) -> LeftMail:
    detail = "The server lists this mail but does not give its bytes. Release it to try again."
    return LeftMail(uid, b"", 0, folder.times([uid]).get(uid), Problem(Code.POISON, detail))


def _large(folder: Folder, uid: int, largest: int) -> Batch:
    size = folder.sizes([uid]).get(uid, 0)
    mail = folder.whole(uid, largest) if size <= largest else None
    if mail is not None:
        return Batch((uid,), (mail,))
    if not folder.present([uid]):
        return Batch((uid,), gone=frozenset({uid}))
    detail = (
        f"The mail is larger than {largest // 1_000_000} MB (the server says {size / 1e6:.1f} MB) and is "
        f"still in {folder.name}. Release it to fetch it all the same."
    )
    problem = Problem(Code.QUARANTINED, detail)
    left = LeftMail(uid, folder.head(uid), size, folder.times([uid]).get(uid), problem)
    return Batch((uid,), left=(left,))


def one_by_one(line: Line, uids: Sequence[int], largest: int) -> Iterator[Batch]:
    """Yield like ``batches`` after failures: a mail at which the server breaks off twice is left there."""
    for uid in uids:
        yield _alone(line, uid, largest)


def _alone(line: Line, uid: int, largest: int) -> Batch:
    reason = ""
    for _ in range(2):
        try:
            return _large(line.folder, uid, largest)
        except BROKEN as error:
            reason = str(error)[:200]
            line.hang_up()
    if not line.folder.present([uid]):  # raises where it is the server that is down, and not this mail
        return Batch((uid,), gone=frozenset({uid}))
    detail = f"The server breaks off whenever this mail is fetched ({reason}). Release it to try again."
    return Batch((uid,), left=(LeftMail(uid, b"", 0, None, Problem(Code.POISON, detail)),))
