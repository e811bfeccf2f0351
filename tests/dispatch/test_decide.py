"""What people decide about a mail, on both databases: nothing but a person sends it a second time."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dispatch.compose import compose
from dispatch.outbox import MOVES
from dispatch.steps.decide import confirm_delivered, mark_bounced, send_again, supersede
from dispatch.steps.send import send
from records import exceptions
from records.blobs import Blobs
from records.database import Database
from records.flow import Done, IllegalMoveError, Outcome, Progress
from records.tables import AuditEntry, ExceptionItem, Mailbox, Organisation, Outbound
from tests.conftest import Clock
from tests.dispatch.outbox_desk import OutboxDesk, envelope
from tests.servers.smtp_sink import SmtpSink, running_sink

ADA = "ada@northwind.example"


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


def put(desk: OutboxDesk, state: str, **values: object) -> int:
    """Queue a mail and put its row into ``state``."""
    row_id = desk.queue()
    with desk.database.session() as session:
        session.execute(update(Outbound).values(state=state, **values))
    return row_id


def uncertain(desk: OutboxDesk) -> int:
    """Return a mail whose worker died while it handed it over."""
    row_id = put(desk, "handing_over")
    desk.run(passes=1)
    assert desk.row(row_id).state == "uncertain"
    assert desk.open_codes(row_id) == ["DELIVERY_UNCERTAIN"]
    return row_id


def decide(desk: OutboxDesk, row_id: int, how: Callable[[Session, Outbound, str], None]) -> None:
    with desk.database.session() as session:
        how(session, session.get_one(Outbound, row_id), ADA)


def test_an_uncertain_mail_stays_so_however_long_nobody_decides(desk: OutboxDesk, sink: SmtpSink) -> None:
    row_id = uncertain(desk)
    desk.run(passes=4, hours=100)
    assert (desk.row(row_id).state, desk.row(row_id).due_at, sink.delivered) == ("uncertain", None, [])


def test_releasing_its_exception_does_not_send_it_either(desk: OutboxDesk, sink: SmtpSink) -> None:
    row_id = uncertain(desk)
    with desk.database.session() as session:
        exceptions.release(session, session.scalars(select(ExceptionItem)).one(), ADA, "seen")
    desk.run(passes=3, hours=1)
    assert (desk.row(row_id).state, sink.delivered) == ("uncertain", [])


def test_it_arrived_makes_it_sent(desk: OutboxDesk, sink: SmtpSink) -> None:
    row_id = uncertain(desk)
    decide(desk, row_id, confirm_delivered)
    desk.run(passes=3, hours=1)
    row = desk.row(row_id)
    assert row.state == "sent"
    assert row.sent_at is not None
    assert (desk.open_codes(row_id), sink.delivered) == ([], [])
    with desk.database.open_session() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.actor == ADA)).all()
        assert entries[0].detail == {"old": "uncertain", "new": "sent"}


@pytest.mark.parametrize("state", ["uncertain", "failed", "bounced"])
def test_send_again_sends_the_same_bytes_once(desk: OutboxDesk, sink: SmtpSink, state: str) -> None:
    row_id = uncertain(desk) if state == "uncertain" else put(desk, state, due_at=None, tries=8)
    decide(desk, row_id, send_again)
    assert desk.row(row_id).tries == 0
    desk.run(passes=3, hours=1)
    assert desk.row(row_id).state == "sent"
    assert desk.open_codes(row_id) == []
    assert sink.delivered == [compose(envelope())]


@pytest.mark.parametrize("state", sorted(set(MOVES) - {"queued", "uncertain", "failed", "bounced"}))
def test_a_mail_that_is_out_or_on_its_way_is_not_sent_again(desk: OutboxDesk, state: str) -> None:
    row_id = put(desk, state, due_at=None)
    with pytest.raises(IllegalMoveError):
        decide(desk, row_id, send_again)
    assert desk.row(row_id).state == state


def test_of_two_decisions_at_once_the_second_is_refused(desk: OutboxDesk) -> None:
    row_id = uncertain(desk)
    with desk.database.open_session() as session:
        seen = session.get_one(Outbound, row_id)
        session.rollback()
        decide(desk, row_id, confirm_delivered)
        with pytest.raises(IllegalMoveError):
            send_again(session, seen, "ben@northwind.example")


@pytest.mark.parametrize("state", ["sent", "uncertain"])
def test_a_mail_that_came_back_is_bounced_and_somebody_is_told(desk: OutboxDesk, state: str) -> None:
    row_id = uncertain(desk) if state == "uncertain" else put(desk, state)
    with desk.database.session() as session:
        row = session.get_one(Outbound, row_id)
        assert mark_bounced(session, row, "The mailbox is full.", "step:bounce")
        assert not mark_bounced(session, row, "The mailbox is full.", "step:bounce")
    assert (desk.row(row_id).state, desk.open_codes(row_id)) == ("bounced", ["BOUNCED"])


def test_a_bounce_of_what_is_not_out_changes_nothing(desk: OutboxDesk) -> None:
    row_id = desk.queue()
    with desk.database.session() as session:
        assert not mark_bounced(session, session.get_one(Outbound, row_id), "Forged.", "step:bounce")
    assert (desk.row(row_id).state, desk.open_codes(row_id)) == ("queued", [])


@pytest.mark.parametrize(
    "state, taken_back",
    [
        ("queued", True),
        ("sending", True),
        ("deferred", True),
        ("failed", True),
        ("bounced", True),
        ("handing_over", False),
        ("sent", False),
        ("uncertain", False),
    ],
)
def test_a_new_revision_takes_back_what_is_not_out(
    desk: OutboxDesk, sink: SmtpSink, state: str, taken_back: bool
) -> None:
    row_id = put(desk, state, due_at=None)
    with desk.database.session() as session:
        subject = session.scalars(select(Mailbox)).one()
        assert supersede(session, subject, 2, "step:issue") == taken_back
        assert supersede(session, subject, 1, "step:issue") == 0
    assert desk.row(row_id).state == ("superseded" if taken_back else state)
    desk.run(passes=3, hours=1)
    assert sink.delivered == []


def test_a_worker_is_stopped_before_the_dot_when_its_mail_is_superseded(desk: OutboxDesk, sink: SmtpSink) -> None:
    row_id = desk.queue()

    def interrupted(session: Session, outbound: Outbound) -> Progress:
        steps = send(session, outbound, blobs=desk.blobs, clock=desk.clock)
        while True:
            try:
                reached = next(steps)
            except StopIteration as end:
                outcome: Outcome = end.value
                return outcome
            if reached == Done("handing_over"):
                with desk.database.session() as other:
                    supersede(other, other.scalars(select(Mailbox)).one(), 2, "step:issue")
            yield reached

    desk.runner(interrupted).run_due()
    assert (desk.row(row_id).state, sink.delivered) == ("superseded", [])
