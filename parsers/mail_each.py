"""A mail with several confirmations: each document answers its own order."""

from dataclasses import replace

from parsers.own_words import OwnWords
from parsers.prose_answers import points_at_change
from parsers.prose_response import doubts
from parsers.reading import Kind, LineStatus, Reading, Response


def with_own_answers(reading: Reading, words: OwnWords) -> Reading:
    """Return ``reading`` with what each of its confirmations answers, where every one names one order of its own.

    Where the text beside them limits or changes anything, nobody can tell of which order it speaks: then none of
    them answers by itself.
    """
    answers = [one for one in reading.documents if one.kind is Kind.ORDER_RESPONSE]
    if len(answers) < 2:
        return reading
    named = [one.order_numbers for one in answers]
    is_clear = all(len(numbers) == 1 for numbers in named) and len(set(named)) == len(named)
    if not is_clear or doubts(words.text) or points_at_change(words.text):
        own = {id(one): one.with_(response=None) for one in answers}
    else:
        own = {id(one): _answering(one) for one in answers}
    return reading.with_(documents=tuple(own.get(id(one), one) for one in reading.documents))


def _answering(document: Reading) -> Reading:
    """A confirmation accepts the lines that it does not itself tell otherwise."""
    lines = tuple(replace(line, status=line.status or LineStatus.ACCEPTED) for line in document.lines)
    plain = bool(lines) and all(line.status is LineStatus.ACCEPTED for line in lines)
    response = document.response or (Response.ACCEPTED if plain else Response.CHANGED if lines else None)
    if response in (Response.REJECTED, Response.RECEIVED_ONLY):
        return document
    return document.with_(response=response, lines=lines)
