import pytest
from sqlalchemy import select

from parsers.message import Message as Mail
from records.blobs import Blobs
from records.database import Database
from records.tables import Approval, Requisition
from tests.paper_desk import PaperDesk
from web.desk.resolution import waive_all


@pytest.fixture
def desk(sqlite_database: Database, blobs: Blobs) -> PaperDesk:
    """Return a desk at which three requests wait for Olga: R-00001, R-00002 and R-00003."""
    desk = PaperDesk(sqlite_database, blobs)
    for boxes in (10, 12, 14):
        desk.ask_for_gloves(boxes)
        with desk.rows() as session:
            for item in desk.held(session):  # the second is much like the first: that is meant
                waive_all(session, item, item.problems[0]["code"], None, "agent", "meant so")
        desk.work()
    return desk


def asked(desk: PaperDesk) -> list[Mail]:
    return [mail for mail in desk.outbox(desk.person("olga")) if "Please decide" in mail.subject]


def tokens(desk: PaperDesk) -> str:
    return "\n".join(f"> {mail.subject}" for mail in asked(desk))


def answer(desk: PaperDesk, text: str, **fields: str) -> None:
    quoted = f"On Mon, 9 Nov 2026 at 10:00, Desk <{desk.address}> wrote:\n{tokens(desk)}\n"
    desk.receive(desk.person("olga"), "Re: your requests", f"{text}\n\n{quoted}", **fields)


def states(desk: PaperDesk) -> dict[str, str]:
    with desk.rows() as session:
        rows = session.scalars(select(Approval).order_by(Approval.id))
        return {one.requisition.number[-1]: one.state for one in rows}


def test_three_wait(desk: PaperDesk) -> None:
    assert states(desk) == {"1": "asked", "2": "asked", "3": "asked"}


def test_each_named_request_is_decided_as_the_mail_says(desk: PaperDesk) -> None:
    answer(desk, "Approve R-00001 and 3, reject 2.")
    assert states(desk) == {"1": "approved", "2": "rejected", "3": "approved"}


def test_all_are_decided_where_it_says_all(desk: PaperDesk) -> None:
    answer(desk, "All approved, thanks.")
    assert set(states(desk).values()) == {"approved"}


def test_what_is_not_named_waits_on(desk: PaperDesk) -> None:
    answer(desk, "Approve R-00001.")
    assert states(desk) == {"1": "approved", "2": "asked", "3": "asked"}
    assert desk.codes() == []


@pytest.mark.parametrize("text", ["Approved.", "Approve all but 2.", "Approve R-00001 if it is cheap."])
def test_words_without_numbers_or_with_conditions_decide_none_and_each_is_asked_again(
    desk: PaperDesk, text: str
) -> None:
    answer(desk, text)
    assert set(states(desk).values()) == {"asked"}
    again = [mail for mail in desk.outbox(desk.person("olga")) if "once more" in mail.subject]
    assert len(again) == 3


def test_one_token_decides_its_own_request_only_and_the_other_is_asked_again(desk: PaperDesk) -> None:
    desk.reply(desk.person("olga"), asked(desk)[0], "Approve R-00001 and R-00002.")
    assert states(desk) == {"1": "approved", "2": "asked", "3": "asked"}
    assert "R-00002" in desk.outbox(desk.person("olga"))[-1].subject


def test_naming_another_request_does_not_decide_the_one_whose_token_is_carried(desk: PaperDesk) -> None:
    desk.reply(desk.person("olga"), asked(desk)[0], "Approve R-00002.")
    assert states(desk) == {"1": "asked", "2": "asked", "3": "asked"}


def test_a_number_that_nothing_waits_under_is_shown_to_a_person(desk: PaperDesk) -> None:
    answer(desk, "Approve R-00001 and R-00077.")
    assert states(desk)["1"] == "approved"
    assert desk.codes() == ["STALE_APPROVAL"]


def test_somebody_elses_list_decides_nothing(desk: PaperDesk) -> None:
    quoted = tokens(desk)
    desk.receive(desk.person("dora"), "Re: requests", f"All approved.\n\n{quoted}\n")
    assert set(states(desk).values()) == {"asked"}
    answer(desk, "All approved.", proven="no")
    assert set(states(desk).values()) == {"asked"}


def test_a_changed_request_among_several_is_stale_and_the_others_are_decided(desk: PaperDesk) -> None:
    with desk.rows() as session:
        row = session.scalars(select(Requisition).where(Requisition.number == "R-00002")).one()
        row.revision_hash = "0" * 64
        row.due_at = None
    answer(desk, "All approved.")
    assert states(desk) == {"1": "approved", "2": "asked", "3": "approved"}
    assert desk.codes() == ["STALE_APPROVAL"]
