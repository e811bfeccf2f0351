"""What kind of mail it is, from who wrote it to whom, what it answers, says and carries."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from parsers.decision import decide
from parsers.intent import BAR, Guess, explain, rank, speaks_of
from parsers.message import Message
from parsers.own_words import OwnWords
from parsers.phrases import any_of, load
from parsers.prose_line_changes import dropped_lines, exchanged, names_line
from parsers.prose_references import order_numbers
from parsers.reading import Decision, Kind, Reading
from parsers.screening import Screened
from records.problems import Code, Problem

_OF_DOCUMENT = {
    Kind.ORDER: Kind.REQUISITION,
    Kind.DELIVERY_NOTE: Kind.DESPATCH_ADVICE,
    Kind.CREDIT_NOTE: Kind.INVOICE,
    Kind.STATEMENT: Kind.OTHER,
}
_DOCUMENT_WEIGHT = 6.0
_LONGEST_ASSENT = 200
_NOT_ANSWERED_SO = (Kind.ORDER_CHANGE, Kind.ORDER_CANCELLATION, Kind.QUOTATION, Kind.RECEIPT_ADVICE)
_FROM_SUPPLIER = (Kind.ORDER_RESPONSE, Kind.DESPATCH_ADVICE, Kind.INVOICE, Kind.QUOTATION)


@dataclass(frozen=True)
class KindFound:
    """The kind, an approver's decision if it is one, and what a person must settle."""

    kind: Kind
    decision: Decision | None = None
    problems: tuple[Problem, ...] = ()
    guesses: tuple[Guess, ...] = ()


@dataclass
class _Tally:
    """Scores and reasons of kinds while they are weighed."""

    scores: dict[Kind, float] = field(default_factory=dict)
    reasons: dict[Kind, list[str]] = field(default_factory=dict)

    def add(self, kind: Kind, weight: float, *reasons: str) -> None:
        self.scores[kind] = self.scores.get(kind, 0.0) + weight
        self.reasons.setdefault(kind, []).extend(reasons)

    def guesses(self) -> tuple[Guess, ...]:
        found = (Guess(kind, score, tuple(self.reasons[kind])) for kind, score in self.scores.items() if score > 0)
        return tuple(sorted(found, key=lambda g: -g.score))


def find_kind(
    message: Message, screened: Screened, words: OwnWords, documents: Sequence[Reading], has_lines: bool
) -> KindFound:
    """Return what kind of mail it is; doubt is OTHER with an UNCLASSIFIED problem and the ranked guesses."""
    if screened.kind == "bounce":
        return KindFound(Kind.DELIVERY_FAILURE)
    if screened.kind in ("auto_reply", "read_receipt", "challenge"):
        return KindFound(Kind.AUTO_REPLY)
    guesses = _ranked(message, words, documents, has_lines)
    if screened.kind in ("newsletter", "loop"):
        return KindFound(Kind.OTHER, guesses=guesses)
    if decision := _decision(message, words, screened):
        return KindFound(Kind.APPROVAL_DECISION, decision, guesses=guesses)
    return _best(message, words, guesses)


@cache
def _reply() -> re.Pattern[str]:
    marks = any_of(load("intent")["reply"]["marks"])
    return re.compile(rf"^\s*(?:\[[^\]]{{1,20}}\]\s*)?{marks}\s*:", re.IGNORECASE)


@cache
def _short_assent() -> re.Pattern[str]:
    words = load("intent")["assent"]
    greeting = rf"(?:{any_of(words['greetings'])}\b[^\n]{{0,40}}\n+)?"
    return re.compile(rf"\s*{greeting}\W*{any_of(words['openers'])}*{any_of(words['yes'])}\b", re.IGNORECASE)


@cache
def _explicit() -> re.Pattern[str]:
    return re.compile(any_of(load("intent")["decision"]["stems"]), re.IGNORECASE)


def is_answer(message: Message, words: OwnWords) -> bool:
    """Return whether the mail answers another one."""
    return bool(_reply().match(message.subject) or message.in_reply_to or (words.quoted and not words.forwarded))


def _decision(message: Message, words: OwnWords, screened: Screened) -> Decision | None:
    """A decision counts where a request for approval is answered, and only in the author's own words."""
    if screened.automatic or words.alternatives_disagree:
        return None
    asked = speaks_of("approval_request", f"{message.subject}\n{words.quoted[:3000]}")
    answers = asked or (is_answer(message, words) and bool(_explicit().search(words.text[:1500])))
    if not answers:
        return None
    decision = decide(words.text, "" if words.quoted else message.subject)
    if decision is None:
        return None
    if asked:
        return decision
    title = message.subject if is_internal(message) is False else ""
    is_order = speaks_of("order_sent", f"{title}\n{words.quoted[:3000]}")
    if decision is not Decision.QUESTION and not is_order:
        return decision
    return None


