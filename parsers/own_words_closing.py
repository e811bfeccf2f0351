"""Where the author's text ends: before the closing formula, name, signature, tagline or footer."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from parsers.phrases import any_of, load

_DASHES = re.compile(r"^\s*(?:--|—|–|__)\s*$")
_LIST_RULE = re.compile(r"^_{20,}\s*$")
_POSTSCRIPT = re.compile(r"^\s*(?:p\.?\s?s\.?|n\.?b\.?|ps)\s*[:.\-– ]", re.IGNORECASE)
_SIGNED = re.compile(r"^[-–—/~]\s?[A-Z][\w.]*(?:\s[A-Z][\w.]*){0,2}$")
_SENTENCE_END = re.compile(r"[.!?…]\s*$")
_LETTERS = re.compile(r"[^\W\d_]+")
_LONGEST_TAIL = 30


@dataclass(frozen=True)
class Ended:
    """The author's lines, and the lines taken off as signature."""

    kept: tuple[str, ...]
    signature: tuple[str, ...] = ()


@cache
def _patterns(name: str, key: str) -> re.Pattern[str]:
    return re.compile(any_of(load("layout")[name][key]), re.IGNORECASE)


@cache
def _closing() -> re.Pattern[str]:
    formulas = any_of(load("layout")["closing"]["formulas"])
    return re.compile(rf"^[\s*_]*{formulas}[\s*_]*(?P<stop>[,;.!\-–…]*)[\s*_]*(?P<name>.*)$", re.IGNORECASE)


@cache
def _thanks() -> re.Pattern[str]:
    closing = load("layout")["closing"]
    return re.compile(rf"^(?:{any_of(closing['many'])} )?{any_of(closing['thanks'])}[\w ]*[.!]*$", re.IGNORECASE)


