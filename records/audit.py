"""The audit chain: one hash chain an organisation, so that no entry can be changed or dropped unseen."""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.base import Base, storable, utc_now
from records.tables.desk import AuditEntry
from records.tables.organisation import Organisation

START = "0" * 64


def record(session: Session, row: Base, action: str, actor: str, **detail: Any) -> AuditEntry:
    """Append one entry about ``row`` to the chain of its organisation and return it.

    Appending locks the organisation's row until the commit, so that the chain has one end.
    ``detail`` must be JSON-ready; the chain covers it as it is stored.
    """
    organisation_id = row.id if isinstance(row, Organisation) else row.organisation_id  # type: ignore[attr-defined]
    session.flush()
    session.execute(select(Organisation.id).where(Organisation.id == organisation_id).with_for_update())
    last = session.execute(
        select(AuditEntry.sequence, AuditEntry.hash)
        .where(AuditEntry.organisation_id == organisation_id)
        .order_by(AuditEntry.sequence.desc())
        .limit(1)
    ).first()
    entry = AuditEntry(
        organisation_id=organisation_id,
        sequence=last.sequence + 1 if last else 1,
        at=utc_now(),
        actor=storable(actor),
        action=action,
        subject_table=row.__tablename__,
        subject_id=row.id,  # type: ignore[attr-defined]
        detail=storable(detail),
        previous=last.hash if last else START,
    )
    entry.hash = digest(entry)
    session.add(entry)
    session.flush()
    return entry


def digest(entry: AuditEntry) -> str:
    """Return the SHA-256 over all that ``entry`` says and the hash before it."""
    told = [
        entry.organisation_id,
        entry.sequence,
        _moment(entry.at),
        entry.actor,
        entry.action,
        entry.subject_table,
        entry.subject_id,
        entry.detail,
        entry.previous,
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def faults(session: Session, organisation_id: int) -> Iterator[str]:
    """Yield a sentence for each place where the chain of an organisation is broken; none when it holds."""
    previous, sequence = START, 0
    entries = session.scalars(
        select(AuditEntry).where(AuditEntry.organisation_id == organisation_id).order_by(AuditEntry.sequence)
    )
    for entry in entries.yield_per(1000):
        sequence += 1
        if entry.sequence != sequence:
            yield f"entry {sequence} is missing (the next one there is {entry.sequence})"
            sequence = entry.sequence
        if entry.previous != previous:
            yield f"entry {entry.sequence} does not follow from the one before it"
        if entry.hash != digest(entry):
            yield f"entry {entry.sequence} was changed after it was written"
        previous = entry.hash


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
