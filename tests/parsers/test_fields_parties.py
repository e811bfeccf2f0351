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
