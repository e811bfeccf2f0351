"""The one way to the database: SQLite by default, PostgreSQL by URL; every commit passes a failpoint.

SQLite runs in WAL mode with ``synchronous=FULL``; a transaction takes the write lock at its start
(BEGIN IMMEDIATE), so that two writers wait for each other instead of failing half-way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

from records.failpoint import hit
from records.keyring import Keys

BUSY_SECONDS = 30


class Database:
    """An engine and its sessions for ``url`` (``sqlite:///file`` or ``postgresql://...``).

    ``encryption_key`` is a reference (records.secret); without it SQLite has its key beside its file.
    """

    def __init__(self, url: str, encryption_key: str = "") -> None:
        self.url = _driver_url(url)
        self.is_sqlite = self.url.startswith("sqlite")
        self.engine = _sqlite_engine(self.url) if self.is_sqlite else create_engine(self.url, pool_pre_ping=True)
        self.keys = Keys(encryption_key, self.file and self.file.with_suffix(".key"))
        info = {"keys": self.keys}
        self._sessions = sessionmaker(self.engine, info=info)
        self._readers = sessionmaker(self.engine.execution_options(read_only=True), info=info)
        event.listen(self._sessions, "before_commit", lambda _: hit("commit:before"))
        event.listen(self._sessions, "after_commit", lambda _: hit("commit:after"))

    def open_session(self) -> Session:
        """Return a new session; the caller closes it."""
        return self._sessions()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Give a session that commits at the end and rolls back on any error."""
        with self._sessions() as session:
            yield session
            session.commit()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that only reads: it takes no write lock, and what it changes is dropped.

        Rows that were loaded keep their values after the end; a rollback before it would expire them.
        """
        with self._readers() as session:
            yield session

    @property
    def file(self) -> Path | None:
        """Return the SQLite file, None for a server or an in-memory database."""
        name = make_url(self.url).database
        return Path(name) if self.is_sqlite and name and name != ":memory:" else None

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _driver_url(url: str) -> str:
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_SECONDS}000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        read_only = connection.get_execution_options().get("read_only")
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine
