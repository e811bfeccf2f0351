"""Texts that a spreadsheet would take for a formula: marked where a file is written, plain again where it is read.

A cell (or what a spreadsheet that splits at semicolons would make a cell) is a formula where it begins with
one of ``= + - @`` or a tab. An apostrophe before it makes it a text; reading takes one apostrophe away.
"""

import re

_FORMULA = re.compile(r"(^|[;\r\n])(?='*[=+\-@\t])")
_MARKED = re.compile(r"(^|[;\r\n])'(?='*[=+\-@\t])")


def neutral(text: str) -> str:
    """Return the text as it is written into a cell.

    >>> neutral("=1+1"), neutral("+49 40 555"), neutral("M8 x 40 - zinc"), neutral("a;@b")
    ("'=1+1", "'+49 40 555", 'M8 x 40 - zinc', "a;'@b")
    """
    return _FORMULA.sub(r"\1'", text)


def plain(text: str) -> str:
    """Return the text that ``neutral`` marked; other texts stay as they are.

    >>> plain("'=1+1"), plain("'s-Hertogenbosch")
    ('=1+1', "'s-Hertogenbosch")
    """
    return _MARKED.sub(r"\1", text)
