"""The clock: listens to mailboxes, wakes what was postponed, sweeps due rows; exactly one is active.

What is due when stands in the rows (``due_at``). The clock only looks: it carries no work and no state, so
that another one may take over at any moment.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from intake.idle import listen
from intake.mailbox import AccountError, account_from
from records import exceptions
from records.base import utc_now
from records.database import Database
from records.tables import ExceptionItem, Mailbox
from scheduler.leader import Leadership
from scheduler.watch import watch

log = structlog.get_logger()
ELECTION_SECONDS = 0.5


@dataclass
class Clock:
    """The recurring jobs over ``database``; ``sweep`` and ``tidy`` belong to the engine (None: nothing to do).

    ``leadership`` is the right to be the clock where the caller holds it already, and then gives it up.
    """

    database: Database
    sweep: Callable[[], object] | None = None
    tidy: Callable[[], object] | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    leadership: Leadership | None = None
    _listeners: dict[int, tuple[threading.Event, dict[str, object]]] = field(default_factory=dict)

    def run(self) -> None:
        """Stand for election, run the jobs while leading, until ``stop`` is set."""
        leadership = self.leadership or Leadership(self.database)
        scheduler: BackgroundScheduler | None = None
        while not self.stop.wait(ELECTION_SECONDS):
            if scheduler is None and (leadership.holds() or leadership.take()):
                log.info("clock started")
                scheduler = self._start()
            elif scheduler is not None and not leadership.holds():
                log.warning("clock lost its lead")
                self._shut(scheduler)
                scheduler = None
        if scheduler:
            self._shut(scheduler)
        if self.leadership is None:
            leadership.leave()

    def _start(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 60}
        )
        scheduler.add_job(self.refresh_listeners, "interval", seconds=30, next_run_time=utc_now())
        scheduler.add_job(self.wake_postponed, "interval", seconds=60, next_run_time=utc_now())
        scheduler.add_job(self.watch, "interval", seconds=60)
        if self.sweep:
            scheduler.add_job(self.sweep, "interval", seconds=2, next_run_time=utc_now())
        if self.tidy:
            scheduler.add_job(self.tidy, "interval", seconds=60)
        scheduler.start()
        return scheduler

    def _shut(self, scheduler: BackgroundScheduler) -> None:
        scheduler.shutdown(wait=False)
        for stop, _ in self._listeners.values():
            stop.set()
        self._listeners.clear()

    def refresh_listeners(self) -> None:
        """Keep one IDLE listener for each active mailbox, with its present configuration.

        Nobody listens where a login was refused: each further one would count towards a lock-out.
        """
        with self.database.read() as session:
            polled = (Mailbox.state == "active", Mailbox.due_at.is_not(None), Mailbox.login_failures == 0)
            rows = session.execute(select(Mailbox.id, Mailbox.config).where(*polled))
            wanted: dict[int, dict[str, object]] = {row.id: dict(row.config) for row in rows}
        for mailbox_id, (stop, config) in list(self._listeners.items()):
            if wanted.get(mailbox_id) != config:
                stop.set()
                del self._listeners[mailbox_id]
        for mailbox_id, config in wanted.items():
            if mailbox_id not in self._listeners:
                self._listen(mailbox_id, config)

    def _listen(self, mailbox_id: int, config: dict[str, object]) -> None:
        stop = threading.Event()
        self._listeners[mailbox_id] = (stop, config)
        try:
            account = account_from(config)
        except AccountError as error:
            log.warning("mailbox cannot be listened to", mailbox=mailbox_id, error=str(error))
            return
        threading.Thread(
            target=listen,
            args=(account, lambda: self.new_mail(mailbox_id), stop),
            name=f"idle-{mailbox_id}",
            daemon=True,
        ).start()

    def new_mail(self, mailbox_id: int) -> None:
        """Let the mailbox be polled now, or once more where it is being polled; no more than a hint."""
        now = utc_now()
        asked = update(Mailbox).where(Mailbox.id == mailbox_id, or_(Mailbox.due_at > now, Mailbox.lease_until > now))
        try:
            with self.database.session() as session:
                session.execute(asked.values(due_at=now))
            if self.sweep:
                self.sweep()
        except DBAPIError as error:  # the next turn of polling finds it; the listener lives on
            log.warning("new mail was not told of", mailbox=mailbox_id, error=str(error.orig))

    def watch(self) -> None:
        """Raise alarms about mail servers, and end those that are over."""
        with self.database.session() as session:
            watch(session, utc_now())

    def wake_postponed(self) -> None:
        """Bring exception items back to review whose time has come."""
        with self.database.session() as session:
            for item in _to_wake(session):
                exceptions.wake(item)


def _to_wake(session: Session) -> list[ExceptionItem]:
    return list(
        session.scalars(
            select(ExceptionItem).where(ExceptionItem.state == "postponed", ExceptionItem.wake_at <= utc_now())
        )
    )
