"""Which rows hold a word, as bytes: a sorted list of places while they are few, one bit a place when they are many.

A place is a row's id within its block of ``BLOCK`` ids. Lists are little-endian and of 32 bits; the first byte
tells the form.
"""

import sys
from array import array
from collections.abc import Iterable

BLOCK = 1 << 20
MOST_LISTED = 1024  # places that are listed; a set of more has bits
_LIST, _BITS = b"l", b"b"
_PART = 256  # bytes that are looked through together


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


def as_bits(packed: bytes) -> int:
    """Return the places as the bits of a number."""
    if not is_listed(packed):
        return int.from_bytes(memoryview(packed)[1:], "little")
    return sum(1 << place for place in listed(packed))


def unpack(packed: bytes) -> set[int]:
    """Return the places as a set."""
    return set(listed(packed)) if is_listed(packed) else set(places_in(as_bits(packed), BLOCK))


def places_in(bits: int, most: int) -> list[int]:
    """Return the lowest places whose bit is set, at most ``most``."""
    data = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    found: list[int] = []
    for start in range(0, len(data), _PART):
        part = int.from_bytes(data[start : start + _PART], "little")
        while part and len(found) < most:
            lowest = part & -part
            found.append(start * 8 + lowest.bit_length() - 1)
            part ^= lowest
        if len(found) >= most:
            break
    return found


def holds(packed: bytes, place: int) -> bool:
    """Return whether a set that has bits holds a place."""
    at = 1 + (place >> 3)
    return at < len(packed) and bool(packed[at] >> (place & 7) & 1)


def _swapped(places: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        places.byteswap()
    return places
