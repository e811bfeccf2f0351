from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from records.database import Database
from records.migrate import revision, upgrade
from records.tables import Base


def test_the_migrations_make_exactly_the_tables_of_the_code(empty_database: Database) -> None:
    upgrade(empty_database)
    with empty_database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_upgrading_twice_changes_nothing(empty_database: Database) -> None:
    upgrade(empty_database)
    upgrade(empty_database)
    present, newest = revision(empty_database)
    assert present == newest
    assert "organisation" in inspect(empty_database.engine).get_table_names()


def test_an_empty_database_is_at_no_revision(empty_database: Database) -> None:
    assert revision(empty_database)[0] is None
