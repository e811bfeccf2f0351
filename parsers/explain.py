"""How a document was read: its pages as pictures, and a box on them for every value, label and column.

Pages of PDFs and scans are shown as they look; sheets, tables and texts, which have no look of their own,
are drawn. Lengths of marks are shares of the page's width and height, so that they fit any size.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Self

from parsers.document import read_document_with
from parsers.lines import document_rows
from parsers.lines_header import find_headers
from parsers.page import Box, Page, Word, union
from parsers.page_reader import PageReader
from parsers.reading import Evidence, Reading
from parsers.several import parts_of

MOST_PAGES = 40
MOST_WORDS = 4_000  # of a page, that can be pointed at
_TOTALS = ("net_total", "tax_total", "gross_total")


@dataclass(frozen=True)
class Mark:
    """A box on a page: ``kind`` is line, total, field, column or problem; ``pointer`` is "" for a column."""

    pointer: str
    label: str
    kind: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class ShownWord:
    """A word on a page and where it stands, in shares of the page."""

    text: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class ShownPage:
    """A page as a PNG picture, the marks on it, and its words."""

    number: int
    width: int
    height: int
    png: bytes
    marks: tuple[Mark, ...]
    words: tuple[ShownWord, ...] = ()

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the page that ``Explained.as_dict`` described."""
        marks = tuple(Mark(**{**mark, "box": tuple(mark["box"])}) for mark in values["marks"])
        words = tuple(ShownWord(word["text"], tuple(word["box"])) for word in values["words"])
        return cls(**{**values, "png": base64.b64decode(values["png"]), "marks": marks, "words": words})


@dataclass(frozen=True)
class Explained:
    """A Reading and the pages it was read from, none where the format has none or nothing could be read."""

    reading: Reading
    pages: tuple[ShownPage, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        pages = [asdict(page) | {"png": base64.b64encode(page.png).decode()} for page in self.pages]
        return {"reading": self.reading.as_dict(), "pages": pages}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return what ``as_dict`` described."""
        return cls(Reading.from_dict(values["reading"]), tuple(map(ShownPage.from_dict, values["pages"])))


@dataclass
class _Recorder:
    """Reads pages and keeps the last of them that were read."""

    reader: PageReader
    pages: Sequence[Page] = field(default=())
    exact: bool = True

    def __call__(self, pages: Sequence[Page], exact: bool = True) -> Reading:
        self.pages, self.exact = pages, exact
        return self.reader(pages, exact)


def explain_document(
    data: bytes,
    name: str | None,
    media_type: str | None,
    today: date | None = None,
    evidence: Mapping[str, Evidence] | None = None,
) -> Explained:
    """Return what the document ``data`` says and how its pages were read; never raises.

    ``evidence`` is shown in place of what is found now, where the document was read before.
    """
    recorder = _Recorder(PageReader(today))
    reading = read_document_with(recorder, data, name, media_type)
    marked = reading if evidence is None else Reading(evidence=evidence)
    return Explained(reading, tuple(_shown(data, recorder.pages[:MOST_PAGES], recorder.exact, marked)))


def explain_text(text: str, reading: Reading) -> tuple[ShownPage, ...]:
    """Return the own words of a mail as a page with the values of ``reading`` that were read from them."""
    from parsers.formats.text_table import text_page

    page = text_page(text)
    spoken = {
        pointer: evidence
        for pointer, evidence in reading.evidence.items()
        if evidence.span and text[slice(*evidence.span)].split() == evidence.text.split()
    }
    return tuple(_shown(b"", [page], True, reading.with_(evidence=spoken))) if page.words else ()


def _shown(data: bytes, pages: Sequence[Page], exact: bool, reading: Reading) -> Iterator[ShownPage]:
    from parsers.explain_picture import picture_of, png_of

    columns = list(_columns(pages)) if pages else []
    for page in pages:
        picture, place = picture_of(data, page, exact)
        marks = [*_marks(page, reading), *((p, m) for p, m in columns if p == page.number)]
        shares = tuple(Mark(m.pointer, m.label, m.kind, place(m.box)) for _, m in marks)
        words = tuple(ShownWord(word.text, place(word.box)) for word in page.words[:MOST_WORDS])
        yield ShownPage(page.number, picture.width, picture.height, png_of(picture), shares, words)


def _columns(pages: Sequence[Page]) -> Iterator[tuple[int, Mark]]:
    for group in parts_of(pages).documents:
        for header in find_headers(document_rows(group)):
            for column in header.columns:
                yield header.page, Mark("", f"column {column.role or 'unknown'}", "column", column.box)


def _marks(page: Page, reading: Reading) -> Iterator[tuple[int, Mark]]:
    doubted = {problem.at for problem in reading.problems if problem.at}
    for pointer, evidence in sorted(evidence_of(reading).items()):
        box = _box(page, evidence)
        if box:
            yield (
                page.number,
                Mark(pointer, label_of(pointer), "problem" if pointer in doubted else kind_of(pointer), box),
            )


def evidence_of(reading: Reading) -> dict[str, Evidence]:
    """Return the evidence of a Reading and of the documents in it, by pointer."""
    nested = {
        f"/documents/{n}{pointer}": evidence
        for n, document in enumerate(reading.documents)
        for pointer, evidence in document.evidence.items()
    }
    return {**reading.evidence, **nested}


def _box(page: Page, evidence: Evidence) -> Box | None:
    if evidence.part is not None:
        return None
    if evidence.span:
        return _box_of_span(page.words, *evidence.span)
    return evidence.box if evidence.page == page.number else None


def _box_of_span(words: Sequence[Word], start: int, end: int) -> Box | None:
    boxes = [word.box for word in words if word.span and word.span[0] < end and word.span[1] > start]
    return union(boxes) if boxes else None


def kind_of(pointer: str) -> str:
    """Return what the value at ``pointer`` is: line, total or field."""
    parts = pointer.strip("/").split("/")
    if "lines" in parts:
        return "line"
    return "total" if parts[-1] in _TOTALS else "field"


def label_of(pointer: str) -> str:
    """Return the short name of a JSON pointer.

    >>> label_of("/lines/2/unit_price"), label_of("/lines/2"), label_of("/net_total")
    ('3 unit price', 'line 3', 'net total')
    """
    parts = pointer.strip("/").split("/")
    name = parts[-1].replace("_", " ")
    if len(parts) > 1 and parts[-2] == "lines":
        return f"line {int(name) + 1}"
    return f"{int(parts[-2]) + 1} {name}" if len(parts) > 2 and parts[-3] == "lines" else name
