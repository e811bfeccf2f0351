"""Scanned pages: pictures set upright, recognised by Tesseract, and read like any other page.

Tesseract runs as a program of its own where it is installed; where it is not, the problem says so.
"""

import io
import itertools
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from functools import lru_cache
from statistics import median
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from parsers.page import Box, Page, Word
from parsers.page_reader import ReadPages
from parsers.reading import Reading
from records.problems import Code, Problem

MOST_PIXELS = 60_000_000
MOST_SCANNED_PAGES = 12
DOTS_PER_INCH = 300
_WANTED = ("eng", "deu", "fra", "spa", "ita", "nld", "por", "pol", "swe", "dan", "nor", "fin", "ces")
_SECONDS = 60
_TALLEST = 60.0  # points
_INK, _STRIPS, _FULL, _SHORTEST, _THICK = 150, 90, 170, 6, 6  # grey; strips across; dark strip; strips; pixels
_LOWEST_CONFIDENCE = 20.0
_NARROW = 1200  # pixels; smaller pictures are enlarged
_LARGEST_SKEW, _SKEW_STEP = 5.0, 0.25


class PictureRefusedError(ValueError):
    """The picture cannot be read; the message says why."""


def read_picture(data: bytes, read_pages: ReadPages) -> Reading:
    """Return what a picture (each frame of a TIFF) says; raises PictureRefusedError."""
    pictures = [_grey(frame) for frame in _frames(data)]
    return _read(
        pictures, [(p.width * 72 / DOTS_PER_INCH, p.height * 72 / DOTS_PER_INCH) for p in pictures], read_pages
    )


def read_scanned_pdf(data: bytes, read_pages: ReadPages) -> Reading:
    """Return what the pictures of a PDF's pages say."""
    document = _open(data)
    try:
        shown = [_render(document, index) for index in range(min(len(document), MOST_SCANNED_PAGES))]
        left = len(document) - len(shown)
    finally:
        document.close()
    reading = _read([picture for picture, _ in shown], [size for _, size in shown], read_pages)
    if left:
        detail = f"The last {left} pages of the PDF are pictures; what they say was not read."
        reading = reading.with_(problems=(*reading.problems, Problem(Code.LOW_CONFIDENCE, detail)), accepted=False)
    return reading


def upright_picture(data: bytes, number: int) -> Any:
    """Return page ``number`` (from 1) of a picture or a scanned PDF as it was recognised: upright and level."""
    if b"%PDF" not in data[:1024]:
        return _upright(_grey(next(itertools.islice(_frames(data), number - 1, None))))
    document = _open(data)
    try:
        return _upright(_render(document, number - 1)[0])
    finally:
        document.close()


def _open(data: bytes) -> Any:
    from parsers.formats.pdf import open_pdf

    return open_pdf(data)


def _render(document: Any, index: int) -> tuple[Any, tuple[float, float]]:
    page = document[index]
    try:
        width, height = page.get_size()
        if width * height * (DOTS_PER_INCH / 72) ** 2 > MOST_PIXELS:
            raise PictureRefusedError("A page of the PDF is too large to be recognised.")
        return page.render(scale=DOTS_PER_INCH / 72, grayscale=True).to_pil(), (width, height)
    finally:
        page.close()


def _read(pictures: Sequence[Any], sizes: Sequence[tuple[float, float]], read_pages: ReadPages) -> Reading:
    if not engine():
        return _unread("No program that recognises text in pictures (Tesseract) is installed here.")
    pages = [_page(picture, size, n) for n, (picture, size) in enumerate(zip(pictures, sizes, strict=True), 1)]
    if not any(page.words for page in pages):
        return _unread("No text was recognised in the picture.")
    return read_pages(pages, exact=False)


def _unread(detail: str) -> Reading:
    return Reading(problems=(Problem(Code.UNREADABLE, detail),))


def _frames(data: bytes) -> Iterator[Any]:
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with Image.open(io.BytesIO(data)) as picture:
            for index in range(min(getattr(picture, "n_frames", 1), MOST_SCANNED_PAGES)):
                picture.seek(index)
                if picture.width * picture.height > MOST_PIXELS:
                    raise PictureRefusedError("The picture is too large to be recognised.")
                yield ImageOps.exif_transpose(picture).convert("RGB") if picture.mode != "L" else picture.copy()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise PictureRefusedError(f"The picture cannot be read: {str(error)[:100]}.") from None


def _grey(picture: Any) -> Any:
    grey = ImageOps.autocontrast(picture.convert("L"))
    if grey.width < _NARROW:
        scale = min(3.0, _NARROW / max(grey.width, 1))
        grey = grey.resize((round(grey.width * scale), round(grey.height * scale)), Image.Resampling.LANCZOS)
    return grey


@lru_cache(maxsize=1)
def engine() -> str | None:
    """Return the path of Tesseract, None where it is not installed."""
    return shutil.which("tesseract")


