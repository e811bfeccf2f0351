"""A substitute told in an answer: which item comes, and instead of which."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from parsers.intent import fold
from parsers.phrases import any_of, load
from parsers.prose_mentions import Mention, code_pattern, is_code
from parsers.prose_stated import replaced
from parsers.reading import ReadLine


@cache
def _swap() -> re.Pattern[str]:
    return re.compile(any_of(load("answers")["statement"]["substitutes"]))


@cache
def _replaced_by() -> re.Pattern[str]:
    return re.compile(rf"(?:{any_of(load('answers')['statement']['replaced_by'])})(?!\w)")


def substituted(
    text: str, named: Sequence[Mention], about: Sequence[Mention], not_codes: Sequence[str]
) -> ReadLine | None:
    """Return the line with its substitute, None where ``text`` offers none or leaves open which replaces which."""
    if not offers_substitute(text):
        return None
    codes = [f for f in code_pattern().finditer(text) if is_code(f.group(), not_codes)]
    different = list(dict.fromkeys(f.group() for f in codes))
    known = about[0].line if about else None
    ordered = known.item_number if known and not any(known.item_number == m.line.item_number for m in named) else None
    if known is not None and known.item_number and known.quantity is not None:
        ordered = known.item_number  # the line above an answer written between quoted lines
    old = ordered or _old_code(text, codes, different)
    others = [code for code in different if code != old]
    if old is None or len(others) != 1:
        return None
    base = known if known is not None and known.item_number in (None, old) else ReadLine()
    number = known.line_number if known else None
    name = _name_behind(text, others[0])
    described = name or base.description
    return replace(base, line_number=number, item_number=others[0], substitute_for=old, description=described)


def offers_substitute(text: str) -> bool:
    """Return whether ``text`` has a word of one item standing in for another."""
    return bool(_swap().search(fold(text)))


def _old_code(text: str, codes: Sequence[re.Match[str]], different: Sequence[str]) -> str | None:
    if len(different) != 2:
        return None
    for found in codes:
        if replaced().search(text[max(0, found.start() - 45) : found.start()]):
            return found.group()
    first = next(f for f in codes if f.group() == different[0])
    second = next(f for f in codes if f.group() == different[1])
    between = fold(text[first.end() : second.start()])
    return first.group() if _replaced_by().search(between) else None


@cache
def _name_end() -> re.Pattern[str]:
    words = (
        "instead as which at for is are will statt als ist sind wird à est sera es al è wordt é jest är er in i en au"
    )
    return re.compile(rf"[,.;(:]|\s(?:{'|'.join(words.split())})\s")


def _name_behind(told: str, code: str) -> str | None:
    rest = told.split(code, 1)[1]
    name = _name_end().split(f"{rest} ")[0].strip(" -–:")
    name = re.sub(r"\s*\binstead$", "", name)
    return name if re.search(r"[^\W\d_]{3}", name) else None
