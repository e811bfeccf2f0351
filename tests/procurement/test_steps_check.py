"""What the check step finds in master data: budgets and contracts drawn on, rates, coding, duplicates."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.folder_data import OrganisationData
from procurement.steps.check import check
from procurement.steps.drawings import drawn_on, settle_drawings
from procurement.steps.facts import budget_facts, named_supplier
from procurement.steps.load import load_organisation
from records.database import Database
from records.flow import Done, Hold
from records.tables import Person, Requisition, Supplier
from tests.procurement.folder_sample import read

NOW = datetime(2026, 7, 14, 12, tzinfo=UTC)
DAY = date(2026, 7, 14)
PAPER = {"item_number": "P-1001", "description": "Kopierpapier", "quantity": "10", "unit": "Packung"}
SCREWS = {"item_number": "S-2040", "description": "Vis", "quantity": "10", "unit": "box"}


def _load(database: Database, **changes: Any) -> int:
    data = read()
    data = replace(data, settings=replace(data.settings, checks={"split_days": 0}), **changes)
    with database.session() as session:
        return load_organisation(session, data, clock=lambda: NOW).organisation_id


def _request(session: Session, organisation_id: int, number: str, *lines: dict[str, str], **said: str) -> Requisition:
    person = select(Person).where(Person.organisation_id == organisation_id, Person.email == "anna@linden.example")
    reading = {"kind": "requisition", "cost_center": "4711", "lines": list(lines)} | said
    row = Requisition(
        organisation_id=organisation_id,
        number=number,
        requester_id=session.scalars(person).one().id,
        state="incomplete",
        reading=reading,
        created_at=NOW,
    )
    session.add(row)
    session.flush()
    return row


def _codes(session: Session, row: Requisition) -> list[str]:
    outcome = check(session, row, clock=lambda: NOW)
    if isinstance(outcome, Hold):
        return [problem.code.value for problem in outcome.problems]
    assert isinstance(outcome, Done)
    row.state = outcome.state
    session.flush()
    return []


def _budget(session: Session, organisation_id: int) -> tuple[Decimal, Decimal]:
    return drawn_on(session, organisation_id, "budget", "4711")


def test_what_is_ordered_is_committed_until_it_is_billed_and_what_is_withdrawn_is_free(database: Database) -> None:
    organisation_id = _load(database)
    with database.session() as session:
        row = _request(session, organisation_id, "R-1", PAPER)
        assert _codes(session, row) == []
        assert (row.base_total, row.maverick_total) == (Decimal("49.00"), Decimal("0.00"))
        assert _budget(session, organisation_id) == (Decimal("49.00"), Decimal(0))
        assert drawn_on(session, organisation_id, "contract", "R-2026-01")[0] == Decimal("49.00")
        for state, expected in (("approved", (49, 0)), ("ordered", (49, 0)), ("cancelled", (0, 0))):
            row.state = state
            session.flush()
            settle_drawings(session, organisation_id)
            settle_drawings(session, organisation_id)
            assert _budget(session, organisation_id) == tuple(map(Decimal, expected)), state


def test_a_request_that_is_checked_again_counts_once(database: Database) -> None:
    organisation_id = _load(database)
    with database.session() as session:
        row = _request(session, organisation_id, "R-1", PAPER)
        assert _codes(session, row) == []
        row.state, row.corrections = "incomplete", {"/lines/0/quantity": "20"}
        assert _codes(session, row) == []
        assert _budget(session, organisation_id)[0] == Decimal("98.00")
        facts = budget_facts(session, organisation_id, "4711", None, DAY)
        assert (facts.amount, facts.committed) == (Decimal(60000), Decimal("98.00"))


@pytest.mark.parametrize(("ceiling", "codes"), [("98.00", []), ("97.99", ["OFF_CONTRACT"])])
def test_a_contract_is_drawn_on_up_to_its_ceiling(database: Database, ceiling: str, codes: list[str]) -> None:
    contracts = read().contracts or ()
    organisation_id = _load(database, contracts=(replace(contracts[0], ceiling=Decimal(ceiling)), contracts[1]))
    with database.session() as session:
        assert _codes(session, _request(session, organisation_id, "R-1", PAPER)) == []
        other = _request(session, organisation_id, "R-2", PAPER, cost_center="4800")
        other.requester_id = other.requester_id + 1
        assert _codes(session, other) == codes


def test_a_foreign_currency_takes_the_rate_of_the_day_and_asks_where_there_is_none(database: Database) -> None:
    data = read()
    catalog = tuple(replace(item, currency="USD", contract=None) for item in data.catalog or ())
    organisation_id = _load(database, catalog=catalog)
    with database.session() as session:
        row = _request(session, organisation_id, "R-1", PAPER)
        assert _codes(session, row) == []
        assert (row.currency, row.base_total) == ("USD", Decimal("45.23"))
        assert row.maverick_total == Decimal("45.23")
        late = _request(session, organisation_id, "R-2", PAPER | {"quantity": "15"})
        outcome = check(session, late, clock=lambda: NOW + timedelta(days=7))
        assert isinstance(outcome, Hold)
        assert [problem.at for problem in outcome.problems] == ["/exchange_rate"]


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ({"account_code": "6000"}, []),
        ({"account_code": "9999"}, ["CODING_MISSING"]),
        ({"project": "HALL-B"}, []),
        ({"project": "HALL-C"}, ["CODING_MISSING"]),
        ({"cost_center": ""}, ["CODING_MISSING", "BUDGET_UNKNOWN"]),
        ({"cost_center": "4800", "account_code": "6300"}, []),
    ],
)
def test_coding_must_be_listed_and_a_blank_one_has_no_budget(
    database: Database, said: dict[str, str], codes: list[str]
) -> None:
    organisation_id = _load(database)
    with database.session() as session:
        assert _codes(session, _request(session, organisation_id, "R-1", PAPER, **said)) == codes


def test_an_account_must_fit_its_cost_centre(database: Database) -> None:
    centers = read().cost_centers
    organisation_id = _load(database, cost_centers=(replace(centers[0], accounts=("6300",)), centers[1]))
    with database.session() as session:
        assert _codes(session, _request(session, organisation_id, "R-1", PAPER, account_code="6000")) == [
            "CODING_MISSING"
        ]


def test_the_same_of_another_requester_of_the_cost_centre_is_a_duplicate(database: Database) -> None:
    organisation_id = _load(database)
    with database.session() as session:
        assert _codes(session, _request(session, organisation_id, "R-1", PAPER, SCREWS)) == []
        again = _request(session, organisation_id, "R-2", SCREWS, PAPER)
        again.requester_id += 1
        assert _codes(session, again) == ["DUPLICATE_SUSPECT"]
        elsewhere = _request(session, organisation_id, "R-3", SCREWS, PAPER, cost_center="4800")
        elsewhere.requester_id += 2
        assert _codes(session, elsewhere) == []


def test_a_line_that_stands_twice_asks_once(database: Database) -> None:
    organisation_id = _load(database)
    with database.session() as session:
        row = _request(session, organisation_id, "R-1", PAPER, PAPER | {"quantity": "10.0"}, SCREWS)
        assert _codes(session, row) == ["DUPLICATE_SUSPECT"]


def test_requests_that_are_split_below_a_limit_ask(database: Database) -> None:
    data: OrganisationData = read()
    with database.session() as session:
        organisation_id = load_organisation(session, data, clock=lambda: NOW).organisation_id
        assert _codes(session, _request(session, organisation_id, "R-1", PAPER | {"quantity": "30"})) == []
        assert _codes(session, _request(session, organisation_id, "R-2", PAPER | {"quantity": "25"})) == [
            "SPLIT_SUSPECT"
        ]
        elsewhere = _request(session, organisation_id, "R-3", PAPER | {"quantity": "25"}, cost_center="4800")
        elsewhere.requester_id += 1
        assert _codes(session, elsewhere) == []


def test_a_supplier_is_found_by_code_name_and_alias_and_not_by_what_two_are_called(database: Database) -> None:
    data = read()
    vite = replace(data.suppliers[1], aliases=("NBB",))
    organisation_id = _load(database, suppliers=(data.suppliers[0], vite))
    with database.session() as session:
        for name in ("nord", "NORDLICHT  Bürobedarf GmbH", "Nordlicht"):
            found = named_supplier(session, organisation_id, name)
            assert found is not None and found.code == "NORD"
        assert named_supplier(session, organisation_id, "NBB") is None
        assert named_supplier(session, organisation_id, "nobody") is None
        assert named_supplier(session, organisation_id, "") is None
    with database.session() as session:
        load_organisation(session, replace(data, suppliers=(data.suppliers[0], data.suppliers[1])), clock=lambda: NOW)
        found = named_supplier(session, organisation_id, "NBB")
        assert (
            found is not None and found.id == session.scalars(select(Supplier.id).where(Supplier.code == "NORD")).one()
        )
