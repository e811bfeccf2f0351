"""An organisation as the files that would load it: the same values come back when they are read again."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import date
from decimal import Decimal
from typing import Any

from procurement import folder_rows as row
from procurement.folder_csv import Columns
from procurement.folder_data import OrganisationData, PolicyData
from procurement.formulas import neutral
from procurement.policy import PolicyStep, Rule
from procurement.toml_text import toml

Cell = str | Decimal | date | bool | None
TABLES: dict[str, tuple[str, Columns]] = {
    "people.csv": ("people", row.PEOPLE),
    "suppliers.csv": ("suppliers", row.SUPPLIERS),
    "contacts.csv": ("contacts", row.CONTACTS),
    "contracts.csv": ("contracts", row.CONTRACTS),
    "catalog.csv": ("catalog", row.CATALOG),
    "cost_centers.csv": ("cost_centers", row.COST_CENTERS),
    "accounts.csv": ("accounts", row.ACCOUNTS),
    "projects.csv": ("projects", row.PROJECTS),
    "budgets.csv": ("budgets", row.BUDGETS),
    "exchange_rates.csv": ("rates", row.RATES),
    "absences.csv": ("absences", row.ABSENCES),
}
_FIELDS = {
    "person": "email",
    "deputy": "deputy_email",
    "manager": "manager_email",
    "owner": "owner_email",
    "default": "is_default",
}


def folder_files(data: OrganisationData) -> dict[str, bytes]:
    """Return every file of the folder by name; a table that is not said has no file."""
    files = {
        "organisation.toml": _organisation(data).encode(),
        "policy.toml": policy_text(data.policy).encode(),
    }
    return files | {name: csv_bytes(table) for name, table in folder_tables(data).items()}


def folder_tables(data: OrganisationData) -> dict[str, list[list[Cell]]]:
    """Return the rows of every CSV file, its header first, as values."""
    tables: dict[str, list[list[Cell]]] = {}
    for file, (name, columns) in TABLES.items():
        rows = getattr(data, name)
        if rows is not None:
            tables[file] = _table(columns, map(_values, rows))
    places = [(purpose, place) for purpose in row.PURPOSES for place in getattr(data, purpose)]
    tables["places.csv"] = _table(row.PLACES, ({"purpose": name} | _values(place) for name, place in places))
    return tables


def csv_bytes(table: Iterable[Iterable[Cell]]) -> bytes:
    """Return a table as CSV in UTF-8 with every text made harmless for a spreadsheet."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([cell_text(cell) for cell in line] for line in table)
    return text.getvalue().encode()


def cell_text(value: Cell) -> str:
    """Return a value as it is written into a cell of a CSV file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else neutral(value)


def _table(columns: Columns, rows: Iterable[Mapping[str, Any]]) -> list[list[Cell]]:
    names = (*columns.required, *columns.optional)
    return [list(names), *([_cell(name, values.get(_FIELDS.get(name, name))) for name in names] for values in rows)]


def _values(data: Any) -> dict[str, Any]:
    """Return the fields of one row; those of a supplier's tolerance stand beside them."""
    values = {field.name: getattr(data, field.name) for field in fields(data)}
    return values | (values.pop("tolerance", None) or {})


def _cell(name: str, value: Any) -> Cell:
    if name == "price_breaks":
        return ";".join(f"{start:f}={price:f}" for start, price in value)
    if name == "tax_rate" and value is not None:
        return Decimal(value * 100)
    if isinstance(value, tuple):
        return ("|" if name == "address" else ";").join(value)
    if isinstance(value, bool | Decimal | date) or value is None:
        return value
    return str(value)


def _organisation(data: OrganisationData) -> str:
    settings = asdict(data.settings)
    if limit := settings.pop("email_approval_limit"):
        settings["email_approval_limit"] = limit
    for name in ("tolerance", "delivery", "billing", "checks", "calendar", "smtp"):
        settings[name] = settings.pop(name) or None  # tables stand after plain keys
    mailboxes = [{"name": one.name} | one.config for one in data.mailboxes]
    return toml(settings | {"mailbox": mailboxes or None})


def policy_text(policy: PolicyData) -> str:
    """Return a policy as policy.toml says it."""
    rules = [_rule(rule) for rule in policy.rules]
    return toml({"version": policy.version, "valid_from": policy.valid_from, "rule": rules})


def _rule(rule: Rule) -> dict[str, Any]:
    amount = {"from": rule.amount_from, "below": rule.amount_below}
    return {
        "name": rule.name,
        "category": _set(rule.categories),
        "cost_center": _set(rule.cost_centers),
        "supplier": _set(rule.suppliers),
        "requester": _set(rule.requesters),
        "contract": rule.contract,
        "except": rule.exceptions or None,
        "automatic": rule.automatic or None,
        "amount": amount if any(bound is not None for bound in amount.values()) else None,
        "step": [_step(step) for step in rule.steps] or None,
    }


def _step(step: PolicyStep) -> dict[str, Any]:
    return {"who": step.who, "need": step.need, "limit": step.limit}


def _set(values: frozenset[str] | None) -> list[str] | None:
    return None if values is None else sorted(values)
