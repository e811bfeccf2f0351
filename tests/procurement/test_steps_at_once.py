"""What two workers do at once on PostgreSQL: they wait for each other and the second sees what the first did."""

import threading

import pytest
from sqlalchemy import select

from records.blobs import Blobs
from records.database import Database
from records.tables import Approval, Message
from tests.paper_desk import SERVER_STEPS, PaperDesk

pytestmark = pytest.mark.postgres


@pytest.fixture
def desk(postgres_database: Database, blobs: Blobs) -> PaperDesk:
    return PaperDesk(postgres_database, blobs)


def at_once(desk: PaperDesk, step: str) -> None:
    """Run every due row of ``step`` at the same time."""
    due = [(one, row_id) for one, row_id in desk.runner.due() if one.name == step]
    assert len(due) > 1
    threads = [threading.Thread(target=desk.runner.run, args=one) for one in due]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("_", range(3))
def test_of_two_decisions_at_once_one_counts_and_the_other_is_held(desk: PaperDesk, _: int) -> None:
    desk.ask_for_gloves()
    asked = desk.outbox(desk.person("olga"))[-1]
    for words in ("Rejected", "Approved"):
        desk.deliver(desk.mail(desk.person("olga"), f"Re: {asked.subject}", words))
    desk.work(skip=SERVER_STEPS | {"file"})
    at_once(desk, "file")
    desk.clock.forward(minutes=1)  # one of them may have to be tried again
    desk.work()
    with desk.rows() as session:
        approval = session.scalars(select(Approval)).one()
        decided = session.get_one(Message, approval.decided_by_message_id)
        assert approval.state == decided.decision
        assert desk.requisition(session).state == {"approved": "ordered", "rejected": "rejected"}[approval.state]
    assert desk.codes() == ["STALE_APPROVAL"]


def test_two_copies_that_are_unpacked_at_once_are_one_mail(desk: PaperDesk) -> None:
    text = "Please order 10 boxes of nitrile gloves, size M (G-100), cost centre 4711."
    raw = desk.mail(desk.person("ada"), "Gloves", text)
    ids = [desk.deliver(raw), desk.deliver(b"X-Trace: another way\r\n" + raw)]
    at_once(desk, "unpack")
    desk.clock.forward(minutes=1)
    desk.work()
    with desk.rows() as session:
        assert sorted(session.get_one(Message, one).state for one in ids) == ["duplicate", "filed"]


def test_two_requests_at_once_cannot_both_have_the_last_of_a_budget(desk: PaperDesk) -> None:
    for boxes in (4000, 4001):
        text = f"Please order {boxes} boxes of nitrile gloves, size M (G-100), cost centre 4711."
        desk.deliver(desk.mail(desk.person("ada"), "Gloves", text))
    desk.work(skip=SERVER_STEPS | {"check"})
    at_once(desk, "check")
    desk.clock.forward(minutes=1)
    desk.work()
    assert desk.codes() == ["BUDGET_EXCEEDED"]
