"""Texts of a PDF page that no person sees: too small, clipped away, covered, or in the colour beneath them.

A first look at what is known of every text anyway finds the few to look at closely. What cannot be told (gradients,
patterns, half-transparent fills) counts as seen. Boxes are in user space.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from parsers.formats.pdf_calls import OPAQUE, Colour, clip_corners, is_filled, is_opaque, is_solid_quadrangle
from parsers.page import Box

SMALLEST = 2.0  # points
MOST_COMPARED = 3_000_000
_INVISIBLE, _FILLED = 3, 0  # ways to draw text
_ALIKE = 20  # of 255 in every channel: a difference that nobody sees
_CLEAR = 12  # of 255
_BAND = 25.0  # points of height in which fills are looked up together
_MOST_BANDS = 60
_MOST_CLIPS = 4
_EDGE = 1.0
_OVERFLOW = 2.0  # heights of a line: so near stands the second line of a cell made for one
_WHITE: Colour = (255, 255, 255, 255)


@dataclass(frozen=True, slots=True)
class _Fill:
    """A filled area: ``colour`` is None where it cannot be told, ``covers`` tells if it hides all beneath it."""

    order: int
    box: Box
    colour: Colour | None
    covers: Callable[[], bool]


@dataclass
class Layers:
    """The texts and areas of a page in the order in which they are drawn.

    ``unseen`` are the addresses of texts that nobody sees, ``cut`` of those that their own frame cuts off.
    """

    unseen: set[int] = field(default_factory=set)
    cut: set[int] = field(default_factory=set)
    _texts: list[tuple[int, int, Box, Colour]] = field(default_factory=list)
    _bands: dict[int, list[_Fill]] = field(default_factory=dict)
    _large: list[_Fill] = field(default_factory=list)
    _colours: set[Colour] = field(default_factory=lambda: {_WHITE})
    _order: int = 0

    def add_text(self, text: int, box: Box | None, size: float, mode: int, colour: Colour | None, clips: int) -> None:
        """Note a text whose letters are ``size`` points high."""
        self._order += 1
        faint = mode == _FILLED and colour is not None and colour[3] <= _CLEAR
        beyond = _beyond_clip(text, box) if box and clips > 0 else 0.0
        if mode == _INVISIBLE or 0 < size < SMALLEST or faint or beyond > _OVERFLOW * size:
            self.unseen.add(text)
        elif beyond:
            self.cut.add(text)
        elif box and colour and mode == _FILLED:
            self._texts.append((self._order, text, box, colour))

    def add_path(self, path: int, box: Box, colour: Colour | None, clips: int) -> None:
        """Note a path if it is filled."""
        self._order += 1
        if box[2] - box[0] < 2 or box[3] - box[1] < 2 or not is_filled(path):
            return
        plain = colour is not None and colour[3] >= OPAQUE and is_solid_quadrangle(path)
        covers = plain and clips <= 0
        self._add(_Fill(self._order, box, colour if plain else None, lambda: covers))

    def add_gradient(self, box: Box) -> None:
        """Note a gradient: what lies over or beneath it may be seen."""
        self._order += 1
        self._add(_Fill(self._order, box, None, lambda: False))

    def add_picture(self, picture: int, box: Box, clips: int, page: Any) -> None:
        """Note a picture: what lies over it can be seen, what lies beneath it only where it is transparent."""
        self._order += 1
        covers = cache(lambda: clips <= 0 and is_opaque(picture, page.raw, page.pdf.raw))
        self._add(_Fill(self._order, box, None, covers))

    def _add(self, fill: _Fill) -> None:
        if fill.colour:
            self._colours.add(fill.colour)
        first, last = int(fill.box[1] // _BAND), int(fill.box[3] // _BAND)
        if last - first >= _MOST_BANDS:
            self._large.append(fill)
            return
        for band in range(first, last + 1):
            self._bands.setdefault(band, []).append(fill)

    def find(self) -> bool:
        """Complete ``unseen`` with what is covered or in the colour beneath it; return False if it takes too long."""
        left = MOST_COMPARED
        latest = {band: fills[-1].order for band, fills in self._bands.items()}
        everywhere = self._large[-1].order if self._large else 0
        doubtful = cache(lambda colour: any(_are_alike(colour, other) for other in self._colours))
        for order, text, box, colour in self._texts:
            band = int((box[1] + box[3]) / 2 // _BAND)
            if order > everywhere and order > latest.get(band, 0) and not doubtful(colour):
                continue
            fills = [*self._large, *self._bands.get(band, ())]
            left -= len(fills)
            if left < 0:
                return False
            if _is_covered(order, box, colour, fills):
                self.unseen.add(text)
        return True


def _is_covered(order: int, box: Box, colour: Colour, fills: list[_Fill]) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    beneath: Colour | None = _WHITE
    latest = 0
    for fill in fills:
        left, bottom, right, top = fill.box
        if not (left <= x <= right and bottom <= y <= top):
            continue
        if fill.order < order:
            if fill.order > latest:
                latest, beneath = fill.order, fill.colour
        elif _holds(fill.box, box) and fill.covers():
            return True
    return beneath is not None and _are_alike(beneath, colour)


def _are_alike(one: Colour, other: Colour) -> bool:
    return abs(one[0] - other[0]) <= _ALIKE and abs(one[1] - other[1]) <= _ALIKE and abs(one[2] - other[2]) <= _ALIKE


def _holds(outer: Box, inner: Box) -> bool:
    return (
        outer[0] <= inner[0] + _EDGE
        and outer[1] <= inner[1] + _EDGE
        and outer[2] >= inner[2] - _EDGE
        and outer[3] >= inner[3] - _EDGE
    )


def _beyond_clip(thing: int, box: Box) -> float:
    """Return how far ``box`` reaches beyond a rectangle that clips all of ``thing``, 0 where some of it is left."""
    for corners in clip_corners(thing, _MOST_CLIPS):
        if not _is_upright(corners):
            continue
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        outside = max(min(xs) - box[2], box[0] - max(xs), min(ys) - box[3], box[1] - max(ys))
        if outside >= 0:
            return outside + min(box[3] - box[1], box[2] - box[0])
    return 0.0


def _is_upright(corners: list[tuple[float, float]]) -> bool:
    """Return whether three corners in a row are those of a rectangle along the page."""
    (x0, y0), (x1, y1), (x2, y2) = corners
    return (x0 == x1 and y1 == y2) or (y0 == y1 and x1 == x2)
