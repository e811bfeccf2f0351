"""What the readiness report measures in the database: master data as they stand, and mail that was read."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.readiness import MailFacts, Section, readiness
from procurement.steps.catalog import match_line
from procurement.steps.directory import directory_in
from procurement.steps.export import export_organisation
from records.tables import Message, Organisation

OF_SUPPLIERS = frozenset({"order_response", "despatch_advice", "delivery_note", "invoice", "credit_note"})
MOST_MAILS = 20_000  # the newest ones
MOST_LINES = 2000  # that are looked up in the catalog
MOST_SENDERS = 20


def measure(session: Session, organisation: Organisation, today: date) -> tuple[Section, ...] | None:
    """Return the checklist of an organisation; None where it has no policy in force and so was never loaded whole."""
    data = export_organisation(session, organisation, today)
    if data is None:
        return None
    return readiness(data, directory_in(data), _mail_facts(session, organisation, today), today)


def _mail_facts(session: Session, organisation: Organisation, today: date) -> MailFacts:
    mails = lines = matched = documents = without_order = 0
    unknown: Counter[str] = Counter()
    own = {*organisation.domains, organisation.email.rpartition("@")[2]}
    for sender, supplier_id, reading in _readings(session, organisation.id):
        mails += 1
        domain = (sender or "").rpartition("@")[2].lower()
        if reading.get("kind") in OF_SUPPLIERS and domain not in own:
            documents += 1
            without_order += not reading.get("order_numbers")
            if supplier_id is None and domain:
                unknown[domain] += 1
        elif reading.get("kind") == "requisition":
            for line in reading.get("lines", ())[: MOST_LINES - lines]:
                lines += 1
                matched += _is_in_catalog(session, organisation.id, line, today)
    return MailFacts(mails, lines, matched, documents, without_order, tuple(unknown.most_common(MOST_SENDERS)))


def _readings(session: Session, organisation_id: int) -> Iterator[tuple[str | None, int | None, dict[str, Any]]]:
    newest = (
        select(Message.sender_address, Message.supplier_id, Message.reading)
        .where(Message.organisation_id == organisation_id, Message.reading.is_not(None))
        .order_by(Message.id.desc())
        .limit(MOST_MAILS)
    )
    for row in session.execute(newest):
        if isinstance(row.reading, dict):  # JSON null is a value of its own
            yield row.sender_address, row.supplier_id, row.reading


def _is_in_catalog(session: Session, organisation_id: int, line: dict[str, Any], today: date) -> bool:
    found = match_line(session, organisation_id, line.get("description"), line.get("item_number"), today=today)
    return found.item is not None
