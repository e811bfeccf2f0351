"""Sentences of running text with their places; abbreviations, ordinals and decimals do not end one."""

import re
from collections.abc import Iterator

_END = re.compile(r"[.!?]+(?=[\s\"')\]]|$)|;(?=\s)|\n\s*\n")
_ABBREVIATED = re.compile(
    r"(?:\b(?:nr|no|art|pos|st|stk|stck|ca|bzw|inkl|zzgl|evtl|ggf|usw|str|tel|dr|mr|mrs|ms|prof|ref|"
    r"réf|approx|incl|excl|vs|inc|co|ltd|jr|sr|ord|num|núm|cod|rif|pag|sig|geom|ing|av|s\.?v\.?p|n|p|"
    r"z|d|m|mme|mlle|uds|ud|pz|cf|conf|kl|td|tj|m\.?b\.?v|t\.?a\.?v|vl|nl|ej|szt|godz|ul|wg)|"
    r"\b[^\W\d_]|\d)\.$",
    re.IGNORECASE,
)


def split_sentences(text: str) -> Iterator[tuple[str, int]]:
    """Yield each sentence of ``text`` and where it starts.

    >>> [s for s, _ in split_sentences("Art. 88 kommt am 3. Dezember. Rest folgt.")]
    ['Art. 88 kommt am 3. Dezember.', 'Rest folgt.']
    """
    start = 0
    for found in _END.finditer(text):
        if found.group() == "." and _goes_on(text, found.end()):
            continue
        sentence = text[start : found.end()]
        if sentence.strip():
            yield sentence.strip(), start + len(sentence) - len(sentence.lstrip())
        start = found.end()
    if text[start:].strip():
        yield text[start:].strip(), start + len(text[start:]) - len(text[start:].lstrip())


def _goes_on(text: str, end: int) -> bool:
    after = text[end : end + 40].lstrip()
    if not after:
        return False
    abbreviated = _ABBREVIATED.search(text[max(0, end - 12) : end])
    if abbreviated and text[end - 2 : end - 1].isdigit():
        return after[0].islower() or bool(re.match(r"(?:Jan|Feb|M[äa]r|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez)", after))
    return bool(abbreviated) or after[0].islower()