@lru_cache(maxsize=1)
def _languages() -> str:
    done = subprocess.run(
        [engine() or "tesseract", "--list-langs"], capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    there = set(done.stdout.split())
    return "+".join(name for name in _WANTED if name in there) or "eng"


def _run(picture: Any, *options: str) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    command = [engine() or "tesseract", "stdin", "stdout", "--dpi", str(DOTS_PER_INCH), *options]
    try:
        done = subprocess.run(command, input=buffer.getvalue(), capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise PictureRefusedError("Recognising the picture took too long.") from None
    return done.stdout.decode("utf-8", "replace")


def _page(picture: Any, size: tuple[float, float], number: int) -> Page:
    upright = _upright(picture)
    width, height = size if (upright.width > upright.height) == (size[0] > size[1]) else (size[1], size[0])
    scale = width / upright.width
    clean, lines = _without_rulings(upright)
    table = _run(clean, "-l", _languages(), "--psm", "6", "-c", "preserve_interword_spaces=1", "tsv")
    words = tuple(_words(table, scale))
    return Page(number, width, height, words, tuple(_scaled(line, scale) for line in lines))


def _upright(picture: Any) -> Any:
    return _deskewed(_turned(picture))


def _turned(picture: Any) -> Any:
    """Return the picture turned by the quarter turns that orientation detection finds."""
    told = _run(picture, "--psm", "0", "-l", "osd")
    facts = dict(line.split(":", 1) for line in told.splitlines() if ":" in line)
    turn, sure = int(facts.get("Rotate", "0")), float(facts.get("Orientation confidence", "0"))
    return picture.rotate(-turn, expand=True, fillcolor=255) if turn and sure > 1.5 else picture


def _deskewed(picture: Any) -> Any:
    """Return the picture turned by the small angle under which its lines are most distinct."""
    small = ImageOps.invert(picture).resize((600, max(1, round(picture.height * 600 / picture.width))))
    steps = round(_LARGEST_SKEW / _SKEW_STEP)
    angles = [step * _SKEW_STEP for step in range(-steps, steps + 1)]
    best = max(angles, key=lambda angle: (_distinctness(small.rotate(angle, fillcolor=0)), -abs(angle)))
    return picture.rotate(best, expand=False, fillcolor=255, resample=Image.Resampling.BICUBIC) if best else picture


def _distinctness(picture: Any) -> float:
    """Return how much neighbouring rows of pixels differ in ink."""
    profile = picture.resize((1, picture.height), Image.Resampling.BOX).tobytes()
    return float(sum((a - b) ** 2 for a, b in itertools.pairwise(profile)))


def _words(table: str, scale: float) -> Iterator[Word]:
    """Yield the recognised words; those of one line share its top and bottom."""
    lines: dict[tuple[str, ...], list[tuple[str, Box]]] = {}
    for line in table.splitlines()[1:]:
        cells = line.split("\t")
        if len(cells) != 12 or cells[0] != "5" or float(cells[10]) < _LOWEST_CONFIDENCE:
            continue
        text = cells[11].strip().strip("|_[]{}")
        x, y, width, height = (int(cell) * scale for cell in cells[6:10])
        if text and height < _TALLEST:
            lines.setdefault(tuple(cells[1:5]), []).append((text, (x, y, x + width, y + height)))
    for found in lines.values():
        yield from _levelled(found)


def _levelled(line: Sequence[tuple[str, Box]]) -> Iterator[Word]:
    tall = [box for text, box in line if any(map(str.isalnum, text))] or [box for _, box in line]
    top, bottom = median(box[1] for box in tall), median(box[3] for box in tall)
    top, bottom = top - 0.1 * (bottom - top), bottom + 0.1 * (bottom - top)
    for text, box in line:
        level = abs((box[1] + box[3]) / 2 - (top + bottom) / 2) < bottom - top
        yield Word(text, (box[0], top, box[2], bottom) if level else box)


def _without_rulings(picture: Any) -> tuple[Any, list[Box]]:
    """Return the picture with its long straight lines wiped out, and where these were, in pixels."""
    dark = picture.point(lambda value: 255 if value < _INK else 0)
    clean = picture.copy()
    found: list[Box] = []
    for box in [
        *_level_lines(dark),
        *(_turned_box(b) for b in _level_lines(dark.transpose(Image.Transpose.TRANSPOSE))),
    ]:
        x0, y0, x1, y1 = (round(value) for value in box)
        clean.paste(255, (max(x0 - 1, 0), max(y0 - 2, 0), x1 + 1, y1 + 2))
        found.append(box)
    return clean, found


def _turned_box(box: Box) -> Box:
    return (box[1], box[0], box[3], box[2])


def _level_lines(dark: Any) -> Iterator[Box]:
    """Yield the thin stretches of a row of pixels that are dark through many neighbouring strips."""
    width = dark.width / _STRIPS
    pixels = dark.resize((_STRIPS, dark.height), Image.Resampling.BOX).tobytes()
    thin = [
        [_is_thin(pixels, y, n) for n in range(_STRIPS)]
        if max(pixels[y * _STRIPS : (y + 1) * _STRIPS]) >= _FULL
        else []
        for y in range(dark.height)
    ]
    for y, strips in enumerate(thin):
        for start, end in _long_runs(strips):
            yield (start * width, y, end * width, y + 1)


def _is_thin(pixels: bytes, y: int, strip: int) -> bool:
    """Return whether a strip is dark at ``y`` and light a little above and beneath."""
    around = (pixels[k * _STRIPS + strip] for k in (y - _THICK, y + _THICK) if 0 <= k * _STRIPS + strip < len(pixels))
    return pixels[y * _STRIPS + strip] >= _FULL and all(value < _FULL / 4 for value in around)


def _long_runs(strips: Sequence[bool]) -> Iterator[tuple[int, int]]:
    start: int | None = None
    for n, full in enumerate([*strips, False]):
        if full:
            start = n if start is None else start
        elif start is not None:
            if n - start >= _SHORTEST:
                yield start, n
            start = None


def _scaled(box: Box, scale: float) -> Box:
    return (box[0] * scale, box[1] * scale, box[2] * scale, box[3] * scale)
