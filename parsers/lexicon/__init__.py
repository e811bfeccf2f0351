"""The words of ten and more languages by which tables, fields and documents name themselves."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

_LETTERS = str.maketrans({"ł": "l", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "đ": "d", "ı": "i", "°": "o", "№": "no"})
_ASIDE = re.compile(r"\([^()]*\)|\[[^\]]*\]")
_CURRENCY_WORD = re.compile(
    r"(?:\b(?:in|en|a|w)\s+)?(?:[€$£¥]|\b(?:eur|euro|usd|gbp|chf|sek|nok|dkk|pln|czk|huf|ron|cad|aud)\b)"
)
_SIGNS = re.compile(r"[^\w%#]+|_")
LONGEST_LABEL = 60
# Words before a label that say whose it is or how sure.
OWNERS = frozenset(
    "our your customer supplier vendor buyer est estimated approx ca new unsere unser ihre ihr kunden"
    " lieferanten neuer neue notre votre nos vos nuestro nuestra su nostro nostra vs ns onze ons uw nosso vosso"
    " wasz nasz er ert var vart jeres deres vores nas vas geschatzter geschatzte voraussichtlicher"
    " confirmed bestatigte bestatigter requested".split()
)


@lru_cache(maxsize=16)
def load(name: str) -> Mapping[str, Any]:
    """Return the lexicon file ``name`` (``columns``, ``labels``, ``kinds``, ...)."""
    text = resources.files("parsers").joinpath(f"lexicon/{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


@lru_cache(maxsize=20_000)
def normalise(text: str) -> str:
    """Return ``text`` in small letters without accents, punctuation, remarks in parentheses and currency.

    >>> normalise("Qté (pièces)"), normalise("N° Cde."), normalise("Total in EUR:")
    ('qte', 'no cde', 'total')
    """
    small = unicodedata.normalize("NFKD", text.casefold().replace("°", "o").translate(_LETTERS))
    bare = "".join(char for char in small if not unicodedata.combining(char))
    bare = bare.replace("#", " # ").replace("%", " % ")
    outer = _CURRENCY_WORD.sub(" ", _ASIDE.sub(" ", bare))
    return " ".join(_SIGNS.sub(" ", outer).split()) or " ".join(_SIGNS.sub(" ", bare).split())


_BRACKETS = str.maketrans("()[]", "    ")


def _opened(text: str) -> str:
    """Return a label with remarks in parentheses ("Total (ex VAT)") normalised, "" where it has none."""
    return normalise(text.translate(_BRACKETS)) if "(" in text or "[" in text else ""


@lru_cache(maxsize=1)
def columns() -> Mapping[str, str]:
    """Return label of a table column -> its role."""
    return {label: role for role, labels in load("columns").items() for label in labels}


@lru_cache(maxsize=1)
def totals() -> Mapping[str, str]:
    """Return label of an amount below a table -> net, tax, gross, charge, reduction, paid or carried."""
    return {label: role for role, labels in load("labels")["totals"].items() for label in labels}


_OURS, _YOURS = re.compile(r"^\s*N/\s*(?=\w)"), re.compile(r"^\s*V/\s*(?=\w)")
_NUMBER_WORDS = frozenset("no nr n nro num number numero nummer numer cislo".split()) | {"#"}
_LINKS = frozenset("de del di da do of d".split())


@lru_cache(maxsize=20_000)
def label_key(text: str) -> str:
    """Return ``text`` normalised, its word for "number" brought to one form and to the end.

    >>> label_key("Nº de factura"), label_key("Factura n.º"), label_key("Invoice #")
    ('factura no', 'factura no', 'invoice no')
    """
    text = _OURS.sub("notre ", _YOURS.sub("votre ", text))
    words = normalise(text).replace("n o", "no") if " n o" in f" {normalise(text)}" else normalise(text)
    parts = words.split()
    numbered = [w for w in parts if w in _NUMBER_WORDS]
    if not numbered:
        return words
    others = [w for w in parts if w not in _NUMBER_WORDS]
    while others and others[0] in _LINKS:
        others = others[1:]
    return " ".join([*others, "no"])


def unfolded(label: str) -> str:
    """Return a normalised label with "ae", "oe" and "ue" written for umlauts brought to what these become.

    >>> unfolded("rechnungsempfaenger")
    'rechnungsempfanger'
    """
    return label.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def ends_in_number_word(text: str) -> bool:
    """Return whether the last word of a label says "number"."""
    words = normalise(text).split()
    return bool(words) and words[-1] in _NUMBER_WORDS


@lru_cache(maxsize=1)
def fields() -> Mapping[str, tuple[str, ...]]:
    """Return label of a single value -> the fields it may name, the commonest first."""
    table: dict[str, tuple[str, ...]] = {}
    for field, labels in load("labels")["fields"].items():
        for label in map(label_key, labels):
            if field not in table.get(label, ()):
                table[label] = (*table.get(label, ()), field)
    return table


@lru_cache(maxsize=20_000)
def composed(key: str) -> tuple[str, ...] | None:
    """Return the fields of a label made of known words: whose number it is, or the date of a document by its title.

    >>> composed("customer s purchase order"), composed("fecha de presupuesto"), composed("bank account")
    (('order_number',), ('issued_on',), None)
    """
    words = key.split()
    owned = [n for n, word in enumerate(words) if word in _owners() or (n and word == "s")]
    if owned and owned[0] == 0 and len(owned) < len(words):
        names = fields().get(" ".join(words[len(owned) :]))
        return names if names and names[0] == "order_number" else None
    dates = load("notes")["dates"]
    rest = [word for word in words if word not in dates and word not in _LINKS]
    dated = len(words) > 1 and (words[0] in dates or words[-1] in dates)
    return ("issued_on",) if dated and rest and " ".join(rest) in kinds() else None


@lru_cache(maxsize=1)
def _owners() -> frozenset[str]:
    return OWNERS | frozenset(load("notes")["yours"])


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, str]:
    """Return title of a document -> its kind; the first kind listed wins where two share a title."""
    table: dict[str, str] = {}
    for kind, titles in load("kinds").items():
        for title in titles:
            table.setdefault(title, kind)
    return table


@lru_cache(maxsize=20_000)
def column_role(text: str) -> str | None:
    """Return the role of the column labelled ``text``, None if the label is unknown."""
    if len(text) > LONGEST_LABEL * 2:
        return None
    label = normalise(text)
    known = columns()
    if whole := known.get(_opened(text)):
        return whole
    if label in known:
        return _priced(known[label], text)
    words = [word for word in label.split() if word != "%"] or [label]
    role = known.get(" ".join(words)) or (known.get(" ".join(words[1:])) if words[0] in OWNERS else None)
    return role or known.get(unfolded(label))


def _priced(role: str | None, text: str) -> str | None:
    """Return the role of a label beside a sign of money: what is told of a unit there is its price."""
    return "price" if role == "unit" and _CURRENCY_WORD.search(text.casefold()) else role


@lru_cache(maxsize=20_000)
def total_role(text: str) -> str | None:
    """Return what amount ``text`` announces, by the longest known label it begins with; None if none.

    >>> total_role("Total TVA 20 %"), total_role("Summe netto:"), total_role("Totally new")
    ('tax', 'net', None)
    """
    known = totals()
    if whole := known.get(_opened(text)):
        return whole
    told = normalise(text).split()
    start = next((n for n, word in enumerate(told) if word != "%" and not any(map(str.isdigit, word))), len(told))
    words = told[start:]
    for length in range(min(len(words), 6), 0, -1):
        head = " ".join(words[:length])
        role = known.get(head) or known.get(unfolded(head))
        if role:
            if any(
                " ".join(words[:longer]) in kinds() for longer in range(length + 1, min(len(words), length + 3) + 1)
            ):
                return None  # "Tax invoice" is no tax
            if role == "included" and any(known.get(word) == "tax" for word in words[length:]):
                return "tax"
            return "tax" if role in ("gross", "net") and _taxes(words[length:], known) else role
    return None


def _taxes(rest: Sequence[str], known: Mapping[str, str]) -> bool:
    """Return whether a word for "total" is followed by a tax's name and nothing that takes it in or out."""
    return bool(rest) and known.get(rest[0]) == "tax" and all(known.get(w) == "tax" or w.isdigit() for w in rest)
