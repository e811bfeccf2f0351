"""Which lines of a body are the author's, and which are quoted or forwarded.

What we sent ourselves is recognised by comparison; everything else by the marks mail programs leave:
quote prefixes, attribution lines, separators and header blocks, in many languages.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache

from parsers.html_text import HtmlLine
from parsers.phrases import any_of, load


class Role(Enum):
    """Whose a line is."""

    OWN = "own"
    QUOTED = "quoted"
    FORWARDED = "forwarded"


@dataclass(frozen=True)
class Mark:
    """Where a quotation begins: lines [start, end) are the mark itself."""

    start: int
    end: int
    forwarded: bool = False


_RULE = re.compile(r"^[\s_=*~-]{5,}$")
_DASHED = re.compile(r"^-{4,}\s?[^\W\d_][^-\d]{4,40}[^\W\d_]\s?-{4,}$")
_LEFTOVER = re.compile(r"^\(?(?:https?:|www\.|<|_)\S*[)>\s]*$")
_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")
_LONGEST_ATTRIBUTION = 420
_ATTRIBUTION_LINES = 5


_DASHED_AROUND = re.compile(r"^\s*-{4,}(?P<mark>[^-].*?)-{4,}\s*$")
_SHARED = re.compile(r"^(?P<own>.*[^\W_][^-]*?)\s*-{3,}\s*(?P<mark>[^\s-].*)$")


def apart(lines: Sequence[HtmlLine]) -> list[HtmlLine]:
    """Return ``lines`` with every attribution that stands behind dashes on the author's line on a line of its own."""
    found: list[HtmlLine] = []
    for line in lines:
        shared = None if line.quote else _SHARED.match(line.text[:_LONGEST_ATTRIBUTION])
        if shared and _attribution([replace(line, text=shared["mark"])], 0):
            found += [replace(line, text=shared["own"].rstrip()), replace(line, text=shared["mark"])]
        else:
            found.append(line)
    return found


def roles(lines: Sequence[HtmlLine], sent_texts: Sequence[str] = ()) -> list[Role]:
    """Return whose each line is."""
    found = _by_marks(lines)
    if sent_texts:
        _mark_sent(lines, sent_texts, found)
    _mark_wrapped(lines, found)
    return found


def _by_marks(lines: Sequence[HtmlLine]) -> list[Role]:
    found = [Role.QUOTED if line.quote else Role.OWN for line in lines]
    at = 0
    while at < len(lines):
        mark = mark_at(lines, at) if not lines[at].quote or lines[at].cut else None
        if mark is None:
            at += 1
            continue
        role = Role.FORWARDED if mark.forwarded else Role.QUOTED
        end = _quotation_end(lines, mark)
        for index in range(_with_rules(lines, mark.start), end):
            found[index] = role
        at = max(end, at + 1)
    return found


def mark_at(lines: Sequence[HtmlLine], at: int) -> Mark | None:
    """Return the mark that begins at line ``at``, None if none does."""
    line = lines[at]
    text = line.text.strip()
    if text and not line.quote and (separator := _separator(text)) is not None:
        return Mark(at, at + 1, separator)
    if line.cut:
        return Mark(at, at)
    if not text or line.quote:
        return None
    if end := header_block(lines, at):
        return Mark(at, end)
    if end := _attribution(lines, at):
        return Mark(at, end)
    return None


def _quotation_end(lines: Sequence[HtmlLine], mark: Mark) -> int:
    """Where what the mark introduces ends: with its quote prefixes, else with the body."""
    first = next((i for i in range(mark.end, len(lines)) if lines[i].text.strip()), None)
    if first is None or mark.start == mark.end:
        return len(lines)
    if not lines[first].quote:
        return len(lines)
    return first


def _with_rules(lines: Sequence[HtmlLine], start: int) -> int:
    """Rules drawn above the mark belong to it."""
    at = start
    while at > 0 and (not lines[at - 1].text.strip() or _RULE.match(lines[at - 1].text)):
        at -= 1
    return at


