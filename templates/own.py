"""An organisation's own templates: files laid over ours, of the same names, drawn in the same sandbox.

What may be laid over: ``print/order.html``, ``print/order.css``, ``print/<language>.toml``, and for each email
``email/<name>/body.jinja`` and ``email/<name>/<language>.toml``. Of a TOML file only the sentences that it
states are replaced.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from templates.language import LOCALES, words
from templates.letters import LETTERS

LARGEST = 100_000  # characters of a file
_PRINT = ("print/order.html", "print/order.css")
_PATH = re.compile(
    r"print/(?P<printed>[a-z]{2})\.toml|email/(?P<email>[a-z_]+)/(?:body\.jinja|(?P<told>[a-z]{2})\.toml)"
)


@dataclass(frozen=True)
class Own:
    """An organisation's files, (path, text) in the order of their paths; hashable, so that what it makes is kept."""

    files: tuple[tuple[str, str], ...] = ()

    def text(self, path: str) -> str | None:
        """Return the organisation's file at ``path``; None where ours serves."""
        return dict(self.files).get(path)


NONE = Own()


def own(files: Mapping[str, str]) -> Own:
    """Return the files as one value."""
    return Own(tuple(sorted(files.items())))


@lru_cache(maxsize=256)
def own_words(folder: str, language: str, mine: Own) -> dict[str, Any]:
    """Return the words of ``templates/<folder>/<language>.toml`` with the organisation's own laid over them."""
    ours, theirs = words(folder, language), mine.text(f"{folder}/{language}.toml")
    return ours if theirs is None else _laid_over(ours, tomllib.loads(theirs))


def _laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for name, value in above.items():
        is_table = isinstance(value, Mapping) and isinstance(below.get(name), Mapping)
        merged[name] = _laid_over(below[name], value) if is_table else value
    return merged


def path_faults(files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield (path, sentence) for each file that replaces nothing of ours, is too large, or states unknown words."""
    for path, text in sorted(files.items()):
        if not is_template(path):
            yield path, "there is no template of this name; buydesk templates list shows all"
        elif len(text) > LARGEST:
            yield path, f"it is longer than {LARGEST} characters"
        elif path.endswith(".toml"):
            yield from _word_faults(path, text)


def is_template(path: str) -> bool:
    """Return whether an organisation may lay a file of its own over ``path``."""
    found = _PATH.fullmatch(path)
    if path in _PRINT or found is None:
        return path in _PRINT
    language = found["printed"] or found["told"]
    return (language is None or language in LOCALES) and (found["email"] is None or found["email"] in LETTERS)


def template_paths() -> list[str]:
    """Return every path that an organisation may lay a file of its own over."""
    emails = [f"email/{name}/{file}" for name in LETTERS for file in ("body.jinja", *_tomls())]
    return [*_PRINT, *(f"print/{file}" for file in _tomls()), *emails]


def _tomls() -> list[str]:
    return [f"{language}.toml" for language in LOCALES]


def _word_faults(path: str, text: str) -> Iterator[tuple[str, str]]:
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        yield path, f"it is not TOML: {error}"
        return
    folder, _, file = path.rpartition("/")
    yield from ((path, fault) for fault in _unknown(told, words(folder, file.removesuffix(".toml"))))


def _unknown(told: Mapping[str, Any], ours: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for name, value in told.items():
        if name not in ours:
            yield f"{before}{name} is no sentence of this template"
        elif isinstance(value, Mapping) and isinstance(ours[name], Mapping):
            yield from _unknown(value, ours[name], f"{before}{name}.")
        elif not isinstance(value, type(ours[name])):
            yield f"{before}{name} must be {'a table' if isinstance(ours[name], Mapping) else 'text'}"
