"""What orders and order responses in UBL 2.1 have in common: names, parties, amounts."""

import tomllib
from functools import cache
from pathlib import Path

from lxml import etree

from dispatch.postal import postal
from dispatch.xml_tree import Vocabulary
from procurement.order_document import Party

Element = etree._Element | None
_ENDPOINTS = Path(__file__).with_name("ubl_endpoints.toml")
_COMMON = "urn:oasis:names:specification:ubl:schema:xsd:Common"


def vocabulary(document: str) -> Vocabulary:
    """Return the names of a UBL ``document`` (Order, OrderResponse), whose root has the prefix ``ubl``."""
    return Vocabulary(
        {
            "ubl": f"urn:oasis:names:specification:ubl:schema:xsd:{document}-2",
            "cac": f"{_COMMON}AggregateComponents-2",
            "cbc": f"{_COMMON}BasicComponents-2",
        }
    )


UBL = vocabulary("Order")


def electronic_address(party: Party) -> tuple[str, str] | None:
    """Return (scheme, identifier) by which a Peppol network may know the party: its VAT number, None without one."""
    number = "".join((party.tax_number or "").split()).upper()
    scheme = _schemes().get(party.country or "")
    return (scheme, number) if scheme and number[:2].isalpha() else None


def party(name: str, who: Party, number: str | None = None, *, taxed: bool = False) -> Element:
    """Return the element ``name`` that holds the Party; ``number`` is the other side's number for it.

    ``taxed`` adds its tax number: orders state the buyer's (Peppol T01 knows none of the seller).
    """
    endpoint = electronic_address(who)
    scheme, address = endpoint or ("EM", who.email)
    return UBL(
        name,
        UBL(
            "cac:Party",
            UBL("cbc:EndpointID", address, schemeID=scheme),
            UBL("cac:PartyIdentification", UBL("cbc:ID", number)),
            UBL("cac:PartyName", UBL("cbc:Name", who.name)),
            place("cac:PostalAddress", who),
            _tax_scheme(who.tax_number) if taxed else None,
            UBL("cac:PartyLegalEntity", UBL("cbc:RegistrationName", who.name)),
            UBL(
                "cac:Contact",
                UBL("cbc:Name", who.contact_name),
                UBL("cbc:Telephone", who.phone),
                UBL("cbc:ElectronicMail", who.email),
            ),
        ),
    )


def place(name: str, who: Party) -> Element:
    """Return the party's address as the element ``name``."""
    found = postal(who)
    one, two, *more = (*found.lines, "", "")
    rest = ", ".join(filter(None, more))
    return UBL(
        name,
        UBL("cbc:StreetName", one),
        UBL("cbc:AdditionalStreetName", two),
        UBL("cbc:CityName", found.city),
        UBL("cbc:PostalZone", found.postcode),
        UBL("cac:AddressLine", UBL("cbc:Line", rest)),
        UBL("cac:Country", UBL("cbc:IdentificationCode", (who.country or "").upper())),
    )


def vat() -> Element:
    """Return the tax scheme that all our taxes belong to."""
    return UBL("cac:TaxScheme", UBL("cbc:ID", "VAT"))


def _tax_scheme(number: str | None) -> Element:
    return UBL("cac:PartyTaxScheme", UBL("cbc:CompanyID", number), vat()) if number else None


@cache
def _schemes() -> dict[str, str]:
    return tomllib.loads(_ENDPOINTS.read_text(encoding="utf-8"))
