"""The fields of a document: its kind, numbers, dates, parties, currency and coding."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any

from parsers.dates import FoundDate, find_dates
from parsers.fields_labels import Hit, cell_evidence, label_of, segments, unspaced
from parsers.fields_parties import Party, labelled_party, letterhead_parties
from parsers.lexicon import column_role, ends_in_number_word, kinds, load, normalise
from parsers.lines_values import Conventions
from parsers.numbers import readings
from parsers.page import Cell, Row
from parsers.reading import Evidence, Kind
from records.problems import Code, Problem

NUMBER_FIELDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.INVOICE: ("invoice_number", "document_number"),
    Kind.CREDIT_NOTE: ("credit_number", "invoice_number", "document_number"),
    Kind.ORDER_RESPONSE: ("response_number", "document_number"),
    Kind.QUOTATION: ("quotation_number", "document_number"),
    Kind.DELIVERY_NOTE: ("delivery_number", "document_number"),
    Kind.DESPATCH_ADVICE: ("delivery_number", "document_number"),
    Kind.REQUISITION: ("requisition_number", "document_number"),
    Kind.ORDER: ("order_number", "document_number"),
    Kind.STATEMENT: ("document_number",),
}
BOUGHT_BY_WRITER = frozenset({Kind.ORDER, Kind.REQUISITION})
_TEXT_FIELDS = ("cost_center", "account_code", "project", "justification", "ship_to", "tracking_number", "carrier")
_TITLE_ROWS = 45


@dataclass(frozen=True)
class FoundFields:
    """Values by name of the Reading, their evidence, and what stays a question."""

    values: Mapping[str, Any] = field(default_factory=dict)
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def document_kind(rows: Sequence[Row], hits: Sequence[Hit] = ()) -> Kind:
    """Return what a document calls itself: its largest and earliest title, else what its number is called."""
    best: tuple[float, str] = (0.0, "")
    for n, row in enumerate(rows[:_TITLE_ROWS]):
        for cell in row.cells:
            height = min(max(cell.box[3] - cell.box[1], 4.0), 30.0)
            for later, piece in enumerate(segments(cell.text)[:3]):
                kind, weight = _title(piece)
                if kind:
                    best = max(best, (height * weight * 0.985**n * 0.9**later, kind))
    if best[1]:
        return Kind(best[1])
    for kind_, names in NUMBER_FIELDS.items():
        if any(hit.field == names[0] for hit in hits) and names[0] != "order_number":
            return kind_
    return Kind.ORDER if any(hit.field == "order_number" for hit in hits) else Kind.OTHER


def _title(text: str) -> tuple[str, float]:
    """Return the kind that ``text`` names at its head and how much it looks like a title."""
    words = normalise(unspaced(text)).split()
    for length in range(min(len(words), 5), 0, -1):
        kind = kinds().get(" ".join(words[:length]))
        if not kind:
            continue
        rest = words[length:]
        if rest and kind == Kind.STATEMENT:
            return "", 0.0
        if not rest:
            return kind, 1.6
        numbered = any(any(map(str.isdigit, w)) for w in rest[:3])
        return kind, 1.3 if numbered and len(rest) < 8 else 0.5 if len(rest) < 3 else 0.2
    last = kinds().get(" ".join(words[-2:])) or kinds().get(" ".join(words[-1:])) if 1 < len(words) < 6 else None
    return (last, 0.6) if last else ("", 0.0)


@lru_cache(maxsize=1)
def _language_words() -> Mapping[str, frozenset[str]]:
    return {language: frozenset(words.split()) for language, words in load("languages").items()}


def document_language(text: str) -> str | None:
    """Return the language whose small words are in ``text`` most often, None where two are about equal."""
    words = Counter(re.findall(r"[^\W\d_]+", text.casefold()))
    counts = {lang: sum(words[w] for w in known) for lang, known in _language_words().items()}
    ranked = sorted(counts, key=lambda lang: -counts[lang])
    best, second = ranked[0], ranked[1]
    return best if counts[best] >= 3 and counts[best] > 1.15 * counts[second] else None


def read_fields(
    rows: Sequence[Row], above: int, hits: Sequence[Hit], kind: Kind, conventions: Conventions
) -> FoundFields:
    """Return the fields of a document of ``kind`` from its labelled values, letterhead and address window.

    ``above`` is the number of rows before the first table of items.
    """
    found: dict[str, tuple[Any, Evidence]] = {}
    problems: list[Problem] = []
    _put(found, "number", _first_number(hits, NUMBER_FIELDS.get(kind, ())) or _unnamed_number(rows[:above]))
    orders = _order_numbers(hits, kind)
    if orders:
        found["order_numbers"] = (tuple(orders), next(iter(orders.values())))
    for name in ("issued_on", "needed_by"):
        value, problem = _first_date(hits, name, rows, conventions)
        _put(found, name, value)
        problems.extend(problem)
    for name in _TEXT_FIELDS:
        _put(found, name, _first_text(hits, name))
    _put(found, "currency", document_currency(rows, hits))
    for name, party in _parties(rows, above, hits, kind).items():
        found[name] = (party.name, party.evidence)
    if "issued_on" not in found and "number" in found:
        _put(found, "issued_on", _date_beside(rows, found["number"][1], conventions))
    return FoundFields({n: v for n, (v, _) in found.items()}, {n: e for n, (_, e) in found.items()}, tuple(problems))


def _put(found: dict[str, tuple[Any, Evidence]], name: str, value: tuple[Any, Evidence] | None) -> None:
    if value is not None:
        found[name] = value


_PARTED_NUMBER = re.compile(r"^([A-Za-z]{1,5}\.?)\s+(\S*\d\S*)")


def number_in(text: str) -> str | None:
    """Return the document number at the head of ``text``, None if none is there.

    >>> number_in("RE-2014/502 vom 03.07.2014"), number_in("PO 4711"), number_in("see below")
    ('RE-2014/502', 'PO 4711', None)
    """
    bare = text.strip(" :#.-–")
    parted = _PARTED_NUMBER.match(bare)
    if parted and parted[1].rstrip(".").isupper():
        return f"{parted[1]} {parted[2]}".rstrip(",;.)")
    for token in bare.split()[:2]:
        token = token.strip(",;()[]")
        if any(map(str.isdigit, token)) and len(token) <= 40 and not _is_date(token):
            return token.rstrip(".:")
    return None


def _is_date(token: str) -> bool:
    found = find_dates(token)
    return bool(found) and len(found[0].text) >= len(token) - 1


def _first_number(hits: Sequence[Hit], names: Sequence[str]) -> tuple[str, Evidence] | None:
    for name in names:
        for hit in hits:
            number = number_in(hit.text) if hit.field == name else None
            if number and not _is_amount(number, hit):
                return number, hit.evidence
    return None


_NEAR_TITLE = 4  # rows beneath the title of a document


def _unnamed_number(rows: Sequence[Row]) -> tuple[str, Evidence] | None:
    """Return the one value beside an unknown label that ends in a word for number, close to the document's title."""
    titles = [n for n, row in enumerate(rows) for cell in row.cells if _title(cell.text)[1] > 1]
    found = (
        [
            (number, cell_evidence(value))
            for n in range(titles[0], min(titles[0] + _NEAR_TITLE, len(rows)))
            for label, value in pairwise(rows[n].cells)
            if ends_in_number_word(label.text) and not label_of(label.text) and (number := number_in(value.text))
        ]
        if titles
        else []
    )
    return found[0] if len(found) == 1 else None


