"""What a mail wants besides what it is filed as: a question, or a second request, sentence by sentence.

What is said beside the main thing is easily lost. It is never acted on by itself: it is shown to a person.
"""

from collections.abc import Iterator

from parsers.intent import BAR, rank, speaks_of
from parsers.prose_sentences import split_sentences
from parsers.reading import Aside, Kind

MOST = 10
LONGEST = 8_000  # characters of a text that are looked at
_SHOWN = 300
_FEWEST_WORDS = 3  # "OK?" and "Alright?" ask for nothing
_WISHES = frozenset({Kind.REQUISITION, Kind.ORDER_CHANGE, Kind.ORDER_CANCELLATION, Kind.RECEIPT_ADVICE})
_ANSWERS = frozenset({Kind.ORDER_RESPONSE, Kind.DESPATCH_ADVICE})
# What is so near to the main thing that one sentence speaks for both.
_NEAR = {
    Kind.REQUISITION: frozenset({Kind.ORDER_CHANGE}),
    Kind.ORDER_CHANGE: frozenset({Kind.REQUISITION, Kind.ORDER_CANCELLATION}),
    Kind.ORDER_CANCELLATION: frozenset({Kind.ORDER_CHANGE}),
}


def asides(text: str, kind: Kind) -> tuple[Aside, ...]:
    """Return what the author's own words want besides ``kind``; nothing for kinds that are read by a person."""
    if kind not in _WISHES | _ANSWERS:
        return ()
    return tuple(dict.fromkeys(_found(text[:LONGEST], kind)))[:MOST]


def _found(text: str, kind: Kind) -> Iterator[Aside]:
    for spoken, _ in split_sentences(text):
        sentence = " ".join(spoken.split())
        scores = {guess.kind: guess.score for guess in rank(sentence, "", 0.0)}
        other = max(_others(kind), key=lambda one: scores.get(one, 0.0), default=kind)
        if kind in _WISHES and scores.get(other, 0.0) >= BAR and scores[other] > scores.get(kind, 0.0):
            yield Aside(other.value, sentence[:_SHOWN])
        elif _asks(sentence, kind) and not (kind in _WISHES and scores.get(kind)):
            yield Aside("question", sentence[:_SHOWN])


def _others(kind: Kind) -> list[Kind]:
    return sorted(_WISHES - {kind} - _NEAR.get(kind, frozenset()))


def _asks(sentence: str, kind: Kind) -> bool:
    if not sentence.endswith("?") or len(sentence.split()) < _FEWEST_WORDS:
        return False
    return kind in _ANSWERS or speaks_of("question", sentence)
