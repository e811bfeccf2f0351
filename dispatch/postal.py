"""Postal addresses of text lines as the fields that electronic documents want."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from procurement.order_document import Party

_PATTERNS = Path(__file__).with_name("postal.toml")


@dataclass(frozen=True)
class Postal:
    """An address; ``postcode`` and ``city`` are None where the lines do not clearly say which they are."""

    lines: tuple[str, ...]
    postcode: str | None = None
    city: str | None = None


def postal(party: Party) -> Postal:
    """Return the party's address, the last line taken apart where its country writes it in one known way.

    >>> postal(Party("A", ("Kai 4", "24103 Kiel"), "DE"))
    Postal(lines=('Kai 4',), postcode='24103', city='Kiel')
    """
    *before, last = party.address or ("",)
    pattern = _patterns().get(party.country or "")
    found = pattern.fullmatch(last.strip()) if pattern else None
    if found is None:
        return Postal(party.address)
    return Postal(tuple(before), found[1], found[2])


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    known = tomllib.loads(_PATTERNS.read_text(encoding="utf-8"))
    return {country: re.compile(rf"(?:{country}-)?({code}) +(\D.*)") for country, code in known.items()}
