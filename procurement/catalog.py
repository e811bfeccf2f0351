"""Which catalog item a free-text line means: numbers, words, and measures that must not contradict.

Texts are compared as keys: words without case, accents and endings, in any order. A text match counts only
when it is good and clearly better than the next; otherwise the best candidates are for a person to choose.
"""

import dataclasses
import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rapidfuzz import fuzz, process

from procurement.units import unit_code

GOOD_SCORE = 88.0  # of 100; bench/catalog.py --thresholds shows what other values do
PACKED_SCORE = 92.0  # of an item that says what the line says, and beyond it only how it is packed
CLEAR_MARGIN = 6.0  # ahead of the next item that fits
SAME_WORD = 80.0  # of 100; how alike two spellings of a word are
SHORTEST_SLIP = 4  # letters of a word in which a slip is allowed
MOST_CANDIDATES = 40
CLOSELY_COMPARED = 15
SHOWN_CANDIDATES = 5
SUPPLIER_MARK = "@"  # before a supplier's id among the words; no word begins with it
LONGEST_TOKEN = 60

_WORD = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*")
_CODE = re.compile(r"[^\W_]*\d[^\W_]*")
_ONE_PIECE = {"C62": "H87", "EA": "H87"}
_SQUARE = re.compile(r"/m[23](?![^\W_])")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(\.\d{3})+")
_UMLAUTS = str.maketrans({"ß": "ss", "æ": "a", "œ": "o", "ø": "o", "ł": "l", "đ": "d", "²": "", "³": ""})
_DIGRAPH = re.compile(r"(?<=[^aeiouq\W])([aou])e")  # "ae" for "ä"; not after a vowel or q ("blaue", "quer")
_ENDINGS = ("en", "er", "es", "em", "s", "x", "n", "e", "a", "o", "i", "y")
_SHORTEST_STEM = 3
_STOP_WORDS = frozenset(
    "a an the of for with and or to in on at der die das den dem des ein eine fur mit und oder von zu im le la les "
    "un une de du pour avec et ou el los las una para con y il lo gli di per e o da het een voor met en van "
    "bitte please need order".split()
)
_FACTORS = {
    "ml": ("l", "0.001"),
    "cl": ("l", "0.01"),
    "l": ("l", "1"),
    "ltr": ("l", "1"),
    "liter": ("l", "1"),
    "litre": ("l", "1"),
    "litros": ("l", "1"),
    "mg": ("g", "0.001"),
    "g": ("g", "1"),
    "gr": ("g", "1"),
    "kg": ("g", "1000"),
    "mm": ("m", "0.001"),
    "cm": ("m", "0.01"),
    "m": ("m", "1"),
    "v": ("v", "1"),
    "volt": ("v", "1"),
    "w": ("w", "1"),
    "watt": ("w", "1"),
    "kw": ("w", "1000"),
    "mb": ("b", "1"),
    "gb": ("b", "1000"),
    "tb": ("b", "1000000"),
}
_TIMES = re.compile(r"(?<=\d)\s?[x×]\s?(?=\d)")
_MEASURE = re.compile(
    r"(?<![\w.,])(\d+(?:[.,]\d+)?(?:\s?[x×]\s?\d+(?:[.,]\d+)?)*)\s?(" + "|".join(_FACTORS) + r")(?![^\W_])", re.I
)


@dataclass(frozen=True)
class Scored:
    """One candidate: its score from 0 to 100, and whether it says all that the line says and nothing against it.

    A ``doubtful`` one fits by its words and may still be another item than the one meant: it is never taken.
    """

    id: int
    score: float
    fits: bool
    doubtful: bool = False


@dataclass(frozen=True)
class Wording:
    """A text prepared for comparing: its words in their order, and sorted as a key."""

    text: str
    words: tuple[str, ...]
    key: str

    @functools.cached_property
    def numbers(self) -> dict[str, frozenset[Decimal]]:
        """Return the numbers by kind: found when they are asked for, as few texts come so far."""
        return _numbers(self.text)

    @functools.cached_property
    def figures(self) -> tuple[str, ...]:
        """Return the numbers in their order, each as often as it stands there, but for one at the beginning."""
        found = tuple(_number(word) for word in _WORD.findall(fold(self.text)) if word[0].isdigit())
        return found[1:] if self.words[:1] == found[:1] else found


def fold(text: str) -> str:
    """Return the text without case and accents; "ae", "oe" and "ue" become one letter like "ä".

    >>> fold("Größe"), fold("GROESSE")
    ('grosse', 'grosse')
    """
    lowered = _SQUARE.sub("/m", text.casefold())
    if lowered.isascii():
        return _DIGRAPH.sub(r"\1", lowered)
    flat = unicodedata.normalize("NFKD", lowered.translate(_UMLAUTS))
    return _DIGRAPH.sub(r"\1", "".join(char for char in flat if not unicodedata.combining(char)))


