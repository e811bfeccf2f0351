"""Items enumerated inside sentences: "please order 10 boxes of gloves, two ladders and a label printer"."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from parsers.dates import find_dates
from parsers.numbers import Convention
from parsers.phrases import any_of, load
from parsers.prose_described import Found, described, priced
from parsers.prose_quantity import Quantity, bare_counts, counted, value_of
from parsers.prose_sentences import split_sentences

LONGEST_SENTENCE = 2_000  # characters; what goes on longer is no sentence


def enumerated(paragraph: str, start: int, convention: Convention | None) -> Iterator[Found]:
    """Yield the items that the sentences of ``paragraph`` count; it begins at ``start`` of the text read."""
    for sentence, at in split_sentences(paragraph):
        if len(sentence) <= LONGEST_SENTENCE:
            yield from _in_sentence(sentence, start + at, convention)


@cache
def _words(name: str) -> str:
    return any_of(load("items")["count"][name])


@cache
def _wants() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_words('wants')})\b", re.IGNORECASE)


@cache
def _not_before() -> re.Pattern[str]:
    return re.compile(rf"(?:\b(?:{_words('not_before')})\.?|[#°º])\s*$", re.IGNORECASE)


@cache
def _not_behind() -> re.Pattern[str]:
    return re.compile(
        rf"^\s*(?:{_words('not_behind')}|(?:{_words('not_behind_words')}|{_words('sizes')})(?!\w))", re.IGNORECASE
    )


def counts_nothing(behind: str) -> bool:
    """Return whether what stands behind a number is no goods: days, people, a measure."""
    return bool(_not_behind().match(behind))


def _in_sentence(sentence: str, start: int, convention: Convention | None) -> Iterator[Found]:
    heads = _heads(sentence, convention)
    for index, head in enumerate(heads):
        end = heads[index + 1].span[0] if index + 1 < len(heads) else len(sentence)
        behind = sentence[head.span[1] : end]
        told = priced(behind, convention)
        text = _until_stop(told.text)
        line, problems = described(without_of(text), head, convention, None, told.price)
        if line.description and _says_what(line.description, head) and not _is_spoken_of(without_of(text)):
            yield Found(line, (start + head.span[0], start + head.span[1] + len(text)), problems)


def _says_what(description: str, head: Quantity) -> bool:
    """Whether a description has a word, or behind a unit a format such as A4."""
    return bool(
        re.search(r"[^\W\d_]{3}", description)
        or (head.unit and re.fullmatch(r"[A-Za-z]\d{1,2}|[A-Z]{2,4}", description))
    )


def _heads(sentence: str, convention: Convention | None) -> list[Quantity]:
    """Return the counts of a sentence that count goods, in order."""
    dated = [found.span for found in find_dates(sentence)]
    with_unit = counted(sentence, convention)
    heads = [q for q in with_unit if _counts(sentence, q, dated)]
    wanted = _wants().search(sentence)
    if wanted:
        bare = [q for q in bare_counts(sentence, convention) if _counts(sentence, q, dated)]
        bare = [q for q in bare if not counts_nothing(sentence[q.span[1] :])]
        heads += _apart(bare, with_unit)
        heads += _apart(_ones(sentence, heads, convention), heads)
    heads.sort(key=lambda q: q.span)
    heads = [q for q in heads if not (wanted and _is_known(sentence, q, heads))]
    heads = [q for index, q in enumerate(heads) if not (index and _is_inside(sentence, heads[index - 1], q))]
    return [q for index, q in enumerate(heads) if not (index and _is_size(sentence, q))]


def _apart(more: Iterable[Quantity], heads: Sequence[Quantity]) -> list[Quantity]:
    return [q for q in more if all(q.span[1] <= h.span[0] or h.span[1] <= q.span[0] for h in heads)]


@cache
def _one() -> re.Pattern[str]:
    measures = any_of(load("items")["item"]["measures"])
    return re.compile(
        rf"(?<![\w'’-])(?P<number>{_words('one')})\s+(?!(?:\w+\s+)?(?:{_words('no_things')})(?!\w))"
        rf"(?=[^\W\d_]{{3}}|\w+-|[^\W\d_]{{2}}\s+[^\W\d_]{{4}}|(?-i:[A-Z]\d{{1,2}}\s)|\d+(?:[.,]\d+)?[\s-]?(?:{_words('sizes')}|{measures})\s)",
        re.IGNORECASE,
    )


@cache
def _before_one() -> tuple[re.Pattern[str], re.Pattern[str]]:
    joins = any_of(load("items")["item"]["joins"])
    return (
        re.compile(rf"\b(?:{_words('one_wanted')})\s*$", re.IGNORECASE),
        re.compile(rf"(?:[,;]|\s(?:{joins}))\s*$", re.IGNORECASE),
    )


def _ones(sentence: str, heads: Sequence[Quantity], convention: Convention | None) -> list[Quantity]:
    """Return articles that count one thing: right behind a verb of want, or the next of several things."""
    wanted, joined = _before_one()
    found: list[Quantity] = []
    for one in _one().finditer(sentence):
        before = sentence[max(0, one.start() - 40) : one.start()]
        is_next = joined.search(before) and any(h.span[1] <= one.start() for h in [*heads, *found])
        if wanted.search(before) or is_next:
            span = (one.start("number"), one.end("number"))
            found.append(Quantity(value_of("one", convention), None, span, one["number"]))
    return found


@cache
def _known() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_words('known')})\s+$", re.IGNORECASE)


def _is_known(sentence: str, quantity: Quantity, heads: Sequence[Quantity]) -> bool:
    """Whether a count tells of known things ("for the two rooms we need ..."), before those that are wanted."""
    start, end = quantity.span
    if not _known().search(sentence[max(0, start - 20) : start]):
        return False
    return any(_wants().search(sentence, end, h.span[0]) for h in heads if h.span[0] > end)


@cache
def _inside() -> tuple[re.Pattern[str], re.Pattern[str]]:
    joins = any_of(load("items")["item"]["joins"])
    return (
        re.compile(rf"\w\s+(?:{_words('inside')})\s+$", re.IGNORECASE),
        re.compile(rf"[,;:+&\x01]|\s(?:{joins})\s", re.IGNORECASE),
    )


def _is_inside(sentence: str, before: Quantity, quantity: Quantity) -> bool:
    """Whether a bare count tells of the thing counted before it: "two switches with 24 ports"."""
    between = sentence[before.span[1] : quantity.span[0]]
    behind, apart = _inside()
    return quantity.unit is None and bool(behind.search(between)) and not apart.search(between)


@cache
def _measures() -> re.Pattern[str]:
    return re.compile(any_of(load("items")["item"]["measures"]), re.IGNORECASE)


@cache
def _joining() -> re.Pattern[str]:
    words = any_of(load("items")["item"]["before_measure"])
    return re.compile(rf"(?:^|[,;:+&(–-]|\b(?:{words})|\x01)\s*$", re.IGNORECASE)


def _is_size(sentence: str, quantity: Quantity) -> bool:
    """A measure that ends a description ("paint 5 l") is a part of it, one behind a comma or "and" counts."""
    measured = bool(quantity.unit and _measures().fullmatch(quantity.unit)) and quantity.text.strip()[0].isdigit()
    return measured and not _joining().search(sentence[: quantity.span[0]])


def _counts(sentence: str, quantity: Quantity, dated: Sequence[tuple[int, int]]) -> bool:
    start, end = quantity.span
    if _not_before().search(sentence[max(0, start - 30) : start]):
        return False
    if any(a <= start < b for a, b in dated):
        return False
    return bool(re.match(r"\s*[(\w'’]", sentence[end : end + 20]))


@cache
def _of() -> re.Pattern[str]:
    return re.compile(rf"^{any_of(load('prose')['words']['of'])}(?:\s+|(?<=['’]))", re.IGNORECASE)


def without_of(text: str) -> str:
    """Return ``text`` without the "of" that joins it to a unit."""
    return _of().sub("", text.strip(), count=1)


@cache
def _opens_speech() -> re.Pattern[str]:
    return re.compile(rf"^\s*(?:{_words('no_openers')})(?!\w)", re.IGNORECASE)


def _is_spoken_of(text: str) -> bool:
    """Whether things are spoken of and none is named: "2 boxes were damaged"."""
    return bool(_opens_speech().match(text))


@cache
def _stop() -> re.Pattern[str]:
    return re.compile(rf"(?<=[\s,(])(?:{any_of(load('prose')['words']['stop'])})(?:(?<=\s)|(?!\w))", re.IGNORECASE)


@cache
def _before_date() -> re.Pattern[str]:
    return re.compile(rf"(?:\s+(?:{any_of(load('items')['item']['before_date'])}))+\s*$", re.IGNORECASE)


def _until_stop(text: str) -> str:
    found = _stop().search(text)
    text = text[: found.start()] if found and found.start() > 2 else text
    before, blank, _ = text.partition("\x01")
    return _before_date().sub("", before) if blank else before
