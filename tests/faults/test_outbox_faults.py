"""The outbox under fire: whatever breaks, wherever a process dies, no order is lost or sent twice unseen.

Every case ends with the same check: how often the server has the mail, against what the row says.
"""

import json
import os
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from records.blobs import Blobs
from records.database import Database
from records.flow import Done, Keep, Progress
from records.tables import Outbound
from tests.conftest import Clock
from tests.dispatch.outbox_desk import OutboxDesk
from tests.rows import add_organisation
from tests.servers.fault_proxy import CONNECTED, Fault, FaultProxy, fault_proxy
from tests.servers.smtp_sink import SmtpSink, running_sink

FINAL_DOT = rb"\r\n\.\r\n"
PLACES = {
    "connect": CONNECTED,
    "ehlo": rb"(?i)ehlo [^\n]*\n",
    "mail": rb"(?i)mail from[^\n]*\n",
    "rcpt": rb"(?i)rcpt to[^\n]*\n",
    "data": rb"(?i)data\r\n",
    "body": rb"Subject: [^\n]*\n",
    "dot": FINAL_DOT,
}
VERBS = ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "DOT")


@dataclass
class Range:
    """An outbox whose mail goes through a proxy that spoils it to a server that counts it."""

    desk: OutboxDesk
    sink: SmtpSink
    proxy: FaultProxy

    def violation(self, row_id: int) -> str | None:
        """Return in what way the row lies about the mail; None where it tells the truth."""
        state, copies = self.desk.row(row_id).state, len(self.sink.delivered)
        codes = self.desk.open_codes(row_id)
        if copies > 1:
            return f"delivered {copies} times, and the row says {state}"
        if state == "sent":
            return None if copies == 1 else "sent but not delivered"
        if state == "failed":
            return None if copies == 0 and codes == ["BOUNCED"] else f"failed, {copies} delivered, {codes}"
        if state == "uncertain":
            return None if codes == ["DELIVERY_UNCERTAIN"] else f"uncertain, and nobody is told: {codes}"
        return f"stuck in {state}"

    def settle(self) -> None:
        """Let a day and a half pass in which nothing goes wrong."""
        self.desk.run(passes=3, hours=15)


@pytest.fixture(scope="module")
def sink() -> Iterator[SmtpSink]:
    with running_sink() as server:
        yield server


@pytest.fixture(scope="module")
def proxy(sink: SmtpSink) -> Iterator[FaultProxy]:
    with fault_proxy(sink.port) as running:
        yield running


@pytest.fixture
def ground(sqlite_database: Database, blobs: Blobs, clock: Clock, sink: SmtpSink, proxy: FaultProxy) -> Range:
    sink.clear()
    proxy.plan(None)
    desk = OutboxDesk(sqlite_database, blobs, add_organisation(sqlite_database), clock)
    desk.connect(proxy.port)
    return Range(desk, sink, proxy)


@pytest.mark.parametrize("fault, place", list(product(Fault, PLACES)))
def test_a_line_that_breaks_anywhere_neither_loses_nor_doubles_a_mail(ground: Range, fault: Fault, place: str) -> None:
    row_id = ground.desk.queue()
    ground.proxy.plan(fault, PLACES[place])
    if fault in (Fault.COMMAND_SWALLOWED, Fault.ANSWER_SWALLOWED):
        ground.desk.connect(ground.proxy.port, seconds=0.4)
    ground.desk.run(passes=1)
    assert ground.proxy.happened == 1
    ground.desk.connect(ground.proxy.port)
    ground.settle()
    assert ground.violation(row_id) is None
    undecidable = {"dot": {"uncertain"}, "body": {"sent", "uncertain"}}  # a loss may show only after the dot
    assert ground.desk.row(row_id).state in undecidable.get(place, {"sent"})


@pytest.mark.parametrize("answer", ["421 4.3.2 later", "451 4.3.0 later", "550 5.7.1 no", "554 5.0.0 no"])
@pytest.mark.parametrize("verb", VERBS)
def test_every_refusal_at_every_command_is_believed(ground: Range, verb: str, answer: str) -> None:
    row_id = ground.desk.queue()
    ground.sink.script[verb] = answer
    ground.settle()
    assert not ground.sink.script
    assert ground.violation(row_id) is None
    refused_for_good = answer.startswith("5") and verb not in ("CONNECT", "EHLO")
    assert ground.desk.row(row_id).state == ("failed" if refused_for_good else "sent")


