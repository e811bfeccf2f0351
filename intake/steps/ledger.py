"""The ledger of arrived mail: one row per mail, found by its key, or by its bytes when keys are lost."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from intake.recognition import KeptMail
from records import exceptions
from records.problems import Problem
from records.tables import Mailbox, Message

LOOKUP = 500  # keys in one query

# State of a mail whose bytes are still on the server only (intake.steps.left).
LEFT_ON_SERVER = "left_on_server"


@dataclass(frozen=True)
class Arrival:
    """A mail whose bytes are a blob; one with a ``problem`` is still on the server, the blob its header."""

    uid: int
    sha256: str
    size: int
    received_at: datetime
    problem: Problem | None = None
    gmail_id: str | None = None


def unknown_uids(session: Session, mailbox_id: int, uidvalidity: int, uids: Sequence[int]) -> list[int]:
    """Return those of ``uids`` that have no row, in the order given."""
    known: set[int | None] = set()
    for start in range(0, len(uids), LOOKUP):
        known.update(
            session.scalars(
                select(Message.uid).where(
                    Message.mailbox_id == mailbox_id,
                    Message.uidvalidity == uidvalidity,
                    Message.uid.in_(uids[start : start + LOOKUP]),
                )
            )
        )
    return [uid for uid in uids if uid not in known]


def enter(session: Session, mailbox_id: int, uidvalidity: int, arrivals: Sequence[Arrival], settled: bool) -> int:
    """Give each arrival its row and return how many had one before.

    The mailbox's row is locked first, so that of two workers the second finds what the first entered. A
    mail whose old key was lost (another UIDVALIDITY) keeps its row and gets the new key, and so does one
    that Google knows by the same X-GM-MSGID: it got another UID when somebody put it back into the folder.
    """
    mailbox = session.get_one(Mailbox, mailbox_id, with_for_update=True, populate_existing=True)
    missing = set(unknown_uids(session, mailbox_id, uidvalidity, [one.uid for one in arrivals]))
    fresh = [one for one in arrivals if one.uid in missing]
    lost = _rows_without_key(session, mailbox_id, uidvalidity, [one.sha256 for one in fresh])
    known = _rows_by_gmail_id(session, mailbox_id, [one.gmail_id for one in fresh if one.gmail_id])
    before = len(arrivals) - len(fresh)
    for one in fresh:
        row = known.get(one.gmail_id or "") or (lost[one.sha256].pop(0) if lost[one.sha256] else None)
        if row is not None:
            row.uidvalidity, row.uid, row.received_at = uidvalidity, one.uid, one.received_at
            row.settled_on_server = settled
            before += 1
        else:
            _insert(session, mailbox, uidvalidity, one, settled)
    session.flush()
    return before


def _rows_by_gmail_id(session: Session, mailbox_id: int, names: list[str]) -> dict[str, Message]:
    if not names:
        return {}
    rows = session.scalars(select(Message).where(Message.mailbox_id == mailbox_id, Message.gmail_id.in_(names)))
    return {row.gmail_id or "": row for row in rows}


def _rows_without_key(
    session: Session, mailbox_id: int, uidvalidity: int, names: list[str]
) -> dict[str, list[Message]]:
    """Return rows whose key is of another UIDVALIDITY or none, by their bytes; those still to move first."""
    rows = session.scalars(
        select(Message)
        .where(
            Message.mailbox_id == mailbox_id,
            Message.raw_sha256.in_(names),
            or_(Message.uidvalidity.is_(None), Message.uidvalidity != uidvalidity),
        )
        .order_by(Message.settled_on_server, Message.id)
    )
    found: dict[str, list[Message]] = defaultdict(list)
    for row in rows:
        found[row.raw_sha256].append(row)
    return found


def without_key(session: Session, mailbox_id: int, uidvalidity: int, times: Sequence[datetime] = ()) -> list[KeptMail]:
    """Return kept mails without a key of ``uidvalidity`` that were received at one of ``times``."""
    rows = session.execute(
        select(Message.id, Message.raw_sha256, Message.size, Message.received_at, Message.settled_on_server).where(
            Message.organisation_id
            == select(Mailbox.organisation_id).where(Mailbox.id == mailbox_id).scalar_subquery(),
            Message.received_at.in_(set(times)),
            Message.mailbox_id == mailbox_id,
            or_(Message.uidvalidity.is_(None), Message.uidvalidity != uidvalidity),
        )
    )
    return [KeptMail(*row) for row in rows]


def rekey(session: Session, mailbox_id: int, uidvalidity: int, found: Mapping[int, int], settled: bool) -> None:
    """Give rows the keys by which the server lists their mail now (UID -> row id)."""
    session.get_one(Mailbox, mailbox_id, with_for_update=True, populate_existing=True)
    missing = unknown_uids(session, mailbox_id, uidvalidity, sorted(found))
    for uid in missing:
        row = session.get_one(Message, found[uid])
        if row.uidvalidity != uidvalidity:  # another worker may have been quicker
            row.uidvalidity, row.uid, row.settled_on_server = uidvalidity, uid, settled
    session.flush()


def _insert(session: Session, mailbox: Mailbox, uidvalidity: int, one: Arrival, settled: bool) -> None:
    row = Message(
        organisation_id=mailbox.organisation_id,
        mailbox_id=mailbox.id,
        uidvalidity=uidvalidity,
        uid=one.uid,
        gmail_id=one.gmail_id,
        raw_sha256=one.sha256,
        size=one.size,
        received_at=one.received_at,
        settled_on_server=settled and one.problem is None,
        state="fetched" if one.problem is None else LEFT_ON_SERVER,
    )
    session.add(row)
    if one.problem is not None:
        row.due_at = None
        session.flush()
        exceptions.hold(session, row, "fetch_left", [one.problem], "agent")


def received_otherwise(session: Session, mailbox_id: int, uidvalidity: int, times: Mapping[int, datetime]) -> list[int]:
    """Return the UIDs whose row was received at another time than the server says: another mail has them."""
    rows = session.execute(
        select(Message.uid, Message.received_at).where(
            Message.mailbox_id == mailbox_id,
            Message.uidvalidity == uidvalidity,
            Message.uid.in_(times),
        )
    )
    return sorted(uid for uid, received_at in rows if uid and received_at != times[uid])


def forget_keys(session: Session, mailbox_id: int, uidvalidity: int, uids: Sequence[int] = ()) -> None:
    """Take the keys off rows whose UIDs the server gave to other mail: all of them, or just ``uids``."""
    statement = update(Message).where(Message.mailbox_id == mailbox_id, Message.uidvalidity == uidvalidity)
    if uids:
        statement = statement.where(Message.uid.in_(uids))
    session.execute(statement.values(uid=None, uidvalidity=None))


def unsettled(session: Session, mailbox_id: int, uidvalidity: int, limit: int) -> list[tuple[int, int]]:
    """Return (row id, UID) of mail that is kept but not yet moved on the server, oldest first."""
    rows = session.execute(
        select(Message.id, Message.uid)
        .where(
            ~Message.settled_on_server,
            Message.mailbox_id == mailbox_id,
            Message.uidvalidity == uidvalidity,
            Message.state != LEFT_ON_SERVER,
        )
        .order_by(Message.id)
        .limit(limit)
    )
    return [(row.id, row.uid) for row in rows]


def settle(session: Session, row_ids: Sequence[int]) -> None:
    """Mark that nothing is left to do on the server for these rows."""
    session.execute(update(Message).where(Message.id.in_(row_ids)).values(settled_on_server=True))


def settle_absent(session: Session, mailbox_id: int, uidvalidity: int) -> None:
    """Settle mail whose key is of another UIDVALIDITY or none, once the whole folder was compared.

    It is not in the folder any more: a worker died after it had moved it and before that was noted.
    """
    absent = (
        Message.mailbox_id == mailbox_id,
        ~Message.settled_on_server,
        Message.state != LEFT_ON_SERVER,
        or_(Message.uidvalidity.is_(None), Message.uidvalidity != uidvalidity),
    )
    session.execute(update(Message).where(*absent).values(settled_on_server=True))
