"""CSV files of an organisation's folder: rows with their line numbers, every wrong cell a fault.

UTF-8 with or without a byte order mark; the delimiter is a comma or a semicolon, whichever the header uses.
An apostrophe that keeps a spreadsheet from taking a cell for a formula is no part of its value.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from procurement.folder_data import Fault
from procurement.formulas import plain

T = TypeVar("T")
BOM = "\ufeff"


@dataclass(frozen=True)
class Columns:
    """The columns of one file: those a file must have and those it may have."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cells:
    """One row; reading a wrong cell adds a fault and answers None, so that all faults are found."""

    file: str
    line: int
    values: dict[str, str]
    faults: list[Fault]

    def fault(self, text: str) -> None:
        """Add a fault of this row."""
        self.faults.append(Fault(self.file, self.line, text))

    def optional(self, column: str, read: Callable[[str], T]) -> T | None:
        """Return what ``read`` makes of the cell, None where it is empty or wrong."""
        text = self.values.get(column, "")
        if not text:
            return None
        try:
            return read(text)
        except ValueError as error:
            self.fault(f"{column} {text[:80]!r} {error}")
            return None

    def needed(self, column: str, read: Callable[[str], T]) -> T | None:
        """Return what ``read`` makes of the cell; an empty one is a fault."""
        if not self.values.get(column):
            self.fault(f"{column} is empty")
            return None
        return self.optional(column, read)

    def several(self, column: str, read: Callable[[str], T], separator: str = ";") -> tuple[T, ...]:
        """Return the parts of a cell, each read; a wrong part adds a fault and is left out."""
        found: list[T] = []
        for part in (part.strip() for part in self.values.get(column, "").split(separator)):
            try:
                if part:
                    found.append(read(part))
            except ValueError as error:
                self.fault(f"{column} {part[:80]!r} {error}")
        return tuple(dict.fromkeys(found))


def decode(file: str, data: bytes, faults: list[Fault]) -> str | None:
    """Return the text of a file without its byte order mark; None, and a fault, where it is not UTF-8."""
    try:
        text = data.decode("utf-8").removeprefix(BOM)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        faults.append(Fault(file, line, "the text is not UTF-8; save the file as UTF-8"))
        return None
    if "\0" in text:
        faults.append(Fault(file, text.count("\n", 0, text.index("\0")) + 1, "the text holds a NUL character"))
        return None
    return text


def rows(file: str, data: bytes, columns: Columns, faults: list[Fault]) -> Iterator[Cells]:
    """Yield the rows of a file that fit its header; what does not adds to ``faults``."""
    text = decode(file, data, faults)
    if text is None:
        return
    try:
        yield from _rows(file, text, columns, faults)
    except csv.Error as error:
        faults.append(Fault(file, None, f"the file is not readable as CSV ({error})"))


def _rows(file: str, text: str, columns: Columns, faults: list[Fault]) -> Iterator[Cells]:
    lines = list(io.StringIO(text, newline=""))  # not at every sign that Unicode takes for an end of line
    delimiter = _delimiter(lines[0] if lines else "", columns)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    header = [name.strip().casefold() for name in next(reader, [])]
    if not _check_header(file, header, columns, faults):
        return
    start = reader.line_num + 1
    for values in reader:
        stripped = [plain(value.strip()) for value in values]
        if any(stripped):
            if len(stripped) == len(header):
                yield Cells(file, start, dict(zip(header, stripped, strict=True)), faults)
            else:
                detail = f"{len(stripped)} fields, but the header has {len(header)}"
                faults.append(Fault(file, start, f"{detail} (quote fields that hold a {delimiter!r})"))
        start = reader.line_num + 1


def _delimiter(header: str, columns: Columns) -> str:
    known = {*columns.required, *columns.optional}

    def fits(delimiter: str) -> int:
        return len(known & {name.strip(' "\r\n').casefold() for name in header.split(delimiter)})

    return max(",;", key=fits)


def _check_header(file: str, header: Sequence[str], columns: Columns, faults: list[Fault]) -> bool:
    known = {*columns.required, *columns.optional}
    before = len(faults)
    if not any(header):
        faults.append(Fault(file, 1, f"the header is missing; it names {', '.join(columns.required)}"))
        return False
    for name in columns.required:
        if name not in header:
            faults.append(Fault(file, 1, f"the column {name} is missing"))
    for name in dict.fromkeys(header):
        if name not in known:
            faults.append(Fault(file, 1, f"the column {name!r} is not known"))
        if header.count(name) > 1:
            faults.append(Fault(file, 1, f"the column {name!r} stands twice"))
    return len(faults) == before