def stem(word: str) -> str:
    """Return a folded word without its endings, as many as it has, at least three letters of it.

    >>> stem("schrauben"), stem("schraube"), stem("boxes")
    ('schraub', 'schraub', 'box')
    """
    while True:
        ending = next((e for e in _ENDINGS if word.endswith(e) and len(word) - len(e) >= _SHORTEST_STEM), None)
        if ending is None:
            return word
        word = word[: -len(ending)]


def words(text: str) -> tuple[str, ...]:
    """Return the stems, units (as codes) and numbers of a text, each once, in their order, without stop words.

    >>> words("6 Stück blaue Kugelschreiber")
    ('6', 'h87', 'blau', 'kugelschreib')
    """
    found = (word for word in _WORD.findall(fold(text)) if word not in _STOP_WORDS)
    return tuple(dict.fromkeys(_number(word) if word[0].isdigit() else _term(word) for word in found))


def number_key(number: str | None) -> str:
    """Return an item number without case, blanks and punctuation: how numbers are compared.

    >>> number_key("ab-12 34/X")
    'ab1234x'
    """
    return "".join(char for char in fold(number or "") if char.isalnum())


def index_words(description: str, supplier_id: int) -> frozenset[str]:
    """Return the words under which an item is found, and the mark of its supplier."""
    return frozenset((*(word[:LONGEST_TOKEN] for word in words(description)), supplier_mark(supplier_id)))


def supplier_mark(supplier_id: int) -> str:
    """Return the word that all items of a supplier hold; no text has it."""
    return f"{SUPPLIER_MARK}{supplier_id}"


def index_numbers(numbers: Iterable[str | None]) -> frozenset[str]:
    """Return the keys of the numbers under which an item is found."""
    return frozenset(key[:LONGEST_TOKEN] for key in map(number_key, numbers) if key)


def codes_in(description: str) -> tuple[str, ...]:
    """Return the parts of a text that may be item numbers: at least four characters with a digit."""
    parts = (part.strip(".,;:()[]\"'") for part in description.split())
    return tuple(dict.fromkeys(part for part in parts if _looks_like_number(part)))


@functools.lru_cache(maxsize=20_000)
def wording(text: str) -> Wording:
    """Return the text prepared for comparing; what was prepared lately is remembered."""
    found = words(text)
    return Wording(text, found, " ".join(sorted(found)))


def covers(wanted: Wording, offered: Wording) -> bool:
    """Return whether every word of the line has its counterpart in the offer, slips of the pen allowed.

    Numbers must be there as they are, but for one at the beginning, which may be a quantity.
    """
    start = 1 if wanted.words and wanted.words[0].isdigit() else 0
    missing = set(wanted.words[start:]) - set(offered.words)
    return all(any(_alike(word, other) for other in offered.words) for word in missing)


def contradicts(wanted: Wording, offered: Wording) -> bool:
    """Return whether the measures rule each other out: 5 l is not 2.5 l, M8 is not M10, A4 is not A3.

    Of one kind, everything that is wanted must be offered; bare numbers (which may be a quantity) must
    only have one in common.
    """
    for kind in wanted.numbers.keys() & offered.numbers.keys():
        common = wanted.numbers[kind] & offered.numbers[kind]
        if not common or (kind != "" and common != wanted.numbers[kind]):
            return True
    return False


def score(wanted: str, offered: Sequence[tuple[int, str]]) -> tuple[Scored, ...]:
    """Return the nearest of the offers (id, description) to a line: those that fit first, the best before."""
    line = wording(wanted)
    near = process.extract(
        wanted.casefold(),
        [description.casefold() for _, description in offered],
        scorer=fuzz.token_sort_ratio,
        limit=CLOSELY_COMPARED,
    )
    offers = {offered[place][0]: wording(offered[place][1]) for _, _, place in near}
    found = [_scored(line, item_id, offer) for item_id, offer in offers.items()]
    keys = Counter(offer.key for offer in offers.values())
    found = [
        dataclasses.replace(one, doubtful=True) if one.fits and _is_doubtful(line, offers[one.id], keys) else one
        for one in found
    ]
    return tuple(sorted(found, key=lambda one: (not one.fits, -one.score, one.id)))


def clear_winner(ranked: Sequence[Scored], good: float = GOOD_SCORE, margin: float = CLEAR_MARGIN) -> Scored | None:
    """Return the first of ``ranked`` if it fits without doubt, is good, and clearly ahead of the next that fits."""
    fitting = [one for one in ranked if one.fits]
    if not fitting or fitting[0].score < good or fitting[0].doubtful:
        return None
    if len(fitting) > 1 and fitting[0].score - fitting[1].score < margin:
        return None
    return fitting[0]


def says_more(wanted: Wording, offered: Wording) -> bool:
    """Return whether the offer is told from others by more than the line says: one word more may be left out.

    Numbers and words of packing count only beside a word that tells something: "50 Stk" is packing, "Lumex 29" a
    series of its own.
    """
    beyond = [word for word in offered.words if word not in wanted.words and word != "x"]
    beyond = [word for word in beyond if not any(_alike(word, said) for said in wanted.words)]
    return len(beyond) + repeats_more(offered, wanted) > 1 and any(
        not word[0].isdigit() and not unit_code(word) for word in beyond
    )


