"""Requests as people type them without a verb, with a bullet for each thing, or with an offer below."""

from decimal import Decimal

import pytest

from parsers.reading import Kind
from tests.parsers.mail_samples import read_plain
from tests.parsers.test_mail_varied import told

WITHOUT_VERBS = {
    "politeness behind the things": (
        "3 trays of cupcakes and two kegs of lemonade for the open day please",
        [("3", "trays", "cupcakes"), ("2", "kegs", "lemonade")],
    ),
    "politeness between the things": (
        "four rolls of brown tape pls and 2 boxes of envelopes",
        [("4", "rolls", "brown tape"), ("2", "boxes", "envelopes")],
    ),
    "what is gone, and graag": (
        "suiker is op! 6 pakken suiker en 2 pakken melk graag",
        [("6", "pakken", "suiker"), ("2", "pakken", "melk")],
    ),
}

THINGS = {
    "a number that belongs to the thing before it": (
        "Precisamos de 3 mesas com 4 gavetas e 5 bancos.",
        [("3", None, "mesas com 4 gavetas"), ("5", None, "bancos")],
    ),
    "a dozen behind a comma in Spanish": (
        "Necesitamos 4 mangueras, dos escobas y una docena de esponjas.",
        [("4", None, "mangueras"), ("2", None, "escobas"), ("12", None, "esponjas")],
    ),
    "about ten are ten": (
        "Il faudrait commander une dizaine de tabliers et deux marmites.",
        [("10", None, "tabliers"), ("2", None, "marmites")],
    ),
    "a measure before the thing": (
        "Can I get a dozen 100 ml flasks and a 2 litre jug?",
        [("12", None, "100 ml flasks"), ("1", None, "2 litre jug")],
    ),
    "a bullet for one thing, and a last number": (
        "Please order:\n- ring binders, 30\n- 4 staplers\n- a laminator",
        [("30", None, "ring binders"), ("4", None, "staplers"), ("1", None, "laminator")],
    ),
    "what somebody is asking for": (
        "The lab team is asking for two 24-inch screens and two USB hubs.",
        [("2", None, "24-inch screens"), ("2", None, "USB hubs")],
    ),
    "a projector is no project": (
        "Hej, kan ni beställa 3 mikrofoner och en projektor?",
        [("3", None, "mikrofoner"), ("1", None, "projektor")],
    ),
}


@pytest.mark.parametrize("name", WITHOUT_VERBS)
def test_things_without_a_verb_are_a_request(name: str) -> None:
    text, expected = WITHOUT_VERBS[name]
    reading = read_plain(text, "Hello")
    assert reading.kind is Kind.REQUISITION
    assert told(reading) == expected


@pytest.mark.parametrize("name", THINGS)
def test_what_is_counted_is_read_whole(name: str) -> None:
    text, expected = THINGS[name]
    reading = read_plain(text, "Hello")
    assert reading.kind is Kind.REQUISITION
    assert told(reading) == expected
    assert reading.project is None


def test_a_whole_corrected_list_is_a_request_and_no_change() -> None:
    reading = read_plain("Sorry, forget the first mail. The correct list is:\n- 12 mugs\n- 6 trays", "Correction")
    assert reading.kind is Kind.REQUISITION
    assert [line.quantity for line in reading.lines] == [Decimal(12), Decimal(6)]


def test_an_offer_below_is_asked_for_whole_by_a_word_that_points_at_it() -> None:
    reading = read_plain(
        "Please order this for us.\n\nKim\n\n---------- Forwarded message ----------\nFrom: Tom <tom@pumps.example>\n"
        "Date: Mon, 9 Nov 2026 at 10:00\nSubject: Our offer\nTo: Kim <kim@mill.example>\n\nDear Kim,\n\n"
        "2 pcs Hand pump   EUR 31.00 each\n5 pcs Hose clip   EUR 1.50 each\n\nRegards\nTom",
        "Fwd: Our offer",
    )
    assert reading.kind is Kind.REQUISITION
    assert [line.description for line in reading.lines] == ["Hand pump", "Hose clip"]


def test_thanks_for_things_that_came_ask_for_nothing() -> None:
    assert read_plain("Thanks for sorting the 3 desks and 2 lamps so quickly.", "thanks").kind is Kind.OTHER


def test_where_goods_are_delivered_is_no_supplier() -> None:
    reading = read_plain("Graag 6 blikken verf. Afleveren bij Loods West, Kade 3, 3812 Amersfoort.", "Aanvraag")
    assert reading.supplier_name is None
    assert reading.ship_to == "Loods West, Kade 3, 3812 Amersfoort"
