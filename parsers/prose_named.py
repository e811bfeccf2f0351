"""Items that an answer calls by their name where no order is quoted: "the safety signs are out of stock"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from parsers.intent import fold
from parsers.phrases import any_of, load
from parsers.prose_quantity import counted

_MOST_WORDS = 5
_WORD = r"[^\W\d_][\w.'’/-]*|\d[\w.,/-]*[^\W_]"


@dataclass(frozen=True)
class Named:
    """One thing by its name: ``span`` is [start, end) of the name in the text."""

    span: tuple[int, int]
    name: str

    @property
    def key(self) -> str:
        """What is the same for the thing named again."""
        return f"d{fold(self.name).split()[0][:6]}"


def named_things(text: str) -> list[Named]:
    """Return the things that ``text`` calls by name, in order: counted ones, subjects, and what is delivered."""
    found: list[Named] = []
    for one in (*_counted(text), *_subjects(text), *_objects(text)):
        if all(one.span[1] <= f.span[0] or f.span[1] <= one.span[0] for f in found) and not _is_nothing(one.name):
            found.append(one)
    return sorted(found, key=lambda one: one.span)


def name_before(text: str, end: int) -> str | None:
    """Return the name that stands behind an article right before ``end``: "the display" in "the display LE65"."""
    found = _article_name().search(text, max(0, end - 60), end)
    return found["name"].strip() if found and not _is_nothing(found["name"]) else None


@cache
def _words(name: str) -> str:
    return any_of(load("answers")["named"][name])


@cache
def _articles() -> str:
    return rf"(?<![\w'’])(?:{_words('articles')})(?:\s+|(?<=['’]))"


@cache
def _article_name() -> re.Pattern[str]:
    return re.compile(rf"{_articles()}(?P<name>(?:(?:{_WORD})\s+){{1,3}})$", re.IGNORECASE)


def _name() -> str:
    word = rf"(?!(?:{_words('stops')}|{_words('verbs_behind')})(?!\w))(?:{_WORD})"
    return rf"(?P<name>{word}(?:\s+{word}){{0,{_MOST_WORDS - 1}}})"


@cache
def _subject() -> re.Pattern[str]:
    bracket = r"(?:\s*\([^)\n]{1,40}\))?"
    return re.compile(rf"{_articles()}{_name()}{bracket}\s+{_words('verbs_behind')}(?!\w)", re.IGNORECASE)


@cache
def _bare_subject() -> re.Pattern[str]:
    """Northern languages put the article at the end: "Momentnyckeln är slut"."""
    verbs = _words("northern_verbs")
    return re.compile(rf"^\s*(?P<name>[^\W\d_]{{4,}}(?:n|t|na|ne))\s+{verbs}(?!\w)", re.IGNORECASE)


@cache
def _object() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w){_words('verbs_before')}\s+(?:{_articles()})?{_name()}(?=\s*(?:[(,.;:]|$)|\s+(?:{_words('stops')})(?!\w))",
        re.IGNORECASE,
    )


def _subjects(text: str) -> Iterator[Named]:
    for found in _subject().finditer(text):
        yield Named(found.span("name"), found["name"].strip())
    if bare := _bare_subject().match(text):
        yield Named(bare.span("name"), bare["name"])


def _objects(text: str) -> Iterator[Named]:
    for found in _object().finditer(text):
        yield Named(found.span("name"), found["name"].strip())


@cache
def _behind_unit() -> re.Pattern[str]:
    of = any_of(load("prose")["words"]["of"])
    return re.compile(rf"\s+{of}(?:\s+|(?<=['’])){_name()}", re.IGNORECASE)


def _counted(text: str) -> Iterator[Named]:
    """Yield what is counted with a unit and "of": "40 sacks of cement"."""
    for quantity in counted(text, None):
        if found := _behind_unit().match(text, quantity.span[1]):
            yield Named(found.span("name"), found["name"].strip())


@cache
def _nothing() -> re.Pattern[str]:
    return re.compile(rf"(?:{_words('no_things')})(?!\w)", re.IGNORECASE)


def _is_nothing(name: str) -> bool:
    first, *_ = name.split() or [""]
    return len(first) < 3 or bool(_nothing().match(name)) or any(c in name for c in "@:")
