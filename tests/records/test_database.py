"""The database: what was committed is there, what failed left no trace, and SQLite keeps its promises."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text, update

from records.database import Database
from records.tables import Organisation


def test_a_session_commits_at_its_end(database: Database, organisation: Organisation) -> None:
    with database.session() as session:
        session.execute(update(Organisation).values(name="Renamed"))
    with database.session() as session:
        assert session.scalar(select(Organisation.name)) == "Renamed"


def test_an_error_leaves_no_trace(database: Database, organisation: Organisation) -> None:
    with pytest.raises(ZeroDivisionError), database.session() as session:
        session.execute(update(Organisation).values(name="Renamed"))
        raise ZeroDivisionError
    with database.session() as session:
        assert session.scalar(select(Organisation.name)) == organisation.name


def test_two_writers_wait_for_each_other(database: Database, organisation: Organisation) -> None:
    def count_up(_: int) -> None:
        with database.session() as session:
            number = session.scalar(select(Organisation.next_order).with_for_update())
            assert number is not None
            session.execute(update(Organisation).values(next_order=number + 1))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count_up, range(20)))
    with database.session() as session:
        assert session.scalar(select(Organisation.next_order)) == 21


def test_sqlite_syncs_fully_and_checks_foreign_keys(sqlite_database: Database) -> None:
    with sqlite_database.session() as session:
        settings = {
            name: session.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30000}


@pytest.mark.parametrize("prefix", ["postgresql://", "postgres://", "postgresql+psycopg://"])
def test_every_spelling_of_postgresql_uses_psycopg(prefix: str) -> None:
    database = Database(f"{prefix}user@host/name")
    assert database.url == "postgresql+psycopg://user@host/name"
    assert not database.is_sqlite
    assert database.file is None