def _ranked(message: Message, words: OwnWords, documents: Sequence[Reading], has_lines: bool) -> tuple[Guess, ...]:
    tally = _Tally()
    for guess in rank(words.text, message.subject, _own_subject(message, words)):
        tally.add(guess.kind, guess.score, *guess.reasons)
    for document in documents:
        kind = _OF_DOCUMENT.get(document.kind, document.kind)
        if kind is not Kind.OTHER:
            tally.add(kind, _DOCUMENT_WEIGHT, f"a document that is a {document.kind.value}")
    _add_context(message, words, tally)
    if has_lines and not is_answer(message, words):
        tally.add(Kind.REQUISITION, 1.5, "it lists items")
        if _wishes_in_house(message, words):
            tally.add(Kind.REQUISITION, 2.0, "it wants them")
    return tally.guesses()


def _wishes_in_house(message: Message, words: OwnWords) -> bool:
    """Whether somebody of the house wants something in words, and speaks of no order that there is."""
    spoken = f"{message.subject}\n{words.text}"
    return is_internal(message) is True and not order_numbers([spoken]) and speaks_of("wish", words.text)


def _own_subject(message: Message, words: OwnWords) -> float:
    """How far the subject is the author's own: one that is answered or passed on is somebody else's."""
    if words.forwarded and not _reply().match(message.subject):
        return 0.0
    return 0.5 if is_answer(message, words) else 1.0


def _add_context(message: Message, words: OwnWords, tally: _Tally) -> None:
    inside = is_internal(message)
    for kind in tuple(tally.scores):
        supplier = kind in _FROM_SUPPLIER
        if inside is True:
            tally.add(kind, -4.0 if supplier else 1.0, "it comes from the same organisation")
        elif inside is False and supplier:
            tally.add(kind, 1.0, "it comes from outside")
    if inside is True:
        _add_line_changes(words.text, tally)
    if is_answer(message, words) and inside is not True and _answers_order(message, words):
        # From outside nothing else is likelier; where the sender's house is not known it takes words as well.
        if inside is False:
            for kind in _NOT_ANSWERED_SO:
                tally.add(kind, -2.5, "it answers an order from outside")
        tally.add(Kind.ORDER_RESPONSE, 2.5 if inside is None else 4.0, "it answers an order")
        if len(words.text) < _LONGEST_ASSENT and _short_assent().match(words.text):
            tally.add(Kind.ORDER_RESPONSE, 3.0, "it confirms in a word")


def _add_line_changes(text: str, tally: _Tally) -> None:
    """Who speaks of single lines changes an order and does not cancel it, whatever verb he uses."""
    dropped = bool(dropped_lines(text, ()))
    if dropped or exchanged(text, ()):
        tally.add(Kind.ORDER_CHANGE, 5.0, "it changes single lines")
    if tally.scores.get(Kind.ORDER_CANCELLATION, 0) > 0 and names_line(text):
        tally.add(Kind.ORDER_CANCELLATION, -5.0 if dropped else -1.0, "it speaks of single lines")
        tally.add(Kind.ORDER_CHANGE, 0.0 if dropped else 6.0, "it speaks of single lines")


def _answers_order(message: Message, words: OwnWords) -> bool:
    return speaks_of("order_sent", f"{message.subject}\n{words.quoted[:4000]}")


def is_internal(message: Message) -> bool | None:
    """Return whether sender and recipients share a domain, None where that cannot be told."""
    own = message.from_address.rpartition("@")[2]
    others = {a.rpartition("@")[2] for a in message.recipients}
    if not own or not others:
        return None
    return any(own == o or own.endswith("." + o) or o.endswith("." + own) for o in others)


def _best(message: Message, words: OwnWords, guesses: tuple[Guess, ...]) -> KindFound:
    asks = "?" in words.text and speaks_of("question", f"{message.subject}\n{words.text}")
    own_question = asks and bool(guesses) and guesses[0].kind in _FROM_SUPPLIER and is_internal(message) is True
    if not guesses or own_question or (asks and guesses[0].score < 2 * BAR):
        return KindFound(Kind.OTHER, guesses=guesses)
    best = guesses[0]
    if best.score < BAR:
        problem = Problem(Code.UNCLASSIFIED, explain(guesses))
        return KindFound(Kind.OTHER, problems=(problem,), guesses=guesses)
    if len(guesses) > 1 and guesses[1].score > 0.85 * best.score:
        problem = Problem(Code.LOW_CONFIDENCE, explain(guesses), "/kind")
        return KindFound(best.kind, problems=(problem,), guesses=guesses)
    return KindFound(best.kind, guesses=guesses)
