"""PDF pages as words and rulings through PDFium, with the form fields filled in.

Characters that nobody sees and those outside the page are kept apart: they must not reach a field that
no person can see. Coordinates follow the page as it is shown, rotation included.
"""

import ctypes
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from statistics import median
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from parsers.formats.pdf_unseen import SMALLEST, Layers
from parsers.page import Box, Page, Word

MOST_PAGES = 500
MOST_OBJECTS = 60_000
MOST_CHARACTERS = 400_000
LARGEST_SIDE = 14_400.0  # PDF's own limit of 200 inches
_THIN = 2.5
_SAMPLE = 200  # characters of a page
_NOTHING = frozenset(map(ord, "\x00\ufeff\u200b\u200c\u200d\u00ad\ufffe\uffff"))
_HYPHENS = {2: "-"}  # PDFium marks the hyphen at the end of a line so


class PdfRefusedError(ValueError):
    """The PDF is beyond what is read; the message says why."""


class PdfBrokenError(PdfRefusedError):
    """PDFium cannot open the file or one of its pages."""


class PdfEncryptedError(ValueError):
    """The PDF cannot be opened without its password."""


@dataclass(frozen=True)
class PdfContent:
    """What a PDF holds: ``hidden`` counts words that no person sees, ``attachments`` are embedded files.

    ``unnamed`` tells that the PDF does not say which letters a part of its glyphs are.
    """

    pages: tuple[Page, ...]
    hidden: int
    attachments: tuple[tuple[str, bytes], ...]
    unnamed: bool = False


