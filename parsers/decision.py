"""Whether an approver's own words decide, by a closed and conservative grammar.

A decision is read clause by clause. An approval must be a whole clause of a known form; anything that
may turn, limit or postpone it anywhere in the text leaves the answer open. None is always the safe
answer: then a person is asked again.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache

from parsers.phrases import any_of, load
from parsers.reading import Decision

LONGEST = 1500
_SENTENCE = re.compile(r"[^.!?;\n]+[.!?;]*|[.!?;]+")
_CLAUSE = re.compile(r"([,:–—()]|\s-{1,2}\s|\s/\s)")
_REFERENCE = "po|pr|r|req|requisition|bestellung|anforderung|commande|pedido|ordine|order|encomenda|aanvraag"
# A number of ours may follow; an amount or a quantity may not, for it would be a limit.
_NUMBER = (
    rf"(?:(?:nr|no|number|nummer) )?(?:{_REFERENCE})(?: (?:nr|no|n|number|"
    rf"nummer))? (?:[a-z]{{1,4}} )?\d[\d ]{{2,24}}"
)


class _Sort(Enum):
    STRONG = "strong"
    WEAK = "weak"
    REJECT = "reject"
    WEAK_REJECT = "weak reject"
    REASON = "reason"
    NEUTRAL = "neutral"
    OTHER = "other"


@dataclass(frozen=True)
class _Clause:
    sort: _Sort
    text: str
    asked: bool
    continued: bool


def decide(own_words: str, subject: str = "") -> Decision | None:
    """Return the decision that the author's own words state, None where they state none beyond doubt.

    ``subject`` counts only where nothing is written below it and it is a decision word by itself.

    An approval with a condition is a question: somebody has to say whether it is met. So is one of some lines
    or of another quantity: it is a proposal to whoever asked.

    >>> decide("Approved, thanks."), decide("Approved if it is under 500."), decide("Not approved.")
    (<Decision.APPROVED: 'approved'>, <Decision.QUESTION: 'question'>, <Decision.REJECTED: 'rejected'>)
    """
    text = own_words.strip()
    if not text:
        return _decide_subject(subject)
    if len(text) > LONGEST:
        return None
    spoken = _without_aside(text)
    if _question_form().search(fold(spoken)):
        return Decision.QUESTION
    clauses = _clauses(spoken)
    refused = _refused(clauses)
    approved = _approved(clauses)
    if refused or approved:
        return None if refused and approved else refused or approved
    if _is_conditional(clauses) or _is_proposal(clauses):
        return Decision.QUESTION
    approves_somewhere = any(c.sort in (_Sort.STRONG, _Sort.REJECT) for c in clauses)
    return Decision.QUESTION if "?" in text and not approves_somewhere else None


def _decide_subject(subject: str) -> Decision | None:
    """An empty body answers only by a subject that is nothing but a decision, never by one we wrote."""
    if re.match(r"\s*\w{2,4}\s*:", subject):
        return None
    clauses = [c for c in _clauses(subject) if c.sort is not _Sort.NEUTRAL]
    if len(clauses) == 1 and clauses[0].sort is _Sort.STRONG and not clauses[0].asked:
        return Decision.APPROVED
    return Decision.REJECTED if len(clauses) == 1 and clauses[0].sort is _Sort.REJECT else None


def fold(text: str) -> str:
    """Return ``text`` lower case, without accents and punctuation; "sí" and "sì" keep theirs.

    A bare "si" is a condition in three languages and "yes" in none that writes carefully.
    """
    text = text.casefold().replace("ß", "ss").replace("ł", "l")
    kept = re.sub(r"\b(s)(?:í|i\u0301)(?!\w)", "\ue000", text)
    kept = re.sub(r"\b(s)(?:ì|i\u0300)(?!\w)", "\ue001", kept)
    plain = "".join(c for c in unicodedata.normalize("NFKD", kept) if not unicodedata.combining(c))
    plain = re.sub(r"[^\w\ue000\ue001+]+", " ", plain)
    return " ".join(plain.replace("\ue000", "sí").replace("\ue001", "sì").split())


def _clauses(text: str) -> list[_Clause]:
    clauses: list[_Clause] = []
    open_line = False
    for line in text.split("\n"):
        for sentence in _SENTENCE.findall(line):
            asked = "?" in sentence
            for part, introduced in _parts(sentence.strip(" .!?;")):
                sort = _sort(part)
                continued = (open_line or introduced) and sort is not _Sort.NEUTRAL
                clauses.append(_Clause(sort, part, asked, continued))
                open_line = False
        stripped = line.rstrip()
        last = clauses[-1].sort if clauses else _Sort.NEUTRAL
        open_line = bool(stripped) and stripped[-1] not in ".!?:,;" and last in (_Sort.OTHER, _Sort.REASON)
    return clauses


def _parts(sentence: str) -> Iterator[tuple[str, bool]]:
    """Yield the clauses of a sentence, and whether one is what somebody or something else says ("Dora said: ...")."""
    parts = ["", *_CLAUSE.split(sentence)]  # separators stand at even places
    before = _Sort.NEUTRAL
    for separator, part in zip(parts[::2], parts[1::2], strict=True):
        if fold(part):
            yield part, separator == ":" and before in (_Sort.OTHER, _Sort.REASON)
            before = _sort(part)


def _sort(part: str) -> _Sort:
    folded = " ".join(_typos().get(word, word) for word in fold(part).split())
    for sort, pattern in _forms():
        if pattern.fullmatch(folded):
            return sort
    if _neutral().fullmatch(folded) or _is_name(part):
        return _Sort.NEUTRAL
    return _Sort.OTHER


def _is_name(part: str) -> bool:
    """One or two capitalised words by themselves are somebody's name."""
    words = part.strip(" .!\t").split()
    return 0 < len(words) <= 3 and all(re.fullmatch(r"[^\W\d_][\w.'’-]*", w) and w[0].isupper() for w in words)


