from decimal import Decimal

import pytest
from sqlalchemy import select

from procurement.change_order import LineWish, Wish
from procurement.steps.change import draft_change
from procurement.steps.drawings import drawn_on, settle_drawings
from records.blobs import Blobs
from records.database import Database
from records.tables import Approval, ChangeOrder, CostCenter, OrderRevision, Requisition
from tests.journeys.world import pdf, plain
from tests.paper_desk import PaperDesk


@pytest.fixture
def desk(database: Database, blobs: Blobs) -> PaperDesk:
    return PaperDesk(database, blobs)


def change(desk: PaperDesk, wish: Wish, by: str = "buyer@north.example", source: str = "buyer") -> ChangeOrder:
    with desk.rows() as session:
        (order,) = desk.orders(session)
        drafted = draft_change(session, order, wish, by=by, reason="More is needed.", source=source)
        assert isinstance(drafted, ChangeOrder), drafted
    desk.work()
    return drafted


def quantity(boxes: str) -> Wish:
    return Wish((LineWish(1, quantity=Decimal(boxes)),))


def states(desk: PaperDesk) -> list[str]:
    with desk.rows() as session:
        return list(session.scalars(select(ChangeOrder.state).order_by(ChangeOrder.id)))


def standing(desk: PaperDesk) -> tuple[int, Decimal, str]:
    with desk.rows() as session:
        (order,) = desk.orders(session)
        return order.revision, order.lines[0].quantity, order.acknowledgement


def test_less_than_was_signed_goes_out_without_asking_again(desk: PaperDesk) -> None:
    first = desk.order_gloves()
    change(desk, quantity("9"))
    assert states(desk) == ["issued"]
    assert standing(desk) == (2, Decimal(9), "awaiting")
    mail = desk.outbox(desk.glover)[-1]
    assert "revision 2" in mail.subject and first.message_id in mail.references
    assert "Quantity: 10 → 9" in plain(mail) and "replaces revision 1" in plain(mail)
    assert pdf(mail).startswith(b"%PDF-")
    assert len(desk.outbox(desk.person("olga"))) == 1
    told = desk.outbox(desk.person("ada"))[-1]
    assert "10 → 9" in plain(told)


def test_more_than_was_signed_waits_for_the_approver_and_the_order_stays_as_it_is(desk: PaperDesk) -> None:
    desk.order_gloves()
    change(desk, quantity("12"))
    assert states(desk) == ["pending_approval"]
    assert standing(desk) == (1, Decimal(10), "awaiting")
    asked = desk.outbox(desk.person("olga"))[-1]
    assert "quantity 10 → 12" in plain(asked) and "96.00" in plain(asked)
    desk.reply(desk.person("olga"), asked, "Approved")
    assert states(desk) == ["issued"]
    assert standing(desk) == (2, Decimal(12), "awaiting")
    assert len(desk.outbox(desk.glover)) == 2


def test_a_refused_change_leaves_the_order_and_tells_the_requester(desk: PaperDesk) -> None:
    desk.order_gloves()
    change(desk, quantity("12"))
    desk.reply(desk.person("olga"), desk.outbox(desk.person("olga"))[-1], "Rejected, ten will do.")
    assert states(desk) == ["rejected"]
    assert standing(desk) == (1, Decimal(10), "awaiting")
    assert "ten will do" in plain(desk.outbox(desk.person("ada"))[-1])


def test_an_increase_over_the_rule_asks_everybody_whom_the_new_rule_names(desk: PaperDesk) -> None:
    desk.order_gloves()
    change(desk, quantity("200"))
    desk.reply(desk.person("olga"), desk.outbox(desk.person("olga"))[-1], "Approved")
    assert states(desk) == ["pending_approval"]
    desk.reply(desk.person("dora"), desk.outbox(desk.person("dora"))[-1], "Approved")
    assert states(desk) == ["issued"]


