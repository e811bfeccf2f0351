from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dispatch.ubl_response import ResponseDocument, ResponseLine, response_code, ubl_response
from parsers.formats.xml import read_xml
from parsers.reading import LineStatus, Response
from procurement.order_document import Party
from tests.dispatch.schemas import faults

BOLT = ResponseLine(
    1, "accepted", "Bolt", "N-1", "S-1", "Stück", Decimal(10), Decimal(10), Decimal("1.20"), date(2026, 4, 1)
)
ANSWER = ResponseDocument(
    "AB-77", date(2026, 3, 9), "PO-1", "EUR", Party("Northwind"), Party("Acme", (), "DE", "DE811234565"), None, (BOLT,)
)
LINES = {
    "accepted": BOLT,
    "changed": replace(BOLT, status="changed", unit_price=Decimal("1.25")),
    "backordered": replace(BOLT, status="backordered", quantity=Decimal(4)),
    "rejected": replace(BOLT, status="rejected", quantity=None, unit_price=None, promised_on=None),
    "substitute": replace(BOLT, status="changed", substitute="S-1B"),
    "already delivered": replace(BOLT, status="already_delivered"),
    "added": ResponseLine(None, "added_by_supplier", quantity=Decimal(1), unit_price=Decimal(9)),
}


@pytest.mark.parametrize("name", LINES)
def test_every_kind_of_line_keeps_to_the_published_schema(name: str) -> None:
    assert faults(ubl_response(replace(ANSWER, lines=(LINES[name],)))) == []


@pytest.mark.parametrize("response", ["accepted", "changed", "rejected", "received_only", None])
def test_an_answer_without_lines_says_what_it_says_of_the_whole(response: str | None) -> None:
    told = ubl_response(replace(ANSWER, response=response, lines=()))
    assert faults(told) == []
    assert read_xml(told).response == (Response(response) if response else None)


def test_what_was_written_is_read_back_the_same() -> None:
    changed, short = LINES["changed"], LINES["backordered"]
    said = read_xml(ubl_response(replace(ANSWER, lines=(changed, replace(short, order_line=2)))))
    assert (said.number, said.order_numbers, said.response) == ("AB-77", ("PO-1",), Response.CHANGED)
    one, two = said.lines
    assert (one.line_number, one.quantity, one.unit_price) == ("1", Decimal(10), Decimal("1.25"))
    assert (one.status, one.promised_on, one.unit) == (LineStatus.CHANGED, date(2026, 4, 1), "h87")
    assert (two.line_number, two.quantity, two.status) == ("2", Decimal(4), LineStatus.BACKORDERED)


def test_a_backordered_line_says_how_much_is_to_come() -> None:
    told = ubl_response(replace(ANSWER, lines=(LINES["backordered"],)))
    assert b">6</cbc:MaximumBackorderQuantity>" in told


@pytest.mark.parametrize(
    ("states", "code"),
    [
        (["accepted", "accepted"], "AP"),
        (["rejected"], "RE"),
        (["accepted", "rejected"], "CA"),
        (["backordered"], "CA"),
        (["accepted", "added_by_supplier"], "CA"),
    ],
)
def test_the_code_of_the_whole_follows_from_all_lines(states: list[str], code: str) -> None:
    assert response_code("accepted", states) == code
