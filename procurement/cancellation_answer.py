"""Whether a supplier agrees to a cancellation, in his own words; anything but a plain yes or no is nobody's guess."""

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path

_WORDS = Path(__file__).with_name("cancellation_answers.toml")
LONGEST_YES = 400  # characters: who writes more says more than yes


def cancellation_answer(words: str, numbers: Sequence[str] = ()) -> bool | None:
    """Return True for a plain yes, False for a plain no, None for all else; ``numbers`` are document numbers.

    >>> cancellation_answer("We confirm the cancellation."), cancellation_answer("Too late, it was shipped.")
    (True, False)
    >>> cancellation_answer("Cancelled, but we charge a fee.")
    """
    plain = _plain(words, numbers)
    rest = _without_no(plain)
    if rest != plain:
        if _says("part", plain):
            return None
        return None if any(re.search(pattern, rest) for pattern in _patterns()["yes"] if not _opens(pattern)) else False
    doubts = "?" in words or len(plain) > LONGEST_YES or _says("but", plain) or re.search(r"\d", plain)
    return True if _says("yes", plain) and not doubts else None


def speaks_of_cancelling(words: str) -> bool:
    """Return whether ``words`` speak of a cancellation at all, so that they may answer one outside its thread."""
    return re.search(r"cancel|storn|annul|anul", _plain(words, ())) is not None


def concerns_part(words: str, numbers: Sequence[str]) -> bool:
    """Return whether ``words`` may be about a part of an order: they name lines or figures."""
    plain = _plain(words, numbers)
    return _says("part", plain) or re.search(r"\d", plain) is not None


def _plain(words: str, numbers: Sequence[str]) -> str:
    """Return ``words`` in lower case, without accents, punctuation and document numbers."""
    for number in numbers:
        words = re.sub(re.escape(number), " ", words, flags=re.IGNORECASE)
    bare = "".join(c for c in unicodedata.normalize("NFKD", words.casefold()) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w]+", " ", bare).split())


def _without_no(plain: str) -> str:
    for pattern in _patterns()["no"]:
        plain = re.sub(pattern, " ", plain)
    return plain


def _opens(pattern: str) -> bool:
    """Return whether a pattern is the word with which an answer begins: "OK, but it is too late" is no yes."""
    return pattern.startswith(r"\A")


def _says(kind: str, plain: str) -> bool:
    return any(re.search(rf"(?:{pattern})", plain) for pattern in _patterns()[kind])


@cache
def _patterns() -> dict[str, tuple[str, ...]]:
    known = tomllib.loads(_WORDS.read_text(encoding="utf-8"))
    bounded = {
        "yes": [pattern if _opens(pattern) else rf"\b(?:{pattern})" for pattern in known["yes"]],
        "no": [rf"\b(?:{pattern})" for pattern in known["no"]],
        "part": [rf"\b(?:{pattern})\b" for pattern in known["part"]],
        "but": [rf"\b(?:{pattern})\b" for pattern in known["but"]],
    }
    return {kind: tuple(patterns) for kind, patterns in bounded.items()}
