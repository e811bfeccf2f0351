"""The fields of a document: its kind, numbers, dates, parties, currency and coding."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any

from parsers.dates import FoundDate, find_dates
from parsers.fields_addresses import LEGAL, Party
from parsers.fields_labels import Hit, cell_evidence, label_of
from parsers.fields_numbers import document_number, order_numbers
from parsers.fields_parties import labelled_party, letterhead_parties
from parsers.lexicon import column_role, load, normalise
from parsers.lines_values import Conventions
from parsers.page import Cell, Row
from parsers.reading import Evidence, Kind
from records.problems import Code, Problem

BOUGHT_BY_WRITER = frozenset({Kind.ORDER, Kind.REQUISITION})
_TEXT_FIELDS = ("cost_center", "account_code", "project", "justification", "ship_to", "tracking_number", "carrier")


@dataclass(frozen=True)
class FoundFields:
    """Values by name of the Reading, their evidence, and what stays a question."""

    values: Mapping[str, Any] = field(default_factory=dict)
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@lru_cache(maxsize=1)
def _language_words() -> Mapping[str, frozenset[str]]:
    return {language: frozenset(words.split()) for language, words in load("languages").items()}


_SCRIPTS = {
    "el": re.compile(r"[\u0370-\u03ff]"),
    "he": re.compile(r"[\u0590-\u05ff]"),
    "ar": re.compile(r"[\u0600-\u06ff]"),
}
_SCRIPT_SHARE = 0.4


def document_language(text: str) -> str | None:
    """Return the language of the script, else the one whose small words are in ``text`` most often.

    None where two are about equal.
    """
    letters = sum(map(str.isalpha, text))
    for language, script in _SCRIPTS.items():
        if letters and len(script.findall(text)) > _SCRIPT_SHARE * letters:
            return language
    words = Counter(re.findall(r"[^\W\d_]+", text.casefold()))
    counts = {lang: sum(words[w] for w in known) for lang, known in _language_words().items()}
    ranked = sorted(counts, key=lambda lang: -counts[lang])
    best, second = ranked[0], ranked[1]
    return best if counts[best] >= 3 and counts[best] > 1.15 * counts[second] else None


def read_fields(
    rows: Sequence[Row],
    above: int,
    hits: Sequence[Hit],
    kind: Kind,
    conventions: Conventions,
    language: str | None = None,
) -> FoundFields:
    """Return the fields of a document of ``kind`` from its labelled values, letterhead and address window.

    ``above`` is the number of rows before the first table of items.
    """
    found: dict[str, tuple[Any, Evidence]] = {}
    problems: list[Problem] = []
    _put(found, "number", document_number(rows[:above], hits, kind))
    orders = order_numbers(hits, kind)
    if orders:
        found["order_numbers"] = (tuple(orders), next(iter(orders.values())))
    for name in ("issued_on", "needed_by"):
        value, problem = _first_date(hits, name, rows, conventions)
        _put(found, name, value)
        problems.extend(problem)
    for name in _TEXT_FIELDS:
        _put(found, name, _first_text(hits, name))
    _put(found, "currency", document_currency(rows, hits))
    for name, party in _parties(rows, above, hits, kind, language).items():
        found[name] = (party.name, party.evidence)
    if "issued_on" not in found:
        _put(found, "issued_on", _unlabelled_date(rows, above, hits, kind, found.get("number"), conventions))
    return FoundFields({n: v for n, (v, _) in found.items()}, {n: e for n, (_, e) in found.items()}, tuple(problems))


def _put(found: dict[str, tuple[Any, Evidence]], name: str, value: tuple[Any, Evidence] | None) -> None:
    if value is not None:
        found[name] = value


def _first_date(
    hits: Sequence[Hit], name: str, rows: Sequence[Row], conventions: Conventions
) -> tuple[tuple[date, Evidence] | None, list[Problem]]:
    doubtful: list[Problem] = []
    for hit in hits:
        if hit.field != name:
            continue
        dates = find_dates(hit.text, conventions.order, conventions.today)
        if not dates:
            continue
        if dates[0].value is not None:
            return (dates[0].value, hit.evidence), []
        doubtful = doubtful or [_ambiguous_date(name, dates[0])]
    return None, doubtful


def _ambiguous_date(name: str, found: FoundDate) -> Problem:
    days = " or ".join(day.isoformat() for day in found.candidates)
    return Problem(Code.AMBIGUOUS_DATE, f'The date "{found.text}" may mean {days}.', f"/{name}")


def _date_beside(rows: Sequence[Row], number: Evidence, conventions: Conventions) -> tuple[date, Evidence] | None:
    """Return the date on the line of the document's number ("No. 42 of 31 January 2014")."""
    for row, after in pairwise([*rows, None]):
        if row is None or not any(cell_evidence(cell) == number for cell in row.cells):
            continue
        dates = list(find_dates(row.text, conventions.order, conventions.today))
        if not dates and after is not None:
            dates = [d for d in find_dates(after.text, conventions.order, conventions.today) if d.span[0] == 0]
        if dates and dates[0].value:
            return dates[0].value, number
    return None


