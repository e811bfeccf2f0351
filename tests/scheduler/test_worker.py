"""Workers on SQLite: they run what is due, finish the step at hand, and free what a crash left."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from records.base import utc_now
from records.database import Database
from records.flow import Done, Moves, Outcome, Step
from records.tables import Notice, Organisation
from scheduler.runner import Runner
from scheduler.worker import release_leases, run_until_quiet, sweep_until

MOVES: Moves = {"to_write": frozenset({"written"})}


def add_notices(database: Database, organisation: Organisation, count: int = 1) -> None:
    with database.session() as session:
        for number in range(count):
            session.add(
                Notice(
                    organisation_id=organisation.id,
                    state="to_write",
                    kind="reminder",
                    subject_table="requisition",
                    subject_id=1,
                    key=str(number),
                    recipient="a@b.example",
                )
            )


def runner(database: Database, run: Callable[[Session, Notice], Outcome], name: str = "write") -> Runner:
    return Runner(database, [Step(name, Notice, "to_write", run)], {Notice: MOVES})


def states(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Notice.state).order_by(Notice.id)))


def test_a_worker_runs_what_is_due_and_what_comes_later(database: Database, organisation: Organisation) -> None:
    stop, ran = threading.Event(), []

    def write(session: Session, row: Notice) -> Outcome:
        ran.append(row.id)
        return Done("written")

    worker = threading.Thread(target=sweep_until, args=(runner(database, write), stop, 0.02))
    worker.start()
    try:
        for count in (1, 2):
            with database.session() as session:
                session.add(
                    Notice(
                        organisation_id=organisation.id,
                        state="to_write",
                        kind="reminder",
                        subject_table="requisition",
                        subject_id=1,
                        key=f"late{count}",
                        recipient="a@b.example",
                    )
                )
            for _ in range(200):
                if len(ran) == count:
                    break
                threading.Event().wait(0.02)
            assert len(ran) == count
    finally:
        stop.set()
        worker.join(10)
    assert states(database) == ["written", "written"]


def test_a_worker_that_is_told_to_stop_finishes_its_step_and_begins_no_other(
    database: Database, organisation: Organisation
) -> None:
    add_notices(database, organisation, 3)
    stop = threading.Event()

    def write(session: Session, row: Notice) -> Outcome:
        stop.set()
        return Done("written")

    sweep_until(runner(database, write), stop, 0.02)
    assert states(database).count("written") == 1


def test_steps_that_are_skipped_are_left_alone(database: Database, organisation: Organisation) -> None:
    add_notices(database, organisation, 2)
    one = runner(database, lambda session, row: Done("written"))
    assert run_until_quiet(one, skip=frozenset({"write"})) == 0
    assert run_until_quiet(one) == 2
    assert run_until_quiet(one) == 0


@pytest.mark.parametrize("minutes", [-1, 10])
def test_rows_that_a_crash_left_claimed_are_freed(database: Database, organisation: Organisation, minutes: int) -> None:
    add_notices(database, organisation, 2)
    with database.session() as session:
        row = session.scalars(select(Notice).order_by(Notice.id)).first()
        assert row is not None
        row.lease_token, row.lease_until = "dead", utc_now() + timedelta(minutes=minutes)
    one = runner(database, lambda session, row: Done("written"))
    assert release_leases(database, one) == (1 if minutes > 0 else 0)
    assert run_until_quiet(one) == 2
