"""What every test may ask for: a database (SQLite and PostgreSQL), blobs, an organisation, a clock."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from records.base import utc_now
from records.blobs import Blobs
from records.database import Database
from records.tables import Base, Organisation
from tests.rows import add_organisation
from tests.servers.postgres import Postgres, PostgresMissingError, start_postgres
from tests.shared_sql import share_sql

TEMPLATE = "buydesk_schema"
KEY = "BUYDESK_TEST_KEY"  # the encryption key of databases on a server
share_sql()
os.environ.setdefault(KEY, "bm8gc2VjcmV0IG9mIGFueWJvZHksIDMyIGJ5dGVzISE=")


@dataclass
class Clock:
    """A time that stands still until a test moves it; call it for the present moment.

    It starts at the real time, because rows are due from the real time at which they were made.
    """

    now: datetime

    def __call__(self) -> datetime:
        """Return the present moment."""
        return self.now

    def forward(self, **amount: float) -> datetime:
        """Move on by ``amount`` (``minutes=5``) and return the new moment."""
        self.now += timedelta(**amount)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock(utc_now() + timedelta(seconds=1))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an SQLite file that holds the empty schema."""
    file = tmp_path_factory.mktemp("schema") / "template.db"
    database = Database(f"sqlite:///{file}")
    Base.metadata.create_all(database.engine)
    database.close()
    return file


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Give a running PostgreSQL whose database ``TEMPLATE`` holds the empty schema."""
    try:
        server = start_postgres()
    except PostgresMissingError as missing:
        pytest.skip(str(missing))
    try:
        database = Database(server.create(name=TEMPLATE))
        Base.metadata.create_all(database.engine)
        database.close()
        yield server
    finally:
        server.stop()


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """Give an empty database on SQLite, for tests that need not run on both."""
    file = tmp_path / "buydesk.db"
    shutil.copyfile(sqlite_template, file)
    database = Database(f"sqlite:///{file}")
    yield database
    database.close()


@pytest.fixture
def postgres_database(postgres: Postgres) -> Iterator[Database]:
    """Give an empty database on PostgreSQL; such tests carry the marker ``postgres``.

    It is emptied and used again, which is a hundred times quicker than a new one; a test that adds
    tables gets its database thrown away.
    """
    url = postgres.spare.pop() if postgres.spare else postgres.create(template=TEMPLATE)
    database = Database(url, f"env:{KEY}")
    yield database
    database.close()
    if postgres.empty(url, [table.name for table in Base.metadata.sorted_tables]):
        postgres.spare.append(url)
    else:
        postgres.drop(url)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Database:
    """Give an empty database; the test runs once on SQLite and once on PostgreSQL.

    A child process may open the same one by ``database.url``.
    """
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a database without any table, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
        yield database
        database.close()
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.create()
    database = Database(url, f"env:{KEY}")
    yield database
    database.close()
    server.drop(url)


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(str(tmp_path / "blobs"))


@pytest.fixture
def organisation(database: Database) -> Organisation:
    """Return a small organisation that stands in ``database`` (detached: read it, do not write it)."""
    return add_organisation(database)
