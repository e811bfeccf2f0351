"""The words of a PDF page from its characters: those that are seen, those that are not, and those cut off."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import repeat
from statistics import median
from typing import Any

import pypdfium2.raw as raw

from parsers.formats import pdf_calls as calls
from parsers.formats.pdf_calls import Sides
from parsers.formats.pdf_drawn import Drawn, Place
from parsers.formats.pdf_refusal import PdfRefusedError
from parsers.formats.pdf_unseen import Layers
from parsers.page import Box, Word

MOST_CHARACTERS = 400_000
_SAMPLE = 200  # characters of a page
_ANGLES = 60  # characters of a page
_NOTHING = frozenset(map(ord, "\x00\ufeff\u200b\u200c\u200d\u00ad\ufffe\uffff"))
_HYPHEN = 2  # PDFium marks the hyphen at the end of a line so
_SEEN, _UNSEEN, _CUT, _ASIDE = range(4)
_RIGHT_TO_LEFT = ("\u0590", "\u08ff")


@dataclass
class Words:
    """The words of a page: ``hidden`` counts those that nobody sees, ``cut`` are those cut off by their own frame.

    ``count`` is the number of characters; ``unnamed`` tells that the PDF does not say which letters many of them are.
    """

    count: int
    unnamed: bool
    seen: list[Word] = field(default_factory=list)
    hidden: int = 0
    cut: list[str] = field(default_factory=list)


def words_of(page: Any, place: Place, size: tuple[float, float], drawn: Drawn) -> Words:
    """Return the words of a page that measures ``size``; raises PdfRefusedError where there are too many."""
    textpage = page.get_textpage()
    try:
        count = textpage.count_chars()
        if count > MOST_CHARACTERS:
            raise PdfRefusedError("A page of the PDF holds more text than any order.")
        text = calls.address_of(textpage.raw)
        found = Words(count, _are_unnamed(text, count))
        mixed = drawn.slanted or drawn.layers.unseen or drawn.layers.cut
        states = _states(textpage.raw, text, count, drawn.layers) if mixed else repeat(_SEEN, count)
        boxes: Iterable[Sides | None] = calls.loose_boxes(text, count)
        if page.get_rotation():
            boxes, place = map(_turned, boxes, repeat(place)), _flipped
        for letters, sides, state in _runs(calls.codes(text, count), boxes, states):
            _sort(found, Word(letters, place(*sides)), state, size)
        return found
    finally:
        textpage.close()


def _sort(found: Words, word: Word, state: int, size: tuple[float, float]) -> None:
    x0, top, x1, bottom = word.box
    if state == _CUT:
        found.cut.append(word.text)
    elif state == _SEEN and x0 < size[0] and top < size[1] and x1 > 0 and bottom > 0:
        found.seen.append(word)
    else:
        found.hidden += 1


def _are_unnamed(text: int, count: int) -> bool:
    """Return whether more than a few of a sample of characters have no letter that the PDF gives them."""
    sample = range(0, count, max(1, count // _SAMPLE))
    return calls.count_unmapped(text, sample) > len(sample) // 20


def _turned(box: Sides | None, place: Place) -> Sides | None:
    """Return where a character of a turned page is shown, heights counted upwards."""
    if box is None:
        return None
    left, top, right, bottom = box
    x0, y0, x1, y1 = place(left, bottom, right, top)
    return x0, -y0, x1, -y1


def _flipped(left: float, bottom: float, right: float, top: float) -> Box:
    return (left, -top, right, -bottom)


class _Letters(dict[int, str | None]):
    """The letter of each code: "" for a blank, None for what is no character; each is found out once."""

    def __missing__(self, code: int) -> str | None:
        letter: str | None = "-" if code == _HYPHEN else ""
        if code in _NOTHING:
            letter = None
        elif 32 < code < 0x110000 and not 0xD800 <= code < 0xE000:
            letter = chr(code).strip()
        self[code] = letter
        return letter


_LETTERS = _Letters()


def _runs(
    codes: Iterable[int], boxes: Iterable[Sides | None], states: Iterable[int]
) -> Iterator[tuple[str, Sides, int]]:
    """Yield text, box and state of each word: a blank, a jump, a change of line or state parts words.

    Boxes come as left, top, right, bottom and leave as left, bottom, right, top. One loop, for every character of
    every document passes through it.
    """
    letters: list[str] = []
    x0 = y0 = x1 = y1 = right = floor = height = 0.0
    last: Sides | None = None
    current = _SEEN
    start = 0  # of the letters of one glyph
    for code, box, state in zip(codes, boxes, states, strict=True):
        letter = _LETTERS[code]
        if letter is None or state == _ASIDE or (letter and box is None):
            continue
        if not letter or box is None:
            if letters:
                yield "".join(letters), (x0, y0, x1, y1), current
                letters = []
            continue
        left, top, end, bottom = box
        if letters and (
            state != current or not -2.5 * height <= left - right <= 0.3 * height or abs(bottom - floor) > 0.6 * height
        ):
            yield "".join(letters), (x0, y0, x1, y1), current
            letters = []
        if not letters:
            x0, y0, x1, y1, current, start = left, bottom, end, top, state, 0
        else:
            x0, y0 = left if left < x0 else x0, bottom if bottom < y0 else y0
            x1, y1 = end if end > x1 else x1, top if top > y1 else y1
            start = start if box == last else len(letters)
        if _RIGHT_TO_LEFT[0] <= letter <= _RIGHT_TO_LEFT[1]:
            letters.insert(start, letter)  # a ligature comes reversed
        else:
            letters.append(letter)
        last, right, floor = box, end, bottom
        height = top - bottom if top - bottom > 1.0 else 1.0
    if letters:
        yield "".join(letters), (x0, y0, x1, y1), current


def _states(handle: Any, text: int, count: int, layers: Layers) -> Iterator[int]:
    """Yield how each character of a page with mixed text is drawn, found out once per text object.

    Text that runs along a margin is left aside where most is written along the lines.
    """
    usual = _usual_angle(handle, count)
    known = -1
    state = _SEEN
    for index, thing in enumerate(calls.text_objects(text, count)):
        if thing != known:
            known = thing
            slant = abs(math.sin(raw.FPDFText_GetCharAngle(handle, index) - usual))
            state = _ASIDE if slant > 0.5 else _state(thing, layers)
        yield state


def _state(thing: int, layers: Layers) -> int:
    if thing in layers.unseen:
        return _UNSEEN
    return _CUT if thing in layers.cut else _SEEN


def _usual_angle(handle: Any, count: int) -> float:
    """Return the angle in which most characters are written, from a sample of them."""
    sample = [raw.FPDFText_GetCharAngle(handle, n) for n in range(0, count, max(1, count // _ANGLES))]
    return median(angle for angle in sample if angle >= 0) if any(angle >= 0 for angle in sample) else 0.0
