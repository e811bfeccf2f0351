"""Answers of suppliers whose rest comes later, and answers that must not pass for a yes."""

from datetime import date
from decimal import Decimal

import pytest

from parsers.reading import Decision, Kind, LineStatus, Response
from tests.parsers.mail_samples import read_plain

SUPPLIER = "Kim Vale <kim@valepumps.example>"
SUBJECT = "Re: Order PO-2026-0077, Mill"
ORDERED = (
    "\n\nOn 9 Nov 2026, Mill wrote:\n> Please supply our order PO-2026-0077:\n>\n"
    "> 1. Hand pump\n>    10 pcs × EUR 61.00 = EUR 610.00\n"
)
ASKED = "\n\nOn 9 Nov 2026, Mill wrote:\n> Please approve requisition R-00077, EUR 610.\n> Reply APPROVE or REJECT.\n"


@pytest.mark.parametrize(
    "text",
    [
        "We can only send 6 pcs now, the remaining 4 follow on 11 December 2026.",
        "Wir haben nur 6 Stück auf Lager, die restlichen 4 kommen am 11.12.2026 nach.",
        "Vi kan bara leverera 6 st nu, resterande 4 kommer 11 december 2026.",
    ],
)
def test_the_rest_of_a_split_delivery_is_a_line_of_its_own_day(text: str) -> None:
    reading = read_plain(text + ORDERED, SUBJECT, SUPPLIER)
    assert reading.response is Response.CHANGED
    assert [(line.quantity, line.promised_on) for line in reading.lines] == [
        (Decimal(6), None),
        (Decimal(4), date(2026, 12, 11)),
    ]
    assert reading.lines[1].status is LineStatus.BACKORDERED


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("The order slips to 15 December.", Response.CHANGED),
        ("Salve, la consegna slitta al 15 dicembre 2026.", Response.CHANGED),
        (
            "Ihre Bestellung ist eingegangen und wird bearbeitet. Die Auftragsbestätigung folgt gesondert.",
            Response.RECEIVED_ONLY,
        ),
        ("Sorry, we are not able to take this one on.", Response.REJECTED),
    ],
)
def test_a_delay_a_receipt_and_a_refusal_are_no_acceptance(text: str, response: Response) -> None:
    assert read_plain(text + ORDERED, SUBJECT, SUPPLIER).response is response


def test_a_substitute_that_is_not_named_by_a_code_is_a_question() -> None:
    text = "We can offer the hand pump deluxe at EUR 64.00 in its place."
    reading = read_plain(text + ORDERED, SUBJECT, SUPPLIER)
    assert reading.kind is Kind.ORDER_RESPONSE
    assert reading.problems


@pytest.mark.parametrize(
    ("text", "decision"),
    [
        ("Godkänns.", Decision.APPROVED),
        ("Nej, det har vi inte budget till i år.", Decision.REJECTED),
        ("Jeg godkender ikke.", Decision.REJECTED),
        ("Nee, dit jaar niet meer.", Decision.REJECTED),
    ],
)
def test_decisions_in_northern_words(text: str, decision: Decision) -> None:
    assert read_plain(text + ASKED, "Re: Please approve R-00077").decision is decision


@pytest.mark.parametrize("text", ["Godkänns om priset sjunker.", "Godkendt, hvis prisen falder.", "Inte godkänt än."])
def test_a_northern_yes_with_a_condition_approves_nothing(text: str) -> None:
    assert read_plain(text + ASKED, "Re: Please approve R-00077").decision is not Decision.APPROVED


def test_carrier_and_parcel_number_of_a_sentence_are_read() -> None:
    text = "PO-2026-0077 was handed to DPD this afternoon. Parcel number 15501234567890."
    reading = read_plain(text, "Your order is on its way", SUPPLIER)
    assert (reading.carrier, reading.tracking_number) == ("DPD", "15501234567890")
