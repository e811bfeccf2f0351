"""Numbers that documents are called by: purchase orders, and a document's own number."""

import re
from collections.abc import Iterable
from functools import cache

from parsers.phrases import any_of, load

_SHAPE = (
    r"(?=[\w./-]*\d)[A-Za-z]{0,6}\d[\w]*(?:[-/.]?[\w]+)*|"
    r"(?=[\w./-]*\d)[A-Za-z]{1,6}(?:[-/.][A-Za-z0-9]+)+"
)
_PREFIXED = re.compile(r"(?<![\w/-])(PO[-_]?\d[\w]*(?:[-/]\w+)*)(?![\w@])")
_DATE = re.compile(r"^\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d{2}$|^20\d\d-\d\d-\d\d$")
_JOIN = r"\s*(?:[:#=]|n[°º]|nr\.?|no\.?|number|nummer|n\.º)?\s*(?:[:#=]\s*)?(?:[*_\"'(\[<]\s*)?"


@cache
def _order() -> re.Pattern[str]:
    labels = any_of(load("prose")["numbers_of"]["order"])
    own = (
        r"(?:conferma d['’]?\s?|conferma dell['’]?|confirmation de |confirmación de |"
        r"confirmação de |potwierdzenie )"
    )
    return re.compile(
        rf"(?<![\w'’-])(?P<own>{own})?(?P<label>{labels}){_JOIN}(?P<number>{_SHAPE})(?![\w@%])", re.IGNORECASE
    )


def order_numbers(texts: Iterable[str]) -> tuple[str, ...]:
    """Return every purchase order number named in ``texts``, as written, in order, once each.

    A bare figure counts from five digits, or four behind "PO"; a date or an amount never does.
    """
    found: dict[str, str] = {}
    for text in texts:
        for match in _order().finditer(text):
            number = match["number"].strip(".-/")
            if not match["own"] and _is_order_number(number, match["label"], text[match.end() :]):
                found.setdefault(_key(number), number)
        for match in _PREFIXED.finditer(text):
            found.setdefault(_key(match.group(1)), match.group(1))
    return tuple(_without_parts(found))


def _key(number: str) -> str:
    return re.sub(r"\s", "", number).casefold()


def _without_parts(found: dict[str, str]) -> list[str]:
    """A number that is the tail of a longer one is the same order told shorter."""
    return [
        n for k, n in found.items() if not any(other != k and other.endswith(("-" + k, "po" + k)) for other in found)
    ]


def _is_order_number(number: str, label: str, after: str) -> bool:
    digits = sum(map(str.isdigit, number))
    if digits < 2 or _DATE.match(number) or len(number) > 30:
        return False
    if number.isdigit():
        explicit = bool(re.search(r"p\.?o|n[°or.]|nummer|number|#", label, re.IGNORECASE))
        counted = re.match(r"\s*(?:x|×|[^\W\d_]{1,12}s?\s+(?:of|de|di)\b|€|£|\$|[.,]\d)", after)
        return digits >= (4 if explicit else 5) and not counted
    return bool(re.search(r"[A-Za-z/-]", number)) and not re.match(
        r"^\d+(?:st|nd|rd|th|er|x|kg|mm|cm|m|h|pm|am|pcs|stk|st|l)$", number, re.I
    )


@cache
def _own(kind: str) -> re.Pattern[str] | None:
    labels = load("prose")["numbers_of"].get(kind)
    if not labels:
        return None
    return re.compile(rf"(?<![\w-]){any_of(labels)}{_JOIN}(?P<number>{_SHAPE})(?![\w@%])", re.IGNORECASE)


def own_number(kind: str, texts: Iterable[str], not_these: Iterable[str] = ()) -> str | None:
    """Return the number by which a document of ``kind`` calls itself, None if it gives none."""
    pattern = _own(kind)
    if pattern is None:
        return None
    known = {_key(n) for n in not_these}
    for text in texts:
        for match in pattern.finditer(text):
            number = match["number"].strip(".-/")
            if sum(map(str.isdigit, number)) >= 2 and not _DATE.match(number) and _key(number) not in known:
                return number
    return None
