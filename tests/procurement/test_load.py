"""Loading a folder: once, twice, changed, shrunk; what is gone keeps its history and every change is told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from time import process_time
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from procurement.folder_data import OrganisationData
from procurement.policy import rules_from_json
from procurement.steps.catalog import match_line
from procurement.steps.load import Changes, LoadRefusedError, load_organisation
from procurement.steps.load_rows import MOST_TOLD, Counts
from records import audit
from records.base import Base
from records.database import Database
from records.tables import (
    AuditEntry,
    Budget,
    CatalogItem,
    CatalogNumber,
    CatalogWord,
    CostCenter,
    Mailbox,
    Organisation,
    Person,
    Policy,
    Requisition,
    ShipTo,
    Supplier,
)
from tests.procurement.folder_sample import files, read, with_change

NOW = datetime(2026, 7, 14, 12, tzinfo=UTC)
YESTERDAY = date(2026, 7, 13)


def _load(database: Database, data: OrganisationData, now: datetime = NOW) -> Changes:
    with database.session() as session:
        return load_organisation(session, data, clock=lambda: now)


def _without(file: str, beginning: str) -> dict[str, bytes]:
    """Return the files without the line of ``file`` that begins so."""
    lines = files()[file].splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(beginning.encode())]
    assert len(kept) == len(lines) - 1
    return files() | {file: b"".join(kept)}


def _one(session: Session, table: type[Any], column: str, value: str) -> Any:
    return session.scalars(select(table).where(getattr(table, column) == value)).one()


def _entries(database: Database) -> list[dict[str, Any]]:
    with database.session() as session:
        return [entry.detail for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.sequence))]


def test_the_example_is_loaded_whole(database: Database) -> None:
    changes = _load(database, read())
    assert {name: counts.inserted for name, counts in changes.tables.items()} == {
        "organisation": 1,
        "mailbox": 1,
        "person": 4,
        "supplier": 2,
        "bank_change": 1,
        "cost_center": 2,
        "ship_to": 1,
        "contract": 2,
        "supplier_contact": 1,
        "account": 2,
        "project": 1,
        "exchange_rate": 2,
        "bill_to": 1,
        "absence": 1,
        "budget": 2,
        "catalog_item": 3,
        "policy": 1,
    }
    with database.session() as session:
        organisation = session.get_one(Organisation, changes.organisation_id)
        assert (organisation.slug, organisation.email_approval_limit) == ("linden", Decimal(25000))
        assert organisation.smtp["host"] == "smtp.linden.example" and organisation.next_order == 1
        mailbox = session.scalars(select(Mailbox)).one()
        assert (mailbox.state, mailbox.due_at) == ("active", NOW)
        assert _one(session, Person, "name", "Bela Kurz").approval_limit == Decimal(5000)
        item = _one(session, CatalogItem, "item_number", "P-1001")
        assert item.supplier_id == _one(session, Supplier, "code", "NORD").id and item.unit_price == Decimal("4.90")
        policy = session.scalars(select(Policy)).one()
        assert rules_from_json(policy.rules) == read().policy.rules
        assert list(audit.faults(session, organisation.id)) == []


def test_loading_twice_changes_nothing_and_tells_nothing(database: Database) -> None:
    first = _load(database, read())
    before = _entries(database)
    second = _load(database, read(), datetime(2026, 8, 1, tzinfo=UTC))
    assert second.is_empty and not first.is_empty
    assert _entries(database) == before
    assert second.tables["catalog_item"] == Counts(unchanged=3)


def test_a_load_that_is_rolled_back_leaves_no_trace(database: Database) -> None:
    with pytest.raises(RuntimeError), database.session() as session:
        load_organisation(session, read())
        raise RuntimeError
    with database.session() as session:
        for table in (Organisation, Person, CatalogItem, CatalogNumber, CatalogWord, AuditEntry):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_a_changed_value_is_told_with_old_and_new(database: Database) -> None:
    _load(database, read())
    changes = _load(database, read(with_change("suppliers.csv", "orders@nordlicht", "bestellung@nordlicht")))
    assert changes.tables["supplier"] == Counts(updated=1, unchanged=1)
    assert _entries(database)[-1] == {
        "table": "supplier",
        "changed": {
            "NORD": {
                "order_email": ["orders@nordlicht.example", "bestellung@nordlicht.example"],
                "emails": [
                    ["orders@nordlicht.example", "service@nordlicht.example"],
                    ["bestellung@nordlicht.example", "service@nordlicht.example"],
                ],
            }
        },
    }
    with database.session() as session:
        assert _one(session, Supplier, "code", "NORD").order_email == "bestellung@nordlicht.example"


def test_changed_settings_are_told_and_numbers_go_on(database: Database) -> None:
    loaded = _load(database, read())
    with database.session() as session:
        session.get_one(Organisation, loaded.organisation_id).next_order = 42
    _load(database, read(with_change("organisation.toml", "overdue_days = 7", "overdue_days = 9")))
    assert _entries(database)[-1] == {"table": "organisation", "changed": {"linden": {"overdue_days": [7, 9]}}}
    with database.session() as session:
        organisation = session.get_one(Organisation, loaded.organisation_id)
        assert (organisation.overdue_days, organisation.next_order) == (9, 42)


@pytest.mark.parametrize(
    ("file", "beginning", "table", "key", "ended"),
    [
        ("people.csv", "anna", Person, ("email", "anna@linden.example"), lambda row: row.active is False),
        ("suppliers.csv", "VITE", Supplier, ("code", "VITE"), lambda row: row.status == "inactive"),
        ("cost_centers.csv", "4800", CostCenter, ("code", "4800"), lambda row: row.valid_until == YESTERDAY),
        ("catalog.csv", "P-1001", CatalogItem, ("item_number", "P-1001"), lambda row: row.valid_until == YESTERDAY),
    ],
)
def test_what_is_gone_ends_once_and_comes_back(
    database: Database, file: str, beginning: str, table: type[Base], key: tuple[str, str], ended: Callable[[Any], bool]
) -> None:
    changed = _without(file, beginning)
    naming = (("catalog.csv", b";VITE;"), ("contracts.csv", b",VITE,"), ("budgets.csv", b"4800,"))
    for other, named in naming:  # what names the row goes with it
        if file in ("suppliers.csv", "cost_centers.csv"):
            kept = (line for line in changed[other].splitlines(keepends=True) if named not in line)
            changed[other] = b"".join(kept)
    _load(database, read())
    assert _load(database, read(changed)).tables[table.__tablename__].ended == 1
    with database.session() as session:
        assert ended(_one(session, table, *key))
    assert _load(database, read(changed), datetime(2026, 9, 1, tzinfo=UTC)).is_empty
    with database.session() as session:
        assert ended(_one(session, table, *key))
    assert _load(database, read()).tables[table.__tablename__].updated == 1
    with database.session() as session:
        assert not ended(_one(session, table, *key))
        assert list(audit.faults(session, session.scalars(select(Organisation.id)).one())) == []


def test_an_item_that_ended_is_found_by_its_number_but_not_by_its_words(database: Database) -> None:
    organisation_id = _load(database, read()).organisation_id
    _load(database, read(_without("catalog.csv", "P-1002")))
    with database.session() as session:
        assert match_line(session, organisation_id, "Kugelschreiber blau", None).item is None
        assert match_line(session, organisation_id, None, "P-1002").item is not None
    _load(database, read())
    with database.session() as session:
        assert match_line(session, organisation_id, "Kugelschreiber blau", None).item is not None


def test_a_new_description_is_found_and_the_old_one_is_not(database: Database) -> None:
    organisation_id = _load(database, read()).organisation_id
    _load(database, read(with_change("catalog.csv", "Kugelschreiber blau", "Gelschreiber rot")))
    with database.session() as session:
        assert match_line(session, organisation_id, "Gelschreiber rot", None).item is not None
        assert match_line(session, organisation_id, "Kugelschreiber blau", None).candidates == ()


def test_a_budget_that_is_gone_is_deleted_and_an_absent_file_leaves_its_table(database: Database) -> None:
    _load(database, read())
    absent = {name: data for name, data in files().items() if name != "budgets.csv"}
    assert "budget" not in _load(database, read(absent)).tables
    assert _load(database, read(_without("budgets.csv", "4800"))).tables["budget"].ended == 1
    assert _entries(database)[-1] == {"table": "budget", "deleted": ["4800 /  / 2026-01-01"]}
    with database.session() as session:
        assert [row.cost_center for row in session.scalars(select(Budget))] == ["4711"]


@pytest.mark.parametrize("named", [True, False])
def test_a_place_is_deleted_unless_a_requisition_names_it(database: Database, named: bool) -> None:
    organisation_id = _load(database, read()).organisation_id
    with database.session() as session:
        requester = _one(session, Person, "name", "Anna Voss").id
        place = "HH" if named else "elsewhere"
        values = {"organisation_id": organisation_id, "state": "ordered", "number": "R-1", "requester_id": requester}
        session.add(Requisition(**values, ship_to=place))
    whole = files()["organisation.toml"].decode()
    _load(database, read(files() | {"organisation.toml": whole.partition("[[ship_to]]")[0].encode()}))
    with database.session() as session:
        assert (session.scalars(select(ShipTo)).first() is not None) is named


def test_a_mailbox_that_is_gone_stops_and_one_that_changes_is_polled_at_once(database: Database) -> None:
    organisation_id = _load(database, read()).organisation_id
    with database.session() as session:
        session.scalars(select(Mailbox)).one().login_failures = 3
        session.add(Mailbox(organisation_id=organisation_id, name="import", state="imported"))
    whole = files()["organisation.toml"].decode()
    before, _, rest = whole.partition("[[mailbox]]")
    _load(database, read(files() | {"organisation.toml": (before + "[smtp]" + rest.partition("[smtp]")[2]).encode()}))
    with database.session() as session:
        mailbox = _one(session, Mailbox, "name", "purchasing")
        assert (mailbox.state, mailbox.due_at) == ("stopped", None)
        assert _one(session, Mailbox, "name", "import").state == "imported"
    _load(database, read(with_change("organisation.toml", "poll_seconds = 60", "poll_seconds = 90")))
    with database.session() as session:
        mailbox = _one(session, Mailbox, "name", "purchasing")
        assert (mailbox.state, mailbox.due_at, mailbox.login_failures) == ("active", NOW, 0)
        assert mailbox.config["poll_seconds"] == 90


def test_a_mailbox_is_read_for_one_organisation_only(database: Database) -> None:
    _load(database, read())
    with pytest.raises(LoadRefusedError, match="already read for another organisation"):
        _load(database, read(with_change("organisation.toml", 'slug = "linden"', 'slug = "other"')))
    with database.session() as session:
        assert session.scalars(select(Organisation.slug)).all() == ["linden"]


def test_a_changed_policy_needs_a_new_version_and_the_old_one_stays(database: Database) -> None:
    _load(database, read())
    changed = with_change("policy.toml", '{ below = "250" }', '{ below = "300" }')
    with pytest.raises(LoadRefusedError, match="give the changed policy a new version"):
        _load(database, read(changed))
    changed["policy.toml"] = changed["policy.toml"].replace(b'"2026-1"', b'"2026-2"')
    assert _load(database, read(changed)).tables["policy"] == Counts(inserted=1)
    with database.session() as session:
        first, second = session.scalars(select(Policy).order_by(Policy.id))
        assert rules_from_json(first.rules) == read().policy.rules
        assert rules_from_json(second.rules)[1].amount_below == Decimal(300)


def test_two_organisations_do_not_touch_each_other(database: Database) -> None:
    _load(database, read())
    other = with_change("organisation.toml", 'slug = "linden"', 'slug = "other"')
    text = other["organisation.toml"].decode().replace("imap.linden.example", "imap.other.example")
    emptied = other | {"organisation.toml": text.encode()}
    emptied["catalog.csv"] = files()["catalog.csv"].splitlines(keepends=True)[0]
    emptied["policy.toml"] = files()["policy.toml"].replace(b'category = ["office"]\n', b"")
    _load(database, read(emptied))
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(CatalogItem)) == 3
        assert session.scalar(select(func.count()).where(CatalogItem.valid_until == YESTERDAY)) == 0
        assert session.scalar(select(func.count()).select_from(Person)) == 8


def test_a_large_catalog_is_loaded_quickly_and_told_in_one_short_entry(database: Database) -> None:
    data = read()
    assert data.catalog is not None
    some = data.catalog[0]
    many = tuple(
        replace(some, item_number=f"N-{n:05d}", supplier_item_number=None, description=f"Schraube M{n % 20} Nr {n}")
        for n in range(5000)
    )
    start = process_time()
    _load(database, replace(data, catalog=many))
    dearer = tuple(replace(item, unit_price=item.unit_price + 1) for item in many)
    assert _load(database, replace(data, catalog=dearer)).tables["catalog_item"].updated == 5000
    assert process_time() - start < 20
    entry = _entries(database)[-1]
    assert entry["changed"]["count"] == 5000 > MOST_TOLD
    assert (entry["changed"]["first"], entry["changed"]["last"]) == ("N-00000", "N-04999")
    with database.session() as session:
        assert _one(session, CatalogItem, "item_number", "N-04321").unit_price == some.unit_price + 1
