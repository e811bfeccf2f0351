"""A selected folder: which mails it holds, their bytes, and moving them away once they are kept.

UIDs go in and come out as ints. Bodies are fetched with BODY.PEEK[] only, so that no flag changes, and
whatever the server leaves out of an answer is left out here too: the caller asks what became of it.
"""

import imaplib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from intake.imap_answer import (
    Answer,
    FetchedMail,
    Outline,
    read_gmail_ids,
    read_mails,
    read_outlines,
    read_sizes,
    read_times,
)
from intake.imap_server import Server
from intake.recognition import TELLING

PIECE = 1024 * 1024
HEAD = 64 * 1024


class FolderError(RuntimeError):
    """Raised where the server's folder cannot be used as it is; the message is for an operator."""


@dataclass
class Folder:
    """One folder, selected until the session selects another; ``uid_next`` None where it is not told."""

    server: Server
    name: str
    uidvalidity: int
    uid_next: int | None

    def uids(self, above: int = 0) -> list[int]:
        """Return the UIDs greater than ``above``, ascending.

        A server answers ``n:*`` with its last mail even where that is below n (RFC 9051 6.4.4.4).
        """
        self.server.command("noop", self.server.client.noop)
        found = self._search(f"UID {above + 1}:*")
        return [uid for uid in found if uid > above]

    def present(self, uids: Sequence[int]) -> frozenset[int]:
        """Return those of ``uids`` that the folder still holds."""
        if not uids:
            return frozenset()
        return frozenset(self._search(f"UID {uid_set(uids)}")) & frozenset(uids)

    def _search(self, criteria: str) -> list[int]:
        found = self.server.command("search", self.server.client.search, criteria)
        return sorted({int(uid) for uid in found})

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """Return what the server says of the size of each mail; an estimate on some servers."""
        return read_sizes(self._answer(uids, "(RFC822.SIZE)"))

    def times(self, uids: Sequence[int]) -> dict[int, datetime]:
        """Return when each mail was received (INTERNALDATE, UTC)."""
        return read_times(self._answer(uids, "(INTERNALDATE)"))

    def outlines(self, uids: Sequence[int]) -> list[Outline]:
        """Return size, time and telling header fields of mails, without their bodies."""
        wanted = frozenset(uids)
        items = f"(RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS ({' '.join(TELLING)})])"
        return [one for one in read_outlines(self._answer(uids, items)) if one.uid in wanted]

    def mails(self, uids: Sequence[int]) -> list[FetchedMail]:
        """Return the mails of ``uids`` whose bytes the server gave."""
        wanted = frozenset(uids)
        found = read_mails(self._answer(uids, f"({self._about} BODY.PEEK[])"))
        return [mail for mail in found if mail.uid in wanted]

    def _answer(self, uids: Sequence[int], items: str) -> Answer:
        """Return the untagged answers to a FETCH as imaplib has them."""
        return self.server.command("fetch", self._ask, uid_set(uids), items) if uids else ()

    def _ask(self, uids: str, items: str) -> Answer:
        client = self.server.client
        kind, data = client._imap.uid("FETCH", uids, items)
        if kind != "OK":
            raise client.Error(f"fetch failed: {data!r:.300}")
        answer: Answer = data
        return answer

    def whole(self, uid: int, most: int | None = None) -> FetchedMail | None:
        """Return one mail fetched in pieces, None if it is gone or longer than ``most`` bytes.

        The announced size is not trusted: it is read until a piece comes short.
        """
        pieces, length = [], 0
        for piece in self._pieces(uid):
            pieces.append(piece)
            length += len(piece)
            if most is not None and length > most:
                return None
        if not pieces:
            return None
        told = self._answer([uid], f"({self._about})")
        return FetchedMail(uid, b"".join(pieces), read_times(told).get(uid), read_gmail_ids(told).get(uid))

    @property
    def _about(self) -> str:
        """What is asked for beside a mail's bytes."""
        return "INTERNALDATE X-GM-MSGID" if "X-GM-EXT-1" in self.server.capabilities else "INTERNALDATE"

    def _pieces(self, uid: int) -> Iterator[bytes]:
        offset = 0
        while True:
            piece = self._piece(uid, "BODY.PEEK[]", offset, PIECE)
            if piece is None:
                return
            yield piece
            offset += len(piece)
            if len(piece) < PIECE:
                return

    def head(self, uid: int) -> bytes:
        """Return the first bytes of a mail's header, b"" if it is gone."""
        return self._piece(uid, "BODY.PEEK[HEADER]", 0, HEAD) or b""

    def _piece(self, uid: int, part: str, offset: int, length: int) -> bytes | None:
        client = self.server.client
        answer = self.server.command("fetch", client.fetch, [uid], [f"{part}<{offset}.{length}>"])
        name = f"{part.replace('.PEEK', '')}<{offset}>".encode("ascii")
        piece = answer.get(uid, {}).get(name)
        return piece if isinstance(piece, bytes) else None

    def move(self, uids: Sequence[int], target: str) -> frozenset[int]:
        """Move mails to the folder ``target`` (the server's name) and return those still here after it.

        With MOVE in one act; otherwise a copy and then UID EXPUNGE of just these mails. Somebody else
        may have moved them first: that is no failure.
        """
        here = sorted(self.present(uids))
        if here:
            self._move(here, target)
        return self.present(here)

    def _move(self, uids: list[int], target: str) -> None:
        act = self._move_at_once if "MOVE" in self.server.capabilities else self._copy_and_remove
        try:
            act(uids, target)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            if "[EXPUNGEISSUED]" in str(error):
                return
            if "[TRYCREATE]" not in str(error):
                raise
            self.server.create(target)
            act(uids, target)

    def _move_at_once(self, uids: list[int], target: str) -> None:
        self.server.command("move", self.server.client.move, uids, target)

    def _copy_and_remove(self, uids: list[int], target: str) -> None:
        client = self.server.client
        client._imap.untagged_responses.pop("COPYUID", None)
        self.server.command("copy", client.copy, uids, target)
        copied = _copied_uids(client._imap.untagged_responses.get("COPYUID"))
        gone = sorted(set(uids) & copied)
        if gone:
            self.server.command("store", client.add_flags, gone, [b"\\Deleted"], True)
            self.server.command("expunge", client.uid_expunge, gone)


