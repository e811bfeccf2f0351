"""PDF pages through pdfplumber, for files that PDFium does not open or whose letters it cannot name.

pdfplumber finds the letters in the embedded fonts themselves where a PDF does not map its glyphs, and mends
broken cross-references in its own way. It cannot tell what is invisible: what it read is for a person to check.
"""

import io
import logging
import struct
import zlib
from typing import Any

from parsers.page import Box, Page, Word

MOST_PAGES = 40
MOST_CHARACTERS = 60_000  # of one page
_LARGEST_SIDE = 14_400.0
_UNNAMED = "(cid:"
_SOFT_HYPHEN = "\u00ad"  # fonts have one glyph for both; what is shown is a hyphen
_BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


def read_second(data: bytes) -> tuple[Page, ...] | None:
    """Return the pages of a PDF, None where pdfplumber cannot open it or name its letters either."""
    import pdfplumber
    from pdfminer.pdfexceptions import PDFException
    from pdfplumber.utils.exceptions import PdfminerException

    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)
    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            if not 0 < len(document.pages) <= MOST_PAGES:
                return None
            pages = [_page(page, number) for number, page in enumerate(document.pages, 1)]
    except (PDFException, PdfminerException, *_BROKEN):
        return None
    read = tuple(page for page in pages if page is not None)
    return read if len(read) == len(pages) and any(page.words for page in read) else None


def _page(page: Any, number: int) -> Page | None:
    """Return a page, None where it is too large or holds letters without a name."""
    left, top, right, bottom = (float(side) for side in page.bbox)
    width, height = right - left, bottom - top
    if not (0 < width <= _LARGEST_SIDE and 0 < height <= _LARGEST_SIDE) or len(page.chars) > MOST_CHARACTERS:
        return None
    words = [
        Word(w["text"].replace(_SOFT_HYPHEN, "-"), _box(w, left, top))
        for w in page.extract_words(x_tolerance_ratio=0.2)
    ]
    if any(_UNNAMED in word.text for word in words):
        return None
    lines = [_box(edge, left, top) for edge in page.edges]
    images = [_box(image, left, top) for image in page.images]
    page.close()
    return Page(number, width, height, tuple(words), tuple(lines), tuple(images))


def _box(thing: dict[str, Any], left: float, top: float) -> Box:
    return (
        float(thing["x0"]) - left,
        float(thing["top"]) - top,
        float(thing["x1"]) - left,
        float(thing["bottom"]) - top,
    )
