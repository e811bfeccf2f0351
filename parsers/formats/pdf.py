"""PDF pages as words and rulings through PDFium, with the form fields filled in.

Characters that nobody sees and those outside the page are kept apart: they must not reach a field that
no person can see. Coordinates follow the page as it is shown, rotation included.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from parsers.formats.pdf_drawn import Place, drawings
from parsers.formats.pdf_form import form_words
from parsers.formats.pdf_refusal import PdfBrokenError, PdfEncryptedError, PdfRefusedError
from parsers.formats.pdf_words import MOST_CHARACTERS, Words, words_of
from parsers.page import Box, Page

MOST_PAGES = 500
LARGEST_SIDE = 14_400.0  # PDF's own limit of 200 inches


@dataclass(frozen=True)
class PdfContent:
    """What a PDF holds: ``hidden`` counts words that no person sees, ``attachments`` are embedded files.

    ``cut`` are words that their own frame cuts off; ``unnamed`` tells that the PDF does not say which letters a
    part of its glyphs are.
    """

    pages: tuple[Page, ...]
    hidden: int
    attachments: tuple[tuple[str, bytes], ...]
    unnamed: bool = False
    cut: tuple[str, ...] = ()


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
        pages, found, characters = [], [], 0
        for index in range(len(document)):
            page, words = _read_page(document, index)
            pages.append(page)
            found.append(words)
            characters += words.count
            if characters > MOST_CHARACTERS:
                raise PdfRefusedError("The PDF holds more text than any order.")
        return PdfContent(
            tuple(pages),
            sum(words.hidden for words in found),
            tuple(_attachments(document)),
            any(words.unnamed for words in found),
            tuple(word for words in found for word in words.cut),
        )
    finally:
        document.close()


def _read_page(document: Any, index: int) -> tuple[Page, Words]:
    try:
        page = document[index]
    except pdfium.PdfiumError:
        raise PdfBrokenError(f"Page {index + 1} of the PDF cannot be read.") from None
    try:
        width, height = page.get_size()
        if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE):
            raise PdfRefusedError(f"Page {index + 1} measures {width:.0f} by {height:.0f} points.")
        place = _placer(page)
        drawn = drawings(page, place)
        words = words_of(page, place, (width, height), drawn)
        shown = (*words.seen, *form_words(page, document, place))
        return Page(index + 1, width, height, shown, tuple(drawn.rulings), tuple(drawn.images)), words
    finally:
        page.close()


def _placer(page: Any) -> Place:
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


def _attachments(document: Any) -> Iterator[tuple[str, bytes]]:
    for index in range(min(document.count_attachments(), 20)):
        try:
            attachment = document.get_attachment(index)
            name, data = attachment.get_name(), bytes(attachment.get_data())
        except pdfium.PdfiumError:
            continue
        if len(data) <= 20_000_000:
            yield name, data
