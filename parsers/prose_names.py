"""The name of the firm that wrote a mail: from its signature, letterhead or display name."""

import re
from collections.abc import Iterable

from parsers.own_words_closing import fold

_LEGAL = re.compile(
    r"\b(?:ltd|limited|inc|llc|llp|plc|corp|gmbh(?: & co\.? ?kg(?:aa)?)?|ag|kg|ohg|e\.?\s?k\.?|eg|ug|"
    r"se|s\.?a\.?r\.?l\.?|s\.?a\.?s\.?|s\.?a\.?|sarl|sas|eurl|scop|s\.?l\.?u?\.?|s\.?r\.?l\.?|"
    r"s\.?p\.?a\.?|s\.?n\.?c\.?|b\.?\s?v\.?|n\.?\s?v\.?|v\.?o\.?f\.?|lda\.?|sp\.? z o\.?\s?o\.?|a/s|"
    r"aps|ab|oy|s\.?r\.?o\.?|kft|co)\.?(?=$|[\s,|])",
    re.IGNORECASE,
)
_NOT_FIRM = re.compile(
    r"@|https?:|www\.|\btel\b|\bfax\b|\bt:|\bphone\b|\bmobil|\d{4,}|^\W*$|\b(?:managing|sales manager|"
    r"director|geschäftsführer|please|bitte)\b",
    re.IGNORECASE,
)
_DEPARTMENT = re.compile(
    r"^(?:(?:the )?(?:sales|orders?|despatch|dispatch|accounts?|customer|service|purchasing|invoices?|"
    r"shipping|support|team|office|info)(?: (?:team|department|dept|office|service|ledger))?|"
    r"versand(?:abteilung)?|auftrags?(?:abwicklung|bearbeitung)|vertrieb\w*|buchhaltung|bestellung|"
    r"ufficio \w+|spedizioni|vendite|commandes?|service \w+|le service \w+|verkoop|orderverwerking|"
    r"afdeling \w+|pedidos|ventas|expediciones|comercial|encomendas|vendas|dział \w+)\b[\s:,-]*",
    re.IGNORECASE,
)


def firm_of(signature: str, closing_lines: Iterable[str], display_name: str, address: str) -> str | None:
    """Return the firm's name as written, None where nothing states one.

    Candidates are lines of the signature and the display name; one with a legal form wins, then one whose
    words make up the domain. A firm is never guessed from the domain alone.
    """
    domain = re.sub(r"[^a-z0-9]", "", fold(address.partition("@")[2].rpartition(".")[0]))
    candidates = [*_pieces(signature), *(p for line in closing_lines for p in _pieces(line))]
    by_form = [c for c in candidates if _LEGAL.search(c) and len(c) <= 60]
    in_domain = [c for c in by_form if _matches(c, domain)]
    if in_domain or by_form:
        return (in_domain or by_form)[0]
    name = _DEPARTMENT.sub("", display_name).strip(" ,-")
    if name and _LEGAL.search(name):
        return name
    named = [c for c in candidates if _matches(c, domain)]
    if named:
        return _DEPARTMENT.sub("", named[0]).strip() or named[0]
    if name and (_LEGAL.search(name) or _matches(name, domain)) and not _is_person(name, address):
        return name
    return None


def _pieces(text: str) -> list[str]:
    pieces = []
    for line in text.split("\n"):
        for piece in re.split(r"\s*[|•·]\s*|\s{3,}|,\s", line):
            piece = piece.strip(" \t*_,;–-")
            if 3 <= len(piece) <= 60 and not _NOT_FIRM.search(piece) and len(piece.split()) <= 8:
                pieces.append(piece)
    return pieces


def _matches(piece: str, domain: str) -> bool:
    """The words of the name, put together, are what the domain is made of."""
    words = [w for w in re.findall(r"[a-z0-9]+", fold(piece)) if len(w) > 2 and not _LEGAL.fullmatch(w)]
    inside = [w for w in words if w in domain]
    covered = sum(map(len, inside))
    return (
        bool(words) and len(domain) >= 4 and covered >= 4 and covered >= 0.45 * min(len(domain), sum(map(len, words)))
    )


def _is_person(name: str, address: str) -> bool:
    """A display name that the local part spells is a person's."""
    local = re.sub(r"[^a-z]", "", fold(address.partition("@")[0]))
    words = re.findall(r"[a-z]+", fold(name))
    return bool(words) and words[-1] in local and len(words) <= 3 and len(words[-1]) > 2
