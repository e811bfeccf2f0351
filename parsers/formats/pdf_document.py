"""A PDF as a Reading: its text layer, the structured order or invoice inside it, or its picture.

Structured data wins; where the pages contradict it, a problem says so. Pages without text are
recognised from their picture.
"""

from collections.abc import Sequence

from parsers.formats.pdf import PdfContent, read_pdf
from parsers.page import Page
from parsers.page_reader import ReadPages
from parsers.reading import Reading
from records.problems import Code, Problem

_FEWEST_WORDS = 8  # on a page with a picture; fewer is a scanned page
_STRUCTURED = (".xml",)


def read_pdf_document(data: bytes, read_pages: ReadPages) -> Reading:
    """Return what a PDF says; raises what ``read_pdf`` raises."""
    content = read_pdf(data)
    structured = _structured(content)
    if structured is not None:
        return _compared(structured, _read(content, data, read_pages))
    return _read(content, data, read_pages)


def _read(content: PdfContent, data: bytes, read_pages: ReadPages) -> Reading:
    if _is_scanned(content.pages):
        from parsers.formats.picture import read_scanned_pdf

        return read_scanned_pdf(data, read_pages)
    reading = read_pages(content.pages)
    if content.hidden:
        detail = f"The PDF holds {content.hidden} words that nobody sees; they were not read."
        return reading.with_(problems=(*reading.problems, Problem(Code.LOW_CONFIDENCE, detail)), accepted=False)
    return reading


def _is_scanned(pages: Sequence[Page]) -> bool:
    """Return whether the pages are pictures: no page has text enough, and one has a large picture or nothing."""
    return all(len(page.words) < _FEWEST_WORDS for page in pages) and any(_pictured(page) for page in pages)


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
