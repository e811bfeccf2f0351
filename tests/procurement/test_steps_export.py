"""What stands in the database is exported, loads again unchanged, and a preview changes nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from procurement.folder_data import OrganisationData
from procurement.folder_export import folder_files
from procurement.steps.export import export_organisation
from procurement.steps.load import load_organisation, preview_organisation
from procurement.steps.load_bank import BankLoad
from records.database import Database
from records.tables import AuditEntry, Organisation, Supplier
from tests.procurement.folder_sample import read
from tests.procurement.test_folder_export import again, organisations

IBAN = "DE89370400440532013000"
NOW = datetime(2026, 7, 14, 12, tzinfo=UTC)


def _load(database: Database, data: object = None) -> int:
    with database.session() as session:
        return load_organisation(session, read(), clock=lambda: NOW).organisation_id


def test_an_export_loads_again_unchanged_also_what_has_ended(database: Database) -> None:
    organisation_id = _load(database)
    with database.session() as session:
        data = read()
        fewer = replace(data, people=data.people[1:], catalog=(data.catalog or ())[1:], projects=())
        load_organisation(session, fewer, clock=lambda: NOW)
    with database.session() as session:
        organisation = session.get_one(Organisation, organisation_id)
        exported = export_organisation(session, organisation, date(2026, 7, 14))
        assert exported is not None
        written = read(folder_files(exported))
        assert written == exported
        assert load_organisation(session, written, clock=lambda: NOW).is_empty


def test_a_preview_tells_old_and_new_and_changes_nothing(database: Database) -> None:
    organisation_id = _load(database)
    data = read()
    changed = replace(data, suppliers=(replace(data.suppliers[0], phone="1"), *data.suppliers[1:]), projects=())
    with database.open_session() as session:
        seen = preview_organisation(session, changed, clock=lambda: NOW)
        assert [detail["table"] for detail in seen.details] == ["supplier", "project"]
        assert seen.details[0]["changed"] == {"NORD": {"phone": ["+49 431 555 020", "1"]}}
        assert seen.details[1]["ended"] == ["HALL-B"]
    with database.session() as session:
        before = session.scalars(select(func.max(AuditEntry.sequence))).one()
        assert session.scalars(select(Supplier.phone).where(Supplier.code == "NORD")).one() == "+49 431 555 020"
        assert before == len(session.scalars(select(AuditEntry)).all())
        assert session.get_one(Organisation, organisation_id).slug == "linden"


def test_a_preview_of_what_was_never_loaded_leaves_no_organisation(database: Database) -> None:
    with database.open_session() as session:
        assert not preview_organisation(session, read(), clock=lambda: NOW).changes.is_empty
    with database.session() as session:
        assert session.scalars(select(Organisation)).all() == []


def test_an_organisation_without_policy_has_no_export(database: Database, organisation: Organisation) -> None:
    with database.session() as session:
        row = session.get_one(Organisation, organisation.id)
        assert export_organisation(session, row, date(2026, 7, 14)) is None


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=organisations(), by_workbook=st.booleans(), accounts=st.sampled_from([(), (IBAN,), (IBAN, "0532013111")]))
def test_whatever_is_loaded_is_exported_and_loads_again_unchanged(
    sqlite_database: Database, data: OrganisationData, by_workbook: bool, accounts: tuple[str, ...]
) -> None:
    slug = f"o{uuid4().hex[:12]}"
    suppliers = (replace(data.suppliers[0], bank_accounts=accounts), *data.suppliers[1:])
    mailboxes = tuple(replace(one, config=one.config | {"username": slug}) for one in data.mailboxes)
    own = replace(data.settings, slug=slug)
    given_data = replace(data, settings=own, suppliers=suppliers, mailboxes=mailboxes)
    with sqlite_database.session() as session:
        load_organisation(session, given_data, bank=BankLoad("ada", accepted=True), clock=lambda: NOW)
    with sqlite_database.session() as session:
        organisation = session.scalars(select(Organisation).where(Organisation.slug == slug)).one()
        exported = export_organisation(session, organisation, NOW.date())
        assert exported is not None
        assert load_organisation(session, again(exported, by_workbook), clock=lambda: NOW).is_empty
