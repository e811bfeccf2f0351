"""Every line of an answer in words shows where it was told, in the author's own text as it stands."""

import pytest

from parsers.reading import Reading
from tests.parsers.mail_samples import read_plain

SUPPLIER = "Kim Vale <kim@valepumps.example>"
ORDER = (
    "\n\nOn 9 Nov 2026, Mill wrote:\n> Please supply our order PO-2026-0077:\n"
    "> 1. HG-7 nitrile gloves, 10 boxes, EUR 8.00\n> 2. HG-8 soap, 5 bottles, EUR 3.00\n"
)


def read(text: str) -> Reading:
    reading = read_plain(text + ORDER, "Re: Order PO-2026-0077", SUPPLIER)
    for where in reading.evidence.values():
        assert where.span is not None and reading.reply_text is not None
        assert reading.reply_text[slice(*where.span)] == where.text
    return reading


def shown(reading: Reading) -> dict[str, str]:
    return {at: " ".join(where.text.split()) for at, where in reading.evidence.items()}


def test_each_line_shows_its_own_statement_and_values() -> None:
    reading = read("HG-7: the price is now EUR 9.50.\nHG-8 can only be delivered on 3 December 2026.")
    found = shown(reading)
    by_item = {line.item_number: index for index, line in enumerate(reading.lines)}
    gloves, soap = by_item["HG-7"], by_item["HG-8"]
    assert "9.50" in found[f"/lines/{gloves}/unit_price"]
    assert "3 December 2026" in found[f"/lines/{soap}/promised_on"]
    assert "HG-7" in found[f"/lines/{gloves}"] and "HG-8" in found[f"/lines/{soap}"]


def test_a_statement_that_is_broken_over_lines_is_found_as_it_stands() -> None:
    reading = read("HG-7 nitrile gloves are out of stock and will only be\ndelivered on\n3 December 2026.")
    assert any("\n" in where.text for where in reading.evidence.values())


def test_what_is_said_of_the_whole_order_is_shown_for_every_line() -> None:
    reading = read("We confirm. Everything will be delivered on 3 December 2026.")
    assert reading.lines
    for index in range(len(reading.lines)):
        assert "3 December 2026" in shown(reading)[f"/lines/{index}/promised_on"]


@pytest.mark.parametrize("text", ["Confirmed.", "Thank you for your order.", "We decline the order."])
def test_an_answer_without_lines_shows_none(text: str) -> None:
    assert not [at for at in read(text).evidence if at.startswith("/lines")]
