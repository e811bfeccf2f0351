from dataclasses import replace

import pytest

from dispatch.facts import order_values
from dispatch.order_units import known_unit, with_known_units
from templates.render import render_email
from tests.dispatch.order_samples import line, order


@pytest.mark.parametrize(
    ("unit", "code"), [("Stück", "H87"), ("box", "BX"), ("XBX", "BX"), ("Blatt", "ST"), ("tub", "tub"), ("", "")]
)
def test_a_known_unit_becomes_its_code_and_another_one_stays(unit: str, code: str) -> None:
    assert known_unit(unit, "de-AT") == code


def test_nothing_but_the_units_of_an_order_changes() -> None:
    document = replace(order(), lines=(replace(line(1), unit="Schachtel"), line(2)))
    told = with_known_units(document)
    assert [one.unit for one in told.lines] == ["BX", "C62"]
    assert replace(told, lines=document.lines) == document


def test_the_mail_of_an_order_names_units_in_its_language() -> None:
    document = replace(order(1, "fr"), lines=(replace(line(1), unit="Schachtel"),))
    assert "12,5 boîte" in render_email("order", "fr", order_values(document)).text.replace("\u00a0", " ")
