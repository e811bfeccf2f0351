"""The whole journey under kill -9: wherever the worker dies, each mail is handled once and no order goes out twice.

Every third point is tried; ``BUYDESK_ALL_KILLS=1``
tries all.
"""

import os
import signal
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from records import failpoint
from records.blobs import Blobs
from records.database import Database
from records.tables import Message, Outbound, PurchaseOrder, Requisition
from scheduler.runner import Runner
from scheduler.worker import release_leases, run_until_quiet
from tests.journeys.world import Desk
from tests.servers.border import Border
from tests.servers.dovecot import Dovecot
from web.desk.accounting import accounts

PARTS = 6
STEP = 1 if os.environ.get("BUYDESK_ALL_KILLS") else 3
REQUEST = "Please order:\n\n- 2 boxes copy paper A4 80 g (P-200)\n\nCost centre: 4711\n"


@pytest.mark.parametrize("part", range(0, PARTS, STEP))
def test_wherever_the_worker_is_killed_each_mail_counts_once(
    part: int, sqlite_template: Path, tmp_path: Path, dovecot: Dovecot, border: Border
) -> None:
    _in_this_process(sqlite_template, tmp_path / "here", dovecot, border)
    hits = _journey(sqlite_template, tmp_path / "clean", dovecot, border, kill_at=None)
    assert len(hits) > 50, "the journey passes a failpoint at every commit, blob, IMAP and SMTP command"
    for number in range(1 + part, len(hits) + 1, PARTS):
        _journey(sqlite_template, tmp_path / str(number), dovecot, border, kill_at=number)


def _in_this_process(template: Path, folder: Path, dovecot: Dovecot, border: Border) -> None:
    """Run the journey once without a kill: what it loads and compiles, the forked processes need not do again."""
    desk = _asked(template, folder, dovecot, border)
    run_until_quiet(Runner(desk.database, desk.runner.steps, desk.runner.moves))
    _look(desk, "in this process")
    desk.database.close()


def _asked(template: Path, folder: Path, dovecot: Dovecot, border: Border) -> Desk:
    """Return a desk whose mailbox holds one request; no connection to its database is open."""
    folder.mkdir()
    file = folder / "buydesk.db"
    file.write_bytes(template.read_bytes())
    desk = Desk(Database(f"sqlite:///{file}"), Blobs(str(folder / "blobs")), dovecot, border)
    desk.write(desk.person("ada"), "Paper", REQUEST)
    desk.make_due()
    desk.database.close()
    return desk


def _journey(template: Path, folder: Path, dovecot: Dovecot, border: Border, kill_at: int | None) -> list[str]:
    """Run one request to its order with one kill, look at what is left, and return the failpoints that were hit."""
    desk, trace = _asked(template, folder, dovecot, border), folder / "trace"
    ended = _in_child(desk, {"BUYDESK_FAILPOINT_TRACE": str(trace), "BUYDESK_FAILPOINT_KILL": str(kill_at or "")})
    hits = trace.read_text().splitlines()
    reached = kill_at is not None and len(hits) >= kill_at  # one run may pass a few points more than another
    assert ended == (-signal.SIGKILL if reached else 0), (kill_at, ended)
    if kill_at:
        desk.make_due()
        desk.database.close()
        assert _in_child(desk, {}) == 0
    _look(desk, f"killed at {kill_at}")
    desk.database.close()
    return hits


def _in_child(desk: Desk, environment: dict[str, str]) -> int:
    """Work in a forked process and return how it ended: 0, or minus the signal's number."""
    child = os.fork()
    if child == 0:
        code = 70
        try:
            os.environ.update(environment)
            failpoint._ACTIVE, failpoint._hits = bool(environment), 0
            runner = Runner(Database(desk.database.url), desk.runner.steps, desk.runner.moves)
            release_leases(runner.database, runner)
            run_until_quiet(runner)
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _look(desk: Desk, when: str) -> None:
    with desk.rows() as session:
        assert [row.state for row in session.scalars(select(Message))] == ["filed"], when
        assert [row.state for row in session.scalars(select(Requisition))] == ["ordered"], when
        orders = session.scalars(select(PurchaseOrder)).all()
        assert [(row.state, row.number and row.number[-5:]) for row in orders] == [("issued", "00001")], when
        sent = {row.message_id: (row.kind, row.state) for row in session.scalars(select(Outbound))}
        assert all(account.unaccounted == 0 for account in accounts(session)), when
    assert Counter(kind for kind, _ in sent.values()) == {
        "order": 1,
        "requisition_received": 1,
        "requisition_ordered": 1,
    }
    delivered = Counter(
        mail.message_id for address in (desk.krause, desk.person("ada")) for mail in desk.inbox(address)
    )
    assert not delivered.keys() - sent.keys(), when
    for message_id, (kind, state) in sent.items():
        assert state in ("sent", "uncertain"), (when, kind, state)
        assert delivered[message_id] == 1 or (state == "uncertain" and delivered[message_id] == 0), (when, kind, state)
