"""Reading an organisation's folder: all of the documented example, and every kind of fault at its line."""

from datetime import date
from decimal import Decimal

import pytest

from procurement.organisation_folder import OPTIONAL, REQUIRED, read_folder
from procurement.policy_check import check
from procurement.steps.directory import directory_in
from tests.procurement.folder_sample import files, read, with_change


def _told(changed: dict[str, bytes]) -> list[str]:
    data, faults = read_folder(changed)
    assert (data is None) == bool(faults)
    return [str(fault) for fault in faults]


def test_the_documented_example_is_whole_and_its_policy_is_proven() -> None:
    assert set(files()) == {*REQUIRED, *OPTIONAL} - {"places.csv"}
    data = read()
    assert check(data.policy.rules, directory_in(data)) == ()


def test_the_example_is_read_value_by_value() -> None:
    data = read()
    assert data.settings.email_approval_limit == Decimal(25000)
    assert data.settings.tolerance == {
        "price_percent": "1", "price_amount": "0.50", "quantity_percent": "0", "days_early": 7, "days_late": 2,
        "category": {"lab": {"price_percent": "3"}},
    }  # fmt: skip
    assert data.settings.delivery == {"before_due": [3], "after_due": [2, 5]}
    assert data.settings.smtp["port"] == 587 and data.settings.smtp["password"] == "env:LINDEN_MAIL_PASSWORD"
    assert data.mailboxes[0].config["port"] == 993 and data.mailboxes[0].config["poll_seconds"] == 60
    assert data.ship_to[0].is_default
    bela = data.people[1]
    assert bela.roles == ("requester", "approver") and bela.approval_limit == Decimal(5000) and bela.active
    nord = data.suppliers[0]
    assert nord.emails == ("orders@nordlicht.example", "service@nordlicht.example")
    assert nord.aliases == ("Nordlicht", "NBB") and nord.address == ("Kai 4", "24103 Kiel")
    assert data.catalog is not None and data.catalog[0].valid_until == date(2026, 12, 31)
    assert data.catalog[0].description == "Kopierpapier A4, 80 g/m², weiß, 500 Blatt"
    assert data.budgets is not None and data.budgets[0].account == ""
    assert data.policy.valid_from == date(2026, 1, 1)
    assert data.policy.rules[4].steps[1].limit == Decimal(100000)


def test_optional_files_may_be_absent_and_that_is_not_an_empty_table() -> None:
    some = {name: data for name, data in files().items() if name not in OPTIONAL}
    data = read(some)
    assert data.catalog is None and data.budgets is None
    header = files()["catalog.csv"].splitlines(keepends=True)[0]
    assert read(files() | {"catalog.csv": header}).catalog == ()


def test_every_missing_file_is_told() -> None:
    assert _told({}) == sorted((f"{name}: the file is missing" for name in REQUIRED), key=_order)


def _order(told: str) -> int:
    return REQUIRED.index(told.partition(":")[0])


