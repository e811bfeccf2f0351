"""An approver who is away or silent: who decides instead, what he is told, and whose decision counts."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.steps.signing import is_approved
from records.blobs import Blobs
from records.database import Database
from records.tables import Absence, Approval, Organisation, Outbound, Person
from tests.paper_desk import PaperDesk
from web.desk.absences import come_back, delegate
from web.desk.refused import CommandError
from web.desk.resolution import record_decision


@pytest.fixture
def desk(database: Database, blobs: Blobs) -> PaperDesk:
    """Return a desk with Dave, who may sign, works on every day, and where Olga's deputy can be Dave."""
    desk = PaperDesk(database, blobs)
    desk.works_always()
    with desk.rows() as session:
        add(desk, session, "dave", "500")
    return desk


def add(desk: PaperDesk, session: Session, local: str, limit: str) -> None:
    values = {"email": desk.person(local), "name": f"{local.title()} Deputy", "roles": ["requester", "approver"]}
    session.add(Person(organisation_id=desk.organisation_id, approval_limit=Decimal(limit), **values))


def away(desk: PaperDesk, local: str, deputy: str | None, days: int = 5) -> None:
    with desk.rows() as session:
        owner = session.get_one(Organisation, desk.organisation_id)
        last = date.today() + timedelta(days=days)
        delegate(session, owner, desk.person(local), desk.person(deputy) if deputy else None, (None, last), "agent")


def approvals(desk: PaperDesk) -> dict[str, str]:
    with desk.rows() as session:
        return {one.approver.email.split("@")[0]: one.state for one in session.scalars(select(Approval))}


def texts(desk: PaperDesk, local: str) -> list[str]:
    with desk.rows() as session:
        return list(session.scalars(select(Outbound.text).where(Outbound.recipient == desk.person(local))))


def state(desk: PaperDesk) -> str:
    with desk.rows() as session:
        return desk.requisition(session).state


def approve(desk: PaperDesk, local: str, words: str = "Approved") -> None:
    person = desk.person(local)
    desk.reply(person, [one for one in desk.outbox(person) if "[#" in one.subject][-1], words)


def test_the_deputy_is_asked_and_the_approver_is_told(desk: PaperDesk) -> None:
    away(desk, "olga", "dave")
    desk.ask_for_gloves()
    assert approvals(desk) == {"dave": "asked"}
    (told,) = desk.outbox(desk.person("olga"))
    assert "in your place" in told.subject and "[#" not in told.subject
    assert any("in place of Olga Owner" in text for text in texts(desk, "dave"))
    approve(desk, "dave")
    assert (state(desk), desk.codes()) == ("ordered", [])


def test_a_decision_made_in_the_absence_stays_when_the_approver_is_back(desk: PaperDesk) -> None:
    away(desk, "olga", "dave", days=1)
    desk.ask_for_gloves()
    approve(desk, "dave")
    desk.clock.forward(days=3)
    with desk.rows() as session:
        assert is_approved(session, desk.requisition(session))


def test_what_the_deputy_has_not_decided_comes_back_to_the_approver(desk: PaperDesk) -> None:
    away(desk, "olga", "dave", days=1)
    desk.ask_for_gloves()
    stale = desk.outbox(desk.person("dave"))[-1]
    desk.clock.forward(days=3)
    desk.work()
    assert approvals(desk) == {"dave": "void", "olga": "asked"}
    desk.reply(desk.person("dave"), stale, "Approved")
    assert (state(desk), desk.codes()) == ("pending_approval", ["STALE_APPROVAL"])
    approve(desk, "olga")
    assert state(desk) == "ordered"


def test_an_answer_that_comes_before_the_desk_noticed_the_return_does_not_count(desk: PaperDesk) -> None:
    away(desk, "olga", "dave")
    desk.ask_for_gloves()
    with desk.rows() as session:
        number = session.scalars(select(Approval.id)).one()
        session.scalars(select(Absence)).one().ends_on = date.today() - timedelta(days=1)
    with pytest.raises(CommandError, match="decides again"), desk.rows() as session:
        record_decision(session, number, "approved", desk.person("dave"), "agent", "on paper")
    approve(desk, "dave")
    assert (state(desk), desk.codes()) == ("pending_approval", ["STALE_APPROVAL"])


