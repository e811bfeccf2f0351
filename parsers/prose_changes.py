"""What a requester changes: single lines of an order, or items of a list that is passed on."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache

from parsers.dates import Order
from parsers.numbers import Convention
from parsers.phrases import any_of, load
from parsers.prose_answers import named_lines
from parsers.prose_fields import dates_in
from parsers.prose_lines import convention_of, find_lines
from parsers.prose_mentions import stems
from parsers.prose_quantity import unit_pattern
from parsers.prose_sentences import split_sentences
from parsers.prose_stated import Settings, What, new_of, values_in
from parsers.reading import ReadLine

_BEFORE_INSTEAD = re.compile(
    r"(?<![\w.,-])(\d{1,6})(?:\s+[^\W\d_]+){0,3}\s*,?\s*(?:instead of|rather than|not(?= \d)|statt|"
    r"anstatt|anstelle von|nicht(?= \d)|au lieu de|et non|en (?:lugar|vez) de|y no|invece di|anziché|"
    r"e non|in plaats van|niet(?= \d)|em vez de|e não|zamiast|a nie)",
    re.IGNORECASE,
)
_TO_NUMBER = re.compile(r"(?:to|auf|à|a|op|naar|para|na|:|=|->|→)\s*(\d{1,6})(?![\d.,]*\d|\w|[./-]\d)", re.IGNORECASE)
_DROP = re.compile(
    r"(?:leave out|drop|remove|without|skip|don'?t need|do not need|cancel|delete|minus|"
    r"except(?: for)?|apart from|not the|ohne|streichen?|weglassen|brauchen wir nicht|nicht die|"
    r"kein\w*|entfällt|sans|supprim\w+|retir\w+|pas (?:besoin )?(?:de |les? |la )?|enlev\w+|sin|"
    r"quitar?|elimina\w*|no necesitamos|menos|senza|togli\w*|toglie\w*|non serv\w+|eliminar\w*|tranne|"
    r"zonder|laat\b|schrap\w*|niet nodig|behalve|sem|retir\w+|exceto|bez|usuń|pomiń)",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"(?:items?|lines?|pos(?:itionen|ition|\.)?|lignes?|postes?|líneas?|lineas?|righe|riga|regels?|"
    r"linhas?|pozycj\w+|nummern?|nrs?\.?|numbers?|artikel|articles?|articoli|artículos)\s*(?:no\.?|"
    r"nr\.?)?\s*(\d{1,3}(?:\s*(?:,|and|und|et|y|e|en|i|&|\+)\s*\d{1,3})*)",
    re.IGNORECASE,
)
_REFERS = re.compile(
    r"\b(?:below|attached list|the list|his list|her list|'s (?:list|quote|quotation|offer)|the quote|"
    r"the quotation|the offer|this quote|forwarded|"
    r"quote below|unten|untenstehend\w*|unterhalb|die liste|das angebot|angebot|ci-dessous|la liste|"
    r"ce devis|le devis|abajo|la lista|el presupuesto|la oferta|qui sotto|sotto|la lista|"
    r"il preventivo|l'offerta|hieronder|onderstaand\w*|de lijst|de offerte|abaixo|a lista|o orçamento|"
    r"poniżej|lista|oferta)\b",
    re.IGNORECASE,
)


def changed_lines(
    text: str, ordered: tuple[ReadLine, ...], today: date | None, order: Order | None
) -> tuple[ReadLine, ...]:
    """Return the lines of an order that ``text`` changes, with their new quantity or date only."""
    convention = convention_of(text)
    found: list[ReadLine] = []
    for sentence, _ in split_sentences(text.replace("\n", "\n\n")):
        for line in named_lines(sentence, ordered):
            quantity = _new_quantity(sentence) or _counted(sentence, convention)
            dates = {f.value for f in dates_in(sentence, today, order) if f.value and (not today or f.value >= today)}
            needed = next(iter(dates)) if len(dates) == 1 else None
            if quantity is not None or needed is not None:
                found.append(replace(line, quantity=quantity, unit=None, unit_price=None, needed_by=needed))
    return tuple(found)


@cache
def _quantity_of() -> re.Pattern[str]:
    quantity, to = load("stated")["quantity"], any_of(load("stated")["replaced"]["to"])
    of = any_of([*load("prose")["words"]["of"], "der", "des", "för", "av", "af"])
    return re.compile(
        rf"(?<!\w)(?:{any_of(quantity['words'])})\s+{of}(?:\s+|(?<=['’]))(?:the |der |die |das )?"
        rf"(?P<name>[^\d,.;:\n]{{3,60}}?)\s+(?:(?:\w+\s+)?from\s+\d+\s+)?{to}\s+(?P<number>\d{{1,6}})(?![\w.,/-]*\d)(?:\s+(?P<unit>{unit_pattern()})(?!\w))?",
        re.IGNORECASE,
    )


@cache
def _changing() -> re.Pattern[str]:
    verbs = any_of(load("stated")["quantity"]["changing"])
    return re.compile(
        rf"(?<!\w){verbs}\s+the\s+(?!(?:quantity|number|amount|order)\b)(?P<name>[^\d,.;:\n]{{3,40}}?)"
        rf"(?:\s+(?:on|of|in)\s+\S+)?\s+(?:from\s+\d+\s+)?to\s+(?P<number>\d{{1,6}})(?![\w.,/-]*\d)"
        rf"(?:\s+(?P<unit>{unit_pattern()})(?!\w))?",
        re.IGNORECASE,
    )


def new_quantities(text: str) -> tuple[ReadLine, ...]:
    """Return items whose new quantity ``text`` tells by name: "increase the quantity of the bolts to 30 pcs"."""
    return tuple(
        ReadLine(
            description=found["name"].strip(),
            quantity=Decimal(found["number"]),
            unit=found["unit"].casefold().rstrip(".") if found["unit"] else None,
        )
        for pattern in (_quantity_of(), _changing())
        for found in pattern.finditer(text)
    )


def _counted(sentence: str, convention: Convention | None) -> Decimal | None:
    said = new_of(values_in(sentence, Settings(convention)), What.QUANTITY)
    return said.value if said and isinstance(said.value, Decimal) else None


def _new_quantity(text: str) -> Decimal | None:
    text = re.sub(
        r"(?:lines?|items?|pos\.?|zeilen?|ligne|línea|riga|regel|linha)\s*\d+", " ", text, flags=re.IGNORECASE
    )
    found = _BEFORE_INSTEAD.search(text) or _TO_NUMBER.search(text)
    return Decimal(found.group(1)) if found else None


_SECTION = re.compile(
    r"\b(?P<label>variante?|option|opción|opzione|optie|opção|wariant|opcja|alternative|los|"
    r"lot)\s+(?P<name>[A-Z]|\d{1,2})\b",
    re.IGNORECASE,
)


def section_meant(text: str, quoted: str) -> str:
    """Return the part of a quoted offer that ``text`` chooses ("option B"), "" where it chooses none."""
    chosen = {(m["label"].casefold(), m["name"].casefold()) for m in _SECTION.finditer(text)}
    if len(chosen) != 1:
        return ""
    marks = list(_SECTION.finditer(quoted))
    for index, mark in enumerate(marks):
        if mark["name"].casefold() == next(iter(chosen))[1]:
            end = marks[index + 1].start() if index + 1 < len(marks) else len(quoted)
            return quoted[mark.end() : end]
    return ""


def refers_to_list(text: str) -> bool:
    """Return whether ``text`` points at a list or an offer that it passes on."""
    return bool(_REFERS.search(text))


@cache
def _points() -> re.Pattern[str]:
    verbs, at = any_of(load("changes")["points"]["verbs"]), any_of(load("changes")["points"]["at"])
    return re.compile(rf"(?<!\w)(?:{verbs}\s+{at}|{at}\s+(?:\w+\s+){{0,4}}?{verbs})(?!\w)", re.IGNORECASE)


def asks_for_all(text: str) -> bool:
    """Return whether ``text`` asks for what stands below as it is, without a word for the list."""
    return bool(_points().search(text))


def passed_on(text: str, quoted: tuple[ReadLine, ...]) -> tuple[ReadLine, ...]:
    """Return the items of a quoted list that ``text`` passes on as a request, with its corrections.

    Empty where the author does not refer to the list; then it is none of this request.
    """
    if not quoted or not _REFERS.search(text):
        return ()
    chosen = _selected(text, quoted)
    dropped: list[ReadLine] = []
    changed: dict[int, Decimal] = {}
    for sentence, _ in split_sentences(text.replace("\n", " ")):
        for clause in re.split(r",\s|\s(?:and|und|et|y|e|en|i)\s", sentence):
            named = _meant(clause, chosen) or (list(chosen) if len(chosen) == 1 else [])
            if _DROP.search(clause) and len(chosen) > 1:
                dropped += named
            elif len(named) == 1 and (quantity := _stated(clause)) is not None:
                changed[id(named[0])] = quantity
    kept = [line for line in chosen if all(line is not gone for gone in dropped)]
    return tuple(_with_quantity(line, changed.get(id(line))) for line in kept)


def _with_quantity(line: ReadLine, quantity: Decimal | None) -> ReadLine:
    """A new quantity leaves the quoted sum behind."""
    if quantity is None or quantity == line.quantity:
        return line
    return replace(line, quantity=quantity, line_total=None)


def _selected(text: str, quoted: tuple[ReadLine, ...]) -> tuple[ReadLine, ...]:
    for found in _ONLY.finditer(text):
        numbers = {n.lstrip("0") for n in re.findall(r"\d+", found.group(1))}
        listed = tuple(line for line in quoted if (line.line_number or "").lstrip("0") in numbers)
        if listed and not _DROP.search(text[max(0, found.start() - 25) : found.start()]):
            return listed
    return quoted


def _meant(clause: str, lines: Sequence[ReadLine]) -> list[ReadLine]:
    spoken = set(stems(clause))
    scored = [(len(spoken & set(stems(line.description or ""))), line) for line in lines]
    coded = [line for line in lines if line.item_number and line.item_number in clause]
    most = max((score for score, _ in scored), default=0)
    return coded or ([line for score, line in scored if score == most] if most else [])


def _stated(clause: str) -> Decimal | None:
    if quantity := _new_quantity(clause):
        return quantity
    counted = find_lines(f"we need {clause}")
    values = {f.line.quantity for f in counted if f.line.quantity is not None}
    return next(iter(values)) if len(values) == 1 else None
