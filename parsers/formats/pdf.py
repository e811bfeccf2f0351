"""PDF pages as words and rulings through PDFium, with the form fields filled in.

Invisible characters (render mode 3) and those outside the page are kept apart: they must not reach a
field that no person can see. Coordinates follow the page as it is shown, rotation included.
"""

import ctypes
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from parsers.page import Box, Page, Word

MOST_PAGES = 500
MOST_OBJECTS = 60_000
MOST_CHARACTERS = 400_000
LARGEST_SIDE = 14_400.0  # PDF's own limit of 200 inches
_THIN = 2.5
_INVISIBLE = 3
_NOTHING = "\x00\ufeff\u200b\u200c\u200d\u00ad\ufffe\uffff"
_HYPHEN = "\u0002"


class PdfRefusedError(ValueError):
    """The PDF is beyond what is read; the message says why."""


class PdfEncryptedError(ValueError):
    """The PDF cannot be opened without its password."""


@dataclass(frozen=True)
class PdfContent:
    """What a PDF holds: ``hidden`` counts words that no person sees, ``attachments`` are embedded files."""

    pages: tuple[Page, ...]
    hidden: int
    attachments: tuple[tuple[str, bytes], ...]


def open_pdf(data: bytes) -> Any:
    """Return the opened document; raises PdfEncryptedError, or PdfRefusedError where it is none or too much."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if raw.FPDF_GetLastError() in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY) or "assword" in str(error):
            raise PdfEncryptedError("The PDF is protected by a password.") from None
        raise PdfRefusedError("The file is not a readable PDF.") from None
    if not 0 < len(document) <= MOST_PAGES:
        raise PdfRefusedError(f"The PDF says it has {len(document)} pages.")
    return document


def read_pdf(data: bytes) -> PdfContent:
    """Return the pages and embedded files of a PDF; raises PdfEncryptedError or PdfRefusedError."""
    document = open_pdf(data)
    try:
        pages, hidden, characters = [], 0, 0
        for index in range(len(document)):
            page, unseen, count = _read_page(document, index)
            pages.append(page)
            hidden += unseen
            characters += count
            if characters > MOST_CHARACTERS:
                raise PdfRefusedError("The PDF holds more text than any order.")
        return PdfContent(tuple(pages), hidden, tuple(_attachments(document)))
    finally:
        document.close()


def _read_page(document: Any, index: int) -> tuple[Page, int, int]:
    try:
        page = document[index]
    except pdfium.PdfiumError:
        raise PdfRefusedError(f"Page {index + 1} of the PDF cannot be read.") from None
    try:
        width, height = page.get_size()
        if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE):
            raise PdfRefusedError(f"Page {index + 1} measures {width:.0f} by {height:.0f} points.")
        place = _placer(page)
        words, hidden, count = _words(page, place, width, height)
        rulings, images = _drawings(page, place)
        words += _form_words(page, document, place)
        return Page(index + 1, width, height, tuple(words), tuple(rulings), tuple(images)), hidden, count
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


@dataclass(frozen=True, slots=True)
class _Char:
    text: str
    box: Box
    visible: bool


def _words(page: Any, place: Callable[..., Box], width: float, height: float) -> tuple[list[Word], int, int]:
    textpage = page.get_textpage()
    try:
        count = textpage.count_chars()
        if count > MOST_CHARACTERS:
            raise PdfRefusedError("A page of the PDF holds more text than any order.")
        words: list[Word] = []
        hidden = 0
        for run in _runs(textpage, count, place):
            box = _run_box(run)
            on_page = box[0] < width and box[1] < height and box[2] > 0 and box[3] > 0
            if run[0].visible and on_page:
                words.append(Word("".join(c.text for c in run), box))
            else:
                hidden += 1
        return words, hidden, count
    finally:
        textpage.close()


def _run_box(run: list[_Char]) -> Box:
    return (
        min(c.box[0] for c in run),
        min(c.box[1] for c in run),
        max(c.box[2] for c in run),
        max(c.box[3] for c in run),
    )


def _runs(textpage: Any, count: int, place: Callable[..., Box]) -> Iterator[list[_Char]]:
    """Yield the characters of each word: a blank, a jump or a change of line parts words."""
    run: list[_Char] = []
    for char in _chars(textpage, count, place):
        if char is None or (run and _jumps(run[-1], char)):
            if run:
                yield run
            run = []
        if char is not None:
            run.append(char)
    if run:
        yield run


def _jumps(before: _Char, char: _Char) -> bool:
    height = max(before.box[3] - before.box[1], 1.0)
    gap = char.box[0] - before.box[2]
    level = abs(char.box[3] - before.box[3]) > 0.6 * height
    return level or gap > 0.3 * height or gap < -2.5 * height or char.visible != before.visible


def _chars(textpage: Any, count: int, place: Callable[..., Box]) -> Iterator[_Char | None]:
    """Yield each upright character with its box; None for blanks. Text along a margin is left out."""
    handle = textpage.raw
    rect = raw.FS_RECTF()
    turned = _usual_angle(handle, count)
    last_object, last_visible, sideways = -1, True, False
    for index in range(count):
        code = raw.FPDFText_GetUnicode(handle, index)
        text = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
        if text == _HYPHEN:
            text = "-"
        if not text or text in _NOTHING:
            continue
        if text.isspace() or text < " ":
            yield None
            continue
        if not raw.FPDFText_GetLooseCharBox(handle, index, ctypes.byref(rect)):
            continue
        thing = raw.FPDFText_GetTextObject(handle, index)
        address = ctypes.cast(thing, ctypes.c_void_p).value or 0
        if address != last_object:
            last_object = address
            last_visible = not address or raw.FPDFTextObj_GetTextRenderMode(thing) != _INVISIBLE
            sideways = abs(math.sin(raw.FPDFText_GetCharAngle(handle, index) - turned)) > 0.5
        if sideways:
            continue
        yield _Char(text, place(rect.left, rect.bottom, rect.right, rect.top), last_visible)


def _usual_angle(handle: Any, count: int) -> float:
    """Return the angle in which most characters are written, from a sample of them."""
    sample = [raw.FPDFText_GetCharAngle(handle, n) for n in range(0, count, max(1, count // 60))]
    return median(angle for angle in sample if angle >= 0) if any(angle >= 0 for angle in sample) else 0.0


def _drawings(page: Any, place: Callable[..., Box]) -> tuple[list[Box], list[Box]]:
    """Return the rulings (thin boxes, edges of rectangles) and the boxes of pictures."""
    rulings: list[Box] = []
    images: list[Box] = []
    for count, thing in enumerate(page.get_objects(max_depth=4)):
        if count > MOST_OBJECTS:
            raise PdfRefusedError("A page of the PDF is drawn with more strokes than any order.")
        if thing.type not in (raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE):
            continue
        try:
            box = place(*thing.get_bounds())
        except pdfium.PdfiumError:
            continue
        if thing.type == raw.FPDF_PAGEOBJ_IMAGE:
            images.append(box)
        else:
            rulings.extend(_edges(box))
    return rulings, images


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
