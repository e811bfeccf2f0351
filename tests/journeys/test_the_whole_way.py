from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select

from records.audit import faults
from records.tables import Approval, OrderResponse, Organisation, Outbound
from tests.journeys.people import in_days
from tests.journeys.world import Desk, pdf, plain
from web.desk.accounting import accounts
from web.desk.resolution import correct
from web.desk.responses import accept_lines

REQUEST = """Hi,

could you please order 10 boxes of nitrile gloves, size M?
We need them by {day}. Please charge cost centre 4711.

Thanks,
Ada
"""


def paper(quantity: int = 2, coding: str = "\nCost centre: 4711\n") -> str:
    """Return a request for paper as a list."""
    return f"Please order:\n\n- {quantity} boxes copy paper A4 80 g (P-200)\n{coding}"


def request_gloves(desk: Desk) -> None:
    desk.write(desk.person("ada"), "Gloves for the lab", REQUEST.format(day=in_days(21)))
    desk.work()


def test_a_request_is_approved_ordered_and_its_confirmation_understood(desk: Desk) -> None:
    request_gloves(desk)
    asked = desk.inbox(desk.person("olga"))[-1]
    assert "80.00" in plain(asked)
    assert desk.inbox(desk.glover) == []

    desk.answer(desk.person("olga"), asked, "Approved")
    desk.work()
    order = desk.inbox(desk.glover)[-1]
    assert "PO-" in order.subject
    assert pdf(order).startswith(b"%PDF-")

    desk.answer(desk.glover, order, "Thank you, we confirm your order as written.\n\nJan\nHandmade Gloves Ltd")
    desk.work()
    with desk.rows() as session:
        row = desk.orders(session)[0]
        assert (row.state, row.acknowledgement) == ("issued", "accepted")
        assert row.lines[0].agreed_quantity == Decimal(10)
        assert desk.held(session) == []
        organisation = session.scalars(select(Organisation)).one()
        assert list(faults(session, organisation.id)) == []
        account = accounts(session)[0]
        assert (account.accepted, account.processed, account.unaccounted) == (3, 3, 0)
    told = [mail.subject for mail in desk.inbox(desk.person("ada"))]
    assert len(told) == 3  # received, ordered, confirmed


def test_no_order_goes_out_on_a_refusal(desk: Desk) -> None:
    request_gloves(desk)
    desk.answer(desk.person("olga"), desk.inbox(desk.person("olga"))[-1], "Rejected, we have enough of them.")
    desk.work()
    with desk.rows() as session:
        assert desk.requisition(session).state == "rejected"
        assert desk.orders(session) == []
    assert "enough of them" in plain(desk.inbox(desk.person("ada"))[-1])


def test_an_approval_by_a_stranger_who_knows_the_token_does_not_count(desk: Desk) -> None:
    request_gloves(desk)
    asked = desk.inbox(desk.person("olga"))[-1]
    desk.answer(desk.person("olga"), asked, "Approved", login=None)
    desk.answer(desk.person("ada"), asked, "Approved")
    desk.work()
    with desk.rows() as session:
        assert desk.requisition(session).state == "pending_approval"
        codes = {problem["code"] for item in desk.held(session) for problem in item.problems}
        assert codes == {"SENDER_NOT_AUTHENTICATED"}
    assert desk.inbox(desk.glover) == []


def test_an_unclear_answer_is_asked_again_and_the_next_one_decides(desk: Desk) -> None:
    request_gloves(desk)
    desk.answer(desk.person("olga"), desk.inbox(desk.person("olga"))[-1], "Hm, I will look at it some time.")
    desk.work()
    again = desk.inbox(desk.person("olga"))
    assert len(again) == 2
    desk.answer(desk.person("olga"), again[-1], "Approved", quote=False)
    desk.work()
    assert len(desk.inbox(desk.glover)) == 1


def test_a_large_request_needs_both_approvers_one_after_the_other(desk: Desk) -> None:
    text = f"Please order 2 conference tables oak 240 cm (C-300), cost centre 4711, by {in_days(30)}."
    desk.write(desk.person("ada"), "Tables", text)
    desk.work()
    assert desk.inbox(desk.person("dora")) == []
    desk.answer(desk.person("olga"), desk.inbox(desk.person("olga"))[-1], "Approved")
    desk.work()
    assert desk.inbox(desk.krause) == []
    desk.answer(desk.person("dora"), desk.inbox(desk.person("dora"))[-1], "Approved")
    desk.work()
    assert len(desk.inbox(desk.krause)) == 1
    assert "Bestellung" in desk.inbox(desk.krause)[0].subject


def test_a_small_request_is_approved_by_the_policy_itself(desk: Desk) -> None:
    desk.write(desk.person("ada"), "Paper", paper())
    desk.work()
    with desk.rows() as session:
        assert session.scalars(select(Approval)).all() == []
    assert len(desk.inbox(desk.krause)) == 1


def test_what_a_machine_should_not_decide_waits_and_goes_on_once_corrected(desk: Desk) -> None:
    desk.write(desk.person("ada"), "Paper", paper(coding=""))
    desk.work()
    with desk.rows() as session:
        items = desk.held(session)
        assert [problem["code"] for problem in items[0].problems] == ["CODING_MISSING", "BUDGET_UNKNOWN"]
        correct(session, items[0], ["/cost_center=4711"], "agent")
    desk.work()
    assert len(desk.inbox(desk.krause)) == 1


def standing(desk: Desk) -> list[tuple[str, Decimal]]:
    """Return of each order how it is acknowledged, and the price of its first line."""
    with desk.rows() as session:
        return [(order.acknowledgement, order.lines[0].unit_price) for order in desk.orders(session)]