@cache
def _separators() -> tuple[re.Pattern[str], re.Pattern[str]]:
    table = load("layout")["separator"]
    both = (any_of(table["original"]), any_of(table["forwarded"]))
    original, forwarded = (re.compile(rf"^[\W_]*{pattern}[\W_]*$", re.IGNORECASE) for pattern in both)
    return original, forwarded


def _separator(text: str) -> bool | None:
    """Return whether a separator line forwards, None if ``text`` is no separator."""
    if len(text) > 100 or text[-1].isalnum():
        return None
    original, forwarded = _separators()
    if forwarded.match(text):
        return True
    return False if original.match(text) or _DASHED.match(text) else None


@cache
def _labels() -> re.Pattern[str]:
    table = load("layout")["header_labels"]
    groups = "|".join(rf"(?P<{name}>{any_of(labels)})" for name, labels in table.items())
    return re.compile(rf"^[\s*_]*(?:{groups})[\s*_]*[:：][\s*_]*(?P<value>.*?)[\s*_]*$", re.IGNORECASE)


def label_of(text: str) -> tuple[str, str] | None:
    """Return (kind of header label, its value) of a line such as ``Von: A <a@b.example>``."""
    if ":" not in text[:40] and "：" not in text[:20]:
        return None
    found = _labels().match(text)
    return (str(found.lastgroup if found.lastgroup != "value" else _kind(found)), found["value"]) if found else None


def _kind(found: re.Match[str]) -> str:
    return next(name for name, value in found.groupdict().items() if value is not None and name != "value")


def header_block(lines: Sequence[HtmlLine], at: int) -> int:
    """Return where the header block beginning at ``at`` ends, 0 if none begins there.

    A block has a From or Date first, and says enough (an address, or a subject beside two others) not
    to be taken for an address on a form.
    """
    first = label_of(lines[at].text)
    if first is None or first[0] not in ("from", "sent", "to", "subject"):
        return 0
    kinds, values, end, gaps = {first[0]}, [first[1]], at + 1, 0
    for index in range(at + 1, min(at + 14, len(lines))):
        text = lines[index].text.strip()
        if not text:
            gaps += 1
            if gaps > 1 and len(kinds) < 2:
                break
            continue
        found = label_of(text)
        if found is None:
            if _continues_addresses(text) and index == end:
                end = index + 1
                continue
            break
        kinds.add(found[0])
        values.append(found[1])
        end = index + 1
    return end if _is_block(kinds, values, first) else 0


def _continues_addresses(text: str) -> bool:
    return bool(_ADDRESS.search(text)) and len(text) < 300


def _is_block(kinds: set[str], values: list[str], first: tuple[str, str]) -> bool:
    named = kinds & {"from", "sent", "to", "subject"}
    has_address = any("@" in value for value in values)
    if first[0] in ("to", "subject") and "from" not in named:
        return False
    return (len(named) >= 2 and has_address) or (len(named) >= 3 and "from" in named and "subject" in named)


@cache
def _attributions() -> tuple[re.Pattern[str], ...]:
    table = load("layout")["attribution"]
    opens, closes = any_of(table["opens"]), any_of(table["closes"])
    end = rf"\b{closes}\b.{{0,60}}?[:：]?[\s*_\u200e]*$"
    return (
        re.compile(rf"^[\s*_]*{opens}(?=[\s,\d]).*\d.*{end}", re.IGNORECASE),
        re.compile(rf"^.{{1,120}}@.{{1,120}}{end}", re.IGNORECASE),
        re.compile(r"^.{0,120}\d{1,4}\D{1,3}\d{1,2}.{0,120}<?[^\s<>@]+@[^\s<>@]+>?\)?[\s*]*[:：]?[\s*]*$"),
        re.compile(rf"^[\w.\"' -]{{2,60}}{end}", re.IGNORECASE),
        re.compile(r"^.{0,40}\d{4}年\d{1,2}月\d{1,2}日.{0,120}[:：]\s*$"),
    )