@cache
def _forms() -> tuple[tuple[_Sort, re.Pattern[str]], ...]:
    before = f"(?:(?:{_any('fillers', 'before')}) )*?"
    after = f"(?: (?:{_any('fillers', 'after')}|{_NUMBER}))*"
    tables = (
        (_Sort.REJECT, "reject", "forms"),
        (_Sort.WEAK_REJECT, "reject", "weak"),
        (_Sort.REASON, "reject", "reasons"),
        (_Sort.STRONG, "approve", "strong"),
        (_Sort.WEAK, "approve", "weak"),
    )
    return tuple((sort, re.compile(f"{before}{_any(table, key)}{after}")) for sort, table, key in tables)


def _any(table: str, key: str) -> str:
    """Return one expression for the forms of a list, with what is decided in the place of OBJECT."""
    data = load("decision")
    return any_of(data[table][key]).replace("OBJECT", any_of(data["objects"]["words"]))


@cache
def _typos() -> dict[str, str]:
    """Return the words that a slip of the hand makes of a word of approval.

    A letter is missing, doubled or swapped with the next. None is put in the place of another: that makes
    other words ("aprobará" is "will approve").
    """
    data = load("decision")
    known = set(
        re.findall(r"\w+", " ".join(form for table in data.values() for forms in table.values() for form in forms))
    )
    return {slip: word for word in data["typos"]["words"] for slip in _slips(word) if slip not in known}


def _slips(word: str) -> Iterator[str]:
    for at in range(1, len(word)):
        yield word[:at] + word[at] + word[at:]
        if at < len(word) - 1:
            yield word[:at] + word[at + 1 :]
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


@cache
def _neutral() -> re.Pattern[str]:
    polite = f"{_any('fillers', 'before')}|{_any('fillers', 'after')}"
    return re.compile(rf"(?:{polite})(?: (?:{polite}))*(?: (?:all|everyone|team|zusammen|[a-z]{{2,12}}))?")


@cache
def _question_form() -> re.Pattern[str]:
    return re.compile(rf"\b{any_of(load('decision')['question']['forms'])}")


@cache
def _blocker() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of(load('decision')['blockers']['words'])}(?!\w)")


@cache
def _condition() -> re.Pattern[str]:
    """Return a form that approves, followed by words that set a condition."""
    before = f"(?:(?:{_any('fillers', 'before')}) )*?"
    forms = f"(?:{_any('approve', 'strong')}|{_any('approve', 'weak')})"
    return re.compile(f"{before}{forms}(?: .*)? {_any('conditions', 'words')} .+")


def _is_conditional(clauses: list[_Clause]) -> bool:
    """Whether all that is said is one approval with its condition, and nobody else's."""
    spoken = [c for c in clauses if c.sort is not _Sort.NEUTRAL]
    if not spoken or any(c.asked or c.sort in (_Sort.REJECT, _Sort.WEAK_REJECT) for c in spoken):
        return False
    return not spoken[0].continued and bool(_condition().fullmatch(fold(" ".join(c.text for c in spoken))))


def _is_proposal(clauses: list[_Clause]) -> bool:
    """Whether some lines or another quantity are approved: what is asked for would have to change first."""
    if any(c.asked or c.continued for c in clauses):
        return False
    folded = fold(" ".join(c.text for c in clauses))
    approves = re.search(rf"(?<!\w)(?:{_any('approve', 'strong')}|{_any('approve', 'weak')})(?!\w)", folded)
    return approves is not None and re.search(rf"(?<!\w){_any('proposal', 'forms')}(?!\w)", folded) is not None


def _without_aside(text: str) -> str:
    """Return ``text`` without a closing remark that opens as such ("by the way, why ...?")."""
    openers = any_of(load("decision")["aside"]["openers"])
    words = openers.replace(" ", r"\W+").replace("ubrigens", "[uü]brigens").replace("proposito", "prop[oó]sito")
    found = re.search(rf"(?:^|[\s,.;:!–—-])(?:{words})\b", text, re.IGNORECASE)
    return text[: found.start()].strip() or text if found else text


def _refused(clauses: list[_Clause]) -> Decision | None:
    spoken = [c for c in clauses if c.sort is not _Sort.NEUTRAL]
    if any(c.sort is _Sort.REJECT and not c.asked and not c.continued for c in spoken):
        return Decision.REJECTED
    if not spoken or spoken[0].sort is not _Sort.WEAK_REJECT or any(c.asked for c in spoken):
        return None
    return Decision.REJECTED if all(c.sort is _Sort.REASON for c in spoken[1:]) else None


def _approved(clauses: list[_Clause]) -> Decision | None:
    spoken = [c for c in clauses if c.sort is not _Sort.NEUTRAL]
    decides = [c for c in spoken if c.sort in (_Sort.STRONG, _Sort.WEAK)]
    if not decides or any(c.sort in (_Sort.REJECT, _Sort.WEAK_REJECT) for c in spoken):
        return None
    if any(c.asked or c.continued for c in decides):
        return None
    others = [c for c in spoken if c.sort in (_Sort.OTHER, _Sort.REASON)]
    if any(_blocker().search(fold(c.text)) for c in others):
        return None
    if all(c.sort is _Sort.WEAK for c in decides):
        return None if others else Decision.APPROVED
    is_first = spoken[0].sort in (_Sort.STRONG, _Sort.WEAK)
    return Decision.APPROVED if is_first or not any(c.asked for c in others) else None
