"""The CSV files of an organisation's folder, read as tables; a row with a fault is left out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from procurement import folder_rows as row
from procurement.folder_csv import Cells, Columns, rows
from procurement.folder_data import (
    AbsenceData,
    AccountData,
    BudgetData,
    CatalogData,
    ContactData,
    ContractData,
    CostCenterData,
    Fault,
    PersonData,
    PlaceData,
    ProjectData,
    RateData,
    SupplierData,
)

T = TypeVar("T")


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
    contacts: Rows[ContactData]
    contracts: Rows[ContractData]
    catalog: Rows[CatalogData]
    cost_centers: Rows[CostCenterData]
    accounts: Rows[AccountData]
    projects: Rows[ProjectData]
    budgets: Rows[BudgetData]
    rates: Rows[RateData]
    places: Rows[tuple[str, PlaceData]]
    absences: Rows[AbsenceData]


def read_tables(files: Mapping[str, bytes], faults: list[Fault]) -> Tables:
    """Return the CSV files of a folder; an absent one has no rows."""

    def table(file: str, columns: Columns, read_row: Callable[[Cells], T], *key: str) -> Rows[T]:
        return _table(file, files[file], columns, read_row, key, faults) if file in files else Rows()

    return Tables(
        people=table("people.csv", row.PEOPLE, row.person, "email"),
        suppliers=table("suppliers.csv", row.SUPPLIERS, row.supplier, "code"),
        contacts=table("contacts.csv", row.CONTACTS, row.contact, "supplier", "purpose", "email"),
        contracts=table("contracts.csv", row.CONTRACTS, row.contract, "reference"),
        catalog=table("catalog.csv", row.CATALOG, row.catalog_item, "item_number"),
        cost_centers=table("cost_centers.csv", row.COST_CENTERS, row.cost_center, "code"),
        accounts=table("accounts.csv", row.ACCOUNTS, row.account, "code"),
        projects=table("projects.csv", row.PROJECTS, row.project, "code"),
        budgets=table("budgets.csv", row.BUDGETS, row.budget, "cost_center", "account", "starts_on"),
        rates=table("exchange_rates.csv", row.RATES, row.rate, "currency", "valid_on"),
        places=table("places.csv", row.PLACES, row.place, "purpose", "code"),
        absences=table("absences.csv", row.ABSENCES, row.absence, "person", "starts_on"),
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
