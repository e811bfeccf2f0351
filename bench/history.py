"""A desk with a long history, made at once: for measuring that nothing gets slower as it grows."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from records.database import Database
from records.tables import Base, ExceptionItem, Mailbox, Message, Organisation, Person

BATCH = 5000
CODES = ("UNKNOWN_SENDER", "LOW_CONFIDENCE", "PRICE_MISMATCH", "UNCLASSIFIED", "TOTALS_DISAGREE", "NO_ORDER_MATCH")
START = datetime(2025, 1, 1, 8, tzinfo=UTC)


def make_history(database: Database, mails: int, exceptions: int) -> int:
    """Fill an empty database with ``mails`` filed mails and so many open exceptions; return the organisation's id."""
    Base.metadata.create_all(database.engine)
    with database.session() as session:
        organisation_id, mailbox_id = _organisation(session)
        every = max(1, mails // max(1, exceptions))
        for batch in _batches(_mails(organisation_id, mailbox_id, mails, every)):
            session.execute(insert(Message), batch)
        for batch in _batches(_items(organisation_id, mails, every, exceptions)):
            session.execute(insert(ExceptionItem), batch)
        session.execute(text("analyze"))
    return organisation_id


def _organisation(session: Session) -> tuple[int, int]:
    organisation = Organisation(slug="bench", name="Bench", email="desk@bench.example", currency="EUR")
    session.add(organisation)
    session.flush()
    box = Mailbox(organisation_id=organisation.id, name="purchasing", state="imported", due_at=None)
    agent = Person(organisation_id=organisation.id, email="agent@bench.example", name="Agent", roles=["agent"])
    session.add_all([box, agent])
    session.flush()
    return organisation.id, box.id


def _mails(organisation_id: int, mailbox_id: int, mails: int, every: int) -> Iterator[dict[str, Any]]:
    for number in range(1, mails + 1):
        yield {
            "id": number,
            "organisation_id": organisation_id,
            "mailbox_id": mailbox_id,
            "uidvalidity": 1,
            "uid": number,
            "raw_sha256": f"{number:064x}",
            "size": 4000,
            "received_at": START + timedelta(seconds=20 * number),
            "settled_on_server": True,
            "subject": f"Request {number}",
            "sender_address": f"writer{number % 5000}@bench.example",
            "state": "matched" if number % every == 0 else "filed",
            "due_at": None,
            "reading": {"kind": "requisition", "lines": [{"description": "Paper", "quantity": "10"}]},
        }


def _items(organisation_id: int, mails: int, every: int, exceptions: int) -> Iterator[dict[str, Any]]:
    for place, number in enumerate(range(every, mails + 1, every)):
        if place == exceptions:
            return
        yield {
            "organisation_id": organisation_id,
            "subject_table": "message",
            "subject_id": number,
            "step": "match",
            "state": "to_review",
            "owner": "agent" if place % 4 else "buyer",
            "problems": [{"code": CODES[place % len(CODES)], "detail": "To be looked at.", "at": ""}],
            "code": CODES[place % len(CODES)],
            "opened_at": START + timedelta(seconds=20 * number),
            "due_by": START + timedelta(seconds=20 * number, hours=8),
        }


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
