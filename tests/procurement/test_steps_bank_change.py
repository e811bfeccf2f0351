"""Changes of bank details, on both databases: two people, sealed, with the whole history."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from procurement.folder_data import OrganisationData
from procurement.steps.bank import (
    BankChangeRefusedError,
    confirm,
    known_accounts,
    opened,
    propose,
    refuse,
    standing,
)
from procurement.steps.export import export_organisation
from procurement.steps.keys import reseal
from procurement.steps.load import LoadRefusedError, load_organisation
from procurement.steps.load_bank import BankLoad
from records import audit
from records.database import Database
from records.keyring import KeyMissingError, Keyring, keyring, keys_in, new_key
from records.tables import AuditEntry, BankChange, Organisation, Supplier
from tests.conftest import KEY
from tests.procurement.folder_sample import read

FIRST, SECOND = "DE89370400440532013000", "GB33BUKB20201555555555"
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


def data(**accounts: tuple[str, ...]) -> OrganisationData:
    found = read()
    return replace(
        found, suppliers=tuple(replace(one, bank_accounts=accounts.get(one.code, ())) for one in found.suppliers)
    )


def load(database: Database, what: OrganisationData, bank: BankLoad | None = None) -> Any:
    with database.session() as session:
        return load_organisation(session, what, bank=bank or BankLoad("ada"), clock=lambda: NOW)


def nord(session: Session) -> Supplier:
    return session.scalars(select(Supplier).where(Supplier.code == "NORD")).one()


def newest(session: Session) -> BankChange:
    return session.scalars(select(BankChange).order_by(BankChange.id.desc())).first() or pytest.fail("no change")


def accounts(database: Database) -> list[str]:
    with database.read() as session:
        row = standing(session, nord(session))
        return opened(keyring(session), row.sealed) if row else []


@pytest.fixture
def loaded(database: Database) -> Database:
    load(database, data(NORD=(FIRST,)), BankLoad("ada", accepted=True))
    return database


def proposed(database: Database, *new: str, by: str = "ada") -> None:
    with database.session() as session:
        propose(session, nord(session), new, by=by, reason="a signed letter", source="desk", now=NOW)


def test_a_change_takes_effect_when_another_person_confirms_it(loaded: Database) -> None:
    proposed(loaded, SECOND)
    assert accounts(loaded) == [FIRST]
    with loaded.session() as session:
        confirm(session, newest(session), by="bela", reason="called them", now=NOW)
    assert accounts(loaded) == [SECOND]
    with loaded.read() as session:
        change = newest(session)
        assert (change.state, change.proposed_by, change.decided_by) == ("confirmed", "ada", "bela")
        assert (change.old_masked, change.new_masked, change.sealed) == (["DE89••••3000"], ["GB33••••5555"], None)
        is_known = known_accounts(session, nord(session).id)
        assert is_known and is_known(SECOND) and not is_known(FIRST)


@pytest.mark.parametrize("same", ["ada", " ADA ", "operator:ada", "ａｄａ"])
def test_whoever_proposed_may_not_confirm_by_any_spelling(loaded: Database, same: str) -> None:
    proposed(loaded, SECOND)
    with pytest.raises(BankChangeRefusedError, match="somebody else must confirm"), loaded.session() as session:
        confirm(session, newest(session), by=same, reason="it is right", now=NOW)
    assert accounts(loaded) == [FIRST]


def test_a_decided_change_is_decided_once(loaded: Database) -> None:
    proposed(loaded, SECOND)
    with loaded.session() as session:
        refuse(session, newest(session), by="bela", reason="they know nothing of it", now=NOW)
    for decide in (confirm, refuse):
        with pytest.raises(BankChangeRefusedError, match="refused already, by bela"), loaded.session() as session:
            decide(session, newest(session), by="cora", reason="after all", now=NOW)
    assert accounts(loaded) == [FIRST]


def test_a_second_proposal_supersedes_the_first_and_the_same_accounts_are_no_change(loaded: Database) -> None:
    proposed(loaded, SECOND)
    proposed(loaded, by="bela")
    with loaded.session() as session:
        assert [one.state for one in session.scalars(select(BankChange).order_by(BankChange.id))][-2:] == [
            "superseded",
            "proposed",
        ]
        confirm(session, newest(session), by="ada", reason="they were dissolved", now=NOW)
        assert known_accounts(session, nord(session).id) is None
    assert accounts(loaded) == []
    with pytest.raises(BankChangeRefusedError, match="are these already"):
        proposed(loaded)


def test_before_the_hours_of_the_organisation_are_over_nobody_confirms(loaded: Database) -> None:
    with loaded.session() as session:
        session.scalars(select(Organisation)).one().checks = {"bank_hours": 24}
    proposed(loaded, SECOND)
    early, ripe = NOW + timedelta(hours=23, minutes=59), NOW + timedelta(hours=24)
    with pytest.raises(BankChangeRefusedError, match="from 2026-06-02 09:00 UTC on"), loaded.session() as session:
        confirm(session, newest(session), by="bela", reason="called them", now=early)
    with loaded.session() as session:
        confirm(session, newest(session), by="bela", reason="called them", now=ripe)
    assert accounts(loaded) == [SECOND]


def test_no_table_and_no_audit_entry_holds_an_account_in_full(loaded: Database) -> None:
    proposed(loaded, SECOND)
    with loaded.session() as session:
        for table in ("supplier", "supplier_bank", "bank_change", "audit_entry"):
            rows = str(session.execute(text(f"select * from {table}")).all())
            assert FIRST not in rows and SECOND not in rows, table
            assert FIRST[4:] not in rows and SECOND[4:] not in rows, table
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_table == "bank_change"))
        assert list(actions) == ["bank_proposed"]
        assert list(audit.faults(session, nord(session).organisation_id)) == []


def test_a_folder_that_names_other_accounts_only_proposes_them(loaded: Database) -> None:
    changes = load(loaded, data(NORD=(SECOND,), VITE=(FIRST,)), BankLoad("bela"))
    assert changes.tables["bank_change"].inserted == 2
    assert accounts(loaded) == [FIRST]
    assert load(loaded, data(NORD=(SECOND,), VITE=(FIRST,))).is_empty
    with loaded.session() as session:
        for change in session.scalars(select(BankChange).where(BankChange.state == "proposed")):
            refuse(session, change, by="ada", reason="nobody told us", now=NOW)
    assert load(loaded, data(NORD=(SECOND,), VITE=(FIRST,))).is_empty


def test_an_empty_cell_and_a_mask_change_nothing_and_a_wrong_mask_is_refused(loaded: Database) -> None:
    assert load(loaded, data()).is_empty
    assert load(loaded, data(NORD=("DE89••••3000",))).is_empty
    assert accounts(loaded) == [FIRST]
    with pytest.raises(LoadRefusedError, match="the bank_accounts of NORD are masked"):
        load(loaded, data(NORD=("DE89••••3001",)))


def test_one_person_is_enough_only_when_the_organisation_is_loaded_first(loaded: Database) -> None:
    with pytest.raises(LoadRefusedError, match="only when an organisation is loaded first"):
        load(loaded, data(NORD=(SECOND,)), BankLoad("ada", accepted=True))
    assert accounts(loaded) == [FIRST]


def test_without_the_flag_the_first_load_proposes(database: Database) -> None:
    load(database, data(NORD=(FIRST,)))
    assert accounts(database) == []
    with database.session() as session:
        confirm(session, newest(session), by="bela", reason="seen on paper", now=NOW)
    assert accounts(database) == [FIRST]


def test_an_export_masks_and_loads_again_unchanged(loaded: Database) -> None:
    with loaded.read() as session:
        found = export_organisation(session, session.scalars(select(Organisation)).one(), NOW.date())
    assert found is not None
    assert [one.bank_accounts for one in found.suppliers if one.code == "NORD"] == [("DE89••••3000",)]
    assert load(loaded, found).is_empty


def test_after_a_change_of_the_key_the_old_one_is_needed_no_more(loaded: Database) -> None:
    proposed(loaded, SECOND)
    fresh = new_key()
    with pytest.raises(KeyMissingError), loaded.session() as session:
        reseal(session, Keyring([fresh]))
    old = keys_in(loaded.keys.file) if loaded.keys.file else [os.environ[KEY]]
    with loaded.session() as session:
        assert reseal(session, Keyring([fresh, *old])) == 2
        row, ring = standing(session, nord(session)), Keyring([fresh])
        assert row and opened(ring, row.sealed) == [FIRST]
        assert ring.prints(FIRST)[0] in row.prints
        assert opened(ring, newest(session).sealed) == [SECOND]
