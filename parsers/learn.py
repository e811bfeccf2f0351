"""What a person's corrections of a document teach of its layout.

A lesson is kept only if the same document, read again with it, says what the person put there and changes
no value of the same name that the person left as it was.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from itertools import islice, product
from typing import Any

from parsers.document import read_document_with
from parsers.hints import NOTHING, Hints, Lesson, Lessons, hints_of
from parsers.learn_places import HEADER_FIELDS, LINE_FIELDS, Corrected, flat, lessons_for, tables_of, told_at
from parsers.lines import document_rows
from parsers.page import Page
from parsers.page_reader import PageReader
from parsers.reading import Reading

MOST_TRIALS = 48
_OPTIONS = 5  # lessons tried for one kind of value
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
    told = _corrected(corrections)
    for seen in watching.likeliest():
        wanted = [one for one in told if not _says(seen.reading, one)]
        if wanted and (proven := _proven(watching, seen, wanted, told)):
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


def _beside(seen: _Seen, told: Sequence[Corrected]) -> list[Corrected]:
    """Return what was read beside what a person told: a table is known by several columns."""
    places = {(one.name, one.line) for one in told}
    return [
        Corrected(name, value, line)
        for line in sorted({one.line for one in told if one.line is not None})
        for name in sorted(LINE_FIELDS)
        if (name, line) not in places and (value := told_at(seen.reading, name, line)) is not None
    ]


def _proven(
    watching: _Watching, seen: _Seen, wanted: Sequence[Corrected], told: Sequence[Corrected]
) -> tuple[Lesson, ...]:
    """Return the lessons by which the pages say all that is wanted, else those that make them say some of it."""
    return (
        _at_once(watching, seen, wanted, ())
        or _at_once(watching, seen, told, _beside(seen, told))
        or _one_by_one(watching, seen, wanted)
    )


def _at_once(
    watching: _Watching, seen: _Seen, told: Sequence[Corrected], beside: Sequence[Corrected]
) -> tuple[Lesson, ...]:
    """Return the lessons by which the pages say all that a person told and that one of them can explain.

    What was read ``beside`` it may be wrong: it counts where it is read again, or where figures prove the lines.
    """
    options = _options(seen, (*told, *beside))
    shown = [one for one in told if one.kind in options]
    for chosen in islice(product(*options.values()), MOST_TRIALS if shown else 0):
        after = watching.again(seen, chosen)
        steady = _is_computed(after) or all(_says(after, one) for one in beside if one.kind in options)
        if steady and _teaches(seen.reading, after, shown, told):
            return tuple(dict.fromkeys(chosen))
    return ()


def _is_computed(reading: Reading) -> bool:
    """Return whether arithmetic proves the lines."""
    return {"lines_are_quantity_times_price", "lines_sum_to_total"} <= {c.check for c in reading.checks if c.holds}


def _one_by_one(watching: _Watching, seen: _Seen, wanted: Sequence[Corrected]) -> tuple[Lesson, ...]:
    """Return the lessons that each make the pages say one kind of what is wanted."""
    kept: tuple[Lesson, ...] = ()
    for kind, lessons in _options(seen, wanted).items():
        shown = [one for one in wanted if one.kind == kind]
        trials = ((*kept, lesson) for lesson in lessons)
        kept = next((t for t in trials if _teaches(seen.reading, watching.again(seen, t), shown, wanted)), kept)
    return tuple(dict.fromkeys(kept))


def _options(seen: _Seen, wanted: Sequence[Corrected]) -> dict[tuple[str, bool], list[Lesson]]:
    """Return by kind of value the lessons to try: the first explains the most of what was corrected."""
    rows = document_rows(seen.pages)
    tables = tables_of(rows)
    found: dict[tuple[str, bool], Counter[Lesson]] = {}
    for one in wanted:
        if lessons := lessons_for(rows, tables, seen.reading, one):
            found.setdefault(one.kind, Counter()).update(lessons)
    return {kind: [lesson for lesson, _ in counts.most_common(_OPTIONS)] for kind, counts in found.items()}


def _teaches(before: Reading, after: Reading, shown: Sequence[Corrected], wanted: Sequence[Corrected]) -> bool:
    """Return whether ``after`` says what is ``shown``, and leaves alone what nobody corrected."""
    return all(_says(after, one) for one in shown) and all(
        _leaves(before, after, name, {one.line for one in wanted if one.name == name})
        for name in {one.name for one in shown}
    )


def _leaves(before: Reading, after: Reading, name: str, corrected: set[int | None]) -> bool:
    """Return whether the lines that nobody corrected keep their ``name``, and lines that were read stay as many."""
    if before.lines and len(before.lines) != len(after.lines) and max(n or 0 for n in corrected) < len(before.lines):
        return False
    places = {n for n, _ in enumerate(before.lines)} - corrected if None not in corrected else set()
    return all(told_at(before, name, n) in (None, told_at(after, name, n)) for n in places)


def _says(reading: Reading, one: Corrected) -> bool:
    """Return whether ``reading`` says the corrected value; a description may go on behind what a person wrote."""
    told = told_at(reading, one.name, one.line)
    if told is None:
        return False
    if one.figure is not None:
        return Corrected(one.name, told).figure == one.figure
    return flat(told).startswith(flat(one.value)) if one.name == "description" else flat(told) == flat(one.value)
