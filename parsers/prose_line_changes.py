"""Lines of an order that are dropped by their number, and the bare number that takes another's place.

"Drop line 2" names a line and nothing of it; "12 instead of 10" names no line at all, and is taken for the
only one there is. What drops only half of a line, on a condition or not at all, is none of these.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache

from parsers.phrases import any_of, load
from parsers.prose_quantity import unit_pattern
from parsers.prose_sentences import split_sentences
from parsers.reading import LineStatus, ReadLine


@cache
def _dropping() -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = load("changes")["drop"]
    joins = any_of([",", "&", r"\+", *load("items")["item"]["joins"]])
    # A further number counts a thing where a word stands behind it: "line 3 and 5 boxes of gloves".
    last = rf"(?!['’]|[\w.,/-]*\d|\s*%)(?!\s+(?!{any_of([*words['polite'], *load('items')['item']['joins']])}(?!\w))\w)"
    more = rf"(?:\s*{joins}\s*(?:{any_of(words['lines'])}\s*)?\d{{1,3}}{last})*"
    between = rf"(?:\s+{any_of(words['between'])})*"
    line = (
        rf"{any_of(words['lines'])}\s*(?:{any_of(words['number'])}\s*)?(?P<numbers>\d{{1,3}}(?!['’]|[\w/-]*\d|[.,]\d)"
    )
    return (
        re.compile(rf"(?<!\w)(?P<verb>{any_of(words['verbs'])}){between}\s+{line}{more})", re.IGNORECASE),
        re.compile(
            rf"(?<!\w)(?P<verb>){line}(?:\s*{joins}\s*\d{{1,3}})*)\s+{any_of(words['behind'])}(?!\w)", re.IGNORECASE
        ),
    )


@cache
def _naming() -> re.Pattern[str]:
    words = load("changes")["drop"]
    return re.compile(
        rf"(?<!\w){any_of(words['lines'])}\s*(?:{any_of(words['number'])}\s*)?\d{{1,3}}(?![\w/-]*\d)", re.IGNORECASE
    )


def names_line(text: str) -> bool:
    """Return whether ``text`` speaks of single lines of an order by their number."""
    return bool(_naming().search(text))


@cache
def _not_so() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of(load('changes')['drop']['not_so'])}(?!\w)", re.IGNORECASE)


def dropped_lines(text: str, ordered: Sequence[ReadLine]) -> tuple[ReadLine, ...]:
    """Return the lines that ``text`` drops by number, rejected, with what ``ordered`` knows of them.

    >>> [line.line_number for line in dropped_lines("Please cancel lines 2 and 3, keep line 1.", ())]
    ['2', '3']
    """
    numbers: list[str] = []
    for sentence, _ in split_sentences(text):
        for pattern in _dropping():
            for found in pattern.finditer(sentence):
                before = re.split(r"[,;:]\s", sentence[: found.start()])[-1]
                between = sentence[found.end("verb") : found.start("numbers")]
                if not _not_so().search(f"{before}{between}"):
                    numbers += re.findall(r"\d+", found["numbers"])
    return tuple(_dropped(number, ordered) for number in dict.fromkeys(numbers))


def _dropped(number: str, ordered: Sequence[ReadLine]) -> ReadLine:
    known = next((line for line in ordered if line.line_number == number), ReadLine())
    return ReadLine(number, known.description, known.item_number, status=LineStatus.REJECTED)


@cache
def _exchanges() -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = load("changes")["exchange"]
    unit, filler = rf"(?:\s+(?P<unit>{unit_pattern()})(?!\w))?", rf"(?:,?\s+{any_of(words['filler'])})*"
    unit_of_old, new = rf"(?:\s+(?P<unit_of_old>{unit_pattern()})(?!\w))?", r"(?<![\w.,/@€£$-])(?P<new>\d{1,6})"
    polite = any_of(load("changes")["drop"]["polite"])
    end = rf"(?=\s*(?:$|[.!?;\n]|,(?!\d)|[-–]\s|{polite}(?!\w)))"
    return (
        re.compile(
            rf"{new}{unit}{filler}\s*,?\s+{any_of(words['instead'])}{filler}\s+(?P<old>\d{{1,6}}){unit_of_old}{end}"
        ),
        re.compile(
            rf"(?<!\w){any_of(words['leading'])}{filler}\s+(?P<old>\d{{1,6}}){unit_of_old}{filler},?\s+{new}{unit}{end}"
        ),
    )


def exchanged(text: str, ordered: Sequence[ReadLine]) -> tuple[ReadLine, ...]:
    """Return the one line whose quantity ``text`` exchanges without naming it: "make it 12 instead of 10".

    Empty where several are exchanged, or where the old quantity is not that of the only line ``ordered``.

    >>> [str(line.quantity) for line in exchanged("Statt 10 bitte 12 Kartons.", ())]
    ['12']
    """
    folded = text.casefold()
    found = [match for pattern in _exchanges() for match in pattern.finditer(folded)]
    if len(found) != 1:
        return ()
    quantity, old = Decimal(found[0]["new"]), Decimal(found[0]["old"])
    told = found[0]["unit"] or found[0]["unit_of_old"]
    only = ordered[0] if len(ordered) == 1 else ReadLine(quantity=old)
    if only.quantity != old:
        return ()
    unit = told.rstrip(".") if told else None
    return (ReadLine(only.line_number, only.description, only.item_number, quantity, unit),)