def strip_banner(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the lines after any gateway banner at the top, and the banner."""
    rest, banner = list(lines), []
    for _ in range(3):
        first = next((i for i, line in enumerate(rest) if line.strip(" *_|>-")), None)
        if first is None or not _patterns("banner", "patterns").match(rest[first].strip(" *_|")):
            break
        end = first + 1
        while end < min(len(rest), first + 6) and rest[end].strip() and len(rest[end - 1]) > 50:
            end += 1
        if not any(line.strip() for line in rest[end:]):
            break
        banner += rest[first:end]
        rest = rest[end:]
    return rest, banner


def end_text(lines: Sequence[str], sender_name: str, sender_address: str, is_last: bool = True) -> Ended:
    """Return ``lines`` up to their closing; a text that is nothing but a closing is kept whole."""
    kept = _trimmed(lines)
    names = name_tokens(sender_name, sender_address)
    cuts = [_delimiter(kept), _tagline(kept), _legal(kept), _formula(kept, names)]
    cut = min((c for c in cuts if c is not None), default=len(kept))
    body, tail = kept[:cut], kept[cut:]
    postscript = _postscript(tail)
    if is_last:
        name_cut = _name_block(_trimmed(body), names, sender_name, sender_address)
        if name_cut is not None:
            body, tail = body[:name_cut], [*body[name_cut:], *tail]
    if not any(line.strip() for line in body) and not postscript:
        return _only_closing(kept, tail)
    body = _trimmed(body)
    if postscript:
        tail = [line for line in tail if line not in postscript]
        body = [*body, "", *postscript] if body else postscript
    return Ended(tuple(body), tuple(_trimmed(tail)))


def _only_closing(kept: list[str], tail: list[str]) -> Ended:
    """A text that opens with its signature delimiter is all signature; a lone "Thanks" is what was said."""
    if kept and (_DASHES.match(kept[0]) or _patterns("tagline", "patterns").match(kept[0].strip())):
        return Ended((), tuple(tail))
    first = kept[:1]
    return Ended(tuple(first), tuple(_trimmed(kept[1:])))


def _trimmed(lines: Sequence[str]) -> list[str]:
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return list(lines[start:end])


def _delimiter(lines: Sequence[str]) -> int | None:
    for index, line in enumerate(lines):
        if _DASHES.match(line) and (index == 0 or len(lines) - index <= _LONGEST_TAIL):
            return index
        if _LIST_RULE.match(line) and 0 < len(lines) - index <= 12:
            return index
    return None


def _tagline(lines: Sequence[str]) -> int | None:
    for index, line in enumerate(lines):
        text = line.strip(" *_<>[]()")
        is_prose = "," in text and text.endswith(".")
        if 6 < len(text) < 140 and not is_prose and _patterns("tagline", "patterns").fullmatch(_without_links(text)):
            return index if len(lines) - index <= 15 else None
    return None


def _without_links(text: str) -> str:
    return re.sub(r"\s*(?:<[^>]*>|\[[^\]]*\]|https?://\S+)", "", text).strip()


def _legal(lines: Sequence[str]) -> int | None:
    for index, line in enumerate(lines):
        text = line.strip(" *_|\t>")
        opens = index > 0 and (not lines[index - 1].strip() or _RULE.match(lines[index - 1]))
        if opens and len(text) > 12 and _patterns("legal", "patterns").match(text):
            return index
    return None


_RULE = re.compile(r"^[\s_=*~.-]{4,}$")


def _formula(lines: Sequence[str], names: frozenset[str]) -> int | None:
    for index, line in enumerate(lines):
        if index == 0 or len(line) > 160 or not line.strip():
            continue
        if _SIGNED.match(line.strip()) and index >= len(lines) - 2:
            return index
        found = _closing().match(line.strip())
        if found and _thanks().match(line.strip()) and not any(rest.strip() for rest in lines[index + 1 :]):
            continue  # thanks without a name is still said, not signed
        if found and _is_closing_rest(found, names) and _tail_signs(lines[index + 1 :]):
            return index
    return None


def _is_closing_rest(found: re.Match[str], names: frozenset[str]) -> bool:
    """What follows a formula on its line is nothing or a name."""
    rest = found["name"].strip(" ,.!*_-–")
    if not rest:
        return True
    words = _LETTERS.findall(rest)
    if not words or len(words) > 4 or re.search(r"[\d?:;]", rest):
        return False
    if any(_is_name(word, names) for word in words):
        return True
    return bool(found["stop"]) and all(word[0].isupper() for word in words) and not found["stop"].startswith(".")


def _tail_signs(tail: Sequence[str]) -> bool:
    """Whether what follows a formula reads like a signature and not like more text."""
    rest = [line for line in tail if line.strip()]
    if not rest:
        return True
    if len(rest) > _LONGEST_TAIL:
        return False
    first = rest[0].strip()
    return len(first) <= 70 and len(first.split()) <= 8 and not first.endswith(("?", ":"))


def _postscript(tail: Sequence[str]) -> list[str]:
    for index, line in enumerate(tail):
        if _POSTSCRIPT.match(line):
            end = next(
                (i for i in range(index, len(tail)) if not tail[i].strip() or _DASHES.match(tail[i])),
                len(tail),
            )
            return list(tail[index:end])
    return []


def fold(text: str) -> str:
    """Return ``text`` without case and accents.

    >>> fold("Ñandú")
    'nandu'
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def name_tokens(name: str, address: str) -> frozenset[str]:
    """Return the folded words of a sender's name and of the local part of the address."""
    local = address.partition("@")[0]
    return frozenset(token for token in _LETTERS.findall(fold(f"{name} {local}")) if len(token) > 1)


def _is_name(word: str, names: frozenset[str]) -> bool:
    """A whole name, its short form ("Stu" for Stuart) or a close one ("Becs" for Rebecca is none)."""
    folded = fold(word)
    if folded in names:
        return True
    shared = folded[:3]
    return 2 < len(folded) <= 7 and any(name.startswith(shared) for name in names)


@cache
def _titles() -> frozenset[str]:
    return frozenset(load("layout")["names"]["titles"].split())


@cache
def _firms() -> frozenset[str]:
    return frozenset(load("layout")["names"]["firms"].split())


def _name_block(lines: list[str], names: frozenset[str], name: str, address: str) -> int | None:
    """Return where the sender's bare name, or a block that opens with it, begins at the end of ``lines``."""
    spoken = [i for i, line in enumerate(lines) if line.strip()]
    domain = re.sub(r"[^a-z0-9]", "", fold(address.partition("@")[2].rpartition(".")[0]))
    for index in spoken[-8:]:
        if index == 0 or not all(_is_signature_line(lines[i]) for i in spoken if i >= index):
            continue
        starts = not lines[index - 1].strip() or bool(_SENTENCE_END.search(lines[index - 1]))
        signs = index == spoken[-1] and set(_LETTERS.findall(fold(lines[index]))) <= names
        if (starts or signs) and _names_sender(lines[index], names, domain, alone=index == spoken[-1]):
            return index
    return None


def _is_signature_line(line: str) -> bool:
    text = line.strip()
    words = text.split()
    if len(text) > 90 or re.match(r"^(?:[-*•]\s+)?\d+\s*(?:x\b|[a-z])", text, re.IGNORECASE):
        return False
    return not (len(words) > 5 and _SENTENCE_END.search(text)) and len(words) <= 12 and not text.endswith(("?", ":"))


def _names_sender(line: str, names: frozenset[str], domain: str, alone: bool) -> bool:
    text = line.strip(" \t*_~-–—,./\\")
    words = [w for w in _LETTERS.findall(text) if fold(w) not in _titles()]
    if not words or len(words) > 8 or re.search(r"\d", text):
        return False
    if len(words) == 1 and len(words[0]) <= 3 and alone:
        return any(token.startswith(fold(words[0][0])) for token in names) and words[0][0].isupper()
    if len(words) == 1 and not _is_name(words[0], names):
        return len(domain) > 3 and len(words[0]) > 3 and fold(words[0]) in domain
    known = [w for w in words if _is_name(w, names) or (len(w) > 2 and len(domain) > 3 and fold(w) in domain)]
    named = [w for w in words if fold(w) not in _firms() and len(w) > 1]
    return bool(known) and len(known) * 2 >= len(named)
