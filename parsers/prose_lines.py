"""Line items told in running text: lists, one item a line, and enumerations inside sentences."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from parsers.dates import find_dates
from parsers.numbers import Convention, find_numbers, read_number, settle
from parsers.phrases import any_of, load
from parsers.prose_quantity import Quantity, bare_counts, counted, number_words, unit_pattern, value_of
from parsers.prose_sentences import split_sentences
from parsers.reading import ReadLine
from records.problems import Code, Problem

LONGEST_SENTENCE = 2_000  # characters; what goes on longer is no sentence
_BULLET = re.compile(r"^\s*(?:[-*•–·>+]|o(?=\s{2}))\s*(?=\S)")
_POSITION = re.compile(
    r"^\s*(?:pos\.?\s*|line\s*|item\s*|zeile\s*|nr\.?\s*)?(\d{1,4})\s*(?:[.)]|\s?[:|]|\s-)\s+(?=\S)", re.IGNORECASE
)
_PRICE = re.compile(
    r"\s*[,;–-]?\s*(?:@|\bat\b|à|\ba\b|\bzu\b(?: je)?|\bje\b|\bper\b|\baan\b|\bpor\b|\bcad\.?\b|\bpo\b)?\s*"
    r"(?:€|£|\$|EUR|GBP|USD|CHF|PLN|zł)?\s*(?P<price>\d{1,6}(?:[.,]\d{3})*[.,]\d{2,4})\s*(?:€|£|\$|"
    r"EUR|GBP|USD|CHF|PLN|zł)?"
    r"\s*(?:each|ea\.?|/\s?\w+|per \w+|pro \w+|je \w+|pièce|l'unité|la unidad|cad(?:auno|\.)?|"
    r"per stuk|p\.?/?st\.?|cada(?: um| uno)?)?\s*\.?$",
    re.IGNORECASE,
)
_PRICE_MARK = re.compile(r"@|€|£|\$|\b(?:EUR|GBP|USD|CHF|PLN)\b|\bat\b|\bà\b|\beach\b|\bje\b|zł", re.IGNORECASE)
_CODE_SHAPE = r"(?=[A-Z0-9./-]*\d)(?=[A-Z0-9./-]*[A-Z/-])[A-Z0-9]+(?:[-/.][A-Z0-9]+)*"
_LEADING_CODE = re.compile(rf"^({_CODE_SHAPE})(?:\s{{2,}}|\s*[:|,]\s*|\s+(?=[A-Z][a-zà-ÿ]))")
_BRACKET_CODE = re.compile(rf"\s*[(\[]\s*({_CODE_SHAPE})\s*[)\]]")
_CONNECTOR = re.compile(
    r"(?:[\s,;:–-]+|\b(?:and|und|et|y|e|en|i|oraz|och|og|plus|sowie|ainsi que|as well as|also|auch|"
    r"aussi|además|anche|ook)\s*)+$",
    re.IGNORECASE,
)
_NOT_COUNTING = re.compile(
    r"(?:\b(?:for|to|from|in|at|of|every|by|on|until|till|room|floor|page|ward|plot|lines?|items?|no|"
    r"nr|level|building|unit|gate|block|dock|bay|zone|lab|grade|type|size|version|step|phase|than|was|"
    r"were|least|most|about|über|für|pour|para|per|voor|dla|pos|positionen?|zeilen?|lignes?|líneas?|"
    r"righe|riga|regels?|bis|am|ab|le|el|il|du|au|dal|al|vom|zum|rue|calle|via|straße|haus|salle|sala|"
    r"aula|raum|since|after|before|next|last|not|instead|statt|nicht|pas|no|non|niet|n)\.?|[#°º])\s*$",
    re.IGNORECASE,
)
_NOT_COUNTED = re.compile(
    r"^\s*(?:of us\b|%|percent|prozent|°|(?:days?|weeks?|months?|years?|hours?|minutes?|working|"
    r"business|people|persons?|lines?|items?|changes?|positions?|o'?clock|am|pm|uhr|tagen?|wochen?|"
    r"monaten?|jahre?n?|stunden|minuten|leute|personen|jours?|semaines?|mois|ans?|heures?|lignes?|"
    r"días?|semanas?|meses|años?|líneas?|giorni|settimane|mesi|anni|ore|righe|dagen|weken|maanden|"
    r"jaar|uur|regels|mensen|modifications?|änderungen|cambios?|modifiche|wijzigingen|more|other|"
    r"further|weitere|autres|more of|of (?:these|those|them|which|the (?:other|same|two)))\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Found:
    """One line with where it stands in the text that was read: ``span`` is [start, end)."""

    line: ReadLine
    span: tuple[int, int]
    problems: tuple[Problem, ...] = ()


def convention_of(text: str) -> Convention | None:
    """Return the number convention that all numbers of ``text`` together settle, None if they do not."""
    return settle(found.text for found in find_numbers(text))


def find_lines(text: str, in_sentences: bool = True, taken_spans: Sequence[tuple[int, int]] = ()) -> tuple[Found, ...]:
    """Return the items that ``text`` lists or enumerates, in order; ``in_sentences`` reads prose as well.

    What stands in ``taken_spans`` (cost centres, dates, addresses) counts nothing and is blanked first.
    """
    convention = convention_of(text)
    for start, end in taken_spans:
        text = text[:start] + re.sub(r"[^\n]", "\x01", text[start:end]) + text[end:]
    rows = _rows(text)
    listed = _listed(rows, convention)
    found: list[Found] = [item for item in listed if item]
    if in_sentences:
        taken = {index for index, item in enumerate(listed) if item}
        for paragraph, start in _paragraphs(rows, taken):
            found += _enumerated(paragraph, start, convention)
    return tuple(sorted(found, key=lambda item: item.span))


def _rows(text: str) -> list[tuple[str, int]]:
    rows, at = [], 0
    for row in text.split("\n"):
        rows.append((row, at))
        at += len(row) + 1
    return rows


def _listed(rows: Sequence[tuple[str, int]], convention: Convention | None) -> list[Found | None]:
    """Return the item of each row that is one, None for the others; weak rows count only among others."""
    tried = [_item(row, start, convention) for row, start in rows]
    result: list[Found | None] = []
    for index, found in enumerate(tried):
        if found and not found[1] and not _in_company(tried, rows, index):
            found = None
        result.append(found[0] if found else None)
    return result


def _in_company(tried: Sequence[tuple[Found, bool] | None], rows: Sequence[tuple[str, int]], index: int) -> bool:
    neighbours = [i for i in (index - 2, index - 1, index + 1, index + 2) if 0 <= i < len(tried)]
    if any(tried[i] for i in neighbours):
        return True
    before = [rows[i][0].strip() for i in range(max(0, index - 2), index)]
    return any(text.endswith(":") for text in before if text)


def _item(row: str, start: int, convention: Convention | None) -> tuple[Found, bool] | None:
    """Return (item, whether the row alone is proof) of one row of a list."""
    text = row.strip()
    if (
        not 4 <= len(text) <= 160
        or "\t" in text
        or text.count("|") > 1
        or text.endswith(("?", ":"))
        or _PRICE_MARK.match(text)
    ):
        return None
    bullet = _BULLET.match(row)
    rest = row[bullet.end() :] if bullet else row.strip()
    number = None
    if position := _POSITION.match(rest):
        number, rest = position.group(1), rest[position.end() :]
    rest, price, total = _priced_tail(rest, convention)
    head = _quantity_first(rest, convention) or _quantity_last(rest, convention)
    if head is None or _is_date(rest):
        return None
    quantity, described, proof = head
    line, problems = _described(described, quantity, convention, number)
    if price is not None:
        line = replace(line, unit_price=price, line_total=total)
    if line.description is None or len(line.description) < 3:
        return None
    sure = proof or bool(bullet) or line.item_number is not None or line.unit_price is not None
    return Found(line, (start, start + len(row)), problems), sure and not _is_prose(described)


_SUM = (
    r"(?:€|£|\$|EUR|GBP|USD|CHF|PLN)?\s*(\d{1,6}(?:[.,]\d{3})*[.,]\d{2,4})\s*(?:€|£|\$|EUR|GBP|USD|"
    r"CHF|PLN|zł)?"
)
_TAIL = re.compile(
    rf"\s*[,;]?\s*(?:@|à|a|at|zu|je|per)\s*{_SUM}\s*(?:[:=]|->|→|\s-\s|,|\s{{2,}})\s*{_SUM}\s*$", re.IGNORECASE
)


def _priced_tail(text: str, convention: Convention | None) -> tuple[str, Decimal | None, Decimal | None]:
    """Return a row without its "at 95.00: 2,280.00" end, and the price and sum that stood there."""
    found = _TAIL.search(text)
    if not found:
        return text, None, None
    return text[: found.start()], read_number(found.group(1), convention), read_number(found.group(2), convention)


def _is_prose(text: str) -> bool:
    return len(text.split()) > 14 or bool(re.search(r"[.!?]\s+[A-ZÄÖÜÉ]", text))


def _is_date(text: str) -> bool:
    """A row that opens with a date, a time or a street number counts nothing."""
    head = text[:24]
    dated = any(found.span[0] == 0 for found in find_dates(head)) or bool(
        re.match(r"\d{1,2}[:.h]\d{2}\b(?!\s*x)", head)
    )
    street = re.match(
        r"\d+[a-z]?,?\s+\w+(?:\s\w+)?\s(?:street|road|lane|avenue|walk|way|close|drive|rue|avenue|"
        r"place)\b",
        text,
        re.I,
    )
    month = re.match(r"\d{1,2}\.?\s+(?:\w{3,9})\s+20\d\d\b", text)
    return dated or bool(street) or bool(month)


_QTY = r"(?P<number>\d{1,3}(?:[.,'’\u00a0]\d{3})+|\d{1,7}(?:[.,]\d{1,3})?)"


@cache
def _first() -> re.Pattern[str]:
    words = any_of(map(re.escape, number_words()))
    adjective = r"(?:(?:bulk|big|large|small|full|whole|new|große|kleine) )?"
    return re.compile(
        rf"^(?:{_QTY}|(?P<word>{words})(?=\s))\s*(?P<times>[x×*](?=\s|[A-Z\d])|-?fach\b)?\s*"
        rf"(?:(?P<unit>{adjective}{unit_pattern()})(?=[\s.,:(]|$)\.?)?\s*[|:]?\s*(?P<rest>\S.*)$",
        re.IGNORECASE,
    )


def _quantity_first(text: str, convention: Convention | None) -> tuple[Quantity, str, bool] | None:
    found = _first().match(text)
    if not found:
        return None
    number = found["number"] or found["word"]
    rest = found["rest"]
    unit = found["unit"]
    if re.match(r"^(?:%|°|:|/|-\d|mm\b|cm\b|am\b|pm\b|uhr\b|th\b|st\b(?! )|nd\b|rd\b)", rest) or _NOT_COUNTED.match(
        rest
    ):
        return None
    if unit is None and found["word"] and not found["times"]:
        return None
    proof = bool(unit or found["times"]) and not _NOT_COUNTED.match(f"{unit or ''} {rest}")
    quantity = Quantity(
        value_of(number, convention), unit.casefold().rstrip(".") if unit else None, found.span(), number
    )
    return quantity, _without_of(rest), proof


@cache
def _of() -> re.Pattern[str]:
    return re.compile(rf"^{any_of(load('prose')['words']['of'])}(?:\s+|(?<=['’]))", re.IGNORECASE)


def _without_of(text: str) -> str:
    return _of().sub("", text.strip(), count=1)


@cache
def _last() -> re.Pattern[str]:
    return re.compile(
        rf"^(?P<rest>[^\W\d_].{{2,100}}?)(?:\s*[:|–]\s*|\s+-\s+|\s*,\s*|\s{{2,}}|"
        rf"\s+(?P<times>[x×])\s*){_QTY}\s*(?:[x×]\s*)?"
        rf"(?P<unit>{unit_pattern()})?\.?$",
        re.IGNORECASE,
    )


def _quantity_last(text: str, convention: Convention | None) -> tuple[Quantity, str, bool] | None:
    found = _last().match(text.strip())
    if not found or not (found["unit"] or found["times"]) or re.search(r"\d:\d|@|https?:", text):
        return None
    if re.match(r"(?:tel|fax|phone|mobil|date|total|summe|netto|po|order|nr)\b", found["rest"], re.IGNORECASE):
        return None
    unit = found["unit"].casefold().rstrip(".") if found["unit"] else None
    if unit in ("l", "ml", "m", "g", "kg", "mm", "cm", "ft", "lb", "t") and not re.search(r"[:|–]|\s-\s", text):
        return None  # "emulsion paint, 5 l" is a size
    return Quantity(value_of(found["number"], convention), unit, found.span(), found["number"]), found["rest"], True


def _described(
    text: str, quantity: Quantity, convention: Convention | None, number: str | None
) -> tuple[ReadLine, tuple[Problem, ...]]:
    price, text = _price(text, convention)
    code, text = _code(text)
    description = _CONNECTOR.sub("", text.strip(" \t|,;:–-")).strip(" \t|,;:.?!") or None
    description = re.sub(r"\s+", " ", description) if description else None
    problems: tuple[Problem, ...] = ()
    if quantity.value is None:
        problems = (Problem(Code.AMBIGUOUS_NUMBER, f"The quantity {quantity.text!r} can mean two numbers."),)
    line = ReadLine(
        line_number=number,
        description=description,
        item_number=code,
        quantity=quantity.value,
        unit=quantity.unit,
        unit_price=price,
    )
    return line, problems


def _price(text: str, convention: Convention | None) -> tuple[Decimal | None, str]:
    found = _PRICE.search(text)
    if not found or not _PRICE_MARK.search(found.group()):
        return None, text
    return read_number(found["price"], convention), text[: found.start()]


@cache
def _labelled_code() -> re.Pattern[str]:
    labels = any_of(load("prose")["words"]["code"])
    return re.compile(
        rf"\s*[(\[,]?\s*\b{labels}[\s:#]*\s*([A-Z0-9][A-Z0-9./-]*\d[A-Z0-9./-]*|\d[\w./-]+)\s*[)\]]?", re.IGNORECASE
    )


def _code(text: str) -> tuple[str | None, str]:
    """Return an item's code, labelled, in brackets or in front, and the text without it."""
    if found := _labelled_code().search(text):
        return found.group(1).strip("."), f"{text[: found.start()]} {text[found.end() :]}".strip()
    if found := _LEADING_CODE.match(text):
        return found.group(1), text[found.end() :]
    if found := _BRACKET_CODE.search(text):
        return found.group(1), f"{text[: found.start()]} {text[found.end() :]}".strip()
    return None, text


