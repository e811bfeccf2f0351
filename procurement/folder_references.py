"""What the files of an organisation's folder say of each other: managers, owners, suppliers, cost centres.

Names are looked up among all that a file lists, also in rows with a fault of their own, so that one
mistake is told once.
"""

from collections.abc import Iterator, Mapping

from procurement.approvers import Directory, Signatory
from procurement.folder_data import Fault, OrganisationSettings, PolicyData
from procurement.folder_rows import overlapping
from procurement.folder_tables import Tables
from procurement.folder_toml import Table
from procurement.policy_check import unknown_names

_PUBLIC_DOMAINS = frozenset(
    "gmail.com googlemail.com outlook.com hotmail.com live.com yahoo.com icloud.com aol.com gmx.de gmx.net "
    "gmx.at gmx.ch web.de t-online.de freenet.de orange.fr free.fr laposte.net libero.it virgilio.it proton.me "
    "protonmail.com mail.com yandex.com wp.pl o2.pl seznam.cz".split()
)


def check_tables(tables: Tables, faults: list[Fault]) -> None:
    """Add a fault for each name in a CSV file that another file (or the same) does not list."""
    people, centers = {name.lower() for name in tables.people.named}, tables.cost_centers.named
    suppliers, accounts, contracts = tables.suppliers.named, tables.accounts.named, tables.contracts.named
    for person, cells in tables.people.rows:
        if person.manager_email and people and person.manager_email not in people:
            cells.fault(f"the manager {person.manager_email} is not listed in people.csv")
    for center, cells in tables.cost_centers.rows:
        if people and center.owner_email not in people:
            cells.fault(f"the owner {center.owner_email} is not listed in people.csv")
        for unknown in sorted(set(center.accounts) - accounts if accounts else ()):
            cells.fault(f"the account {unknown!r} is not listed in accounts.csv")
    for project, cells in tables.projects.rows:
        if people and project.owner_email not in people:
            cells.fault(f"the owner {project.owner_email} is not listed in people.csv")
    for cells in (cells for rows in (tables.catalog, tables.contracts, tables.contacts) for _, cells in rows.rows):
        if suppliers and cells.values["supplier"] not in suppliers:
            cells.fault(f"the supplier {cells.values['supplier']!r} is not listed in suppliers.csv")
    for item, cells in tables.catalog.rows:
        if contracts and item.contract and item.contract not in contracts:
            cells.fault(f"the contract {item.contract!r} is not listed in contracts.csv")
    for budget, cells in tables.budgets.rows:
        if centers and budget.cost_center not in centers:
            cells.fault(f"the cost centre {budget.cost_center!r} is not listed in cost_centers.csv")
        if accounts and budget.account and budget.account not in accounts:
            cells.fault(f"the account {budget.account!r} is not listed in accounts.csv")
    for absence, cells in tables.absences.rows:
        for named in sorted({absence.email, absence.deputy_email or absence.email} - people if people else ()):
            cells.fault(f"{named} is not listed in people.csv")
    _check_contracts(tables)
    for cells, line in overlapping(tables.budgets.rows):
        cells.fault(f"the budget overlaps that of line {line}")
    faults += _circles(tables)
    _check_addresses(tables)


def check_domains(settings: OrganisationSettings, tables: Tables, faults: list[Fault]) -> None:
    """Add a fault for each supplier that could be mistaken for the organisation itself."""
    own = {*settings.domains, settings.email.rpartition("@")[2]}
    for supplier, cells in tables.suppliers.rows:
        for domain in supplier.domains:
            if domain in own:
                cells.fault(f"the domain {domain} is the organisation's own")


def check_policy(policy: PolicyData, root: Table, tables: Tables) -> None:
    """Add a fault for each name in the policy that no file lists, at the line of its rule."""
    directory = directory_of(tables)
    tables_of_rules = dict(zip((rule.name for rule in policy.rules), root.tables("rule"), strict=True))
    for finding in unknown_names(policy.rules, directory):
        tables_of_rules[finding.rules[0]].fault(finding.text)


def directory_of(tables: Tables) -> Directory:
    """Return the people, owners, suppliers and categories of the files."""
    people = {
        one.email: Signatory(
            one.email, one.name, frozenset(one.roles), one.manager_email, one.approval_limit, one.active
        )
        for one in tables.people.values
    }
    return Directory(
        people={name.lower(): Signatory(name.lower(), name) for name in tables.people.named} | people,
        owners=dict.fromkeys(tables.cost_centers.named, "")
        | {one.code: one.owner_email for one in tables.cost_centers.values},
        suppliers=frozenset(tables.suppliers.named),
        categories=frozenset(one.category for one in tables.catalog.values if one.category),
    )


def _check_contracts(tables: Tables) -> None:
    """Add a fault for each item whose contract is with another supplier or in another currency."""
    contracts = {one.reference: one for one in tables.contracts.values}
    for item, cells in tables.catalog.rows:
        contract = contracts.get(item.contract or "")
        if contract and (contract.supplier, contract.currency) != (item.supplier, item.currency):
            cells.fault(f"the contract {contract.reference!r} is with {contract.supplier} in {contract.currency}")


def _check_addresses(tables: Tables) -> None:
    """Add a fault where a mail address or domain would name two suppliers, or anybody at all."""
    owners: dict[str, str] = {}
    for supplier, cells in tables.suppliers.rows:
        for name in (*supplier.emails, *supplier.domains):
            owner = owners.setdefault(name, supplier.code)
            if owner != supplier.code:
                cells.fault(f"{name} also belongs to the supplier {owner}; it would not tell them apart")
        for domain in supplier.domains:
            if domain in _PUBLIC_DOMAINS:
                cells.fault(f"anybody may have an address at {domain}; list the supplier's in emails instead")


def _circles(tables: Tables) -> Iterator[Fault]:
    """Yield a fault for each person who is, over others, his own manager."""
    managers: Mapping[str, str | None] = {one.email: one.manager_email for one in tables.people.values}
    for person, cells in tables.people.rows:
        seen: list[str] = []
        above = person.manager_email
        while above and above != person.email and above not in seen:
            seen.append(above)
            above = managers.get(above)
        if above == person.email:
            way = " → ".join([person.email, *seen, person.email])
            yield Fault(cells.file, cells.line, f"{person.email} would be his own manager ({way})")
