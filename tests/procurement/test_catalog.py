"""Matching lines to catalog items: numbers, words, measures, and when a person must choose."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from procurement import catalog as rules
from procurement.folder_data import CatalogData
from procurement.steps.catalog import match_line
from procurement.steps.load_catalog import load_catalog
from procurement.steps.load_rows import Target
from records.database import Database
from records.tables import Organisation, Supplier
from tests.rows import add_organisation

ITEMS = (
    ("P-1001", "S1", "KP80-A4", "Kopierpapier A4, 80 g/m², weiß, 500 Blatt"),
    ("P-1002", "S1", "KP80-A3", "Kopierpapier A3, 80 g/m², weiß, 500 Blatt"),
    ("P-2001", "S1", "771", "Allzweckreiniger Zitrone 2,5 L"),
    ("P-2002", "S1", "772", "Allzweckreiniger Zitrone 5 L"),
    ("P-3001", "S2", "VM8", "Vis à tête hexagonale M8 x 40 inox"),
    ("P-3002", "S2", "VM10", "Vis à tête hexagonale M10 x 40 inox"),
    ("P-4001", "S2", "NG-1", "Nitril gloves black, box of 100"),
    ("P-4002", "S2", "NG-2", "Nitril gloves blue, box of 100"),
    ("P-5001", "S2", "P-1001", "Schraubstock 125 mm"),
    ("P-6001", "S1", "ST-9", "Bürostühle drehbar grün"),
)


def _item(number: str, supplier: str, theirs: str, description: str, until: date | None = None) -> CatalogData:
    price = Decimal("1.00")
    return CatalogData(number, supplier, theirs, description, None, "each", price, "EUR", None, None, None, until, None)


def _load(session: Session, organisation_id: int, items: list[CatalogData]) -> None:
    organisation = session.get_one(Organisation, organisation_id)
    for code in ("S1", "S2"):
        session.add(
            Supplier(organisation_id=organisation_id, code=code, name=code, order_email="a@b.example", currency="EUR")
        )
    session.flush()
    load_catalog(Target(session, organisation, "test", date(2026, 1, 1)), items)


@pytest.fixture
def organisation_id(database: Database, organisation: Organisation) -> int:
    with database.session() as session:
        _load(session, organisation.id, [_item(*item) for item in ITEMS])
    return organisation.id


def _match(database: Database, organisation_id: int, text: str | None, number: str | None = None) -> tuple[str, ...]:
    """Return the number of the item taken and how, or "none" and the candidates' numbers."""
    with database.session() as session:
        match = match_line(session, organisation_id, text, number)
        if match.item:
            assert match.candidates == ()
            return match.item.item_number, match.how
        return ("none", *(item.item_number for item in match.candidates))


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("Kopierpapier A4 80g weiss 500 Blatt", "P-1001"),
        ("KOPIERPAPIER A3, 80 G/M2, WEISS, 500 BLATT", "P-1002"),
        ("allzweckreiniger zitrone 2.5 l", "P-2001"),
        ("Zitrone Allzweckreinger 5 Liter", "P-2002"),
        ("vis tête hexagonale inox M8x40", "P-3001"),
        ("blue nitril glove, box of 100", "P-4002"),
        ("Buerostuhl drehbar gruen", "P-6001"),
    ],
)
def test_words_in_any_order_with_slips_plurals_and_umlauts_find_the_item(
    database: Database, organisation_id: int, text: str, item: str
) -> None:
    assert _match(database, organisation_id, text) == (item, "text")


@pytest.mark.parametrize(
    "text",
    [
        "Allzweckreiniger Zitrone 10 L",
        "Allzweckreiniger Zitrone 2.500 ml",
        "Kopierpapier A5, 80 g/m², weiß, 500 Blatt",
        "vis tête hexagonale inox M12x40",
        "vis tête hexagonale inox M8x50",
        "Nitril gloves red, box of 100",
        "Nitril gloves, box of 100",
        "Kopierpapier",
    ],
)
def test_a_contradicting_measure_or_word_and_a_tie_leave_the_candidates(
    database: Database, organisation_id: int, text: str
) -> None:
    taken, *candidates = _match(database, organisation_id, text)
    assert taken == "none"
    assert candidates


def test_nothing_like_it_leaves_nothing(database: Database, organisation_id: int) -> None:
    assert _match(database, organisation_id, "Gabelstapler mieten") == ("none",)
    assert _match(database, organisation_id, "") == ("none",)
    assert _match(database, organisation_id, None) == ("none",)


