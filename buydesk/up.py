"""Everything in one command on one machine: the clock in this process, workers as processes beside it."""

import multiprocessing
import signal
import threading
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from types import FrameType

import structlog

from buydesk.installation import Installation, open_installation
from buydesk.settings import Settings
from scheduler.clock import Clock
from scheduler.jobs import Jobs
from scheduler.leader import Leadership
from scheduler.worker import release_leases, sweep_until

log = structlog.get_logger()
LOOK_SECONDS = 0.5


class AlreadyUpError(RuntimeError):
    """Raised where another process runs the same SQLite database."""


def run_up(settings: Settings, stop: threading.Event | None = None) -> None:
    """Run clock and workers until SIGINT or SIGTERM (or ``stop``); workers that die are started again."""
    installation = open_installation(settings, migrate=True)
    stop = stop or stop_on_signals()
    if installation.database.is_sqlite:
        _own(installation)
    workers = [_Worker(settings) for _ in range(max(1, settings.processes))]
    clock = make_clock(installation, stop)
    thread = threading.Thread(target=clock.run, name="clock")
    thread.start()
    try:
        while not stop.wait(LOOK_SECONDS):
            for worker in workers:
                worker.keep_alive()
    finally:
        stop.set()
        thread.join()
        for worker in workers:
            worker.end()


def make_clock(installation: Installation, stop: threading.Event) -> Clock:
    """Return the clock of ``installation``: on PostgreSQL it also sweeps and tidies the job queue."""
    if installation.database.is_sqlite:
        return Clock(installation.database, stop=stop)
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


def _own(installation: Installation) -> None:
    """Make sure that nobody else runs this SQLite file, and free what a crash left claimed."""
    leadership = Leadership(installation.database)
    if not leadership.take():
        raise AlreadyUpError(f"Buydesk is running already on {installation.database.file}.")
    if freed := release_leases(installation.database, installation.runner()):
        log.info("rows freed after a crash", rows=freed)
    leadership.leave()


class _Worker:
    """One worker process, started again when it dies."""

    def __init__(self, settings: Settings, target: Callable[[Settings], None] = run_worker) -> None:
        self._settings, self._target = settings, target
        self._process: BaseProcess | None = None
        self.keep_alive()

    def keep_alive(self) -> None:
        if self._process is not None and self._process.is_alive():
            return
        if self._process is not None:
            log.error("worker died", code=self._process.exitcode)
        context = multiprocessing.get_context("spawn")
        self._process = context.Process(target=self._target, args=(self._settings,))
        self._process.start()

    def end(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        self._process.join(30)
        if self._process.is_alive():
            self._process.kill()
