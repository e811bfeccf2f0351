"""The sandboxed Jinja environments: the only place where a template meets a value from outside."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from templates.glyphs import printable
from templates.language import Language
from templates.plain import cleaned, without_controls

HERE = Path(__file__).parent


def _environment(autoescape: bool, **options: Any) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(HERE),
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        **options,
    )
    environment.globals.clear()  # no range, no namespace, no lipsum: templates only show what they are given
    return environment


@cache
def print_environment() -> ImmutableSandboxedEnvironment:
    """Return the environment of printed pages: HTML, each value reduced to what the fonts can draw."""
    return _environment(True, finalize=_printable)


@cache
def html_environment() -> ImmutableSandboxedEnvironment:
    """Return the environment of the HTML side of emails; no control character gets through."""
    return _environment(True, finalize=_without_controls)


@cache
def text_environment() -> ImmutableSandboxedEnvironment:
    """Return the environment of plain text: its layouts pass values through the ``cleaned`` filter."""
    environment = _environment(False)
    environment.filters["cleaned"] = cleaned
    return environment


@cache
def sentence_environment() -> ImmutableSandboxedEnvironment:
    """Return the environment of single sentences in plain text: each value is kept to one line."""
    return _environment(False, finalize=lambda value: cleaned(value) if isinstance(value, str) else value)


def formats(language: Language) -> dict[str, Any]:
    """Return the functions that templates use to show figures, dates and units in ``language``."""
    names = ("amount", "price", "quantity", "percent", "date", "short_date", "unit", "country", "changed")
    return {name: getattr(language, name) for name in names}


def _printable(value: Any) -> Any:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _without_controls(value: Any) -> Any:
    return without_controls(value) if isinstance(value, str) and not isinstance(value, Markup) else value