def test_an_approver_who_is_asked_already_may_still_decide_himself(desk: PaperDesk) -> None:
    desk.ask_for_gloves()
    away(desk, "olga", "dave")
    desk.work()
    assert approvals(desk) == {"olga": "asked", "dave": "asked"}
    approve(desk, "olga")
    assert (state(desk), approvals(desk)) == ("ordered", {"olga": "approved", "dave": "void"})


def test_a_deputy_signs_within_his_own_limit_and_a_superior_above_it(desk: PaperDesk) -> None:
    away(desk, "olga", "dave")
    desk.ask_for_gloves(100)  # 800: Olga's limit is 999, Dave's 500
    assert approvals(desk) == {"dora": "asked"}


def test_nobody_deputises_for_the_approver_of_his_own_request(desk: PaperDesk) -> None:
    away(desk, "olga", "dave")
    text = "Please order 10 boxes of nitrile gloves, size M (G-100), cost centre 4711."
    desk.receive(desk.person("dave"), "Gloves", text)
    assert approvals(desk) == {"dora": "asked"}


def test_a_deputy_who_is_away_himself_is_passed_over(desk: PaperDesk) -> None:
    away(desk, "olga", "dave")
    away(desk, "dave", None)
    desk.ask_for_gloves()
    assert approvals(desk) == {"dora": "asked"}


def test_whoever_signs_himself_is_no_deputy_in_another_step(desk: PaperDesk) -> None:
    away(desk, "olga", "dora")
    ask_for_tables(desk)  # Olga and then Dora sign; with Dora for Olga it would be one pair of eyes
    assert approvals(desk) == {"olga": "asked"}


def test_one_deputy_does_not_sign_for_two_approvers(desk: PaperDesk) -> None:
    with desk.rows() as session:
        session.scalars(select(Person).where(Person.email == desk.person("dave"))).one().approval_limit = Decimal(
            100000
        )
    away(desk, "olga", "dave")
    away(desk, "dora", "dave")
    ask_for_tables(desk)
    assert approvals(desk) == {"dave": "asked"}
    approve(desk, "dave")
    assert approvals(desk) == {"dave": "approved", "dora": "asked"}


def ask_for_tables(desk: PaperDesk) -> None:
    """Let Ada request what Olga (with a limit of 500 for it) and then Dora must approve."""
    text = "Please order 2 pieces of C-300, conference table oak 240 cm, cost centre 4711."
    desk.receive(desk.person("ada"), "Tables", text)


def test_a_deputy_who_may_not_sign_any_more_has_not_signed(desk: PaperDesk) -> None:
    away(desk, "olga", "dave")
    desk.ask_for_gloves()
    with desk.rows() as session:
        one = session.scalars(select(Approval)).one()
        one.state, one.due_at = "approved", None
        session.scalars(select(Person).where(Person.email == desk.person("dave"))).one().active = False
        requisition = desk.requisition(session)
        session.flush()
        assert not is_approved(session, requisition)


def test_who_comes_back_early_decides_again(desk: PaperDesk) -> None:
    away(desk, "olga", "dave")
    desk.ask_for_gloves()
    with desk.rows() as session:
        owner = session.get_one(Organisation, desk.organisation_id)
        assert come_back(session, owner, desk.person("olga"), "agent") == 1
    desk.work()
    assert approvals(desk) == {"dave": "void", "olga": "asked"}


