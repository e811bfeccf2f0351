"""Unit words in many languages, codes, and what must stay unknown."""

import tomllib
from pathlib import Path

import pytest

from procurement import units
from procurement.units import same_unit, unit_code


@pytest.mark.parametrize(
    ("word", "code"),
    [
        *(("Stück", "H87"), ("pcs.", "H87"), ("pièces", "H87"), ("pezzi", "H87"), ("szt.", "H87"), ("stuks", "H87")),
        *(("each", "EA"), ("box", "BX"), ("Karton", "BX"), ("scatole", "BX"), ("pack", "PK"), ("Paar", "PR")),
        *(("dozen", "DZN"), ("kg", "KGM"), ("Kilogramm", "KGM"), ("Std.", "HUR"), ("heures", "HUR"), ("litri", "LTR")),
        *(("m²", "MTK"), ("Lfm", "MTR"), ("mètres", "MTR"), ("STUECK", "H87"), ("BX", "BX"), ("xbx", "BX")),
    ],
)
def test_a_unit_word_has_its_code(word: str, code: str) -> None:
    assert unit_code(word) == code


@pytest.mark.parametrize("word", ["", None, "bushel", "blue", "10", "ST", "st"])
def test_what_is_not_listed_or_means_two_things_stays_unknown(word: str | None) -> None:
    assert unit_code(word) is None


def test_each_piece_and_one_are_the_same_unit_and_a_box_is_not() -> None:
    assert same_unit("Stück", "each") is True
    assert same_unit("C62", "pcs") is True
    assert same_unit("box", "each") is False
    assert same_unit("kg", "g") is False


def test_two_spellings_of_an_unknown_unit_are_the_same_and_against_a_known_one_nothing_is_known() -> None:
    assert same_unit("Bushel", "bushel.") is True
    assert same_unit("bushel", "kg") is None
    assert same_unit(None, "kg") is None


def test_every_code_of_the_data_is_read_as_itself_unless_a_word_contradicts() -> None:
    table = tomllib.loads(Path(units.__file__).with_name("units.toml").read_text(encoding="utf-8"))
    assert {code for code in table if unit_code(code) != code} == {"ST"}