def repeats_more(wanted: Wording, offered: Wording) -> bool:
    """Return whether the line says a number more often than the offer; one at the beginning may be a quantity."""
    there = Counter(offered.figures)
    return any(count > max(1, there[figure]) for figure, count in Counter(wanted.figures).items())


def is_variant(wanted: Wording, offered: Wording) -> bool:
    """Return whether the offer has a number with a letter that the line says without: "Cat 6A" is not "Cat 6"."""
    said = wanted.numbers.get("", frozenset())
    letters = [kind for kind in offered.numbers.keys() - wanted.numbers.keys() if re.fullmatch(r"\*[a-z]+", kind)]
    return any(offered.numbers[kind] & said and _term(kind[1:]) not in wanted.words for kind in letters)


def _is_doubtful(line: Wording, offer: Wording, keys: Mapping[str, int]) -> bool:
    """Return whether an offer that fits may not be meant; ``keys`` tells how many offers have the same words.

    Among items of the same words ("DN 12, 16 m" and "DN 16, 12 m") the order of the numbers must be the line's.
    """
    if says_more(line, offer) or repeats_more(line, offer) or is_variant(line, offer):
        return True
    return keys[offer.key] > 1 and line.figures != offer.figures


def _scored(line: Wording, item_id: int, offer: Wording) -> Scored:
    ratio = fuzz.token_sort_ratio(line.key, offer.key)
    if _differs_in_packing_only(line.key, offer.key):
        ratio = max(ratio, PACKED_SCORE)
    return Scored(item_id, ratio, covers(line, offer) and not contradicts(line, offer))


def _alike(word: str, other: str) -> bool:
    """Return whether two different words may be one: a slip of the pen in a word that is long enough."""
    if word[0].isdigit() or other[0].isdigit():
        return False
    return min(len(word), len(other)) >= SHORTEST_SLIP and fuzz.ratio(word, other) >= SAME_WORD


def _differs_in_packing_only(wanted: str, offered: str) -> bool:
    """Return whether the offer holds all wanted words (two at least) and adds only numbers and words of packing.

    >>> _differs_in_packing_only("glov nitril", "100 bx glov nitril")
    True
    """
    line, item = set(wanted.split()), set(offered.split())
    named = [word for word in line if not word[0].isdigit()]
    return len(named) > 1 and line <= item and all(w[0].isdigit() or unit_code(w) for w in item - line)


@functools.lru_cache(maxsize=100_000)
def _term(word: str) -> str:
    """Return a word's unit code in small letters, or its stem; all units of single things are one."""
    code = unit_code(word)
    return stem(word) if code is None else _ONE_PIECE.get(code, code).lower()


def _looks_like_number(part: str) -> bool:
    return len(number_key(part)) >= 4 and any(char.isdigit() for char in part)


def _number(text: str) -> str:
    """Return a number in one form: "2,50" is "2.5"; what may be a thousand ("1.000") stays as it is."""
    plain = text.replace(",", ".")
    return plain.rstrip("0").rstrip(".") if "." in plain and not _THOUSANDS.fullmatch(plain) else plain


def _numbers(text: str) -> dict[str, frozenset[Decimal]]:
    """Return the numbers of a text by kind: a base unit, a code's letters ("m*" for M8), "" for bare ones."""
    found: dict[str, set[Decimal]] = {}
    folded = fold(text)
    for match in _MEASURE.finditer(folded):
        base, factor = _FACTORS[match.group(2)]
        for number in re.split(r"\s?[x×]\s?", match.group(1)):
            found.setdefault(base, set()).add(_decimal(number) * Decimal(factor))
    rest = _TIMES.sub("x", re.sub(r"(?<=\d),(?=\d)", ".", _MEASURE.sub(" ", folded)))
    for part in _CODE.findall(rest):
        for kind, number in _code(part):
            found.setdefault(kind, set()).add(number)
    return {kind: frozenset(values) for kind, values in found.items()}


def _code(part: str) -> Iterator[tuple[str, Decimal]]:
    """Yield the numbers of a code: M8x40 is an "m*" of 8 and an "x" of 40, 4x40 two of "x", A4 an "a*" of 4."""
    head, *sizes = re.split(r"(?<=\d)x(?=\d)", part)
    kind = re.sub(r"\d+", "*", head)
    bare = "x" if sizes else ""
    for number in re.findall(r"\d+", head):
        yield (bare if kind == "*" else kind), Decimal(number)
    for size in sizes:
        for number in re.findall(r"\d+", size):
            yield "x", Decimal(number)


def _decimal(text: str) -> Decimal:
    """Return a number; what may be a thousand is negative, so that it equals only what is written alike."""
    plain = text.replace(",", ".")
    if _THOUSANDS.fullmatch(plain):
        return -Decimal(plain.replace(".", ""))
    return Decimal(plain).normalize()
