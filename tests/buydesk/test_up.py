"""``buydesk up`` as a real process on SQLite, between a mail server and a mail border."""

import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from records.base import utc_now
from records.tables import Mailbox
from tests.buydesk.processes import members, running, stopped, until, workers
from tests.buydesk.terminal import Terminal
from tests.journeys.world import Desk

pytestmark = [pytest.mark.dovecot, pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def request(desk: Desk, boxes: int) -> None:
    text = f"Please order {boxes} boxes of nitrile gloves, size M, cost centre 4711."
    desk.write(desk.person("ada"), f"Gloves {boxes}", text)


def ordered(desk: Desk, count: int) -> bool:
    return len(desk.inbox(desk.glover)) >= count


def test_mail_becomes_orders_and_sigterm_ends_all_in_peace(terminal: Terminal, desk: Desk, log: Path) -> None:
    desk.ask_no_more_of_small_requests()
    with running(terminal, "up", log=log) as up:
        request(desk, 5)
        until(lambda: ordered(desk, 1))
        refused = terminal("up")
        assert refused.sentence == f"Buydesk is running already on {desk.database.file}."
        request(desk, 4)
        until(lambda: ordered(desk, 2))
        until(lambda: not terminal("outbox", "list", "--json").json)
        assert stopped(up) == 0
        until(lambda: not members(up.pid), 5)
    written = log.read_text()
    assert "Traceback" not in written
    assert "worker died" not in written
    status = terminal("status", "--json")
    assert (status.code, status.json["mailboxes"][0]["processed"]) == (0, 2)
    assert terminal("audit", "verify").code == 0


def test_a_worker_that_is_killed_is_started_again_and_work_goes_on(terminal: Terminal, desk: Desk, log: Path) -> None:
    with running(terminal, "up", log=log) as up:
        until(lambda: len(workers(up.pid)) == 2)
        first = workers(up.pid)
        for pid in first:
            os.kill(pid, signal.SIGKILL)
        until(lambda: len(workers(up.pid) - first) == 2)
        request(desk, 5)
        until(lambda: ordered(desk, 1))
        assert log.read_text().count("worker died") == 2
        assert stopped(up) == 0
    assert len(desk.inbox(desk.glover)) == 1


def test_workers_end_with_a_killed_up_and_the_next_one_goes_on_at_once(
    terminal: Terminal, desk: Desk, log: Path
) -> None:
    with running(terminal, "up", log=log) as up:
        until(lambda: len(workers(up.pid)) == 2)
        up.kill()
        up.wait()
        until(lambda: not members(up.pid), 10)
    with desk.rows() as session:  # as a worker leaves it that dies while it polls
        held = {"lease_token": "dead", "lease_until": utc_now() + timedelta(minutes=10), "due_at": utc_now()}
        session.execute(update(Mailbox).values(**held))
    request(desk, 5)
    with running(terminal, "up", log=log) as up:
        until(lambda: ordered(desk, 1))
        assert stopped(up) == 0
    assert "rows freed after a crash" in log.read_text()


def test_ctrl_c_ends_it_too(terminal: Terminal, desk: Desk, log: Path) -> None:
    with running(terminal, "up", log=log) as up:
        until(lambda: "clock started" in log.read_text() and len(workers(up.pid)) == 2)
        os.killpg(up.pid, signal.SIGINT)
        assert up.wait(40) == 0
        until(lambda: not members(up.pid), 5)