def _unlabelled_date(
    rows: Sequence[Row],
    above: int,
    hits: Sequence[Hit],
    kind: Kind,
    number: tuple[str, Evidence] | None,
    conventions: Conventions,
) -> tuple[date, Evidence] | None:
    """Return the date of an order beside its number, on the line of the number, or on a line of its own."""
    if kind is Kind.ORDER and (ordered := _first_date(hits, "ordered_on", rows, conventions)[0]):
        return ordered
    beside = _date_beside(rows, number[1], conventions) if number else None
    if beside:
        return beside
    lone = [
        (found.value, cell_evidence(cell))
        for row in rows[:above]
        for cell in row.cells
        if (found := _lone_date(cell.text, conventions)) and found.value
    ]
    return lone[0] if len({value for value, _ in lone}) == 1 else None


def _lone_date(text: str, conventions: Conventions) -> FoundDate | None:
    """Return the date that a line consists of, a place before it allowed ("Wil, 5. Mai 2026")."""
    dates = find_dates(text, conventions.order, conventions.today)
    if len(dates) != 1 or text[dates[0].span[1] :].strip(" ."):
        return None
    place = text[: dates[0].span[0]].strip()
    parts = place.replace(",", " , ").split()
    named = not place or (parts[0].isalpha() and "," in parts and len(parts) < 6 and not label_of(place))
    return dates[0] if named else None


def _first_text(hits: Sequence[Hit], name: str) -> tuple[str, Evidence] | None:
    for hit in hits:
        if hit.field == name and hit.text and len(hit.text) <= 400:
            text = _with_following(hit) if name in ("ship_to", "justification") else hit.text
            return text, hit.evidence
    return None


def _with_following(hit: Hit) -> str:
    """Return the value with the lines beneath it, as far as they are no labels of their own."""
    lines, last = [hit.text], hit.cell
    for cell in hit.following[:5]:
        tight = cell.box[1] - last.box[3] < 0.7 * (last.box[3] - last.box[1])
        if not tight or label_of(cell.text) or column_role(cell.text) or abs(cell.box[0] - hit.cell.box[0]) > 12:
            break
        lines.append(cell.text)
        last = cell
    return ", ".join(lines)


_SYMBOLS = {
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "zł": "PLN",
    "Kč": "CZK",
    "US$": "USD",
    "A$": "AUD",
    "C$": "CAD",
    "Ft": "HUF",
}
_CODES = frozenset(
    "EUR USD GBP CHF SEK NOK DKK PLN CZK HUF RON JPY CNY INR AUD CAD NZD ZAR TRY BRL MXN SGD HKD AED DEM".split()
)
_MONEY = re.compile(r"\b([A-Z]{3})\b|(US\$|A\$|C\$|[€£¥₹$])|(?<=\d)\s?(zł|Kč|Ft)\b")


def document_currency(rows: Sequence[Row], hits: Sequence[Hit]) -> tuple[str, Evidence] | None:
    """Return the labelled currency, else the one whose code or sign stands beside most amounts."""
    for hit in hits:
        code = _code_in(hit.text) if hit.field == "currency" else None
        if code:
            return code, hit.evidence
    counts: Counter[str] = Counter()
    first: dict[str, Cell] = {}
    for row in rows:
        for cell in row.cells:
            for code in _codes(cell.text):
                counts[code] += 1
                first.setdefault(code, cell)
    if not counts:
        return None
    best = counts.most_common(1)[0][0]
    return best, cell_evidence(first[best])


def _code_in(text: str) -> str | None:
    return next(_codes(text), None)


def _codes(text: str) -> Iterator[str]:
    for code, symbol, word in _MONEY.findall(text):
        if code in _CODES:
            yield code
        elif symbol == "$":
            yield "USD"
        elif symbol or word:
            yield _SYMBOLS[symbol or word]


def _parties(
    rows: Sequence[Row], above: int, hits: Sequence[Hit], kind: Kind, language: str | None
) -> dict[str, Party]:
    heading = [hit for hit in hits if hit.row < above]
    if kind in BOUGHT_BY_WRITER:
        heading = [replace(h, field="supplier") if h.field == "buyer" and _says_to(h.label) else h for h in heading]
    buyer, supplier = labelled_party(heading, "buyer"), labelled_party(heading, "supplier")
    ship_to = labelled_party(heading, "ship_to")
    addressed = supplier if kind in BOUGHT_BY_WRITER else buyer
    owner, addressee = letterhead_parties(rows, above, addressed, ship_to, language)
    if kind in BOUGHT_BY_WRITER:
        sells = owner if buyer and owner and normalise(buyer.name) != normalise(owner.name) else None
        owner, addressee = (addressee or sells) if kind is Kind.ORDER else None, owner
    supplier = _weightier(supplier, owner, buyer)
    buyer = _weightier(buyer, addressee, supplier)
    if buyer is None and kind in (Kind.DELIVERY_NOTE, Kind.DESPATCH_ADVICE):
        buyer = ship_to
    return {name: party for name, party in (("buyer_name", buyer), ("supplier_name", supplier)) if party}


def _weightier(labelled: Party | None, printed: Party | None, other: Party | None) -> Party | None:
    """Return the labelled party, but a firm of the letterhead before a person that a label names."""
    if printed and other and normalise(printed.name) == normalise(other.name):
        return labelled
    if labelled and printed and LEGAL.search(printed.name) and not LEGAL.search(labelled.name):
        return printed
    return labelled or printed


def _says_to(label: str) -> bool:
    return normalise(label) in load("notes")["to"]
