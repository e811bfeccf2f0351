"""Finding items by sets of places: the same as weighing every item, whatever the form of the sets."""

from hypothesis import given, settings
from hypothesis import strategies as st

from procurement.catalog_search import Word, holding_all, nearest
from records.postings import BLOCK, MOST_LISTED, array_of, block_of, holds, is_listed, pack, places_in, unpack

PLACES = st.sets(st.integers(0, 5000), max_size=60)


def _many(step: int) -> set[int]:
    return set(range(0, 200_000, step))


@given(PLACES)
def test_a_set_is_packed_and_unpacked(places: set[int]) -> None:
    assert unpack(pack(places)) == places
    assert places_in(array_of(pack(places), 700), BLOCK) == sorted(places)


def test_sets_have_bits_above_the_limit_and_lists_at_it() -> None:
    assert is_listed(pack(range(MOST_LISTED))) and not is_listed(pack(range(MOST_LISTED + 1)))
    many = pack(_many(7))
    assert unpack(many) == _many(7)
    assert holds(many, 14) and not holds(many, 15) and not holds(many, BLOCK - 1)
    assert places_in(array_of(many, 30_000), 3) == [0, 7, 14]
    assert places_in(array_of(many, 2), 9) == [0, 7, 14]
    assert block_of(BLOCK + 5) == (1, 5)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.9]), PLACES), max_size=5), st.none() | PLACES)
def test_rare_words_find_what_weighing_every_item_finds(
    words: list[tuple[float, set[int]]], within: set[int] | None
) -> None:
    allowed = None if within is None else pack(within)
    found = nearest([Word(weight, pack(places)) for weight, places in words], allowed, 500)
    points: dict[int, float] = {}
    for weight, places in sorted(words, key=lambda word: -word[0]):
        for place in places if within is None else places & within:
            points[place] = points.get(place, 0.0) + weight
    assert {place: round(value, 6) for value, place in found} == {k: round(v, 6) for k, v in points.items()} or len(
        points
    ) > len(found) >= 150
    assert [value for value, _ in found] == sorted((value for value, _ in found), reverse=True)


def test_an_item_that_holds_all_common_words_is_found_among_many() -> None:
    words = [Word(0.1, pack(_many(step) | {123_457})) for step in (2, 3, 5, 7)]
    best = nearest([*words, Word(0.1, pack(_many(11) - {0} | {123_457}))], None, 100)
    assert 123_457 in {place for value, place in best if round(value, 6) == 0.5}


def test_a_rare_word_leads_and_common_ones_decide() -> None:
    rare = Word(0.9, pack({10, 11, 13}))
    best = nearest([rare, Word(0.1, pack(_many(2))), Word(0.1, pack(_many(5)))], None, 10)
    assert [place for _, place in best[:3]] == [10, 11, 13]


@settings(max_examples=50, deadline=None)
@given(st.lists(PLACES | st.sampled_from([_many(2), _many(3), _many(7)]), min_size=1, max_size=4))
def test_what_is_in_all_sets_is_found_whatever_their_form(sets: list[set[int]]) -> None:
    assert holding_all([pack(one) for one in sets], 50) == sorted(set.intersection(*sets))[:50]


def test_only_what_is_within_counts() -> None:
    words = [Word(0.9, pack({10, 11})), Word(0.1, pack(_many(2))), Word(0.1, pack(_many(3)))]
    assert {place for _, place in nearest(words, pack({11, 12}), 10)} == {11, 12}
    assert {place for _, place in nearest(words, pack(_many(4)), 10_000)} <= _many(4)
    assert nearest([], None, 10) == []
