"""What a supplier answers on the page of his order goes the way of every answer."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from parsers.message import parse_message
from parsers.reading import LineStatus
from procurement.steps.supplier_link import LINK_DAYS, link_behind, new_link
from records.blobs import Blobs
from records.database import Database
from records.tables import Message, OrderLine, OrderResponse, PurchaseOrder
from tests.paper_desk import PaperDesk
from web.desk.refused import CommandError
from web.desk.supplier_answer import LineAnswer, SupplierAnswer, take_answer


@pytest.fixture
def desk(database: Database, blobs: Blobs) -> PaperDesk:
    desk = PaperDesk(database, blobs)
    desk.order_gloves()
    return desk


def token_of(desk: PaperDesk) -> str:
    with desk.rows() as session:
        return new_link(session, desk.orders(session)[-1], desk.clock.now)


def answer(desk: PaperDesk, token: str, *lines: LineAnswer, name: str = "Gus Glover", note: str | None = None) -> int:
    with desk.rows() as session:
        link = link_behind(session, token, desk.clock.now)
        assert link is not None
        message = take_answer(session, desk.blobs, link, SupplierAnswer(name, lines, note=note), desk.clock.now)
        number = message.id
    desk.work()
    return number


ACCEPT = LineAnswer(1, LineStatus.ACCEPTED)


def test_an_acceptance_on_the_page_is_applied_like_one_by_mail(desk: PaperDesk) -> None:
    answer(desk, token_of(desk), ACCEPT)
    with desk.rows() as session:
        (order,) = desk.orders(session)
        assert (order.acknowledgement, order.lines[0].acknowledgement) == ("accepted", "accepted")
        assert session.scalars(select(OrderResponse.state)).all() == ["applied"]
    assert desk.codes() == []


def test_a_change_beyond_tolerance_waits_for_the_buyer_with_its_evidence(desk: PaperDesk) -> None:
    line = LineAnswer(1, LineStatus.CHANGED, unit_price=Decimal("9.10"), promised_on=date(2027, 3, 1))
    number = answer(desk, token_of(desk), line, note="Sorry, latex is dear.")
    assert "RESPONSE_OUT_OF_TOLERANCE" in desk.codes()
    with desk.rows() as session:
        message = session.get_one(Message, number)
        reading = message.reading or {}
        text = str(parse_message(desk.blobs.get(message.raw_sha256)).leaves[0].text)
        for pointer in ("/lines/0/unit_price", "/lines/0/promised_on", "/order_numbers/0"):
            start, end = reading["evidence"][pointer]["span"]
            assert text[start:end] == reading["evidence"][pointer]["text"], pointer
        assert session.scalars(select(OrderLine.agreed_price)).all() == [None]


def test_the_same_answer_twice_counts_once_and_another_one_after_it_counts(desk: PaperDesk) -> None:
    token = token_of(desk)
    first = answer(desk, token, ACCEPT)
    assert answer(desk, token, ACCEPT) == first
    assert answer(desk, token, LineAnswer(1, LineStatus.REJECTED)) != first
    with desk.rows() as session:
        assert session.scalar(select(func.count()).select_from(OrderResponse)) == 2


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (LineAnswer(7, LineStatus.ACCEPTED), "each line of the order once"),
        (LineAnswer(1, LineStatus.CHANGED), "what changes"),
        (LineAnswer(1, LineStatus.CHANGED, quantity=Decimal("-1")), "from 0"),
        (LineAnswer(1, LineStatus.CHANGED, unit_price=Decimal("NaN")), "from 0"),
        (LineAnswer(1, LineStatus.BACKORDERED), "when the rest comes"),
    ],
)
def test_an_answer_that_says_nothing_definite_is_sent_back_with_a_sentence(
    desk: PaperDesk, line: LineAnswer, told: str
) -> None:
    with pytest.raises(CommandError, match=told):
        answer(desk, token_of(desk), line)


def test_an_answer_without_a_name_or_without_lines_changes_nothing(desk: PaperDesk) -> None:
    token = token_of(desk)
    with pytest.raises(CommandError, match="your name"):
        answer(desk, token, ACCEPT, name=" ")
    with pytest.raises(CommandError, match="at least one line"):
        answer(desk, token)
    with desk.rows() as session:
        assert session.scalar(select(func.count()).select_from(OrderResponse)) == 0


def test_a_page_of_an_older_revision_or_of_a_closed_order_takes_no_answer(desk: PaperDesk) -> None:
    token = token_of(desk)
    with desk.rows() as session:
        desk.orders(session)[0].revision = 2
    with pytest.raises(CommandError, match="revision 2"):
        answer(desk, token, ACCEPT)
    with desk.rows() as session:
        order = desk.orders(session)[0]
        order.revision, order.state = 1, "cancelled"
    with pytest.raises(CommandError, match="cancelled"):
        answer(desk, token, ACCEPT)


def test_a_link_opens_nothing_when_its_time_is_over_or_it_was_guessed(desk: PaperDesk) -> None:
    token = token_of(desk)
    with desk.rows() as session:
        assert link_behind(session, token, desk.clock.now + timedelta(days=LINK_DAYS + 1)) is None
        assert link_behind(session, "A" * 26, desk.clock.now) is None
        assert session.scalar(select(func.count()).select_from(PurchaseOrder)) == 1


def test_control_signs_and_line_ends_in_a_name_stay_within_one_line(desk: PaperDesk) -> None:
    number = answer(desk, token_of(desk), ACCEPT, name="Gus\r\nBcc: x@evil.example\x00")
    with desk.rows() as session:
        raw = desk.blobs.get(session.get_one(Message, number).raw_sha256)
    assert b"\nBcc:" not in raw.partition(b"\r\n\r\n")[0]
    assert "by Gus Bcc: x@evil.example." in str(parse_message(raw).leaves[0].text)
