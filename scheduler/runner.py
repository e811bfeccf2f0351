"""The one runner: claims a row, runs its step, settles the row; the only commit of the pipeline.

The try is counted and committed before the work. Everything a step yields or returns is settled in one
transaction fenced by the lease: a worker whose lease was taken over changes nothing any more. Uncaught
errors back off and, after ``MAX_ATTEMPTS``, open a ``GAVE_UP`` exception with the traceback.
"""

import secrets
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import GeneratorType

import structlog
from sqlalchemy import ColumnElement, Row, event, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from procurement.steps.promise import promise
from records import exceptions
from records.audit import record
from records.base import Work, utc_now
from records.database import Database
from records.failpoint import FailpointError, hit
from records.flow import Done, Hold, Moves, Outcome, Progress, Step, Wait, check_move
from records.problems import Code, Problem

MAX_ATTEMPTS = 8
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(hours=1)

log = structlog.get_logger()
Wake = Callable[[Session, str, int], None]


class LeaseLostError(RuntimeError):
    """Raised inside a worker when another one took its row over."""


def retry_delay(attempts: int) -> timedelta:
    """Return how long to wait after the ``attempts``-th failure: doubling, at most an hour.

    >>> retry_delay(1), retry_delay(3)
    (datetime.timedelta(seconds=5), datetime.timedelta(seconds=20))
    """
    return min(FIRST_RETRY * int(2 ** min(20, max(0, attempts - 1))), LONGEST_RETRY)


@dataclass
class Runner:
    """Runs ``steps`` on rows of ``database``; ``moves`` are the allowed moves of each table.

    ``wake`` is told, inside the transaction, of every (step, row id) that has become due by it.
    ``lease_scale`` shortens all leases (tests).
    """

    database: Database
    steps: Sequence[Step]
    moves: Mapping[type[Work], Moves]
    wake: Wake | None = None
    lease_scale: float = 1.0
    clock: Callable[[], datetime] = utc_now
    _by_place: dict[tuple[type[Work], str], Step] = field(init=False)

    def __post_init__(self) -> None:
        self._by_place = {(step.table, step.state): step for step in self.steps}
        if len(self._by_place) != len(self.steps):
            raise ValueError("two steps work on the same table and state")

    def step_named(self, name: str) -> Step:
        """Return the step called ``name``."""
        return next(step for step in self.steps if step.name == name)

    def due(self, limit: int = 100) -> list[tuple[Step, int]]:
        """Return up to ``limit`` rows of each table whose step is due and that nobody holds."""
        now = self.clock()
        found: list[tuple[datetime, Step, int]] = []
        with self.database.read() as session:
            for table in dict.fromkeys(step.table for step in self.steps):
                rows = session.execute(
                    select(table.id, table.state, table.due_at)
                    .where(table.due_at <= now, _free(table, now), table.state.in_(self._states(table)))
                    .order_by(table.due_at)
                    .limit(limit)
                )
                found += [(row.due_at, self._by_place[table, row.state], row.id) for row in rows]
        found.sort(key=lambda one: one[0])
        return [(step, row_id) for _, step, row_id in found]

    def run_due(self, limit: int = 100) -> int:
        """Run what is due now, oldest first, and return how many steps ran."""
        return sum(self.run(step, row_id) for step, row_id in self.due(limit))

    def run(self, step: Step, row_id: int) -> bool:
        """Run ``step`` on one row if it is due and free; return whether it ran."""
        claim = self._claim(step, row_id)
        if claim is None:
            return False
        hit("runner:claimed")
        work = _Claimed(self, step, row_id, *claim)
        try:
            work.perform()
        except LeaseLostError:
            log.warning("lease lost", step=step.name, row=row_id)
        except FailpointError:
            raise
        except Exception as error:
            work.fail(error)
        return True

    def _states(self, table: type[Work]) -> list[str]:
        return [state for owner, state in self._by_place if owner is table]

    def _claim(self, step: Step, row_id: int) -> tuple[str, datetime] | None:
        now, table, token = self.clock(), step.table, secrets.token_hex(16)
        with self.database.open_session() as session:
            due_at: datetime | None = session.execute(
                update(table)
                .where(table.id == row_id, table.state == step.state, table.due_at <= now, _free(table, now))
                .values(lease_token=token, lease_until=now + self.lease(step), attempts=table.attempts + 1)
                .returning(table.due_at)
            ).scalar()
            session.commit()
        return (token, due_at) if due_at else None

    def lease(self, step: Step) -> timedelta:
        """Return how long a claim of ``step`` lasts."""
        return step.lease * self.lease_scale

    def has_step(self, table: type[Work], state: str) -> bool:
        """Return whether some step works on rows of ``table`` in ``state``."""
        return (table, state) in self._by_place


