"""What is drawn on a PDF page beside its letters: rulings, pictures, and which texts nobody sees."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as raw

from parsers.formats import pdf_calls as calls
from parsers.formats.pdf_calls import Matrix, Sides
from parsers.formats.pdf_refusal import PdfRefusedError
from parsers.formats.pdf_unseen import SMALLEST, Layers
from parsers.page import Box

MOST_OBJECTS = 60_000
_THIN = 2.5
_PLAIN: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_DEEPEST = 4
_TEXT, _PATH, _IMAGE, _FORM = (
    raw.FPDF_PAGEOBJ_TEXT,
    raw.FPDF_PAGEOBJ_PATH,
    raw.FPDF_PAGEOBJ_IMAGE,
    raw.FPDF_PAGEOBJ_FORM,
)
_DRAWN_KINDS = frozenset({_TEXT, _PATH, _IMAGE, raw.FPDF_PAGEOBJ_SHADING})
Place = Callable[[float, float, float, float], Box]


@dataclass(frozen=True)
class Drawn:
    """What is drawn on a page; ``slanted`` tells that some text is not written along the lines."""

    rulings: list[Box]
    images: list[Box]
    layers: Layers
    slanted: bool


def drawings(page: Any, place: Place) -> Drawn:
    """Return the rulings (thin boxes, edges of rectangles), the boxes of pictures, and if text is mixed."""
    things, kinds, frames = _objects(page.raw)
    rulings: list[Box] = []
    images: list[Box] = []
    slants: set[bool] = set()
    layers = Layers()
    told = zip(things, kinds, frames, *_facts(things), strict=True)
    for thing, kind, frame, sides, matrix, colour, clips, mode in told:
        box = sides if sides is None or frame is _PLAIN else _moved(sides, frame)
        if kind == _TEXT:
            whole = _product(matrix or _PLAIN, frame)
            slants.add(_is_slanted(whole))
            height = box[3] - box[1] if box else 0.0
            layers.add_text(thing, box, height if height >= SMALLEST else _size(thing, whole), mode, colour, clips)
        elif box and kind == _PATH:
            layers.add_path(thing, box, colour, clips)
            rulings.extend(_edges(place(*box)))
        elif box and kind == _IMAGE:
            layers.add_picture(thing, box, clips, page)
            images.append(place(*box))
        elif box:
            layers.add_gradient(box)
    if not layers.find():
        raise PdfRefusedError("A page of the PDF is drawn with more areas than any order.")
    return Drawn(rulings, images, layers, len(slants) > 1)


def _facts(things: list[int]) -> tuple[list[Any], ...]:
    """Return box, matrix, colour, number of clips and way of drawing of each thing."""
    return (
        calls.bounds(things),
        calls.matrices(things),
        calls.fill_colours(things),
        calls.clip_counts(things),
        calls.render_modes(things),
    )


def _objects(page: Any) -> tuple[list[int], list[int], list[Matrix]]:
    """Return the texts, paths and pictures of a page, their kinds, and the matrix of the forms they stand in."""
    if raw.FPDFPage_CountObjects(page) > MOST_OBJECTS:
        raise _too_many()
    things = calls.objects(page)
    kinds = calls.kinds(things)
    if _DRAWN_KINDS.issuperset(kinds):
        return things, kinds, [_PLAIN] * len(things)
    found: list[tuple[int, int, Matrix]] = []
    for one in _within(things, kinds, _PLAIN, 0):
        found.append(one)
        if len(found) > MOST_OBJECTS:
            raise _too_many()
    return [thing for thing, _, _ in found], [kind for _, kind, _ in found], [frame for _, _, frame in found]


def _too_many() -> PdfRefusedError:
    return PdfRefusedError("A page of the PDF is drawn with more strokes than any order.")


def _within(things: list[int], kinds: list[int], frame: Matrix, depth: int) -> Iterator[tuple[int, int, Matrix]]:
    for thing, kind in zip(things, kinds, strict=True):
        if kind in _DRAWN_KINDS:
            yield thing, kind, frame
        elif kind == _FORM and depth < _DEEPEST:
            inner = calls.objects_of_form(thing)
            matrix = calls.matrices([thing])[0] or _PLAIN
            yield from _within(inner, calls.kinds(inner), _product(matrix, frame), depth + 1)


def _size(text: int, matrix: Matrix) -> float:
    """Return how high the letters of a text are drawn, in points; 0 where PDFium does not tell."""
    return abs(calls.font_size(text)) * math.hypot(matrix[2], matrix[3])


def _product(first: Matrix, second: Matrix) -> Matrix:
    """Return the matrix that applies ``first`` and then ``second``."""
    if second is _PLAIN:
        return first
    (a, b, c, d, e, f), (g, h, i, j, k, m) = first, second
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _is_slanted(matrix: Matrix) -> bool:
    """Return whether text drawn through ``matrix`` does not run from left to right."""
    return abs(matrix[1]) > 0.3 * abs(matrix[0]) or matrix[0] < 0


def _moved(sides: Sides, frame: Matrix) -> Sides:
    """Return the box around what ``frame`` makes of a box."""
    left, bottom, right, top = sides
    a, b, c, d, e, f = frame
    corners = [(x, y) for x in (left, right) for y in (bottom, top)]
    xs, ys = [a * x + c * y + e for x, y in corners], [b * x + d * y + f for x, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _edges(box: Box) -> list[Box]:
    x0, top, x1, bottom = box
    if x1 - x0 <= _THIN or bottom - top <= _THIN:
        return [box] if max(x1 - x0, bottom - top) > 4 * _THIN else []
    if bottom - top < 6 or x1 - x0 < 6:
        return []
    return [(x0, top, x1, top), (x0, bottom, x1, bottom), (x0, top, x0, bottom), (x1, top, x1, bottom)]
