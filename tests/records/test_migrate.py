from datetime import datetime
from decimal import Decimal

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, Table, inspect, select

from procurement.steps.bank import opened, prints
from records.base import utc_now
from records.database import Database
from records.keyring import keyring
from records.migrate import FOLDER, revision, upgrade
from records.tables import Base, SupplierBank

_HARMLESS: dict[type, object] = {bool: False, int: 0, list: [], dict: {}, Decimal: Decimal(0), datetime: utc_now()}


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


def test_bank_details_in_the_open_are_sealed_and_known_by_their_prints(empty_database: Database) -> None:
    _upgrade_to(empty_database, "0019")
    plain = {"organisation_id": 1, "name": "Nord", "order_email": "o@nord.example", "currency": "EUR"}
    with empty_database.engine.begin() as connection:
        _insert(connection, "organisation", id=1, slug="acme", name="Acme", email="p@acme.example", currency="EUR")
        accounts = ["DE89370400440532013000", "0532013111"]
        _insert(connection, "supplier", id=1, code="NORD", bank_accounts=accounts, **plain)
        _insert(connection, "supplier", id=2, code="SUED", **plain)
    upgrade(empty_database)
    with empty_database.session() as session:
        row = session.scalars(select(SupplierBank)).one()
        assert opened(keyring(session), row.sealed) == ["DE89370400440532013000", "0532013111"]
        assert row.masked == ["DE89••••3000", "••••3111"]
        assert row.prints == prints(keyring(session), opened(keyring(session), row.sealed))


def _upgrade_to(database: Database, wanted: str) -> None:
    with database.engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        config.attributes |= {"connection": connection, "keys": database.keys}
        command.upgrade(config, wanted)


def _insert(connection: Connection, table: str, **values: object) -> None:
    """Insert a row, with something harmless in each column that must not be empty and is not given."""
    described = Table(table, MetaData(), autoload_with=connection)
    for column in described.columns:
        if not column.nullable and column.server_default is None and column.name not in values:
            values[column.name] = _HARMLESS.get(column.type.python_type, "")
    connection.execute(described.insert(), values)
