"""A real PostgreSQL for tests: started unprivileged in a folder of its own, on a Unix socket only.

Nothing outside the folder is touched. One server serves a test run; a test gets a database of its own,
copied from a template that holds the schema, or one that another test left and that was emptied.
"""

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

START_SECONDS = 30
INITDB = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "100",
    "timezone": "Asia/Kolkata",  # not UTC, so that a forgotten zone shows
}


class PostgresMissingError(RuntimeError):
    """Raised where no PostgreSQL can be started; the message says what is missing."""


@dataclass
class Postgres:
    """A running server in ``folder``."""

    folder: Path
    process: subprocess.Popen[bytes]
    spare: list[str] = field(default_factory=list)  # URLs of empty databases that nobody uses
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def url(self, database: str) -> str:
        """Return the URL of ``database``."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def create(self, template: str = "template1", name: str | None = None) -> str:
        """Create a database as a copy of ``template`` (nobody may be connected to it) and return its URL."""
        name = name or f"test_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Drop the database at ``url`` even if somebody is still connected."""
        name = url.partition("?")[0].rpartition("/")[2]
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def empty(self, url: str, tables: Sequence[str]) -> bool:
        """Delete all rows and restart all numbers; return False where there are other tables than ``tables``.

        Whoever is still connected is thrown out first.
        """
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            there = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            if {name for (name,) in there} != set(tables):
                return False
            deletes = "; ".join(f'DELETE FROM "{name}"' for name in tables)
            connection.execute(f"SET session_replication_role = replica; {deletes}".encode())
            connection.execute(
                "SELECT setval(format('%I', sequencename)::regclass, start_value, false) FROM pg_sequences"
            )
        return True

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def wait_until_ready(self) -> None:
        """Return when the server answers; raises PostgresMissingError if it does not come up."""
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                return self._run("SELECT 1")
            except psycopg.OperationalError as error:
                if self.process.poll() is not None or time.monotonic() > end:
                    log = (self.folder / "log").read_text(errors="replace")[-1000:]
                    raise PostgresMissingError(f"PostgreSQL did not start: {log}") from error
                time.sleep(0.05)


def start_postgres() -> Postgres:
    """Start a server and return it; raises PostgresMissingError with the reason where that is impossible."""
    programs = _programs()
    runner = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="buydesk-postgres-"))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    make = [*runner, f"{programs}/initdb", f"--pgdata={folder}/data", *INITDB]
    made = subprocess.run(make, cwd="/", capture_output=True, text=True)
    if made.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise PostgresMissingError(f"initdb failed: {made.stderr.strip()[-500:]}")
    command = [*runner, f"{programs}/postgres", "-D", f"{folder}/data", "-k", str(folder)]
    for name, value in SETTINGS.items():
        command += ["-c", f"{name}={value}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    server = Postgres(folder, process)
    try:
        server.wait_until_ready()
    except PostgresMissingError:
        server.stop()
        raise
    return server


def _programs() -> Path:
    """Return the folder with the newest ``initdb`` and ``postgres``."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda folder: int(folder.parent.name))
    if (on_path := shutil.which("initdb")) and (folder := Path(on_path).resolve().parent):
        return folder
    raise PostgresMissingError("PostgreSQL is not installed (on Debian: the package postgresql)")


def _unprivileged() -> list[str]:
    """Return the command prefix that leaves root, and ends the server when its parent dies."""
    setpriv = shutil.which("setpriv")
    prefix = [setpriv, "--pdeathsig", "INT"] if setpriv else []
    if os.getuid() != 0:
        return prefix
    if not setpriv:
        raise PostgresMissingError("setpriv is needed to start PostgreSQL as root")
    try:
        user = pwd.getpwnam("postgres")
    except KeyError as error:
        raise PostgresMissingError("PostgreSQL refuses root and there is no user postgres") from error
    return [*prefix, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
