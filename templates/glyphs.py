"""Which characters can be printed: those for which a bundled font has a glyph.

A single character without a glyph makes a whole font's text unreadable for some PDF readers, so it is
replaced by a visible mark before rendering and can be reported.
"""

import os
import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont

FONTS = Path(__file__).parent / "fonts"
LONGEST_WORD = 200
ENDLESS_WORD = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")
MARK = "\ufffd"  # drawn as a question mark in a diamond: the reader sees that something is missing

# Marks of reading direction, joiners and variation selectors change how neighbours look and print nothing.
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
SELECTORS = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))


def use_bundled_fonts() -> None:
    """Point fontconfig at the bundled fonts alone; it must happen before WeasyPrint is imported."""
    os.environ["FONTCONFIG_FILE"] = str(FONTS / "fonts.conf")


@cache
def _covered() -> frozenset[int]:
    points: set[int] = set()
    for path in sorted(FONTS.glob("*.ttf")):
        with TTFont(path, lazy=True) as font:
            points.update(font.getBestCmap())
    return frozenset(points)


def uncovered(text: str) -> frozenset[str]:
    """Return the visible characters of ``text`` that no bundled font can draw; empty means all print."""
    shown = {char for char in text if not _is_invisible(char)}
    return frozenset(char for char in shown if ord(char) not in _covered() and not char.isspace())


def printable(text: str) -> str:
    """Return ``text`` as it can be printed.

    Controls, direction marks and joiners disappear, any kind of blank becomes a plain one (a
    no-break space stays), and each character without a glyph becomes U+FFFD. Line breaks stay. Words of more than 200
    characters get invisible places to break.
    """
    if not (text.isascii() and text.isprintable()):
        text = "".join(map(_printed, unicodedata.normalize("NFC", text)))
    return text if len(text) <= LONGEST_WORD else ENDLESS_WORD.sub(_breakable, text)


def _breakable(word: re.Match[str]) -> str:
    """Return an endless word with a place to break every few characters: layout stays linear."""
    whole = word[0]
    return "\u200b".join(whole[start : start + 30] for start in range(0, len(whole), 30))


@lru_cache(maxsize=65536)
def _printed(char: str) -> str:
    if char in "\n\u00a0":
        return char
    if char.isspace():
        return " "
    if _is_invisible(char):
        return ""
    return char if ord(char) in _covered() else MARK


def _is_invisible(char: str) -> bool:
    return char in SELECTORS or (unicodedata.category(char) in INVISIBLE and not char.isspace())
