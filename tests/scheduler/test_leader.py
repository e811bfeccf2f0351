"""One clock at a time, on both databases; a dead leader's place is free at once."""

import os
import signal
import time

import psycopg
import pytest

from records.database import Database
from scheduler.leader import Leadership


def eventually_takes(leadership: Leadership) -> bool:
    for _ in range(50):
        if leadership.take():
            return True
        time.sleep(0.1)
    return False


def test_one_leads_and_the_next_takes_over_when_it_leaves(database: Database) -> None:
    first, second = Leadership(database), Leadership(database)
    assert (first.holds(), second.holds()) == (False, False)
    assert (first.take(), second.take()) == (True, False)
    assert (first.holds(), second.holds()) == (True, False)
    first.leave()
    assert (first.holds(), eventually_takes(second)) == (False, True)
    second.leave()


def test_the_place_of_a_killed_leader_is_free(database: Database) -> None:
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            taken = Leadership(Database(database.url))
            os.write(write_end, b"1" if taken.take() else b"0")
            time.sleep(60)
        finally:
            os._exit(1)
    assert os.read(read_end, 1) == b"1"
    standby = Leadership(database)
    assert not standby.take()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert eventually_takes(standby)
    standby.leave()
    os.close(read_end)
    os.close(write_end)


@pytest.mark.postgres
def test_who_loses_its_connection_does_not_lead_any_more(postgres_database: Database) -> None:
    leader = Leadership(postgres_database)
    assert leader.take()
    with psycopg.connect(postgres_database.url.replace("+psycopg", ""), autocommit=True) as other:
        other.execute(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid()"
        )
    for _ in range(50):
        if not leader.holds():
            break
        time.sleep(0.1)
    assert not leader.holds()
    assert eventually_takes(leader), "and may stand for election again"
    leader.leave()


@pytest.mark.postgres
def test_a_server_that_is_away_elects_nobody() -> None:
    assert not Leadership(Database("postgresql://postgres@127.0.0.1:9/nowhere")).take()
