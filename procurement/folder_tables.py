"""The CSV files of an organisation's folder, each with its columns; a row with a fault is left out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any, Generic, TypeVar

from procurement import folder_values as read
from procurement.folder_csv import Cells, Columns, rows
from procurement.folder_data import (
    BudgetData,
    CatalogData,
    CostCenterData,
    Fault,
    PersonData,
    SupplierData,
)

T = TypeVar("T")
STATUSES = ("active", "onboarding", "blocked")

PEOPLE = Columns(("email", "name"), ("roles", "manager", "approval_limit", "language", "active"))
SUPPLIERS = Columns(
    ("code", "name", "order_email", "currency"),
    (
        *("aliases", "emails", "domains", "contact_name", "phone", "address", "country"),
        *("tax_number", "language", "payment_terms", "bank_accounts", "status"),
    ),
)
CATALOG = Columns(
    ("item_number", "supplier", "description", "unit", "unit_price", "currency"),
    (
        *("supplier_item_number", "category", "tax_rate", "contract"),
        *("valid_from", "valid_until", "minimum_quantity"),
    ),
)
COST_CENTERS = Columns(("code", "name", "owner"), ("valid_from", "valid_until"))
BUDGETS = Columns(("cost_center", "starts_on", "ends_on", "amount"), ("account",))


@dataclass(frozen=True)
class Rows(Generic[T]):
    """The rows of one file that have no fault of their own, and every name that the file lists.

    ``named`` holds the first column as it is written, also of faulty rows.
    """

    rows: list[tuple[T, Cells]] = field(default_factory=list)
    named: set[str] = field(default_factory=set)

    @property
    def values(self) -> tuple[T, ...]:
        """Return the rows' values."""
        return tuple(value for value, _ in self.rows)


@dataclass(frozen=True)
class Tables:
    """All CSV files of a folder."""

    people: Rows[PersonData]
    suppliers: Rows[SupplierData]
    cost_centers: Rows[CostCenterData]
    catalog: Rows[CatalogData]
    budgets: Rows[BudgetData]


def read_tables(files: Mapping[str, bytes], faults: list[Fault]) -> Tables:
    """Return the CSV files of a folder; an absent one has no rows."""

    def table(file: str, columns: Columns, read_row: Callable[[Cells], T], *key: str) -> Rows[T]:
        return _table(file, files[file], columns, read_row, key, faults) if file in files else Rows()

    return Tables(
        people=table("people.csv", PEOPLE, person, "email"),
        suppliers=table("suppliers.csv", SUPPLIERS, supplier, "code"),
        cost_centers=table("cost_centers.csv", COST_CENTERS, cost_center, "code"),
        catalog=table("catalog.csv", CATALOG, catalog_item, "item_number"),
        budgets=table("budgets.csv", BUDGETS, budget, "cost_center", "account", "starts_on"),
    )


def _table(
    file: str,
    data: bytes,
    columns: Columns,
    read_row: Callable[[Cells], T],
    key: tuple[str, ...],
    faults: list[Fault],
) -> Rows[T]:
    """Return the rows of a file; the columns ``key`` may not say the same twice, whatever the case."""
    found: Rows[T] = Rows()
    first: dict[tuple[str, ...], int] = {}
    for cells in rows(file, data, columns, faults):
        before = len(faults)
        value = read_row(cells)
        name = tuple(cells.values.get(column, "").casefold() for column in key)
        found.named.add(cells.values.get(key[0], ""))
        if len(faults) > before:
            continue
        line = first.setdefault(name, cells.line)
        if line != cells.line:
            cells.fault(f"{' '.join(key)} {' '.join(name).strip()!r} stands twice; it is also in line {line}")
        found.rows.append((value, cells))
    return found


def person(cells: Cells) -> PersonData:
    """Return one row of people.csv."""
    active = cells.optional("active", read.truth)
    return PersonData(
        email=cells.needed("email", read.email) or "",
        name=cells.needed("name", str) or "",
        roles=cells.several("roles", str.lower),
        manager_email=cells.optional("manager", read.email),
        approval_limit=cells.optional("approval_limit", read.amount),
        language=cells.optional("language", read.language),
        active=True if active is None else active,
    )


