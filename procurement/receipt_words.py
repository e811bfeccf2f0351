"""What the words of a report say of goods that came or went back; the words are data (receipt_words.toml)."""

import functools
import re
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

_WORDS = Path(__file__).with_name("receipt_words.toml")


@dataclass(frozen=True)
class Report:
    """What the author's own words say as a whole.

    ``parts`` are pairs such as (8, 10) for “8 of 10”. ``doubtful``: words that turn “all is here” into less.
    """

    complete: bool = False
    returned: bool = False
    arrived: bool = False
    doubtful: bool = False
    parts: tuple[tuple[Decimal, Decimal], ...] = ()


def report_of(text: str | None) -> Report:
    """Return what ``text`` reports.

    >>> report_of("Only 8 of 10 boxes arrived.").parts
    ((Decimal('8'), Decimal('10')),)
    >>> report_of("Alles angekommen, danke.").complete, report_of("Not everything has arrived.").doubtful
    (True, True)
    """
    said = " ".join((text or "").casefold().split())
    found = {name: bool(_any(name).search(said)) for name in ("complete", "returned", "arrived", "doubtful")}
    parts = tuple((Decimal(one[1]), Decimal(one[2])) for one in _parts().finditer(said))
    return Report(**found, parts=parts)


def is_charge(description: str | None) -> bool:
    """Return whether a line of an invoice bills freight, packing or a surcharge.

    >>> is_charge("Versandkosten pauschal"), is_charge("Transport box 60 l"), is_charge("Transport")
    (True, False, True)
    """
    words = re.findall(r"[^\W\d_]+", (description or "").casefold())
    named = [one for one in _words()["charges"] if one in " ".join(words)]
    return any(one == " ".join(words) or (len(one) > 9 and " ".join(words).startswith(one)) for one in named)


@functools.cache
def _any(name: str) -> re.Pattern[str]:
    longest_first = sorted(_words()[name], key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")


@functools.cache
def _parts() -> re.Pattern[str]:
    between = "|".join(map(re.escape, _words()["of"]))
    return re.compile(
        rf"(?<![\w.,-])(\d{{1,9}}) (?:{between}) (?:(?:the|den|les|las|los|i|le|de) )?(\d{{1,9}})(?![\w.,-]*\d)"
    )


@functools.cache
def _words() -> dict[str, list[str]]:
    return tomllib.loads(_WORDS.read_text(encoding="utf-8"))
