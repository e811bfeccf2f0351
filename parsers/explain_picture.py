"""The pictures of pages on which is shown how they were read: as they look, or drawn from their words."""

import io
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from parsers.page import GRID_COLUMN, GRID_ROW, Box, Page

PIXELS_PER_POINT = 1.6
_MOST_PIXELS = 12_000_000
_TALLEST = 6_000  # pixels of a drawn page; more is cut off
_WIDEST_TEXT = 2_600
_SIZE, _ADVANCE, _ROW, _PAD = 14, 8.43, 24, 10  # pixels: letters, their width, a row, the edge
_MOST_LETTERS = 46  # of a cell
_INK, _GRID = "#1f2328", "#d0d7de"
COLOURS = {"line": "#1f6feb", "total": "#1a7f37", "field": "#8250df", "column": "#6e7781", "problem": "#cf222e"}

Place = Callable[[Box], Box]


def picture_of(data: bytes, page: Page, exact: bool) -> tuple[Any, Place]:
    """Return the picture of ``page`` and the function from its boxes to shares of the picture."""
    if page.gridded:
        return _grid(page)
    if any(word.span for word in page.words[:1]):
        return _text(page)
    return _look(data, page, exact), lambda box: _shares(box, page.width, page.height)


def _shares(box: Box, width: float, height: float) -> Box:
    x0, top, x1, bottom = (min(max(v / s, 0.0), 1.0) for v, s in zip(box, (width, height) * 2, strict=True))
    return (round(x0, 5), round(top, 5), round(x1, 5), round(bottom, 5))


def _look(data: bytes, page: Page, exact: bool) -> Any:
    """Return how a page of a PDF or a scan looks; blank paper where it cannot be shown."""
    from parsers.formats.pdf import render
    from parsers.formats.pdf_refusal import PdfRefusedError
    from parsers.formats.picture import PictureRefusedError, upright_picture

    size = (max(1, round(page.width * PIXELS_PER_POINT)), max(1, round(page.height * PIXELS_PER_POINT)))
    if size[0] * size[1] > _MOST_PIXELS:
        return Image.new("RGB", (600, 800), "white")
    try:
        if exact:
            return render(data, page.number, PIXELS_PER_POINT)
        return upright_picture(data, page.number).convert("RGB").resize(size)
    except (PdfRefusedError, PictureRefusedError):
        return Image.new("RGB", size, "white")


def _grid(page: Page) -> tuple[Any, Place]:
    """Return a sheet as a table, its columns as wide as their texts."""
    widths: dict[int, float] = {}
    for word in page.words:
        column = int(word.box[0] // GRID_COLUMN)
        letters = min(len(word.text), _MOST_LETTERS)
        widths[column] = max(widths.get(column, 24.0), _ADVANCE * letters + 12)
    edges = [float(_PAD)]
    for column in range(max(widths, default=0) + 1):
        edges.append(edges[-1] + widths.get(column, 24.0))
    height = min(_TALLEST, round(page.height / GRID_ROW) * _ROW + 2 * _PAD)
    picture = Image.new("RGB", (round(edges[-1]) + _PAD, max(height, 40)), "white")

    def pixels(box: Box) -> Box:
        first, last = int(box[0] // GRID_COLUMN), int(box[2] // GRID_COLUMN)
        top, bottom = int(box[1] // GRID_ROW), int(box[3] // GRID_ROW)
        return (
            edges[min(first, len(edges) - 1)],
            _PAD + _ROW * top,
            edges[min(last + 1, len(edges) - 1)],
            _PAD + _ROW * (bottom + 1),
        )

    _draw(picture, [(word.text[:_MOST_LETTERS], pixels(word.box)) for word in page.words], framed=True)
    return picture, lambda box: _shares(pixels(box), *picture.size)


def _text(page: Page) -> tuple[Any, Place]:
    """Return a text in a font of equal widths, as the reader of its columns saw it."""
    across, down = _ADVANCE / 5.0, _ROW / 12.0
    size = (
        min(_WIDEST_TEXT, round(page.width * across) + 2 * _PAD),
        min(_TALLEST, round(page.height * down) + 2 * _PAD),
    )
    picture = Image.new("RGB", (max(size[0], 300), max(size[1], 40)), "white")

    def pixels(box: Box) -> Box:
        return (_PAD + box[0] * across, _PAD + box[1] * down, _PAD + box[2] * across, _PAD + box[3] * down)

    _draw(picture, [(word.text, pixels(word.box)) for word in page.words], framed=False)
    return picture, lambda box: _shares(pixels(box), *picture.size)


def _draw(picture: Any, cells: Sequence[tuple[str, Box]], *, framed: bool) -> None:
    pen = ImageDraw.Draw(picture)
    for text, box in cells:
        if box[1] > picture.height or box[0] > picture.width:
            continue
        if framed:
            pen.rectangle(box, outline=_GRID)
        pen.text((box[0] + (5 if framed else 0), box[1] + 3), text, fill=_INK, font=_font(_SIZE))


@lru_cache(maxsize=4)
def _font(size: int) -> Any:
    data = resources.files("templates").joinpath("fonts/DejaVuSansMono.ttf").read_bytes()
    return ImageFont.truetype(io.BytesIO(data), size)


def png_of(picture: Any) -> bytes:
    """Return a picture as the bytes of a PNG with few colours, so that many pages stay small."""
    buffer = io.BytesIO()
    picture.quantize(64).save(buffer, "PNG", optimize=False)
    return buffer.getvalue()


def marked_png(png: bytes, marks: Sequence[tuple[str, str, Box]]) -> bytes:
    """Return a page's picture with a box and a label for each of ``marks``: (label, kind, box in shares)."""
    with Image.open(io.BytesIO(png)) as opened:
        picture = opened.convert("RGB")
    pen = ImageDraw.Draw(picture)
    labels: dict[Box, list[str]] = {}
    for label, kind, box in marks:
        labels.setdefault(box, []).append(label)
        x0, top, x1, bottom = (v * s for v, s in zip(box, picture.size * 2, strict=True))
        pen.rectangle((x0 - 2, top - 2, x1 + 2, bottom + 2), outline=COLOURS[kind], width=2)
    kinds = {box: kind for _, kind, box in reversed(marks)}
    for box, names in labels.items():
        place = (box[0] * picture.width, max(0.0, box[1] * picture.height - 14))
        pen.text(place, ", ".join(names), fill=COLOURS[kinds[box]], font=_font(10))
    return png_of(picture)
