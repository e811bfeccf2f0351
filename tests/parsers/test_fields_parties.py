from collections.abc import Sequence

from parsers.fields_parties import letterhead_parties
from parsers.page import Row, Word, cell_of
from parsers.reading import Reading
from tests.parsers.test_fields import read


def letter(*lines: Sequence[tuple[str, float]]) -> list[Row]:
    """Return rows of cells given as (text, left edge), 12 points apart, as on a printed letter."""
    rows = []
    for n, line in enumerate(lines):
        top = 40.0 + 12 * n
        cells = tuple(cell_of([Word(text, (x, top, x + 5 * len(text), top + 10))], 1) for text, x in line)
        rows.append(Row(cells, 1, top, top + 10))
    return rows


def names(rows: list[Row]) -> tuple[str | None, str | None]:
    owner, addressee = letterhead_parties(rows, len(rows))
    return (owner.name if owner else None, addressee.name if addressee else None)


def test_the_firm_and_not_the_person_above_it_is_the_buyer() -> None:
    reading: Reading = read(["Invoice"], ["Bill to:", "Rita Moor"], ["", "Moor Castings Ltd"], ["", "2 Maple Street"])
    assert reading.buyer_name == "Moor Castings Ltd"


def test_a_postcode_apart_from_its_place_still_makes_an_address() -> None:
    rows = letter(
        [("Tessel Boekhouding BV", 370)],
        [("Astridlaan 16", 370)],
        [("1780", 370), ("Wemmel", 400)],
        [("www.tessel.example", 370)],
        [("Attora", 47)],
        [("Dijkstraat 94", 47)],
        [("9052", 47), ("Gent", 75)],
    )
    assert names(rows) == ("Tessel Boekhouding BV", "Attora")


def test_a_name_that_stands_once_more_on_the_page_is_the_firms() -> None:
    rows = letter(
        [("Marque du vendeur", 40)],
        [("Les Ateliers du Nord", 40)],
        [("35 rue d'ici", 40)],
        [("75018 Paris", 40)],
        [("contact@ateliers.example", 40)],
        [("Bénéficiaire", 40), ("Les Ateliers du Nord", 200)],
    )
    assert names(rows)[0] == "Les Ateliers du Nord"


def test_a_heading_over_an_address_without_a_name_is_whose_it_is() -> None:
    rows = letter(
        [("", 40)],
        [("Le Bourg", 40)],
        [("22150 Plouguenast", 40)],
        [("Facturé à :", 40)],
        [("Brasserie du Port", 40)],
        [("2 quai Nord", 40)],
        [("22000 Saint-Brieuc", 40)],
    )[1:]
    large = cell_of([Word("Houblons de Bretagne", (40, 30.0, 300, 52.0))], 1)
    assert names([Row((large,), 1, 30.0, 52.0), *rows])[0] == "Houblons de Bretagne"


def test_a_bank_and_a_domain_tell_whose_address_is_the_letterhead() -> None:
    rows = letter(
        [("Oakfield School", 40), ("Dales Stationers", 350)],
        [("Mill Lane 4", 40), ("Market Row 3", 350)],
        [("HG4 1ZZ Ripon", 40), ("BD23 1HX Skipton", 350)],
        [("Bank: 20-10-53 1234567", 350)],
    )
    assert names(rows) == ("Dales Stationers", "Oakfield School")


def test_whom_a_letter_attends_to_is_its_reader() -> None:
    rows = letter(
        [("Maschinenbau Zürcher AG", 40), ("Schrauben Egli AG", 350)],
        [("Kreditorenbuchhaltung", 40), ("Lagerweg 2", 350)],
        [("Industriestrasse 9", 40), ("9500 Wil SG", 350)],
        [("8305 Dietlikon", 40)],
    )
    assert names(rows) == ("Schrauben Egli AG", "Maschinenbau Zürcher AG")