def test_a_number_is_compared_without_case_blanks_and_punctuation(database: Database, organisation_id: int) -> None:
    assert _match(database, organisation_id, "whatever it says", "p 2002") == ("P-2002", "number")
    assert _match(database, organisation_id, None, "kp80a3") == ("P-1002", "number")


def test_our_own_number_goes_before_the_same_number_of_a_supplier(database: Database, organisation_id: int) -> None:
    assert _match(database, organisation_id, None, "P-1001") == ("P-1001", "number")


def test_an_unknown_number_is_not_overruled_by_words(database: Database, organisation_id: int) -> None:
    taken, *candidates = _match(database, organisation_id, "Allzweckreiniger Zitrone 5 L", "X-77")
    assert taken == "none"
    assert candidates[0] == "P-2002"


def test_a_number_inside_the_text_is_found(database: Database, organisation_id: int) -> None:
    assert _match(database, organisation_id, "20 Stück KP80-A4 bitte") == ("P-1001", "number in text")


def test_a_known_supplier_limits_what_is_found(database: Database, organisation_id: int) -> None:
    with database.session() as session:
        suppliers = {one.code: one.id for one in session.query(Supplier)}
        text = "Nitril gloves black, box of 100"
        assert match_line(session, organisation_id, text, None, suppliers["S1"]).item is None
        found = match_line(session, organisation_id, text, None, suppliers["S2"]).item
        assert found is not None and found.item_number == "P-4001"
        by_number = match_line(session, organisation_id, None, "P-1001", suppliers["S2"]).item
        assert by_number is not None and by_number.item_number == "P-5001"


def test_what_is_no_longer_valid_is_found_by_number_only(database: Database, organisation: Organisation) -> None:
    with database.session() as session:
        _load(session, organisation.id, [_item("P-1", "S1", "A-1", "Hammer 500 g", date(2026, 3, 31))])
        last, after = date(2026, 3, 31), date(2026, 4, 1)
        assert match_line(session, organisation.id, "Hammer 500g", None, today=last).item
        assert match_line(session, organisation.id, "Hammer 500g", None, today=after).item is None
        assert match_line(session, organisation.id, None, "P-1", today=after).item


def test_the_catalog_of_another_organisation_is_never_found(database: Database, organisation_id: int) -> None:
    other = add_organisation(database, "other")
    assert _match(database, other.id, "Kopierpapier A4 80g weiss 500 Blatt") == ("none",)
    assert _match(database, other.id, None, "P-1001") == ("none",)


def test_hostile_text_is_only_text(database: Database, organisation_id: int) -> None:
    for text in ("#blatt", "%' OR 1=1 --", "\x00\ufffd\ud7ff", "a " * 5000, "9" * 3000, "1x" * 2000 + "1 mm"):
        assert _match(database, organisation_id, text)[0] == "none"


@pytest.mark.parametrize(
    ("wanted", "offered", "verdict"),
    [
        ("500 ml", "0.5 L", False),
        ("2,5 l", "2.5 L", False),
        ("5 L", "2.5 L", True),
        ("1.000 g", "1 g", True),
        ("1.000 g", "1.000 g", False),
        ("M8x40", "M8 x 40", False),
        ("4x40 mm", "4 mm x 40 mm", False),
        ("40 mm", "4 x 40 mm", False),
        ("12 V 2 Ah", "18 V 2 Ah", True),
        ("A4", "A3", True),
        ("10 toner 305", "toner 305", False),
        ("toner 305", "toner 410", True),
        ("toner", "toner 410", False),
    ],
)
def test_measures_contradict_or_do_not(wanted: str, offered: str, verdict: bool) -> None:
    assert rules.contradicts(rules.wording(wanted), rules.wording(offered)) is verdict


def test_the_winner_is_at_the_limit_and_not_below_it() -> None:
    good = rules.GOOD_SCORE
    assert rules.clear_winner([rules.Scored(1, good, fits=True)]) == rules.Scored(1, good, fits=True)
    assert rules.clear_winner([rules.Scored(1, good - 0.1, fits=True)]) is None
    assert rules.clear_winner([rules.Scored(1, 100.0, fits=False)]) is None


def test_the_winner_is_ahead_by_the_margin_of_those_that_fit_only() -> None:
    best, margin = rules.Scored(1, 96.0, fits=True), rules.CLEAR_MARGIN
    assert rules.clear_winner([best, rules.Scored(2, 96.0 - margin, fits=True)]) == best
    assert rules.clear_winner([best, rules.Scored(2, 96.1 - margin, fits=True)]) is None
    assert rules.clear_winner([best, rules.Scored(2, 96.0, fits=False)]) == best


