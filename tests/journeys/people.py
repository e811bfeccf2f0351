"""A small organisation and the people around it, as a folder of files; every name is made up."""

from datetime import date, timedelta

POLICY = """
version = "1"
valid_from = 2020-01-01

[[rule]]
name = "small"
amount = { below = "50" }
automatic = true

[[rule]]
name = "medium"
amount = { from = "50", below = "1000" }
[[rule.step]]
who = ["owner"]
need = "all"

[[rule]]
name = "large"
amount = { from = "1000" }
[[rule.step]]
who = ["owner"]
need = "all"
limit = "500"
[[rule.step]]
who = ["person:dora@{domain}"]
need = "all"
"""

PEOPLE = """email,name,roles,manager,approval_limit,language,active
ada@{domain},Ada Requester,requester,olga@{domain},,en,true
olga@{domain},Olga Owner,requester;approver,dora@{domain},999,en,true
dora@{domain},Dora Director,approver,,100000,en,true
vera@{domain},Vera Visitor,visitor,,,en,true
"""

SUPPLIERS = """code,name,domains,order_email,contact_name,address,country,language,currency,payment_terms,status
GLOVE,Handmade Gloves Ltd,{gloves},orders@{gloves},Jan,1 Mill Lane|Leeds,GB,en,EUR,30 days net,active
PAPER,Papierhaus Krause GmbH,{paper},bestellung@{paper},,Am Markt 2|04109 Leipzig,DE,de,EUR,,active
"""

CATALOG = """item_number,supplier,supplier_item_number,description,category,unit,unit_price,currency,tax_rate,contract
G-100,GLOVE,HG-7,"Nitrile gloves, size M, box of 100",lab,box,8.00,EUR,19,K-1
P-200,PAPER,KR-55,"Copy paper A4 80 g, box of 2500 sheets",office,box,21.50,EUR,19,
C-300,PAPER,KR-90,"Conference table oak 240 cm",furniture,piece,950.00,EUR,19,
"""

COST_CENTERS = """code,name,owner,valid_from,valid_until
4711,Laboratory,olga@{domain},,
"""

BUDGETS = """cost_center,account,starts_on,ends_on,amount
4711,,2020-01-01,2099-12-31,50000
"""

ORGANISATION = """
slug = "{slug}"
name = "Northwind Instruments"
address = ["12 Harbour Street", "2100 Copenhagen"]
country = "DK"
email = "purchasing@{domain}"
currency = "EUR"
language = "en"
time_zone = "Europe/Copenhagen"
domains = ["{domain}"]
borders = ["{border}"]
order_number = "PO-{{year}}-{{number:05d}}"
approval_days = [2, 4]
chase_days = [2, 4]
overdue_days = 7
email_approval_limit = "5000"

[tolerance]
price_percent = "2"
days_late = 3

[[mailbox]]
name = "purchasing"
{mailbox}

[smtp]
{smtp}

[[ship_to]]
code = "HQ"
name = "Northwind goods-in"
address = ["12 Harbour Street", "2100 Copenhagen"]
country = "DK"
default = true
"""


def folder(slug: str, border: str, mailbox: dict[str, object], smtp: dict[str, object]) -> dict[str, bytes]:
    """Return the files of the organisation ``slug`` (its domain is SLUG.example)."""
    domain, gloves, paper = f"{slug}.example", f"gloves-{slug}.example", f"paper-{slug}.example"
    names = {"domain": domain, "gloves": gloves, "paper": paper}
    texts = {
        "organisation.toml": ORGANISATION.format(
            slug=slug, domain=domain, border=border, mailbox=_toml(mailbox), smtp=_toml(smtp)
        ),
        "people.csv": PEOPLE.format(**names),
        "suppliers.csv": SUPPLIERS.format(**names),
        "catalog.csv": CATALOG,
        "cost_centers.csv": COST_CENTERS.format(**names),
        "budgets.csv": BUDGETS,
        "policy.toml": POLICY.replace("{domain}", domain),
    }
    return {name: text.encode() for name, text in texts.items()}


def in_days(days: int) -> str:
    """Return the date ``days`` from today, in words a person would write."""
    return (date.today() + timedelta(days=days)).strftime("%-d %B %Y")


def _toml(values: dict[str, object]) -> str:
    return "\n".join(f"{name} = {_value(value)}" for name, value in values.items())


def _value(value: object) -> str:
    return str(value) if isinstance(value, int | float) else f'"{value}"'
