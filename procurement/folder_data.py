"""What an organisation's folder says, as values: one class a table, named as the table's columns are.

Every text is stripped, every address in lower case, every list a tuple; None means that nothing is said.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from procurement.policy import Rule


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in a file or sheet; ``line`` counts from 1, None where it concerns the whole file."""

    file: str
    line: int | None
    text: str

    def __str__(self) -> str:
        counted = "row" if self.file.startswith("sheet ") else "line"
        place = f"{self.file}, {counted} {self.line}" if self.line else self.file
        return f"{place}: {self.text}"


@dataclass(frozen=True)
class MailboxData:
    """One account that is polled; ``config`` is ready for the mailbox row, secrets by reference."""

    name: str
    config: dict[str, Any]


@dataclass(frozen=True)
class OrganisationSettings:
    """The organisation itself, without its tables."""

    slug: str
    name: str
    address: tuple[str, ...]
    country: str | None
    tax_number: str | None
    email: str
    operator_email: str | None
    phone: str | None
    accent: str
    currency: str
    language: str
    time_zone: str
    domains: tuple[str, ...]
    borders: tuple[str, ...]
    order_number: str
    payment_terms: str | None
    delivery_terms: str | None
    terms: tuple[str, ...]
    email_approval_limit: Decimal | None
    approval_days: tuple[int, ...]
    chase_days: tuple[int, ...]
    overdue_days: int
    tolerance: dict[str, Any]
    delivery: dict[str, Any]  # procurement.chasing
    billing: dict[str, Any]  # procurement.invoice_match.Allowance
    checks: dict[str, int]  # procurement.splitting.Watch
    calendar: dict[str, Any]  # procurement.working_time
    smtp: dict[str, Any]


@dataclass(frozen=True)
class PersonData:
    """One row of people.csv."""

    email: str
    name: str
    roles: tuple[str, ...]
    manager_email: str | None
    approval_limit: Decimal | None
    language: str | None
    active: bool


@dataclass(frozen=True)
class SupplierData:
    """One row of suppliers.csv."""

    code: str
    name: str
    aliases: tuple[str, ...]
    emails: tuple[str, ...]
    domains: tuple[str, ...]
    order_email: str
    contact_name: str | None
    phone: str | None
    address: tuple[str, ...]
    country: str | None
    tax_number: str | None
    language: str
    currency: str
    payment_terms: str | None
    bank_accounts: tuple[str, ...]
    status: str
    status_reason: str | None = None
    status_since: date | None = None
    order_xml: str | None = None  # what goes with the PDF of an order: ubl
    tolerance: dict[str, Any] = field(default_factory=dict)  # as that of the organisation, which it outweighs


@dataclass(frozen=True)
class CatalogData:
    """One row of catalog.csv; ``supplier`` is the supplier's code."""

    item_number: str
    supplier: str
    supplier_item_number: str | None
    description: str
    category: str | None
    unit: str
    unit_price: Decimal
    currency: str
    tax_rate: Decimal | None
    contract: str | None
    valid_from: date | None
    valid_until: date | None
    minimum_quantity: Decimal | None
    quantity_multiple: Decimal | None = None
    contents: Decimal | None = None  # so many ``content_unit`` are in one unit
    content_unit: str | None = None
    price_breaks: tuple[tuple[Decimal, Decimal], ...] = ()  # from which quantity on, which price


@dataclass(frozen=True)
class CostCenterData:
    """One row of cost_centers.csv; no ``accounts`` stand for all."""

    code: str
    name: str
    owner_email: str
    valid_from: date | None
    valid_until: date | None
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True)
class BudgetData:
    """One row of budgets.csv; ``account`` "" stands for all accounts."""

    cost_center: str
    account: str
    starts_on: date
    ends_on: date
    amount: Decimal


@dataclass(frozen=True)
class ContractData:
    """One row of contracts.csv; ``supplier`` is the supplier's code, ``ceiling`` in the contract's currency."""

    reference: str
    supplier: str
    name: str | None
    currency: str
    ceiling: Decimal | None
    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True)
class ContactData:
    """One row of contacts.csv: whom to turn to at a supplier, and for what (orders, invoices, ...)."""

    supplier: str
    purpose: str
    name: str
    email: str
    phone: str | None


@dataclass(frozen=True)
class AccountData:
    """One row of accounts.csv."""

    code: str
    name: str
    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True)
class ProjectData:
    """One row of projects.csv."""

    code: str
    name: str
    owner_email: str
    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True)
class RateData:
    """One row of exchange_rates.csv: what one unit of ``currency`` was worth in base currency on a day."""

    currency: str
    valid_on: date
    rate: Decimal


@dataclass(frozen=True)
class AbsenceData:
    """One row of absences.csv: who is away, both days included, and who signs in his place."""

    email: str
    deputy_email: str | None
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class PlaceData:
    """A place that goods or invoices are sent to; ``email`` is where it takes invoices."""

    code: str
    name: str
    address: tuple[str, ...]
    country: str | None
    email: str | None
    is_default: bool


@dataclass(frozen=True)
class PolicyData:
    """One version of the approval policy."""

    version: str
    valid_from: date
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class OrganisationData:
    """A whole folder that was read without a fault; None for a file that is optional and absent."""

    settings: OrganisationSettings
    mailboxes: tuple[MailboxData, ...]
    ship_to: tuple[PlaceData, ...]
    bill_to: tuple[PlaceData, ...]
    people: tuple[PersonData, ...]
    suppliers: tuple[SupplierData, ...]
    cost_centers: tuple[CostCenterData, ...]
    policy: PolicyData
    catalog: tuple[CatalogData, ...] | None = None
    budgets: tuple[BudgetData, ...] | None = None
    contracts: tuple[ContractData, ...] | None = None
    contacts: tuple[ContactData, ...] | None = None
    accounts: tuple[AccountData, ...] | None = None
    projects: tuple[ProjectData, ...] | None = None
    rates: tuple[RateData, ...] | None = None
    absences: tuple[AbsenceData, ...] | None = None
