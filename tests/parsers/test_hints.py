from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.assemble import read_pages
from parsers.dates import Order
from parsers.hints import Hints, column_lesson, hints_of, label_lesson, preferred
from parsers.lexicon import columns
from parsers.numbers import Convention
from parsers.page import grid_page
from parsers.reading import Check, Reading, ReadLine

LABELS = ["Item", "Description", "Menge", "Zusage", "Unit price", "Total"]
ROWS = [["A-1", "Pen", "12", "7", "2.50", "17.50"], ["A-2", "Ink", "5", "3", "10.00", "30.00"]]
ROLES = sorted(set(columns().values()))


def read(rows: Sequence[Sequence[str]], hints: Hints | None = None, labels: Sequence[str] = LABELS) -> Reading:
    """Read an invoice with these lines, whose labels mean what ``hints`` say."""
    head = [["Invoice"], ["Invoice number", "R-5"], ["Date", "2026-11-05"], list(labels)]
    page = grid_page([*head, *rows])
    layout = read_pages((page,)).layout
    assert layout is not None
    return read_pages((page,), lessons={layout: hints} if hints else None)


def total(amount: str) -> list[str]:
    return ["", "", "", "", "Total", amount]


def quantities(reading: Reading) -> list[Decimal | None]:
    return [line.quantity for line in reading.lines]


def test_a_taught_column_goes_before_the_one_that_the_lexicon_knows() -> None:
    bare = [row[:4] for row in ROWS]
    assert quantities(read(bare, labels=LABELS[:4])) == [12, 5]
    taught = read(bare, Hints(columns={"zusage": "quantity"}), labels=LABELS[:4])
    assert quantities(taught) == [7, 3]
    assert taught.learned == ("column zusage",)


def test_a_taught_label_names_its_value() -> None:
    rows = [["Ihr Vorgang:", "PO-77"], LABELS, *ROWS, total("47.50")]
    page = grid_page([["Invoice"], ["Invoice number", "R-5"], *rows])
    layout = read_pages((page,)).layout or ""
    told = read_pages((page,), lessons={layout: Hints(labels={"ihr vorgang": "cost_center"})})
    assert (told.cost_center, told.learned) == ("PO-77", ("label ihr vorgang",))


def test_a_convention_counts_only_where_the_document_leaves_it_open() -> None:
    labels, rows = ["Item", "Description", "Quantity"], [["A-1", "Sand", "1.250"]]
    assert not read(rows, labels=labels).accepted
    assert quantities(read(rows, Hints(number=Convention.COMMA), labels=labels)) == [1250]
    settled = read([*ROWS, total("47.50")], Hints(number=Convention.COMMA))
    assert settled.lines[0].unit_price == Decimal("2.50")
    assert settled.learned == ()


def test_hints_of_another_layout_do_nothing() -> None:
    page = grid_page([["Invoice"], LABELS, *ROWS])
    hints = Hints(columns={"zusage": "quantity"})
    assert read_pages((page,), lessons={"0" * 16: hints}) == read_pages((page,))


@settings(max_examples=150, deadline=None)
@given(
    meanings=st.dictionaries(st.sampled_from([label.lower() for label in LABELS]), st.sampled_from(ROLES)),
    labels=st.sets(st.sampled_from(["invoice no", "date", "total", "description"])),
    number=st.sampled_from([None, *Convention]),
    order=st.sampled_from([None, *Order]),
)
def test_no_hints_make_a_document_accepted_whose_total_is_of_no_column(
    meanings: dict[str, str], labels: set[str], number: Convention | None, order: Order | None
) -> None:
    hints = Hints(meanings, dict.fromkeys(labels, "document_number"), number, order)
    reading = read([*ROWS, total("9731.77")], hints)
    assert not reading.accepted
    assert not all(check.holds for check in reading.checks)


@settings(max_examples=150, deadline=None)
@given(
    meanings=st.dictionaries(st.sampled_from([label.lower() for label in LABELS]), st.sampled_from(ROLES)),
    amount=st.sampled_from(["47.50", "48.50", "17.00", "10.00"]),
)
def test_what_is_accepted_with_hints_passes_every_check_that_it_has_without(
    meanings: dict[str, str], amount: str
) -> None:
    rows = [*ROWS, total(amount)]
    plain, taught = read(rows), read(rows, Hints(columns=meanings))
    if taught.accepted:
        held = {check.check for check in taught.checks if check.holds}
        assert held >= {check.check for check in plain.checks} - {"lines_have_quantities"}


LINE = (ReadLine(description="Pen", quantity=Decimal(2)),)
OTHER = (ReadLine(description="Pen", quantity=Decimal(3)),)


@pytest.mark.parametrize(
    ("plain", "taught", "wins"),
    [
        ({"a": True}, {"a": True}, True),
        ({"a": False}, {"a": True}, True),
        ({"a": True}, {"a": False}, False),
        ({"a": False}, {"b": True}, False),
        ({"a": True, "b": True}, {"a": True}, False),
        ({"lines_have_quantities": True}, {"a": True}, True),
        ({"lines_have_quantities": True}, {}, False),
        ({}, {"a": True}, True),
        ({}, {}, False),
    ],
)
def test_what_is_taught_wins_only_where_it_gives_up_no_check(
    plain: dict[str, bool], taught: dict[str, bool], wins: bool
) -> None:
    before, after = (
        Reading(lines=lines, checks=tuple(Check(name, holds) for name, holds in checks.items()))
        for lines, checks in ((LINE, plain), (OTHER, taught))
    )
    assert (preferred(before, after) is after) is wins


def test_hints_survive_being_written_down() -> None:
    hints = hints_of(
        {
            ("column", "zusage"): "quantity",
            ("label", "vorgang"): "order_number",
            ("number", ""): "comma",
            ("dates", ""): "day_first",
            ("item", "pen"): "A-1",
        }
    )
    assert Hints.from_dict(hints.as_dict()) == hints
    assert hints == Hints({"zusage": "quantity"}, {"vorgang": "order_number"}, Convention.COMMA, Order.DAY_FIRST)


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (column_lesson("Zusage", "quantity"), ("zusage", "quantity")),
        (column_lesson("Art. Nr.", "item_number"), ("art nr", "item")),
        (column_lesson("Preis/Stk", "unit_price"), ("preis stk", "price")),
        (column_lesson("Gewicht", "ignored"), ("gewicht", "ignored")),
        (column_lesson("Gewicht", "colour"), None),
        (column_lesson(" : ", "quantity"), None),
        (label_lesson("Ihr Zeichen:", "order_numbers"), ("ihr zeichen", "order_number")),
        (label_lesson("Nr.", "ignored"), ("no", "ignored")),
        (label_lesson("Nr.", "colour"), None),
    ],
)
def test_a_lesson_takes_the_names_of_a_reading_and_refuses_others(told: Any, found: Any) -> None:
    assert told == found
