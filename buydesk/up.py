"""Everything in one command on one machine: the clock in this process, workers as processes beside it."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Sequence
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import TYPE_CHECKING

import structlog

from buydesk.installation import Installation, open_installation
from buydesk.settings import Settings
from records.database import Database
from scheduler.clock import Clock
from scheduler.jobs import Jobs
from scheduler.leader import Leadership
from scheduler.worker import release_leases, sweep_until

if TYPE_CHECKING:
    from uvicorn import Server

log = structlog.get_logger()
LOOK_SECONDS = 0.5
WEB_SECONDS = 5  # for requests that are being answered at the end
LAST_SECONDS = 30  # for the step that is being run at the end


class AlreadyUpError(RuntimeError):
    """Raised where another process runs the same SQLite database."""


def run_up(settings: Settings, stop: threading.Event | None = None) -> None:
    """Run clock and workers until SIGINT or SIGTERM (or ``stop``); workers that die are started again."""
    stop = stop or stop_on_signals()
    owned = _own(Database(settings.url))
    installation = open_installation(settings, migrate=True)
    if owned and (freed := release_leases(installation.database, installation.runner())):
        log.info("rows freed after a crash", rows=freed)
    clock = make_clock(installation, stop, owned)
    thread = threading.Thread(target=clock.run, name="clock")
    workers = [_Worker(settings) for _ in range(settings.processes)]
    thread.start()
    server, web = _serve(installation)
    log.info("up", database=installation.database.file or "PostgreSQL", workers=len(workers))
    try:
        while not stop.wait(LOOK_SECONDS):
            for worker in workers:
                worker.keep_alive()
    finally:
        stop.set()
        if server is not None and web is not None:
            server.should_exit = True
            web.join(WEB_SECONDS)
        _end(workers)
        thread.join()
        if owned:
            owned.leave()


def _serve(installation: Installation) -> "tuple[Server | None, threading.Thread | None]":
    """Serve the workbench beside the clock, where the settings want it."""
    if installation.settings.web == "off":
        return None, None
    from buydesk.serve import serve_beside, server_of, tell_first_administrator

    server = server_of(installation)
    thread = serve_beside(server)
    tell_first_administrator(installation)
    return server, thread


def make_clock(installation: Installation, stop: threading.Event, leadership: Leadership | None = None) -> Clock:
    """Return the clock of ``installation``: on PostgreSQL it also sweeps and tidies the job queue."""
    if installation.database.is_sqlite:
        return Clock(installation.database, stop=stop, leadership=leadership)
    jobs = Jobs(installation.database, installation.runner())
    return Clock(installation.database, sweep=jobs.sweep, tidy=jobs.drop_stalled, stop=stop)


def run_worker(settings: Settings, stop: threading.Event | None = None) -> None:
    """Run steps in this process until it is told to stop."""
    installation = open_installation(settings)
    runner = installation.runner()
    if installation.database.is_sqlite:
        sweep_until(runner, stop or stop_on_signals(), settings.poll_seconds)
        return
    jobs = Jobs(installation.database, runner)
    runner.wake = jobs.wake
    jobs.work()


def stop_on_signals() -> threading.Event:
    """Return an event that SIGINT and SIGTERM set."""
    stop = threading.Event()

    def _stop(_: int, __: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    return stop


def _own(database: Database) -> Leadership | None:
    """Return the right to run this SQLite file, which is held while Buydesk runs; None on a server."""
    if database.file is None:
        return None
    database.file.parent.mkdir(parents=True, exist_ok=True)
    leadership = Leadership(database)
    if not leadership.take():
        raise AlreadyUpError(f"Buydesk is running already on {database.file}.")
    return leadership


def _work_beside_parent(settings: Settings) -> None:
    """Run steps until told to stop, or until the process that started this one is gone."""
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    run_worker(settings)


def _end_with_parent() -> None:
    """End this process as SIGTERM does once its parent is dead, so that no orphan works on beside a new start."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _end(workers: Sequence["_Worker"]) -> None:
    for worker in workers:
        worker.process.terminate()
    end = time.monotonic() + LAST_SECONDS
    for worker in workers:
        worker.process.join(max(0, end - time.monotonic()))
        worker.process.kill()
        worker.process.join()


class _Worker:
    """One worker process, started again when it dies."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.process = self._start()

    def keep_alive(self) -> None:
        if not self.process.is_alive():
            log.error("worker died", code=self.process.exitcode)
            self.process = self._start()

    def _start(self) -> BaseProcess:
        process = multiprocessing.get_context("spawn").Process(target=_work_beside_parent, args=(self._settings,))
        process.start()
        return process
