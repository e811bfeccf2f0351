"""A PDF as a Reading: its text layer, the structured order or invoice inside it, or its picture.

Structured data wins; where the pages contradict it, a problem says so. Pages without text are
recognised from their picture.
"""

from collections.abc import Sequence

from parsers.formats.pdf import PdfContent, read_pdf
from parsers.formats.pdf_refusal import PdfBrokenError
from parsers.formats.pdf_second import read_second
from parsers.page import Page, Word
from parsers.page_reader import ReadPages
from parsers.reading import Reading
from records.problems import Code, Problem

_FEWEST_WORDS = 8  # on a page with a picture; fewer is a scanned page
_STRUCTURED = (".xml",)
_MOST_CUT = 500  # words that are told


def read_pdf_document(data: bytes, read_pages: ReadPages) -> Reading:
    """Return what a PDF says; raises what ``read_pdf`` raises."""
    try:
        content = read_pdf(data)
    except PdfBrokenError:
        return _read_broken(data, read_pages)
    structured = _structured(content)
    if structured is not None:
        return _compared(structured, _read(content, data, read_pages))
    return _read(content, data, read_pages)


def _read_broken(data: bytes, read_pages: ReadPages) -> Reading:
    """Return what another engine reads from a PDF that PDFium does not open; raises PdfBrokenError if none does."""
    pages = read_second(data)
    if pages is None:
        raise PdfBrokenError("The file is not a readable PDF.")
    return _doubted(read_pages(pages), "The PDF is damaged; what could be mended was read.")


def _read(content: PdfContent, data: bytes, read_pages: ReadPages) -> Reading:
    if content.unnamed:
        return _read_unnamed(data, read_pages)
    if _is_scanned(content.pages):
        return _read_picture(data, read_pages)
    reading = read_pages(content.pages)
    if content.hidden:
        reading = _doubted(reading, f"The PDF holds {content.hidden} words that nobody sees; they were not read.")
    if content.cut:
        reading = reading.with_(left_out=content.cut[:_MOST_CUT])
    if unread := [page.number for page in content.pages if _is_picture(page)]:
        reading = _doubted(reading, f"Page {unread[0]} of the PDF is a picture; what it says was not read.")
    if twice := _overprinted(content.pages):
        reading = _doubted(reading, f"Different texts are printed over each other: {twice}.")
    return reading


def _read_unnamed(data: bytes, read_pages: ReadPages) -> Reading:
    """Return what a PDF says that does not name its letters: by its fonts, else by its pictures."""
    pages = read_second(data)
    if pages is None:
        return _read_picture(data, read_pages)
    return _doubted(read_pages(pages), "The PDF does not say which letters it shows; they were told by its fonts.")


def _doubted(reading: Reading, detail: str) -> Reading:
    return reading.with_(problems=(*reading.problems, Problem(Code.LOW_CONFIDENCE, detail)), accepted=False)


def _overprinted(pages: Sequence[Page]) -> str:
    """Return two different words, one of them a figure, that stand on the same place; "" if none do."""
    for page in pages:
        places: dict[tuple[int, int], Word] = {}
        for word in page.words:
            place = (round(word.box[0]), round(word.box[1]))
            other = places.setdefault(place, word)
            if other.text != word.text and any(map(str.isdigit, word.text + other.text)):
                return f"{other.text[:30]} and {word.text[:30]}"
    return ""


def _read_picture(data: bytes, read_pages: ReadPages) -> Reading:
    """Return what the pictures of a PDF's pages say; Pillow and Tesseract are loaded for them alone."""
    from parsers.formats import picture

    return picture.read_scanned_pdf(data, read_pages)


def _is_scanned(pages: Sequence[Page]) -> bool:
    """Return whether the pages are pictures: no page has text enough, and one has a large picture or nothing."""
    return all(len(page.words) < _FEWEST_WORDS for page in pages) and any(map(_pictured, pages))


def _is_picture(page: Page) -> bool:
    return len(page.words) < _FEWEST_WORDS and _pictured(page)


def _pictured(page: Page) -> bool:
    area = page.width * page.height
    return any((x1 - x0) * (y1 - y0) > 0.4 * area for x0, y0, x1, y1 in page.images)


def _structured(content: PdfContent) -> Reading | None:
    from parsers.bytes_check import refusal
    from parsers.formats.xml import XmlRefusedError, read_xml

    for name, data in content.attachments:
        if not name.lower().endswith(_STRUCTURED) or refusal(data):
            continue
        try:
            reading = read_xml(data)
        except XmlRefusedError:
            continue
        if reading.lines or reading.number:
            return reading
    return None


def _compared(structured: Reading, shown: Reading) -> Reading:
    """Return the structured Reading, with a problem where the pages surely state another number or total.

    What the pages say counts where they were read without doubt, or where number and total both differ.
    """
    if shown.documents:
        problems = (*structured.problems, shown.problems[-1])
        structured = structured.with_(documents=shown.documents, problems=problems, accepted=False)
    wrong = [
        name
        for name in ("number", "gross_total", "currency")
        if (seen := getattr(shown, name)) is not None
        and (told := getattr(structured, name)) is not None
        and seen != told
    ]
    if wrong and (shown.accepted or {"number", "gross_total"} <= set(wrong)):
        detail = f"The data inside the PDF and its pages state different values: {', '.join(wrong)}."
        return structured.with_(problems=(*structured.problems, Problem(Code.TOTALS_DISAGREE, detail)), accepted=False)
    return structured
