"""Text from outside made harmless for one line of plain text: a header, a fact, a list item."""

import re
import unicodedata

# Left-to-right marks, embeddings, overrides and isolates: they show a reader another order of letters.
BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
BLANK = frozenset({"Cc", "Cs", "Zl", "Zp", "Zs"})
_TOKEN = re.compile(r"\[#[A-Z2-7]{26}\]")  # procurement.approval.TOKEN


def cleaned(text: object) -> str:
    """Return ``text`` as one line: no control characters, bidi controls, surrogates or outer blanks.

    Every run of blanks, line breaks and control characters becomes one space.

    >>> cleaned("Screws\\r\\nBcc: x@example.org")
    'Screws Bcc: x@example.org'
    """
    whole = str(text)
    if whole.isascii() and whole.isprintable():
        return " ".join(whole.split())
    seen = (" " if unicodedata.category(char) in BLANK else char for char in whole if char not in BIDI_CONTROLS)
    return " ".join("".join(seen).split())


def without_controls(text: str) -> str:
    """Return ``text`` without control, bidi and surrogate characters; its line breaks stay."""
    return "\n".join(map(_kept, text.splitlines()))


def _kept(line: str) -> str:
    return "".join(
        char for char in line if char not in BIDI_CONTROLS and unicodedata.category(char) not in {"Cc", "Cs"}
    )


def without_tokens(text: str) -> str:
    """Return ``text`` with each token of an approval made unusable: only its mail shows it."""
    return _TOKEN.sub("[#…]", text)
