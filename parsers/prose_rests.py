"""The rest of a split delivery: "10 now, the remaining 14 follow on 11 December"."""

import re
from dataclasses import replace
from decimal import Decimal
from functools import cache

from parsers.phrases import any_of, load
from parsers.prose_statements import Statement


@cache
def _rest() -> re.Pattern[str]:
    words = any_of(load("answers")["statement"]["rests"]).replace("NUMBER", r"(?:\d{1,6})")
    return re.compile(rf"(?<!\w)(?:{words})(?![\w.,]*\d)", re.IGNORECASE)


def cut_rest(statement: Statement) -> tuple[Statement, Statement, Decimal] | None:
    """Return what is told before the rest, what of the rest, and how much it is; None where there is none.

    The rest names no line of its own: it belongs to the one that was told before it.
    """
    found = list(_rest().finditer(statement.text))
    if len(found) != 1 or statement.asks:
        return None
    at = found[0].start()
    numbers = re.findall(r"\d+", found[0].group())
    if len(numbers) != 1 or any(m.span[1] > at for m in statement.mentions):
        return None
    before = replace(statement, text=statement.text[:at].rstrip(" ,;–-"))
    return before, replace(statement, text=statement.text[at:], mentions=()), Decimal(numbers[0])
