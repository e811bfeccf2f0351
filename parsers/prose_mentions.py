"""Which lines of an order a text speaks of: by number, by code, by words of the description, or all of them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from parsers.dates import alternatives, months
from parsers.intent import fold
from parsers.phrases import any_of, load
from parsers.prose_named import name_before, named_things
from parsers.prose_quantity import unit_pattern
from parsers.reading import ReadLine

_CODE = re.compile(
    r"(?<![\w/-])(?=[A-Z0-9./-]*\d)(?=[A-Z0-9./-]*[A-Z-])[A-Z0-9]+(?:[-./][A-Z0-9]+)+(?![\w-])|"
    r"(?<!\w)[A-Z]{2,5}\d{2,8}[A-Z]?(?!\w)"
)
# Standards, sizes, document numbers and dates look like codes.
_NO_CODE = re.compile(
    r"(?:DN|PN|IP|ISO|EN|DIN|IEC|ANSI|BS|ASTM|RAL|PO|SO|AB|INV|RFQ|KW|CW|WK|Q)[-./]?\d[\w./-]*|[\d./-]+|"
    r"(?:24/7)|M\d+[-./X]\d+",
    re.IGNORECASE,
)
_ADJACENT = re.compile(
    r"[\s(\[,:–-]*(?:(?:art(?:ikel|icle|icolo|ículo|igo)?|item|ref|réf|part|code|nr|no|no\.|sku)\.?[\s:.-]*)*",
    re.IGNORECASE,
)

WHOLE = "*"  # the key of the order as a whole


@dataclass(frozen=True)
class Mention:
    """A line as a text names it: ``line`` holds only what is said of it, ``key`` tells which line it is."""

    span: tuple[int, int]
    line: ReadLine
    key: str


def mentions(text: str, ordered: Sequence[ReadLine], not_codes: Sequence[str] = ()) -> list[Mention]:
    """Return every mention of a line in ``text``, in order; ``ordered`` are the lines of the quoted order.

    ``not_codes`` are numbers of documents. Words of a description count only where nothing else names
    a line, and names of things only where no order is quoted.
    """
    found = [*_numbered(text, ordered), *_all_of_them(text)]
    spans = [m.span for m in found]
    codes = [m for m in _coded(text, ordered, not_codes) if all(m.span[1] <= a or b <= m.span[0] for a, b in spans)]
    found = _with_codes(text, found, codes)
    if all(m.key == WHOLE for m in found):
        found = list(_worded(text, ordered)) or found
    if not found and not ordered:
        found = [Mention(one.span, ReadLine(description=one.name), one.key) for one in named_things(text)]
    return sorted(found, key=lambda m: m.span)


@cache
def _number_pattern() -> re.Pattern[str]:
    table = load("answers")["refs"]
    joined = any_of(table["joined"])
    counts = rf"(?!\.?\s*(?:{unit_pattern()}|{alternatives(months())}|[€£$%]|EUR)(?!\w))(?!\.\d|/\d|-\d)"
    return re.compile(
        rf"(?<!\w)(?:{any_of(table['line'])})\s*(?:nr\.?|no\.?|n[°º.]|#|number|nummer)?\s*"
        rf"(?P<numbers>\d{{1,4}}(?:(?:\s*(?:,|/|\+|-|–)\s*|\s*,?\s*{joined}\s+)\d{{1,4}}(?!\d){counts})*)"
        r"(?![\d.,/-]\d|\w)(?:\s*[(\[](?P<told>[^)\]]{2,80})[)\]])?",
        re.IGNORECASE,
    )


_RANGE = re.compile(r"(\d{1,4})\s*(?:-|–|to|bis|à|a|t/m|tot|do|till?)\s*(\d{1,4})")


def _numbers(told: str) -> list[str]:
    """Return the line numbers of "1, 2 and 4" or "1 to 3"."""
    spread = _RANGE.fullmatch(told.strip())
    if spread and 0 < int(spread[2]) - int(spread[1]) <= 50 and int(spread[1]) > 0:
        return [str(n) for n in range(int(spread[1]), int(spread[2]) + 1)]
    return re.findall(r"\d+", told)


def _numbered(text: str, ordered: Sequence[ReadLine]) -> Iterator[Mention]:
    for found in _number_pattern().finditer(text):
        numbers = _numbers(found["numbers"])
        for number in numbers:
            line = ReadLine(line_number=number)
            if found["told"] and len(numbers) == 1:
                line = _with_told(line, found["told"])
            yield Mention(found.span(), line, _key_of_number(number, ordered))


def _key_of_number(number: str, ordered: Sequence[ReadLine]) -> str:
    for index, line in enumerate(ordered):
        if line.line_number and line.line_number.lstrip("0") == number.lstrip("0"):
            return f"#{index}"
    return f"n{number.lstrip('0')}"


@cache
def _all_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{any_of(load('answers')['refs']['all'])})(?!\w)", re.IGNORECASE)


def _all_of_them(text: str) -> Iterator[Mention]:
    for found in _all_pattern().finditer(text):
        yield Mention(found.span(), ReadLine(), WHOLE)


def identity(line: ReadLine) -> ReadLine:
    """Return what a quoted line is known by, without its figures."""
    if line.line_number:
        return ReadLine(line_number=line.line_number)
    return ReadLine(item_number=line.item_number) if line.item_number else ReadLine(description=line.description)


def _coded(text: str, ordered: Sequence[ReadLine], not_codes: Sequence[str]) -> Iterator[Mention]:
    known: list[tuple[int, int]] = []
    for index, line in enumerate(ordered):
        if line.item_number:
            for found in re.finditer(rf"(?<![\w-]){re.escape(line.item_number)}(?![\w-])", text, re.IGNORECASE):
                known.append(found.span())
                yield Mention(found.span(), ReadLine(item_number=line.item_number), f"#{index}")
    for found in code_pattern().finditer(text):
        if not any(found.start() < b and a < found.end() for a, b in known) and is_code(found.group(), not_codes):
            name = None if ordered else name_before(text, found.start())
            line = ReadLine(item_number=found.group(), description=name)
            yield Mention(found.span(), line, f"c{found.group().casefold()}")


def is_code(text: str, not_codes: Sequence[str] = ()) -> bool:
    """Return whether ``text`` can be an item number: no document's number, no standard, no size."""
    known = {n.casefold() for n in not_codes}
    inside = any(text.casefold() in n or n in text.casefold() for n in known)
    return not inside and not _NO_CODE.fullmatch(text)


