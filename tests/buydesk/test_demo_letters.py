"""What the demo's people write: dates of any day, and what they send and attach."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from buydesk.demo.answers import ordered_items
from buydesk.demo.calendar import Calendar, english, german
from buydesk.demo.letters import letter
from buydesk.demo.people import ACCOUNTS, MIA
from buydesk.demo.requests import first_post
from buydesk.demo.sheets import cut_off, request_form
from parsers.message import parse_message

WEEK = [date(2026, 12, 28) + timedelta(days=days) for days in range(7)]


@pytest.mark.parametrize("today", WEEK)
def test_a_later_date_is_a_workday_one_to_three_days_on_whatever_day_it_is(today: date) -> None:
    calendar = Calendar(today)
    for days in range(6, 20):
        wanted = calendar.workday(days)
        later = calendar.later(wanted)
        assert wanted.weekday() < 5 and later.weekday() < 5
        assert 1 <= (later - wanted).days <= 3


def test_dates_are_written_as_people_write_them() -> None:
    assert english(date(2027, 1, 4)) == "4 January 2027"
    assert german(date(2027, 1, 4)) == "04.01.2027"


def test_everybody_who_writes_has_a_login_and_says_to_be_simulated() -> None:
    post = list(first_post(Calendar(date(2026, 7, 1)), datetime(2026, 7, 1, 9, tzinfo=UTC)))
    assert len(post) == 13
    for one in post:
        sender = parse_message(one.mail.as_bytes()).sender
        assert sender and sender.address in ACCOUNTS
        assert sender.name.endswith("(simulated)")


def test_a_supplier_reads_lines_of_an_order_that_was_written_in_german() -> None:
    text = """1. Pipettenspitzen
   1.008 Packungen × EUR 42,80 = EUR 43.142,40
   Art.-Nr. LAB-1 · Ihre Art.-Nr. KL-P1 · Vertrag R-1
   Liefertermin: 4. Dezember 2026
"""
    (item,) = ordered_items(letter(MIA, "Bestellung", text, datetime(2026, 7, 1, tzinfo=UTC)))
    assert (item.item_number, item.quantity, item.unit_price) == ("KL-P1", Decimal(1008), Decimal("42.80"))


def test_a_form_that_was_cut_off_begins_like_a_pdf_and_has_no_end() -> None:
    document = cut_off(request_form("Mia Berger", date(2026, 7, 1)))
    assert document.startswith(b"%PDF-") and b"%%EOF" not in document
