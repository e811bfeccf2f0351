"""One clock at a time: a PostgreSQL advisory lock, or a file lock beside the SQLite file."""

import fcntl
import hashlib
from io import TextIOWrapper

import psycopg
from sqlalchemy.engine import make_url

from records.database import Database


class Leadership:
    """The right to be the one clock of a database; lost when the process dies or its connection breaks."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._file: TextIOWrapper | None = None
        self._connection: psycopg.Connection | None = None

    def take(self) -> bool:
        """Try to become the leader and return whether this process is it."""
        return self._take_file() if self._database.is_sqlite else self._take_lock()

    def holds(self) -> bool:
        """Return whether this process still is the leader."""
        if self._connection is None:
            return self._file is not None
        try:
            self._connection.execute("select 1")
        except psycopg.Error:
            self._connection = None
        return self._connection is not None

    def leave(self) -> None:
        """Give the right up."""
        if self._file:
            self._file.close()
        if self._connection:
            self._connection.close()
        self._file = self._connection = None

    def _take_file(self) -> bool:
        path = self._database.file
        if path is None:
            return True
        file = path.with_suffix(".clock").open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def _take_lock(self) -> bool:
        url = make_url(self._database.url).set(drivername="postgresql").render_as_string(hide_password=False)
        key = int.from_bytes(hashlib.sha256(b"buydesk clock").digest()[:7], "big")
        try:
            connection = psycopg.connect(
                url, autocommit=True, keepalives_idle=5, keepalives_interval=2, keepalives_count=3
            )
            row = connection.execute("select pg_try_advisory_lock(%s)", (key,)).fetchone()
        except psycopg.OperationalError:
            return False
        if row and row[0]:
            self._connection = connection
            return True
        connection.close()
        return False
