"""Where on a page a corrected value stands, and which label or column it would take to read it there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from parsers.dates import Order, find_dates, read_date
from parsers.fields_kind import NUMBER_FIELDS
from parsers.hints import Lesson, column_lesson, label_lesson
from parsers.layout import header_row
from parsers.lines_header import find_headers
from parsers.numbers import Convention, find_numbers, readings
from parsers.page import Cell, Row
from parsers.reading import Evidence, Kind, Reading, plain

LINE_FIELDS = frozenset(
    "line_number description item_number quantity unit unit_price line_total needed_by promised_on status".split()
)
HEADER_FIELDS = frozenset(
    "number order_numbers issued_on needed_by currency ship_to cost_center account_code project justification "
    "supplier_name".split()
)
_DATES = frozenset("issued_on needed_by promised_on".split())
_FIGURES = frozenset("quantity unit_price line_total".split())
_SHORTEST = 5  # characters of the first line of a description
_ABOVE = 3  # rows in which the label of a value stands above it
_LONGEST_LABEL = 60  # characters
Label = tuple[str, float, float]  # of a column, with its left and right edge
Table = tuple[list[Label], int, int]  # its labels and the rows [start, end) beneath them


@dataclass(frozen=True)
class Corrected:
    """One corrected value: ``line`` is the index of its line, None for a value of the whole document."""

    name: str
    value: str
    line: int | None = None

    @property
    def kind(self) -> tuple[str, bool]:
        """Return what all corrected values share that one lesson can explain."""
        return self.name, self.line is None

    @property
    def figure(self) -> Decimal | None:
        """Return the value as a number, None if it is none."""
        try:
            return Decimal(self.value) if self.name in _FIGURES else None
        except InvalidOperation:
            return None

    @property
    def day(self) -> date | None:
        """Return the value as a date, None if it is none."""
        try:
            return date.fromisoformat(self.value) if self.name in _DATES else None
        except ValueError:
            return None

    def stands_in(self, text: str) -> bool:
        """Return whether ``text`` holds the value, under any convention of numbers and dates."""
        if self.name in _FIGURES:
            return self.figure is not None and any(
                self.figure in readings(number.text).values() for number in find_numbers(text)
            )
        if self.name in _DATES:
            return any(self.day in found.candidates for found in find_dates(text))
        wanted, shown = flat(self.value), flat(text)
        first_line = self.name == "description" and len(shown) >= _SHORTEST and wanted.startswith(shown)
        return wanted != "" and (wanted in shown or first_line)


def flat(text: str) -> str:
    """Return ``text`` in small letters with single blanks."""
    return " ".join(text.casefold().split())


def lessons_for(
    rows: Sequence[Row], tables: Sequence[Table], reading: Reading, corrected: Corrected
) -> tuple[Lesson, ...]:
    """Return the lessons any of which may make ``rows`` read as ``corrected``, the likeliest first."""
    if corrected.line is None:
        return tuple(dict.fromkeys((*_conventions(rows, corrected), *_labels(rows, reading, corrected))))
    near = _rows_of_line(rows, reading, corrected.line)
    return tuple(dict.fromkeys((*_conventions(near, corrected), *_columns(rows, tables, near, corrected))))


def _conventions(rows: Sequence[Row], corrected: Corrected) -> Iterator[Lesson]:
    """Yield how a number or date in ``rows`` that may mean two things must be read to be the value."""
    for text in (cell.text for row in rows for cell in row.cells):
        for number in find_numbers(text) if corrected.figure is not None else ():
            meanings = readings(number.text)
            fitting = [c for c in Convention if meanings.get(c) == corrected.figure]
            if len(fitting) == 1 and len(meanings) > 1:
                yield Lesson("number", "", fitting[0].value, number.text)
        for found in find_dates(text) if corrected.day else ():
            if found.value is None and corrected.day in found.candidates:
                fits = [o for o in Order if read_date(found.text, o) == corrected.day]
                yield from (Lesson("dates", "", order.value, found.text) for order in fits)


def _columns(
    rows: Sequence[Row], tables: Sequence[Table], near: Sequence[Row], corrected: Corrected
) -> Iterator[Lesson]:
    """Yield what the labels must mean under which the value stands in the rows ``near``."""
    beside = set(map(id, near))
    for labels, start, end in tables:
        for row in rows[start:end]:
            for cell in row.cells if id(row) in beside else ():
                for text, left, right in _pieces(cell):
                    label = _label_over(labels, left, right) if corrected.stands_in(text) else None
                    if label and (lesson := column_lesson(label, corrected.name)):
                        yield Lesson("column", *lesson, label)


def tables_of(rows: Sequence[Row]) -> tuple[Table, ...]:
    """Return the labels of each table and the rows [start, end) beneath them."""
    found = [(h.rows[1], [(c.label, c.box[0], c.box[2]) for c in h.columns]) for h in find_headers(rows)]
    likely = header_row(rows)
    if likely is not None and all(start != likely + 1 for start, _ in found):
        found.append((likely + 1, [(c.text, c.box[0], c.box[2]) for c in rows[likely].cells]))
    found.sort(key=lambda table: table[0])
    ends = [start for start, _ in found[1:]] + [len(rows)]
    return tuple((labels, start, end) for (start, labels), end in zip(found, ends, strict=bool(found)))


def _rows_of_line(rows: Sequence[Row], reading: Reading, line: int | None) -> list[Row]:
    """Return the rows on which the line stands; all where it was not read."""
    places = [e for at, e in reading.evidence.items() if at.startswith(f"/lines/{line}/")]
    if not places:
        return list(rows)
    return [row for row in rows if any(_beside(row, place) for place in places)]


def _beside(row: Row, place: Evidence) -> bool:
    if place.span is not None:
        spans = [cell.span for cell in row.cells if cell.span]
        return any(a < place.span[1] and place.span[0] < b for a, b in spans)
    box = place.box
    return box is not None and row.page == place.page and row.top < box[3] and row.bottom > box[1]


def _pieces(cell: Cell) -> Iterator[tuple[str, float, float]]:
    """Yield the cell as a whole and, where it has several, each of its words, with left and right edge."""
    yield cell.text, cell.box[0], cell.box[2]
    if len(cell.words) > 1:
        yield from ((word.text, word.box[0], word.box[2]) for word in cell.words)


def _label_over(labels: Sequence[Label], left: float, right: float) -> str | None:
    """Return the label above the value: the one that overlaps it most, else the nearest."""
    best = max(labels, key=lambda label: min(label[2], right) - max(label[1], left), default=None)
    return best[0] if best else None


def _labels(rows: Sequence[Row], reading: Reading, corrected: Corrected) -> Iterator[Lesson]:
    for name in _fields(reading.kind, corrected.name):
        for index, row in enumerate(rows):
            for place, cell in enumerate(row.cells):
                if corrected.stands_in(cell.text):
                    for label in _labels_of(rows, index, place, corrected):
                        if (lesson := label_lesson(label, name)) and any(map(str.isalpha, label)):
                            yield Lesson("label", *lesson, label)


def _fields(kind: Kind, name: str) -> tuple[str, ...]:
    return NUMBER_FIELDS.get(kind, ("document_number",)) if name == "number" else (name,)


def _labels_of(rows: Sequence[Row], index: int, place: int, corrected: Corrected) -> Iterator[str]:
    """Yield what may label the value in a cell: what stands before it in the cell, left of it, above it."""
    cell = rows[index].cells[place]
    words = cell.text.split()
    before = max((n for n in range(len(words)) if corrected.stands_in(" ".join(words[n:]))), default=0)
    if before:
        yield _short(" ".join(words[:before]))
    if place:
        yield _short(rows[index].cells[place - 1].text)
    for above in reversed(rows[max(0, index - _ABOVE) : index]):
        over = [c for c in above.cells if c.box[0] < cell.box[2] and c.box[2] > cell.box[0]]
        yield from (_short(c.text) for c in over)


def _short(label: str) -> str:
    return label.strip(" :#.\t") if len(label) <= _LONGEST_LABEL else ""


def told_at(reading: Reading, name: str, line: int | None) -> str | None:
    """Return the value ``name`` of a line (of the whole document for None) as corrections write it."""
    if line is not None and line >= len(reading.lines):
        return None
    value = getattr(reading if line is None else reading.lines[line], name)
    if isinstance(value, tuple):
        return ",".join(value) or None
    return None if value is None else plain(value) if isinstance(value, Decimal) else str(value)
