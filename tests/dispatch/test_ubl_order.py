from dataclasses import replace

import pytest

from dispatch.orderx_check import data_differences
from dispatch.ubl_order import follows_peppol, ubl_order
from dispatch.ubl_party import electronic_address
from parsers.formats.xml import read_xml
from parsers.reading import Kind
from procurement.order_document import Party
from tests.dispatch.order_samples import order
from tests.dispatch.schemas import faults
from tests.dispatch.test_orderx import FULL, ORDERS


@pytest.mark.parametrize("name", ORDERS)
def test_every_order_keeps_to_the_published_schema(name: str) -> None:
    assert faults(ubl_order(ORDERS[name])) == []


@pytest.mark.parametrize("name", ORDERS)
def test_what_was_written_is_read_back_the_same(name: str) -> None:
    assert data_differences(ORDERS[name], ubl_order(ORDERS[name])) == ()


def test_a_later_revision_is_an_order_change_with_its_number() -> None:
    told = ubl_order(replace(FULL, revision=3))
    assert read_xml(told).kind is Kind.ORDER_CHANGE
    assert b"SequenceNumberID>3<" in told


def test_only_an_order_between_parties_that_peppol_knows_says_that_it_follows_peppol() -> None:
    assert follows_peppol(FULL) and b"peppol.eu:poacc:trns:order:3" in ubl_order(FULL)
    assert b"PartyTaxScheme" not in ubl_order(FULL).split(b"SellerSupplierParty")[1]
    for other in (order(), replace(FULL, revision=2), replace(FULL, ship_to=Party("Works", ("Gate 3",)))):
        assert not follows_peppol(other) and b"peppol" not in ubl_order(other)


@pytest.mark.parametrize(
    ("country", "number", "address"),
    [
        ("DE", "DE 811 234 565", ("9930", "DE811234565")),
        ("FR", None, None),
        ("DE", "11/222/33333", None),  # a number for income tax
        ("US", "US1", None),
    ],
)
def test_the_electronic_address_is_the_vat_number(
    country: str, number: str | None, address: tuple[str, str] | None
) -> None:
    assert electronic_address(Party("A", (), country, number)) == address
