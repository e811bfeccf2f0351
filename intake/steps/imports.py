"""Import of mail from files: as if it had come in, once, however often it is imported."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.imports import Found, FoundMail, SkippedFile, find_mail
from records.base import utc_now
from records.blobs import Blobs
from records.tables import Mailbox, Message, Organisation

MAILBOX = "import"
BATCH = 100
BATCH_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class ImportProgress:
    """How far an import has come: mails added, mails known before, and what was passed over so far."""

    added: int = 0
    known: int = 0
    skipped: tuple[SkippedFile, ...] = ()


def import_mail(
    session: Session,
    organisation: Organisation,
    paths: Iterable[Path],
    blobs: Blobs,
    clock: Callable[[], datetime] = utc_now,
) -> Iterator[ImportProgress]:
    """Enter the mail of ``paths`` and yield the progress after each batch; the caller commits at each.

    Mail goes to the organisation's mailbox ``MAILBOX`` in the state ``fetched``. Bytes that are there
    already add nothing. Files are read and kept while no transaction is open, if the caller commits.
    """
    organisation_id, progress = organisation.id, ImportProgress()
    mailbox_id = _mailbox(session, organisation_id)
    yield progress
    for batch in batches(find_mail(paths)):
        now = clock()
        skipped = [one for one in batch if isinstance(one, SkippedFile)]
        kept = {blobs.put(one.data): one for one in batch if isinstance(one, FoundMail)}
        added = _enter(session, organisation_id, mailbox_id, kept, now)
        known = len(batch) - len(skipped) - added
        progress = replace(
            progress,
            added=progress.added + added,
            known=progress.known + known,
            skipped=(*progress.skipped, *skipped),
        )
        yield progress


def batches(found: Iterable[Found]) -> Iterator[Sequence[Found]]:
    """Yield ``found`` in groups of at most ``BATCH``, cut where the bytes grow beyond ``BATCH_BYTES``."""
    rest = iter(found)
    while group := list(_up_to(BATCH_BYTES, islice(rest, BATCH))):
        yield group


def _up_to(size: int, found: Iterator[Found]) -> Iterator[Found]:
    for one in found:
        yield one
        size -= len(one.data) if isinstance(one, FoundMail) else 0
        if size <= 0:
            return


def _mailbox(session: Session, organisation_id: int) -> int:
    """Return the id of the mailbox that imports go to, which is made at the first import."""
    wanted = select(Mailbox).where(Mailbox.organisation_id == organisation_id, Mailbox.name == MAILBOX)
    row = session.scalars(wanted).one_or_none()
    if row is None:
        row = Mailbox(organisation_id=organisation_id, name=MAILBOX, state="imported", due_at=None)
        session.add(row)
        session.flush()
    return row.id


def enter_mail(session: Session, organisation_id: int, data: bytes, blobs: Blobs, now: datetime) -> int:
    """Enter one mail that was handed over, and return its message's id; the same bytes enter once."""
    mailbox_id, name = _mailbox(session, organisation_id), blobs.put(data)
    _enter(session, organisation_id, mailbox_id, {name: FoundMail("handed over", data, None)}, now)
    found = select(Message.id).where(Message.mailbox_id == mailbox_id, Message.raw_sha256 == name)
    return session.scalars(found).one()


def _enter(session: Session, organisation_id: int, mailbox_id: int, kept: dict[str, FoundMail], now: datetime) -> int:
    """Insert a row for each mail that has none; two imports at once wait for each other here."""
    session.get_one(Mailbox, mailbox_id, with_for_update=True, populate_existing=True)
    there = set(
        session.scalars(
            select(Message.raw_sha256).where(Message.mailbox_id == mailbox_id, Message.raw_sha256.in_(kept.keys()))
        )
    )
    rows = [
        Message(
            organisation_id=organisation_id,
            mailbox_id=mailbox_id,
            raw_sha256=name,
            size=len(mail.data),
            received_at=mail.received_at or now,
            settled_on_server=True,
            state="fetched",
        )
        for name, mail in kept.items()
        if name not in there
    ]
    session.add_all(rows)
    session.flush()
    return len(rows)