def _attribution(lines: Sequence[HtmlLine], at: int) -> int:
    """Return where the attribution beginning at ``at`` ends, 0 if none begins there."""
    joined = ""
    for count in range(_ATTRIBUTION_LINES):
        index = at + count
        if index >= len(lines) or lines[index].quote or not lines[index].text.strip():
            break
        joined = f"{joined} {lines[index].text.strip(' -') if count == 0 else lines[index].text.strip()}".strip()
        if not joined:
            break
        if len(joined) > _LONGEST_ATTRIBUTION:
            break
        if count == 0 and (dashed := _DASHED_AROUND.match(lines[index].text)):
            return index + 1 if _is_attribution(f"{dashed['mark'].strip()}:", quoted_next=False) else 0
        if count == 0 and not _may_open(joined):
            return 0
        if _is_attribution(joined, _next_is_quoted(lines, index + 1)):
            return index + 1
    return 0


@cache
def _opening() -> re.Pattern[str]:
    opens = any_of(load("layout")["attribution"]["opens"])
    return re.compile(rf"^[\s*_]*{opens}(?=[\s,\d])", re.IGNORECASE)


def _may_open(text: str) -> bool:
    return bool(_opening().match(text)) or text[-1] in ":：>)" or "@" in text


def _is_attribution(text: str, quoted_next: bool) -> bool:
    dated, addressed, generic, bare, japanese = _attributions()
    closed = text.rstrip("*_ \u200e").endswith((":", "：", ">"))
    if dated.match(text) and (closed or quoted_next or "@" in text):
        return True
    if addressed.match(text) and (closed or quoted_next):
        return True
    if generic.match(text) and (text[:1].isdigit() or text.rstrip("* ").endswith((":", "："))) and closed:
        return bool(re.search(r"\d{1,2}[:.h]\d{2}|\b\d{4}\b", text)) and len(text) < 220
    if japanese.match(text):
        return True
    return quoted_next and text.endswith(":") and bool(bare.match(text))


def _next_is_quoted(lines: Sequence[HtmlLine], at: int) -> bool:
    for line in lines[at : at + 3]:
        if line.text.strip() or line.quote:
            return bool(line.quote)
    return False


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _mark_sent(lines: Sequence[HtmlLine], sent_texts: Sequence[str], found: list[Role]) -> None:
    """Mark lines that repeat what we sent ourselves: by runs of four words, short ones by their neighbours."""
    runs: set[tuple[str, ...]] = set()
    whole: set[str] = set()
    for text in sent_texts:
        words = _words(text)
        runs.update(tuple(words[i : i + 4]) for i in range(len(words) - 3))
        whole.update(" ".join(_words(line)) for line in text.splitlines())
    for index, line in enumerate(lines):
        words = _words(line.text)
        mine = [tuple(words[i : i + 4]) in runs for i in range(len(words) - 3)]
        if len(words) >= 6 and sum(mine) >= 0.8 * len(mine):
            found[index] = Role.QUOTED
    _fill_between(lines, whole, found)


def _fill_between(lines: Sequence[HtmlLine], whole: set[str], found: list[Role]) -> None:
    for index, line in enumerate(lines):
        if found[index] is not Role.OWN or " ".join(_words(line.text)) not in whole or not _words(line.text):
            continue
        before = any(role is not Role.OWN for role in found[max(0, index - 3) : index])
        if before:
            found[index] = Role.QUOTED


def _mark_wrapped(lines: Sequence[HtmlLine], found: list[Role]) -> None:
    """What wrapped off a long quoted line, or is the rest of a link in one, is quoted too."""
    for index in range(1, len(lines)):
        text = lines[index].text.strip()
        if found[index] is not Role.OWN or not text or not lines[index - 1].quote:
            continue
        after = lines[index + 1] if index + 1 < len(lines) else HtmlLine("")
        if _LEFTOVER.match(text) or _wrapped_off(lines[index - 1].text, text, after):
            found[index] = Role.QUOTED


def _wrapped_off(before: str, text: str, after: HtmlLine) -> bool:
    unfinished = len(before) >= 66 and before.rstrip()[-1:] not in ".?!:"
    return unfinished and len(text) < 60 and text[0].islower() and (bool(after.quote) or not after.text.strip())
