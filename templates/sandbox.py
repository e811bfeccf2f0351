"""The sandboxed Jinja environments: the only place where a template meets a value from outside.

An organisation's own templates (templates.own) are drawn here too, so nothing in a template can reach beyond
the values that it is given, or make much out of little.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader, StrictUndefined
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from templates.glyphs import printable
from templates.language import Language
from templates.own import NONE, Own
from templates.plain import cleaned, without_controls, without_tokens

HERE = Path(__file__).parent
_KEPT = 64  # environments of each kind: as many organisations' own templates stay compiled
# What makes long texts out of short ones.
_GROWING_FILTERS = ("center", "format", "indent", "urlize", "wordwrap", "xmlattr", "pprint", "tojson", "attr", "map")
_GROWING_METHODS = frozenset({"center", "expandtabs", "format", "format_map", "ljust", "replace", "rjust", "zfill"})


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, in which a text cannot be multiplied either."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Refuse what makes a long text of a short one, and powers."""
        if operator == "**" or isinstance(left, str | list | tuple) or isinstance(right, str | list | tuple):
            raise SecurityError(f"a template cannot use {operator} here")
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Refuse the methods of texts that pad and repeat."""
        return super().is_safe_attribute(obj, attr, value) and not (isinstance(obj, str) and attr in _GROWING_METHODS)


def _environment(own: Own, autoescape: bool, **options: Any) -> ImmutableSandboxedEnvironment:
    environment = _Sandbox(
        loader=ChoiceLoader([DictLoader(dict(own.files)), FileSystemLoader(HERE)]),
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        **options,
    )
    environment.globals.clear()  # no range, no namespace, no lipsum: templates only show what they are given
    for name in _GROWING_FILTERS:
        environment.filters.pop(name)
    return environment


@lru_cache(maxsize=_KEPT)
def print_environment(own: Own = NONE) -> ImmutableSandboxedEnvironment:
    """Return the environment of printed pages: HTML, each value reduced to what the fonts can draw."""
    return _environment(own, True, finalize=_printable)


@lru_cache(maxsize=_KEPT)
def html_environment(own: Own = NONE) -> ImmutableSandboxedEnvironment:
    """Return the environment of the HTML side of emails; no control character gets through."""
    return _environment(own, True, finalize=_without_controls)


@lru_cache(maxsize=_KEPT)
def page_environment() -> ImmutableSandboxedEnvironment:
    """Return the environment of the workbench: as that of HTML mails, but tokens of approvals are not shown."""
    return _environment(NONE, True, finalize=_without_tokens)


@lru_cache(maxsize=_KEPT)
def text_environment(own: Own = NONE) -> ImmutableSandboxedEnvironment:
    """Return the environment of plain text: its layouts pass values through the ``cleaned`` filter."""
    environment = _environment(own, False)
    environment.filters["cleaned"] = cleaned
    return environment


@lru_cache(maxsize=_KEPT)
def sentence_environment(own: Own = NONE) -> ImmutableSandboxedEnvironment:
    """Return the environment of single sentences in plain text: each value is kept to one line."""
    return _environment(own, False, finalize=lambda value: cleaned(value) if isinstance(value, str) else value)


def formats(language: Language) -> dict[str, Any]:
    """Return the functions that templates use to show figures, dates and units in ``language``."""
    names = ("amount", "price", "quantity", "percent", "date", "short_date", "unit", "country", "changed")
    return {name: getattr(language, name) for name in names}


def _printable(value: Any) -> Any:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _without_tokens(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, Markup):
        return without_tokens(without_controls(value))
    return value


def _without_controls(value: Any) -> Any:
    return without_controls(value) if isinstance(value, str) and not isinstance(value, Markup) else value