def test_what_was_signed_once_covers_a_return_to_it(desk: PaperDesk) -> None:
    desk.order_gloves()
    change(desk, quantity("8"))
    desk.reply(desk.glover, desk.outbox(desk.glover)[-1], "We confirm your order.")
    change(desk, quantity("10"))
    assert states(desk) == ["accepted", "issued"]
    change(desk, quantity("11"))
    assert states(desk) == ["accepted", "issued", "pending_approval"]


def test_another_owner_of_the_cost_centre_is_asked_even_for_less(desk: PaperDesk) -> None:
    desk.order_gloves()
    with desk.rows() as session:
        session.scalars(select(CostCenter)).one().owner_email = desk.person("dora")
    change(desk, quantity("9"))
    assert states(desk) == ["pending_approval"]
    desk.reply(desk.person("dora"), desk.outbox(desk.person("dora"))[-1], "Approved")
    assert states(desk) == ["issued"]


def test_the_suppliers_yes_accepts_the_revision_and_his_no_refuses_it(desk: PaperDesk) -> None:
    desk.order_gloves()
    change(desk, quantity("9"))
    desk.reply(desk.glover, desk.outbox(desk.glover)[-1], "Thank you, we confirm your order as written.")
    assert states(desk) == ["accepted"]
    assert standing(desk) == (2, Decimal(9), "accepted")


def test_an_answer_to_the_revision_before_is_stale(desk: PaperDesk) -> None:
    first = desk.order_gloves()
    change(desk, quantity("9"))
    desk.reply(desk.glover, first, "We confirm your order.")
    assert desk.codes() == ["STALE_REVISION"]
    assert standing(desk)[2] == "awaiting"
    assert states(desk) == ["issued"]


def test_one_change_at_a_time_waits(desk: PaperDesk) -> None:
    desk.order_gloves()
    change(desk, quantity("12"))
    with desk.rows() as session:
        refused = draft_change(
            session, desk.orders(session)[0], quantity("9"), by="b@north.example", reason="x", source="buyer"
        )
        assert isinstance(refused, tuple) and "withdraw it first" in refused[0].detail


def test_the_budget_counts_the_difference_only(desk: PaperDesk) -> None:
    desk.order_gloves()
    change(desk, quantity("9"))
    with desk.rows() as session:
        settle_drawings(session, desk.organisation_id)
        drawn = drawn_on(session, desk.organisation_id, "budget", "4711")
        contract = drawn_on(session, desk.organisation_id, "contract", "K-1")
    assert sum(drawn) == Decimal("72.00") and sum(contract) == Decimal("72.00")


def test_each_revision_is_kept_as_it_went_out(desk: PaperDesk) -> None:
    desk.order_gloves()
    change(desk, quantity("9"))
    with desk.rows() as session:
        kept = session.execute(select(OrderRevision.revision, OrderRevision.net_total).order_by(OrderRevision.revision))
        assert [tuple(row) for row in kept] == [(1, Decimal("80.00")), (2, Decimal("72.00"))]
        assert session.scalars(select(Requisition.state).order_by(Requisition.id)).all() == ["ordered", "ordered"]


def test_nobody_signs_for_a_change_that_he_asked_for(desk: PaperDesk) -> None:
    desk.order_gloves()
    change(desk, quantity("12"), by=desk.person("olga"))
    desk.reply(desk.person("olga"), desk.outbox(desk.person("olga"))[-1], "Approved")
    assert states(desk) == ["pending_approval"]
    assert desk.codes() == ["NO_APPROVER"]


def test_running_every_step_again_changes_nothing(desk: PaperDesk) -> None:
    desk.order_gloves()
    change(desk, quantity("12"))
    with desk.rows() as session:
        session.scalars(select(ChangeOrder)).one().due_at = desk.clock.now
        asked = session.scalars(select(Approval.id)).all()
    desk.work()
    with desk.rows() as session:
        assert session.scalars(select(Approval.id)).all() == asked
    assert states(desk) == ["pending_approval"]
