"""Delimited text as a gridded page: separator, encoding and convention found from the text itself."""

import csv
import io
from collections import Counter

from parsers.page import Page, grid_page

_SEPARATORS = (";", "\t", ",", "|")
_SAMPLE = 60


def decode(data: bytes) -> str:
    """Return text in UTF-8 or UTF-16 by its mark or its validity, else in Windows-1252."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def separator_of(text: str) -> str | None:
    """Return the sign that parts most lines into the same number of cells, at least two; None if none does."""
    lines = [line for line in text.splitlines()[:_SAMPLE] if line.strip()]
    best: tuple[float, str | None] = (0.0, None)
    for separator in _SEPARATORS:
        counts = Counter(len(row) for row in _rows("\n".join(lines), separator))
        usual, share = max(((n, c) for n, c in counts.items() if n > 1), key=lambda p: p[0] * p[1], default=(0, 0))
        if share * 2 > len(lines) or (usual > 2 and share > 2):
            best = max(best, (usual * share / len(lines), separator), key=lambda b: b[0])
    return best[1]


def _rows(text: str, separator: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    try:
        return list(reader)
    except csv.Error:
        return []


def read_csv(data: bytes) -> tuple[Page, ...]:
    """Return the table as one gridded page; empty if the text is no table."""
    text = decode(data)
    separator = separator_of(text)
    if separator is None:
        return ()
    return (grid_page([[" ".join(cell.split()) for cell in row] for row in _rows(text, separator)]),)
