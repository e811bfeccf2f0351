"""The numbers of a document: its own, and those of the orders it speaks of."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from parsers.dates import find_dates
from parsers.fields_kind import NUMBER_FIELDS, title_of
from parsers.fields_labels import Hit, cell_evidence, label_of
from parsers.lexicon import ends_in_number_word, kinds, label_key, load, normalise
from parsers.numbers import readings
from parsers.page import Row
from parsers.reading import Evidence, Kind

_PARTED_NUMBER = re.compile(r"^([^\W\d_]{1,5}\.?)\s?(?:-\s?)?\s+(\S*\d\S*)")
_ANSWERS = frozenset({Kind.ORDER_RESPONSE, Kind.DELIVERY_NOTE, Kind.DESPATCH_ADVICE, Kind.INVOICE})
_VAGUE = frozenset({"ref", "reference", "referenz", "referencia", "riferimento", "referentie", "no"})
_NEAR_TITLE = 4  # rows beneath the title of a document


def number_in(text: str) -> str | None:
    """Return the document number at the head of ``text``, None if none is there.

    >>> number_in("RE-2014/502 vom 03.07.2014"), number_in("PO 4711"), number_in("see below")
    ('RE-2014/502', 'PO 4711', None)
    """
    bare = text.strip(" :#.-–/")
    dates = find_dates(bare)
    if dates and dates[0].span[0] == 0:
        return None
    parted = _PARTED_NUMBER.match(bare)
    if parted and parted[1].rstrip(".").isupper():
        return f"{parted[1]} {parted[2]}".rstrip(",;.)")
    for place, token in enumerate(bare.split()[:2]):
        token = token.strip(",;()[]#")
        if place == 1 and not ends_in_number_word(bare.split()[0]):
            return None
        if any(map(str.isdigit, token)) and len(token) <= 40 and not _is_date(token):
            return token.rstrip(".:/")
    return None


def _is_date(token: str) -> bool:
    found = find_dates(token)
    return bool(found) and len(found[0].text) >= len(token) - 1


def document_number(rows: Sequence[Row], hits: Sequence[Hit], kind: Kind) -> tuple[str, Evidence] | None:
    """Return the number of a document of ``kind``: labelled, in its title, or beside an unknown label close to it.

    ``rows`` are those above the first table of items.
    """
    names = NUMBER_FIELDS.get(kind, ())
    own = own_order_hits(hits, kind)
    return (
        _labelled_number(hits, names)
        or _title_number(rows, kind)
        or _labelled_number(own, ("order_number",))
        or _unnamed_number(rows)
    )


def own_order_hits(hits: Sequence[Hit], kind: Kind) -> list[Hit]:
    """Return where a supplier's answer names an order as his own: another label names the customer's."""
    orders = [hit for hit in hits if hit.field == "order_number" and number_in(hit.text)]
    others = [hit for hit in orders if _is_yours(hit.label)]
    return [hit for hit in orders if hit not in others] if others and kind in _ANSWERS else []


def _is_yours(label: str) -> bool:
    words = normalise(label).split()
    return bool(words) and words[0] in _yours()


@lru_cache(maxsize=1)
def _yours() -> frozenset[str]:
    return frozenset(load("notes")["yours"])


def _labelled_number(hits: Sequence[Hit], names: Sequence[str]) -> tuple[str, Evidence] | None:
    """Return the first value under ``names``; a label that speaks of a number goes before one that only names."""
    for name in names:
        stated = [
            (normalise(hit.label) in kinds(), place, number, hit)
            for place, hit in enumerate(hits)
            if hit.field == name and (number := number_in(hit.text)) and not _is_amount(number, hit)
        ]
        if stated:
            _, _, number, hit = min(stated, key=lambda found: found[:2])
            return number, hit.evidence
    return None


def _title_number(rows: Sequence[Row], kind: Kind) -> tuple[str, Evidence] | None:
    """Return the number that stands behind the title of the document on its line."""
    for row in rows:
        for cell, beside in pairwise([*row.cells, None]):
            named, weight = title_of(cell.text) if cell else ("", 0.0)
            if cell is None or named != kind or weight < 1:
                continue
            if beside and not label_of(beside.text) and (number := number_in(beside.text)) and weight > 1.5:
                return number, cell_evidence(beside)
            words = cell.text.split()
            first = next((n for n, word in enumerate(words) if any(map(str.isdigit, word))), None)
            for start in (first - 1, first) if first else ():
                number = number_in(" ".join(words[max(start, 1) :]))
                if number and label_key(" ".join(words[:start])) and not _is_title_word(words[start]):
                    return number, cell_evidence(cell)
    return None


def _is_title_word(word: str) -> bool:
    """Return whether a word before a number belongs to the title and not to the number ("FA 2026/317")."""
    return not any(map(str.isdigit, word)) and (not word.isupper() or len(word) > 4 or ends_in_number_word(word))


def _unnamed_number(rows: Sequence[Row]) -> tuple[str, Evidence] | None:
    """Return the one value beside an unknown label that ends in a word for number, close to the document's title."""
    titles = [n for n, row in enumerate(rows) for cell in row.cells if title_of(cell.text)[1] > 1]
    near = rows[titles[0] : titles[0] + _NEAR_TITLE] if titles else ()
    found = [found for row in near for found in _beside_number_words(row)]
    return found[0] if len(found) == 1 else None


def _beside_number_words(row: Row) -> Iterator[tuple[str, Evidence]]:
    for label, value in pairwise(row.cells):
        if ends_in_number_word(label.text) and not label_of(label.text) and (number := number_in(value.text)):
            yield number, cell_evidence(value)
    for cell in row.cells:
        label_text, colon, rest = cell.text.partition(":")
        if colon and ends_in_number_word(label_text) and (number := number_in(rest)) and _is_vague(label_text):
            yield number, cell_evidence(cell)


def _is_vague(label: str) -> bool:
    """Return whether a label for a number does not say whose number it is."""
    return label_of(label) is None or set(label_key(label).split()) <= _VAGUE


def _is_amount(number: str, hit: Hit) -> bool:
    """Return whether the "number" is money: two decimals, or a currency beside it."""
    return (
        bool(re.fullmatch(r"[\d.,' ]*\d[.,]\d{2}", number) and readings(number)) or "€" in hit.text or "$" in hit.text
    )


def order_numbers(hits: Sequence[Hit], kind: Kind) -> dict[str, Evidence]:
    """Return the numbers of the orders that a document speaks of, and where each stands."""
    found: dict[str, Evidence] = {}
    own = {id(hit) for hit in own_order_hits(hits, kind)}
    hits = [hit for hit in hits if id(hit) not in own]
    stated = {hit.field for hit in hits if number_in(hit.text)}
    order = ("order_number",) if kind is Kind.REQUISITION else ("order_number", "requisition_number")
    last = () if kind in (Kind.REQUISITION, Kind.QUOTATION) else ("your_reference",)
    names = next(((name,) for name in (*order, *last) if name in stated), ())
    for hit in hits:
        number = number_in(hit.text) if hit.field in names else None
        if number and len(number) > 1 and not _is_amount(number, hit):
            found.setdefault(number, hit.evidence)
    return found
