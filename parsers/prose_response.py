"""Yes, no, yes but: what an answer says as a whole, and of a line.

A plain yes needs words of assent and nothing beside them that limits, conditions, denies or asks.
"""

import re
from collections.abc import Sequence
from functools import cache

from parsers.intent import fold
from parsers.phrases import any_of, load
from parsers.prose_sentences import split_sentences
from parsers.reading import LineStatus, ReadLine, Response


@cache
def _table(section: str, name: str) -> re.Pattern[str]:
    whole = r"(?!\w)" if section == "doubt" else ""  # single words, and none of them a part of another
    return re.compile(rf"(?<!\w){any_of(load('answers')[section][name])}{whole}".replace("(?<!\\w)(?:^", "(?:^"))


def says(section: str, name: str, text: str) -> bool:
    """Return whether ``text`` has a phrase of the answers data."""
    return bool(_table(section, name).search(fold(text)))


def lines_status(text: str, contrasts: bool, has_values: bool) -> LineStatus | None:
    """Return what a statement says of its lines; one that turns against a yes and states a value changes them."""
    plain = fold(text)
    folded = _without_harmless(plain)
    if _table("line", "rejected").search(folded) and not _table("line", "replaces").search(folded):
        partly = _table("line", "partly").search(folded)
        return LineStatus.CHANGED if partly else LineStatus.REJECTED
    if _table("line", "backordered").search(folded):
        return LineStatus.BACKORDERED
    if _table("line", "changed").search(folded) or (contrasts and has_values):
        return LineStatus.CHANGED
    if _table("doubt", "negation").search(folded):
        return None
    return LineStatus.ACCEPTED if _table("line", "accepted").search(plain) else None


def doubts(text: str) -> list[str]:
    """Return the sentences of an answer that limit, condition, deny or ask, so that it is no plain yes.

    A question that touches nothing of what was agreed (a gate, a telephone number) is none of them.

    >>> doubts("Confirmed. Please do not hesitate to call."), doubts("Confirmed, subject to prepayment.")
    ([], ['Confirmed, subject to prepayment.'])
    """
    found = []
    for sentence, _ in split_sentences(re.sub(r"(?<!\n)\n(?!\n)", " ", text)):
        folded = _without_harmless(fold(sentence))
        if is_beside(sentence):
            continue
        if "?" in sentence or any(_table("doubt", name).search(folded) for name in load("answers")["doubt"]):
            found.append(sentence[:160])
    return found


@cache
def _side_topics() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{any_of(load('answers')['statement']['side_topics'])})(?!\w)")


def is_beside(sentence: str) -> bool:
    """Return whether ``sentence`` only asks about something beside the order, and limits nothing of it."""
    if not sentence.rstrip().endswith("?") or re.search(r"\d", sentence):
        return False
    folded = _without_harmless(fold(sentence))
    limits = (name for name in load("answers")["doubt"] if name != "request")
    return bool(_side_topics().search(folded)) and not any(_table("doubt", name).search(folded) for name in limits)


@cache
def _harmless() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{any_of(load('answers')['statement']['harmless'])})(?!\w)")


def _without_harmless(folded: str) -> str:
    return _harmless().sub(" ", folded)


def response_of(text: str, lines: Sequence[ReadLine], doubt: Sequence[str], has_unread: bool) -> Response | None:
    """Return what ``text`` answers as a whole, None where it answers nothing that can be told.

    ``doubt`` are its doubtful sentences, ``has_unread`` tells of values that were given to no line.
    """
    sentences = [sentence for sentence, _ in split_sentences(text)]
    if any(is_beside(sentence) for sentence in sentences):
        text = "\n".join(sentence for sentence in sentences if not is_beside(sentence))
    folded = _without_harmless(fold(text))
    statuses = {line.status for line in lines if line.status}
    rejects = bool(_table("header", "rejected").search(folded))
    if statuses == {LineStatus.REJECTED} and rejects:
        return Response.REJECTED
    if statuses - {LineStatus.ACCEPTED}:
        return Response.CHANGED
    if rejects:
        return Response.REJECTED
    if _merely_received(folded) and not statuses:
        return Response.RECEIVED_ONLY
    return _assent(folded, bool(statuses) and _is_about_goods(folded, lines), doubt, has_unread)


def _is_about_goods(folded: str, lines: Sequence[ReadLine]) -> bool:
    """Whether lines that name no item are told of a delivery: a mere day may be that of the next mail."""
    if any(line.item_number or line.description or line.line_number or line.quantity for line in lines):
        return True
    return bool(_table("line", "accepted").search(folded) or _table("refs", "delivery").search(folded))


def _merely_received(folded: str) -> bool:
    received = _table("header", "received_only").search(folded)
    denied = _table("header", "denies_acceptance").search(folded)
    return bool(denied) or bool(received and not _table("header", "confirms").search(folded))


def _assent(folded: str, has_lines: bool, doubt: Sequence[str], has_unread: bool) -> Response | None:
    if has_unread or any(_table("line", n).search(folded) for n in ("changed", "backordered", "rejected")):
        return Response.CHANGED
    certain = " ".join(s for s in (fold(x) for x in re.split(r"(?<=[.!?\n])\s", folded)) if "?" not in s)
    yes = has_lines or _agrees(certain)
    denied = [s for s in doubt if _table("doubt", "negation").search(_without_harmless(fold(s)))]
    if denied and not has_lines and any(_agrees(fold(s)) for s in denied):
        return None
    changes = any(_limits(s, name) for s in doubt for name in ("change", "condition"))
    if changes or (yes and any(_limits(s, "contrast") for s in doubt)):
        return Response.CHANGED
    if yes:
        return Response.ACCEPTED
    return Response.RECEIVED_ONLY if _table("header", "thanks").search(folded) and not doubt else None


def _agrees(folded: str) -> bool:
    return any(_table("header", name).search(folded) for name in ("confirms", "assents"))


def _limits(sentence: str, name: str) -> bool:
    return bool(_table("doubt", name).search(_without_harmless(fold(sentence))))
