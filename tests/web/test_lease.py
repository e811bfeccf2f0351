"""Leases: one exception is one person's at a time, and who lost it changes nothing."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from records.database import Database
from records.exceptions import postpone
from records.tables import AuditEntry, ExceptionItem
from tests.rows import add_organisation
from tests.web.waiting import add_item
from web.desk import lease
from web.desk.queue import Wanted
from web.desk.refused import CommandError

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
LATER = NOW + lease.LASTS + timedelta(seconds=1)
AGNES, BERT = "agnes@desk.example", "bert@desk.example"


@pytest.fixture
def north(database: Database) -> int:
    return add_organisation(database, "north").id


@pytest.fixture
def number(database: Database, north: int) -> int:
    with database.session() as session:
        return add_item(session, north, NOW)


def take(database: Database, north: int, number: int, by: str, now: datetime = NOW, *, over: bool = False) -> str:
    with database.session() as session:
        return lease.take(session, north, number, by, now, over=over).lease_id or ""


def state(database: Database, number: int) -> tuple[str, str | None]:
    with database.read() as session:
        item = session.get_one(ExceptionItem, number)
        return item.state, item.lease_by


def test_next_is_the_most_urgent_that_nobody_holds_over_all_organisations(database: Database, north: int) -> None:
    south = add_organisation(database, "south").id
    with database.session() as session:
        third = add_item(session, north, NOW + timedelta(hours=3))
        first = add_item(session, south, NOW + timedelta(hours=1))
        second = add_item(session, north, NOW + timedelta(hours=2))
        add_item(session, north, NOW, state="postponed")
        taken = [lease.take_next(session, [north, south], Wanted(), AGNES, NOW) for _ in range(4)]
        assert [item and item.id for item in taken] == [first, second, third, None]
        again = lease.take_next(session, [north], Wanted(), BERT, LATER)
        assert again is not None and (again.id, again.lease_by) == (second, BERT)


def test_next_keeps_to_the_filter(database: Database, north: int) -> None:
    with database.session() as session:
        add_item(session, north, NOW)
        wished = add_item(session, north, NOW + timedelta(hours=1), owner="buyer")
        item = lease.take_next(session, [north], Wanted(owner="buyer"), AGNES, NOW)
        assert item is not None and item.id == wished


def test_two_who_take_at_the_same_time_never_get_the_same(database: Database, north: int) -> None:
    with database.session() as session:
        numbers = [add_item(session, north, NOW) for _ in range(8)]
    taken: list[int] = []
    start = Barrier(2)

    def work(by: str) -> None:
        start.wait()
        for _ in range(4):
            with database.session() as session:
                item = lease.take_next(session, [north], Wanted(), by, NOW)
                assert item is not None
                taken.append(item.id)

    threads = [Thread(target=work, args=(by,)) for by in (AGNES, BERT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == numbers


@pytest.mark.postgres
def test_what_another_is_just_taking_is_passed_over(postgres_database: Database) -> None:
    north = add_organisation(postgres_database, "north").id
    with postgres_database.session() as session:
        first, second = add_item(session, north, NOW), add_item(session, north, NOW)
    with postgres_database.session() as one, postgres_database.session() as other:
        taken = [lease.take_next(session, [north], Wanted(), AGNES, NOW) for session in (one, other, other)]
        assert [item and item.id for item in taken] == [first, second, None]


@pytest.mark.postgres
def test_what_a_session_saw_before_does_not_hide_who_took_it_since(postgres_database: Database) -> None:
    north = add_organisation(postgres_database, "north").id
    with postgres_database.session() as session:
        number = add_item(session, north, NOW)
    mine = take(postgres_database, north, number, AGNES)
    with postgres_database.session() as session:
        seen = lease.item_of(session, north, number)
        take(postgres_database, north, number, BERT, over=True)
        assert seen.lease_by == AGNES
        with pytest.raises(lease.LeaseTakenError, match="bert"):
            lease.held_item(session, north, number, mine)
        with pytest.raises(lease.LeaseTakenError, match="bert"):
            lease.take(session, north, number, AGNES, NOW)


def test_what_somebody_holds_is_refused_until_the_lease_is_over(database: Database, north: int, number: int) -> None:
    mine = take(database, north, number, AGNES)
    with pytest.raises(lease.LeaseTakenError, match=r"agnes@desk\.example works on this until 10:15"):
        take(database, north, number, BERT)
    assert state(database, number) == ("reviewing", AGNES)
    theirs = take(database, north, number, BERT, LATER)
    with database.session() as session:
        with pytest.raises(lease.LeaseTakenError, match=r"bert@desk\.example has taken this over"):
            lease.held_item(session, north, number, mine)
        assert lease.held_item(session, north, number, theirs).lease_by == BERT


def test_taking_over_is_written_down_and_fences_the_old_lease(database: Database, north: int, number: int) -> None:
    mine = take(database, north, number, AGNES)
    take(database, north, number, BERT, over=True)
    with database.session() as session:
        for act in (lease.held_item, lease.give_back):
            with pytest.raises(lease.LeaseTakenError, match=r"bert@desk\.example has taken this over"):
                act(session, north, number, mine)
        with pytest.raises(lease.LeaseTakenError, match="nothing was changed"):
            lease.renew(session, north, number, mine, LATER)
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "exception_taken_over")).one()
        assert (entry.actor, entry.detail["was"]) == (BERT, AGNES)
    assert state(database, number) == ("reviewing", BERT)


def test_a_lease_is_renewed_and_given_back(database: Database, north: int, number: int) -> None:
    mine = take(database, north, number, AGNES)
    with database.session() as session:
        item = lease.renew(session, north, number, mine, NOW + timedelta(minutes=10))
        assert lease.is_held(item, LATER) and item.lease_id == mine
    with database.session() as session:
        lease.give_back(session, north, number, mine)
    assert state(database, number) == ("to_review", None)
    with database.session() as session:
        with pytest.raises(lease.LeaseTakenError, match="do not hold this any more"):
            lease.held_item(session, north, number, mine)
        with pytest.raises(lease.LeaseTakenError, match="do not hold"):
            lease.held_item(session, north, number, "")


def test_what_waits_for_others_may_be_taken_and_goes_back_to_waiting(
    database: Database, north: int, number: int
) -> None:
    with database.session() as session:
        postpone(session.get_one(ExceptionItem, number), LATER)
    mine = take(database, north, number, AGNES)
    with database.session() as session:
        lease.give_back(session, north, number, mine)
    assert state(database, number) == ("postponed", None)


def test_what_is_resolved_or_another_organisation_s_cannot_be_taken(
    database: Database, north: int, number: int
) -> None:
    south = add_organisation(database, "south").id
    with pytest.raises(LookupError, match="no such exception"):
        take(database, south, number, AGNES)
    with database.session() as session:
        item = session.get_one(ExceptionItem, number)
        item.state, item.resolved_by, item.resolution = "resolved", BERT, "mended"
    with pytest.raises(CommandError, match=r"resolved already, by bert@desk\.example: mended"):
        take(database, north, number, AGNES)
