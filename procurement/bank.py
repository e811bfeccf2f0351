"""Bank details are master data: what a mail says of other ones is told to a person and never taken over."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from records.problems import Code, Problem

SHORTEST_TAIL = 5  # digits of a national number by which an account may be named
SHOWN = 4  # characters of an account that are shown at its end
HIDDEN = "\N{BULLET}" * 4
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


def bank_problems(reading: Mapping[str, Any], is_known: Callable[[str], bool] | None) -> list[Problem]:
    """Return a problem for an account that ``is_known`` denies and one for words that announce another.

    ``is_known`` says whether a named form (``named_form``) is an account of the supplier who writes; where none
    are known, or nobody who may have any writes (None), a mere account says nothing: every letterhead names one.
    """
    problems = []
    strange = [account for account in _accounts(reading) if is_known and not is_known(named_form(account))]
    if strange:
        named = ", ".join(dict.fromkeys(strange))
        detail = f"An account is named that is none of this supplier's: {named}. {_ADVICE}"
        problems.append(Problem(Code.BANK_MISMATCH, detail, "/accounts"))
    if said := [text for about, text in _announcements(reading) if about == "bank"]:
        detail = f"Other bank details are announced: “{said[0]}”. {_ADVICE}"
        problems.append(Problem(Code.BANK_MISMATCH, detail, "/announcements"))
    return problems


def named_form(account: str) -> str:
    """Return an account as it is compared: capitals and digits, a national number without leading zeros.

    >>> named_form("DE89 3704 0044 0532 0130 00"), named_form("0532013000")
    ('DE89370400440532013000', '532013000')
    """
    bare = _bare(account)
    return bare.lstrip("0") if bare.isdigit() else bare


def account_forms(account: str) -> tuple[str, ...]:
    """Return every form in which a document may name ``account``: itself, and the national number at its end.

    >>> account_forms("DE89370400440532013000")[:3]
    ('DE89370400440532013000', '89370400440532013000', '9370400440532013000')
    """
    bare = _bare(account)
    tails = (bare[start:] for start in range(len(bare) - SHORTEST_TAIL + 1))
    return tuple(dict.fromkeys((named_form(bare), *(tail for tail in tails if tail.isdigit() and tail[0] != "0"))))


def masked(account: str) -> str:
    """Return what may be shown of an account: an IBAN's country and check digits, and the last four characters.

    >>> masked("DE89370400440532013000"), masked("532013000")
    ('DE89••••3000', '••••3000')
    """
    bare = _bare(account)
    return (bare[:4] if _IBAN.fullmatch(bare) else "") + HIDDEN + bare[-SHOWN:]


def is_masked(text: str) -> bool:
    """Return whether ``text`` is a masked account and no account."""
    return HIDDEN in text


def moved(reading: Mapping[str, Any]) -> str | None:
    """Return the words in which another address or domain is announced, None where none is."""
    return next((text for about, text in _announcements(reading) if about == "address"), None)


def _bare(account: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", account.upper())


def _all(reading: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield reading
    for document in reading.get("documents", ()):
        yield from _all(document)


def _accounts(reading: Mapping[str, Any]) -> list[str]:
    return [account for one in _all(reading) for account in one.get("accounts", ())]


def _announcements(reading: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(said["about"], said["text"]) for one in _all(reading) for said in one.get("announcements", ())]
