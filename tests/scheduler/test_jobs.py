"""Jobs on PostgreSQL: a row is woken once, in the transaction that makes it due; the sweep finds the rest."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, text

from records.base import utc_now
from records.database import Database
from records.flow import Done, Moves, Step
from records.tables import Base, Notice, Organisation
from scheduler.jobs import Jobs, apply_schema
from scheduler.runner import Runner
from tests.rows import add_organisation
from tests.servers.postgres import Postgres

pytestmark = pytest.mark.postgres
MOVES: Moves = {"to_write": frozenset({"checked"}), "checked": frozenset({"written"})}


@pytest.fixture
def database(postgres: Postgres) -> Iterator[Database]:
    """Give a PostgreSQL that has the tables of jobs too."""
    url = postgres.create()
    found = Database(url)
    Base.metadata.create_all(found.engine)
    apply_schema(found)
    apply_schema(found)  # twice is once
    yield found
    found.close()
    postgres.drop(url)


@pytest.fixture
def jobs(database: Database) -> Jobs:
    steps = [
        Step("write", Notice, "to_write", lambda session, row: Done("checked")),
        Step("send", Notice, "checked", lambda session, row: Done("written")),
    ]
    made = Jobs(database, Runner(database, steps, {Notice: MOVES}))
    made.runner.wake = made.wake
    return made


def add_notice(database: Database, organisation: Organisation, key: str = "one") -> int:
    with database.session() as session:
        row = Notice(
            organisation_id=organisation.id,
            state="to_write",
            kind="reminder",
            subject_table="requisition",
            subject_id=1,
            key=key,
            recipient="a@b.example",
            due_at=utc_now(),
        )
        session.add(row)
        session.flush()
        return row.id


def waiting(database: Database) -> list[tuple[str, int]]:
    with database.read() as session:
        rows = session.execute(text("select args from procrastinate_jobs where status = 'todo' order by id"))
        return [(args["step"], args["row_id"]) for (args,) in rows]


def test_a_row_is_woken_once_however_often_it_is_told(database: Database, jobs: Jobs) -> None:
    row_id = add_notice(database, add_organisation(database))
    assert jobs.sweep() == 1
    with database.session() as session:
        jobs.wake(session, "write", row_id)
        jobs.wake(session, "write", row_id)
        jobs.wake(session, "send", row_id)
    assert jobs.sweep() == 1
    assert waiting(database) == [("write", row_id), ("send", row_id)]


def test_a_wake_belongs_to_its_transaction(database: Database, jobs: Jobs) -> None:
    row_id = add_notice(database, add_organisation(database))
    with pytest.raises(ZeroDivisionError), database.session() as session:
        jobs.wake(session, "write", row_id)
        raise ZeroDivisionError
    assert waiting(database) == []


def test_a_wake_that_was_there_before_spoils_nothing_of_its_transaction(database: Database, jobs: Jobs) -> None:
    organisation = add_organisation(database)
    row_id = add_notice(database, organisation)
    jobs.sweep()
    with database.session() as session:
        row = session.get_one(Notice, row_id)
        row.recipient = "new@b.example"
        jobs.wake(session, "write", row_id)
    with database.read() as session:
        assert session.get_one(Notice, row_id).recipient == "new@b.example"


def test_a_step_wakes_the_next_one_and_all_jobs_are_gone_at_the_end(database: Database, jobs: Jobs) -> None:
    organisation = add_organisation(database)
    for key in ("one", "two", "three"):
        add_notice(database, organisation, key)
    assert jobs.sweep() == 3
    jobs.app.run_worker(wait=False, listen_notify=False, install_signal_handlers=False, delete_jobs="always")
    with database.read() as session:
        assert list(session.scalars(select(Notice.state))) == ["written"] * 3, "without a second sweep"
        assert session.execute(text("select count(*) from procrastinate_jobs")).scalar() == 0


def test_jobs_that_were_lost_are_found_by_the_sweep(database: Database, jobs: Jobs) -> None:
    row_id = add_notice(database, add_organisation(database))
    jobs.sweep()
    with database.session() as session:
        session.execute(text("delete from procrastinate_jobs"))
    assert waiting(database) == []
    jobs.sweep()
    assert waiting(database) == [("write", row_id)]


def test_a_job_that_comes_too_late_or_twice_does_nothing(database: Database, jobs: Jobs) -> None:
    row_id = add_notice(database, add_organisation(database))
    jobs.work_until_quiet()
    with database.session() as session:
        jobs.wake(session, "write", row_id)
    jobs.app.run_worker(wait=False, listen_notify=False, install_signal_handlers=False, delete_jobs="always")
    with database.read() as session:
        assert session.get_one(Notice, row_id).state == "written"


def test_jobs_of_a_dead_worker_are_dropped_and_their_rows_come_back(database: Database, jobs: Jobs) -> None:
    row_id = add_notice(database, add_organisation(database))
    jobs.sweep()
    with database.session() as session:
        worker = session.execute(
            text("insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 hour') returning id")
        ).scalar_one()
        session.execute(text("update procrastinate_jobs set status = 'doing', worker_id = :id"), {"id": worker})
    jobs.drop_stalled()
    with database.read() as session:
        assert session.execute(text("select count(*) from procrastinate_jobs")).scalar() == 0
    jobs.work_until_quiet()
    with database.read() as session:
        assert session.get_one(Notice, row_id).state == "written"
