"""The audit chain: it holds, and every way to tamper with it shows."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from records.audit import START, digest, faults, record
from records.database import Database
from records.tables import AuditEntry, Organisation
from tests.rows import add_organisation


def write(database: Database, organisation_id: int, count: int = 5) -> None:
    with database.session() as session:
        row = session.get_one(Organisation, organisation_id)
        for number in range(count):
            record(session, row, "noted", "ada@b.example", number=number, word="größer")


def found(database: Database, organisation_id: int) -> list[str]:
    with database.open_session() as session:
        return list(faults(session, organisation_id))


def test_an_untouched_chain_holds(database: Database, organisation: Organisation) -> None:
    write(database, organisation.id)
    write(database, organisation.id)
    assert found(database, organisation.id) == []
    with database.open_session() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence)).all()
    assert [entry.sequence for entry in entries] == list(range(1, 11))
    assert entries[0].previous == START
    assert all(after.previous == before.hash for before, after in pairwise(entries))


def _set(**values: object) -> Callable[[Session], object]:
    return lambda session: session.execute(update(AuditEntry).where(AuditEntry.sequence == 3).values(**values))


def _rehash(session: Session) -> None:
    entry = session.scalars(select(AuditEntry).where(AuditEntry.sequence == 3)).one()
    entry.actor = "mallory@b.example"
    entry.hash = digest(entry)


def _swap(session: Session) -> None:
    for old, new in ((2, 99), (3, 2), (99, 3)):
        session.execute(update(AuditEntry).where(AuditEntry.sequence == old).values(sequence=new))


@pytest.mark.parametrize(
    "tamper, complaint",
    [
        (_set(actor="mallory@b.example"), "entry 3 was changed"),
        (_set(action="approved"), "entry 3 was changed"),
        (_set(detail={"number": 1000}), "entry 3 was changed"),
        (_set(subject_id=77), "entry 3 was changed"),
        (_set(subject_table="purchase_order"), "entry 3 was changed"),
        (_set(at=text("'2020-01-01 00:00:00.000000'")), "entry 3 was changed"),
        (_set(hash="0" * 64), "entry 3 was changed"),
        (_set(previous="0" * 64), "entry 3 does not follow"),
        (_rehash, "entry 4 does not follow"),
        (_swap, "entry 2 was changed"),
        (lambda session: session.execute(delete(AuditEntry).where(AuditEntry.sequence == 3)), "entry 3 is missing"),
        (lambda session: session.execute(delete(AuditEntry).where(AuditEntry.sequence == 1)), "entry 1 is missing"),
    ],
)
def test_tampering_shows(
    database: Database, organisation: Organisation, tamper: Callable[[Session], object], complaint: str
) -> None:
    write(database, organisation.id)
    with database.session() as session:
        tamper(session)
    assert any(fault.startswith(complaint) for fault in found(database, organisation.id))


def test_each_organisation_has_a_chain_of_its_own(database: Database, organisation: Organisation) -> None:
    other = add_organisation(database, "southwind")
    write(database, organisation.id, 2)
    write(database, other.id, 3)
    write(database, organisation.id, 2)
    with database.session() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.organisation_id == other.id, AuditEntry.sequence == 2))
    assert found(database, organisation.id) == []
    assert found(database, other.id) != []


def test_writers_at_once_make_one_chain_without_gaps(database: Database, organisation: Organisation) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: write(database, organisation.id, 2), range(10)))
    assert found(database, organisation.id) == []
    with database.open_session() as session:
        assert len(session.scalars(select(AuditEntry)).all()) == 20


def test_what_was_rolled_back_leaves_no_entry_and_no_gap(database: Database, organisation: Organisation) -> None:
    with pytest.raises(ZeroDivisionError), database.session() as session:
        record(session, session.get_one(Organisation, organisation.id), "noted", "ada@b.example")
        raise ZeroDivisionError
    write(database, organisation.id, 1)
    assert found(database, organisation.id) == []
