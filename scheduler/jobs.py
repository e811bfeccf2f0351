"""Many machines: the same steps as Procrastinate jobs on PostgreSQL.

A job is only a wake-up ``(step, row id)``: it is deferred in the transaction that makes the row due, and
running it twice or never harms nothing, because the row is claimed by the runner and the sweep finds
every row whose job was lost.
"""

import asyncio
from dataclasses import dataclass

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector, exceptions
from procrastinate.jobs import Status
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from records.database import Database
from scheduler.runner import Runner

TASK = "step"
STALLED_SECONDS = 120


@dataclass
class Jobs:
    """The job queue of one database; ``runner`` runs what a worker picks up."""

    database: Database
    runner: Runner

    def __post_init__(self) -> None:
        url = _plain_url(self.database)
        self.app = App(connector=PsycopgConnector(conninfo=url))
        self.app.task(name=TASK, pass_context=False)(self._run)
        self._deferring = App(connector=SyncPsycopgConnector(conninfo=url))  # on the session's own connection

    def wake(self, session: Session, step: str, row_id: int) -> None:
        """Defer the job ``(step, row id)`` in the transaction of ``session``; one that waits already is enough."""
        try:
            with session.begin_nested():
                # Asked for inside: the savepoint begins when the connection is first used in it.
                connection = session.connection().connection.driver_connection
                self._deferring.configure_task(TASK, connection=connection, queueing_lock=f"{step}:{row_id}").defer(
                    step=step, row_id=row_id
                )
        except exceptions.AlreadyEnqueued:
            return

    def sweep(self, limit: int = 500) -> int:
        """Defer a job for every due row, and return how many are due."""
        due = self.runner.due(limit)
        if due:
            with self.database.session() as session:
                for step, row_id in due:
                    self.wake(session, step.name, row_id)
        return len(due)

    def work(self, concurrency: int = 1) -> None:
        """Run jobs until the process is told to stop (SIGINT, SIGTERM)."""
        self.app.run_worker(concurrency=concurrency, delete_jobs="always", shutdown_graceful_timeout=30)

    def work_until_quiet(self, rounds: int = 100) -> None:
        """Run jobs until no row is due at once any more."""
        for _ in range(rounds):
            if not self.sweep():
                return
            self.app.run_worker(wait=False, listen_notify=False, install_signal_handlers=False, delete_jobs="always")

    def drop_stalled(self) -> None:
        """Drop jobs whose worker died; their rows come back by the sweep."""
        asyncio.run(self._drop_stalled())

    async def _drop_stalled(self) -> None:
        async with self.app.open_async():
            manager = self.app.job_manager
            for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
                await manager.finish_job(job, status=Status.FAILED, delete_job=True)

    def _run(self, step: str, row_id: int) -> None:
        self.runner.run(self.runner.step_named(step), row_id)


def apply_schema(database: Database) -> None:
    """Make Procrastinate's tables where they are missing."""
    app = App(connector=PsycopgConnector(conninfo=_plain_url(database)))
    with app.open():
        if not app.check_connection():
            app.schema_manager.apply_schema()


def _plain_url(database: Database) -> str:
    return make_url(database.url).set(drivername="postgresql").render_as_string(hide_password=False)
