"""Answers to our own questions: what they give, and what could mean two things."""

from datetime import date

import pytest

from parsers.asked import Asked, read_asked

TODAY = date(2026, 3, 2)
CODE = Asked("cost_center", "/cost_center")
GLOVES = Asked("quantity", "/lines/0/quantity", "Nitrile gloves, size M")
PAPER = Asked("quantity", "/lines/1/quantity", "Copy paper A4")
DAY = Asked("needed_by", "/needed_by")
ITEM = Asked("item", "/lines/0/item_number", "gloves", (("G-100", "Nitrile gloves M"), ("G-101", "Nitrile gloves L")))


def answers(text: str, *asked: Asked) -> dict[str, str]:
    values, evidence = read_asked(text, asked, TODAY, None)
    for at, where in evidence.items():
        assert where.span is not None
        assert text[slice(*where.span)].strip() == where.text
        assert at in values
    return values


@pytest.mark.parametrize(
    "text",
    [
        "4711",
        "Cost centre 4711.",
        "It's 4711, thanks",
        "Kostenstelle: 4711",
        "Bitte auf 4711 buchen",
        "le 4711",
        "KS-4711",
    ],
)
def test_a_bare_code_is_the_cost_centre_that_was_asked(text: str) -> None:
    assert answers(text, CODE)["/cost_center"].endswith("4711")


@pytest.mark.parametrize("text", ["4711 or 4712, I am not sure", "I do not know", "EUR 4711", "ask me in 5 minutes"])
def test_what_is_no_single_code_is_no_cost_centre(text: str) -> None:
    assert "/cost_center" not in answers(text, CODE)


@pytest.mark.parametrize(
    ("text", "unit"), [("10 boxes", "boxes"), ("10", None), ("zehn Kartons", "kartons"), ("We need 10 of them", None)]
)
def test_one_number_is_the_quantity_that_was_asked(text: str, unit: str | None) -> None:
    found = answers(text, GLOVES)
    assert (found["/lines/0/quantity"], found.get("/lines/0/unit")) == ("10", unit)


@pytest.mark.parametrize("text", ["10 or 12", "10 boxes, perhaps 12 boxes", "some", "1.250"])
def test_two_numbers_or_none_are_no_quantity(text: str) -> None:
    assert answers(text, GLOVES) == {}


def test_all_answers_of_one_mail_are_told_apart() -> None:
    text = "Hi,\n\n10 boxes please, by 20 March 2026.\nYou can charge 4711.\n"
    found = answers(text, CODE, GLOVES, DAY)
    assert found == {
        "/cost_center": "4711",
        "/lines/0/quantity": "10",
        "/lines/0/unit": "boxes",
        "/needed_by": "2026-03-20",
    }


def test_a_day_is_never_taken_for_a_code_or_a_number() -> None:
    assert answers("by 20 March 2026", CODE, GLOVES) == {}


def test_quantities_of_several_lines_are_told_by_their_words_only() -> None:
    named = answers("Gloves: 10 boxes\nPaper: 5 boxes", GLOVES, PAPER)
    assert (named["/lines/0/quantity"], named["/lines/1/quantity"]) == ("10", "5")
    assert answers("10 boxes and 5 boxes", GLOVES, PAPER) == {}
    assert answers("10 boxes", GLOVES, PAPER) == {}


def test_an_item_is_chosen_by_its_number_alone() -> None:
    assert answers("G-101 please", ITEM) == {"/lines/0/item_number": "G-101"}
    assert answers("G-100 or G-101", ITEM) == {}
    assert answers("the large ones", ITEM) == {}
    assert answers("G-1010", ITEM) == {}


def test_an_item_number_is_no_cost_centre() -> None:
    assert answers("G-101 on 4711", ITEM, CODE) == {"/lines/0/item_number": "G-101", "/cost_center": "4711"}


def test_what_was_not_asked_is_not_answered() -> None:
    assert answers("4711, 10 boxes, by 20 March 2026") == {}
