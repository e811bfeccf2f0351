"""Addresses that are made to be taken for others."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz.distance import OSA

from intake.authentication import canonical_domain

_CYRILLIC = ("абвгеикмнорстухѕіјѵѡԁԛԝһӏ", "abbreukmhopctyxsijvwdqwhl")
_GREEK = ("αβεικνορτυχγωο", "abeikvoptuxywo")
_LATIN = ("ɡıℓ0135$|", "gllolesll")
_ALIKE = str.maketrans(
    "".join(pair[0] for pair in (_CYRILLIC, _GREEK, _LATIN)),
    "".join(pair[1] for pair in (_CYRILLIC, _GREEK, _LATIN)),
)
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("i", "l"))
# Second-level names under which countries register domains (co.uk, com.au).
_SECOND_LEVEL = frozenset({"co", "com", "org", "net", "ac", "gov", "edu", "gob", "or", "ne", "go"})
_SHORT, _LONG = 5, 8  # letters of a name from which one or two differing letters mean something


def lookalike(address: str, known_domains: Iterable[str], name: str = "") -> str | None:
    """Return a sentence where ``address`` looks like one of a known domain without being it, else None.

    Found are: letters that look alike, one or two letters changed, another top-level domain, a known
    domain put in front of a foreign one, and a display ``name`` that shows a known domain.
    """
    domain = canonical_domain(address.rpartition("@")[2])
    known = {canonical for one in known_domains if (canonical := canonical_domain(one))}
    if not domain or any(domain == one or domain.endswith("." + one) for one in known):
        return None
    for one in sorted(known):
        if how := _resembles(domain, one) or _shown(name, one):
            return f"{address} {how} {one}, which is known here, and is not of it."
    return None


def _shown(name: str, known: str) -> str | None:
    if known not in name.lower():
        return None
    shown = re.search(rf"(?<![a-z0-9.-]){re.escape(known)}(?![a-z0-9-])", name.lower())
    return "carries a name that shows" if shown else None


def _resembles(domain: str, known: str) -> str | None:
    if domain.startswith(known + ".") or f".{known}." in domain:
        return "begins like"
    if skeleton(domain) == skeleton(known):
        return "is written with letters that look like"
    mine, theirs = _main_label(domain), _main_label(known)
    if mine == theirs:
        return "has another ending than" if len(theirs) >= _SHORT else None
    allowed = 2 if len(theirs) >= _LONG else 1 if len(theirs) >= _SHORT else 0
    if allowed and OSA.distance(skeleton(mine), skeleton(theirs), score_cutoff=allowed) <= allowed:
        return "differs in a letter or two from"
    return None


def _main_label(domain: str) -> str:
    """Return the label that names the owner (``acme`` of ``mail.acme.co.uk``)."""
    labels = domain.split(".")
    end = -2 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else -1
    return labels[end - 1] if len(labels) >= 1 - end else labels[0]


@lru_cache(maxsize=100_000)
def skeleton(domain: str) -> str:
    """Return ``domain`` with everything that looks alike written alike.

    >>> skeleton("rnicro-so1t.example") == skeleton("micro-solt.example")
    True
    """
    labels = (_unicode(label) for label in domain.split("."))
    text = unicodedata.normalize("NFKD", ".".join(labels).casefold()).translate(_ALIKE)
    text = "".join(char for char in text if not unicodedata.combining(char))
    for shown, meant in _PAIRS:
        text = text.replace(shown, meant)
    return text


def _unicode(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label
