"""Values as TOML: what an export of an organisation's settings needs, and no more."""

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml(values: Mapping[str, Any], path: tuple[str, ...] = ()) -> str:
    """Return a table and those below it; keys whose value is None are left out, decimals become texts.

    >>> print(toml({"a": 1, "b": None, "t": {"x": "y"}, "r": [{"n": Decimal("1.50")}]}))
    a = 1
    <BLANKLINE>
    [t]
    x = "y"
    <BLANKLINE>
    [[r]]
    n = "1.50"
    <BLANKLINE>
    """
    plain = [f"{key} = {_value(value)}\n" for key, value in values.items() if value is not None and not _is_deep(value)]
    return "".join(plain) + "".join(
        _below(key, value, path) for key, value in values.items() if value is not None and _is_deep(value)
    )


def _below(key: str, value: Any, path: tuple[str, ...]) -> str:
    name = ".".join(map(_key, (*path, key)))
    if isinstance(value, Mapping):
        return f"\n[{name}]\n" + toml(value, (*path, key))
    return "".join(f"\n[[{name}]]\n" + toml(one, (*path, key)) for one in value)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False).replace("\x7f", "\\u007f")


def _is_deep(value: Any) -> bool:
    """Return whether a value is a table, or an array of tables."""
    return isinstance(value, Mapping) or (
        isinstance(value, list | tuple) and bool(value) and all(isinstance(one, Mapping) for one in value)
    )


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