@dataclass
class _Claimed:
    """One claimed row on its way through one step."""

    runner: Runner
    step: Step
    row_id: int
    token: str
    claimed_due: datetime | None

    def perform(self) -> None:
        with self.runner.database.open_session() as session:
            if self.runner.wake:
                _listen(session, self.runner)
            row = session.get_one(self.step.table, self.row_id, with_for_update=True)  # until its first commit
            answer = self.step.run(session, row)
            outcome = self._drive(session, row, answer) if isinstance(answer, GeneratorType) else answer
            self._settle(session, row, outcome)  # type: ignore[arg-type]

    def _drive(self, session: Session, row: Work, progress: Progress) -> Outcome:
        with closing(progress):  # what the step holds open ends here, also where the lease is lost
            return self._advance(session, row, progress)

    def _advance(self, session: Session, row: Work, progress: Progress) -> Outcome:
        while True:
            try:
                reached = next(progress)
            except StopIteration as end:
                outcome: Outcome = end.value
                return outcome
            self._fence(session)
            if isinstance(reached, Done):
                self._move(session, row, reached)
                self.claimed_due = row.due_at
            row.lease_until = self.runner.clock() + self.runner.lease(self.step)
            session.commit()

    def _settle(self, session: Session, row: Work, outcome: Outcome) -> None:
        poked = self._fence(session).due_at != self.claimed_due
        now = self.runner.clock()
        match outcome:
            case Done():
                changed = outcome.state != row.state
                self._move(session, row, outcome)
                row.attempts = 0
                self._close_exception(session, row)
                if not changed:
                    row.due_at = now if poked else outcome.at
            case Wait():
                row.due_at = now if poked else outcome.until
                row.attempts = max(0, row.attempts - 1)
                self._close_exception(session, row)
            case Hold():
                if outcome.state:
                    self._move(session, row, Done(outcome.state))
                row.due_at = now if poked else None
                row.attempts = 0
                step, problems, owner = self.step.name, outcome.problems, outcome.owner
                promise(session, row, exceptions.hold(session, row, step, problems, owner, until=outcome.until))
        row.lease_token = row.lease_until = row.last_error = None
        session.commit()
        log.info("step", step=self.step.name, row=self.row_id, outcome=type(outcome).__name__, state=row.state)

    def _move(self, session: Session, row: Work, done: Done) -> None:
        check_move(self.runner.moves.get(self.step.table, {}), row.state, done.state)
        if done.state != row.state:
            record(session, row, "moved", f"step:{self.step.name}", old=row.state, new=done.state)
        row.state = done.state
        waits = self.runner.has_step(self.step.table, done.state)
        row.due_at = (done.at or self.runner.clock()) if waits else None

    def _close_exception(self, session: Session, row: Work) -> None:
        if item := exceptions.open_item(session, row):
            exceptions.resolve(session, item, f"step:{self.step.name}", "the step went through")

    def _fence(self, session: Session) -> Row[str | None, datetime | None]:
        """Return the row's lease and due time as the database has them; raises if the lease is another's."""
        table = self.step.table
        held = session.execute(
            select(table.lease_token, table.due_at).where(table.id == self.row_id).with_for_update()
        ).one()
        if held.lease_token != self.token:
            session.rollback()
            raise LeaseLostError(f"{self.step.name} {self.row_id}")
        return held

    def fail(self, error: Exception) -> None:
        """Record ``error`` on the row: back off, or give up; a busy database costs no try."""
        trace = "".join(traceback.format_exception(error))
        log.error("step failed", step=self.step.name, row=self.row_id, error=repr(error))
        with self.runner.database.open_session() as session:
            try:
                self._fence(session)
            except LeaseLostError:
                return
            row = session.get_one(self.step.table, self.row_id)
            row.lease_token = row.lease_until = None
            row.last_error = f"{type(error).__name__}: {error}"[:2000]
            if isinstance(error, OperationalError) and is_passing(error):
                row.attempts = max(0, row.attempts - 1)
            row.due_at = self.runner.clock() + retry_delay(row.attempts)
            if row.attempts == MAX_ATTEMPTS or (row.attempts > MAX_ATTEMPTS and not self.step.keeps_trying):
                detail = f"{self.step.name} failed {row.attempts} times: {row.last_error}"
                problems = [Problem(Code.GAVE_UP, detail)]
                item = exceptions.hold(session, row, self.step.name, problems, "operator", trace[-20000:])
                promise(session, row, item)
                row.due_at = row.due_at if self.step.keeps_trying else None
            session.commit()


def is_passing(error: OperationalError) -> bool:
    """Return whether the database was busy or away; False where it refuses this very statement."""
    if state := getattr(error.orig, "sqlstate", None):
        return str(state)[:2] != "54"  # program limit exceeded, e.g. an index entry that is too long
    return getattr(error.orig, "sqlite_errorname", None) != "SQLITE_ERROR"


def _free(table: type[Work], now: datetime) -> ColumnElement[bool]:
    return or_(table.lease_until.is_(None), table.lease_until < now)


def _listen(session: Session, runner: Runner) -> None:
    """Tell ``runner.wake`` of every row that the session's next commits make due at once."""
    touched: dict[tuple[str, int], None] = {}

    @event.listens_for(session, "after_flush")
    def _note(flushed: Session, _: object) -> None:
        for row in (*flushed.new, *flushed.dirty):
            if isinstance(row, Work) and row.due_at and row.due_at <= runner.clock():
                step = runner._by_place.get((type(row), row.state))
                if step:
                    touched[step.name, row.id] = None

    @event.listens_for(session, "before_commit")
    def _wake(committing: Session) -> None:
        if runner.wake is None or committing.in_nested_transaction():
            return  # a savepoint is no commit
        committing.flush()
        due = list(touched)
        touched.clear()
        for name, row_id in due:
            runner.wake(committing, name, row_id)
