"""An organisation written as files or as a workbook is read again as the same values, whatever they say."""

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from procurement.folder_data import CatalogData, ContactData, Fault, OrganisationData, RateData, SupplierData
from procurement.folder_export import folder_files, folder_tables
from procurement.folder_workbook import in_sheets, read_workbook, write_workbook
from procurement.formulas import neutral, plain
from procurement.organisation_folder import OPTIONAL, REQUIRED, read_folder
from tests.procurement.folder_sample import files, read

TEXTS = st.one_of(
    st.sampled_from(["=1+1", "'=2", "+49 40", "-5", "@x", "''", "'s", 'a "b", c', "ä\u2028b", "x\ny", "#", "0471"]),
    st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters=";|"), min_size=1, max_size=30),
).map(str.strip).filter(bool)  # fmt: skip
AMOUNTS = st.decimals(0, 10**12, places=4)
PRICES = st.one_of(AMOUNTS, st.just(Decimal("12345678901234567890.1234567891")))
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


def again(data: OrganisationData, by_workbook: bool) -> OrganisationData:
    """Return what is read of the files that ``data`` is written as."""
    written = folder_files(data)
    if by_workbook:
        faults: list[Fault] = []
        sheets = read_workbook(write_workbook(folder_tables(data)), (*REQUIRED, *OPTIONAL), faults)
        assert not faults
        written |= {name: sheet.data for name, sheet in sheets.items()}
    found, told = read_folder(written)
    assert found is not None, list(map(str, told))
    return found


@st.composite
def organisations(draw: st.DrawFn) -> OrganisationData:
    """Return the example with names, texts, prices and days of any kind."""
    data = read()
    nord = replace(
        data.suppliers[0],
        name=draw(TEXTS),
        phone=draw(st.none() | TEXTS),
        aliases=tuple(draw(st.lists(TEXTS, max_size=3, unique=True))),
        address=tuple(draw(st.lists(TEXTS, max_size=3, unique=True))),
        payment_terms=draw(st.none() | TEXTS),
        status=draw(st.sampled_from(["active", "onboarding", "inactive"])),
        status_reason=draw(st.none() | TEXTS),
        status_since=draw(st.none() | DAYS),
        order_xml=draw(st.sampled_from([None, "ubl"])),
        tolerance=draw(st.sampled_from([{}, {"price_percent": "2.5", "days_late": 3}])),
    )
    starts = sorted(draw(st.sets(AMOUNTS.filter(bool), max_size=3)))
    item = CatalogData(
        "'=X-1", "NORD", draw(st.none() | TEXTS), draw(TEXTS), draw(st.none() | TEXTS), "box", draw(PRICES), "EUR",
        draw(st.sampled_from([None, Decimal("0.19"), Decimal("0.055"), Decimal(0)])),
        None, None, draw(st.none() | DAYS), draw(st.none() | AMOUNTS.filter(bool)), None, Decimal(100), "piece",
        tuple((start, draw(PRICES)) for start in starts),
    )  # fmt: skip
    suppliers: tuple[SupplierData, ...] = (nord, *data.suppliers[1:])
    contact = ContactData("NORD", "orders", draw(TEXTS), "a@nordlicht.example", draw(st.none() | TEXTS))
    rate = RateData("JPY", draw(DAYS), draw(PRICES.filter(bool)))
    own = replace(data.settings, name=draw(TEXTS), terms=tuple(draw(st.lists(TEXTS, max_size=2, unique=True))))
    return replace(
        data,
        settings=own,
        suppliers=suppliers,
        catalog=(*(data.catalog or ()), item),
        contacts=(contact,),
        rates=(rate,),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(organisations(), st.booleans())
def test_whatever_is_written_is_read_again_unchanged(data: OrganisationData, by_workbook: bool) -> None:
    assert again(data, by_workbook) == data


def test_the_example_is_written_whole() -> None:
    assert set(folder_files(read())) == {*REQUIRED, *OPTIONAL}


def test_an_absent_table_has_no_file() -> None:
    without = read({name: data for name, data in files().items() if name != "budgets.csv"})
    assert "budgets.csv" not in folder_files(without)


@given(st.text(max_size=20))
def test_a_text_made_harmless_is_plain_again_and_begins_no_formula(text: str) -> None:
    assert plain(neutral(text)) == text
    for part in neutral(text).replace("\r", ";").replace("\n", ";").split(";"):
        assert not part.startswith(("=", "+", "-", "@", "\t"))


def test_no_cell_of_an_export_is_a_formula() -> None:
    data = read()
    evil = replace(data, suppliers=(replace(data.suppliers[0], name="=HYPERLINK(1)"), *data.suppliers[1:]))
    cells = [cell for row in csv.reader(io.StringIO(folder_files(evil)["suppliers.csv"].decode())) for cell in row]
    assert "'=HYPERLINK(1)" in cells and "=HYPERLINK(1)" not in cells
    book = load_workbook(io.BytesIO(write_workbook(folder_tables(evil))))
    found = next(cell for cell in book["suppliers"][2] if cell.value == "=HYPERLINK(1)")
    assert found.data_type == "s"


def _workbook(**sheets: list[list[object]]) -> bytes:
    book = Workbook()
    del book["Sheet"]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_fault_is_told_with_its_sheet_and_row() -> None:
    rows: list[list[object]] = [["currency", "valid_on", "rate", None], ["CHF", date(2026, 7, 1), 1.05, None]]
    rows += [["CHF\nUSD", date(2026, 7, 2), 1, None], [], ["USD", "yesterday", 0.92, None]]
    unread: list[Fault] = []
    sheets = read_workbook(_workbook(exchange_rates=rows), OPTIONAL, unread)
    data, faults = read_folder(files() | {name: sheet.data for name, sheet in sheets.items()})
    assert (unread, data) == ([], None)
    told = [str(fault) for fault in in_sheets(faults, sheets)]
    assert told[0].startswith("sheet exchange_rates, row 3: currency")
    assert told[1].startswith("sheet exchange_rates, row 5: valid_on 'yesterday' is not a date")


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no zip", b"a,b\n1,2\n"])
def test_what_is_no_workbook_is_a_fault(data: bytes) -> None:
    faults: list[Fault] = []
    assert read_workbook(data, OPTIONAL, faults) == {}
    assert "not readable as XLSX" in str(faults[0])


def test_a_sheet_that_is_no_table_is_a_fault() -> None:
    faults: list[Fault] = []
    read_workbook(_workbook(notes=[["hello"]]), OPTIONAL, faults)
    assert "sheet notes: there is no such table" in str(faults[0])


def test_tolerances_of_categories_and_days_of_delivery_are_written_and_read_again() -> None:
    data = read()
    category = {"Lab supplies": {"price_percent": "3"}, "IT": {"days_late": 5}}
    said = replace(data.settings, tolerance={"days_late": 2, "category": category}, delivery={"before_due": []})
    assert again(replace(data, settings=said), by_workbook=False).settings == said