def _paragraphs(rows: Sequence[tuple[str, int]], taken: set[int]) -> Iterable[tuple[str, int]]:
    """Yield paragraphs of running text, their lines joined by blanks so that positions stay."""
    open_rows: list[str] = []
    start = 0
    for index, (row, at) in enumerate(rows):
        if row.strip() and index not in taken:
            if not open_rows:
                start = at
            open_rows.append(row)
        elif open_rows:
            yield " ".join(open_rows), start
            open_rows = []
    if open_rows:
        yield " ".join(open_rows), start


def _enumerated(paragraph: str, start: int, convention: Convention | None) -> list[Found]:
    found: list[Found] = []
    for sentence, at in split_sentences(paragraph):
        if len(sentence) > LONGEST_SENTENCE:
            continue
        found += _in_sentence(sentence, start + at, convention)
    return found


@cache
def _wants() -> re.Pattern[str]:
    """Verbs after which a bare number counts things."""
    return re.compile(
        r"\b(?:need|order|get|buy|send|want|like|require|supply|purchase|take|replace|brauchen?|"
        r"benötigen|bestell\w*|besorg\w*|fehlen|"
        r"besoin|commander|command\w+|faut|faudrait|acheter|prendre|voudrais|necesit\w+|pedir|pide|"
        r"falta\w*|compra\w*|quiero|"
        r"serv(?:e|ono)|bisogno|ordin\w+|vorre\w+|prend\w+|nodig|bestel\w*|graag|preciso|precisamos|"
        r"encomend\w+|queria|"
        r"potrzebuj\w+|zamówi\w*|prosz\w+|missing|received|arrived|delivered|erhalten|angekommen|reçu|"
        r"recibido|ricevut\w|ontvangen)\b",
        re.IGNORECASE,
    )


