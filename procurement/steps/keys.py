"""Changing the encryption key: whatever is sealed is sealed anew by the newest key."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Table, select, update
from sqlalchemy.orm import Session

from procurement.steps.bank import opened, prints
from records.keyring import Keyring, Sealed
from records.tables import Base, SupplierBank


def reseal(session: Session, ring: Keyring) -> int:
    """Seal every sealed value by the newest key of ``ring``, renew the prints, and return how many values it was."""
    count = sum(_reseal(session, ring, table, column) for table, column in _columns())
    for row in session.scalars(select(SupplierBank).with_for_update()):
        row.prints = prints(ring, opened(ring, row.sealed))
    session.flush()
    return count


def sealed_values(session: Session) -> Iterator[str]:
    """Yield one sealed value of each column that has any."""
    for _, column in _columns():
        yield from session.scalars(select(column).where(column.is_not(None)).limit(1))


def _columns() -> Iterator[tuple[Table, Column[Any]]]:
    for table in Base.metadata.sorted_tables:
        yield from ((table, column) for column in table.columns if isinstance(column.type, Sealed))


def _reseal(session: Session, ring: Keyring, table: Table, column: Column[Any]) -> int:
    rows = session.execute(select(table.c.id, column).where(column.is_not(None)).with_for_update()).all()
    for row_id, value in rows:
        changed = update(table).where(table.c.id == row_id).values({column: ring.resealed(value)})
        session.execute(changed)
    session.expire_all()
    return len(rows)
