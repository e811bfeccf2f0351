"""Load what hangs on suppliers and coding: contracts, contacts, accounts, projects, rates, places, names."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, insert, select

from procurement.folder_data import OrganisationData
from procurement.requisition import name_key
from procurement.steps.load_rows import Counts, Target, load_rows
from records.tables import (
    Absence,
    Account,
    BillTo,
    Contract,
    ExchangeRate,
    Project,
    Supplier,
    SupplierContact,
    SupplierName,
)

CHUNK = 500


def load_master(target: Target, data: OrganisationData) -> dict[str, Counts]:
    """Write every table whose file is there and return what changed, by table.

    Contracts, accounts and projects that are gone end on the day before; contacts and places for invoices
    are deleted; a rate of a day that was once told stays.
    """
    ending = {"valid_until": target.yesterday}
    counts: dict[str, Counts] = {}
    if data.contracts is not None:
        rows = _with_supplier_ids(target, map(asdict, data.contracts))
        counts["contract"] = load_rows(target, Contract, ("reference",), rows, ending)
    if data.contacts is not None:
        rows = _with_supplier_ids(target, map(asdict, data.contacts))
        counts["supplier_contact"] = load_rows(target, SupplierContact, ("supplier_id", "purpose", "email"), rows)
    if data.accounts is not None:
        counts["account"] = load_rows(target, Account, ("code",), map(asdict, data.accounts), ending)
    if data.projects is not None:
        counts["project"] = load_rows(target, Project, ("code",), map(asdict, data.projects), ending)
    if data.rates is not None:
        rates = map(asdict, data.rates)
        counts["exchange_rate"] = load_rows(target, ExchangeRate, ("currency", "valid_on"), rates, ending={})
    if data.absences is not None:
        absences = (asdict(one) | {"source": "folder"} for one in data.absences)
        mine = Absence.source == "folder"
        counts["absence"] = load_rows(target, Absence, ("email", "starts_on"), absences, only=mine)
    counts["bill_to"] = load_rows(target, BillTo, ("code",), map(asdict, data.bill_to))
    return counts


def supplier_ids(target: Target) -> dict[str, int]:
    """Return the ids of the organisation's suppliers by their codes."""
    found = select(Supplier.code, Supplier.id).where(Supplier.organisation_id == target.organisation.id)
    return {row.code: row.id for row in target.session.execute(found)}


def name_suppliers(target: Target) -> None:
    """Bring the index of suppliers' names in step with their codes, names and aliases."""
    organisation_id = target.organisation.id
    columns = (Supplier.id, Supplier.code, Supplier.name, Supplier.aliases)
    suppliers = target.session.execute(select(*columns).where(Supplier.organisation_id == organisation_id))
    wanted = {
        (name_key(name), supplier_id) for supplier_id, code, own, aliases in suppliers for name in (code, own, *aliases)
    }
    standing = select(SupplierName.name, SupplierName.supplier_id)
    rows = target.session.execute(standing.where(SupplierName.organisation_id == organisation_id))
    known = {(row.name, row.supplier_id) for row in rows}
    for name, supplier_id in sorted(known - wanted):
        target.session.execute(
            delete(SupplierName).where(
                SupplierName.organisation_id == organisation_id,
                SupplierName.name == name,
                SupplierName.supplier_id == supplier_id,
            )
        )
    fresh = [
        {"organisation_id": organisation_id, "name": name, "supplier_id": supplier_id}
        for name, supplier_id in sorted(wanted - known)
    ]
    for start in range(0, len(fresh), CHUNK):
        target.session.execute(insert(SupplierName), fresh[start : start + CHUNK])


def _with_supplier_ids(target: Target, rows: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    ids = supplier_ids(target)
    for row in rows:
        values = dict(row)
        yield values | {"supplier_id": ids[values.pop("supplier")]}
