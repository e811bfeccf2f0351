"""The items that hold the most and rarest words of a line, from sets of places and without reading an item.

Rare words list their items, which are weighed one by one; common words are bits, and which items hold most of
them is added up for all items at once. So the cost grows little with the catalog.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from records.postings import (
    Bits,
    among,
    array_of,
    as_bytes,
    holds,
    is_listed,
    listed,
    places_in,
    weigh,
)

MOST_WEIGHED = 2500  # items of rare words that are weighed, those of the rarest word always
MOST_KEPT = 150  # of these, go on to common words
MOST_COMMON = 100  # items that hold most of the common words
MOST_ADDED = 6  # common words, the rarer ones, that are added up for all items


@dataclass(frozen=True)
class Word:
    """One word of the line: how much it tells, and the places of the items that hold it, packed."""

    weight: float
    places: bytes


def holding_all(sets: Sequence[bytes], most: int) -> list[int]:
    """Return the lowest places that are in all of the packed sets, at most ``most``."""
    lists = sorted((one for one in sets if is_listed(one)), key=len)
    bits = [one for one in sets if not is_listed(one)]
    if lists:
        return among(lists[0], [*lists[1:], *bits])[:most]
    shortest = min(map(len, bits), default=1) - 1
    common = [as_bytes(one)[:shortest] for one in bits]
    return places_in(reduce(lambda one, other: one & other, common), most) if common else []


def nearest(words: Sequence[Word], within: bytes | None, most: int) -> list[tuple[float, int]]:
    """Return points and place of the items that hold most of what ``words`` weigh, the best first.

    ``within`` are the only places that count (those of one supplier); None: all.
    """
    rare = sorted((word for word in words if is_listed(word.places)), key=lambda word: -word.weight)
    common = [word for word in words if not is_listed(word.places)]
    points = _weighed(rare)
    if within is not None:
        points = _inside(points, within)
    kept = sorted(points, key=points.__getitem__, reverse=True)[:MOST_KEPT]
    if common:
        known = set(kept)
        telling = sorted(common, key=lambda word: -word.weight)[:MOST_ADDED]
        kept += [place for place in _holding_most([word.places for word in telling], within) if place not in known]
    total = [points.get(place, 0.0) for place in kept]
    for word in common:
        total = weigh(total, kept, word.places, word.weight)
    best = sorted(zip(total, kept, strict=True), key=lambda one: -one[0])
    return best[:most]


def _weighed(rare: Sequence[Word]) -> dict[int, float]:
    """Return the points of the items that hold any of the rare words, as far as these are not too many."""
    points: dict[int, float] = {}
    weighed = 0
    for word in rare:
        places = listed(word.places)
        if weighed and weighed + len(places) > MOST_WEIGHED:
            break
        weighed += len(places)
        for place in places:
            points[place] = points.get(place, 0.0) + word.weight
    return points


def _inside(points: dict[int, float], within: bytes) -> dict[int, float]:
    if is_listed(within):
        inside = set(listed(within))
        return {place: value for place, value in points.items() if place in inside}
    return {place: value for place, value in points.items() if holds(within, place)}


def _holding_most(sets: Sequence[bytes], within: bytes | None) -> list[int]:
    """Return places that are in all of the sets, then in all but one, and so on down to half of them.

    The sets are added up as binary numbers, one digit of all places at a time.
    """
    size = max(map(len, sets)) - 1
    allowed = None if within is None else array_of(within, size)
    digits = _sums([array_of(one, size) for one in sets])
    found: list[int] = []
    for level in range(len(sets), (len(sets) - 1) // 2, -1):
        if level >> len(digits):
            continue
        chosen = [digit if level >> number & 1 else ~digit for number, digit in enumerate(digits)]
        mask = reduce(lambda one, other: one & other, chosen)
        found += places_in(mask if allowed is None else mask & allowed, MOST_COMMON - len(found))
        if len(found) >= MOST_COMMON:
            break
    return found


def _sums(sets: Sequence[Bits]) -> list[Bits]:
    """Return how many of the sets hold each place, digit by digit, the lowest first."""
    digits: list[Bits] = []
    for number, one in enumerate(sets, 1):
        carry = one
        for digit in digits:
            both = digit & carry
            digit ^= carry
            carry = both
        if number >> len(digits):
            digits.append(carry.copy())
    return digits
