"""How a document was read, drawn on its page: a box around every value with its name beside it."""

from typing import Any

from parsers.reading import Evidence, Reading

SCALE = 1.6  # pixels per point
_COLOURS = {"lines": "#1f6feb", "totals": "#1a7f37", "fields": "#9a3a9a"}
_TOTALS = ("/net_total", "/tax_total", "/gross_total")


def draw_reading(data: bytes, reading: Reading, page: int = 1) -> Any:
    """Return page ``page`` (from 1) of a PDF as a picture with the evidence of ``reading`` drawn on it.

    Values without a place on that page are left out. Raises what opening the PDF raises.
    """
    from PIL import ImageDraw

    picture = _render(data, page)
    pen = ImageDraw.Draw(picture)
    for pointer, evidence in sorted(reading.evidence.items()):
        if evidence.page == page and evidence.box:
            _mark(pen, pointer, evidence)
    return picture


def _render(data: bytes, page: int) -> Any:
    from parsers.formats.pdf import open_pdf

    document = open_pdf(data)
    try:
        return document[page - 1].render(scale=SCALE).to_pil().convert("RGB")
    finally:
        document.close()


def _mark(pen: Any, pointer: str, evidence: Evidence) -> None:
    x0, top, x1, bottom = (value * SCALE for value in evidence.box or (0, 0, 0, 0))
    colour = _colour(pointer)
    pen.rectangle((x0 - 2, top - 2, x1 + 2, bottom + 2), outline=colour, width=2)
    pen.text((x0, top - 12), label_of(pointer), fill=colour)


def _colour(pointer: str) -> str:
    if pointer.startswith("/lines/"):
        return _COLOURS["lines"]
    return _COLOURS["totals"] if pointer in _TOTALS else _COLOURS["fields"]


def label_of(pointer: str) -> str:
    """Return the short name of a JSON pointer.

    >>> label_of("/lines/2/unit_price"), label_of("/net_total")
    ('3 unit price', 'net total')
    """
    parts = pointer.strip("/").split("/")
    if parts[0] == "lines" and len(parts) == 3:
        return f"{int(parts[1]) + 1} {parts[2].replace('_', ' ')}"
    return parts[-1].replace("_", " ")