def _in_sentence(sentence: str, start: int, convention: Convention | None) -> list[Found]:
    dated = [found.span for found in find_dates(sentence)]
    heads = [q for q in counted(sentence, convention) if _counts(sentence, q, dated)]
    if _wants().search(sentence):
        taken = [q.span for q in heads]
        for bare in bare_counts(sentence, convention):
            apart = all(bare.span[1] <= a or b <= bare.span[0] for a, b in taken)
            if apart and _counts(sentence, bare, dated) and not _NOT_COUNTED.match(sentence[bare.span[1] :]):
                heads.append(bare)
    heads.sort(key=lambda q: q.span)
    heads = [q for index, q in enumerate(heads) if not (index and _is_size(sentence, q))]
    found = []
    for index, head in enumerate(heads):
        end = heads[index + 1].span[0] if index + 1 < len(heads) else len(sentence)
        described = _until_stop(sentence[head.span[1] : end])
        line, problems = _described(_without_of(described), head, convention, None)
        if line.description and re.search(r"[^\W\d_]{3}", line.description):
            found.append(Found(line, (start + head.span[0], start + head.span[1] + len(described)), problems))
    return found


_MEASURES = frozenset(
    "g kg kgs t l ltr ml m m2 m² m3 m³ ft lb lbs litre litres liter liters metre metres meter".split()
)
_JOINING = re.compile(
    r"(?:^|[,;:+&(–-]|\b(?:and|und|et|y|e|en|i|och|og|oraz|plus|sowie|of|de|di|von|van|or|oder|ou|need|order|bestellen|"
    r"commander|pedir|ordinare|zamówić)|\x01)\s*$",
    re.IGNORECASE,
)


