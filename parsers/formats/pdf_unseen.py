"""Texts of a PDF page that no person sees: too small, clipped away, covered, or in the colour beneath them.

What cannot be told (gradients, patterns, half-transparent fills) counts as seen. Boxes are in user space.
"""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pypdfium2.raw as raw

from parsers.page import Box

SMALLEST = 2.0  # points
_INVISIBLE, _FILLED = 3, 0  # ways to draw text
_ALIKE = 20  # of 255 in every channel: a difference that nobody sees
_OPAQUE, _CLEAR = 250, 12  # of 255
_BAND = 25.0  # points of height in which fills are looked up together
_MOST_BANDS = 60
MOST_COMPARED = 3_000_000
_EDGE = 1.0
_OVERFLOW = 2.0  # heights of a line: so near stands the second line of a cell made for one
_WHITE = (255, 255, 255)
_SHARES = tuple(ctypes.c_uint() for _ in range(4))  # made once, for PDFium reads in one thread at a time anyway
_SHARE_POINTERS = tuple(map(ctypes.byref, _SHARES))
_Colour = tuple[int, int, int]


@dataclass(frozen=True)
class _Fill:
    """A filled area: ``colour`` is None where it cannot be told, ``covers`` tells if it hides all beneath it."""

    order: int
    box: Box
    colour: _Colour | None
    covers: Callable[[], bool]