def test_a_byte_order_mark_and_semicolons_do_no_harm() -> None:
    people = files()["people.csv"].decode().replace(";", "|").replace(",", ";").replace("|", ",")
    quoted = people.replace("requester,approver", '"requester;approver"').replace("approver,finance,buyer", "approver")
    quoted = quoted.replace("approver,finance", '"approver;finance"')
    assert read(files() | {"people.csv": b"\xef\xbb\xbf" + quoted.encode()}).people[1].roles == (
        "requester",
        "approver",
    )


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("suppliers.csv", "fr,EUR", "fr,EURO", "line 3: currency 'EURO' is not an ISO 4217 code; write EUR"),
        ("people.csv", ",5000,", ',"5.000,00",', "people.csv, line 3: approval_limit '5.000,00' has a comma; write"),
        ("people.csv", ",5000,", ",-1,", "people.csv, line 3: approval_limit '-1' is negative"),
        ("people.csv", ",5000,", ",1e9,", "people.csv, line 3: approval_limit '1e9' is not a number"),
        ("people.csv", "Anna Voss", "", "people.csv, line 2: name is empty"),
        ("people.csv", "\ndario@linden.example", "\ndario(at)linden", "people.csv, line 5: email"),
        ("people.csv", "bela@linden.example,,de", "zoe@linden.example,,de", "line 2: the manager zoe@linden"),
        ("people.csv", "finance,,100000", "finance,dario@linden.example,100000", "would be his own manager"),
        ("people.csv", "5000,de,true", "5000,de,maybe", "people.csv, line 3: active 'maybe' is neither true nor false"),
        ("people.csv", "5000,de,true", "5000,de,true,x", "line 3: 8 fields, but the header has 7"),
        ("people.csv", "manager,app", "boss,app", "people.csv, line 1: the column 'boss' is not known"),
        ("people.csv", "email,name", "mail,name", "people.csv, line 1: the column email is missing"),
        ("people.csv", "email,name", "email,email", "people.csv, line 1: the column 'email' stands twice"),
        ("suppliers.csv", "VITE,", "nord,", "suppliers.csv, line 3: code 'nord' stands twice; it is also in line 2"),
        ("suppliers.csv", ",EUR,,,active", ",EUR,,,retired", "status 'retired' is none of active, onboarding, blocked"),
        ("suppliers.csv", "viteries.example,comm", "gmail.com,comm", "anybody may have an address at gmail.com"),
        ("suppliers.csv", "viteries.example,comm", "linden.example,comm", "linden.example is the organisation's"),
        ("suppliers.csv", "viteries.example,comm", "nordlicht.example,comm", "also belongs to the supplier NORD"),
        ("suppliers.csv", "|01000 Bourg-en-Bresse,FR", "|x,France", "is not an ISO 3166-1 country code; write FR"),
        ("suppliers.csv", "FR36345678908,fr", "FR36345678908,french", "language 'french' is not a language code"),
        ("catalog.csv", "S-2040;VITE", "S-2040;VITA", "catalog.csv, line 4: the supplier 'VITA' is not listed"),
        ("catalog.csv", "S-2040", "p-1001", "line 4: item_number 'p-1001' stands twice; it is also in line 2"),
        ("catalog.csv", "2026-12-31;5", "2025-12-31;5", "valid_until 2025-12-31 is before valid_from 2026-01-01"),
        ("catalog.csv", "2026-12-31;5", "31.12.2026;5", "valid_until '31.12.2026' is not a date; write year-month-day"),
        ("catalog.csv", "2026-12-31;5", "2026-02-30;5", "valid_until '2026-02-30' is not a day of the calendar"),
        ("catalog.csv", "2026-12-31;5", "2026-12-31;0", "minimum_quantity '0' is not above zero"),
        ("catalog.csv", "EUR;20;", "EUR;200;", "tax_rate '200' is not a percentage"),
        ("cost_centers.csv", "4711,Workshop,bela", "4711,Workshop,zoe", "line 2: the owner zoe@linden.example"),
        ("budgets.csv", "4800,", "4801,", "budgets.csv, line 3: the cost centre '4801' is not listed"),
        ("budgets.csv", "4800,", "4711,", "stands twice"),
        ("budgets.csv", "4800,,2026-01-01", "4711,,2026-06-01", "line 3: the budget overlaps that of line 2"),
    ],
)  # fmt: skip
def test_a_fault_in_a_table_is_told_at_its_line(file: str, old: str, new: str, fault: str) -> None:
    told = _told(with_change(file, old, new))
    assert any(fault in one for one in told), told


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('slug = "linden"', 'slug = "Linden GmbH"', "organisation.toml, line 1: slug 'Linden GmbH' may hold only"),
        ('currency = "EUR"', 'currency = "euro"', "line 9: currency 'euro' is not an ISO 4217 code; write EUR"),
        ('currency = "EUR"\n', "", "currency is missing"),
        ("Europe/Berlin", "Europe/Berlim", "time_zone 'Europe/Berlim' is not a time zone; write Europe/Berlin"),
        ("#1f4e79", "blue", "accent 'blue' is not a colour"),
        ("PO-{year}-{number:05d}", "PO-{year.__class__}", "holds {year.__class__}; only"),
        ("PO-{year}-{number:05d}", "PO-{year}", "must hold {number} once"),
        ("PO-{year}-{number:05d}", "PO-{number:999d}", "holds {number:999d}"),
        ("PO-{year}-{number:05d}", "PO{number}\\r\\nBcc", "may hold only letters"),
        ("approval_days = [2, 4]", "approval_days = [4, 2]", "line 19: approval_days must be an ascending list"),
        ("overdue_days = 7", 'overdue_days = "7"', "overdue_days must be a whole number"),
        ("overdue_days = 7", "overdue = 7", "organisation.toml, line 21: the key 'overdue' is not known"),
        ('price_percent = "1"', 'price_percent = "1,5"', "price_percent '1,5' has a comma"),
        ('port = 587\ntls = "starttls"', 'port = 587\ntls = "none"', 'tls = "none" is for this very machine only'),
        ('tls = "implicit"', 'tls = "ssl"', "tls 'ssl' is none of implicit, starttls, none"),
        ('name = "purchasing"', 'name = "import"', "the name 'import' is kept for imported mail"),
        ('move_to = "Handled"', 'move_to = "INBOX"', "move_to names the very folder that is read"),
        ('host = "imap.linden.example"', 'host = "imap linden"', "host 'imap linden' is not a host name"),
        ("default = true", 'default = "yes"', "default must be true or false"),
        ('address = ["Hafenweg 12", "20457 Hamburg"]', 'address = "Hafenweg"', "address must be a list of texts"),
        ("[smtp]", "[[smtp]]", "smtp must be a table"),
        ("[tolerance]", "[tolerance", "the file is not TOML"),
    ],
)  # fmt: skip
def test_a_fault_in_the_settings_is_told_at_its_line(old: str, new: str, fault: str) -> None:
    told = _told(with_change("organisation.toml", old, new))
    assert any(fault in one for one in told), told