def _is_size(sentence: str, quantity: Quantity) -> bool:
    """A measure that ends a description ("paint 5 l") is a part of it, one behind a comma or "and" counts."""
    measured = quantity.unit in _MEASURES and quantity.text.strip()[0].isdigit()
    return measured and not _JOINING.search(sentence[: quantity.span[0]])


def _counts(sentence: str, quantity: Quantity, dated: Sequence[tuple[int, int]]) -> bool:
    start, end = quantity.span
    if _NOT_COUNTING.search(sentence[max(0, start - 30) : start]):
        return False
    if any(a <= start < b for a, b in dated):
        return False
    return bool(re.match(r"\s*[(\w'’]", sentence[end : end + 20]))


@cache
def _stop() -> re.Pattern[str]:
    return re.compile(rf"(?<=[\s,(])(?:{any_of(load('prose')['words']['stop'])})(?:(?<=\s)|(?!\w))", re.IGNORECASE)


_BEFORE_DATE = re.compile(
    r"(?:\s+(?:by|before|on|until|bis|zum|am|vor|für|den|avant|pour|le|du|para|el|del?|antes|entro|per|il|prima|voor|vóór|op|"
    r"tegen|até|ao?|do|na|przed|till|senast|senest|inden|före|før|to|the))+\s*$",
    re.IGNORECASE,
)


def _until_stop(text: str) -> str:
    found = _stop().search(text)
    text = text[: found.start()] if found and found.start() > 2 else text
    described, blank, _ = text.partition("\x01")
    return _BEFORE_DATE.sub("", described) if blank else described