def code_pattern() -> re.Pattern[str]:
    """Return the pattern of what has the shape of an item number."""
    return _CODE


def _with_codes(text: str, named: list[Mention], codes: list[Mention]) -> list[Mention]:
    """A code right behind a line's number is that line's; any other code names a line of its own."""
    result = list(named)
    for code in codes:
        before = [m for m in result if m.span[1] <= code.span[0] and m.line.line_number and not m.line.item_number]
        near = before[-1] if before else None
        alone = near is not None and [m.span for m in result].count(near.span) == 1
        if near and alone and _ADJACENT.fullmatch(text[near.span[1] : code.span[0]]):
            key = code.key if near.key.startswith("n") and code.key.startswith("#") else near.key
            span = (near.span[0], code.span[1])
            line = replace(near.line, item_number=code.line.item_number)
            result[result.index(near)] = Mention(span, line, key)
        else:
            result.append(code)
    return result


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
    worded = name if re.search(r"[^\W\d_]{3}", name) else None
    return replace(line, description=worded, item_number=code.group() if code else None)


def _worded(text: str, ordered: Sequence[ReadLine]) -> Iterator[Mention]:
    """Mention the ordered lines whose telling words stand in ``text``, if those words are theirs alone."""
    counts: dict[str, int] = {}
    for line in ordered:
        for stem in set(stems(line.description or "")):
            counts[stem] = counts.get(stem, 0) + 1
    spoken = [(stem, found.span()) for found in re.finditer(r"[^\W_]+", text) for stem in stems(found.group())]
    for index, line in enumerate(ordered):
        own = {s for s in stems(line.description or "") if counts[s] == 1 and not s.isdigit() and s not in _common()}
        spans = [span for stem, span in spoken if stem in own]
        if spans:
            shown = identity(line)
            yield Mention(spans[0], shown, f"#{index}")


@cache
def _common() -> frozenset[str]:
    """Words that every answer may hold name no line."""
    return frozenset(stems(" ".join(load("answers")["refs"]["common"])))


def stems(text: str) -> list[str]:
    """Return the words of ``text`` without case, accents and endings; short ones are left out."""
    words = re.findall(r"[^\W_]+", fold(text))
    return [w[: max(4, len(w) - 2)] if w.isalpha() else w for w in words if len(w) > 3]
