"""Header fields told in running text: cost centre, account, project, address, dates, sums, names.

A field is read only behind its label or in a form that can mean nothing else.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from parsers.dates import FoundDate, Order, find_dates, lexicon
from parsers.dates_relative import find_relative_dates
from parsers.numbers import Convention, read_number
from parsers.phrases import any_of, load
from parsers.prose_references import order_numbers

_CODE_VALUE = r"[A-Z0-9][\w./-]*\d[\w./-]*|\d[\w./-]*"
_TO_CLAUSE_END = r"(?P<value>[^\n;]{2,120}?)(?=\s*(?:[.;](?:\s|$)|\n|$))"
_CUT_ADDRESS = re.compile(
    r"\s*(?:,\s*(?=ask|before|by|please|antes|vor|bis|avant|entro|prima|vóór|uiterlijk|att)|"
    r"\s+(?:please|bitte|by|before|as|and|und|et|y|e|en|thanks|svp|por favor|antes|avant|entro|bis|um|"
    r"on|am|when|asap|graag|alsjeblieft|no later|if|because|since|so|where|wo|où|donde|dove|"
    r"waar)(?=\s)|\s+(?:instead|stattdessen|liefern|plutôt|invece|mejor|leveren|afleveren|bezorgen)(?!\w)|,\s+(?:the|die|der|das|le|la|el|il|de|we|wir|nous)\s)",
    re.IGNORECASE,
)
_CURRENCIES = (
    ("EUR", re.compile(r"€|\bEUR\b|\beuros?\b", re.IGNORECASE)),
    ("GBP", re.compile(r"£|\bGBP\b")),
    ("USD", re.compile(r"\bUSD\b|\bUS\$|\bUS dollars?\b")),
    ("CHF", re.compile(r"\bCHF\b|\bFr\.(?=\s?\d)|\bSFr\b")),
    ("PLN", re.compile(r"\bPLN\b|\bzł\b")),
    ("SEK", re.compile(r"\bSEK\b")),
    ("DKK", re.compile(r"\bDKK\b")),
    ("NOK", re.compile(r"\bNOK\b")),
    ("CZK", re.compile(r"\bCZK\b|\bKč\b")),
    ("HUF", re.compile(r"\bHUF\b|\bFt\b")),
    ("CAD", re.compile(r"\bCAD\b|\bC\$")),
    ("AUD", re.compile(r"\bAUD\b|\bA\$")),
    ("JPY", re.compile(r"\bJPY\b|¥")),
    ("BRL", re.compile(r"\bBRL\b|R\$")),
)


@dataclass(frozen=True)
class FieldFound:
    """One value read from text: ``span`` is [start, end) of label and value, ``text`` what stands there."""

    value: str
    span: tuple[int, int]
    text: str


@cache
def _labelled(name: str) -> re.Pattern[str]:
    labels = any_of(load("prose")["fields"][name])
    if name in ("cost_center", "account_code", "tracking_number"):
        body = rf"(?P<value>{_CODE_VALUE})"
        between = r"\s*(?:(?:is|ist|est|es|è|number|no\.?|nr\.?|n°|nº|code)\s*)?[:#=]?\s*"
    else:
        body, between = _TO_CLAUSE_END, r"(?:\s+(?:is|ist|est|es|è)\b)?\s*[:#=]?\s*"
    ends = r"(?![^\W\d_])" if name == "project" else ""  # a "projector" is no project
    return re.compile(rf"(?<![\w-])(?:{labels}){ends}{between}{body}", re.IGNORECASE)


def labelled(text: str, name: str) -> FieldFound | None:
    """Return the value behind the first label of the field ``name``, None if there is none."""
    for found in _labelled(name).finditer(text):
        value = found["value"].strip(" \t.,;:*_")
        if not value or (name in ("cost_center", "account_code") and not any(map(str.isdigit, value))):
            continue
        start, end = found.start(), found.start("value") + len(found["value"])
        return FieldFound(value, (start, end), text[start:end])
    return None


def ship_to(text: str) -> FieldFound | None:
    """Return where the goods are to go, as written."""
    for found in _labelled("ship_to").finditer(text):
        value = found["value"].strip(" \t.,;:*_?!")
        cut = _CUT_ADDRESS.search(value, 2)
        value = (value[: cut.start()] if cut else value).strip(" ,")
        value = _place_article().sub("", value)
        if _is_place(value):
            start, end = found.start(), found.start("value") + len(value)
            return FieldFound(value, (start, end), text[start:end])
    return _place_behind_date(text)


@cache
def _delivery() -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = load("prose")["place"]
    return (
        re.compile(rf"\b{any_of(words['delivery'])}\b[^.;\n]{{0,40}}$", re.IGNORECASE),
        re.compile(rf"\s*,?\s*(?:{any_of(words['before_place'])}|(?=[lL]['’]))\s*{_TO_CLAUSE_END}", re.IGNORECASE),
    )


def _place_behind_date(text: str) -> FieldFound | None:
    """Return the place behind a delivery and its day: "livraison le 30/11/2026 à l'atelier"."""
    delivery, place = _delivery()
    for day in find_dates(text, Order.DAY_FIRST, date(2000, 1, 1)):
        found = place.match(text, day.span[1])
        if found is None or not delivery.search(text, max(0, day.span[0] - 60), day.span[0]):
            continue
        value = found["value"].strip(" \t.,;:*_")
        if re.search(r"[A-ZÀ-Þ]", value) and _is_place(value):
            start = found.start("value")
            return FieldFound(value, (start, start + len(value)), text[start : start + len(value)])
    return None


@cache
def _place_article() -> re.Pattern[str]:
    return re.compile(rf"^{any_of(load('prose')['place']['articles'])}\s+", re.IGNORECASE)


@cache
def _no_place() -> re.Pattern[str]:
    return re.compile(rf"{any_of(load('prose')['place']['openers_of_no_place'])}\b", re.IGNORECASE)


def _is_place(value: str) -> bool:
    """Not a date, not a rest of a sentence: a place has a noun or a number and is short."""
    if not 3 <= len(value) <= 100 or len(value.split()) > 12 or not re.search(r"[^\W\d_]{3}", value):
        return False
    if _no_place().match(value):
        return False
    return not any(f.span[0] < 4 for f in find_dates(value, today=date(2000, 1, 1)))


def carrier(text: str) -> FieldFound | None:
    """Return the firm that carries the goods, as written."""
    for found in _labelled("carrier").finditer(text):
        ends = r"[,;(]|\.\s|\s(?:on|am|le|el|il|op|under|with|this|today|yesterday|tracking|unter|mit|and|und)\s"
        value = re.split(ends, f"{found['value']} ")[0].strip(" .:*_")
        if value[:1].isupper() and len(value) <= 40 and len(value.split()) <= 5:
            start, end = found.start(), found.start("value") + len(value)
            return FieldFound(value, (start, end), text[start:end])
    return None


def project(text: str) -> FieldFound | None:
    """Return the project named, code or name, as written."""
    for found in _labelled("project").finditer(text):
        value = re.split(r"[,;()]|\s(?:and|und|et|y|e|en)\s|\.\s", found["value"])[0].strip(" .:*_")
        named = any(map(str.isdigit, value)) or value[:1].isupper()
        if value and named and len(value) <= 50 and len(value.split()) <= 6:
            start, end = found.start(), found.start("value") + len(value)
            return FieldFound(value, (start, end), text[start:end])
    return None


def currency_of(text: str) -> str | None:
    """Return the one currency that ``text`` names, None where it names none or several.

    An amount that only limits ("budget max £150") names none.
    A bare dollar sign is nobody's currency in particular.
    """
    text = _ceiling().sub(" ", text)
    found = [code for code, pattern in _CURRENCIES if pattern.search(text)]
    return found[0] if len(found) == 1 else None


@cache
def _ceiling() -> re.Pattern[str]:
    words = load("items")["item"]
    money = rf"(?:{any_of(words['currencies'])}\s*\d[\d.,]*|\d[\d.,]*\s*{any_of(words['currencies'])})"
    return re.compile(rf"(?<!\w){any_of(words['ceilings'])}(?!\w)\W*(?:\w+\W+){{0,2}}?{money}", re.IGNORECASE)


def dates_in(text: str, today: date | None, order: Order | None) -> list[FoundDate]:
    """Return all dates of ``text``, told absolutely or from ``today``, in order.

    A weekday beside a full date only repeats it ("Friday 20 November").
    """
    found = [f for f in find_dates(text, order, today) if not _is_pronoun(f.text)]
    if today:
        found += [r for r in find_relative_dates(text, today) if not any(_belongs(text, r, f) for f in found)]
    return sorted(found, key=lambda f: f.span)


@cache
def _english_months() -> frozenset[str]:
    return frozenset(form for forms in lexicon()["months"]["en"] for form in forms.split())


def _is_pronoun(text: str) -> bool:
    """A month before a day without a year is English; "Sie 9" is no ninth of August."""
    first = re.fullmatch(r"([^\W\d_]{2,4})\.?\s+\d{1,2}", text)
    return first is not None and first[1].casefold() not in _english_months()


_BESIDE = re.compile(r"[\s,.(]*(?:the|den|dem|der|le|el|il|de|dia|día|d\.)?[\s(]*", re.IGNORECASE)


def _belongs(text: str, relative: FoundDate, absolute: FoundDate) -> bool:
    if relative.span[0] < absolute.span[1] and absolute.span[0] < relative.span[1]:
        return True
    first, second = sorted((relative.span, absolute.span))
    return second[0] - first[1] <= 7 and bool(_BESIDE.fullmatch(text[first[1] : second[0]]))


@cache
def _needed() -> re.Pattern[str]:
    strong = any_of(load("prose")["needed"]["strong"])
    days = any_of(
        re.escape(form) for rows in lexicon()["weekdays"].values() for forms in rows for form in forms.split()
    )
    return re.compile(
        rf"(?<!\w){strong}[\s:,(]*(?:the |el |le |den |de |il |l['’]|o |dem |dia |día )?(?:{days}[.,]*\s*)?$",
        re.IGNORECASE,
    )


@cache
def _latest() -> re.Pattern[str]:
    return re.compile(rf"^\s*(?:at the )?{any_of(load('prose')['needed']['latest'])}", re.IGNORECASE)


@cache
def _strict() -> re.Pattern[str]:
    return re.compile(any_of(load("prose")["needed"]["strict"]), re.IGNORECASE)


def _is_asked(text: str, found: FoundDate) -> bool:
    before, after = text[max(0, found.span[0] - 60) : found.span[0]], text[found.span[1] : found.span[1] + 30]
    return bool(_needed().search(before) or _latest().match(after))


def needed_by(text: str, today: date | None, order: Order | None) -> tuple[FoundDate | None, list[FoundDate]]:
    """Return the one date by which things are needed, and every date that was weighed.

    The date nearest behind a word of need counts; without such a word the only date of the text after ``today``.
    """
    found = [f for f in dates_in(text, today, order) if _is_ahead(f, today)]
    asked = [f for f in found if _is_asked(text, f)]
    chosen = asked or [f for f in found if f.value != today]
    values = {f.value or f.candidates for f in chosen}
    if len(values) == 1 and chosen[0].value:
        return chosen[0], found
    if len(asked) > 1:
        strict = [f for f in asked if f.value and _strict().search(text[max(0, f.span[0] - 50) : f.span[0]])]
        if len({f.value for f in strict}) == 1:
            return strict[0], found
    return None, found


def _is_ahead(found: FoundDate, today: date | None) -> bool:
    day = found.value or (found.candidates[-1] if found.candidates else None)
    return day is not None and (today is None or day >= today)


_TOTAL = re.compile(
    r"(?P<label>(?:sub|grand |net |gross |order )?totals?|sum|gesamt(?:summe|betrag)?|summe|"
    r"nettosumme|total(?:e)?(?: ttc| ht| général)?|importe total|totaal|totale|razem|makes|comes to|"
    r"macht|zusammen|imponibile|netto(?:betrag|wert)?|net(?: value| amount)?|base imponible|"
    r"zwischensumme|amount due)"
    r"(?P<between>[^\n\d]{0,40}?)(?:€|£|\$|"
    r"[A-Z]{3})?\s?(?P<number>\d{1,3}(?:[.,' \u00a0]\d{3})*(?:[.,]\d{2})|"
    r"\d{3,7})(?P<after>[^\n]{0,40})",
    re.IGNORECASE,
)
_NET = re.compile(
    r"\b(?:net|netto|ht|ex(?:cl)?\.?(?:uding)? (?:vat|btw|tax|mwst|iva|tva)|without (?:vat|tax)|zzgl|"
    r"hors taxes?|sin iva|iva excl|excl|senza iva|bez vat|sem iva|ohne mwst|subtotal|zwischensumme|"
    r"imponibile|\+ ?(?:vat|btw|mwst|iva)|plus vat)\b",
    re.IGNORECASE,
)
_GROSS = re.compile(
    r"\b(?:gross|brutto|ttc|inc(?:l)?\.?(?:uding)? (?:vat|btw|tax|mwst|iva|tva)|toutes taxes|iva incl|"
    r"con iva|inkl|incl|ivato|com iva|z vat|vat included)\b",
    re.IGNORECASE,
)


def totals(text: str, convention: Convention | None) -> tuple[Decimal | None, Decimal | None]:
    """Return (net, gross) totals that the text labels as such; a total without a word on tax is neither."""
    net = gross = None
    for found in _TOTAL.finditer(text):
        value = read_number(found["number"], convention)
        around = f"{found['label']} {found['between']} {found['after']}"
        if value is None:
            continue
        if _GROSS.search(around) and not _NET.search(around):
            gross = gross if gross is not None else value
        elif _NET.search(around):
            net = net if net is not None else value
    return net, gross


_NAME = (
    r"(?:(?:[A-ZÄÖÜÉÈÁÍÓÚÑÇŁŚŻ][\w'’&.-]*|&|van|der|den|de|du|la|le|del|und|and|y|et|e|i|Co\.?|KG|"
    r"[a-z]\.[a-z]\.)\s?){1,6}"
)


@cache
def _from_supplier() -> re.Pattern[str]:
    words = any_of(load("prose")["fields"]["from_supplier"])
    return re.compile(
        rf"(?<!\w)(?i:{words})\s+(?:the |our |der |dem |la |de |firma |"
        rf"Fa\.? )?(?P<value>(?=[A-ZÄÖÜÉÈÁÍÓÚÑÇŁŚŻ]){_NAME})"
    )


def supplier_in_request(text: str, not_names: Sequence[str] = ()) -> FieldFound | None:
    """Return the supplier that a request names: labelled, or behind "from", "bei", "chez" and the like."""
    if found := labelled(text, "supplier_name"):
        value = re.split(r"[,(;]|\.\s", found.value)[0].strip()
        if 2 < len(value) <= 60 and value[:1].isupper():
            return FieldFound(value, found.span, found.text)
    for match in _from_supplier().finditer(text):
        if _delivering().search(text, max(0, match.start() - 30), match.start()):
            continue  # "deliver at" names a place
        value = _trim_name(match["value"])
        if value and _could_be_firm(value) and value.casefold() not in not_names:
            start = match.start("value")
            return FieldFound(value, (start, start + len(value)), text[match.start() : start + len(value)])
    return None


@cache
def _delivering() -> re.Pattern[str]:
    words = any_of(load("prose")["place"]["delivery"])
    return re.compile(rf"(?<!\w){words}\s+$", re.IGNORECASE)


def _trim_name(value: str) -> str:
    value = re.sub(r"(?:\s+(?:van|der|den|de|du|la|le|del|und|and|y|et|e|i|&))+\s*$", "", value.strip())
    return value.strip(" .,") if not re.search(r"(?:\b\w\.){2}$|Co\.$|Inc\.$|Ltd\.$", value) else value.strip(" ,")


def _could_be_firm(value: str) -> bool:
    """Not a day, a month, a place on site or a polite form."""
    first = value.split()[0].casefold()
    if find_dates(f"1 {value} 2026") or len(value) < 3 or order_numbers([value]):
        return False
    return first not in _no_firms()


@cache
def _no_firms() -> frozenset[str]:
    return frozenset(load("prose")["supplier"]["no_firms"].split())
