"""Exact decimals, aware times, and JSON come back from both databases as they went in."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import StatementError

from records.database import Database
from records.tables import Organisation

ROW = select(Organisation)


@pytest.mark.parametrize(
    "amount",
    ["0", "0.10", "1.250", "-3.5", "12345678901234567890.123456789", "1E+3", "1E-12", "0.00000001", "100.00"],
)
def test_decimals_keep_every_digit(database: Database, organisation: Organisation, amount: str) -> None:
    with database.session() as session:
        session.execute(update(Organisation).values(email_approval_limit=Decimal(amount)))
    with database.open_session() as session:
        kept = session.scalars(ROW).one().email_approval_limit
    assert isinstance(kept, Decimal)
    assert kept == Decimal(amount)
    assert format(kept, "f") == format(Decimal(amount), "f")


def test_no_decimal_is_none(database: Database, organisation: Organisation) -> None:
    with database.open_session() as session:
        assert session.scalars(ROW).one().email_approval_limit is None


@pytest.mark.parametrize("hours", [-11, -5.5, 0, 1, 5.75, 14])
def test_times_come_back_in_utc(database: Database, organisation: Organisation, hours: float) -> None:
    there = datetime(2026, 3, 29, 1, 59, 59, 123456, tzinfo=timezone(timedelta(hours=hours)))
    with database.session() as session:
        session.execute(update(Organisation).values(created_at=there))
    with database.open_session() as session:
        kept = session.scalars(ROW).one().created_at
        assert session.scalar(select(Organisation.id).where(Organisation.created_at == there)) == organisation.id
    assert kept == there
    assert kept.utcoffset() == timedelta()


def test_times_compare_by_moment_and_not_by_clock_face(database: Database, organisation: Organisation) -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    evening_elsewhere = datetime(2026, 3, 2, 18, tzinfo=timezone(timedelta(hours=7)))  # 11:00 UTC
    with database.session() as session:
        session.execute(update(Organisation).values(created_at=noon))
    with database.open_session() as session:
        later = select(Organisation.id).where(Organisation.created_at > evening_elsewhere)
        assert session.scalar(later) == organisation.id


def test_a_time_without_a_zone_is_refused(database: Database, organisation: Organisation) -> None:
    with pytest.raises(StatementError, match="without a zone"), database.session() as session:
        session.execute(update(Organisation).values(created_at=datetime(2026, 3, 2, 12)))


def test_json_keeps_any_text(database: Database, organisation: Organisation) -> None:
    values = {"ключ": ["größer", "数量", "emoji 🎉", 'quote "', "back\\slash", 1.5, None, True]}
    with database.session() as session:
        session.execute(update(Organisation).values(tolerance=values))
    with database.open_session() as session:
        assert session.scalars(ROW).one().tolerance == values