def test_a_winner_in_doubt_is_not_taken_and_still_rivals_the_next() -> None:
    doubtful, sure = rules.Scored(1, 97.0, fits=True, doubtful=True), rules.Scored(2, 95.0, fits=True)
    assert rules.clear_winner([doubtful]) is None
    assert rules.clear_winner([doubtful, sure]) is None
    assert rules.clear_winner([sure]) == sure


@pytest.mark.parametrize(
    ("wanted", "offered", "verdict"),
    [
        ("Kabelbinder 50x912 mm blau", "Kabelbinder 50 x 912 mm blau Tarno 29", True),
        ("Lack Tarno weiß 0.5 l", "Lack Velmo weiß 0.5 l Tarno 7", True),
        ("Ordner A3 rot 30 mm Tarno", "Ordner A3 rot 30 mm Tarno Velmo 30", True),
        ("Lack Tarno 0.5 l", "Lack Tarno weiß 0.5 l", False),
        ("Lack Brillannt weiß 0.5 l", "Lack Brillant weiß 0.5 l matt", False),
        ("Nitril gloves blue", "Nitril gloves blue, box of 100", False),
        ("Lochplatte 60 mm 30 mm", "Lochplatte 60 x 30 mm Stahl", False),
    ],
)
def test_more_than_one_telling_word_beyond_the_line_is_doubt(wanted: str, offered: str, verdict: bool) -> None:
    assert rules.says_more(rules.wording(wanted), rules.wording(offered)) is verdict


@pytest.mark.parametrize(
    ("wanted", "offered", "verdict"),
    [
        ("Bohrer Tarno 18 V 2,0 Ah 2", "Bohrer Tarno 18 V 2.0 Ah", True),
        ("Bohrer Tarno 18 V 2,0 Ah 2", "Bohrer Tarno 18 V 2.0 Ah Velmo 2", False),
        ("2 Bohrer Tarno 18 V 2,0 Ah", "Bohrer Tarno 18 V 2.0 Ah", False),
    ],
)
def test_a_number_said_twice_must_be_there_twice(wanted: str, offered: str, verdict: bool) -> None:
    assert rules.repeats_more(rules.wording(wanted), rules.wording(offered)) is verdict


@pytest.mark.parametrize(
    ("wanted", "offered", "verdict"),
    [
        ("Patch cable Cat 6 10 m", "Patch cable Cat 6A 10 m", True),
        ("Patch cable Cat 6a 10 m", "Patch cable Cat 6A 10 m", False),
        ("Patch cable Cat 6 10 m", "Patch cable Cat 6 10 m", False),
        ("Papier 500 bl", "Papier 500bl", False),
    ],
)
def test_a_number_without_the_letter_of_the_item_is_doubt(wanted: str, offered: str, verdict: bool) -> None:
    assert rules.is_variant(rules.wording(wanted), rules.wording(offered)) is verdict


HOSES = ((1, "Hydraulic hose DN 12 350 bar 16 m"), (2, "Hydraulic hose DN 16 350 bar 12 m"))


def test_among_items_of_the_same_words_the_numbers_stand_as_in_the_line() -> None:
    for line in ("Hydraulic hose DN12 350bar 16m", "5 hydraulic hose DN 12 350 bar 16 m"):
        winner = rules.clear_winner(rules.score(line, HOSES))
        assert winner is not None and winner.id == 1
    shuffled = rules.score("Hydraulic 16 m bar hose 12 DN 350", HOSES)
    assert shuffled[0].id == 1 and shuffled[0].doubtful
    assert rules.clear_winner(shuffled) is None
    alone = rules.clear_winner(rules.score("Hydraulic 16 m bar hose 12 DN 350", HOSES[:1]))
    assert alone is not None


def test_a_brand_and_series_that_nobody_asked_for_leave_the_candidate(
    database: Database, organisation: Organisation
) -> None:
    with database.session() as session:
        _load(session, organisation.id, [_item("P-1", "S1", "A-1", "Farbe matt Velmo schwarz 0.5 l Tarno 7")])
    assert _match(database, organisation.id, "Farbe matt schwarz 0.5 l Tarno") == ("none", "P-1")
    assert _match(database, organisation.id, "Farbe matt Velmo schwarz 0.5 l Tarno 7") == ("P-1", "text")
