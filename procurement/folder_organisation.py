"""organisation.toml: the organisation, its mailboxes, its mail relay and the places it has things sent to."""

import re
from collections.abc import Callable
from typing import Any

from procurement import folder_values as read
from procurement.folder_data import MailboxData, OrganisationSettings, PlaceData
from procurement.folder_oauth import read_oauth
from procurement.folder_toml import Table
from procurement.public_holidays import is_known
from procurement.working_time import DAYS

FILE = "organisation.toml"
_HOUR = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
RESERVED_MAILBOX = "import"  # the name of the place that imported mail goes to
_MAIL_PORTS = {"implicit": 993, "starttls": 143, "none": 143}
_RELAY_PORTS = {"implicit": 465, "starttls": 587, "none": 25}


def read_settings(root: Table) -> OrganisationSettings | None:
    """Return the organisation; None where anything that it needs is missing or wrong."""
    before = len(root.faults)
    texts = {
        "slug": root.needed("slug", read.slug),
        "name": root.needed("name", str),
        "email": root.needed("email", read.email),
        "currency": root.needed("currency", read.currency),
        "country": root.optional("country", read.country),
        "tax_number": root.optional("tax_number", read.tax_number),
        "operator_email": root.optional("operator_email", read.email),
        "phone": root.optional("phone", str),
        "accent": root.optional("accent", read.accent) or "#1f4e79",
        "language": root.optional("language", read.language) or "en",
        "time_zone": root.optional("time_zone", read.time_zone) or "UTC",
        "order_number": root.optional("order_number", read.order_number) or "PO-{year}-{number:05d}",
        "payment_terms": root.optional("payment_terms", str),
        "delivery_terms": root.optional("delivery_terms", str),
        "email_approval_limit": root.optional("email_approval_limit", read.amount),
    }
    lists = {
        "address": root.several("address", str) or (),
        "domains": root.several("domains", read.domain) or (),
        "borders": root.several("borders", read.host) or (),
        "terms": root.several("terms", str) or (),
    }
    days = {
        "approval_days": root.wholes("approval_days", 1, 365) or (2, 4),
        "chase_days": root.wholes("chase_days", 1, 365) or (2, 4),
        "overdue_days": root.whole("overdue_days", 1, 365) or 7,
    }
    values: dict[str, Any] = {**texts, **lists, **days}
    values |= {"tolerance": _tolerance(root.table("tolerance")), "smtp": _smtp(root.table("smtp"))}
    values["delivery"] = _delivery(root.table("delivery"))
    values["billing"] = _billing(root.table("billing"))
    values["checks"] = _checks(root.table("checks"))
    values["calendar"] = _calendar(root.table("calendar"), values["country"])
    return OrganisationSettings(**values) if len(root.faults) == before else None


def read_mailboxes(root: Table) -> tuple[MailboxData, ...]:
    """Return the accounts that are polled."""
    found: list[MailboxData] = []
    for table in root.tables("mailbox"):
        name = table.needed("name", str)
        if name == RESERVED_MAILBOX:
            table.fault(f"the name {RESERVED_MAILBOX!r} is kept for imported mail", "name")
        if name in {one.name for one in found}:
            table.fault(f"the mailbox {name!r} stands twice", "name")
        config = _account(table, _MAIL_PORTS) | {"address": table.needed("address", read.email)}
        config["username"] = config["username"] or config["address"]
        config["oauth"] = read_oauth(table.table("oauth"))
        needed = table.optional if config["oauth"] else table.needed
        config["password"] = needed("password", read.secret)
        if config["oauth"] and config["password"]:
            table.fault("a mailbox has a password or an oauth table, not both", "password")
        config["folder"] = table.optional("folder", str) or "INBOX"
        config["move_to"] = table.optional("move_to", str)
        config["sent_folder"] = table.optional("sent_folder", str)
        config["poll_seconds"] = table.whole("poll_seconds", 1, 86400) or 300
        config["unreachable_minutes"] = table.whole("unreachable_minutes", 1, 10080)
        config["quiet_hours"] = table.whole("quiet_hours", 0, 8760)
        if config["address"] and config["address"] == root.values.get("operator_email"):
            table.fault("operator_email is read by this very mailbox; write to somebody else", "address")
        if config["move_to"] == config["folder"]:
            table.fault("move_to names the very folder that is read", "move_to")
        table.finish()
        found.append(MailboxData(name or "", _said(config)))
    return tuple(found)


def read_places(root: Table, purpose: str) -> tuple[PlaceData, ...]:
    """Return the places of one purpose (``ship_to`` or ``bill_to``); at most one is the default."""
    found: list[PlaceData] = []
    for table in root.tables(purpose):
        place = PlaceData(
            code=table.needed("code", read.short(60)) or "",
            name=table.needed("name", str) or "",
            address=table.several("address", str) or (),
            country=table.optional("country", read.country),
            email=table.optional("email", read.email),
            is_default=table.truth("default"),
        )
        if place.code and place.code in {one.code for one in found}:
            table.fault(f"the place {place.code!r} stands twice", "code")
        if place.is_default and any(one.is_default for one in found):
            table.fault("two places are the default", "default")
        table.finish()
        found.append(place)
    return tuple(found)


