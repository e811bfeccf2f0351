"""What a sender calls things: items and units that an agent named once, tried first from then on.

A unit whose word is known means what it says; it is taken for another one only where the item is the same
for which an agent said so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from procurement.catalog import number_key
from procurement.stated import Stated, StatedLine
from procurement.units import unit_code

ITEM, UNIT = "item", "unit"


@dataclass(frozen=True)
class Alias:
    """One lesson: ``key`` means ``value``; ``told`` says so to people, ``lesson`` is its row."""

    kind: str
    key: str
    value: str
    told: str = ""
    lesson: int = 0


@dataclass(frozen=True)
class Renamed:
    """What a message stated with a sender's own names replaced, and the lessons that did it."""

    said: Stated
    told: tuple[str, ...] = ()
    lessons: tuple[int, ...] = ()


def item_key(item_number: str | None, description: str | None) -> str:
    """Return what an item is recognised by: its number, else its description; "" where it has neither.

    >>> item_key("AB-12", "Pen"), item_key(None, "Blue  Pen")
    ('# ab12', 'blue pen')
    """
    if key := number_key(item_number):
        return f"# {key}"
    return " ".join((description or "").casefold().split())


def unit_key(unit: str | None, item_number: str | None) -> str:
    """Return what a unit is recognised by: its word, with the item where the word has a meaning of its own.

    >>> unit_key("VPE-K", "G-1"), unit_key("box", "G-1"), unit_key("box", None)
    ('vpe-k', 'box of g1', '')
    """
    word = " ".join((unit or "").casefold().split())
    if not word or unit_code(unit) is None:
        return word
    return f"{word} of {key}" if (key := number_key(item_number)) else ""


def with_items(said: Stated, aliases: Sequence[Alias], corrections: Mapping[str, Any]) -> Renamed:
    """Return ``said`` with the items that the sender has names of its own for; what was corrected stays."""
    known = {alias.key: alias for alias in aliases if alias.kind == ITEM}
    used = [_found(known, item_key(x.item_number, x.description), x, "item_number", corrections) for x in said.lines]
    lines = [replace(x, item_number=a.value) if a else x for x, a in zip(said.lines, used, strict=True)]
    return _renamed(said, lines, used)


def with_units(
    said: Stated, item_numbers: Sequence[str | None], aliases: Sequence[Alias], corrections: Mapping[str, Any]
) -> Renamed:
    """Return ``said`` with the units that the sender calls otherwise; ``item_numbers`` are of the matched items."""
    known = {alias.key: alias for alias in aliases if alias.kind == UNIT}
    pairs = list(zip(said.lines, item_numbers, strict=True))
    used = [_found(known, unit_key(line.unit, number), line, "unit", corrections) for line, number in pairs]
    lines = [replace(x, unit=a.value) if a else x for x, a in zip(said.lines, used, strict=True)]
    return _renamed(said, lines, used)


def _found(
    known: Mapping[str, Alias], key: str, line: StatedLine, name: str, corrections: Mapping[str, Any]
) -> Alias | None:
    return None if f"{line.at}/{name}" in corrections or not key else known.get(key)


def _renamed(said: Stated, lines: Sequence[StatedLine], used: Sequence[Alias | None]) -> Renamed:
    told = tuple(f"{line.at}: {alias.told}" for line, alias in zip(lines, used, strict=True) if alias)
    return Renamed(replace(said, lines=tuple(lines)), told, tuple(alias.lesson for alias in used if alias))
