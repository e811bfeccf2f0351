"""Which language a text is written in, by its small words and its script."""

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache

from parsers.phrases import load

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)?")
_LONGEST = 6000
_SCRIPTS = (
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
)
# Letters that only some languages write; each occurrence speaks for them.
_LETTERS = (
    (re.compile(r"[äöüß]"), ("de", "sv", "fi", "hu")),
    (re.compile(r"ß"), ("de",)),
    (re.compile(r"[ñ¿¡]"), ("es",)),
    (re.compile(r"[ãõ]"), ("pt",)),
    (re.compile(r"[çœêèùëî]|\b[cdjlnsqmt]['’](?=[aeéèêiouyh])"), ("fr",)),
    (re.compile(r"[ąęłńśźż]"), ("pl",)),
    (re.compile(r"[æø]"), ("da", "no")),
    (re.compile(r"å"), ("sv", "da", "no")),
    (re.compile(r"[ěřů]"), ("cs",)),
    (re.compile(r"[őű]"), ("hu",)),
    (re.compile(r"[țșă]"), ("ro",)),
    (re.compile(r"\b(?:d|l|un|dell|all|nell|quest|c)['’](?=[aeiouàè])|[òì]"), ("it",)),
    (re.compile(r"ij"), ("nl",)),
)


@cache
def _languages_of() -> Mapping[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for language, words in load("language")["words"].items():
        for word in words.split():
            table.setdefault(word, set()).add(language)
    return {word: frozenset(languages) for word, languages in table.items()}


def detect_language(text: str) -> str | None:
    """Return the ISO 639-1 code of the language of ``text``, None where it says too little to tell."""
    text = text[:_LONGEST].casefold()
    letters = sum(map(str.isalpha, text)) or 1
    for language, script in _SCRIPTS:
        if len(script.findall(text)) > 0.3 * letters:
            return language
    scores: Counter[str] = Counter()
    for word in _WORD.findall(text):
        languages = _languages_of().get(word, ())
        for language in languages:
            scores[language] += 6 // len(languages) if len(languages) < 7 else 0
    for pattern, languages_with in _LETTERS:
        for language in languages_with:
            scores[language] += min(len(pattern.findall(text)), 6) * 3 // len(languages_with)
    ranked = scores.most_common(2)
    if not ranked or ranked[0][1] < 3 or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]
