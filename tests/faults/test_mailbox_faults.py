"""Polling under fire: killed at every point, cut off, frozen, and done by two at once."""

import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from intake.steps.poll import poll
from records import failpoint
from records.base import utc_now
from records.blobs import Blobs
from records.database import Database
from records.tables import Mailbox, Organisation
from tests.intake.desk import add_mailbox, mail, make_due, make_runner, messages, poll_once
from tests.rows import add_organisation
from tests.servers.cutting_proxy import cutting_proxy
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import dovecot, user

__all__ = ["dovecot", "user"]

pytestmark = pytest.mark.dovecot

MAILS = [mail(1), mail(2), mail(2)]


def _later() -> datetime:
    """Return a time at which the lease of a killed worker is over."""
    return utc_now() + timedelta(hours=1)


def _check_exactly_once(database: Database, blobs: Blobs, box: int, dovecot: Dovecot, user: str) -> None:
    found = messages(database, box)
    assert sorted(blobs.get(one.raw_sha256) for one in found) == sorted(MAILS)
    assert all(one.settled_on_server and one.state == "fetched" for one in found)
    assert dovecot.contents(user) == {}
    assert sorted(dovecot.contents(user, "Done").values()) == sorted(MAILS)
    with database.session() as session:
        assert session.get_one(Mailbox, box).server_messages == len(MAILS)


def _in_child(work: Callable[[], None], **environment: str) -> int:
    """Run ``work`` in a forked process under failpoints; return how it ended (negative: the signal)."""
    pid = os.fork()
    if pid == 0:
        os.environ.update(environment)
        failpoint._ACTIVE = True
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise AssertionError("the child did not end")


def _poll_in_own_process(url: str, blobs: Blobs, box: int) -> None:
    database = Database(url)
    runner = make_runner(database, blobs)
    make_due(database, box)
    runner.run(runner.step_named("poll"), box)


def _hits(trace: Path) -> list[str]:
    return trace.read_text().split()


def test_killed_at_any_point_every_mail_is_entered_and_moved_once(
    dovecot: Dovecot, user: str, database: Database, organisation: Organisation, tmp_path: Path
) -> None:
    def live(name: str, end: int, **environment: str) -> None:
        """Poll a fresh mailbox in a child that ends with ``end``, then once without a fault, and check."""
        blobs = Blobs(str(tmp_path / name))
        dovecot.deliver(name, *MAILS)
        box = add_mailbox(database, organisation, dovecot.account(name, move_to="Done"), name)
        assert _in_child(lambda: _poll_in_own_process(database.url, blobs, box), **environment) == end
        poll_once(make_runner(database, blobs, _later), box)
        _check_exactly_once(database, blobs, box, dovecot, name)

    trace = tmp_path / "trace"
    live(f"{user}-0", 0, BUYDESK_FAILPOINT_TRACE=str(trace))
    assert {"commit:after", "blob:rename", "imap:fetch", "imap:move", "imap:logout:done"} <= set(_hits(trace))
    for number in range(1, len(_hits(trace)) + 1):
        live(f"{user}-{number}", -signal.SIGKILL, BUYDESK_FAILPOINT_KILL=str(number))


def test_killed_at_any_point_after_the_uids_were_lost_every_mail_keeps_its_row(
    dovecot: Dovecot, user: str, sqlite_database: Database, tmp_path: Path
) -> None:
    organisation = add_organisation(sqlite_database)

    def live(name: str, end: int, **environment: str) -> None:
        blobs = Blobs(str(tmp_path / name))
        dovecot.deliver(name, *MAILS)
        box = add_mailbox(sqlite_database, organisation, dovecot.account(name), name)
        poll_once(make_runner(sqlite_database, blobs), box)
        ids = [one.id for one in messages(sqlite_database, box)]
        dovecot.change_uidvalidity(name)
        dovecot.deliver(name, mail(4))
        assert _in_child(lambda: _poll_in_own_process(sqlite_database.url, blobs, box), **environment) == end
        row = poll_once(make_runner(sqlite_database, blobs, _later), box)
        found = messages(sqlite_database, box)
        assert [one.id for one in found][:3] == ids
        assert sorted(blobs.get(one.raw_sha256) for one in found) == sorted([*MAILS, mail(4)])
        assert {(one.uidvalidity, one.uid) for one in found} == {(row.uidvalidity, uid) for uid in (1, 2, 3, 4)}
        assert row.server_messages == 4

    trace = tmp_path / "trace"
    live(f"{user}-0", 0, BUYDESK_FAILPOINT_TRACE=str(trace))
    for number in range(1, len(_hits(trace)) + 1):
        live(f"{user}-{number}", -signal.SIGKILL, BUYDESK_FAILPOINT_KILL=str(number))


