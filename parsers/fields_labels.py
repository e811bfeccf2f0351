"""Labelled values of a document: "Invoice no.: 4711", a label with its value beside or beneath it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from parsers.lexicon import composed, fields, label_key, unfolded
from parsers.page import Cell, Row
from parsers.reading import Evidence

_WHOLE = -1  # the row of a value that is said of the whole document
_PARTIES = frozenset({"buyer", "supplier"})
_LONGEST_LABEL = 7  # words
_LEAD = " :.#=-–—\t"
_NEAR_BELOW = 2.4  # row heights between a label and the value beneath it
_SENTENCE = 60  # characters; a label inside a longer line needs a colon


Taught = Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Hit:
    """A labelled value: ``field`` it may state, ``text`` of the value, ``where`` it stands.

    ``place`` is inline, right or below; ``row`` counts the rows of the document; ``marked`` tells that a
    colon stands behind the label.
    """

    field: str
    text: str
    label: str
    place: str
    row: int
    cell: Cell
    following: tuple[Cell, ...] = ()
    marked: bool = False

    @property
    def evidence(self) -> Evidence:
        """Return where the value stands."""
        return cell_evidence(self.cell)


def cell_evidence(cell: Cell) -> Evidence:
    """Return where a cell stands."""
    if cell.span:
        return Evidence(cell.text, span=cell.span)
    return Evidence(cell.text, page=cell.page, box=cell.box)


def find_hits(rows: Sequence[Row], taught: Taught = None) -> tuple[Hit, ...]:
    """Return every labelled value in ``rows``; what stands beside a label is no label itself.

    ``taught`` maps labels (``label_key``) to fields that go before what the lexicon says; such values come first.
    """
    places = ((n, m) for n, row in enumerate(rows) for m, _ in enumerate(row.cells))
    found = [hit for n, m in places for hit in _cell_hits(rows, n, m, taught)]
    beside = {id(hit.cell) for hit in found if hit.place == "right"}
    hits = tuple(hit for hit in found if hit.place != "inline" or id(hit.cell) not in beside)
    if not taught:
        return hits
    return tuple(sorted(hits, key=lambda hit: taught.get(label_key(hit.label)) != hit.field))


def column_hits(rows: Sequence[Row], start: int, end: int, columns: Sequence[Cell], taught: Taught) -> Iterator[Hit]:
    """Yield what columns of a grid say of the whole document: the same value under a field's label in every row.

    ``columns`` are the labels that name no value of an item; the items are the rows from ``start`` to ``end``.
    """
    for label in columns:
        names, rest = label_of(label.text, taught) or ((), "")
        values = [cell for row in rows[start:end] for cell in row.cells if cell.box[0] == label.box[0]]
        if names and not rest and len(values) == end - start and len({cell.text for cell in values}) == 1:
            yield Hit(names[0], _value(values[0].text), label.text, "below", _WHOLE, values[0])


def _cell_hits(rows: Sequence[Row], n: int, m: int, taught: Taught) -> Iterator[Hit]:
    cell = rows[n].cells[m]
    label = label_of(cell.text, taught) or _inner_label(cell.text, taught)
    if label is None:
        return
    names, rest = label
    shown = cell.text[: len(cell.text) - len(rest)].strip(_LEAD)
    for name in names:
        if rest.strip(_LEAD):
            inner = label_of(_value(rest), taught)
            if inner and any(map(str.isdigit, inner[1])):
                for inner_name in inner[0]:
                    yield Hit(inner_name, _value(inner[1]), _value(rest), "inline", n, cell, (), True)
            yield Hit(name, _value(rest), shown, "inline", n, cell, _below_cells(rows, n, cell), ":" in cell.text)
            continue
        right = rows[n].cells[m + 1] if m + 1 < len(rows[n].cells) else None
        below = _below_cells(rows, n, cell)
        if right is not None and not is_label(right.text, taught) and not _is_labelled(right.text, taught):
            beneath = _below_cells(rows, n, right)
            yield Hit(name, _whole(right, beneath), shown, "right", n, right, beneath)
        named = [c for c in below if not is_label(c.text, taught)] if name in _PARTIES else list(below)
        if named and not is_label(named[0].text, taught):
            yield Hit(name, _whole(named[0], named[1:]), shown, "below", n, named[0], tuple(named[1:]))


def _is_labelled(text: str, taught: Taught) -> bool:
    """Return whether ``text`` holds a label of its own with a colon, and its value."""
    return ":" in text and bool(label_of(text.split(":")[0], taught)) and bool(text.split(":", 1)[1].strip())


def _whole(cell: Cell, beneath: Sequence[Cell]) -> str:
    """Return the value in ``cell``, with the line beneath it where a stroke at its end says that it goes on."""
    goes_on = cell.text.rstrip().endswith("/") and beneath
    return _value(f"{cell.text} {beneath[0].text}" if goes_on else cell.text)


def _value(text: str) -> str:
    return text.lstrip(_LEAD).rstrip(" :\t")


def segments(text: str) -> list[str]:
    """Return the pieces of a line that dashes, bars or bullets with blanks around them part."""
    return re.split(r"\s+[-–—|·•]\s+", text)


def _inner_label(text: str, taught: Taught) -> tuple[tuple[str, ...], str] | None:
    """Return the label of a later piece of a line whose value follows it ("Stores - Order no. 4711")."""
    found = (label_of(piece, taught) for piece in segments(text)[1:] if len(text) < 2 * _SENTENCE)
    return next((label for label in found if label and any(map(str.isdigit, label[1]))), None)


def is_label(text: str, taught: Taught = None) -> bool:
    """Return whether ``text`` is nothing but a label."""
    found = label_of(text, taught)
    return bool(found and not found[1].strip(_LEAD)) or (text.rstrip().endswith(":") and len(text) < _SENTENCE)


class _Known:
    """The fields that labels name: lessons first, then the lexicon."""

    def __init__(self, taught: Mapping[str, str]) -> None:
        self._taught, self._known = taught, fields()

    def get(self, label: str) -> tuple[str, ...] | None:
        """Return the fields that ``label`` names, those of both halves where it names two ("Order no./date")."""
        key = label_key(label)
        names = (self._taught[key],) if key in self._taught else self._known.get(key) or self._known.get(unfolded(key))
        names = names or composed(key)
        if names or "/" not in label:
            return names
        pieces = [piece for piece in label.split("/") if piece.strip()]
        halves = [self.get(piece) for piece in pieces]
        worded = all(sum(map(str.isalpha, piece)) > 2 for piece in pieces)
        return _joined([names for names in halves if names]) if worded and all(halves) else None


def _joined(halves: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the fields of a label that names two; the date beside an order's number is the order's."""
    names = tuple(dict.fromkeys(name for half in halves for name in half))
    return tuple("ordered_on" if name == "issued_on" and "order_number" in names else name for name in names)