def test_no_tls_is_allowed_on_this_very_machine_only() -> None:
    loopback = with_change(
        "organisation.toml", 'host = "imap.linden.example"\ntls = "implicit"', 'host = "127.0.0.1"\ntls = "none"'
    )
    assert read(loopback).mailboxes[0].config["tls"] == "none"
    near = with_change(
        "organisation.toml",
        'host = "imap.linden.example"\ntls = "implicit"',
        'host = "127.0.0.1.example.com"\ntls = "none"',
    )
    assert len(_told(near)) == 1


def test_a_password_that_is_written_down_is_refused_and_not_repeated() -> None:
    changed = files()
    changed["organisation.toml"] = changed["organisation.toml"].replace(b"env:LINDEN_MAIL_PASSWORD", b"hunter2")
    told = _told(changed)
    assert len(told) == 2
    assert all("must say where the secret is" in one and "hunter2" not in one for one in told)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("valid_from = 2026-01-01", 'valid_from = "soon"', "policy.toml, line 2: valid_from 'soon' is not a date"),
        ('version = "2026-1"\n', "", "version is missing"),
        ('category = ["office"]', 'category = ["offices"]', "names the category 'offices', which does not exist"),
        ('category = ["office"]', 'cost_center = ["4712"]', "names the cost centre '4712'"),
        ('category = ["office"]', 'supplier = ["NORDS"]', "names the supplier 'NORDS'"),
        ('category = ["office"]', "category = []", "category is empty, so that nothing fits"),
        ('category = ["office"]', 'categories = ["office"]', "the key 'categories' is not known"),
        ('"role:finance"', '"role:board"', "names the role 'board', which nobody active has"),
        ('"person:dario@linden.example"', '"person:zoe@linden.example"', "names the person 'zoe@linden.example'"),
        ('"person:dario@linden.example"', '"dario@linden.example"', "is none of person:ADDRESS, role:NAME"),
        ("automatic = true", "", "a rule needs a [[rule.step]], or automatic = true"),
        ('who = ["owner"]', 'who = ["owner"]\nautomatic = true', "the key 'automatic' is not known"),
        ('contract = "on"', 'contract = "yes"', "contract 'yes' is neither on nor off"),
        ('except = ["management", "small, on contract"]', 'except = ["all else"]', "no rule before this one"),
        ('amount = { from = "5000" }', 'amount = { from = "5000", below = "5000" }', "below is not above from"),
        ('name = "office"', 'name = "management"', "the rule 'management' stands twice"),
    ],
)  # fmt: skip
def test_a_fault_in_the_policy_is_told(old: str, new: str, fault: str) -> None:
    told = _told(with_change("policy.toml", old, new))
    assert any(fault in one and one.startswith("policy.toml") for one in told), told


def test_a_name_that_does_not_exist_is_told_at_the_line_of_its_rule() -> None:
    changed = with_change("policy.toml", 'category = ["office"]', 'category = ["offices"]')
    line = changed["policy.toml"].decode().splitlines().index('name = "office"')  # its [[rule]] is one before
    assert _told(changed) == [
        f"policy.toml, line {line}: The rule “office” names the category 'offices', which does not exist."
    ]


def test_all_faults_of_all_files_are_told_at_once_in_their_order() -> None:
    changed = with_change("people.csv", ",5000,", ",5k,") | {
        name: with_change(name, old, new)[name]
        for name, old, new in (
            ("organisation.toml", 'currency = "EUR"', 'currency = "EU"'),
            ("catalog.csv", ";4.90;", ";4,90;"),
            ("policy.toml", 'need = "any"\nlimit = "5000"', 'need = "some"\nlimit = "5k"'),
        )
    }
    changed["budgets.csv"] = "cost_center,starts_on,ends_on,amount\nStraße".encode("latin-1")
    policy_lines = changed["policy.toml"].decode().splitlines()
    need = policy_lines.index('need = "some"') + 1
    told = _told(changed)
    assert [one.partition(":")[0] for one in told] == [
        *("organisation.toml, line 9", "people.csv, line 3", f"policy.toml, line {need}"),
        *(f"policy.toml, line {need + 1}", "catalog.csv, line 2", "budgets.csv, line 2"),
    ]
    assert told[-1].endswith("the text is not UTF-8; save the file as UTF-8")


def test_a_person_with_a_fault_of_his_own_is_still_known_to_the_others() -> None:
    assert len(_told(with_change("people.csv", "finance,,100000", "finance,,lots"))) == 1


@pytest.mark.parametrize(
    "data", [b"", b"\0", b"\xff\xfe", b'"', b'a,b\n"x', b"\n\n", b"[" * 3000, b"=" * 9, b"a" * 200_000]
)
@pytest.mark.parametrize("file", [*REQUIRED, *OPTIONAL])
def test_any_bytes_are_faults_and_never_an_error(file: str, data: bytes) -> None:
    assert _told(files() | {file: data})
