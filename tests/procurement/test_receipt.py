"""What a report of goods books: lines, “8 of 10”, “all arrived”, returns, and what is too unclear to book."""

from dataclasses import replace
from decimal import Decimal

import pytest

from procurement.order_line import DueLine
from procurement.receipt import Booking, booking_of, standing
from procurement.receipt_words import Report, is_charge, report_of
from procurement.stated import Stated, StatedLine

GLOVES = DueLine(1, 1, "Nitrile gloves, size M", "G-100", "HG-7", Decimal(10), "box", Decimal(8))
TABLE = DueLine(2, 2, "Conference table oak", "C-300", None, Decimal(2), "piece", Decimal(950))
NONE = Decimal(0)


def booked(text: str, *lines: StatedLine, due: tuple[DueLine, ...] = (GLOVES, TABLE), over: Decimal = NONE) -> Booking:
    return booking_of(Stated(kind="receipt_advice", reply_text=text, lines=lines), report_of(text), due, over)


def codes(booking: Booking) -> list[str]:
    return [problem.code.value for problem in booking.problems]


@pytest.mark.parametrize(
    "text",
    [
        "All arrived.",
        "Alles angekommen, danke.",
        "Tout est arrivé, merci.",
        "Ha llegado todo.",
        "È arrivato tutto.",
        "Alles ontvangen, bedankt.",
        "Everything for PO-1 has arrived.",
    ],
)
def test_all_arrived_books_what_is_outstanding(text: str) -> None:
    half = replace(GLOVES, received=Decimal(4))
    assert booked(text, due=(half, TABLE)) == Booking(((1, Decimal(6)), (2, Decimal(2))))
    assert booked(text, due=(replace(GLOVES, received=Decimal(10)),)) == Booking()


@pytest.mark.parametrize(
    "text",
    [
        "Not everything has arrived.",
        "All arrived except the table.",
        "Alles angekommen, nur der Tisch fehlt.",
        "When everything has arrived I will tell you.",
        "Complete, but one is broken.",
    ],
)
def test_all_arrived_with_a_but_is_held(text: str) -> None:
    assert codes(booked(text)) == ["LOW_CONFIDENCE"]


@pytest.mark.parametrize(
    "text", ["Only 8 of 10 arrived.", "Nur 8 von 10 sind angekommen.", "8 sur 10 reçus.", "8 out of 10"]
)
def test_a_part_of_the_whole_is_booked_once(text: str) -> None:
    assert booked(text).lines == ((1, Decimal(8)),)
    assert booked(text, due=(replace(GLOVES, received=Decimal(8)),)) == Booking()


def test_a_part_that_fits_no_line_or_two_or_a_level_is_held() -> None:
    assert codes(booked("8 of 12 arrived")) == ["LOW_CONFIDENCE"]
    assert codes(booked("8 of 10 arrived", due=(GLOVES, replace(TABLE, quantity=Decimal(10))))) == ["LOW_CONFIDENCE"]
    assert codes(booked("8 of 10 arrived", due=(replace(GLOVES, received=Decimal(2)),))) == ["LOW_CONFIDENCE"]


def test_named_lines_are_booked_in_the_orders_unit() -> None:
    pieces = replace(GLOVES, contents=Decimal(100), content_unit="pcs")
    line = StatedLine(0, item_number="HG-7", quantity=Decimal(500), unit="pieces")
    assert booked("We received 500.", line, due=(pieces,)).lines == ((1, Decimal(5)),)
    assert codes(booked("We received 500.", line)) == ["UNIT_MISMATCH"]


def test_a_service_is_confirmed_by_its_amount() -> None:
    line = StatedLine(0, line_number="2", line_total=Decimal(950))
    assert booked("", line).lines == ((2, Decimal(1)),)


def test_goods_that_nobody_ordered_are_held() -> None:
    assert codes(booked("We received it.", StatedLine(0, description="Laser", quantity=Decimal(1)))) == ["UNKNOWN_ITEM"]


@pytest.mark.parametrize(("quantity", "expected"), [("11", []), ("11.5", ["OVER_RECEIPT"])])
def test_too_much_is_kept_up_to_the_tolerance(quantity: str, expected: list[str]) -> None:
    line = StatedLine(0, line_number="1", quantity=Decimal(quantity))
    assert codes(booked("", line, over=Decimal("0.1"))) == expected


def test_what_went_back_is_taken_off_and_never_more_than_came() -> None:
    line = StatedLine(0, item_number="HG-7", quantity=Decimal(2))
    came = (replace(GLOVES, received=Decimal(10)),)
    assert booked("We returned 2 boxes.", line, due=came).lines == ((1, Decimal(-2)),)
    assert codes(booked("We returned 2 boxes.", line)) == ["OVER_RECEIPT"]


def test_coming_and_going_in_one_mail_is_held() -> None:
    line = StatedLine(0, item_number="HG-7", quantity=Decimal(2))
    assert codes(booked("10 arrived, we sent back 2.", line)) == ["LOW_CONFIDENCE"]
    assert codes(booked("We returned everything.")) == ["LOW_CONFIDENCE"]


def test_words_that_say_nothing_book_nothing() -> None:
    assert codes(booked("Thank you.")) == ["LOW_CONFIDENCE"]
    assert booking_of(Stated(), Report(), (GLOVES,), NONE).lines == ()


def test_how_far_an_order_is_received() -> None:
    assert standing([GLOVES]) == "none"
    assert standing([replace(GLOVES, received=Decimal(4))]) == "partial"
    assert standing([replace(GLOVES, received=Decimal(10))]) == "full"
    assert standing([replace(GLOVES, received=Decimal(4), closed_short=True)]) == "closed_short"
    assert standing([replace(GLOVES, received=Decimal(10)), replace(TABLE, closed_short=True)]) == "closed_short"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Freight", True),
        ("Versandkosten pauschal", True),
        ("Frais de port", True),
        ("Transport box 60 l", False),
        ("Packing tape", False),
        (None, False),
    ],
)
def test_freight_is_known_by_its_words(text: str | None, expected: bool) -> None:
    assert is_charge(text) is expected
