"""Which rows hold a word, as bytes: a sorted list of places while they are few, one bit a place when they are many.

A place is a row's id within its block of ``BLOCK`` ids. Lists are little-endian and of 32 bits; the first byte
tells the form.
"""

import sys
from array import array
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

BLOCK = 1 << 20
MOST_LISTED = 1024  # places that are listed; a set of more has bits
_LIST, _BITS = b"l", b"b"
Bits = NDArray[np.uint8]


def block_of(row_id: int) -> tuple[int, int]:
    """Return the block of an id and its place there."""
    return divmod(row_id, BLOCK)


def pack(places: Iterable[int]) -> bytes:
    """Return a set of places as bytes.

    >>> sorted(unpack(pack({7, 3}))), is_listed(pack({7, 3})), is_listed(pack(range(5000)))
    ([3, 7], True, False)
    """
    known = set(places)
    if len(known) <= MOST_LISTED:
        return _LIST + _swapped(array("I", sorted(known))).tobytes()
    bits = bytearray(max(known) // 8 + 1)
    for place in known:
        bits[place >> 3] |= 1 << (place & 7)
    return _BITS + bytes(bits)


def is_listed(packed: bytes) -> bool:
    """Return whether the places are listed one by one."""
    return packed[:1] == _LIST


def listed(packed: bytes) -> "array[int]":
    """Return the places of a list, ascending."""
    places = array("I")
    places.frombytes(packed[1:])
    return _swapped(places)


def as_bytes(packed: bytes) -> Bits:
    """Return a set that has bits as they stand there, eight places a byte; nothing is copied."""
    return np.frombuffer(packed, np.uint8, offset=1)


def array_of(packed: bytes, size: int) -> Bits:
    """Return any set as ``size`` bytes of bits; places beyond them are left out."""
    if not is_listed(packed) and len(packed) - 1 >= size:
        return as_bytes(packed)[:size]
    whole = np.zeros(size, np.uint8)
    if is_listed(packed):
        places = np.frombuffer(packed, "<u4", offset=1)
        places = places[places < 8 * size]
        np.bitwise_or.at(whole, places >> 3, np.left_shift(1, places & 7).astype(np.uint8))
    else:
        whole[: len(packed) - 1] = as_bytes(packed)
    return whole


def unpack(packed: bytes) -> set[int]:
    """Return the places as a set."""
    return set(listed(packed)) if is_listed(packed) else set(places_in(as_bytes(packed), BLOCK))


def places_in(bits: Bits, most: int) -> list[int]:
    """Return the lowest places whose bit is set, at most ``most``."""
    parts = np.flatnonzero(bits[: len(bits) & ~7].view(np.uint64)) * 8  # eight bytes at a time, for most are empty
    ends = parts[: max(0, most), None] + np.arange(8)
    filled = np.concatenate((ends.ravel(), np.arange(len(bits) & ~7, len(bits))))
    within = np.unpackbits(bits[filled], bitorder="little").reshape(-1, 8)
    rows, columns = np.nonzero(within)
    found: list[int] = (filled[rows] * 8 + columns)[: max(0, most)].tolist()
    return found


def among(packed: bytes, others: Sequence[bytes]) -> list[int]:
    """Return the places of a list that all other sets hold too, ascending."""
    places = np.frombuffer(packed, "<u4", offset=1)
    for other in others:
        if is_listed(other):
            places = np.intersect1d(places, np.frombuffer(other, "<u4", offset=1), assume_unique=True)
        else:
            places = places[_held(other, places) == 1]
    found: list[int] = places.tolist()
    return found


def weigh(points: Sequence[float], places: Sequence[int], packed: bytes, weight: float) -> list[float]:
    """Return the points of ``places``, raised by ``weight`` where a set that has bits holds the place."""
    held = _held(packed, np.asarray(places, np.uint32))
    raised: list[float] = (np.asarray(points, np.float64) + weight * held).tolist()
    return raised


def _held(packed: bytes, places: "NDArray[np.uint32]") -> Bits:
    """Return 1 for each place that a set that has bits holds, else 0."""
    bits = as_bytes(packed)
    rows = places >> 3
    held: Bits = bits[np.minimum(rows, len(bits) - 1)] >> (places & 7).astype(np.uint8) & 1
    held[rows >= len(bits)] = 0
    return held


def holds(packed: bytes, place: int) -> bool:
    """Return whether a set that has bits holds a place."""
    at = 1 + (place >> 3)
    return at < len(packed) and bool(packed[at] >> (place & 7) & 1)


def _swapped(places: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        places.byteswap()
    return places
