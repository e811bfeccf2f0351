"""From a request to its approvals on both databases: who must sign, what two mails do, what a change undoes."""

from types import GeneratorType

import pytest
from sqlalchemy import func, select

from procurement.steps.signing import is_approved
from records.blobs import Blobs
from records.database import Database
from records.exceptions import hold
from records.problems import Code, Problem
from records.tables import (
    Approval,
    CostCenter,
    ExceptionItem,
    Message,
    Notice,
    Outbound,
    Person,
    PurchaseOrder,
    Requisition,
)
from tests.paper_desk import SERVER_STEPS, PaperDesk, fingerprint
from web.desk.resolution import correct, record_decision


@pytest.fixture
def desk(database: Database, blobs: Blobs) -> PaperDesk:
    return PaperDesk(database, blobs)


def ask_for_tables(desk: PaperDesk) -> None:
    """Let Ada request what Olga and then Dora must approve."""
    text = "Please order 2 boxes of nitrile gloves, size M (G-100), cost centre 4711."
    desk.deliver(desk.mail(desk.person("ada"), "Tables", text))
    desk.work(skip=SERVER_STEPS | {"check"})
    with desk.rows() as session:
        row = desk.requisition(session)
        row.corrections = {"/lines/0/item_number": "C-300", "/lines/0/description": "", "/lines/0/unit": "piece"}
    desk.work()


def approve(desk: PaperDesk, local: str, words: str = "Approved", **fields: str) -> int:
    person = desk.person(local)
    asked = [mail for mail in desk.outbox(person) if "[#" in mail.subject]
    return desk.reply(person, asked[-1], words, **fields)


def approvals(desk: PaperDesk) -> dict[str, str]:
    with desk.rows() as session:
        return {one.approver.email.split("@")[0]: one.state for one in session.scalars(select(Approval))}


def state(desk: PaperDesk) -> str:
    with desk.rows() as session:
        return desk.requisition(session).state


def test_whoever_must_sign_is_asked_one_after_the_other(desk: PaperDesk) -> None:
    ask_for_tables(desk)
    assert approvals(desk) == {"olga": "asked"}
    approve(desk, "olga")
    assert approvals(desk) == {"olga": "approved", "dora": "asked"}
    approve(desk, "dora")
    assert state(desk) == "ordered"


def test_an_approver_who_leaves_does_not_leave_his_step_to_the_next_one(desk: PaperDesk) -> None:
    ask_for_tables(desk)
    approve(desk, "olga")
    with desk.rows() as session:
        session.scalars(select(CostCenter)).one().owner_email = desk.person("dora")
        desk.requisition(session).due_at = desk.clock.now
    desk.work()
    with desk.rows() as session:
        requisition = desk.requisition(session)
        assert (requisition.state, is_approved(session, requisition)) == ("pending_approval", False)
        assert desk.orders(session) == []


def test_an_open_question_to_somebody_who_left_goes_to_who_signs_in_his_place(desk: PaperDesk) -> None:
    desk.ask_for_gloves()
    with desk.rows() as session:
        session.scalars(select(Person).where(Person.email == desk.person("olga"))).one().active = False
        desk.requisition(session).due_at = desk.clock.now
    desk.work()
    assert approvals(desk) == {"olga": "void", "dora": "asked"}
    approve(desk, "dora")
    assert state(desk) == "ordered"


def test_the_first_of_two_decisions_stands(desk: PaperDesk) -> None:
    desk.ask_for_gloves()
    asked = desk.outbox(desk.person("olga"))[-1]
    about = {"In_Reply_To": asked.message_id}
    for words in ("Rejected", "Approved"):
        desk.deliver(desk.mail(desk.person("olga"), f"Re: {asked.subject}", words, **about))
    desk.work()
    assert (state(desk), approvals(desk)["olga"]) in (("rejected", "rejected"), ("ordered", "approved"))
    assert desk.codes() == ["STALE_APPROVAL"]


def test_running_every_step_again_changes_nothing(desk: PaperDesk) -> None:
    desk.order_gloves()
    before = fingerprint(desk.database)
    desk.work()
    assert fingerprint(desk.database) == before


