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
from parsers.page import Page
from parsers.page_reader import PageReader
from parsers.reading import Reading

MOST_TRIALS = 48
_OPTIONS = 6  # lessons tried for one corrected value
_POINTER = re.compile(r"/(?:(?P<header>[a-z_]+)|lines/(?P<line>\d{1,4})/(?P<field>[a-z_]+))")


@dataclass(frozen=True)
class Learned:
    """What a document's corrections teach: ``lessons`` of the layout with this fingerprint."""

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
    if reading.layout is None or watching.pages is None:
        return Learned()
    wanted = [one for one in _corrected(corrections) if not _says(reading, one)]
    return Learned(reading.layout, _proven(watching, reading, wanted) if wanted else ())


@dataclass
class _Watching:
    """Reads pages and remembers those whose Reading said most."""

    today: date | None
    lessons: Lessons
    pages: Sequence[Page] | None = None
    exact: bool = True
    _most: int = field(default=-1, repr=False)

    def __call__(self, pages: Sequence[Page], exact: bool = True) -> Reading:
        reading = PageReader(self.today, self.lessons)(pages, exact)
        if len(reading.lines) > self._most:
            self.pages, self.exact, self._most = pages, exact, len(reading.lines)
        return reading

    def again(self, layout: str, more: Iterable[Lesson]) -> Reading:
        """Return the Reading of the remembered pages with ``more`` lessons."""
        known = self.lessons.get(layout, NOTHING)
        return PageReader(self.today, {layout: with_lessons(known, more)})(self.pages or (), self.exact)


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


def _proven(watching: _Watching, reading: Reading, wanted: Sequence[Corrected]) -> tuple[Lesson, ...]:
    """Return the lessons by which the pages say all that is wanted, else those that make them say some of it."""
    from parsers.lines import document_rows

    rows = document_rows(watching.pages or ())
    options = {one: lessons_for(rows, reading, one)[:_OPTIONS] for one in wanted}
    able = [one for one in wanted if options[one]]
    layout = reading.layout or ""
    for chosen in islice(product(*(options[one] for one in able)), MOST_TRIALS):
        if able and _teaches(reading, watching.again(layout, chosen), able, wanted):
            return tuple(dict.fromkeys(chosen))
    kept: tuple[Lesson, ...] = ()
    for one in able if len(able) > 1 else ():
        trials = ((*kept, lesson) for lesson in options[one])
        kept = next((t for t in trials if _teaches(reading, watching.again(layout, t), [one], wanted)), kept)
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