@pytest.mark.parametrize(
    "cuts",
    [
        [b"Subject: Request 2", b"Please order 1"],
        [b"Please order 1", b"Please order 1"],
        [b"UIDVALIDITY", b"UIDNEXT"],
        [b"RFC822.SIZE", b"BODY[]"],
        [b"* SEARCH", b"COPYUID"],
        [b"OK Move completed"],
    ],
)
def test_a_line_cut_at_any_word_loses_nothing(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, organisation: Organisation, cuts: list[bytes]
) -> None:
    dovecot.deliver(user, *MAILS)
    with cutting_proxy(dovecot.imap_port) as proxy:
        proxy.cuts = list(cuts)
        config = dovecot.account(user, port=proxy.port, tls="none", ca_file=None, move_to="Done", timeout=5)
        box = add_mailbox(database, organisation, config)
        runner = make_runner(database, blobs)
        errors = [poll_once(runner, box).last_error for _ in range(4)]
    assert proxy.cuts == []
    assert errors[0] is not None
    assert errors[-1] is None
    _check_exactly_once(database, blobs, box, dovecot, user)


def test_a_frozen_server_is_left_after_the_timeout_and_taken_up_again(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, organisation: Organisation
) -> None:
    dovecot.deliver(user, *MAILS)
    box = add_mailbox(database, organisation, dovecot.account(user, move_to="Done", timeout=1))
    runner = make_runner(database, blobs)
    dovecot.pause()
    try:
        row = poll_once(runner, box)
    finally:
        dovecot.resume()
    assert "timed out" in (row.last_error or "")
    poll_once(runner, box)
    _check_exactly_once(database, blobs, box, dovecot, user)


def _at_once(*works: Callable[[], object]) -> None:
    """Do all ``works`` at the same time; raises what the first of them raised."""
    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(work) for work in works]:
            done.result()


def test_two_workers_at_once_enter_and_move_every_mail_once(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, organisation: Organisation
) -> None:
    dovecot.deliver(user, *MAILS)
    box = add_mailbox(database, organisation, dovecot.account(user, move_to="Done"))
    runner = make_runner(database, blobs)
    make_due(database, box)
    _at_once(*[partial(runner.run, runner.step_named("poll"), box)] * 3)
    _check_exactly_once(database, blobs, box, dovecot, user)


def test_two_workers_that_both_hold_the_row_enter_every_mail_once_and_lose_none(
    dovecot: Dovecot, user: str, database: Database, blobs: Blobs, organisation: Organisation
) -> None:
    """As when a worker fell silent and its lease ran out: servers copy twice what two move at once."""
    dovecot.deliver(user, *MAILS)
    box = add_mailbox(database, organisation, dovecot.account(user, move_to="Done"))
    meeting = threading.Barrier(2)

    def work() -> None:
        with database.open_session() as session:
            for _ in poll(session, session.get_one(Mailbox, box), blobs=blobs):
                session.commit()
                _meet(meeting)
            session.commit()

    _at_once(work, work)
    found = messages(database, box)
    assert sorted(blobs.get(one.raw_sha256) for one in found) == sorted(MAILS)
    assert all(one.settled_on_server for one in found)
    assert dovecot.contents(user) == {}
    assert {*dovecot.contents(user, "Done").values()} == {*MAILS}


def _meet(barrier: threading.Barrier) -> None:
    """Wait a moment for the other worker, so that the two interleave."""
    with suppress(threading.BrokenBarrierError):
        barrier.wait(0.2)