@pytest.mark.parametrize("step", ["file", "check", "route", "order", "issue", "write"])
def test_a_step_that_fails_leaves_no_trace_and_goes_through_later(
    desk: PaperDesk, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = (Requisition, Approval, PurchaseOrder, Notice, Outbound)

    def rows() -> list[int]:
        with desk.rows() as session:
            return [session.scalar(select(func.count()).select_from(table)) or 0 for table in counted]

    desk.deliver(
        desk.mail(desk.person("ada"), "Gloves", "Please order 2 boxes of nitrile gloves M (G-100), cost centre 4711.")
    )
    place = desk.runner._by_place
    real = next(one for one in desk.runner.steps if one.name == step)
    assert place[real.table, real.state] is real
    desk.work(skip=SERVER_STEPS | {step})
    before = rows()

    def failing(session, row, *args, **kwargs):  # type: ignore[no-untyped-def]
        answer = real.run(session, row)
        if isinstance(answer, GeneratorType):
            for _ in answer:
                session.flush()
        session.flush()
        raise ZeroDivisionError

    due = [row_id for one, row_id in desk.runner.due() if one is real]
    broken = type(real)(real.name, real.table, real.state, failing)
    for row_id in due:
        assert desk.runner.run(broken, row_id)
    assert rows() == before
    desk.clock.forward(minutes=1)
    desk.work()
    assert (state(desk), desk.codes()) == ("ordered", [])
    assert len(desk.outbox(desk.glover)) == 1


def test_a_decision_that_comes_while_route_runs_is_not_lost(desk: PaperDesk) -> None:
    desk.ask_for_gloves()
    with desk.rows() as session:
        desk.requisition(session).due_at = desk.clock.now
        number = session.scalars(select(Approval.id)).one()
    desk.work()
    with desk.rows() as session:
        record_decision(session, number, "approved", desk.person("olga"), "agent", "on paper")
    desk.work()
    assert state(desk) == "ordered"


def test_a_change_while_approvals_are_open_is_checked_and_asked_anew(desk: PaperDesk) -> None:
    desk.ask_for_gloves(10)
    with desk.rows() as session:
        row = desk.requisition(session)
        item = hold(session, row, "route", [Problem(Code.NO_APPROVER, "Nobody signs.")], "agent")
        first = row.revision_hash
        correct(session, item, ["/lines/0/quantity=20"], "agent")
    desk.work()
    stale = desk.outbox(desk.person("olga"))[0]
    with desk.rows() as session:
        assert desk.requisition(session).revision_hash != first
    desk.reply(desk.person("olga"), stale, "Approved")
    assert state(desk) == "pending_approval"
    assert desk.codes() == ["STALE_APPROVAL"]
    approve(desk, "olga")
    with desk.rows() as session:
        assert desk.orders(session)[0].lines[0].quantity == 20


def test_what_becomes_again_what_it_was_is_asked_again(desk: PaperDesk) -> None:
    desk.ask_for_gloves(10)
    for quantity in (20, 10):
        with desk.rows() as session:
            row = desk.requisition(session)
            item = hold(session, row, "route", [Problem(Code.NO_APPROVER, "Nobody signs.")], "agent")
            correct(session, item, [f"/lines/0/quantity={quantity}"], "agent")
        desk.clock.forward(days=3)  # reminders find that what they were about is over
        desk.work()
    desk.clock.forward(days=3)
    desk.work()
    approve(desk, "olga")
    assert state(desk) == "ordered"
    assert "GAVE_UP" not in desk.codes()


def test_a_request_that_nobody_wants_any_more_is_closed_by_hand(desk: PaperDesk) -> None:
    desk.ask_for_gloves()
    with desk.rows() as session:
        item = hold(session, desk.requisition(session), "route", [Problem(Code.NO_APPROVER, "Nobody.")], "agent")
        correct(session, item, ["/handled=Ada called it off"], "agent")
    desk.work()
    assert (state(desk), approvals(desk)) == ("withdrawn", {"olga": "void"})
    approve(desk, "olga")
    assert (state(desk), desk.codes()) == ("withdrawn", ["STALE_APPROVAL"])


def test_a_late_answer_closes_what_was_open_about_it(desk: PaperDesk) -> None:
    desk.works_always()
    desk.ask_for_gloves()
    for _ in range(2):  # first a superior is asked as well, then the client is told
        desk.clock.forward(days=7)
        desk.work()
    assert "NO_APPROVER" in desk.codes()
    approve(desk, "olga")
    assert (state(desk), desk.codes()) == ("ordered", [])


def test_an_outsider_cannot_change_a_request_that_waits_for_an_answer(desk: PaperDesk) -> None:
    desk.receive(desk.person("ada"), "Gloves", "Please order 10 boxes of nitrile gloves, size M (G-100).")
    told = desk.outbox(desk.person("ada"))[-1]
    text = "Please order 999 boxes of nitrile gloves, size M (G-100), cost centre 4711."
    desk.reply(desk.person("ada"), told, text, proven="no")
    with desk.rows() as session:
        assert desk.requisition(session).state == "incomplete"
        assert {item.subject_table for item in desk.held(session)} == {"message", "requisition"}
    desk.reply(desk.person("ada"), told, "Cost centre 4711, please.")
    assert state(desk) in ("pending_approval", "incomplete")


def test_every_message_is_filed_or_has_an_open_exception(desk: PaperDesk) -> None:
    desk.order_gloves()
    for sender in (desk.person("vera"), desk.glover, "eve@evil.example", desk.person("ada")):
        desk.receive(sender, "Hello [#ABCDEFGHIJKLMNOPQRSTUVWXYZ] PO-2026-00001", "Approved. Please order 3 of it.")
    with desk.rows() as session:
        open_ids = set(
            session.scalars(select(ExceptionItem.subject_id).where(ExceptionItem.subject_table == "message"))
        )
        for row in session.scalars(select(Message)):
            assert row.state in ("filed", "duplicate", "automatic") or row.id in open_ids
