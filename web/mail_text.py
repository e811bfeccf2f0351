"""A mail's own words with the places in them that values were read from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from parsers.message import parse_message
from parsers.own_words import own_words
from records.blobs import Blobs
from records.tables import Message
from web.mail_body import has_html

LONGEST = 60_000  # characters that are shown


@dataclass(frozen=True)
class Piece:
    """A stretch of text; ``ats`` are the pointers of the values that were read there."""

    text: str
    ats: tuple[str, ...]


@dataclass(frozen=True)
class MailText:
    """A mail's own words in pieces, what it quotes, its signature, and whether it has an HTML body."""

    pieces: tuple[Piece, ...]
    quoted: str
    signature: str
    has_html: bool


def mail_text(blobs: Blobs, message: Message, evidence: Mapping[str, Any]) -> MailText:
    """Return the text of ``message`` with the values that ``evidence`` says were read from it."""
    mail = parse_message(blobs.get(message.raw_sha256))
    words = own_words(mail)
    text = words.text[:LONGEST]
    spans = {
        at: (told["span"][0], told["span"][1])
        for at, told in evidence.items()
        if told.get("span") and told.get("part") is None and _fits(text, told)
    }
    return MailText(tuple(_pieces(text, spans)), words.quoted[:LONGEST], words.signature[:2000], has_html(mail))


def _fits(text: str, told: Mapping[str, Any]) -> bool:
    """Return whether the span still holds the words that it did when they were read."""
    start, end = told["span"]
    return text[start:end].split() == str(told.get("text", "")).split()


def _pieces(text: str, spans: Mapping[str, tuple[int, int]]) -> Iterator[Piece]:
    edges = sorted({0, len(text), *(edge for span in spans.values() for edge in span if edge <= len(text))})
    for start, end in pairwise(edges):
        ats = tuple(at for at, (first, last) in spans.items() if first <= start and end <= last)
        yield Piece(text[start:end], ats)
