"""The readiness checklist: each gap is found, says what to do, and has the verdict that it deserves."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from procurement.folder_data import OrganisationData
from procurement.readiness import MailFacts, Section, readiness, verdict
from procurement.steps.directory import directory_in
from tests.procurement.folder_sample import read

TODAY = date(2026, 7, 14)
MAIL = MailFacts(mails=10, requested_lines=10, matched_lines=9, supplier_documents=4)


def _sections(data: OrganisationData, mail: MailFacts = MAIL, today: date = TODAY) -> dict[str, Section]:
    return {one.title: one for one in readiness(data, directory_in(data), mail, today)}


def _whole() -> OrganisationData:
    data = read()
    suppliers = tuple(
        replace(one, bank_accounts=("DE02120300000000202051",), address=("Kai 4",)) for one in data.suppliers
    )
    people = tuple(replace(one, roles=(*one.roles, "finance")) for one in data.people)
    return replace(data, suppliers=suppliers, people=people)


def test_a_whole_organisation_is_ready() -> None:
    sections = _sections(_whole())
    assert [(one.title, one.findings) for one in sections.values() if one.verdict != "ready"] == []
    assert verdict(sections.values()) == "ready"


@pytest.mark.parametrize(
    ("changes", "title", "told", "expected"),
    [
        ({"cost_centers": ()}, "Coding and budgets", "No cost centre", "blocked"),
        ({"budgets": ()}, "Coding and budgets", "without a budget today: 4711, 4800", "blocked"),
        ({"catalog": ()}, "Catalog and contracts", "no valid item", "to_do"),
        ({"contracts": ()}, "Catalog and contracts", "nobody listed: R-2026-01, R-2026-07", "to_do"),
    ],
)
def test_a_missing_table_is_told(changes: dict[str, Any], title: str, told: str, expected: str) -> None:
    section = _sections(replace(_whole(), **changes))[title]
    assert section.verdict == expected
    assert any(told in finding.text and finding.action for finding in section.findings)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"tax_number": None}, "without a tax number: Nordlicht"),
        ({"address": ()}, "without an address"),
        ({"country": None}, "without a country: Nordlicht"),
        ({"domains": (), "emails": ("a@b.example",)}, "known by one address only"),
        ({"bank_accounts": ()}, "without bank details"),
        ({"status": "onboarding"}, "still onboarding"),
        ({"status": "blocked"}, "blocked without a reason"),
    ],
)
def test_an_incomplete_supplier_is_named(changes: dict[str, Any], told: str) -> None:
    data = _whole()
    section = _sections(replace(data, suppliers=(replace(data.suppliers[0], **changes), *data.suppliers[1:])))
    assert [told in finding.text for finding in section["Suppliers"].findings] == [True]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"country": None}, "No country is known of: Linden"),
        ({"tax_number": None}, "no tax number"),
        ({"address": ()}, "no address"),
    ],
)
def test_what_an_order_must_say_of_the_organisation_is_told(changes: dict[str, Any], told: str) -> None:
    data = _whole()
    section = _sections(replace(data, settings=replace(data.settings, **changes)))["Your organisation"]
    assert [told in finding.text for finding in section.findings] == [True]


def test_places_without_a_country_and_no_place_at_all_are_told() -> None:
    data = _whole()
    places = tuple(replace(one, country=None) for one in data.ship_to)
    section = _sections(replace(data, ship_to=places))["Your organisation"]
    assert "No country is known of: " + f"{places[0].name} ({places[0].code})" in section.findings[0].text
    section = _sections(replace(data, ship_to=()))["Your organisation"]
    assert ["no place to deliver to" in finding.text for finding in section.findings] == [True]


def test_expired_and_ending_contracts_are_told() -> None:
    data = _whole()
    assert data.contracts and data.catalog
    open_items = tuple(replace(item, valid_until=None) for item in data.catalog)
    for day, told in ((date(2026, 12, 1), "end within"), (date(2027, 1, 1), "Expired contracts")):
        section = _sections(replace(data, catalog=open_items), today=day)["Catalog and contracts"]
        assert [told in finding.text for finding in section.findings] == [True]


def test_an_approver_without_deputy_and_an_owner_who_left_are_told() -> None:
    data = read()
    people = tuple(replace(one, active=one.name != "Dario Conti") for one in data.people)
    section = _sections(replace(data, people=people))["People and authority"]
    assert "without a deputy who may sign as much: Clara Mertens" in section.findings[0].text
    people = tuple(replace(one, active=one.name != "Bela Kurz") for one in data.people)
    assert (
        "not an active person: 4711" in _sections(replace(data, people=people))["Coding and budgets"].findings[0].text
    )


def test_nobody_who_may_sign_blocks() -> None:
    data = _whole()
    people = tuple(replace(one, approval_limit=None) for one in data.people)
    sections = _sections(replace(data, people=people))
    assert sections["People and authority"].verdict == sections["Approval policy"].verdict == "blocked"
    assert verdict(sections.values()) == "blocked"


def test_buying_outside_the_rules_is_measured() -> None:
    mail = MailFacts(100, 50, 29, 40, 30, (("elsewhere.example", 12),))
    section = _sections(_whole(), mail)["Buying as it was"]
    told = " ".join(finding.text for finding in section.findings)
    assert "Only 58 % of 50 requested lines" in told
    assert "30 of 40 documents of suppliers (75 %) name no order" in told
    assert "elsewhere.example (12)" in told
    assert _sections(_whole(), MailFacts())["Buying as it was"].verdict == "to_do"
