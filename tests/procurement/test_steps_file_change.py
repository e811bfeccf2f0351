from decimal import Decimal

import pytest
from sqlalchemy import select

from records.blobs import Blobs
from records.database import Database
from records.tables import ChangeOrder
from tests.journeys.world import plain
from tests.paper_desk import PaperDesk
from web.desk.resolution import correct, waive_all


@pytest.fixture
def desk(sqlite_database: Database, blobs: Blobs) -> PaperDesk:
    return PaperDesk(sqlite_database, blobs)


def ask(desk: PaperDesk, text: str, who: str = "ada", **fields: str) -> None:
    """Let somebody answer the mail that told Ada of her order."""
    told = [mail for mail in desk.outbox(desk.person("ada")) if "PO-" in mail.subject or "PO-" in plain(mail)][-1]
    desk.reply(desk.person(who), told, text, **fields)


def drafted(desk: PaperDesk) -> list[tuple[str, str, str]]:
    with desk.rows() as session:
        found = session.scalars(select(ChangeOrder).order_by(ChangeOrder.id))
        return [(one.kind, one.state, one.requested_by) for one in found]


def test_the_requesters_new_quantity_is_put_to_the_approver_in_his_words(desk: PaperDesk) -> None:
    desk.order_gloves()
    ask(desk, "Please change the order: make it 12 boxes of nitrile gloves instead of 10.\n\nAda")
    assert drafted(desk) == [("change", "pending_approval", desk.person("ada"))]
    asked = plain(desk.outbox(desk.person("olga"))[-1])
    assert "quantity 10 → 12" in asked and "make it 12 boxes" in asked


def test_a_new_mail_that_names_the_order_changes_it_too(desk: PaperDesk) -> None:
    desk.order_gloves()
    with desk.rows() as session:
        number = desk.orders(session)[0].number
    text = f"Please make it 9 boxes of nitrile gloves instead of 10 for {number}."
    desk.receive(desk.person("ada"), f"Change of order {number}", text)
    assert drafted(desk) == [("change", "issued", desk.person("ada"))]
    with desk.rows() as session:
        assert desk.orders(session)[0].lines[0].quantity == Decimal(9)


def test_the_requesters_cancellation_asks_the_supplier(desk: PaperDesk) -> None:
    desk.order_gloves()
    ask(desk, "Please cancel this order, we do not need it any more.\n\nAda")
    assert drafted(desk) == [("cancellation", "issued", desk.person("ada"))]
    assert "we do not need it any more" in plain(desk.outbox(desk.glover)[-1])


@pytest.mark.parametrize(
    "text",
    [
        "Please cancel line 1 of this order.",
        "Please cancel 5 of the 10 boxes of this order.",
        "Please change the order: 12 boxes of nitrile gloves instead of 10, and 3 of the large ones instead of 5.",
        "Please change the order somehow, you know what I mean.",
    ],
)
def test_what_is_not_plain_waits_for_the_buyer_and_nothing_changes(desk: PaperDesk, text: str) -> None:
    desk.order_gloves()
    ask(desk, text)
    assert drafted(desk) == []
    with desk.rows() as session:
        assert [item.subject_table for item in desk.held(session)] == ["message"]
        assert desk.orders(session)[0].revision == 1


def test_a_colleague_who_did_not_request_it_changes_nothing(desk: PaperDesk) -> None:
    desk.order_gloves()
    ask(desk, "Please cancel this order, we do not need it any more.", who="dora")
    assert drafted(desk) == []
    assert desk.codes() == ["UNCLASSIFIED"]


def test_a_mail_that_only_the_envelope_vouches_for_is_waived_by_a_person_first(desk: PaperDesk) -> None:
    desk.order_gloves()
    ask(desk, "Please cancel this order, we do not need it any more.", proven="envelope")
    assert (drafted(desk), desk.codes()) == ([], ["SENDER_NOT_AUTHENTICATED"])
    with desk.rows() as session:
        waive_all(session, desk.held(session)[0], "SENDER_NOT_AUTHENTICATED", None, "buyer", "asked her")
    desk.work()
    assert drafted(desk)[0][0] == "cancellation"


def test_a_buyer_says_what_an_unclear_wish_means_and_it_goes_on(desk: PaperDesk) -> None:
    desk.order_gloves()
    ask(desk, "Please change the order somehow, you know what I mean.")
    with desk.rows() as session:
        values = ["/kind=order_change", "/lines/0/line_number=1", "/lines/0/quantity=9"]
        correct(session, desk.held(session)[0], values, "buyer")
    desk.work()
    assert drafted(desk) == [("change", "issued", desk.person("ada"))]


def test_an_unclear_answer_to_a_cancellation_is_settled_by_the_buyer(desk: PaperDesk) -> None:
    desk.order_gloves()
    ask(desk, "Please cancel this order, we do not need it any more.")
    desk.reply(desk.glover, desk.outbox(desk.glover)[-1], "Cancelled, but we charge 50 EUR.")
    with desk.rows() as session:
        correct(session, desk.held(session)[0], ["/response=rejected"], "buyer")
    desk.work()
    assert drafted(desk)[0][1] == "refused"
    with desk.rows() as session:
        assert desk.orders(session)[0].state == "issued"
