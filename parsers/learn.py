"""What a person's corrections of a document teach of its layout.

A lesson is kept only if the same document, read again with it, says what the person put there and changes
no value of the same name that the person left as it was.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from itertools import islice, product
from typing import Any

from parsers.document import read_document_with
from parsers.hints import NOTHING, Hints, Lesson, Lessons, hints_of
from parsers.learn_places import HEADER_FIELDS, LINE_FIELDS, Corrected, flat, lessons_for, values_of
from parsers.lines import document_rows
from parsers.page import Page
from parsers.page_reader import PageReader
from parsers.reading import Reading

MOST_TRIALS = 48
_OPTIONS = 6  # lessons tried for one corrected value
_POINTER = re.compile(r"/(?:(?P<header>[a-z_]+)|lines/(?P<line>\d{1,4})/(?P<field>[a-z_]+))")


@dataclass(frozen=True)
class Learned:
    """What can be learned from a document: ``lessons`` of the layout with this fingerprint."""

    layout: str | None = None
    lessons: tuple[Lesson, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> "Learned":
        """Return what ``as_dict`` described."""
        return Learned(values["layout"], tuple(Lesson(**lesson) for lesson in values["lessons"]))


def learn(
    data: bytes,
    name: str | None,
    media_type: str | None,
    corrections: Mapping[str, Any],
    lessons: Lessons | None = None,
    today: date | None = None,
) -> Learned:
    """Return what ``corrections`` (by JSON pointer) of the document ``data`` teach; never raises.

    ``lessons`` are those it was read with. What the document does not say anywhere teaches nothing.
    """
    watching = _Watching(today, lessons or {})
    reading = read_document_with(watching, data, name, media_type)
    for seen in watching.likeliest():
        wanted = [one for one in _corrected(corrections) if not _says(seen.reading, one)]
        proven = _proven(watching, seen, wanted) if wanted else ()
        if proven:
            return Learned(seen.layout, proven)
    return Learned(reading.layout)


def prove(
    data: bytes, name: str | None, media_type: str | None, told: Sequence[Lesson], lessons: Lessons | None = None
) -> Learned:
    """Return those of the lessons ``told`` with which the document ``data`` is read and passes its checks."""
    watching = _Watching(None, lessons or {})
    reading = read_document_with(watching, data, name, media_type)
    best = Learned(reading.layout)
    for seen in watching.likeliest():
        learned = set(watching.again(seen, told).learned)
        used = tuple(lesson for lesson in told if f"{lesson.kind} {lesson.key}".strip() in learned)
        best = Learned(seen.layout, used) if len(used) > len(best.lessons) else best
    return best


@dataclass(frozen=True)
class _Seen:
    """Pages that a format's reader made of the document, and their Reading."""

    pages: Sequence[Page]
    exact: bool
    reading: Reading

    @property
    def layout(self) -> str:
        return self.reading.layout or ""


@dataclass
class _Watching:
    """Reads pages and remembers them."""

    today: date | None
    lessons: Lessons
    seen: list[_Seen] = field(default_factory=list)

    def __call__(self, pages: Sequence[Page], exact: bool = True) -> Reading:
        reading = PageReader(self.today, self.lessons)(pages, exact)
        if reading.layout:
            self.seen.append(_Seen(pages, exact, reading))
        return reading

    def likeliest(self) -> list[_Seen]:
        """Return what was seen, the pages first of which most lines were read."""
        return sorted(self.seen, key=lambda seen: -len(seen.reading.lines))

    def again(self, seen: _Seen, more: Iterable[Lesson]) -> Reading:
        """Return the Reading of pages that were seen with ``more`` lessons."""
        known = self.lessons.get(seen.layout, NOTHING)
        return PageReader(self.today, {seen.layout: with_lessons(known, more)})(seen.pages, seen.exact)


def with_lessons(hints: Hints, more: Iterable[Lesson]) -> Hints:
    """Return ``hints`` with ``more`` lessons laid over them."""
    added = hints_of({(lesson.kind, lesson.key): lesson.value for lesson in more})
    return Hints(
        {**hints.columns, **added.columns},
        {**hints.labels, **added.labels},
        added.number or hints.number,
        added.order or hints.order,
    )


def _corrected(corrections: Mapping[str, Any]) -> list[Corrected]:
    """Return the corrections that a document can state; what was taken away teaches nothing."""
    found = []
    for pointer, value in corrections.items():
        match = _POINTER.fullmatch(pointer)
        text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        if match is None or not text:
            continue
        if match["header"] in HEADER_FIELDS:
            found.append(Corrected(match["header"], text))
        elif match["field"] in LINE_FIELDS:
            found.append(Corrected(match["field"], text, int(match["line"])))
    return found


def _proven(watching: _Watching, seen: _Seen, wanted: Sequence[Corrected]) -> tuple[Lesson, ...]:
    """Return the lessons by which the pages say all that is wanted, else those that make them say some of it."""
    rows, before = document_rows(seen.pages), seen.reading
    options = {one: lessons_for(rows, before, one)[:_OPTIONS] for one in wanted}
    able = [one for one in wanted if options[one]]
    for chosen in islice(product(*(options[one] for one in able)), MOST_TRIALS if able else 0):
        if _teaches(before, watching.again(seen, chosen), able, wanted):
            return tuple(dict.fromkeys(chosen))
    kept: tuple[Lesson, ...] = ()
    for one in able if len(able) > 1 else ():
        trials = ((*kept, lesson) for lesson in options[one])
        kept = next((t for t in trials if _teaches(before, watching.again(seen, t), [one], wanted)), kept)
    return tuple(dict.fromkeys(kept))


def _teaches(before: Reading, after: Reading, shown: Sequence[Corrected], wanted: Sequence[Corrected]) -> bool:
    """Return whether ``after`` says what is ``shown``, and leaves alone what nobody corrected."""
    return all(_says(after, one) for one in shown) and all(
        _leaves(before, after, name, {one.line for one in wanted if one.name == name})
        for name in {one.name for one in shown}
    )


def _leaves(before: Reading, after: Reading, name: str, corrected: set[int | None]) -> bool:
    if before.lines and len(before.lines) != len(after.lines) and max(n or 0 for n in corrected) < len(before.lines):
        return False
    places = {n for n, _ in enumerate(before.lines)} - corrected
    return all(
        (told := values_of(before, n).get(name)) is None or told == values_of(after, n).get(name) for n in places
    )


def _says(reading: Reading, one: Corrected) -> bool:
    told = values_of(reading, one.line).get(one.name)
    if told is None:
        return False
    if one.figure is not None:
        return Corrected(one.name, told).figure == one.figure
    return flat(told) == flat(one.value)
