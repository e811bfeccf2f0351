"""Accounts that a text names, and sentences that announce another account or address.

Whoever can make a buyer pay elsewhere has won: nothing of this is ever taken over, all of it is shown to a
person.
"""

import re
from collections.abc import Iterable
from functools import cache

from parsers.decision import fold
from parsers.phrases import any_of, load
from parsers.reading import Announcement
from procurement.bank import is_iban

LONGEST = 60_000  # characters of a text that are looked at
MOST = 20  # accounts, and announcements, of one text
_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?:[ \u00a0.-]?[A-Z0-9]{2,4}){2,8}[ \u00a0]?[A-Z0-9]{0,3}(?![A-Z0-9])")
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.](?=\S)[^.!?\n]+)*")
_SHOWN = 300
_NEAR = 80  # characters around an account number within which a word of banks stands: others have accounts too


def accounts_in(text: str) -> tuple[str, ...]:
    """Return every IBAN (ISO 13616, by its check digits) and labelled account number, without blanks.

    >>> accounts_in("IBAN: GB33 BUKB 2020 1555 5555 55, or account number 55 77 9911")
    ('GB33BUKB20201555555555', '55779911')
    """
    upper = text[:LONGEST].upper()
    found = [iban for match in _IBAN.finditer(upper) if (iban := _iban(match.group()))]
    for match in _labelled().finditer(text[:LONGEST]):
        number = re.sub(r"\D", "", match["number"])
        near = text[max(0, match.start() - _NEAR) : match.end() + _NEAR]
        if 6 <= len(number) <= 18 and _words("bank", "near").search(fold(near)):
            found.append(number)
    return tuple(dict.fromkeys(found))[:MOST]


def _iban(text: str) -> str | None:
    """Return the longest beginning of ``text`` that is an IBAN: words may follow it without a gap."""
    bare = re.sub(r"[^A-Z0-9]", "", text)
    for end in range(min(len(bare), 34), 14, -1):
        if is_iban(bare[:end]):
            return bare[:end]
    return None


@cache
def _labelled() -> re.Pattern[str]:
    labels = any_of(load("bank")["bank"]["accounts"])
    return re.compile(
        rf"(?<!\w){labels}\.?\s*(?:is|ist|est|es|e)?\s*[:#]?\s*(?P<number>\d[\d -]{{4,24}}\d)", re.IGNORECASE
    )


def announced(text: str) -> tuple[Announcement, ...]:
    """Return the sentences of ``text`` that announce another account ("bank") or another address ("address")."""
    found: dict[Announcement, None] = {}
    for match in _SENTENCE.finditer(text[:LONGEST]):
        sentence = match.group().strip()
        if about := _about(fold(sentence)):
            found[Announcement(about, " ".join(sentence.split())[:_SHOWN])] = None
    return tuple(found)[:MOST]


def _about(folded: str) -> str | None:
    if _words("bank", "nouns").search(folded) and _words("bank", "changes").search(folded):
        return None if _words("bank", "denials").search(folded) else "bank"
    return "address" if _words("address", "announcements").search(folded) else None


@cache
def _words(table: str, key: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of(load('bank')[table][key])}(?!\w)")


def together(texts: Iterable[str]) -> tuple[tuple[str, ...], tuple[Announcement, ...]]:
    """Return the accounts and the announcements of several texts, once each."""
    texts = [text for text in texts if text]
    accounts = dict.fromkeys(account for text in texts for account in accounts_in(text))
    said = dict.fromkeys(one for text in texts for one in announced(text))
    return tuple(accounts)[:MOST], tuple(said)[:MOST]
