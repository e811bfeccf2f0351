"""TOML files of an organisation's folder: tables with the lines of their keys, every wrong value a fault."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from procurement.folder_csv import decode
from procurement.folder_data import Fault

T = TypeVar("T")
Path = tuple[str | int, ...]
# Keys whose value is never told, because it may be the very secret that should not stand there.
SECRETS = frozenset({"password", "client_secret", "certificate", "refresh_token", "service_account"})
_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]\]?")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)(?:\.[A-Za-z0-9_.-]+)?\s*=")
_AT_LINE = re.compile(r"\s*\(at line (\d+), column \d+\)")


@dataclass(frozen=True)
class Table:
    """One table; reading a wrong value adds a fault and answers None, so that all faults are found."""

    file: str
    values: dict[str, Any]
    lines: dict[Path, int]
    faults: list[Fault]
    path: Path = ()
    read_keys: set[str] = field(default_factory=set)

    def fault(self, text: str, key: str | None = None) -> None:
        """Add a fault at the line of ``key``, or of the table where that is not known."""
        line = self.lines.get((*self.path, key)) if key else None
        self.faults.append(Fault(self.file, line or self.lines.get(self.path), text))

    def optional(self, key: str, read: Callable[[str], T]) -> T | None:
        """Return what ``read`` makes of a text (or number), None where it is absent, empty or wrong."""
        value = self._value(key)
        if value is None or value == "":
            return None
        if type(value) is date:
            value = value.isoformat()
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            self.fault(f'{key} must be a text, as in {key} = "..."', key)
            return None
        return self._read(key, value.strip() if isinstance(value, str) else format(value, "f"), read)

    def needed(self, key: str, read: Callable[[str], T]) -> T | None:
        """Return what ``read`` makes of a text; a fault where it is absent."""
        if self.values.get(key) in (None, ""):
            self._value(key)
            self.fault(f"{key} is missing")
            return None
        return self.optional(key, read)

    def several(self, key: str, read: Callable[[str], T]) -> tuple[T, ...] | None:
        """Return the texts of a list, each read; None where the key is absent."""
        value = self._value(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.fault(f'{key} must be a list of texts, as in {key} = ["..."]', key)
            return ()
        found = [self._read(key, one.strip(), read) for one in value]
        return tuple(dict.fromkeys(one for one in found if one is not None))

    def whole(self, key: str, lowest: int, highest: int) -> int | None:
        """Return a whole number within bounds (inclusive), None where it is absent or wrong."""
        value = self._value(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            self.fault(f"{key} must be a whole number from {lowest} to {highest}", key)
            return None
        return value

    def wholes(self, key: str, lowest: int, highest: int) -> tuple[int, ...] | None:
        """Return an ascending list of whole numbers within bounds, None where it is absent or wrong."""
        value = self._value(key)
        if value is None:
            return None
        fits = isinstance(value, list) and all(type(one) is int and lowest <= one <= highest for one in value)
        if not fits or value != sorted(set(value)):
            self.fault(f"{key} must be an ascending list of whole numbers from {lowest} to {highest}", key)
            return None
        return tuple(value)

    def truth(self, key: str) -> bool:
        """Return true or false; false where it is absent."""
        value = self._value(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        self.fault(f"{key} must be true or false", key)
        return False

    def table(self, key: str) -> "Table | None":
        """Return the table under ``key``, None where it is absent."""
        value = self._value(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.fault(f"{key} must be a table, as in [{key}]", key)
            return None
        return Table(self.file, value, self.lines, self.faults, (*self.path, key))

    def tables(self, key: str) -> "tuple[Table, ...]":
        """Return the tables of the array under ``key``, none where it is absent."""
        value = self._value(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.fault(f"{key} must be given as [[{key}]]", key)
            return ()
        return tuple(
            Table(self.file, one, self.lines, self.faults, (*self.path, key, index)) for index, one in enumerate(value)
        )

    def finish(self) -> None:
        """Add a fault for every key that nothing has asked for."""
        for key in self.values:
            if key not in self.read_keys:
                self.fault(f"the key {key!r} is not known", key)

    def _value(self, key: str) -> Any:
        self.read_keys.add(key)
        return self.values.get(key)

    def _read(self, key: str, text: str, read: Callable[[str], T]) -> T | None:
        try:
            return read(text)
        except ValueError as error:
            told = key if key in SECRETS else f"{key} {text[:80]!r}"
            self.fault(f"{told} {error}", key)
            return None


def read_toml(file: str, data: bytes, faults: list[Fault]) -> Table | None:
    """Return the root table of a file; None, and a fault, where it is not TOML."""
    text = decode(file, data, faults)
    if text is None:
        return None
    try:
        values = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, InvalidOperation, RecursionError) as error:
        at = _AT_LINE.search(str(error))
        detail = _AT_LINE.sub("", str(error))
        faults.append(Fault(file, int(at.group(1)) if at else None, f"the file is not TOML ({detail})"))
        return None
    return Table(file, values, key_lines(text), faults)


def key_lines(text: str) -> dict[Path, int]:
    """Return the line of each table header and of each key that begins a line.

    >>> key_lines('a = 1\\n[[rule]]\\nname = "x"')
    {('a',): 1, ('rule',): 2, ('rule', 0): 2, ('rule', 0, 'name'): 3}
    """
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    path: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            path = _opened(header.group(2).split("."), header.group(1) == "[[", counts)
            if header.group(1) == "[[":
                lines.setdefault(path[:-1], number)
            lines.setdefault(path, number)
        elif key := _KEY.match(line):
            lines.setdefault((*path, key.group(1)), number)
    return lines


def _opened(names: list[str], is_array: bool, counts: dict[Path, int]) -> Path:
    path: Path = ()
    for name in names[:-1]:
        path = (*path, name)
        if path in counts:
            path = (*path, counts[path] - 1)
    path = (*path, names[-1])
    if is_array:
        counts[path] = counts.get(path, 0) + 1
        path = (*path, counts[path] - 1)
    return path
