"""What a supplier answers to an order: for the whole, and line by line.

A line is meant by its number, by its code, by words of its description, or by standing right above an
answer written between quoted lines. What is not said of a line stays unsaid, and what was said but could
not be given to a line is a problem: an answer with such a rest is never a plain yes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

from parsers.dates import Order
from parsers.own_words import OwnWords, Piece
from parsers.own_words_quotes import Role
from parsers.prose_evidence import Sources
from parsers.prose_lines import convention_of, find_lines
from parsers.prose_mentions import WHOLE, Mention, identity, mentions
from parsers.prose_response import doubts, lines_status, response_of, says
from parsers.prose_rests import cut_rest
from parsers.prose_sentences import split_sentences
from parsers.prose_stated import Said, Settings, What, new_of, values_in
from parsers.prose_statements import Statement, paragraphs, statements
from parsers.prose_substitutes import offers_substitute, substituted
from parsers.reading import Evidence, LineStatus, ReadLine, Response
from records.problems import Code, Problem

_RANK = (None, LineStatus.ACCEPTED, LineStatus.CHANGED, LineStatus.BACKORDERED, LineStatus.REJECTED)
_KEPT = tuple("line_number item_number description quantity unit unit_price promised_on substitute_for".split())


@dataclass(frozen=True)
class Answer:
    """The response as a whole, the lines that the supplier speaks of with their new values, and what is unsure."""

    response: Response | None
    lines: tuple[ReadLine, ...]
    problems: tuple[Problem, ...] = ()
    evidence: Mapping[str, Evidence] = field(default_factory=dict)  # of the lines, in the author's own words


@dataclass(frozen=True)
class _Context:
    ordered: tuple[ReadLine, ...]
    settings: Settings
    not_codes: tuple[str, ...] = ()


@dataclass
class _Told:
    """What the statements told so far: lines by key, and values that belong to no line."""

    lines: dict[str, ReadLine] = field(default_factory=dict)
    rests: dict[str, ReadLine] = field(default_factory=dict)  # what of a line comes on a later day
    general: ReadLine | None = None  # what is said of the order as a whole
    unread: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    sources: Sources = field(default_factory=Sources)


def read_answer(
    words: OwnWords,
    ordered: tuple[ReadLine, ...],
    today: date | None,
    order: Order | None,
    not_codes: tuple[str, ...] = (),
) -> Answer:
    """Return what the author's words answer to an order with the lines ``ordered`` (as it is quoted).

    ``not_codes`` are numbers of documents that the mail names: they name no item.
    """
    convention = convention_of(f"{words.text[:8000]}\n{words.quoted[:8000]}")
    context = _Context(ordered, Settings(convention, today, order), not_codes)
    told = _inline(words.pieces, context) or _spoken(words.text, context)
    _spread(told, context)
    _add_rests(told)
    lines = tuple(told.lines.values())
    doubt = doubts(words.text)
    response = response_of(words.text, lines, doubt, bool(told.unread))
    evidence = told.sources.evidence(words.text, tuple(told.lines), WHOLE)
    return Answer(response, lines, tuple(_problems(told, lines, response, doubt)), evidence)


def _problems(told: _Told, lines: Sequence[ReadLine], response: Response | None, doubt: Sequence[str]) -> list[Problem]:
    """Return what of an answer a person must look at."""
    found = list(told.problems)
    unread = ", ".join(repr(text) for text in dict.fromkeys(told.unread))
    if unread and response is not Response.RECEIVED_ONLY:
        detail = f"The answer states {unread}, which could not be given to a line."
        found.append(Problem(Code.LOW_CONFIDENCE, detail, "/response"))
    for index, line in enumerate(lines):
        if line.status is LineStatus.CHANGED and not _has_values(line):
            detail = "The answer changes this line, but it was not read how."
            found.append(Problem(Code.LOW_CONFIDENCE, detail, f"/lines/{index}"))
    plain = response in (None, Response.ACCEPTED, Response.CHANGED) and not lines
    if doubt and (plain or response is Response.ACCEPTED):
        detail = f"The answer says {doubt[0]!r}, and it was not read what that means for the order."
        found.append(Problem(Code.LOW_CONFIDENCE, detail, "/response"))
    elif response is None or (response is Response.CHANGED and not lines and not unread):
        detail = "It was not read what the supplier answers to the order."
        found.append(Problem(Code.LOW_CONFIDENCE, detail, "/response"))
    return found


def _has_values(line: ReadLine) -> bool:
    return any(v is not None for v in (line.quantity, line.unit_price, line.promised_on, line.substitute_for))


def _inline(pieces: Sequence[Piece], context: _Context) -> _Told | None:
    """Return answers written between quoted lines: each belongs to the last item quoted above it."""
    if len([p for p in pieces if p.role is Role.OWN]) < 3:
        return None
    told, under = _Told(), 0
    for before, piece in pairwise(pieces):
        if before.role is Role.OWN or piece.role is not Role.OWN:
            continue
        items = find_lines(before.text, in_sentences=False)
        if items:
            under += 1
            line = items[-1].line
            for statement in _merged_statements(piece.text, context):
                _tell(told, statement, [Mention((0, 0), line, f"i{under}")], context)
    return told if len(told.lines) > 1 else None


def _merged_statements(text: str, context: _Context) -> list[Statement]:
    """Return the answer under one quoted line as one statement: all of it is about that line."""
    sentences = [s for paragraph in paragraphs(text) for s, _ in split_sentences(paragraph)]
    joined = " ".join(sentences)
    return [Statement(joined, tuple(mentions(joined, context.ordered, context.not_codes)))] if joined else []


def _spoken(text: str, context: _Context) -> _Told:
    """Return answers told in statements, each with the lines it names; a statement naming none goes on."""
    told = _Told()
    for paragraph in paragraphs(text):
        named: dict[str, Mention] = {}
        pending: list[Mention] = []
        for statement in statements(paragraph, context.ordered, context.not_codes):
            own = [*pending, *statement.mentions]
            pending = []
            if statement.asks:  # nothing is answered by a question
                told.unread += [said.text.strip() for said in _values(statement, context) if not said.replaced]
                continue
            if own and statement.mentions and _only_lists(statement, context):
                pending = own
                continue
            about = own or (list(named.values()) if len({m.key for m in named.values()}) == 1 else [])
            elsewhere = bool(named) and not about
            if elsewhere or not _tell_split(told, statement, about, context):
                _tell(told, statement, about, context, elsewhere)
            named |= {m.key: m for m in own}
        for mention in pending if not named else ():
            _note(told, mention, lines_status(paragraph, contrasts=False, has_values=False))
    return told


def _tell_split(told: _Told, statement: Statement, about: Sequence[Mention], context: _Context) -> bool:
    """Tell a delivery in two parts, each of its own day; return whether ``statement`` is one."""
    cut = cut_rest(statement)
    keys = {m.key for m in about} or {WHOLE}
    if cut is None or len(keys) != 1:
        return False
    key = next(iter(keys))
    before, rest, quantity = cut
    day = new_of(_values(rest, context), What.DATE)
    known = told.general if key == WHOLE else told.lines.get(key)
    first = new_of(_values(before, context), What.QUANTITY) or (known is not None and known.quantity is not None)
    if key == WHOLE and day is not None and (len(context.ordered) > 1 or not first):  # of which line is not said
        told.unread += [str(quantity), str(day.value)]
        if before.text:
            _tell(told, before, about, context)
        return True
    gone = lines_status(rest.text, contrasts=False, has_values=False) is LineStatus.REJECTED
    if not first or gone or day is None or not isinstance(day.value, date) or key in told.rests:
        return False
    if before.text:
        _tell(told, before, about, context)
    told.rests[key] = ReadLine(quantity=quantity, promised_on=day.value, status=LineStatus.BACKORDERED)
    return True


def _add_rests(told: _Told) -> None:
    """Put the rest of a line behind its first part; the rest of nobody knows which line is unread."""
    for key, rest in told.rests.items():
        of = next(iter(told.lines)) if key == WHOLE and len(told.lines) == 1 else key
        first = told.lines.get(of)
        if first is None:
            told.unread += [str(rest.quantity), str(rest.promised_on)]
            continue
        told.lines[of] = replace(first, status=max(first.status, LineStatus.CHANGED, key=_RANK.index))
        names = {name: getattr(first, name) for name in ("line_number", "item_number", "description", "unit")}
        told.lines[f"{of}+"] = replace(rest, **names)


def _only_lists(statement: Statement, context: _Context) -> bool:
    """A statement that only names lines ("HG-7") leaves what is said of them to the next."""
    bare = len(re.findall(r"[^\W\d_]{2,}", statement.text)) <= 3 + len(statement.mentions)
    status = lines_status(statement.text, statement.contrasts, has_values=False)
    return bare and status is None and not _values(statement, context)


def _values(statement: Statement, context: _Context) -> list[Said]:
    numbers = [m.span for m in statement.mentions if m.line.line_number or m.line.item_number]
    told = [s for span in numbers for s in _number_spans(statement.text, span)]
    return values_in(statement.text, context.settings, told)


def _number_spans(text: str, span: tuple[int, int]) -> list[tuple[int, int]]:
    """Return the part of a mention that is a number or code, without what stands in its brackets."""
    bracket = re.search(r"[(\[]", text[slice(*span)])
    return [(span[0], span[0] + bracket.start() if bracket else span[1])]


def _tell(
    told: _Told, statement: Statement, about: Sequence[Mention], context: _Context, elsewhere: bool = False
) -> None:
    """Add what ``statement`` says of the lines ``about`` to what is told, and what it says of none to the unread."""
    values = _values(statement, context)
    new = [said for said in values if not said.replaced]
    told.problems += _unsure(new)
    swap = substituted(statement.text, statement.mentions, about, context.not_codes)
    if swap is not None:
        about = [replace(about[0], line=swap, key=about[0].key)] if about else []
    told.problems += _unnamed_substitute(statement.text, values) if swap is None else ()
    status = lines_status(statement.text, statement.contrasts, any(s.what is not What.OTHER for s in new))
    old = any(said.replaced and said.what in {s.what for s in new} and _is_told(said, context) for said in values)
    if swap is not None or (old and status is LineStatus.ACCEPTED):
        status = LineStatus.CHANGED
    if status is LineStatus.ACCEPTED and not says("line", "agreed", statement.text):
        status = None if any(said.what is What.PRICE for said in new) else status
    if not about and not elsewhere and new:
        about = [Mention((0, 0), ReadLine(), WHOLE)]
    if statement.contrasts and statement.mentions and status is None and not new:
        status = LineStatus.CHANGED  # "all but line 2"
    used = _given(told, about, status, new, context)
    told.sources.note([m.key for m in about], statement.text, [said for said in new if said.what in used])
    if status is not LineStatus.REJECTED or not about:
        told.unread += [said.text.strip() for said in new if said.what not in used]


def _is_told(said: Said, context: _Context) -> bool:
    """A day gone by is replaced by none."""
    today = context.settings.today
    return not (isinstance(said.value, date) and today is not None and said.value < today)


def _unnamed_substitute(text: str, values: Sequence[Said]) -> Sequence[Problem]:
    """A price told beside a word of substitution, but of no other price: what is offered was not read."""
    priced = any(said.what is What.PRICE for said in values) and not any(said.replaced for said in values)
    if not priced or not offers_substitute(text):
        return ()
    return (Problem(Code.LOW_CONFIDENCE, f"{text.strip()[:160]!r} offers something else, not read what.", "/lines"),)


def _unsure(new: Sequence[Said]) -> list[Problem]:
    found = []
    for said in new:
        if said.value is None and said.what is not What.OTHER:
            code = Code.AMBIGUOUS_DATE if said.what is What.DATE else Code.AMBIGUOUS_NUMBER
            found.append(Problem(code, f"{said.text.strip()!r} can mean more than one {said.what}.", "/lines"))
    return found


def _given(
    told: _Told, about: Sequence[Mention], status: LineStatus | None, new: Sequence[Said], context: _Context
) -> set[What]:
    """Give the lines ``about`` their status and new values; return which kinds of values found their line."""
    values = {what: new_of(new, what) for what in (What.PRICE, What.QUANTITY, What.DATE)}
    if status is LineStatus.REJECTED:
        values = {}
    used = {what for what, said in values.items() if said is not None and about}
    for mention in about:
        line = _with_values(mention.line, values)
        state = _state(status, line, mention, used, context)
        if mention.key == WHOLE:
            _note_general(told, line, state)
        elif state is not None or used:
            _note(told, replace(mention, line=line), state)
    return used


def _with_values(line: ReadLine, values: Mapping[What, Said | None]) -> ReadLine:
    price, quantity, day = (values.get(what) for what in (What.PRICE, What.QUANTITY, What.DATE))
    if price and isinstance(price.value, Decimal):
        line = replace(line, unit_price=price.value)
    if quantity and isinstance(quantity.value, Decimal):
        line = replace(line, quantity=quantity.value, unit=quantity.unit)
    if day and isinstance(day.value, date):
        line = replace(line, promised_on=day.value)
    return line


def _state(
    status: LineStatus | None, line: ReadLine, mention: Mention, used: set[What], context: _Context
) -> LineStatus | None:
    """Return the status of a line: as said, else by whether its values differ from those ordered."""
    known = context.ordered[int(mention.key[1:])] if mention.key.startswith("#") else None
    if status in (None, LineStatus.ACCEPTED) and known is not None:
        pairs = ((known.quantity, line.quantity), (known.unit_price, line.unit_price))
        differs = any(old is not None and new is not None and old != new for old, new in pairs)
        same = line.unit_price is not None and known.unit_price == line.unit_price
        if differs:
            return LineStatus.CHANGED
        if status is None and (same or used):
            return LineStatus.CHANGED if What.PRICE in used and not same else LineStatus.ACCEPTED
    if status is None and used:
        return LineStatus.CHANGED if What.PRICE in used else LineStatus.ACCEPTED
    return status


def _note(told: _Told, mention: Mention, status: LineStatus | None) -> None:
    """Add what a statement says of a line to what is known of it; the graver status holds."""
    known = told.lines.get(mention.key)
    line = replace(mention.line, status=status)
    if known is not None:
        for name in ("quantity", "unit_price", "promised_on"):
            old, new = getattr(known, name), getattr(line, name)
            if old is not None and new is not None and old != new:
                told.unread.append(str(new))
        line = replace(line, **{n: getattr(known, n) for n in _KEPT if getattr(known, n) is not None})
        line = replace(line, status=max(known.status, status, key=_RANK.index))
    told.lines[mention.key] = line


def _note_general(told: _Told, line: ReadLine, status: LineStatus | None) -> None:
    """Add what a statement says of the whole order; what contradicts it is unread."""
    known = told.general or ReadLine()
    if line.unit_price is not None and status is LineStatus.ACCEPTED:
        status = LineStatus.CHANGED
    for name in ("quantity", "unit_price", "promised_on"):
        old, new = getattr(known, name), getattr(line, name)
        if old is not None and new is not None and old != new:
            told.unread.append(str(new))
        elif new is not None:
            known = replace(known, **{name: new})
    unit = known.unit or line.unit
    told.general = replace(known, unit=unit, status=max(known.status, status, key=_RANK.index))


def _spread(told: _Told, context: _Context) -> None:
    """Give what was said of the whole order to every line that nothing else was said of.

    A date holds for all of them, a price or quantity only for the one line of an order. Without a known order
    one line that names no item stands for all.
    """
    general = told.general
    if general is None or not _has_values(general):
        return
    alone = replace(general, quantity=None, unit=None, unit_price=None) if len(context.ordered) > 1 else general
    if context.ordered and not told.lines.keys() - {f"#{i}" for i in range(len(context.ordered))}:
        targets = {f"#{index}": identity(line) for index, line in enumerate(context.ordered)}
    else:
        targets = {} if told.lines else {WHOLE: ReadLine()}
    for key, line in targets.items():
        known = told.lines.get(key)
        if alone.promised_on is None and alone is not general:
            continue
        if known is None or (known.status is LineStatus.ACCEPTED and not known.promised_on):
            _note(told, Mention((0, 0), _joined(line, alone), key), general.status)
    lost = general
    if targets:
        lost = replace(general, promised_on=None)
        lost = lost if WHOLE in targets or alone is not general else ReadLine()
    values = (lost.unit_price, lost.quantity, lost.promised_on)
    told.unread += [str(value) for value in values if value is not None]


def _joined(named: ReadLine, said: ReadLine) -> ReadLine:
    values = ("quantity", "unit", "unit_price", "promised_on")
    return replace(named, **{name: getattr(said, name) for name in values})


def pointed_lines(text: str, lines: tuple[ReadLine, ...]) -> list[ReadLine]:
    """Return the lines of a document that its covering text points at as changed."""
    found: list[ReadLine] = []
    for sentence, _ in split_sentences(re.sub(r"(?<!\n)\n(?!\n)", " ", text)):
        if says("header", "changes", sentence):
            named = {m.key for m in mentions(sentence, lines)}
            found += [line for index, line in enumerate(lines) if f"#{index}" in named]
    return found if len(found) < len(lines) or len(lines) == 1 else []


def points_at_change(text: str) -> bool:
    """Return whether a covering text says that something of the order is changed."""
    for sentence, _ in split_sentences(re.sub(r"(?<!\n)\n(?!\n)", " ", text)):
        if says("header", "points", sentence) or (says("header", "changes", sentence) and _numbered(sentence)):
            return True
    return False


def _numbered(sentence: str) -> bool:
    return any(m.line.line_number for m in mentions(sentence, ()))


def named_lines(sentence: str, ordered: tuple[ReadLine, ...]) -> list[ReadLine]:
    """Return the lines of an order that ``sentence`` names, as they were ordered."""
    found = []
    for mention in mentions(sentence, ordered):
        if mention.key.startswith("#"):
            known = ordered[int(mention.key[1:])]
            found.append(replace(known, line_number=mention.line.line_number or known.line_number))
        else:
            found.append(mention.line)
    return found
