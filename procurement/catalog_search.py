"""The items that hold the most and rarest words of a line, from sets of places and without reading an item.

Rare words list their items, which are weighed one by one; common words are bits, and which items hold most of
them is added up for all items at once. So the cost grows little with the catalog.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from records.postings import as_bits, holds, is_listed, listed, places_in

MOST_WEIGHED = 2500  # items of rare words that are weighed, those of the rarest word always
MOST_KEPT = 150  # of these, go on to common words
MOST_COMMON = 100  # items that hold most of the common words

MOST_ADDED = 6  # common words, the rarer ones, that are added up


@dataclass(frozen=True)
class Word:
    """One word of the line: how much it tells, and the places of the items that hold it, packed."""

    weight: float
    places: bytes


def nearest(words: Sequence[Word], within: bytes | None, most: int) -> list[tuple[float, int]]:
    """Return points and place of the items that hold most of what ``words`` weigh, the best first.

    ``within`` are the only places that count (those of one supplier); None: all.
    """
    rare = sorted((word for word in words if is_listed(word.places)), key=lambda word: -word.weight)
    common = [word for word in words if not is_listed(word.places)]
    allowed = None if within is None else as_bits(within)
    points = _weighed(rare)
    if within is not None:
        points = _inside(points, within)
    kept = sorted(points, key=points.__getitem__, reverse=True)[:MOST_KEPT]
    if common:
        known = set(kept)
        kept += [
            place for place in _holding_most([as_bits(word.places) for word in common], allowed) if place not in known
        ]
    total = {place: points.get(place, 0.0) for place in kept}
    for word in common:
        _add(total, word)
    best = sorted(total, key=total.__getitem__, reverse=True)[:most]
    return [(total[place], place) for place in best]


def _add(points: dict[int, float], word: Word) -> None:
    """Add the weight of a common word to the points of those that hold it."""
    places, size, weight = word.places, len(word.places), word.weight
    for place in points:
        at = 1 + (place >> 3)
        if at < size and places[at] >> (place & 7) & 1:
            points[place] += weight


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


def _holding_most(sets: Sequence[int], allowed: int | None) -> list[int]:
    """Return places that are in all of the sets, then in all but one, and so on down to half of them.

    The sets are added up as binary numbers, one digit of all places at a time.
    """
    digits: list[int] = []
    for carry in sets:
        for number, digit in enumerate(digits):
            digits[number], carry = digit ^ carry, digit & carry
        if carry:
            digits.append(carry)
    found: list[int] = []
    for level in range(len(sets), (len(sets) - 1) // 2, -1):
        if level >> len(digits):
            continue
        mask = allowed
        for number, digit in sorted(enumerate(digits), key=lambda one: not level >> one[0] & 1):
            mask = digit if mask is None else mask & (digit if level >> number & 1 else ~digit)
        found += places_in(mask or 0, MOST_COMMON - len(found))
        if len(found) >= MOST_COMMON:
            break
    return found
