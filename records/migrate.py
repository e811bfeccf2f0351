"""The schema of a database: brought to this version's by the migrations that ship with the application."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from records.database import Database

FOLDER = Path(__file__).parent / "migrations"


def upgrade(database: Database) -> None:
    """Bring the schema of ``database`` to the newest revision; does nothing where it is there already.

    On PostgreSQL several processes may start at once: a lock lets one of them do it.
    """
    if database.file:
        database.file.parent.mkdir(parents=True, exist_ok=True)
    with database.engine.begin() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql("select pg_advisory_xact_lock(40771, 1)")
        config = _config()
        config.attributes["connection"] = connection
        config.attributes["keys"] = database.keys  # for a migration that seals what was plain
        command.upgrade(config, "head")


def revision(database: Database) -> tuple[str | None, str | None]:
    """Return the revision that ``database`` is at (None: empty) and the newest one."""
    with database.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    return present, ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config