def open_pdf(data: bytes) -> Any:
    """Return the opened document; raises PdfEncryptedError, or PdfRefusedError where it is none or too much."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if raw.FPDF_GetLastError() in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY) or "assword" in str(error):
            raise PdfEncryptedError("The PDF is protected by a password.") from None
        raise PdfBrokenError("The file is not a readable PDF.") from None
    if not 0 < len(document) <= MOST_PAGES:
        raise PdfRefusedError(f"The PDF says it has {len(document)} pages.")
    return document


def render(data: bytes, number: int, scale: float) -> Any:
    """Return page ``number`` (from 1) as a picture in colour, ``scale`` pixels a point; raises PdfRefusedError."""
    document = open_pdf(data)
    try:
        return document[number - 1].render(scale=scale).to_pil().convert("RGB")
    except pdfium.PdfiumError:
        raise PdfBrokenError(f"Page {number} of the PDF cannot be shown.") from None
    finally:
        document.close()


def read_pdf(data: bytes) -> PdfContent:
    """Return the pages and embedded files of a PDF; raises PdfEncryptedError or PdfRefusedError."""
    document = open_pdf(data)
    try:
        pages, hidden, characters, unnamed = [], 0, 0, False
        for index in range(len(document)):
            page, unseen, count, lost = _read_page(document, index)
            pages.append(page)
            hidden += unseen
            characters += count
            unnamed = unnamed or lost
            if characters > MOST_CHARACTERS:
                raise PdfRefusedError("The PDF holds more text than any order.")
        return PdfContent(tuple(pages), hidden, tuple(_attachments(document)), unnamed)
    finally:
        document.close()


def _read_page(document: Any, index: int) -> tuple[Page, int, int, bool]:
    try:
        page = document[index]
    except pdfium.PdfiumError:
        raise PdfBrokenError(f"Page {index + 1} of the PDF cannot be read.") from None
    try:
        width, height = page.get_size()
        if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE):
            raise PdfRefusedError(f"Page {index + 1} measures {width:.0f} by {height:.0f} points.")
        place = _placer(page)
        drawn = _drawings(page, place)
        words, hidden, count, unnamed = _words(page, place, (width, height), drawn)
        words += _form_words(page, document, place)
        read = Page(index + 1, width, height, tuple(words), tuple(drawn.rulings), tuple(drawn.images))
        return read, hidden, count, unnamed
    finally:
        page.close()


def _placer(page: Any) -> Callable[[float, float, float, float], Box]:
    """Return a function from (left, bottom, right, top) in user space to a box as shown."""
    left, bottom, right, top = page.get_bbox()
    rotation = page.get_rotation() % 360

    def place(x0: float, y0: float, x1: float, y1: float) -> Box:
        if rotation == 90:
            return (y0 - bottom, x0 - left, y1 - bottom, x1 - left)
        if rotation == 180:
            return (right - x1, y0 - bottom, right - x0, y1 - bottom)
        if rotation == 270:
            return (top - y1, right - x1, top - y0, right - x0)
        return (x0 - left, top - y1, x1 - left, top - y0)

    return place


@dataclass(frozen=True)
class _Drawn:
    """What is drawn on a page; ``slanted`` tells that some text is not written along the lines."""

    rulings: list[Box]
    images: list[Box]
    layers: Layers
    slanted: bool


def _words(
    page: Any, place: Callable[..., Box], size: tuple[float, float], drawn: _Drawn
) -> tuple[list[Word], int, int, bool]:
    """Return the visible words, how many words are hidden, the number of characters, and if some have no name."""
    textpage = page.get_textpage()
    try:
        count = textpage.count_chars()
        if count > MOST_CHARACTERS:
            raise PdfRefusedError("A page of the PDF holds more text than any order.")
        words: list[Word] = []
        hidden = 0
        unnamed = _are_unnamed(textpage.raw, count)
        mixed = drawn.slanted or drawn.layers.unseen or drawn.layers.overflowing
        chars = _chars(textpage.raw, count, _State(textpage.raw, count, drawn.layers) if mixed else None)
        if page.get_rotation():
            chars, place = _turned(chars, place), _flipped
        for text, box, visible in _runs(chars, place):
            if visible and box[0] < size[0] and box[1] < size[1] and box[2] > 0 and box[3] > 0:
                words.append(Word(text, box))
            else:
                hidden += 1
        return words, hidden, count, unnamed
    finally:
        textpage.close()


def _are_unnamed(handle: Any, count: int) -> bool:
    """Return whether more than a few of a sample of characters have no letter that the PDF gives them."""
    sample = range(0, count, max(1, count // _SAMPLE))
    lost = sum(int(raw.FPDFText_HasUnicodeMapError(handle, n) == 1) for n in sample)
    return lost > len(sample) // 20


def _turned(chars: Iterable["_Read"], place: Callable[..., Box]) -> Iterator["_Read"]:
    """Yield the characters of a turned page where they are shown, heights counted upwards."""
    for text, left, bottom, right, top, visible in chars:
        x0, y0, x1, y1 = place(left, bottom, right, top)
        yield text, x0, -y1, x1, -y0, visible


def _flipped(left: float, bottom: float, right: float, top: float) -> Box:
    return (left, -top, right, -bottom)


def _runs(chars: Iterable["_Read"], place: Callable[..., Box]) -> Iterator[tuple[str, Box, bool]]:
    """Yield text, box and visibility of each word: a blank, a jump or a change of line parts words."""
    letters: list[str] = []
    x0 = y0 = x1 = y1 = 0.0
    last: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    seen = True
    start = 0  # of the letters of one glyph
    for text, left, bottom, right, top, visible in chars:
        if letters and (not text or visible != seen or _jumps(last, left, bottom)):
            yield "".join(letters), place(x0, y0, x1, y1), seen
            letters = []
        if not text:
            continue
        if not letters:
            x0, y0, x1, y1, seen = left, bottom, right, top, visible
        else:
            x0, y0, x1, y1 = min(x0, left), min(y0, bottom), max(x1, right), max(y1, top)
        start = start if letters and (left, bottom, right, top) == last else len(letters)
        letters.insert(start if "\u0590" <= text <= "\u08ff" else len(letters), text)  # a ligature comes reversed
        last = (left, bottom, right, top)
    if letters:
        yield "".join(letters), place(x0, y0, x1, y1), seen


def _jumps(last: tuple[float, float, float, float], left: float, bottom: float) -> bool:
    """Return whether a character stands apart from the one before it, in user space."""
    height = max(last[3] - last[1], 1.0)
    gap = left - last[2]
    return gap > 0.3 * height or gap < -2.5 * height or abs(bottom - last[1]) > 0.6 * height


_Read = tuple[str, float, float, float, float, bool]
_BLANK: _Read = ("", 0.0, 0.0, 0.0, 0.0, True)


def _chars(handle: Any, count: int, state: "_State | None") -> Iterator[_Read]:
    """Yield each character with its box in user space and whether it is seen; no text for blanks.

    Text that runs along a margin is left out where most is written along the lines.
    """
    unicode_of, box_of, rect = raw.FPDFText_GetUnicode, raw.FPDFText_GetLooseCharBox, raw.FS_RECTF()
    pointer = ctypes.byref(rect)
    for index in range(count):
        code = unicode_of(handle, index)
        text = _HYPHENS.get(code) or (chr(code) if 32 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "")
        if not text or text.isspace():
            if code not in _NOTHING:
                yield _BLANK
            continue
        if code in _NOTHING or not box_of(handle, index, pointer):
            continue
        if state is not None and not state.advance(index):
            continue
        visible = state is None or state.visible
        yield (text, rect.left, rect.bottom, rect.right, rect.top, visible)


class _State:
    """How the characters of a page with mixed text are drawn, asked for once per text object."""

    def __init__(self, handle: Any, count: int, layers: Layers) -> None:
        self._handle = handle
        self._layers = layers
        self._usual = _usual_angle(handle, count)
        self._object = -1
        self.visible = True
        self._left_out = False

    def advance(self, index: int) -> bool:
        """Return whether the character at ``index`` is written along the lines, and note if it is seen."""
        thing = raw.FPDFText_GetTextObject(self._handle, index)
        address = ctypes.cast(thing, ctypes.c_void_p).value or 0
        if address != self._object:
            self._object = address
            self.visible = address not in self._layers.unseen
            slant = abs(math.sin(raw.FPDFText_GetCharAngle(self._handle, index) - self._usual))
            self._left_out = slant > 0.5 or address in self._layers.overflowing
        return not self._left_out


def _usual_angle(handle: Any, count: int) -> float:
    """Return the angle in which most characters are written, from a sample of them."""
    sample = [raw.FPDFText_GetCharAngle(handle, n) for n in range(0, count, max(1, count // 60))]
    return median(angle for angle in sample if angle >= 0) if any(angle >= 0 for angle in sample) else 0.0


_Matrix = tuple[float, float, float, float, float, float]
_SIDES = tuple(ctypes.c_float() for _ in range(4))  # made once, for PDFium reads in one thread at a time anyway
_SIDE_POINTERS = tuple(map(ctypes.byref, _SIDES))
_value = attrgetter("value")
_PLAIN: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_DEEPEST = 4


def _drawings(page: Any, place: Callable[..., Box]) -> _Drawn:
    """Return the rulings (thin boxes, edges of rectangles), the boxes of pictures, and if text is mixed."""
    rulings: list[Box] = []
    images: list[Box] = []
    slants: set[bool] = set()
    layers = Layers()
    for count, (thing, kind, matrix) in enumerate(_objects(page.raw)):
        if count > MOST_OBJECTS:
            raise PdfRefusedError("A page of the PDF is drawn with more strokes than any order.")
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            whole = _product(_matrix(thing), matrix)
            slants.add(_is_slanted(whole))
            box = _bounds(thing, matrix)
            drawn = box[3] - box[1] if box else 0.0
            layers.add_text(thing, box, drawn if drawn >= SMALLEST else _font_size(thing, whole))
            continue
        box = _bounds(thing, matrix)
        if box and kind == raw.FPDF_PAGEOBJ_PATH:
            layers.add_path(thing, box)
            rulings.extend(_edges(place(*box)))
        elif box and kind == raw.FPDF_PAGEOBJ_IMAGE:
            layers.add_picture(thing, box, page.raw, page.pdf.raw)
            images.append(place(*box))
        elif box:
            layers.add_gradient(box)
    if not layers.find():
        raise PdfRefusedError("A page of the PDF is drawn with more areas than any order.")
    return _Drawn(rulings, images, layers, len(slants) > 1)


def _font_size(thing: Any, matrix: _Matrix) -> float:
    """Return how high the letters of a text are drawn, in points; 0 where PDFium does not tell."""
    size = ctypes.c_float()
    raw.FPDFTextObj_GetFontSize(thing, ctypes.byref(size))
    return abs(size.value) * math.hypot(matrix[2], matrix[3])


def _objects(page: Any) -> Iterator[tuple[Any, int, _Matrix]]:
    """Yield the texts, paths and pictures of a page with the matrix of the forms they stand in."""
    for index in range(raw.FPDFPage_CountObjects(page)):
        yield from _within(raw.FPDFPage_GetObject(page, index), _PLAIN, 0)


_DRAWN_KINDS = frozenset(
    {raw.FPDF_PAGEOBJ_TEXT, raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING}
)


def _within(thing: Any, matrix: _Matrix, depth: int) -> Iterator[tuple[Any, int, _Matrix]]:
    kind = raw.FPDFPageObj_GetType(thing)
    if kind in _DRAWN_KINDS:
        yield thing, kind, matrix
    elif kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
        inner = _product(_matrix(thing), matrix)
        for index in range(raw.FPDFFormObj_CountObjects(thing)):
            yield from _within(raw.FPDFFormObj_GetObject(thing, index), inner, depth + 1)


def _matrix(thing: Any) -> _Matrix:
    found = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(thing, ctypes.byref(found)):
        return _PLAIN
    return (found.a, found.b, found.c, found.d, found.e, found.f)


def _product(first: _Matrix, second: _Matrix) -> _Matrix:
    """Return the matrix that applies ``first`` and then ``second``."""
    if second is _PLAIN:
        return first
    (a, b, c, d, e, f), (g, h, i, j, k, m) = first, second
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _is_slanted(matrix: _Matrix) -> bool:
    """Return whether text drawn through ``matrix`` does not run from left to right."""
    return abs(matrix[1]) > 0.3 * abs(matrix[0]) or matrix[0] < 0


def _bounds(thing: Any, matrix: _Matrix) -> tuple[float, float, float, float] | None:
    if not raw.FPDFPageObj_GetBounds(thing, *_SIDE_POINTERS):
        return None
    left, bottom, right, top = map(_value, _SIDES)
    if matrix is _PLAIN:
        return left, bottom, right, top
    a, b, c, d, e, f = matrix
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


def _form_words(page: Any, document: Any, place: Callable[..., Box]) -> list[Word]:
    """Return the values of the form fields on ``page`` that its text does not draw."""
    if document.get_formtype() == raw.FORMTYPE_NONE:
        return []
    if document.formenv is None:
        document.init_forms()
    words: list[Word] = []
    for index in range(min(raw.FPDFPage_GetAnnotCount(page.raw), 5000)):
        annotation = raw.FPDFPage_GetAnnot(page.raw, index)
        if annotation:
            words.extend(_field_words(annotation, document, place))
            raw.FPDFPage_CloseAnnot(annotation)
    return words


def _field_words(annotation: Any, document: Any, place: Callable[..., Box]) -> Iterator[Word]:
    if raw.FPDFAnnot_GetSubtype(annotation) != raw.FPDF_ANNOT_WIDGET:
        return
    if raw.FPDFAnnot_GetFormFieldType(document.formenv, annotation) not in (
        raw.FPDF_FORMFIELD_TEXTFIELD,
        raw.FPDF_FORMFIELD_COMBOBOX,
    ):
        return
    value = _field_value(annotation, document)
    rect = raw.FS_RECTF()
    if not value or not raw.FPDFAnnot_GetRect(annotation, ctypes.byref(rect)):
        return
    x0, top, x1, bottom = place(rect.left, min(rect.bottom, rect.top), rect.right, max(rect.bottom, rect.top))
    lines = value.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    step = (bottom - top) / len(lines)
    height = min(step, 10.0)
    for number, line in enumerate(lines):
        middle = top + step * (number + 0.5)
        yield from _spread(line, x0, x1, middle - height / 2, middle + height / 2)


def _spread(line: str, x0: float, x1: float, top: float, bottom: float) -> Iterator[Word]:
    """Yield the words of a form field's line, set from the left at an average width of letters."""
    width = min((x1 - x0) / max(len(line), 1), (bottom - top) * 0.5)
    start = 0
    for text in line.split():
        start = line.index(text, start)
        yield Word(text, (x0 + start * width, top, x0 + (start + len(text)) * width, bottom))
        start += len(text)


def _field_value(annotation: Any, document: Any) -> str:
    size = raw.FPDFAnnot_GetFormFieldValue(document.formenv, annotation, None, 0)
    if not 2 < size <= 40_000:
        return ""
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFAnnot_GetFormFieldValue(
        document.formenv, annotation, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size
    )
    return buffer.raw[: size - 2].decode("utf-16-le", errors="replace").strip()


def _attachments(document: Any) -> Iterator[tuple[str, bytes]]:
    for index in range(min(document.count_attachments(), 20)):
        try:
            attachment = document.get_attachment(index)
            name, data = attachment.get_name(), bytes(attachment.get_data())
        except pdfium.PdfiumError:
            continue
        if len(data) <= 20_000_000:
            yield name, data