def _is_amount(number: str, hit: Hit) -> bool:
    """Return whether the "number" is money: two decimals, or a currency beside it."""
    return (
        bool(re.fullmatch(r"[\d.,' ]*\d[.,]\d{2}", number) and readings(number)) or "€" in hit.text or "$" in hit.text
    )


def _order_numbers(hits: Sequence[Hit], kind: Kind) -> dict[str, Evidence]:
    found: dict[str, Evidence] = {}
    names = (
        ("order_number",) if any(h.field == "order_number" and number_in(h.text) for h in hits) else ("your_reference",)
    )
    if kind in (Kind.REQUISITION, Kind.QUOTATION) and names == ("your_reference",):
        return {}
    for hit in hits:
        number = number_in(hit.text) if hit.field in names else None
        if number and len(number) > 1 and not _is_amount(number, hit):
            found.setdefault(number, hit.evidence)
    return found


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


def _parties(rows: Sequence[Row], above: int, hits: Sequence[Hit], kind: Kind) -> dict[str, Party]:
    buyer, supplier = labelled_party(hits, "buyer"), labelled_party(hits, "supplier")
    if not (buyer and supplier):
        addressed = supplier if kind in BOUGHT_BY_WRITER else buyer
        owner, addressee = letterhead_parties(rows, above, addressed, labelled_party(hits, "ship_to"))
        if kind in BOUGHT_BY_WRITER:
            owner, addressee = addressee if kind is Kind.ORDER else None, owner
        supplier = supplier or _other_than(owner, buyer)
        buyer = buyer or _other_than(addressee, supplier)
    return {name: party for name, party in (("buyer_name", buyer), ("supplier_name", supplier)) if party}


def _other_than(party: Party | None, other: Party | None) -> Party | None:
    return None if party and other and normalise(party.name) == normalise(other.name) else party