_GLUED = re.compile(r"^((?:Nr|No|N)[.°º]|#)(?=\d)", re.IGNORECASE)
_COLON = re.compile(r"\s*[:：]\s*")


def label_of(text: str, taught: Taught = None) -> tuple[tuple[str, ...], str] | None:
    """Return the fields that the label at the head of ``text`` may name, and the rest of the text.

    >>> label_of("Rechnung Nr. 42 vom 31.01.2014")
    (('invoice_number',), '42 vom 31.01.2014')
    """
    return _labelled(text, _Known(taught)) if taught else _label_in_lexicon(text)


@lru_cache(maxsize=20_000)
def _label_in_lexicon(text: str) -> tuple[tuple[str, ...], str] | None:
    return _labelled(text, _Known({}))


def _labelled(text: str, known: _Known) -> tuple[tuple[str, ...], str] | None:
    text = _GLUED.sub(r"\1 ", text)
    colon = _COLON.search(text)
    if colon and colon.start() < _SENTENCE:
        head = text[: colon.start()]
        names = known.get(head) or next((n for half in head.split("/") if (n := known.get(half))), None)
        if names:
            return names, text[colon.end() :]
    words = [match.end() for match in islice(re.finditer(r"\S+", text), _LONGEST_LABEL)]
    for end in reversed(words):
        head = text[:end]
        names = known.get(head)
        if names:
            rest = text[len(head) :]
            return (names, rest) if _may_follow(head, rest, text) else None
    return None


def _may_follow(head: str, rest: str, text: str) -> bool:
    """Return whether ``rest`` can be the value of the label ``head`` and not the rest of a sentence."""
    if not rest.strip() or head.rstrip()[-1] in ":#" or rest.lstrip()[:1] in ":#":
        return True
    first = rest.split()[0]
    return (len(text) < 2 * _SENTENCE and any(map(str.isdigit, first))) or (
        len(rest.split()) < 5 and first[:1].isalpha() and not first[:1].islower()
    )


def _below_cells(rows: Sequence[Row], n: int, cell: Cell) -> tuple[Cell, ...]:
    """Return the cells in a column beneath ``cell``, each close to the one above."""
    found: list[Cell] = []
    last = cell
    for row in rows[n + 1 : n + 14]:
        if row.page != cell.page or any(c.box[2] <= cell.box[0] and is_label(c.text) for c in row.cells[-3:]):
            break
        under = [c for c in row.cells if c.box[0] < cell.box[2] + 2 and c.box[2] > cell.box[0] - 2]
        if row.top - last.box[3] > _NEAR_BELOW * max(row.height, 4.0):
            break
        if under:
            last = min(under, key=lambda c: abs(c.box[0] - cell.box[0]))
            found.append(last)
    return tuple(found)


def unspaced(text: str) -> str:
    """Return ``text`` with l e t t e r - s p a c e d words closed up."""
    words = text.split()
    return "".join(words) if len(words) > 4 and all(len(w) == 1 for w in words[:5]) else text