def _smtp(table: Table | None) -> dict[str, Any]:
    if table is None:
        return {}
    config = _account(table, _RELAY_PORTS)
    config["password"] = table.optional("password", read.secret)
    config["oauth"] = read_oauth(table.table("oauth"))
    if bool(table.values.get("username")) != bool(table.values.get("password") or config["oauth"]):
        table.fault("username and password (or oauth) belong together")
    if config["oauth"] and config["password"]:
        table.fault("the relay has a password or an oauth table, not both", "password")
    table.finish()
    return _said(config)


def _account(table: Table, ports: dict[str, int]) -> dict[str, Any]:
    """Return what any account says of its server; TLS may be left out only on this very machine."""
    host = table.needed("host", read.host)
    tls = table.optional("tls", _one_of(tuple(ports))) or "implicit"
    if tls == "none" and host and not read.is_loopback(host):
        table.fault(f'tls = "none" is for this very machine only, and {host} is another', "tls")
    return {
        "host": host,
        "port": table.whole("port", 1, 65535) or ports[tls],
        "tls": tls,
        "username": table.optional("username", str),
        "ca_file": table.optional("ca_file", str),
    }


def _tolerance(table: Table | None) -> dict[str, Any]:
    """Return how far answers may differ: for all, and in ``category`` for the lines of a category."""
    if table is None:
        return {}
    values = _tolerances(table)
    categories = table.table("category")
    if categories is not None:
        named = {name: categories.table(name) for name in categories.values}
        values["category"] = {name: _narrower(one) for name, one in named.items() if one is not None}
    table.finish()
    return _said(values)


def _narrower(table: Table) -> dict[str, Any]:
    values = _tolerances(table)
    table.finish()
    return _said(values)


def _tolerances(table: Table) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, kind in (
        ("price_percent", read.percent),
        ("price_amount", read.amount),
        ("quantity_percent", read.percent),
    ):
        value = table.optional(key, kind)
        values[key] = None if value is None else format(value, "f")
    return values | {key: table.whole(key, 0, 3650) for key in ("days_early", "days_late")}


def _delivery(table: Table | None) -> dict[str, Any]:
    """Return on which working days before and after it is due a delivery is asked about."""
    if table is None:
        return {}
    values = {key: table.wholes(key, 1, 365) for key in ("before_due", "after_due")}
    table.finish()
    return {key: list(days) for key, days in values.items() if days is not None}


def _billing(table: Table | None) -> dict[str, Any]:
    """Return how far receipts and invoices may differ without asking."""
    if table is None:
        return {}
    percents = ("price_percent", "quantity_percent", "receipt_percent")
    amounts = ("price_amount", "charges_amount", "rounding_amount")
    found = {key: table.optional(key, read.percent) for key in percents}
    found |= {key: table.optional(key, read.amount) for key in amounts}
    values: dict[str, Any] = {key: format(value, "f") for key, value in found.items() if value is not None}
    if categories := table.several("without_receipt", str):
        values["without_receipt"] = list(categories)
    table.finish()
    return values


def _checks(table: Table | None) -> dict[str, int]:
    if table is None:
        return {}
    values = {key: table.whole(key, 0, 365) for key in ("duplicate_days", "split_days")}
    values["split_percent"] = table.whole("split_percent", 0, 50)
    values["bank_hours"] = table.whole("bank_hours", 0, 720)
    table.finish()
    return _said(values)


def _calendar(table: Table | None, country: str | None) -> dict[str, Any]:
    """Return when the organisation works, in the form that procurement.working_time reads."""
    if table is None:
        return {}
    values: dict[str, Any] = {name: table.optional(name, _hour) for name in ("starts", "ends")}
    values["country"] = table.optional("country", read.country)
    values["region"] = table.optional("region", str)
    values["days"] = list(table.several("days", _one_of(DAYS)) or ()) or None
    values["closed"] = [day.isoformat() for day in table.several("closed", read.day) or ()] or None
    if values["region"] and not is_known(values["country"] or country or "", values["region"]):
        table.fault(f"no holidays of the region {values['region']!r} are known; write it as in BY", "region")
    starts, ends = values["starts"] or "08:00", values["ends"] or "18:00"
    if starts >= ends:
        table.fault(f"work begins at {starts} and ends at {ends}", "ends")
    table.finish()
    return _said(values)


def _hour(text: str) -> str:
    if not _HOUR.fullmatch(text):
        raise ValueError("is not a time of day; write it as in 08:00")
    return text


def _said(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _one_of(allowed: tuple[str, ...]) -> Callable[[str], str]:
    def choose(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"is none of {', '.join(allowed)}")
        return text

    return choose
