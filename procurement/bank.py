"""Bank details are master data: what a mail says of other ones is told to a person and never taken over."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from records.problems import Code, Problem

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_ADVICE = "Ask the supplier on a number that you know, never by answering this mail; waive this to go on."


def is_iban(text: str) -> bool:
    """Return whether ``text`` (capitals, no blanks) is an IBAN by its check digits (ISO 13616, ISO 7064).

    >>> is_iban("GB33BUKB20201555555555"), is_iban("GB34BUKB20201555555555")
    (True, False)
    """
    if not _IBAN.fullmatch(text):
        return False
    return int("".join(str(int(char, 36)) for char in text[4:] + text[:4])) % 97 == 1


def bank_problems(reading: Mapping[str, Any], known: Iterable[str] | None) -> list[Problem]:
    """Return a problem for an account that is none of ``known`` and one for words that announce another.

    ``known`` are the accounts of the supplier who writes; where none are known, or nobody who may have any
    writes (None), a mere account says nothing: every letterhead names one.
    """
    problems = []
    known = {_bare(account) for account in known or ()}
    strange = [account for account in _accounts(reading) if known and not any(_same(account, one) for one in known)]
    if strange:
        named = ", ".join(dict.fromkeys(strange))
        detail = f"An account is named that is none of this supplier's: {named}. {_ADVICE}"
        problems.append(Problem(Code.BANK_MISMATCH, detail, "/accounts"))
    if said := [text for about, text in _announcements(reading) if about == "bank"]:
        detail = f"Other bank details are announced: “{said[0]}”. {_ADVICE}"
        problems.append(Problem(Code.BANK_MISMATCH, detail, "/announcements"))
    return problems


def moved(reading: Mapping[str, Any]) -> str | None:
    """Return the words in which another address or domain is announced, None where none is."""
    return next((text for about, text in _announcements(reading) if about == "address"), None)


def _bare(account: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", account.upper())


def _same(account: str, known: str) -> bool:
    """Whether they are one account: a national number is the tail of its IBAN."""
    return account == known or (account.isdigit() and known.endswith(account.lstrip("0")))


def _all(reading: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield reading
    for document in reading.get("documents", ()):
        yield from _all(document)


def _accounts(reading: Mapping[str, Any]) -> list[str]:
    return [account for one in _all(reading) for account in one.get("accounts", ())]


def _announcements(reading: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(said["about"], said["text"]) for one in _all(reading) for said in one.get("announcements", ())]