@pytest.mark.parametrize(
    ("person", "to", "said"),
    [("nobody", "dave", "no active person"), ("olga", "ada", "may not sign"), ("olga", "olga", "for himself")],
)
def test_what_cannot_be_delegated_is_refused(desk: PaperDesk, person: str, to: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        away(desk, person, to)


def note(desk: PaperDesk, text: str, **fields: str) -> None:
    """Let Olga's mailbox answer the last request with an absence note."""
    asked = desk.outbox(desk.person("olga"))[-1]
    about = {"In_Reply_To": asked.message_id, "Auto_Submitted": "auto-replied"}
    desk.receive(desk.person("olga"), f"Automatic reply: {asked.subject}", text, **(about | fields))


def in_days(days: int) -> str:
    return (date.today() + timedelta(days=days)).strftime("%-d %B %Y")


def test_an_absence_note_lets_the_deputy_decide_that_it_names(desk: PaperDesk) -> None:
    desk.ask_for_gloves()
    text = f"I am out of the office until {in_days(9)}. In urgent cases please contact {desk.person('dave')}."
    note(desk, text)
    assert approvals(desk) == {"olga": "asked", "dave": "asked"}
    with desk.rows() as session:
        absence = session.scalars(select(Absence)).one()
        assert (absence.source, absence.deputy_email) == ("reply", desk.person("dave"))
        assert absence.ends_on == date.today() + timedelta(days=8)
    note(desk, text)
    assert len([one for one in desk.outbox(desk.person("olga")) if "in your place" in one.subject]) == 1
    approve(desk, "dave")
    assert (state(desk), desk.codes()) == ("ordered", [])


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("I am away until {back}. Please contact dave@north.example.", {"proven": "no"}),
        ("I am away until {back}. Please contact dave@north.example.", {"In_Reply_To": "<other@x.example>"}),
        ("I am out of the office. Please contact eve@evil.example.", {}),
        ("Thank you for your mail. It has arrived.", {}),
    ],
)
def test_a_note_that_is_not_proven_or_says_too_little_changes_nothing(
    desk: PaperDesk, text: str, fields: dict[str, str]
) -> None:
    desk.ask_for_gloves()
    note(desk, text.format(back=in_days(9)), **fields)
    with desk.rows() as session:
        assert session.scalars(select(Absence)).all() == []
    assert approvals(desk) == {"olga": "asked"}


def test_a_request_asks_for_absence_notes_and_other_mail_does_not(desk: PaperDesk) -> None:
    desk.order_gloves()
    assert desk.outbox(desk.person("olga"))[0].get("x-auto-response-suppress") == "DR, RN, NRN, AutoReply"
    assert desk.outbox(desk.person("ada"))[0].get("x-auto-response-suppress") == "All"


def test_a_superior_is_asked_as_well_when_all_reminders_were_in_vain(desk: PaperDesk) -> None:
    desk.ask_for_gloves()
    desk.clock.forward(days=7)
    desk.work()
    assert approvals(desk) == {"olga": "asked", "dora": "asked"}
    assert desk.codes() == []
    desk.clock.forward(days=7)
    desk.work()
    assert desk.codes() == ["NO_APPROVER"]
    approve(desk, "olga")
    assert (state(desk), approvals(desk), desk.codes()) == ("ordered", {"olga": "approved", "dora": "void"}, [])


def test_the_superior_who_was_asked_in_the_end_decides(desk: PaperDesk) -> None:
    desk.ask_for_gloves()
    desk.clock.forward(days=7)
    desk.work()
    approve(desk, "dora")
    assert (state(desk), approvals(desk)) == ("ordered", {"olga": "void", "dora": "approved"})


def test_a_condition_goes_back_to_the_requester_and_the_step_waits(desk: PaperDesk) -> None:
    desk.ask_for_gloves()
    approve(desk, "olga", "Approved if it is charged to project 7.")
    assert (state(desk), approvals(desk)) == ("pending_approval", {"olga": "question"})
    assert [text for text in texts(desk, "ada") if "Approved if it is charged to project 7." in text]
    desk.work()
    assert len([one for one in desk.outbox(desk.person("ada")) if "asks about" in one.subject]) == 1
    approve(desk, "olga")
    assert state(desk) == "ordered"
