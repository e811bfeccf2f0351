"""What a supplier answers to an order: for the whole, and line by line.

A line is meant by its number, by its code, by words of its description, or by standing right above an
answer written between quoted lines. What is not said of a line stays unsaid.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import pairwise

from parsers.dates import Order
from parsers.intent import fold
from parsers.numbers import Convention, read_number
from parsers.own_words import OwnWords, Piece
from parsers.own_words_quotes import Role
from parsers.phrases import any_of, load
from parsers.prose_fields import dates_in
from parsers.prose_lines import convention_of, find_lines
from parsers.prose_quantity import counted, value_of
from parsers.prose_sentences import split_sentences
from parsers.reading import LineStatus, ReadLine, Response

_CODE = re.compile(
    r"(?<![\w/-])(?=[A-Z0-9./-]*\d)(?=[A-Z0-9./-]*[A-Z-])[A-Z0-9]+(?:[-./][A-Z0-9]+)+(?![\w-])|"
    r"(?<!\w)[A-Z]{2,5}\d{2,8}[A-Z]?(?!\w)"
)
_MONEY = re.compile(
    r"(?:€|£|\$|\b(?:EUR|GBP|USD|CHF|PLN)\b)\s?(\d{1,6}(?:[.,' ]\d{3})*(?:[.,]\d{2,4})?)|"
    r"(\d{1,6}(?:[.,' ]\d{3})*(?:[.,]\d{2,4})?)\s?(?:€|£|\$|\b(?:EUR|euros?|GBP|USD|CHF|PLN|zł)\b)",
    re.IGNORECASE,
)
REPLACED = re.compile(
    r"(?:instead of|rather than|was|were|statt|anstatt|au lieu de|en (?:lugar|vez) de|invece di|"
    r"anziché|in plaats van|em vez de|zamiast|not|nicht|pas|from)\W*(?:the |de |den |der |die )?$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Answer:
    """The response as a whole and the lines that the supplier speaks of, with their new values."""

    response: Response | None
    lines: tuple[ReadLine, ...]


@dataclass(frozen=True)
class _Context:
    ordered: tuple[ReadLine, ...]
    today: date | None
    order: Order | None
    convention: Convention | None


@cache
def _table(section: str, name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of(load('answers')[section][name])}".replace("(?<!\\w)(?:^", "(?:^"))


def says(section: str, name: str, text: str) -> bool:
    """Return whether folded ``text`` has a phrase of the answers data."""
    return bool(_table(section, name).search(text))


def read_answer(words: OwnWords, ordered: tuple[ReadLine, ...], today: date | None, order: Order | None) -> Answer:
    """Return what the author's words answer to an order with the lines ``ordered`` (as it is quoted)."""
    context = _Context(ordered, today, order, convention_of(f"{words.text[:8000]}\n{words.quoted[:8000]}"))
    lines = _inline(words.pieces, context) or _spoken(words.text, context)
    return Answer(_response(words.text, lines), tuple(lines))


def _response(text: str, lines: Sequence[ReadLine]) -> Response | None:
    folded = fold(text)
    statuses = {line.status for line in lines if line.status}
    if statuses == {LineStatus.REJECTED} and says("header", "rejected", folded):
        return Response.REJECTED
    if statuses - {LineStatus.ACCEPTED}:
        return Response.CHANGED
    if says("header", "rejected", folded):
        return Response.REJECTED
    if statuses:
        return Response.ACCEPTED
    if says("header", "received_only", folded) and (
        not says("header", "confirms", folded)
        or re.search(
            r"not an? (?:acceptance|confirmation|order)|keine (?:auftrags|annahme)|ne (?:constitue|"
            r"vaut) pas|no (?:supone|constituye)|non costituisce|geen (?:acceptatie|bevestiging|"
            r"orderb)|nao constitui|nie stanowi",
            folded,
        )
    ):
        return Response.RECEIVED_ONLY
    if says("line", "changed", folded) or says("line", "backordered", folded) or says("line", "rejected", folded):
        return Response.CHANGED
    return Response.ACCEPTED


