from decimal import Decimal
from typing import Any

import pytest

from procurement.aliases import Alias, item_key, unit_key, with_items, with_units
from procurement.stated import Stated, StatedLine

PEN = Alias("item", "blue pen", "P-1", "learned", 7)
BOX = Alias("unit", "box of p1", "each", "learned", 8)
VPE = Alias("unit", "vpe-k", "box", "learned", 9)


def said(*lines: StatedLine) -> Stated:
    return Stated(kind="requisition", lines=lines)


def line(index: int = 0, **values: Any) -> StatedLine:
    return StatedLine(index, quantity=Decimal(2), **values)


@pytest.mark.parametrize(
    ("number", "description", "key"),
    [
        ("AB-12", "Pen", "# ab12"),
        ("ab 12", None, "# ab12"),
        (None, "Blue  PEN", "blue pen"),
        ("-", "Pen", "pen"),
        (None, None, ""),
    ],
)
def test_an_item_is_recognised_by_its_number_else_by_its_words(
    number: str | None, description: str | None, key: str
) -> None:
    assert item_key(number, description) == key


def test_a_name_of_the_sender_s_own_stands_for_the_item() -> None:
    found = with_items(said(line(description="Blue pen"), line(1, description="Red pen")), [PEN], {})
    assert [one.item_number for one in found.said.lines] == ["P-1", None]
    assert (found.told, found.lessons) == (("/lines/0: learned",), (7,))


def test_what_a_person_corrected_is_never_renamed() -> None:
    before = said(line(description="Blue pen", item_number="X"))
    assert with_items(before, [Alias("item", "# x", "P-1")], {"/lines/0/item_number": "X"}).said == before
    units = said(line(unit="VPE-K"))
    assert with_units(units, ["P-1"], [VPE], {"/lines/0/unit": "VPE-K"}).said == units


def test_a_unit_with_a_meaning_of_its_own_is_renamed_for_that_item_only() -> None:
    found = with_units(said(line(unit="box"), line(1, unit="box")), ["P-1", "P-2"], [BOX], {})
    assert [one.unit for one in found.said.lines] == ["each", "box"]
    assert (unit_key("box", None), unit_key(None, "P-1")) == ("", "")


def test_a_unit_without_a_known_meaning_is_renamed_for_every_item() -> None:
    found = with_units(said(line(unit="VPE-K"), line(1, unit="vpe-k")), ["P-1", None], [VPE], {})
    assert [one.unit for one in found.said.lines] == ["box", "box"]


def test_the_later_of_two_names_wins_and_none_changes_nothing() -> None:
    own = Alias("item", "blue pen", "P-2")
    found = with_items(said(line(description="Blue pen")), [PEN, own], {})
    assert found.said.lines[0].item_number == "P-2"
    before = said(line(description="Blue pen"))
    assert with_items(before, [], {}).said == before
