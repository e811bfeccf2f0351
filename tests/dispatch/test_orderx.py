from dataclasses import replace
from decimal import Decimal

import pytest

from dispatch.orderx import order_x, trade_term
from dispatch.orderx_check import data_differences
from parsers.formats.xml import read_xml
from parsers.reading import Kind
from procurement.order_document import OrderDocument, Party
from tests.dispatch.order_samples import line, order
from tests.dispatch.schemas import faults

BARE = replace(
    order(1),
    buyer=Party("Northwind GmbH"),
    supplier=Party("Acme Supplies Ltd", ("14 Long Lane", "Leeds")),
    ship_to=Party("Northwind Works 2"),
    lines=(replace(line(1, rate=None), item_number=None, supplier_item_number=None, needed_by=None),),
    payment_terms=None,
    delivery_terms=None,
    requisition=None,
    cost_center=None,
    terms=(),
)
FULL = replace(
    order(3),
    bill_to=Party("Northwind Accounts", ("PO box 1", "20457 Hamburg", "Building C", "Room 4"), "DE"),
    supplier=Party("Acme", ("1 rue du Pont", "01000 Bourg"), "FR", "FR36345678908", "Zoë", "a@acme.example", "+33 4"),
    needed_by=order().issued_on,
    note="Ring\nthe bell.",
    quotation="Q-9",
    supplier_number="ACME",
    customer_number="K-7",
)
ORDERS = {
    "usual": order(2),
    "bare": BARE,
    "full": FULL,
    "revision": replace(FULL, revision=2),
    "rates": replace(order(), lines=(line(1, rate="0.07"), line(2, rate="0"), line(3, rate=None))),
    "fine": replace(order(), lines=(replace(line(1), unit_price=Decimal("0.012345"), quantity=Decimal("1E+4")),)),
    "unknown unit": replace(order(), lines=(replace(line(1), unit="bushel"), replace(line(2), unit="box"))),
    "hostile": replace(order(), lines=(line(1, "<a>&\x00\ud800\ufffe]]>\u202e\n{{ x }}"),), note="\x07"),
}


@pytest.mark.parametrize("name", ORDERS)
def test_every_order_keeps_to_the_published_schema(name: str) -> None:
    assert faults(order_x(ORDERS[name])) == []


@pytest.mark.parametrize("name", ORDERS)
def test_what_was_written_is_read_back_the_same(name: str) -> None:
    assert data_differences(ORDERS[name], order_x(ORDERS[name])) == ()


def test_a_first_revision_is_an_order_and_a_later_one_a_change_of_it() -> None:
    assert read_xml(order_x(FULL)).kind is Kind.ORDER
    later = read_xml(order_x(replace(FULL, revision=2)))
    assert (later.kind, later.order_numbers) == (Kind.ORDER_CHANGE, (FULL.number,))


def test_units_are_codes_of_recommendation_20_and_unknown_ones_are_told_in_words() -> None:
    document = replace(order(), lines=(replace(line(1), unit="bushel"), replace(line(2), unit="Karton")))
    told = order_x(document).decode()
    assert 'unitCode="ZZ"' in told and "ZZ = bushel" in told and 'unitCode="XBX"' in told


def test_a_country_without_its_address_is_not_invented() -> None:
    told = order_x(BARE).decode()
    assert "CountryID" not in told and "14 Long Lane, Leeds" in told


def test_a_tax_rate_of_zero_names_no_category() -> None:
    zero = order_x(replace(order(), lines=(line(1, rate="0"),))).decode()
    assert "CategoryCode" not in zero and "TaxTotalAmount" in zero


@pytest.mark.parametrize(
    ("terms", "code"), [("DAP Hamburg", "DAP"), ("exw, Leeds", "EXW"), ("free of charge", None), (None, None)]
)
def test_only_known_trade_terms_become_a_code(terms: str | None, code: str | None) -> None:
    document: OrderDocument = replace(order(), delivery_terms=terms)
    assert trade_term(document) == code
    assert (terms or "") in order_x(document).decode()
