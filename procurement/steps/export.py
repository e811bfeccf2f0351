"""An organisation as it stands in the database, in the form of the folder that would load it."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement import folder_data as data
from procurement.policy import rules_from_json
from procurement.steps.facts import policy_in_force
from procurement.steps.load_bank import known_masks
from records.tables import (
    Absence,
    Account,
    BillTo,
    Budget,
    CatalogItem,
    Contract,
    CostCenter,
    ExchangeRate,
    Mailbox,
    Organisation,
    Person,
    Project,
    ShipTo,
    Supplier,
    SupplierContact,
)

T = TypeVar("T")


def export_organisation(session: Session, organisation: Organisation, today: date) -> data.OrganisationData | None:
    """Return everything that a folder may say, with what has ended and the policy of ``today``.

    Bank accounts are masked. None where no policy is in force: such an organisation has never been loaded whole.
    """
    policy = policy_in_force(session, organisation.id, today)
    if policy is None:
        return None
    codes = {row.id: row.code for row in _all(session, organisation, Supplier)}
    accounts = known_masks(session, organisation.id)

    def rows(table: type[Any], kind: type[T], *order: str) -> tuple[T, ...]:
        return tuple(_as(row, kind, codes) for row in _all(session, organisation, table, *order))

    mailboxes = [row for row in _all(session, organisation, Mailbox, "name") if row.state == "active"]
    return data.OrganisationData(
        settings=_as(organisation, data.OrganisationSettings, codes),
        mailboxes=tuple(data.MailboxData(row.name, row.config) for row in mailboxes),
        ship_to=rows(ShipTo, data.PlaceData, "code"),
        bill_to=rows(BillTo, data.PlaceData, "code"),
        people=rows(Person, data.PersonData, "email"),
        suppliers=tuple(_supplier(row, accounts) for row in _all(session, organisation, Supplier, "code")),
        contacts=rows(SupplierContact, data.ContactData, "supplier_id", "purpose", "email"),
        contracts=rows(Contract, data.ContractData, "reference"),
        catalog=rows(CatalogItem, data.CatalogData, "item_number"),
        cost_centers=rows(CostCenter, data.CostCenterData, "code"),
        accounts=rows(Account, data.AccountData, "code"),
        projects=rows(Project, data.ProjectData, "code"),
        budgets=rows(Budget, data.BudgetData, "cost_center", "account", "starts_on"),
        rates=rows(ExchangeRate, data.RateData, "currency", "valid_on"),
        absences=tuple(_as(row, data.AbsenceData, codes) for row in _planned(session, organisation)),
        policy=data.PolicyData(policy.version, policy.valid_from, rules_from_json(policy.rules)),
    )


def _all(session: Session, organisation: Organisation, table: type[Any], *order: str) -> Iterable[Any]:
    mine = select(table).where(table.organisation_id == organisation.id)
    return session.scalars(mine.order_by(*(getattr(table, name) for name in order)))


def _planned(session: Session, organisation: Organisation) -> Iterable[Any]:
    """Return the absences that came from the folder; what people report by mail or at the desk is not of it."""
    return (row for row in _all(session, organisation, Absence, "starts_on", "email") if row.source == "folder")


def _supplier(row: Supplier, accounts: Mapping[str, tuple[str, ...]]) -> data.SupplierData:
    return _as(row, data.SupplierData, {}, bank_accounts=accounts.get(row.code, ()))


def _as(row: Any, kind: type[T], codes: dict[int, str], **given: Any) -> T:
    """Return a row, with what is ``given`` besides, as values; a supplier is named by its code."""
    values: dict[str, Any] = dict(given)
    for field in fields(kind):  # type: ignore[arg-type]
        if field.name in given:
            continue
        value: Any = codes[row.supplier_id] if field.name == "supplier" else getattr(row, field.name)
        if field.name == "price_breaks":
            value = tuple((Decimal(start), Decimal(price)) for start, price in value)
        values[field.name] = tuple(value) if isinstance(value, list) else value
    return kind(**values)
