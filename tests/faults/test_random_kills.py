"""A mailbox whose pollers die at random, while mail comes in, sessions break and UIDs are lost.

``BUYDESK_KILLS`` is how many pollers die (default 16), ``BUYDESK_SEED`` repeats a run.
"""

import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from intake.imap_fetch import AT_FIRST
from records import failpoint
from records.base import utc_now
from records.blobs import Blobs
from records.database import Database
from records.tables import Mailbox, Organisation
from tests.intake.desk import add_mailbox, mail, make_due, make_runner, messages, poll_once
from tests.servers.cutting_proxy import CuttingProxy, cutting_proxy
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import dovecot, user

__all__ = ["dovecot", "user"]

pytestmark = [pytest.mark.dovecot, pytest.mark.timeout(600)]

KILLS = int(os.environ.get("BUYDESK_KILLS", "16"))
SEED = int(os.environ.get("BUYDESK_SEED", "20261125"))
POINTS = 45  # failpoints of a poll with something to do
LONGEST = 0.25  # seconds in which most polls are through


@dataclass
class Life:
    """One mailbox, what was delivered to it, and how its pollers ended."""

    database: Database
    blobs: Blobs
    dovecot: Dovecot
    user: str
    box: int
    chance: random.Random
    proxy: CuttingProxy
    delivered: list[bytes] = field(default_factory=list)
    ended: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)

    def round(self, number: int) -> None:
        """Let mail come in, perhaps something happen, and one poller or two run until they die or are done."""
        self._deliver(number)
        self._happen()
        pollers = [self._start(number) for _ in range(2 if self.chance.random() < 0.15 else 1)]
        for pid, dies_after in pollers:
            if dies_after is not None:
                time.sleep(dies_after)
                os.kill(pid, signal.SIGKILL)
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            self.ended["killed" if code == -signal.SIGKILL else f"ended {code}"] += 1

    def _deliver(self, number: int) -> None:
        count = self.chance.choice((0, 1, 1, 2, 3, 12))
        sizes = [self.chance.choice((200, 2000, 60_000)) for _ in range(count)]
        mails = [mail(number * 100 + index, size) for index, size in enumerate(sizes)]
        if mails and self.chance.random() < 0.2:
            mails.append(mails[0])  # the very same bytes once more are another mail
        self.dovecot.deliver(self.user, *mails)
        self.delivered += mails

    def _happen(self) -> None:
        event = self.chance.choices(("nothing", "seen", "uids lost", "line cut"), (70, 10, 8, 12))[0]
        self.events[event] += 1
        if event == "seen":
            with self.dovecot.client(self.user, "INBOX") as client:
                client.add_flags(client.search() or [1], [b"\\Seen"])
        elif event == "uids lost":
            self.dovecot.change_uidvalidity(self.user)
        elif event == "line cut":
            self.proxy.cuts[:] = [self.chance.choice((b"Please order", b"BODY[]", b"COPYUID", b"* SEARCH"))]

    def _start(self, number: int) -> tuple[int, float | None]:
        """Start a poller that dies at a failpoint, or is to be killed after the seconds that are returned."""
        at_point = self.chance.random() < 0.5
        point, seconds = self.chance.randint(1, POINTS), self.chance.uniform(0, LONGEST)
        pid = os.fork()
        if pid == 0:
            code = 70
            try:
                os.environ["BUYDESK_FAILPOINT_KILL"] = str(point) if at_point else ""
                failpoint._ACTIVE, failpoint._hits = at_point, 0
                self._poll(number)
                code = 0
            finally:
                os._exit(code)
        return pid, None if at_point else seconds

    def _poll(self, number: int) -> None:
        """Poll once in this process; each round an hour later, so that leases of the dead are over."""
        database = Database(self.database.url)
        runner = make_runner(database, self.blobs, lambda: utc_now() + timedelta(hours=number))
        make_due(database, self.box)
        runner.run(runner.step_named("poll"), self.box)

    def killed(self) -> int:
        return self.ended["killed"]


def test_whenever_pollers_die_every_mail_is_entered_and_moved_once(
    dovecot: Dovecot, user: str, database: Database, organisation: Organisation, blobs: Blobs
) -> None:
    with cutting_proxy(dovecot.imap_port) as proxy:
        config = dovecot.account(user, port=proxy.port, tls="none", ca_file=None, move_to="Done", timeout=10)
        box = add_mailbox(database, organisation, config)
        life = Life(database, blobs, dovecot, user, box, random.Random(SEED), proxy)
        number = 0
        while life.killed() < KILLS:
            number += 1
            life.round(number)
            assert number < 10 * KILLS, life.ended
        proxy.cuts.clear()
        last = make_runner(database, blobs, lambda: utc_now() + timedelta(hours=number + 1))
        row = poll_once(last, box)
    told = f"seed {SEED}, {number} rounds, {life.ended}, {life.events}"
    wanted = Counter(life.delivered)
    assert row.last_error is None, told
    found = messages(database, box)
    assert Counter(blobs.get(one.raw_sha256) for one in found) == wanted, told
    assert all(one.settled_on_server for one in found), told
    assert dovecot.contents(user) == {}, told
    assert Counter(dovecot.contents(user, "Done").values()) == wanted, told
    with database.session() as session:
        assert session.get_one(Mailbox, box).server_messages == len(life.delivered), told
    new = sum(map(len, life.delivered))
    ratios = f"bodies fetched {proxy.bodies / new:.3f} times, all answers {proxy.received / new:.3f} times"
    print(f"{told}: {len(life.delivered)} mails, {new} bytes, {ratios}")
    broken_off = life.killed() + life.events["line cut"]
    one_batch = max(AT_FIRST, *map(len, life.delivered))  # all that a death may waste of what it fetched
    assert new <= proxy.bodies <= new + broken_off * one_batch, f"{told}, {ratios}"


def test_without_faults_hardly_more_bytes_are_fetched_than_the_new_mail_has(
    dovecot: Dovecot, user: str, database: Database, organisation: Organisation, blobs: Blobs
) -> None:
    """Answers to commands and the daily comparison of all UIDs included."""
    delivered = [mail(number, 20_000) for number in range(1, 61)]
    with cutting_proxy(dovecot.imap_port) as proxy:
        config = dovecot.account(user, port=proxy.port, tls="none", ca_file=None, move_to="Done")
        box = add_mailbox(database, organisation, config)
        runner = make_runner(database, blobs)
        for start in range(0, 60, 15):
            dovecot.deliver(user, *delivered[start : start + 15])
            poll_once(runner, box)
            poll_once(runner, box)
        received = proxy.received
    assert len(messages(database, box)) == len(delivered)
    assert received <= 1.1 * sum(map(len, delivered))
