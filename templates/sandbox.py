"""The sandboxed Jinja environments: the only place where a template meets a value from outside."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from templates.glyphs import printable
from templates.language import Language

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
    """Return the environment of the HTML side of emails."""
    return _environment(True)


@cache
def text_environment() -> ImmutableSandboxedEnvironment:
    """Return the environment of plain text."""
    return _environment(False)


def formats(language: Language) -> dict[str, Any]:
    """Return the functions that templates use to show figures, dates and units in ``language``."""
    names = ("amount", "price", "quantity", "percent", "date", "short_date", "unit", "country", "value")
    return {name: getattr(language, name) for name in names}


def _printable(value: Any) -> Any:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value