def can_move(server: Server) -> bool:
    """Return whether mail can leave a folder without expunging what others had marked as deleted."""
    return bool({"MOVE", "UIDPLUS"} & server.capabilities)


def open_folder(server: Server, name: str, writable: bool = False) -> Folder:
    """Select ``name`` (the server's name), read-only unless ``writable``; raises FolderError."""
    try:
        answer = server.command("select", server.client.select_folder, name, not writable)
    except imaplib.IMAP4.readonly as error:
        raise FolderError(f"the server lets nobody move mail out of {name}: it is read-only") from error
    validity = answer.get(b"UIDVALIDITY")
    if not isinstance(validity, int):
        raise FolderError(f"the server keeps no lasting numbers (UIDVALIDITY) for {name}")
    uid_next = answer.get(b"UIDNEXT")
    return Folder(server, name, validity, uid_next if isinstance(uid_next, int) else None)


def uid_set(uids: Iterable[int]) -> str:
    """Return ``uids`` as an IMAP sequence set.

    >>> uid_set([7, 1, 2, 3])
    '1:3,7'
    """
    runs = groupby(enumerate(sorted(set(uids))), key=lambda one: one[1] - one[0])
    ranges = ([uid for _, uid in run] for _, run in runs)
    return ",".join(f"{run[0]}:{run[-1]}" if len(run) > 1 else str(run[0]) for run in ranges)


def _copied_uids(answers: Sequence[bytes] | None) -> set[int]:
    """Return the source UIDs that COPYUID (RFC 4315) confirms; none where the server confirms nothing."""
    found: set[int] = set()
    for answer in answers or ():
        words = answer.split()
        if len(words) == 3:
            found.update(_expanded(words[1].decode("ascii", "replace")))
    return found


def _expanded(numbers: str) -> Iterator[int]:
    for one in numbers.split(","):
        first, _, last = one.partition(":")
        low, high = sorted((int(first), int(last or first)))
        yield from range(low, high + 1)