@dataclass
class Layers:
    """The texts and areas of a page in the order in which they are drawn.

    ``unseen`` are the addresses of texts that nobody sees, ``overflowing`` of those cut off by their own frame.
    """

    unseen: set[int] = field(default_factory=set)
    overflowing: set[int] = field(default_factory=set)
    _texts: list[tuple[int, int, Box, _Colour]] = field(default_factory=list)
    _bands: dict[int, list[_Fill]] = field(default_factory=dict)
    _large: list[_Fill] = field(default_factory=list)
    _order: int = 0

    def add_text(self, thing: Any, box: Box | None, size: float) -> None:
        """Note a text object whose letters are ``size`` points high."""
        self._order += 1
        address = ctypes.cast(thing, ctypes.c_void_p).value or 0
        mode = raw.FPDFTextObj_GetTextRenderMode(thing)
        colour, alpha = _fill_colour(thing)
        faint = mode == _FILLED and alpha is not None and alpha <= _CLEAR
        beyond = _beyond_clip(thing, box) if box else 0.0
        if mode == _INVISIBLE or 0 < size < SMALLEST or faint or beyond > _OVERFLOW * size:
            self.unseen.add(address)
        elif beyond:
            self.overflowing.add(address)
        elif box and colour and mode == _FILLED:
            self._texts.append((self._order, address, box, colour))

    def add_path(self, thing: Any, box: Box) -> None:
        """Note a path if it is filled."""
        self._order += 1
        if box[2] - box[0] < 2 or box[3] - box[1] < 2:
            return
        mode, stroked = ctypes.c_int(), ctypes.c_int()
        if raw.FPDFPath_GetDrawMode(thing, ctypes.byref(mode), ctypes.byref(stroked)) and mode.value:
            colour, alpha = _fill_colour(thing)
            solid = alpha is not None and alpha >= _OPAQUE and not raw.FPDFPageObj_HasTransparency(thing)
            plain = solid and raw.FPDFPath_CountSegments(thing) in (4, 5)  # other paths may be frames
            covers = plain and not _clips(thing)
            self._add(_Fill(self._order, box, colour if plain else None, lambda: covers))

    def add_gradient(self, box: Box) -> None:
        """Note a gradient: what lies over or beneath it may be seen."""
        self._order += 1
        self._add(_Fill(self._order, box, None, lambda: False))

    def add_picture(self, thing: Any, box: Box, page: Any, document: Any) -> None:
        """Note a picture: what lies over it can be seen, what lies beneath it only where it is transparent."""
        self._order += 1
        self._add(_Fill(self._order, box, None, cache(lambda: not _clips(thing) and _is_opaque(thing, page, document))))

    def _add(self, fill: _Fill) -> None:
        first, last = int(fill.box[1] // _BAND), int(fill.box[3] // _BAND)
        if last - first >= _MOST_BANDS:
            self._large.append(fill)
            return
        for band in range(first, last + 1):
            self._bands.setdefault(band, []).append(fill)

    def find(self) -> bool:
        """Complete ``unseen`` with what is covered or in the colour beneath it; return False if it takes too long."""
        left = MOST_COMPARED
        for order, address, box, colour in self._texts:
            fills = self._bands.get(int((box[1] + box[3]) / 2 // _BAND), ()) if self._bands else ()
            left -= len(fills) + len(self._large)
            if left < 0:
                return False
            if _is_covered(order, box, colour, (*self._large, *fills) if self._large else fills):
                self.unseen.add(address)
        return True


def _is_covered(order: int, box: Box, colour: _Colour, fills: "tuple[_Fill, ...] | list[_Fill]") -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    beneath: _Colour | None = _WHITE
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
    return beneath is not None and all(abs(a - b) <= _ALIKE for a, b in zip(beneath, colour, strict=True))


def _holds(outer: Box, inner: Box) -> bool:
    return (
        outer[0] <= inner[0] + _EDGE
        and outer[1] <= inner[1] + _EDGE
        and outer[2] >= inner[2] - _EDGE
        and outer[3] >= inner[3] - _EDGE
    )


def _is_opaque(thing: Any, page: Any, document: Any) -> bool:
    """Return whether no pixel of a picture lets through what lies beneath it."""
    bitmap = raw.FPDFImageObj_GetRenderedBitmap(document, page, thing)
    if not bitmap:
        return False
    try:
        size = raw.FPDFBitmap_GetStride(bitmap) * raw.FPDFBitmap_GetHeight(bitmap)
        pixels = ctypes.string_at(raw.FPDFBitmap_GetBuffer(bitmap), size)
        return raw.FPDFBitmap_GetFormat(bitmap) != raw.FPDFBitmap_BGRA or min(pixels[3::4], default=0) >= _OPAQUE
    finally:
        raw.FPDFBitmap_Destroy(bitmap)


def _fill_colour(thing: Any) -> tuple[_Colour | None, int | None]:
    """Return the colour that a thing is filled with and how opaque it is, None where PDFium cannot tell."""
    if not raw.FPDFPageObj_GetFillColor(thing, *_SHARE_POINTERS):
        return None, None
    red, green, blue, alpha = _SHARES
    return (red.value, green.value, blue.value), alpha.value


def _clips(thing: Any) -> int:
    """Return how many paths clip a thing."""
    return max(0, int(raw.FPDFClipPath_CountPaths(raw.FPDFPageObj_GetClipPath(thing))))


def _beyond_clip(thing: Any, box: Box) -> float:
    """Return how far ``box`` reaches beyond a rectangle that clips all of ``thing``, 0 where some of it is left."""
    clip = raw.FPDFPageObj_GetClipPath(thing)
    for number in range(min(max(0, raw.FPDFClipPath_CountPaths(clip)), 4)):
        if raw.FPDFClipPath_CountPathSegments(clip, number) not in (4, 5):
            continue
        corners = [_corner(clip, number, n) for n in range(3)]
        if not _is_upright(corners):
            continue
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        outside = max(min(xs) - box[2], box[0] - max(xs), min(ys) - box[3], box[1] - max(ys))
        if outside >= 0:
            return outside + min(box[3] - box[1], box[2] - box[0])
    return 0.0


def _corner(clip: Any, number: int, segment: int) -> tuple[float, float]:
    x, y = ctypes.c_float(), ctypes.c_float()
    found = raw.FPDFClipPath_GetPathSegment(clip, number, segment)
    raw.FPDFPathSegment_GetPoint(found, ctypes.byref(x), ctypes.byref(y))
    return x.value, y.value


def _is_upright(corners: list[tuple[float, float]]) -> bool:
    """Return whether three corners in a row are those of a rectangle along the page."""
    (x0, y0), (x1, y1), (x2, y2) = corners
    return (x0 == x1 and y1 == y2) or (y0 == y1 and x1 == x2)
