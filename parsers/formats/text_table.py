"""Tables in plain text: columns aligned by blanks, or parted by bars as in Markdown, tabs or semicolons.

Each character is ten points wide and each line twelve high, so that the reader of pages sees columns;
words carry their place in the text.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from itertools import islice

from parsers.page import Page, Word
from parsers.page_reader import MOST_WORDS
from parsers.reading import Reading

_CHARACTER, _LINE = 5.0, 12.0
_TAB = 8
_RULE = re.compile(r"^[\s|+:=_*-]+$")
_BARRED = re.compile(r"[^|\t\s](?:[^|\t\n]*?[^|\t\s])?(?=\s*(?:[|\t]|$))|[^\s|\t]+")
_BLANKED = re.compile(r"\S+")


def read_text_tables(text: str, today: date | None = None) -> Reading:
    """Return what the aligned tables of ``text`` and its labelled values say; evidence is given as spans."""
    from parsers.assemble import read_pages

    page = text_page(text)
    return read_pages((page,), today) if page.words else Reading()


def text_page(text: str) -> Page:
    """Return ``text`` as a page of words at the place where a fixed-width font shows them."""
    words: list[Word] = []
    start = 0
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if not _RULE.match(line):
            words.extend(islice(_line_words(line, start, number), MOST_WORDS + 1 - len(words)))
        start += len(line) + 1
    width = max((w.box[2] for w in words), default=0.0)
    return Page(1, width, _LINE * len(lines), tuple(words))


def _line_words(line: str, start: int, number: int) -> Iterator[Word]:
    top = _LINE * number
    barred = line.count("|") > 1 or "\t" in line
    place = _places(line)
    for match in (_BARRED if barred else _BLANKED).finditer(line):
        x0 = _CHARACTER * place(match.start())
        x1 = x0 + _CHARACTER * max(1, len(match.group())) - 0.5
        yield Word(match.group(), (x0, top, x1, top + 10), (start + match.start(), start + match.end()))


def _places(line: str) -> Callable[[int], int]:
    """Return the function from the index of a character to its column, tabs opened out."""
    if "\t" not in line:
        return lambda index: index
    columns: list[int] = []
    column = 0
    for char in line:
        columns.append(column)
        column = (column // _TAB + 1) * _TAB if char == "\t" else column + 1
    return columns.__getitem__
