"""What every table shares: exact decimals, UTC times, JSON, and the columns of a row that is work."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, Index, Integer, Numeric, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine


class Exact(TypeDecorator[Decimal]):
    """A ``Decimal`` kept digit by digit: NUMERIC on PostgreSQL, text on SQLite (which has no decimals)."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column type of ``dialect``."""
        return dialect.type_descriptor(Numeric() if dialect.name == "postgresql" else String(60))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """Return what is stored."""
        if value is None or dialect.name == "postgresql":
            return value
        return format(value, "f")

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Return the stored decimal."""
        return None if value is None else Decimal(value)


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC ``datetime``; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time in UTC, without its zone where the database keeps none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value}")
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware UTC time."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: Any) -> Any:
    """Return ``value`` (text, or JSON values of any depth) as every database can keep it.

    PostgreSQL refuses U+0000 and surrogates in text; each becomes U+FFFD, on SQLite too.
    """
    if isinstance(value, str):
        return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return {storable(name): storable(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [storable(one) for one in value]
    return value


class Words(TypeDecorator[str]):
    """Text of any length, as outsiders write it (``storable``)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return what is stored."""
        return None if value is None else storable(value)


class Json(TypeDecorator[Any]):
    """JSON values: JSONB on PostgreSQL. A value is replaced as a whole, never changed in place."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column type of ``dialect``."""
        return dialect.type_descriptor(JSONB() if dialect.name == "postgresql" else JSON())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Return what is stored."""
        return storable(value)


RowId = BigInteger().with_variant(Integer(), "sqlite")


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """The declarative base of all tables."""

    type_annotation_map = {
        Decimal: Exact(),
        datetime: UtcTime(),
        str: Words(),
        dict[str, Any]: Json(),
        list[Any]: Json(),
        list[str]: Json(),
        list[int]: Json(),
    }


class Owned(Base):
    """A row that belongs to one organisation."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(RowId, primary_key=True)

    @declared_attr
    @classmethod
    def organisation_id(cls) -> Mapped[int]:
        """Return the column that scopes every query."""
        return mapped_column(RowId, ForeignKey("organisation.id"), index=True)


class Work(Owned):
    """A row that steps work on (scheduler.runner): claimed when ``due_at`` has come, fenced by its lease.

    ``due_at`` None means that nothing is to be done until somebody sets it. ``corrections`` maps JSON
    pointers to what a person put in place of what was read; the step that runs again takes them up.
    """

    __abstract__ = True

    state: Mapped[str] = mapped_column(String(30))
    due_at: Mapped[datetime | None] = mapped_column(UtcTime().evaluates_none(), default=utc_now)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[str | None] = mapped_column(String(32), default=None)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    last_error: Mapped[str | None] = mapped_column(default=None)
    corrections: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        """Return the partial index by which due rows are found, and the table's own arguments."""
        name = cls.__tablename__
        table_column = cls.due_at
        due = Index(
            f"ix_{name}_due",
            "due_at",
            sqlite_where=table_column.is_not(None),
            postgresql_where=table_column.is_not(None),
        )
        return (due, *cls.own_arguments())

    @classmethod
    def own_arguments(cls) -> tuple[Any, ...]:
        """Return further constraints and indexes of the table."""
        return ()


__all__ = ["Base", "Exact", "Json", "Owned", "RowId", "UtcTime", "Words", "Work", "storable", "utc_now"]
