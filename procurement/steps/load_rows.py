"""Bring the rows of one table in line with what a file lists, in bulk, with one audit entry."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from records.audit import record
from records.base import Owned
from records.tables import Organisation

MOST_TOLD = 200  # of longer lists the audit entry keeps the number and the SHA-256 of all keys besides

SEPARATOR = " / "  # between the parts of a key that has several


@dataclass(frozen=True)
class Counts:
    """How many rows a load inserted, updated, left alone and ended (or deleted)."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    ended: int = 0

    @property
    def changed_anything(self) -> bool:
        """Return whether any row was written."""
        return bool(self.inserted or self.updated or self.ended)


@dataclass(frozen=True)
class Target:
    """Where a load writes, in whose name, and the day on which what is gone ends."""

    session: Session
    organisation: Organisation
    actor: str
    yesterday: date


@dataclass
class Difference:
    """What is to be written: rows by key, and for changed ones the old and new values by column."""

    inserted: dict[str, dict[str, Any]] = field(default_factory=dict)
    updated: dict[str, tuple[int, dict[str, Any], dict[str, list[Any]]]] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    unchanged: int = 0

    @property
    def counts(self) -> Counts:
        """Return how many rows of each kind there are."""
        return Counts(len(self.inserted), len(self.updated), self.unchanged, len(self.gone))


def load_rows(
    target: Target,
    table: type[Owned],
    key: tuple[str, ...],
    rows: Iterable[Mapping[str, Any]],
    ending: Mapping[str, Any] | None = None,
    *,
    kept: frozenset[str | None] = frozenset(),
    only: ColumnElement[bool] | None = None,
    beside: Mapping[str, Any] | None = None,
) -> Counts:
    """Write ``rows`` (by column name) and return what changed.

    Rows that are not among them take the values ``ending``; without it they are deleted, except those
    whose key is ``kept``. ``only`` limits the rows that are looked at; ``beside`` is written along with
    every row that is inserted or updated, and not compared.
    """
    found = difference(target, table, key, rows, ending, kept, only)
    write(target, table, found, ending, beside or {})
    return found.counts


def difference(
    target: Target,
    table: type[Owned],
    key: tuple[str, ...],
    rows: Iterable[Mapping[str, Any]],
    ending: Mapping[str, Any] | None = None,
    kept: frozenset[str | None] = frozenset(),
    only: ColumnElement[bool] | None = None,
) -> Difference:
    """Return how ``rows`` differ from what stands in ``table``."""
    columns = table.__table__.c
    query = select(*columns).where(columns.organisation_id == target.organisation.id)
    standing = target.session.execute(query if only is None else query.where(only)).mappings()
    known = {_key(row, key): row for row in map(dict, standing)}
    found = Difference()
    for row in rows:
        values = {name: list(value) if isinstance(value, tuple) else value for name, value in row.items()}
        name = _key(values, key)
        old = known.pop(name, None)
        if old is None:
            found.inserted[name] = values | {"organisation_id": target.organisation.id}
        elif new := {column: value for column, value in values.items() if old[column] != value}:
            changes = {column: [tell(old[column]), tell(value)] for column, value in new.items()}
            found.updated[name] = (old["id"], new, changes)
        else:
            found.unchanged += 1
    for name, old in known.items():
        if name not in kept if ending is None else not _has_ended(old, ending):
            found.gone[name] = old["id"]
    return found


def write(
    target: Target,
    table: type[Owned],
    found: Difference,
    ending: Mapping[str, Any] | None,
    beside: Mapping[str, Any],
) -> None:
    """Write a difference and its one audit entry; nothing where there is none."""
    if not found.counts.changed_anything:
        return
    session = target.session
    if found.inserted:
        session.execute(insert(table), [row | dict(beside) for row in found.inserted.values()])
    _update(session, table, found, beside)
    gone = list(found.gone.values())
    for some in (gone[start : start + 500] for start in range(0, len(gone), 500)):
        if ending is None:
            session.execute(delete(table).where(table.id.in_(some)))
        else:
            session.execute(update(table).where(table.id.in_(some)).values(**ending))
    session.expire_all()
    record(session, target.organisation, "loaded", target.actor, table=table.__tablename__, **told(found, ending))


def _update(session: Session, table: type[Owned], found: Difference, beside: Mapping[str, Any]) -> None:
    """Update the changed rows, those with the same changed columns in one statement."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row_id, new, _ in found.updated.values():
        values = new | dict(beside)
        parameters = {f"new_{column}": value for column, value in values.items()} | {"row_id": row_id}
        alike.setdefault(tuple(values), []).append(parameters)
    core = table.__table__
    for columns, rows in alike.items():
        statement = core.update().where(core.c.id == bindparam("row_id"))  # type: ignore[attr-defined]
        values = {column: bindparam(f"new_{column}", type_=core.c[column].type) for column in columns}
        session.connection().execute(statement.values(values), rows)


def told(found: Difference, ending: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what the audit entry says: keys added and gone, and old and new values of those changed."""
    detail: dict[str, Any] = {}
    if found.inserted:
        detail["added"] = _keys(found.inserted)
    if found.updated:
        detail |= told_changes({name: values for name, (_, _, values) in found.updated.items()})
    if found.gone:
        detail["deleted" if ending is None else "ended"] = _keys(found.gone)
    return detail


def told_changes(changed: Mapping[str, Mapping[str, list[Any]]]) -> dict[str, Any]:
    """Return what the audit entry says of rows whose old and new values are given by key and column."""
    return {"changed": dict(changed) if len(changed) <= MOST_TOLD else _keys(changed)}


def tell(value: object) -> Any:
    """Return a value as it stands in an audit entry."""
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value


def _keys(rows: Iterable[str]) -> list[str] | dict[str, Any]:
    names = sorted(rows)
    if len(names) <= MOST_TOLD:
        return names
    digest = hashlib.sha256("\n".join(names).encode()).hexdigest()
    return {"count": len(names), "first": names[0], "last": names[-1], "sha256": digest}


def _key(row: Mapping[str, Any], key: tuple[str, ...]) -> str:
    return SEPARATOR.join(str(row[column]) for column in key)


def _has_ended(row: Mapping[str, Any], ending: Mapping[str, Any]) -> bool:
    """Return whether a row has already ended; an earlier end (``valid_until``) is not moved."""
    until = ending.get("valid_until")
    if until is not None:
        return row["valid_until"] is not None and bool(row["valid_until"] <= until)
    return all(row[column] == value for column, value in ending.items())
