"""PDFium asked the same of many things at once.

A call through ``ctypes`` costs more than what PDFium does in it. Here calls are made by ``map`` over plain addresses,
and write into one array: no object of Python is made for a single answer.
"""

import ctypes
import struct
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from typing import Any

import pypdfium2.raw as raw

OPAQUE = 250  # of 255
_POINTER, _INT = ctypes.c_void_p, ctypes.c_int
Sides = tuple[float, float, float, float]
Matrix = tuple[float, float, float, float, float, float]
Colour = tuple[int, int, int, int]


def address_of(handle: Any) -> int:
    """Return a handle or a function of PDFium as a number."""
    return ctypes.cast(handle, _POINTER).value or 0


def _function(of: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    """Return a function of PDFium that takes addresses as numbers; the interpreter's lock is kept meanwhile."""
    return ctypes.PYFUNCTYPE(result, *arguments)(address_of(of))


_unicode = _function(raw.FPDFText_GetUnicode, ctypes.c_uint, _POINTER, _INT)
_loose_box = _function(raw.FPDFText_GetLooseCharBox, _INT, _POINTER, _INT, _POINTER)
_text_object = _function(raw.FPDFText_GetTextObject, _POINTER, _POINTER, _INT)
_unmapped = _function(raw.FPDFText_HasUnicodeMapError, _INT, _POINTER, _INT)
_page_object = _function(raw.FPDFPage_GetObject, _POINTER, _POINTER, _INT)
_form_object = _function(raw.FPDFFormObj_GetObject, _POINTER, _POINTER, ctypes.c_ulong)
_kind = _function(raw.FPDFPageObj_GetType, _INT, _POINTER)
_bounds = _function(raw.FPDFPageObj_GetBounds, _INT, *(_POINTER,) * 5)
_matrix = _function(raw.FPDFPageObj_GetMatrix, _INT, _POINTER, _POINTER)
_fill_colour = _function(raw.FPDFPageObj_GetFillColor, _INT, *(_POINTER,) * 5)
_render_mode = _function(raw.FPDFTextObj_GetTextRenderMode, _INT, _POINTER)
_clip_path = _function(raw.FPDFPageObj_GetClipPath, _POINTER, _POINTER)
_count_clips = _function(raw.FPDFClipPath_CountPaths, _INT, _POINTER)
_count_clip_segments = _function(raw.FPDFClipPath_CountPathSegments, _INT, _POINTER, _INT)
_clip_segment = _function(raw.FPDFClipPath_GetPathSegment, _POINTER, _POINTER, _INT, _INT)
_point = _function(raw.FPDFPathSegment_GetPoint, _INT, *(_POINTER,) * 3)
_transparent = _function(raw.FPDFPageObj_HasTransparency, _INT, _POINTER)
_segments = _function(raw.FPDFPath_CountSegments, _INT, _POINTER)
_draw_mode = _function(raw.FPDFPath_GetDrawMode, _INT, *(_POINTER,) * 3)
_font_size = _function(raw.FPDFTextObj_GetFontSize, _INT, _POINTER, _POINTER)
_rendered = _function(raw.FPDFImageObj_GetRenderedBitmap, _POINTER, *(_POINTER,) * 3)


def codes(text: int, count: int) -> list[int]:
    """Return the code of each character of a text page."""
    return list(map(_unicode, repeat(text), range(count)))


def loose_boxes(text: int, count: int) -> Iterator[Sides | None]:
    """Yield left, top, right and bottom of each character, None where it has no place."""
    room = _room("f", 4 * count)
    found = list(map(_loose_box, repeat(text), range(count), _places(room, 4)))
    return _told(struct.iter_unpack("4f", room), found)


def text_objects(text: int, count: int) -> list[int]:
    """Return the address of the text object that each character comes from."""
    return [address or 0 for address in map(_text_object, repeat(text), range(count))]


def count_unmapped(text: int, numbers: Sequence[int]) -> int:
    """Return how many of the characters with these numbers have no letter that the PDF gives them."""
    return list(map(_unmapped, repeat(text), numbers)).count(1)


def objects(page: Any) -> list[int]:
    """Return the addresses of what is drawn on a page, in its order."""
    count = max(0, raw.FPDFPage_CountObjects(page))
    return list(map(_page_object, repeat(address_of(page)), range(count)))


def objects_of_form(form: int) -> list[int]:
    """Return the addresses of what is drawn in a form."""
    count = raw.FPDFFormObj_CountObjects(ctypes.cast(form, raw.FPDF_PAGEOBJECT))
    return list(map(_form_object, repeat(form), range(max(0, count))))


def kinds(things: Sequence[int]) -> list[int]:
    """Return what each thing is: a text, a path, a picture ..."""
    return list(map(_kind, things))


def bounds(things: Sequence[int]) -> list[Sides | None]:
    """Return left, bottom, right and top of each thing in the form that it stands in, None where it has no place."""
    room = _room("f", 4 * len(things))
    found = list(map(_bounds, things, *(_places(room, 4, side) for side in range(4))))
    return list(_told(struct.iter_unpack("4f", room), found))


def matrices(things: Sequence[int]) -> list[Matrix | None]:
    """Return the matrix of each thing, None where it has none."""
    room = _room("f", 6 * len(things))
    found = list(map(_matrix, things, _places(room, 6)))
    return list(_told(struct.iter_unpack("6f", room), found))


def fill_colours(things: Sequence[int]) -> list[Colour | None]:
    """Return red, green, blue and opacity that each thing is filled with, None where PDFium cannot tell."""
    room = _room("I", 4 * len(things))
    found = list(map(_fill_colour, things, *(_places(room, 4, share) for share in range(4))))
    return list(_told(struct.iter_unpack("4I", room), found))


def render_modes(texts: Sequence[int]) -> list[int]:
    """Return how each text is drawn: filled, outlined, not at all ..."""
    return list(map(_render_mode, texts))


def clip_counts(things: Sequence[int]) -> list[int]:
    """Return how many paths clip each thing, 0 or less where none does."""
    return list(map(_count_clips, map(_clip_path, things)))


def clip_corners(thing: int, most: int) -> Iterator[list[tuple[float, float]]]:
    """Yield three corners in a row of each clip of a thing that has four, of the first ``most`` clips."""
    clip = _clip_path(thing)
    for number in range(min(max(0, _count_clips(clip)), most)):
        if _count_clip_segments(clip, number) in (4, 5):
            yield [_corner(_clip_segment(clip, number, segment)) for segment in range(3)]


def is_filled(path: int) -> bool:
    """Return whether a path is filled."""
    mode = _room("i", 2)
    return bool(_draw_mode(path, *_places(mode, 1)) and mode[0])


def is_solid_quadrangle(path: int) -> bool:
    """Return whether a path has four corners and no transparency; others may be frames."""
    return not _transparent(path) and _segments(path) in (4, 5)


def font_size(text: int) -> float:
    """Return the size of a text's font before it is scaled, 0 where PDFium does not tell."""
    size = _room("f", 1)
    _font_size(text, size.buffer_info()[0])
    return float(size[0])


def is_opaque(picture: int, page: Any, document: Any) -> bool:
    """Return whether no pixel of a picture lets through what lies beneath it."""
    address = _rendered(address_of(document), address_of(page), picture)
    if not address:
        return False
    bitmap = ctypes.cast(address, raw.FPDF_BITMAP)
    try:
        size = raw.FPDFBitmap_GetStride(bitmap) * raw.FPDFBitmap_GetHeight(bitmap)
        pixels = ctypes.string_at(raw.FPDFBitmap_GetBuffer(bitmap), size)
        return raw.FPDFBitmap_GetFormat(bitmap) != raw.FPDFBitmap_BGRA or min(pixels[3::4], default=0) >= OPAQUE
    finally:
        raw.FPDFBitmap_Destroy(bitmap)


def _corner(segment: int) -> tuple[float, float]:
    point = _room("f", 2)
    _point(segment, *_places(point, 1))
    return point[0], point[1]


def _room(kind: str, count: int) -> "array[Any]":
    return array(kind, bytes(4 * count))


def _places(room: "array[Any]", step: int, first: int = 0) -> range:
    """Return the addresses of every ``step``-th value of an array, from the ``first``."""
    start = room.buffer_info()[0] + 4 * first
    return range(start, start + 4 * len(room), 4 * step)


def _told(values: Iterator[Any], found: Sequence[int]) -> Iterator[Any]:
    """Yield each value, None where PDFium did not tell it."""
    if 0 not in found:
        return values
    return (value if told else None for value, told in zip(values, found, strict=True))