def test_a_price_beyond_tolerance_waits_for_the_buyer_who_accepts_it(desk: Desk) -> None:
    request_gloves(desk)
    desk.answer(desk.person("olga"), desk.inbox(desk.person("olga"))[-1], "Approved")
    desk.work()
    order = desk.inbox(desk.glover)[-1]
    text = "We confirm, but the price of HG-7 nitrile gloves is now EUR 9.50 per box, 10 boxes."
    desk.answer(desk.glover, order, text)
    desk.work()
    with desk.rows() as session:
        items = desk.held(session)
        assert [item.owner for item in items] == ["buyer"]
        assert {problem["code"] for problem in items[0].problems} == {"RESPONSE_OUT_OF_TOLERANCE"}
        assert desk.orders(session)[0].lines[0].agreed_price is None
        (response,) = session.scalars(select(OrderResponse)).all()
        accept_lines(session, response, ["1"], "buyer", "market price")
    desk.work()
    assert standing(desk) == [("awaiting", Decimal("8.00"))]  # dearer than approved: Olga is asked again
    desk.answer(desk.person("olga"), desk.inbox(desk.person("olga"))[-1], "Approved")
    for hours in (0, 2, 4, 6):
        desk.later(hours=hours)
        desk.work()
    assert standing(desk) == [("accepted", Decimal("9.50"))]
    assert any("revision 2" in mail.subject for mail in desk.inbox(desk.glover))


def test_a_supplier_who_is_silent_is_reminded_twice_and_then_overdue(desk: Desk) -> None:
    request_gloves(desk)
    desk.answer(desk.person("olga"), desk.inbox(desk.person("olga"))[-1], "Approved")
    desk.work()
    with desk.rows() as session:  # it works day and night, so that reminders come whenever the test runs
        week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        always = {"starts": "00:00", "ends": "23:59", "country": "ZZ", "days": week}
        session.scalars(select(Organisation)).one().calendar = always
    for days, mails in ((1, 1), (2.1, 2), (4.1, 3), (7.1, 3)):
        desk.later(days=days)
        desk.work()
        assert len(desk.inbox(desk.glover)) == mails
    with desk.rows() as session:
        assert desk.orders(session)[0].acknowledgement == "overdue"
        assert [item.problems[0]["code"] for item in desk.held(session)] == ["RESPONSE_OVERDUE"]


def test_a_stranger_who_quotes_the_order_number_changes_nothing(desk: Desk) -> None:
    request_gloves(desk)
    desk.answer(desk.person("olga"), desk.inbox(desk.person("olga"))[-1], "Approved")
    desk.work()
    order = desk.inbox(desk.glover)[-1]
    desk.answer(f"mallory@evil-{desk.slug}.example", order, "We confirm your order.")
    desk.work()
    with desk.rows() as session:
        assert desk.orders(session)[0].acknowledgement == "awaiting"
        assert [item.problems[0]["code"] for item in desk.held(session)] == ["UNKNOWN_SENDER"]


def test_somebody_without_the_right_to_request_is_refused_politely(desk: Desk) -> None:
    desk.write(desk.person("vera"), "Paper", paper())
    desk.work()
    assert len(desk.inbox(desk.person("vera"))) == 1
    assert desk.inbox(desk.krause) == []


def test_the_same_mail_in_twice_is_applied_once(desk: Desk) -> None:
    mail = desk.compose(desk.person("ada"), "Paper", paper())
    for _ in range(2):
        desk.border.submit(desk.person("ada"), desk.address, mail.as_bytes().replace(b"\n", b"\r\n"))
    desk.work()
    with desk.rows() as session:
        assert sorted(message.state for message in desk.messages(session)) == ["duplicate", "filed"]
    assert len(desk.inbox(desk.krause)) == 1


def test_a_bounced_order_is_told_to_somebody(desk: Desk) -> None:
    request_gloves(desk)
    desk.border.refused.add(desk.glover)
    try:
        desk.answer(desk.person("olga"), desk.inbox(desk.person("olga"))[-1], "Approved")
        desk.work()
    finally:
        desk.border.refused.discard(desk.glover)
    with desk.rows() as session:
        assert [row.state for row in session.scalars(select(Outbound)) if row.kind == "order"] == ["failed"]
        assert [item.problems[0]["code"] for item in desk.held(session)] == ["BOUNCED"]


def test_a_purchase_split_below_the_limit_is_held(desk: Desk) -> None:
    for quantity in (1, 2):
        desk.write(desk.person("ada"), f"Paper {quantity}", paper(quantity))
        desk.work()
    with desk.rows() as session:
        assert len(desk.orders(session)) == 1
        (item,) = desk.held(session)
        assert [problem["code"] for problem in item.problems] == ["SPLIT_SUSPECT"]


def test_numbers_follow_each_other_without_gaps(desk: Desk) -> None:
    desk.ask_no_more_of_small_requests()
    for quantity in (1, 2):
        desk.write(desk.person("ada"), f"Paper {quantity}", paper(quantity))
        desk.work()
    with desk.rows() as session:
        year = date.today().year
        assert [row.number for row in desk.orders(session)] == [f"PO-{year}-00001", f"PO-{year}-00002"]


def test_a_date_within_tolerance_is_applied_and_the_requester_told(desk: Desk) -> None:
    request_gloves(desk)
    desk.answer(desk.person("olga"), desk.inbox(desk.person("olga"))[-1], "Approved")
    desk.work()
    day = date.today() + timedelta(days=23)
    text = f"Confirmed, but HG-7 nitrile gloves will only be delivered on {day:%-d %B %Y}."
    desk.answer(desk.glover, desk.inbox(desk.glover)[-1], text)
    desk.work()
    with desk.rows() as session:
        assert desk.held(session) == []
        assert desk.orders(session)[0].lines[0].promised_on == day
