"""The outbox on both databases: what the mail server answers is what the row says."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from dispatch.compose import compose
from dispatch.outbox import RETRIES
from dispatch.steps.send import send
from records.audit import faults
from records.blobs import Blobs
from records.database import Database
from records.flow import Done, Outcome, Progress
from records.tables import ExceptionItem, Organisation, Outbound
from scheduler.runner import MAX_ATTEMPTS
from tests.conftest import Clock
from tests.dispatch.outbox_desk import OutboxDesk, envelope
from tests.servers.dovecot import free_port
from tests.servers.smtp_sink import SmtpSink, running_sink


@pytest.fixture(scope="module")
def running() -> Iterator[SmtpSink]:
    with running_sink() as server:
        yield server


@pytest.fixture
def sink(running: SmtpSink) -> SmtpSink:
    running.clear()
    return running


@pytest.fixture
def desk(database: Database, blobs: Blobs, organisation: Organisation, clock: Clock, sink: SmtpSink) -> OutboxDesk:
    found = OutboxDesk(database, blobs, organisation, clock)
    found.connect(sink.port)
    return found


def test_a_queued_mail_goes_out_once_and_its_row_says_so(desk: OutboxDesk, sink: SmtpSink) -> None:
    row_id = desk.queue()
    desk.run(passes=4, hours=24)
    row = desk.row(row_id)
    assert (row.state, row.reply, row.due_at, row.attempts) == ("sent", "250 2.0.0 kept", None, 0)
    assert row.sent_at
    assert sink.delivered == [compose(envelope())]
    assert sink.recipients == ["orders1@supplier.example"]
    assert desk.open_codes(row_id) == []


def test_the_way_of_a_mail_is_in_the_audit_chain(desk: OutboxDesk) -> None:
    desk.queue()
    desk.run()
    with desk.database.open_session() as session:
        assert list(faults(session, desk.organisation.id)) == []


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "DOT"])
def test_a_mail_that_is_put_off_goes_out_later(desk: OutboxDesk, sink: SmtpSink, verb: str) -> None:
    row_id = desk.queue()
    sink.script[verb] = "450 4.2.0 later"
    desk.run()
    row = desk.row(row_id)
    assert (row.state, row.tries, row.reply) == ("deferred", 1, "450 4.2.0 later")
    assert row.due_at is not None
    assert row.due_at - desk.clock.now == RETRIES[0]
    desk.clock.forward(minutes=4.9)
    desk.run(passes=1)
    assert desk.row(row_id).state == "deferred"
    desk.clock.forward(minutes=0.2)
    desk.run(passes=1)
    assert desk.row(row_id).state == "sent"
    assert len(sink.delivered) == 1


def test_a_mail_that_is_put_off_for_a_day_has_failed_and_an_operator_is_told(desk: OutboxDesk, sink: SmtpSink) -> None:
    row_id = desk.queue()
    for _ in range(len(RETRIES) + 1):
        sink.script["RCPT"] = "450 4.2.0 later"
        desk.run(passes=1, hours=9)
    assert desk.row(row_id).state == "failed"
    assert desk.open_codes(row_id) == ["BOUNCED"]
    desk.run(passes=3, hours=24)
    assert desk.row(row_id).state == "failed"
    assert sink.delivered == []


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "DOT"])
def test_a_refused_mail_has_failed_and_an_operator_is_told_why(desk: OutboxDesk, sink: SmtpSink, verb: str) -> None:
    row_id = desk.queue()
    sink.script[verb] = "550 5.1.1 no such user"
    desk.run(passes=4, hours=24)
    row = desk.row(row_id)
    assert (row.state, row.due_at, row.sent_at) == ("failed", None, None)
    assert sink.delivered == []
    with desk.database.open_session() as session:
        item = session.scalars(select(ExceptionItem)).one()
        assert item.owner == "operator"
        assert "orders1@supplier.example" in item.problems[0]["detail"]
        assert "550 5.1.1 no such user" in item.problems[0]["detail"]


def test_no_relay_means_that_mail_waits_and_goes_out_when_there_is_one(desk: OutboxDesk, sink: SmtpSink) -> None:
    desk.connect(free_port())
    row_id = desk.queue()
    desk.run(passes=1)
    row = desk.row(row_id)
    assert (row.state, row.attempts, row.tries) == ("queued", 1, 0)
    assert row.last_error is not None
    assert "Refused" in row.last_error
    desk.run(passes=MAX_ATTEMPTS + 3, hours=2)
    assert desk.row(row_id).state == "queued"
    assert desk.open_codes(row_id) == ["GAVE_UP"]
    desk.connect(sink.port)
    desk.run(passes=2, hours=2)
    assert desk.row(row_id).state == "sent"
    assert desk.open_codes(row_id) == []
    assert len(sink.delivered) == 1


def test_mail_of_an_organisation_without_a_relay_waits(desk: OutboxDesk) -> None:
    row_id = desk.queue()
    with desk.database.session() as session:
        session.execute(update(Organisation).values(smtp={}))
    desk.run(passes=1)
    row = desk.row(row_id)
    assert row.state == "queued"
    assert row.last_error is not None
    assert "smtp.host is missing" in row.last_error


def test_an_order_whose_stored_bytes_are_damaged_does_not_go_out(desk: OutboxDesk, sink: SmtpSink) -> None:
    row_id = desk.queue()
    name = desk.row(row_id).raw_sha256
    path = desk.blobs._path(name)
    path.write_bytes(path.read_bytes().replace(b"JVBERi", b"AAAAAA"))
    desk.run(passes=3, hours=2)
    row = desk.row(row_id)
    assert row.state == "queued"
    assert row.last_error is not None
    assert "damaged" in row.last_error
    assert sink.delivered == []


def test_an_order_whose_bytes_hold_no_pdf_does_not_go_out(desk: OutboxDesk, sink: SmtpSink) -> None:
    row_id = desk.queue()
    with desk.database.session() as session:
        session.execute(update(Outbound).values(raw_sha256=desk.blobs.put(compose(envelope(pdf=None)))))
    desk.run(passes=3, hours=2)
    row = desk.row(row_id)
    assert row.last_error is not None
    assert "no PDF" in row.last_error
    assert (row.state, sink.delivered) == ("queued", [])


def test_a_worker_whose_row_was_taken_over_before_the_dot_hands_nothing_over(desk: OutboxDesk, sink: SmtpSink) -> None:
    """The first worker stops between the body and the dot until the second one has sent the mail."""
    row_id = desk.queue()
    stopped, go_on = threading.Event(), threading.Event()

    def slow(session: Session, outbound: Outbound) -> Progress:
        steps = send(session, outbound, blobs=desk.blobs, clock=desk.clock)
        while True:
            try:
                reached = next(steps)
            except StopIteration as end:
                outcome: Outcome = end.value
                return outcome
            if reached == Done("handing_over"):
                stopped.set()
                assert go_on.wait(20)
            yield reached

    first = desk.runner(slow)
    thread = threading.Thread(target=first.run, args=(first.step_named("send:queued"), row_id))
    thread.start()
    assert stopped.wait(20)
    desk.clock.forward(hours=1)
    second = desk.runner()
    assert second.run(second.step_named("send:sending"), row_id)
    go_on.set()
    thread.join(20)
    assert len(sink.delivered) == 1
    assert desk.row(row_id).state == "sent"


def test_two_mails_of_one_pass_are_both_sent(desk: OutboxDesk, sink: SmtpSink) -> None:
    desk.queue(envelope(1))
    desk.queue(envelope(2))
    desk.run()
    with desk.database.open_session() as session:
        assert session.scalar(select(func.count()).where(Outbound.state == "sent")) == 2
    assert sorted(sink.recipients) == ["orders1@supplier.example", "orders2@supplier.example"]
