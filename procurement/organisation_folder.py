"""An organisation's folder, read and checked as a whole: every fault is found before anything is loaded."""

from collections.abc import Mapping
from typing import TypeVar

from procurement import folder_organisation, folder_policy
from procurement.folder_data import Fault, OrganisationData, PlaceData
from procurement.folder_references import check_domains, check_policy, check_tables
from procurement.folder_rows import PURPOSES
from procurement.folder_tables import Rows, Tables, read_tables
from procurement.folder_toml import Table, read_toml

T = TypeVar("T")
REQUIRED = ("organisation.toml", "people.csv", "suppliers.csv", "cost_centers.csv", "policy.toml")
OPTIONAL = (
    *("contracts.csv", "catalog.csv", "contacts.csv", "accounts.csv", "projects.csv"),
    *("budgets.csv", "exchange_rates.csv", "places.csv", "absences.csv"),
)


def read_folder(files: Mapping[str, bytes]) -> tuple[OrganisationData | None, tuple[Fault, ...]]:
    """Return what the files (by name) say and (), or None and all faults; other files are ignored.

    Faults stand in the order of the files and their lines.
    """
    faults = [Fault(file, None, "the file is missing") for file in REQUIRED if file not in files]
    tables = read_tables(files, faults)
    check_tables(tables, faults)
    data = _read_rest(files, tables, faults)
    if faults or data is None:
        return None, tuple(sorted(set(faults), key=_place))
    return data, ()


def _read_rest(files: Mapping[str, bytes], tables: Tables, faults: list[Fault]) -> OrganisationData | None:
    root = _root(folder_organisation.FILE, files, faults)
    policy_root = _root(folder_policy.FILE, files, faults)
    settings = folder_organisation.read_settings(root) if root else None
    mailboxes = folder_organisation.read_mailboxes(root) if root else ()
    ship_to, bill_to = (_places(purpose, root, tables) for purpose in PURPOSES)
    policy = folder_policy.read_policy(policy_root) if policy_root else None
    if root:
        root.finish()
    if settings:
        check_domains(settings, tables, faults)
    if policy and policy_root:
        check_policy(policy, policy_root, tables)
    if settings is None or policy is None:
        return None

    def optional(file: str, rows: Rows[T]) -> tuple[T, ...] | None:
        return rows.values if file in files else None

    return OrganisationData(
        settings=settings,
        mailboxes=mailboxes,
        ship_to=ship_to,
        bill_to=bill_to,
        people=tables.people.values,
        suppliers=tables.suppliers.values,
        cost_centers=tables.cost_centers.values,
        policy=policy,
        catalog=optional("catalog.csv", tables.catalog),
        budgets=optional("budgets.csv", tables.budgets),
        contracts=optional("contracts.csv", tables.contracts),
        contacts=optional("contacts.csv", tables.contacts),
        accounts=optional("accounts.csv", tables.accounts),
        projects=optional("projects.csv", tables.projects),
        rates=optional("exchange_rates.csv", tables.rates),
        absences=optional("absences.csv", tables.absences),
    )


def _places(purpose: str, root: Table | None, tables: Tables) -> tuple[PlaceData, ...]:
    """Return the places of one purpose, which stand in organisation.toml or in places.csv."""
    listed = [(place, cells) for (said, place), cells in tables.places.rows if said == purpose]
    for _, cells in [one for one in listed if one[0].is_default][1:]:
        cells.fault(f"another {purpose} is the default already")
    if root is None:
        return ()
    if tables.places.named and root.values.get(purpose):
        root.fault(f"the places stand in places.csv; take [[{purpose}]] away", purpose)
    return folder_organisation.read_places(root, purpose) or tuple(place for place, _ in listed)


def _root(file: str, files: Mapping[str, bytes], faults: list[Fault]) -> Table | None:
    return read_toml(file, files[file], faults) if file in files else None


def _place(fault: Fault) -> tuple[int, int, str]:
    order = (*REQUIRED, *OPTIONAL)
    return order.index(fault.file), fault.line or 0, fault.text