def pointed_lines(text: str, lines: tuple[ReadLine, ...]) -> list[ReadLine]:
    """Return the lines of a document that its covering text points at as changed."""
    found: list[ReadLine] = []
    for sentence, _ in split_sentences(re.sub(r"(?<!\n)\n(?!\n)", " ", text)):
        if says("header", "changes", fold(sentence)):
            named = named_lines(sentence, lines)
            found += [line for line in lines if any(_is_line(line, other) for other in named)]
    return found if len(found) < len(lines) or len(lines) == 1 else []


def points_at_change(text: str) -> bool:
    """Return whether a covering text says that something of the order is changed."""
    for sentence, _ in split_sentences(re.sub(r"(?<!\n)\n(?!\n)", " ", text)):
        folded = fold(sentence)
        if says("header", "points", folded) or (says("header", "changes", folded) and _ref().search(sentence)):
            return True
    return False


def _is_line(line: ReadLine, named: ReadLine) -> bool:
    if named.line_number and line.line_number:
        return line.line_number.lstrip("0") == named.line_number.lstrip("0")
    return line.description == named.description and line.item_number == named.item_number


def _inline(pieces: Sequence[Piece], context: _Context) -> list[ReadLine]:
    """Return answers written between quoted lines: each belongs to the last item quoted above it."""
    found: list[ReadLine] = []
    own = [p for p in pieces if p.role is Role.OWN]
    if len(own) < 3:
        return []
    for before, piece in pairwise(pieces):
        if before.role is Role.OWN or piece.role is not Role.OWN:
            continue
        items = find_lines(before.text, in_sentences=False)
        if items:
            found += _answered(piece.text, [items[-1].line], context)
    return found if len(found) > 1 else []


def _spoken(text: str, context: _Context) -> list[ReadLine]:
    """Return answers told in sentences, each with the lines it names; a sentence naming none goes on."""
    said: dict[str, tuple[ReadLine, str]] = {}
    named: list[ReadLine] = []
    for paragraph in re.split(r"\n\s*\n|\n(?=\s*[-*•])", text):
        named = []
        for sentence in _sentences(paragraph):
            lines = _named(sentence, context)
            if lines and named and _same(lines, named):
                lines = [_merged(a, b) for a, b in zip(named, lines, strict=True)]
            named = lines or named
            for line in named:
                key = line.line_number or line.item_number or (line.description or "").casefold()
                known, told = said.get(key, (line, ""))
                said[key] = (_merged(known, line), f"{told} {sentence}".strip())
    result: list[ReadLine] = []
    for line, told in said.values():
        result += _answered(told, [line], context)
    return result


def _sentences(paragraph: str) -> list[str]:
    """Sentences of a paragraph; semicolons and "; line 3 ..." part as well."""
    joined = re.sub(r"\s*\n\s*", " ", paragraph.strip())
    return [sentence for sentence, _ in split_sentences(joined)]


def _same(one: Sequence[ReadLine], two: Sequence[ReadLine]) -> bool:
    return (
        len(one) == len(two) == 1
        and (one[0].line_number in (None, two[0].line_number) or two[0].line_number is None)
        and bool(one[0].item_number and one[0].item_number == two[0].item_number)
    )


def _merged(one: ReadLine, two: ReadLine) -> ReadLine:
    changes = {
        n: getattr(two, n)
        for n in ("line_number", "item_number", "description", "quantity", "unit_price", "unit")
        if getattr(one, n) is None
    }
    return replace(one, **changes)


@cache
def _ref() -> re.Pattern[str]:
    table = load("answers")["refs"]
    joined = any_of(table["joined"])
    return re.compile(
        rf"(?<!\w){any_of(table['line'])}\s*(?:nr\.?|no\.?|n[°º.]|"
        rf"#)?\s*(?P<numbers>\d{{1,4}}(?:(?:\s*(?:,|/|\+)\s*|"
        rf"\s*,?\s*{joined}\s+)\d{{1,4}})*)(?![\d.,]\d|\w)(?:\s*[(\[](?P<told>[^)\]]{{2,80}})[)\]])?",
        re.IGNORECASE,
    )


