"""The rows of an organisation's CSV files: the columns of each file, and what one row of it says."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from procurement import folder_values as read
from procurement.folder_csv import Cells, Columns
from procurement.folder_data import (
    AbsenceData,
    AccountData,
    BudgetData,
    CatalogData,
    ContactData,
    ContractData,
    CostCenterData,
    PersonData,
    PlaceData,
    ProjectData,
    RateData,
    SupplierData,
)
from procurement.units import unit_code

ORDER_XML = ("ubl",)
STATUSES = ("active", "onboarding", "blocked", "inactive")
PURPOSES = ("ship_to", "bill_to")
TOLERANCES = ("price_percent", "price_amount", "quantity_percent", "days_early", "days_late")

_VALIDITY = ("valid_from", "valid_until")
PEOPLE = Columns(("email", "name"), ("roles", "manager", "approval_limit", "language", "active"))
SUPPLIERS = Columns(
    ("code", "name", "order_email", "currency"),
    (
        *("aliases", "emails", "domains", "contact_name", "phone", "address", "country", "tax_number", "language"),
        *("payment_terms", "bank_accounts", "status", "status_reason", "status_since", "order_xml"),
        *TOLERANCES,
    ),
)
CATALOG = Columns(
    ("item_number", "supplier", "description", "unit", "unit_price", "currency"),
    (
        *("supplier_item_number", "category", "tax_rate", "contract", *_VALIDITY, "minimum_quantity"),
        *("quantity_multiple", "contents", "content_unit", "price_breaks"),
    ),
)
CONTRACTS = Columns(("reference", "supplier", "currency"), ("name", "ceiling", *_VALIDITY))
CONTACTS = Columns(("supplier", "purpose", "name", "email"), ("phone",))
COST_CENTERS = Columns(("code", "name", "owner"), (*_VALIDITY, "accounts"))
ACCOUNTS = Columns(("code", "name"), _VALIDITY)
PROJECTS = Columns(("code", "name", "owner"), _VALIDITY)
BUDGETS = Columns(("cost_center", "starts_on", "ends_on", "amount"), ("account",))
PLACES = Columns(("purpose", "code", "name"), ("address", "country", "email", "default"))
RATES = Columns(("currency", "valid_on", "rate"))
ABSENCES = Columns(("person", "starts_on", "ends_on"), ("deputy",))


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
        code=cells.needed("code", read.short(60)) or "",
        name=cells.needed("name", str) or "",
        aliases=cells.several("aliases", str),
        emails=tuple(dict.fromkeys(emails)),
        domains=cells.several("domains", read.domain),
        order_email=order_email,
        contact_name=cells.optional("contact_name", str),
        phone=cells.optional("phone", str),
        address=cells.several("address", str, "|"),
        country=cells.optional("country", read.country),
        tax_number=cells.optional("tax_number", read.tax_number),
        language=cells.optional("language", read.language) or "en",
        currency=cells.needed("currency", read.currency) or "",
        payment_terms=cells.optional("payment_terms", str),
        bank_accounts=cells.several("bank_accounts", read.bank_account),
        status=cells.optional("status", _status) or "active",
        status_reason=_status_reason(cells),
        status_since=cells.optional("status_since", read.day),
        order_xml=cells.optional("order_xml", _order_xml),
        tolerance=_tolerance(cells),
    )


def catalog_item(cells: Cells) -> CatalogData:
    """Return one row of catalog.csv."""
    price = cells.needed("unit_price", read.amount)
    return CatalogData(
        item_number=cells.needed("item_number", read.short(80)) or "",
        supplier=cells.needed("supplier", str) or "",
        supplier_item_number=cells.optional("supplier_item_number", read.short(80)),
        description=cells.needed("description", str) or "",
        category=cells.optional("category", str),
        unit=cells.needed("unit", read.short(20)) or "",
        unit_price=Decimal(0) if price is None else price,
        currency=cells.needed("currency", read.currency) or "",
        tax_rate=cells.optional("tax_rate", read.rate),
        contract=cells.optional("contract", read.short(80)),
        **_validity(cells),
        minimum_quantity=cells.optional("minimum_quantity", read.quantity),
        quantity_multiple=cells.optional("quantity_multiple", read.quantity),
        **_contents(cells),
        price_breaks=_price_breaks(cells),
    )


def contract(cells: Cells) -> ContractData:
    """Return one row of contracts.csv."""
    return ContractData(
        reference=cells.needed("reference", read.short(80)) or "",
        supplier=cells.needed("supplier", str) or "",
        name=cells.optional("name", str),
        currency=cells.needed("currency", read.currency) or "",
        ceiling=cells.optional("ceiling", read.amount),
        **_validity(cells),
    )


def contact(cells: Cells) -> ContactData:
    """Return one row of contacts.csv."""
    return ContactData(
        supplier=cells.needed("supplier", str) or "",
        purpose=(cells.needed("purpose", read.short(30)) or "").lower(),
        name=cells.needed("name", str) or "",
        email=cells.needed("email", read.email) or "",
        phone=cells.optional("phone", str),
    )


def cost_center(cells: Cells) -> CostCenterData:
    """Return one row of cost_centers.csv."""
    return CostCenterData(
        code=cells.needed("code", read.short(60)) or "",
        name=cells.needed("name", str) or "",
        owner_email=cells.needed("owner", read.email) or "",
        **_validity(cells),
        accounts=cells.several("accounts", read.short(60)),
    )


def account(cells: Cells) -> AccountData:
    """Return one row of accounts.csv."""
    return AccountData(
        code=cells.needed("code", read.short(60)) or "", name=cells.needed("name", str) or "", **_validity(cells)
    )


def project(cells: Cells) -> ProjectData:
    """Return one row of projects.csv."""
    return ProjectData(
        code=cells.needed("code", read.short(60)) or "",
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
        account=cells.optional("account", read.short(60)) or "",
        starts_on=starts_on or date.min,
        ends_on=ends_on or date.min,
        amount=Decimal(0) if amount is None else amount,
    )


def rate(cells: Cells) -> RateData:
    """Return one row of exchange_rates.csv."""
    return RateData(
        currency=cells.needed("currency", read.currency) or "",
        valid_on=cells.needed("valid_on", read.day) or date.min,
        rate=cells.needed("rate", read.quantity) or Decimal(0),
    )


def absence(cells: Cells) -> AbsenceData:
    """Return one row of absences.csv."""
    starts_on, ends_on = cells.needed("starts_on", read.day), cells.needed("ends_on", read.day)
    _check_order(cells, "starts_on", starts_on, "ends_on", ends_on)
    person, deputy = cells.needed("person", read.email) or "", cells.optional("deputy", read.email)
    if deputy and deputy == person:
        cells.fault("nobody deputises for himself")
    return AbsenceData(person, deputy, starts_on or date.min, ends_on or date.min)


def place(cells: Cells) -> tuple[str, PlaceData]:
    """Return one row of places.csv: its purpose (``ship_to`` or ``bill_to``) and the place."""
    place = PlaceData(
        code=cells.needed("code", read.short(60)) or "",
        name=cells.needed("name", str) or "",
        address=cells.several("address", str, "|"),
        country=cells.optional("country", read.country),
        email=cells.optional("email", read.email),
        is_default=cells.optional("default", read.truth) or False,
    )
    return cells.needed("purpose", _purpose) or "", place


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


def _order_xml(text: str) -> str:
    if text.lower() not in ORDER_XML:
        raise ValueError(f"is none of {', '.join(ORDER_XML)}")
    return text.lower()


def _purpose(text: str) -> str:
    if text not in PURPOSES:
        raise ValueError(f"is neither {' nor '.join(PURPOSES)}")
    return text


def _status_reason(cells: Cells) -> str | None:
    reason = cells.optional("status_reason", str)
    if reason is None and cells.values.get("status", "").lower() == "blocked" and "status_reason" in cells.values:
        cells.fault("status_reason is empty; say why the supplier is blocked")
    return reason


def _tolerance(cells: Cells) -> dict[str, Any]:
    """Return the tolerances that are said, in the form of organisation.toml's."""
    kinds: dict[str, Callable[[str], Any]] = {
        "price_percent": _exactly(read.percent),
        "price_amount": _exactly(read.amount),
        "quantity_percent": _exactly(read.percent),
        "days_early": _days,
        "days_late": _days,
    }
    said = {name: cells.optional(name, kinds[name]) for name in TOLERANCES}
    return {name: value for name, value in said.items() if value is not None}


def _exactly(kind: Callable[[str], Decimal]) -> Callable[[str], str]:
    return lambda text: format(kind(text), "f")


def _days(text: str) -> int:
    if not text.isdecimal() or int(text[:5]) > 3650:
        raise ValueError("is not a whole number of days from 0 to 3650")
    return int(text)


def _contents(cells: Cells) -> dict[str, Any]:
    """Return what one unit holds; both are said or neither, and the inner unit is another one that is known."""
    contents, unit = cells.optional("contents", read.quantity), cells.optional("content_unit", read.short(20))
    if (contents is None) != (unit is None):
        cells.fault("contents and content_unit belong together, as in 100 and piece")
    if unit is not None and unit_code(unit) is None:
        cells.fault(f"content_unit {unit!r} is no unit that we know; write a word or a code, as in piece or H87")
    return {"contents": contents, "content_unit": unit}


def _price_breaks(cells: Cells) -> tuple[tuple[Decimal, Decimal], ...]:
    breaks = cells.several("price_breaks", read.price_break)
    starts = [start for start, _ in breaks]
    if starts != sorted(set(starts)):
        cells.fault("price_breaks must ascend by quantity, each quantity once")
    return breaks
