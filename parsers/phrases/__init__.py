"""Phrases of many languages, as data: one TOML file for each task."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load(name: str) -> Mapping[str, Any]:
    """Return the tables of ``name``.toml."""
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def any_of(patterns: Iterable[str]) -> str:
    """Return one regular expression that matches any of ``patterns``, longest first."""
    return "(?:" + "|".join(sorted(patterns, key=len, reverse=True)) + ")"


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return ``pattern`` compiled once, without regard to case."""
    return re.compile(pattern, re.IGNORECASE)