@dataclass
class Children:
    """The process that forks the senders which are to die."""

    process: subprocess.Popen[str]
    trace: Path

    def run(self, ground: Range, kill: int) -> int:
        """Send what is due in a process that dies at failpoint ``kill``; return how it ended."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        order = {"url": ground.desk.database.url, "folder": ground.desk.blobs.root, "kill": kill}
        self.process.stdin.write(json.dumps(order | {"trace": str(self.trace)}) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def hits(self) -> list[str]:
        """Return the failpoints that were passed since the last call."""
        passed = self.trace.read_text().split()
        self.trace.unlink()
        return passed


@pytest.fixture(scope="module")
def children(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Children]:
    trace = tmp_path_factory.mktemp("trace") / "hits"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.outbox_child"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "BUYDESK_FAILPOINT_TRACE": str(trace)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    yield Children(process, trace)
    process.communicate()


# What goes wrong besides the kill: nothing, a line that breaks around the dot, refusals.
COMPANIONS = {
    "nothing": (None, "", ""),
    "dot lost": (Fault.COMMAND_LOST, "dot", ""),
    "answer lost": (Fault.ANSWER_LOST, "dot", ""),
    "body lost": (Fault.COMMAND_LOST, "body", ""),
    "put off": (None, "DOT", "451 4.3.0 later"),
    "refused": (None, "RCPT", "550 5.1.1 no such user"),
}


# Only a death between the commit before the dot and the commit after the answer leaves a question.
DOUBTFUL = ["commit:after", "smtp:finish", "smtp:finish:done", "smtp:quit", "smtp:quit:done", "commit:before"]


@pytest.mark.parametrize("companion", COMPANIONS)
def test_a_process_that_dies_anywhere_neither_loses_nor_doubles_a_mail(
    ground: Range, children: Children, companion: str
) -> None:
    """Each failpoint of a run kills it once; then all is well again, and the books must be right."""
    doubtful, ended = [], -9
    for kill in range(1, 200):
        ground.sink.clear()
        row_id = _fresh_row(ground)
        _plan(ground, companion)
        ended = children.run(ground, kill)
        passed = children.hits()
        ground.settle()
        assert ground.violation(row_id) is None, f"killed at {passed[-1]}, the {kill}th failpoint"
        if ground.desk.row(row_id).state == "uncertain":
            doubtful.append(passed[-1])
        if ended == 0:
            break
        assert (ended, len(passed)) == (-9, kill)
    assert ended == 0
    assert kill >= 20
    if companion == "nothing":
        assert doubtful == DOUBTFUL


def _fresh_row(ground: Range) -> int:
    """Put the one mail of the outbox back to where it was when it was queued, its history forgotten."""
    with ground.desk.database.session() as session:
        for table in ("exception_item", "audit_entry", "outbound"):
            session.execute(text(f"DELETE FROM {table}"))
    return ground.desk.queue()


def _plan(ground: Range, companion: str) -> None:
    fault, place, answer = COMPANIONS[companion]
    ground.proxy.plan(fault, PLACES.get(place, CONNECTED))
    if answer:
        ground.sink.script[place] = answer


def test_an_ordinary_sender_that_tries_again_fails_the_same_check(ground: Range) -> None:
    """smtplib's sendmail and a second try at any error: what most programs do."""

    def ordinary(session: Session, outbound: Outbound) -> Progress:
        sender, recipient = outbound.sender, outbound.recipient
        raw = ground.desk.blobs.get(outbound.raw_sha256)
        yield Keep()
        with smtplib.SMTP("127.0.0.1", ground.proxy.port, "client.example", timeout=0.5) as client:
            client.sendmail(sender, [recipient], raw)
        return Done("sent")

    found = []
    for fault in (Fault.ANSWER_LOST, Fault.ANSWER_SWALLOWED, Fault.ANSWER_HALVED, Fault.RESET_AFTER):
        ground.sink.clear()
        row_id = _fresh_row(ground)
        ground.proxy.plan(fault, FINAL_DOT)
        runner = ground.desk.runner(ordinary)
        runner.moves = {Outbound: {"queued": frozenset({"sent"})}}
        for _ in range(4):
            runner.run_due()
            ground.desk.clock.forward(hours=9)
        found.append(ground.violation(row_id))
    assert found == ["delivered 2 times, and the row says sent"] * 4
