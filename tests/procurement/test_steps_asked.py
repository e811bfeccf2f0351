import pytest
from sqlalchemy import select

from parsers.message import Message as Mail
from parsers.own_words_lines import body_leaves, plain_body
from records.blobs import Blobs
from records.database import Database
from records.tables import Approval
from tests.paper_desk import PaperDesk


@pytest.fixture
def desk(sqlite_database: Database, blobs: Blobs) -> PaperDesk:
    """Return a desk at which Olga has asked Ada what the gloves are for."""
    desk = PaperDesk(sqlite_database, blobs)
    desk.ask_for_gloves()
    desk.reply(desk.person("olga"), asked(desk), "What are these for?")
    return desk


def asked(desk: PaperDesk, at: int = -1) -> Mail:
    return [mail for mail in desk.outbox(desk.person("olga")) if "[#" in mail.subject][at]


def answer(desk: PaperDesk, text: str, **fields: str) -> int:
    return desk.reply(desk.person("ada"), desk.outbox(desk.person("ada"))[-1], text, **fields)


def states(desk: PaperDesk) -> list[str]:
    with desk.rows() as session:
        return list(session.scalars(select(Approval.state).order_by(Approval.id)))


def test_the_requesters_answer_reaches_the_approver_in_the_same_thread(desk: PaperDesk) -> None:
    first = asked(desk)
    answer(desk, "They are for the new lab.")
    told = asked(desk)
    assert "They are for the new lab." in "\n".join(line.text for line in plain_body(body_leaves(told)[0]))
    assert first.message_id in told.get("References")
    assert states(desk) == ["asked"]
    assert desk.codes() == []


@pytest.mark.parametrize("at", [0, -1])
def test_after_the_answer_the_old_token_and_the_new_one_decide(desk: PaperDesk, at: int) -> None:
    answer(desk, "They are for the new lab.")
    desk.reply(desk.person("olga"), asked(desk, at), "Approved, thanks.")
    with desk.rows() as session:
        assert desk.requisition(session).state == "ordered"


def test_an_approver_may_ask_again_and_the_requester_is_told_again(desk: PaperDesk) -> None:
    answer(desk, "They are for the new lab.")
    desk.reply(desk.person("olga"), asked(desk), "Why ten of them?")
    assert states(desk) == ["question"]
    answer(desk, "One for each bench.")
    assert states(desk) == ["asked"]


def test_an_answer_that_changes_the_request_voids_what_was_asked(desk: PaperDesk) -> None:
    old = asked(desk)
    answer(desk, "You are right, please order 7 boxes of nitrile gloves, size M (G-100), cost centre 4711.")
    assert states(desk) == ["void", "asked"]
    desk.reply(desk.person("olga"), old, "Approved.")
    assert "STALE_APPROVAL" in desk.codes()
    assert states(desk) == ["void", "asked"]
    desk.reply(desk.person("olga"), asked(desk), "Approved.")
    with desk.rows() as session:
        (order,) = desk.orders(session)
        assert [line.quantity for line in order.lines] == [7]


def test_an_unproven_answer_is_not_passed_on(desk: PaperDesk) -> None:
    answer(desk, "They are for the new lab.", proven="no")
    assert states(desk) == ["question"]
    assert "SENDER_NOT_AUTHENTICATED" in desk.codes()


def test_somebody_elses_answer_is_not_passed_on(desk: PaperDesk) -> None:
    desk.reply(desk.person("dora"), desk.outbox(desk.person("ada"))[-1], "They are for the new lab.")
    assert states(desk) == ["question"]


def test_a_smaller_quantity_is_a_proposal_to_the_requester_and_approves_nothing(
    sqlite_database: Database, blobs: Blobs
) -> None:
    desk = PaperDesk(sqlite_database, blobs)
    desk.ask_for_gloves()
    desk.reply(desk.person("olga"), asked(desk), "OK but only 7 boxes please.")
    assert states(desk) == ["question"]
    told = desk.outbox(desk.person("ada"))[-1]
    assert "OK but only 7 boxes" in "\n".join(line.text for line in plain_body(body_leaves(told)[0]))
    answer(desk, "Fine, please order 7 boxes of nitrile gloves, size M (G-100), cost centre 4711.")
    assert states(desk) == ["void", "asked"]
    desk.reply(desk.person("olga"), asked(desk), "Approved.")
    with desk.rows() as session:
        (order,) = desk.orders(session)
        assert [line.quantity for line in order.lines] == [7]
