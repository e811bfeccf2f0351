"""What a mail wants: every kind it could be, ranked, each with the phrases that speak for it.

Rules are data (``phrases/intent.toml``), so each answer can show its reasons. Scores only rank: below
the bar, or too close to the next, nothing is decided and a person is asked.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from parsers.phrases import any_of, load
from parsers.reading import Kind

BAR = 3.0
LONGEST = 8_000  # characters of a text that say what it wants
_SUBJECT = 1.5
_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")  # "po@" in an address says nothing
_NEGATED = re.compile(
    r"\b(?:no|not|don t|dont|doesn t|didn t|nicht|kein\w*|ne|non|niet|geen|nao|nie|never|inte|ikke)\s(?:\w+\s)?$"
)
_WISHES = ("requisition", "order_change", "order_cancellation", "receipt_advice")
_KINDS = (
    Kind.REQUISITION,
    Kind.ORDER_CHANGE,
    Kind.ORDER_CANCELLATION,
    Kind.RECEIPT_ADVICE,
    Kind.DESPATCH_ADVICE,
    Kind.INVOICE,
    Kind.QUOTATION,
    Kind.ORDER_RESPONSE,
)


@dataclass(frozen=True)
class Guess:
    """One kind with its score and the phrases found for it."""

    kind: Kind
    score: float
    reasons: tuple[str, ...]


def fold(text: str) -> str:
    """Return ``text`` lower case, without accents, blanks and dashes as single blanks.

    >>> fold("Wir bestätigen:  d'accord")
    'wir bestatigen d accord'
    """
    text = text.casefold().replace("ß", "ss").replace("ł", "l").replace("æ", "ae").replace("ø", "o")
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w.,?!\n]+|[.,](?=\s|$)", " ", plain).split())


@cache
def _table(name: str) -> tuple[tuple[float, tuple[re.Pattern[str], ...]], ...]:
    rows = load("intent").get(name, {})
    return tuple((float(weight), tuple(_compiled(p) for p in patterns)) for weight, patterns in rows.items())


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern if pattern.startswith(("^", "\\b")) else rf"(?<!\w){pattern}")


@cache
def _screen(name: str) -> re.Pattern[str]:
    patterns = [p.lstrip("^") for rows in load("intent").get(name, {}).values() for p in rows]
    return re.compile(any_of(patterns))


def rank(own_text: str, subject: str, own_subject: float = 1.0) -> tuple[Guess, ...]:
    """Return the kinds that the author's own words and subject speak for, best first.

    ``own_subject`` is the weight of the subject: 0 where it came with somebody else's mail.
    """
    body, title = fold(own_text[:LONGEST]), fold(_bare_subject(subject))
    guesses = [_guess(kind, body, title, own_subject) for kind in _KINDS]
    return tuple(sorted((g for g in guesses if g.score > 0), key=lambda g: -g.score))


def _bare_subject(subject: str) -> str:
    return re.sub(r"^\s*(?:(?:\[[^\]]{1,20}\]|\w{1,4}\s?:)\s*)+", "", subject)


def _guess(kind: Kind, body: str, title: str, own_subject: float) -> Guess:
    score, reasons = _matches(kind.value, body, 1.0)
    in_title, title_reasons = _matches(kind.value, title, _SUBJECT * own_subject)
    return Guess(kind, score + in_title, (*reasons, *title_reasons))


def _matches(name: str, text: str, factor: float) -> tuple[float, list[str]]:
    if not text or not factor or not _screen(name).search(text):
        return 0.0, []
    score, reasons = 0.0, []
    for weight, patterns in _table(name):
        hits = 0
        for pattern in patterns:
            found = pattern.search(text)
            if found and not (name in _WISHES and _NEGATED.search(text[max(0, found.start() - 20) : found.start()])):
                hits += 1
                reasons.append(found.group(0).strip()[:60])
        # Several phrases of one kind confirm each other, but less and less.
        score += factor * weight * sum(0.5**n for n in range(hits))
    return score, reasons


@cache
def _any(name: str) -> re.Pattern[str]:
    patterns = [p for rows in load("intent")[name].values() for p in rows]
    return re.compile(rf"(?<!\w){any_of(patterns)}")


def speaks_of(name: str, text: str) -> bool:
    """Return whether ``text`` has a phrase of the table ``name`` (question, approval_request, order_sent)."""
    return bool(_any(name).search(fold(_ADDRESS.sub(" ", text[:LONGEST]))))


def explain(guesses: Sequence[Guess]) -> str:
    """Return the ranked guesses as one sentence for a person."""
    if not guesses:
        return "Nothing in the mail says what it is for."
    told = (f"{g.kind.value} ({g.score:.1f}: {', '.join(repr(r) for r in g.reasons[:3])})" for g in guesses[:3])
    return f"The mail could be {'; '.join(told)}."
