"""Workers: processes that run due steps until they are told to stop.

On SQLite a worker sweeps the rows itself; on PostgreSQL it is woken by jobs (scheduler.jobs).
"""

import threading
import time

import structlog
from sqlalchemy import update

from records.base import utc_now
from records.database import Database
from scheduler.runner import Runner

log = structlog.get_logger()


def sweep_until(runner: Runner, stop: threading.Event, rest_seconds: float) -> None:
    """Run what is due, again and again, resting ``rest_seconds`` when there is nothing, until ``stop``.

    The step that runs when ``stop`` is set is still finished.
    """
    while not stop.is_set():
        if not _run_due_until(runner, stop):
            stop.wait(rest_seconds)


def _run_due_until(runner: Runner, stop: threading.Event) -> int:
    ran = 0
    for step, row_id in runner.due():
        if stop.is_set():
            break
        ran += runner.run(step, row_id)
    return ran


def run_until_quiet(runner: Runner, patience: float = 60.0, skip: frozenset[str] = frozenset()) -> int:
    """Run steps until nothing is due at once any more, at most ``patience`` seconds; return how many ran.

    Steps named in ``skip`` are left alone.
    """
    ran, end = 0, time.monotonic() + patience
    while time.monotonic() < end:
        due = [(step, row_id) for step, row_id in runner.due() if step.name not in skip]
        if not due:
            break
        ran += sum(runner.run(step, row_id) for step, row_id in due)
    return ran


def release_leases(database: Database, runner: Runner) -> int:
    """Free every claimed row, and return how many there were.

    Only for the one process that owns a SQLite file: a crash before left the leases behind.
    """
    freed = 0
    with database.session() as session:
        for table in dict.fromkeys(step.table for step in runner.steps):
            held = table.lease_until > utc_now()
            freed += session.execute(update(table).where(held).values(lease_until=utc_now())).rowcount  # type: ignore[attr-defined]
    return freed