def supplier(cells: Cells) -> SupplierData:
    """Return one row of suppliers.csv; the address for orders is always one that it may write from."""
    order_email = cells.needed("order_email", read.email) or ""
    emails = (order_email, *cells.several("emails", read.email))
    return SupplierData(
        code=cells.needed("code", _short(60)) or "",
        name=cells.needed("name", str) or "",
        aliases=cells.several("aliases", str),
        emails=tuple(dict.fromkeys(emails)),
        domains=cells.several("domains", read.domain),
        order_email=order_email,
        contact_name=cells.optional("contact_name", str),
        phone=cells.optional("phone", str),
        address=cells.several("address", str, "|"),
        country=cells.optional("country", read.country),
        tax_number=cells.optional("tax_number", str),
        language=cells.optional("language", read.language) or "en",
        currency=cells.needed("currency", read.currency) or "",
        payment_terms=cells.optional("payment_terms", str),
        bank_accounts=cells.several("bank_accounts", read.bank_account),
        status=cells.optional("status", _status) or "active",
    )


def catalog_item(cells: Cells) -> CatalogData:
    """Return one row of catalog.csv."""
    price = cells.needed("unit_price", read.amount)
    return CatalogData(
        item_number=cells.needed("item_number", _short(80)) or "",
        supplier=cells.needed("supplier", str) or "",
        supplier_item_number=cells.optional("supplier_item_number", _short(80)),
        description=cells.needed("description", str) or "",
        category=cells.optional("category", str),
        unit=cells.needed("unit", _short(20)) or "",
        unit_price=read.decimal("0") if price is None else price,
        currency=cells.needed("currency", read.currency) or "",
        tax_rate=cells.optional("tax_rate", read.rate),
        contract=cells.optional("contract", str),
        **_validity(cells),
        minimum_quantity=cells.optional("minimum_quantity", read.quantity),
    )


def cost_center(cells: Cells) -> CostCenterData:
    """Return one row of cost_centers.csv."""
    return CostCenterData(
        code=cells.needed("code", _short(60)) or "",
        name=cells.needed("name", str) or "",
        owner_email=cells.needed("owner", read.email) or "",
        **_validity(cells),
    )


def budget(cells: Cells) -> BudgetData:
    """Return one row of budgets.csv."""
    starts_on, ends_on = cells.needed("starts_on", read.day), cells.needed("ends_on", read.day)
    _check_order(cells, "starts_on", starts_on, "ends_on", ends_on)
    amount = cells.needed("amount", read.amount)
    return BudgetData(
        cost_center=cells.needed("cost_center", str) or "",
        account=cells.optional("account", _short(60)) or "",
        starts_on=starts_on or date.min,
        ends_on=ends_on or date.min,
        amount=read.decimal("0") if amount is None else amount,
    )


def overlapping(budgets: list[tuple[BudgetData, Cells]]) -> Iterator[tuple[Cells, int]]:
    """Yield each budget that overlaps one of the same cost centre and account, and the other's line."""
    ordered = sorted(budgets, key=lambda row: (row[0].cost_center, row[0].account, row[0].starts_on))
    for (one, cells), (later, later_cells) in pairwise(ordered):
        same = (one.cost_center, one.account) == (later.cost_center, later.account)
        if same and one.starts_on < later.starts_on <= one.ends_on:
            yield later_cells, cells.line


def _validity(cells: Cells) -> dict[str, Any]:
    start, end = cells.optional("valid_from", read.day), cells.optional("valid_until", read.day)
    _check_order(cells, "valid_from", start, "valid_until", end)
    return {"valid_from": start, "valid_until": end}


def _check_order(cells: Cells, first: str, start: date | None, last: str, end: date | None) -> None:
    if start and end and end < start:
        cells.fault(f"{last} {end} is before {first} {start}")


def _status(text: str) -> str:
    if text.lower() not in STATUSES:
        raise ValueError(f"is none of {', '.join(STATUSES)}")
    return text.lower()


def _short(longest: int) -> Callable[[str], str]:
    def fit(text: str) -> str:
        if len(text) > longest:
            raise ValueError(f"has more than {longest} characters")
        return text

    return fit