def _named(sentence: str, context: _Context) -> list[ReadLine]:
    """Return the lines that ``sentence`` names, with what the quoted order and its brackets say of them."""
    numbered: list[ReadLine] = []
    for found in _ref().finditer(sentence):
        numbers = re.findall(r"\d+", found["numbers"])
        for number in numbers:
            line = _ordered_line(number, context) or ReadLine(line_number=number)
            line = replace(line, line_number=number)
            if found["told"] and len(numbers) == 1:
                line = _with_told(line, found["told"])
            numbered.append(line)
    if numbered:
        return numbered
    coded = [
        line
        for line in context.ordered
        if line.item_number and re.search(rf"(?<![\w-]){re.escape(line.item_number)}(?![\w-])", sentence)
    ]
    return coded or _by_words(sentence, context)


def _ordered_line(number: str, context: _Context) -> ReadLine | None:
    for line in context.ordered:
        if line.line_number and line.line_number.lstrip("0") == number.lstrip("0"):
            return line
    return None


def _with_told(line: ReadLine, told: str) -> ReadLine:
    code = _CODE.search(told)
    name = (
        re.sub(
            r"(?:,?\s*(?:art\.?|ref\.?|réf\.?|nr\.?|no\.?|item|part)\s*[:.]?\s*)?" + re.escape(code.group()),
            "",
            told,
            flags=re.IGNORECASE,
        )
        if code
        else told
    )
    name = re.sub(r"[,;\s]*\b(?:art|ref|réf|nr|no|item)\.?\s*$", "", name, flags=re.IGNORECASE).strip(" ,;:-")
    return replace(line, description=name or line.description, item_number=code.group() if code else line.item_number)


def _by_words(sentence: str, context: _Context) -> list[ReadLine]:
    """Return the ordered lines whose telling words stand in ``sentence``, if those words are theirs alone."""
    spoken = set(stems(sentence))
    counts: dict[str, int] = {}
    for line in context.ordered:
        for stem in set(stems(line.description or "")):
            counts[stem] = counts.get(stem, 0) + 1
    found = []
    for line in context.ordered:
        own = {s for s in stems(line.description or "") if counts[s] == 1 and not s.isdigit()}
        if own & spoken and len(own & spoken) >= min(1, len(own)):
            found.append(line)
    return found


def named_lines(sentence: str, ordered: tuple[ReadLine, ...]) -> list[ReadLine]:
    """Return the lines of an order that ``sentence`` names."""
    return _named(sentence, _Context(ordered, None, None, None))


def stems(text: str) -> list[str]:
    """Return the words of ``text`` without case, accents and endings; short ones are left out."""
    words = re.findall(r"[^\W_]+", fold(text))
    return [w[: max(4, len(w) - 2)] if w.isalpha() else w for w in words if len(w) > 3]


def _answered(told: str, lines: Sequence[ReadLine], context: _Context) -> list[ReadLine]:
    """Return ``lines`` with what ``told`` says of them."""
    status = _status(told)
    when = _promised(told, context)
    result = []
    for line in lines:
        answered = replace(line, status=status, promised_on=when)
        if status in (LineStatus.CHANGED, LineStatus.BACKORDERED):
            answered = _with_values(answered, told, context)
        if status is not None or when is not None:
            result.append(answered)
    return result


def _status(told: str) -> LineStatus | None:
    folded = fold(told)
    if says("line", "rejected", folded) and not re.search(
        r"instead|ersatz|statt|remplac|sustitu|sostitu|vervang|substitu|zamiast", folded
    ):
        partly = re.search(r"only \d|nur (?:noch )?\d|seulement \d|solo \d|alleen \d|apenas \d|tylko \d", folded)
        return LineStatus.CHANGED if partly else LineStatus.REJECTED
    if says("line", "backordered", folded):
        return LineStatus.BACKORDERED
    if says("line", "changed", folded):
        return LineStatus.CHANGED
    return LineStatus.ACCEPTED if says("line", "accepted", folded) else None


