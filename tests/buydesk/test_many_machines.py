"""Workers and clocks as processes on PostgreSQL: any of them may die, and each mail counts once."""

import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from subprocess import Popen

import pytest
from sqlalchemy import select, text

from records.blobs import Blobs
from records.database import Database
from records.tables import Mailbox, Message, Notice, Outbound, PurchaseOrder
from tests.buydesk.processes import members, running, stopped, until
from tests.buydesk.terminal import Terminal
from tests.journeys.world import Desk
from tests.servers.border import Border
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.dovecot,
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]


@pytest.fixture
def desk(postgres: Postgres, terminal: Terminal, dovecot: Dovecot, border: Border, tmp_path: Path) -> Iterator[Desk]:
    """Give a desk on a PostgreSQL that ``buydesk upgrade`` prepared."""
    url = postgres.create()
    terminal.set(BUYDESK_DATABASE_URL=url, BUYDESK_BLOBS=str(tmp_path / "blobs"), BUYDESK_LEASE_SCALE="0.015")
    for _ in range(2):
        assert terminal("upgrade").code == 0
    database = Database(url)
    yield Desk(database, Blobs(str(tmp_path / "blobs")), dovecot, border)
    database.close()
    postgres.drop(url)


def request(desk: Desk, boxes: int) -> None:
    text = f"Please order {boxes} boxes of nitrile gloves, size M, cost centre 4711."
    desk.write(desk.person("ada"), f"Gloves {boxes}", text)


def ordered(desk: Desk, count: int) -> bool:
    return len(desk.inbox(desk.glover)) >= count


def test_two_workers_and_two_clocks_make_each_mail_one_order_while_they_die(
    terminal: Terminal, desk: Desk, tmp_path: Path
) -> None:
    desk.ask_no_more_of_small_requests()
    logs = [tmp_path / f"clock{number}" for number in (0, 1)]
    with ExitStack() as stack:
        clocks = [stack.enter_context(running(terminal, "clock", log=log)) for log in logs]
        workers = [stack.enter_context(running(terminal, "worker", log=tmp_path / f"worker{n}")) for n in (0, 1)]
        for boxes in (3, 4, 5):
            request(desk, boxes)
        until(lambda: ordered(desk, 3) and settled(desk))  # a mail in the hands of who is killed would be uncertain
        leads = ["clock started" in log.read_text() for log in logs]
        assert sorted(leads) == [False, True], "one leads, the other stands by"
        kill(clocks.pop(leads.index(True)))
        standby = logs[leads.index(False)]
        until(lambda: "clock started" in standby.read_text(), 10)
        kill(workers.pop())
        request(desk, 2)
        until(lambda: ordered(desk, 4) and settled(desk))
        for process in (*clocks, *workers):
            assert stopped(process) == 0
            assert not members(process.pid)
    with desk.rows() as session:
        assert len(session.scalars(select(PurchaseOrder)).all()) == 4
        assert [row.state for row in desk.messages(session)] == ["filed"] * 4
    assert len(desk.inbox(desk.glover)) == 4
    assert terminal("status").code == 0
    assert terminal("audit", "verify").code == 0


def test_a_job_that_is_lost_is_found_by_the_sweep(terminal: Terminal, desk: Desk, tmp_path: Path) -> None:
    with desk.rows() as session:
        session.execute(text("update mailbox set state = 'stopped', due_at = null"))
    mail = desk.compose(f"mallory@evil-{desk.slug}.example", "Offer", "Buy our pens.")
    (tmp_path / "one.eml").write_bytes(mail.as_bytes())
    with running(terminal, "worker", log=tmp_path / "worker"):
        assert terminal("import", tmp_path / "one.eml").code == 0
        with running(terminal, "clock", log=tmp_path / "clock"):
            until(lambda: states(desk) == ["read"])  # held: nobody knows the sender
            with desk.rows() as session:
                session.execute(text("update message set state = 'fetched', due_at = now()"))
                session.execute(text("delete from procrastinate_jobs"))
            until(lambda: states(desk) == ["read"])


def test_a_row_whose_worker_is_killed_in_mid_step_is_taken_over_after_its_lease(
    terminal: Terminal, desk: Desk, tmp_path: Path
) -> None:
    request(desk, 5)
    with running(terminal, "clock", log=tmp_path / "clock"):
        terminal.set(BUYDESK_FAILPOINT="blob:kept=kill")
        with running(terminal, "worker", log=tmp_path / "first") as first:
            assert first.wait(40) == -signal.SIGKILL
        with desk.rows() as session:
            box = session.scalars(select(Mailbox)).one()
            assert (box.lease_token is not None, session.scalars(select(Message)).all()) == (True, [])
        terminal.monkeypatch.delenv("BUYDESK_FAILPOINT")
        with running(terminal, "worker", log=tmp_path / "second") as second:
            until(lambda: ordered(desk, 1) and settled(desk))
            assert stopped(second) == 0
    with desk.rows() as session:
        assert len(session.scalars(select(PurchaseOrder)).all()) == 1
    assert len(desk.inbox(desk.glover)) == 1


def kill(process: "Popen[bytes]") -> None:
    process.kill()
    process.wait()


def states(desk: Desk) -> list[str]:
    with desk.database.read() as session:
        return list(session.scalars(select(Message.state)))


def settled(desk: Desk) -> bool:
    """Return whether all mail is written and out."""
    with desk.database.read() as session:
        written = set(session.scalars(select(Notice.state))) == {"written"}
        return written and set(session.scalars(select(Outbound.state))) == {"sent"}
