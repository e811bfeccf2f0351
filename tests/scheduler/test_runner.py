"""The runner on both databases: claims, fences, outcomes, and what becomes of errors."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from records import exceptions
from records.base import utc_now
from records.database import Database
from records.flow import Done, Hold, Keep, Moves, Outcome, Progress, Step, StepFunction, Wait
from records.problems import Code, Problem
from records.tables import AuditEntry, ExceptionItem, Message, Notice, Organisation
from scheduler.runner import MAX_ATTEMPTS, Runner, retry_delay
from tests.conftest import Clock

MOVES: Moves = {"to_write": frozenset({"checked", "written"}), "checked": frozenset({"written"})}
PROBLEM = Problem(Code.UNKNOWN_ITEM, "Nobody sells this.", "/lines/0")


@dataclass
class Bench:
    """Notices in a database, worked on by one step in ``to_write`` and perhaps others."""

    database: Database
    organisation: Organisation
    clock: Clock
    woken: list[tuple[str, int]] = field(default_factory=list)

    def add(self, key: str = "one") -> int:
        with self.database.session() as session:
            row = Notice(
                organisation_id=self.organisation.id,
                state="to_write",
                kind="reminder",
                subject_table="requisition",
                subject_id=1,
                key=key,
                recipient="a@b.example",
            )
            session.add(row)
            session.flush()
            return row.id

    def runner(self, run: StepFunction, keeps_trying: bool = False, **more: StepFunction) -> Runner:
        steps = [Step("write", Notice, "to_write", run, timedelta(minutes=3), keeps_trying)]
        steps += [Step(f"step_{state}", Notice, state, other) for state, other in more.items()]
        wake = lambda session, name, row_id: self.woken.append((name, row_id))  # noqa: E731
        return Runner(self.database, steps, {Notice: MOVES}, wake=wake, clock=self.clock)

    def run(self, run: StepFunction) -> int:
        return self.runner(run).run_due()

    def row(self, row_id: int) -> Notice:
        with self.database.open_session() as session:
            row = session.get_one(Notice, row_id)
            session.expunge(row)
            return row

    def items(self) -> list[ExceptionItem]:
        with self.database.open_session() as session:
            found = session.scalars(select(ExceptionItem).order_by(ExceptionItem.id)).all()
            session.expunge_all()
            return list(found)

    def change(self, row_id: int, **values: object) -> None:
        with self.database.session() as session:
            session.execute(update(Notice).where(Notice.id == row_id).values(**values))


@pytest.fixture
def bench(database: Database, organisation: Organisation, clock: Clock) -> Bench:
    return Bench(database, organisation, clock)


def answering(outcome: Outcome) -> Callable[[Session, Notice], Outcome]:
    return lambda session, row: outcome


def failing(session: Session, row: Notice) -> Outcome:
    row.recipient = "changed@by.failure"
    session.flush()
    raise ZeroDivisionError("no way")


def test_a_step_moves_a_due_row_once(bench: Bench) -> None:
    row_id = bench.add()
    assert bench.run(answering(Done("written"))) == 1
    assert bench.run(answering(Done("written"))) == 0
    row = bench.row(row_id)
    assert (row.state, row.due_at, row.attempts, row.lease_token, row.lease_until) == ("written", None, 0, None, None)


def test_rows_are_worked_on_in_the_order_in_which_they_became_due(bench: Bench) -> None:
    ids = [bench.add(key) for key in "abc"]
    for place, row_id in enumerate(reversed(ids)):
        bench.change(row_id, due_at=bench.clock.now - timedelta(hours=9 - place))
    assert [row_id for _, row_id in bench.runner(answering(Done("written"))).due()] == ids[::-1]


def test_what_is_not_due_or_in_another_state_or_leased_is_left_alone(bench: Bench) -> None:
    later, other, nothing, leased = (bench.add(key) for key in "abcd")
    bench.change(later, due_at=bench.clock.now + timedelta(seconds=1))
    bench.change(other, state="elsewhere")
    bench.change(nothing, due_at=None)
    bench.change(leased, lease_token="x", lease_until=bench.clock.now + timedelta(seconds=1))
    runner = bench.runner(answering(Done("written")))
    assert runner.due() == []
    assert [runner.run(runner.steps[0], row_id) for row_id in (later, other, nothing, leased)] == [False] * 4
    bench.clock.forward(seconds=2)
    assert sorted(row_id for _, row_id in runner.due()) == [later, leased]


def test_the_next_step_of_a_row_runs_in_the_same_state_chain(bench: Bench) -> None:
    row_id = bench.add()
    runner = bench.runner(answering(Done("checked")), checked=answering(Done("written")))
    assert (runner.run_due(), runner.run_due(), runner.run_due()) == (1, 1, 0)
    assert bench.row(row_id).state == "written"
    with bench.database.open_session() as session:
        moves = [entry.detail for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.sequence))]
    assert moves == [{"old": "to_write", "new": "checked"}, {"old": "checked", "new": "written"}]


def test_the_next_step_is_due_when_the_answer_says_so(bench: Bench) -> None:
    row_id, at = bench.add(), bench.clock.now + timedelta(hours=1)
    runner = bench.runner(answering(Done("checked", at)), checked=answering(Done("written")))
    runner.run_due()
    assert bench.row(row_id).due_at == at
    assert runner.due() == []


def test_the_try_is_counted_and_committed_before_the_work(bench: Bench) -> None:
    row_id, seen = bench.add(), []

    def look(session: Session, row: Notice) -> Progress:
        yield Keep()
        seen.append((bench.row(row_id).attempts, bench.row(row_id).lease_token))
        return Done("written")

    bench.run(look)
    assert seen[0][0] == 1
    assert seen[0][1]


def test_two_workers_never_hold_one_row(bench: Bench) -> None:
    row_id, ran = bench.add(), []
    start = threading.Barrier(4)

    def count(session: Session, row: Notice) -> Outcome:
        ran.append(row.id)
        return Done("written")

    def work() -> None:
        runner = bench.runner(count)
        start.wait()
        runner.run(runner.steps[0], row_id)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert ran == [row_id]


def test_a_worker_whose_lease_was_taken_over_changes_nothing(bench: Bench) -> None:
    row_id = bench.add()

    def slow(session: Session, row: Notice) -> Progress:
        yield Keep()
        bench.clock.forward(minutes=4)
        assert bench.run(answering(Wait(bench.clock.now + timedelta(days=1)))) == 1
        row.recipient = "late@worker.example"
        return Done("written")

    assert bench.run(slow) == 1
    row = bench.row(row_id)
    assert (row.state, row.recipient) == ("to_write", "a@b.example")
    assert row.due_at == bench.clock.now + timedelta(days=1)


def test_a_worker_that_lost_its_lease_and_fails_changes_nothing_either(bench: Bench) -> None:
    row_id = bench.add()

    def slow(session: Session, row: Notice) -> Progress:
        yield Keep()
        bench.clock.forward(minutes=4)
        bench.run(answering(Done("written")))
        raise ZeroDivisionError

    bench.run(slow)
    row = bench.row(row_id)
    assert (row.state, row.last_error, row.attempts) == ("written", None, 0)


def test_what_a_step_holds_open_is_closed_when_its_lease_is_lost(bench: Bench) -> None:
    bench.add()
    events: list[str] = []

    def slow(session: Session, row: Notice) -> Progress:
        try:
            yield Keep()
            bench.clock.forward(minutes=4)
            bench.run(answering(Done("written")))
            yield Keep()
            events.append("went on")
        finally:
            events.append("closed")
        return Done("written")

    bench.run(slow)
    assert events == ["closed"]


def test_each_yield_is_committed_and_renews_the_lease(bench: Bench) -> None:
    row_id, seen = bench.add(), []

    def stages(session: Session, row: Notice) -> Progress:
        row.recipient = "first@stage.example"
        yield Keep()
        seen.append(bench.row(row_id))
        bench.clock.forward(minutes=2)
        yield Done("checked")
        seen.append(bench.row(row_id))
        raise ZeroDivisionError("after both")

    bench.run(stages)
    assert [(row.state, row.recipient) for row in seen] == [
        ("to_write", "first@stage.example"),
        ("checked", "first@stage.example"),
    ]
    assert seen[0].lease_until is not None
    assert seen[1].lease_until == seen[0].lease_until + timedelta(minutes=2)
    assert bench.row(row_id).state == "checked"


def test_a_failure_leaves_no_trace_but_its_record(bench: Bench) -> None:
    row_id = bench.add()
    bench.run(failing)
    row = bench.row(row_id)
    assert (row.state, row.recipient, row.attempts) == ("to_write", "a@b.example", 1)
    assert row.last_error == "ZeroDivisionError: no way"
    assert row.due_at == bench.clock.now + retry_delay(1)
    assert row.lease_token is None


def test_failures_back_off_longer_each_time_and_then_give_up_with_the_traceback(bench: Bench) -> None:
    row_id, delays = bench.add(), []
    for _ in range(MAX_ATTEMPTS):
        assert bench.run(failing) == 1
        due = bench.row(row_id).due_at
        if due is not None:
            delays.append(due - bench.clock.now)
        bench.clock.forward(hours=2)
    assert delays == [timedelta(seconds=5 * 2**n) for n in range(MAX_ATTEMPTS - 1)]
    assert bench.run(failing) == 0
    assert bench.row(row_id).due_at is None
    (item,) = bench.items()
    assert (item.step, item.state, item.owner) == ("write", "to_review", "operator")
    assert [problem["code"] for problem in item.problems] == ["GAVE_UP"]
    assert item.detail is not None
    assert "in failing" in item.detail
    assert "ZeroDivisionError: no way" in item.detail


def test_a_step_that_keeps_trying_tells_an_operator_once_and_goes_on(bench: Bench) -> None:
    row_id = bench.add()
    for _ in range(MAX_ATTEMPTS + 3):
        assert bench.runner(failing, keeps_trying=True).run_due() == 1
        bench.clock.forward(hours=2)
    assert [item.state for item in bench.items()] == ["to_review"]
    assert bench.runner(answering(Done("written")), keeps_trying=True).run_due() == 1
    assert [item.state for item in bench.items()] == ["resolved"]
    assert bench.row(row_id).state == "written"


def test_what_gave_up_runs_again_when_it_is_released(bench: Bench) -> None:
    row_id = bench.add()
    for _ in range(MAX_ATTEMPTS):
        bench.run(failing)
        bench.clock.forward(hours=2)
    with bench.database.session() as session:
        exceptions.release(session, session.scalars(select(ExceptionItem)).one(), "ada@b.example", "mended")
    assert bench.run(answering(Done("written"))) == 1
    assert bench.row(row_id).state == "written"


def test_a_busy_database_costs_no_try(bench: Bench) -> None:
    row_id = bench.add()

    def busy(session: Session, row: Notice) -> Outcome:
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    for _ in range(MAX_ATTEMPTS + 2):
        assert bench.run(busy) == 1
        bench.clock.forward(hours=2)
    assert bench.row(row_id).attempts == 0
    assert bench.items() == []


def test_a_hold_opens_one_exception_and_its_release_runs_the_same_step(bench: Bench) -> None:
    row_id = bench.add()
    assert bench.run(answering(Hold((PROBLEM,)))) == 1
    assert bench.run(answering(Hold((PROBLEM,)))) == 0
    (item,) = bench.items()
    assert (item.state, item.owner, item.step) == ("to_review", "agent", "write")
    assert item.problems == [PROBLEM.as_dict()]
    with bench.database.session() as session:
        exceptions.release(session, session.get_one(ExceptionItem, item.id), "ada@b.example", "corrected")
    assert bench.run(answering(Done("written"))) == 1
    (item,) = bench.items()
    assert (item.state, item.resolved_by, item.resolution) == ("resolved", "ada@b.example", "corrected")
    assert bench.row(row_id).state == "written"


def test_a_hold_that_comes_again_renews_the_open_exception(bench: Bench) -> None:
    row_id = bench.add()
    bench.run(answering(Hold((PROBLEM,))))
    bench.change(row_id, due_at=bench.clock.now)
    other = Problem(Code.UNIT_MISMATCH, "Boxes are not pieces.")
    bench.run(answering(Hold((other,), "operator")))
    (item,) = bench.items()
    assert (item.problems, item.owner) == ([other.as_dict()], "operator")


def test_a_hold_may_move_its_row(bench: Bench) -> None:
    row_id = bench.add()
    bench.runner(answering(Hold((PROBLEM,), state="checked")), checked=answering(Done("written"))).run_due()
    row = bench.row(row_id)
    assert (row.state, row.due_at, len(bench.items())) == ("checked", None, 1)


def test_an_exception_closes_by_itself_when_the_step_goes_through(bench: Bench) -> None:
    row_id = bench.add()
    bench.run(answering(Hold((PROBLEM,))))
    bench.change(row_id, due_at=bench.clock.now)
    bench.run(answering(Done("written")))
    (item,) = bench.items()
    assert (item.state, item.resolved_by) == ("resolved", "step:write")


def test_waiting_costs_no_try(bench: Bench) -> None:
    row_id = bench.add()
    for _ in range(MAX_ATTEMPTS + 2):
        until = bench.clock.now + timedelta(hours=1)
        assert bench.run(answering(Wait(until))) == 1
        row = bench.row(row_id)
        assert (row.due_at, row.attempts, row.state) == (until, 0, "to_write")
        bench.clock.forward(hours=1)
    assert bench.items() == []


@pytest.mark.parametrize("outcome", ["wait", "hold", "done"])
def test_a_poke_during_a_run_is_not_lost(bench: Bench, outcome: str) -> None:
    row_id = bench.add()
    outcomes: dict[str, Outcome] = {
        "wait": Wait(bench.clock.now + timedelta(days=1)),
        "hold": Hold((PROBLEM,)),
        "done": Done("to_write"),
    }

    def poked(session: Session, row: Notice) -> Progress:
        yield Keep()
        bench.change(row_id, due_at=bench.clock.now - timedelta(seconds=1))
        return outcomes[outcome]

    bench.run(poked)
    assert bench.row(row_id).due_at == bench.clock.now
    assert bench.run(answering(Done("written"))) == 1


def test_a_poke_is_not_forgotten_when_the_step_yields_after_it(bench: Bench) -> None:
    row_id = bench.add()

    def poked(session: Session, row: Notice) -> Progress:
        yield Keep()
        bench.change(row_id, due_at=bench.clock.now - timedelta(seconds=1))
        yield Keep()
        return Wait(bench.clock.now + timedelta(days=1))

    bench.run(poked)
    assert bench.row(row_id).due_at == bench.clock.now


def test_a_step_that_ends_where_it_began_is_through_until_somebody_asks(bench: Bench) -> None:
    row_id = bench.add()
    assert bench.run(answering(Done("to_write"))) == 1
    assert bench.row(row_id).due_at is None
    at = bench.clock.now + timedelta(hours=1)
    bench.change(row_id, due_at=bench.clock.now)
    bench.run(answering(Done("to_write", at)))
    assert bench.row(row_id).due_at == at


def test_an_illegal_move_gives_up_and_changes_nothing(bench: Bench) -> None:
    row_id = bench.add()
    for _ in range(MAX_ATTEMPTS):
        bench.run(answering(Done("nowhere")))
        bench.clock.forward(hours=2)
    row = bench.row(row_id)
    assert row.state == "to_write"
    assert row.last_error == "IllegalMoveError: to_write may not become nowhere"
    assert [item.problems[0]["code"] for item in bench.items()] == ["GAVE_UP"]


def test_two_steps_of_one_state_are_refused(bench: Bench) -> None:
    with pytest.raises(ValueError, match="two steps"):
        bench.runner(failing, to_write=failing)


def test_one_state_name_in_two_tables_is_two_places(bench: Bench) -> None:
    steps = [Step("a", Notice, "to_write", failing), Step("b", Message, "to_write", failing)]
    assert Runner(bench.database, steps, {}).step_named("b").table is Message


def test_whoever_is_due_by_a_step_is_woken_within_its_transaction(bench: Bench) -> None:
    row_id = bench.add()

    def makes_another(session: Session, row: Notice) -> Outcome:
        bench_row = Notice(
            organisation_id=row.organisation_id,
            state="to_write",
            kind="second",
            subject_table="requisition",
            subject_id=1,
            key="two",
            recipient="c@d.example",
            due_at=bench.clock.now,
        )
        session.add(bench_row)
        return Done("checked")

    bench.runner(makes_another, checked=answering(Done("written"))).run_due()
    assert sorted(bench.woken) == [("step_checked", row_id), ("write", row_id + 1)]


def test_nobody_is_woken_by_a_step_that_failed(bench: Bench) -> None:
    bench.add()
    bench.run(failing)
    assert bench.woken == []


def test_the_longest_delay_is_an_hour() -> None:
    assert retry_delay(1) == timedelta(seconds=5)
    assert retry_delay(30) == retry_delay(1000) == timedelta(hours=1)


def test_a_runner_takes_the_real_time_unless_it_is_given_another(database: Database) -> None:
    before: datetime = utc_now()
    assert before <= Runner(database, [], {}).clock() <= utc_now()