def _promised(told: str, context: _Context) -> date | None:
    found = [f for f in dates_in(told, context.today, context.order) if f.value]
    ahead = [f for f in found if context.today is None or (f.value and f.value >= context.today)]
    named = [f for f in ahead if not REPLACED.search(told[max(0, f.span[0] - 18) : f.span[0]])]
    days = {f.value for f in named}
    return named[0].value if len(days) == 1 else None


def _with_values(line: ReadLine, told: str, context: _Context) -> ReadLine:
    """Return ``line`` with the new price, quantity and substitute that ``told`` states."""
    price = _new_money(told, context.convention)
    quantity, unit = new_quantity(told, context.convention)
    line = replace(
        line,
        unit_price=price if price is not None else line.unit_price,
        quantity=quantity if quantity is not None else line.quantity,
        unit=unit or line.unit,
    )
    codes = [c for c in dict.fromkeys(_CODE.findall(told)) if c != line.item_number]
    if (
        line.item_number
        and codes
        and re.search(
            r"instead|ersatz|statt|remplac|au lieu|sustitu|en (?:lugar|vez)|sostitu|invece|anzich|"
            r"vervang|in plaats|substitu|em vez|zamiast|zamiennik",
            fold(told),
        )
    ):
        name = _name_behind(told, codes[0])
        return replace(
            line, substitute_for=line.item_number, item_number=codes[0], description=name or line.description
        )
    return line


def _name_behind(told: str, code: str) -> str | None:
    rest = told.split(code, 1)[1]
    name = re.split(r"[,.;(]|\s(?:instead|as|which|at|for|statt|als|à|en lugar|al posto|in plaats)\s", f"{rest} ")[
        0
    ].strip(" -–:")
    name = re.sub(r"\s*\binstead$", "", name)
    return name if re.search(r"[^\W\d_]{3}", name) else None


def _new_money(told: str, convention: Convention | None) -> Decimal | None:
    values = []
    for found in _MONEY.finditer(told):
        if not REPLACED.search(told[max(0, found.start() - 22) : found.start()]):
            values.append(read_number(found.group(1) or found.group(2), convention))
    return values[0] if values else None


def new_quantity(told: str, convention: Convention | None) -> tuple[Decimal | None, str | None]:
    """Return the quantity that will come: counted with a unit, or behind "only", never the one replaced."""
    only = re.search(
        r"(?:only|just|nur(?: noch)?|seulement|sólo|solo|soltanto|alleen(?: nog)?|slechts|apenas|só|"
        r"tylko|get|send|supply|deliver|liefern|haben|have)\s+(?:have\s+|got\s+|noch\s+|quedan\s+|"
        r"tenemos\s+)?(?:(\d{1,6})|(\w+))(?=\s+(?:left|of|in stock|available|can|now|stück|stk|"
        r"auf lager|pièces|uds|unidades|pezzi|pz|stuks|and|und|$)|[,.]|$)",
        told,
        re.IGNORECASE,
    )
    if only and (value := value_of(only.group(1) or only.group(2), convention)) is not None:
        return value, None
    for quantity in counted(told, convention):
        before = told[max(0, quantity.span[0] - 22) : quantity.span[0]]
        pack = re.search(
            r"(?:cartons?|packs?|boxes|boxs?|full|pack(?:s)?|karton|paquet|caja|scatol\w|doos|in|per|"
            r"of|von|de|di) (?:of |von |de |di |à )?$",
            before,
            re.IGNORECASE,
        )
        if (
            not REPLACED.search(before)
            and not pack
            and quantity.unit not in ("days", "weeks", "day", "week", "tage", "jours", "l", "ml", "mm", "m", "kg", "g")
        ):
            return quantity.value, quantity.unit
    return None, None
