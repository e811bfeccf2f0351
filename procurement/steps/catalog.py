"""Find the catalog item that a line means, through the index of words and never by reading the catalog."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, Date, Select, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from procurement import catalog as rules
from procurement.catalog_search import Word, holding_all, nearest
from records.postings import BLOCK, MOST_LISTED
from records.tables import CatalogItem, CatalogNumber, CatalogWord

MOST_WORDS = 16
TELLING_WORDS = 5  # the rarest; an item that holds them all is looked at before any other
MOST_EXACT = 40  # items that hold them; more are told apart by the other words first
MOST_NUMBERED = 2_000  # items of one number that are looked at, those of all suppliers
SHORT_SET = 8192  # bytes of a set that is read with its count
SPARE = 20  # more candidates than are scored, because some are not valid today

# Built once, so that they are compiled once.
_MINE = (
    CatalogWord.organisation_id == bindparam("organisation"),
    CatalogWord.word.in_(bindparam("words", expanding=True)),
)
_is_short = or_(CatalogWord.items <= MOST_LISTED, func.length(CatalogWord.places) <= SHORT_SET)
_COUNTS = select(
    CatalogWord.word,
    CatalogWord.block,
    CatalogWord.items,
    case((_is_short, CatalogWord.places), else_=None).label("places"),
).where(*_MINE)
_BITS = select(CatalogWord.word, CatalogWord.block, CatalogWord.places).where(*_MINE)
_NUMBERS = select(CatalogNumber.item_id).where(
    CatalogNumber.organisation_id == bindparam("organisation"),
    CatalogNumber.number.in_(bindparam("numbers", expanding=True)),
)
_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_TEXTS = select(CatalogItem.id, CatalogItem.description).where(CatalogItem.id.in_(_IDS))
_TODAY = bindparam("today", type_=Date)
_VALID_TEXTS = _TEXTS.where(
    or_(CatalogItem.valid_from.is_(None), CatalogItem.valid_from <= _TODAY),
    or_(CatalogItem.valid_until.is_(None), CatalogItem.valid_until >= _TODAY),
)


@dataclass(frozen=True)
class Match:
    """The item that clearly fits (``how``: "number", "number in text" or "text"), or the best candidates."""

    item: CatalogItem | None
    candidates: tuple[CatalogItem, ...]
    how: str


def match_line(
    session: Session,
    organisation_id: int,
    description: str | None,
    item_number: str | None,
    supplier_id: int | None = None,
    *,
    today: date | None = None,
) -> Match:
    """Return what a line's item number, else its words, say; among one supplier's items where it is known.

    A number that is unknown or belongs to several items is never overruled by words: it leaves candidates.
    With ``today``, items that are not valid then are found by their number only.
    """
    scope = _Scope(session, organisation_id, supplier_id, today)
    if item_number and (found := _by_numbers(scope, [item_number])):
        return _from_number(found, "number")
    candidates = _ranked(scope, description or item_number or "")
    if item_number and description:
        return Match(None, _shown(scope, candidates), "none")
    if found := _by_numbers(scope, rules.codes_in(description or "")):
        return _from_number(found, "number in text")
    winner = rules.clear_winner(candidates)
    if winner is None:
        return Match(None, _shown(scope, candidates), "none")
    return Match(session.get_one(CatalogItem, winner.id), (), "text")


def rank(session: Session, organisation_id: int, description: str) -> tuple[rules.Scored, ...]:
    """Return the items nearest to a description with their scores, the best first."""
    return _ranked(_Scope(session, organisation_id, None, None), description)


@dataclass(frozen=True)
class _Scope:
    session: Session
    organisation_id: int
    supplier_id: int | None
    today: date | None


def _from_number(found: Sequence[CatalogItem], how: str) -> Match:
    if len(found) == 1:
        return Match(found[0], (), how)
    return Match(None, tuple(found[: rules.SHOWN_CANDIDATES]), "none")


def _by_numbers(scope: _Scope, numbers: Iterable[str]) -> list[CatalogItem]:
    """Return the items of those numbers; our own number goes before the same number of a supplier."""
    keys = {key for key in map(rules.number_key, numbers) if key}
    if not keys:
        return []
    told = [key[: rules.LONGEST_TOKEN] for key in keys]
    ids = set(scope.session.scalars(_NUMBERS, {"organisation": scope.organisation_id, "numbers": told}))
    if not ids:
        return []
    query = (
        select(CatalogItem)
        .where(CatalogItem.id.in_(sorted(ids)[:MOST_NUMBERED]))
        .order_by(CatalogItem.id)
        .limit(rules.MOST_CANDIDATES)
    )
    if scope.supplier_id is not None:
        query = query.where(CatalogItem.supplier_id == scope.supplier_id)
    items = list(dict.fromkeys(scope.session.scalars(query)))
    own = [item for item in items if rules.number_key(item.item_number) in keys]
    return own or [item for item in items if rules.number_key(item.supplier_item_number) in keys]


def _ranked(scope: _Scope, description: str) -> tuple[rules.Scored, ...]:
    """Return the items nearest to a description, the best first.

    Those that hold its most telling words are enough where one of them clearly wins or several fit: others could
    not fit any better.
    """
    words = [word[: rules.LONGEST_TOKEN] for word in rules.words(description)][:MOST_WORDS]
    if not words:
        return ()
    index = _Index(scope, words)
    found = _scored(scope, description, index.exact())
    fitting = sum(one.fits for one in found)
    return found if fitting > 1 or rules.clear_winner(found) else _scored(scope, description, index.nearest())


def _scored(scope: _Scope, description: str, ids: Sequence[int]) -> tuple[rules.Scored, ...]:
    if not ids:
        return ()
    place_of = {item_id: place for place, item_id in enumerate(ids)}
    if scope.today is None:
        rows = scope.session.execute(_TEXTS, {"ids": ids})
    else:
        rows = scope.session.execute(_VALID_TEXTS, {"ids": ids, "today": scope.today})
    texts = sorted(((row[0], row[1]) for row in rows), key=lambda text: place_of[text[0]])
    return rules.score(description, texts[: rules.MOST_CANDIDATES])


class _Index:
    """What the index says of a line's words; long sets are read only when they are needed."""

    def __init__(self, scope: _Scope, words: Sequence[str]) -> None:
        self._scope = scope
        self._words = words
        self._mark = None if scope.supplier_id is None else rules.supplier_mark(scope.supplier_id)
        self._counts: Counter[str] = Counter()
        self._sets: dict[tuple[int, str], bytes] = {}
        self._blocks: set[int] = set()
        self._unread: set[str] = set()
        for word, block, items, places in self._rows(_COUNTS, [*words, *([self._mark] if self._mark else [])]):
            self._counts[word] += items
            self._blocks.add(block)
            if places is None:
                self._unread.add(word)
            else:
                self._sets[block, word] = places

    def exact(self) -> list[int]:
        """Return the ids of the items that hold the most telling words, or all words where these are many.

        Empty where all words leave too many. A number at the beginning may be a quantity and tells nothing.
        """
        said = self._words[1:] if self._words[0].isdigit() else self._words
        telling = sorted((word for word in said if word in self._counts), key=self._counts.__getitem__)
        if not telling or (self._mark and self._mark not in self._counts):
            return []
        mark = [self._mark] if self._mark else []
        found = self._holding([*telling[:TELLING_WORDS], *mark])
        if len(found) > MOST_EXACT:
            found = self._holding([*telling, *mark])
        return found if len(found) <= MOST_EXACT else []

    def _holding(self, words: Sequence[str]) -> list[int]:
        """Return the ids of the items that hold all of ``words``; a few more than MOST_EXACT if they are too many."""
        self._read(words)
        found: list[int] = []
        for block in sorted(self._blocks):
            sets = [self._sets[block, word] for word in words if (block, word) in self._sets]
            if len(sets) == len(words):
                found += [block * BLOCK + place for place in holding_all(sets, MOST_EXACT + 1)]
        return found

    def nearest(self) -> list[int]:
        """Return the ids of the items that hold the most and rarest of the words, the best first."""
        self._read(list(self._counts))
        most = rules.MOST_CANDIDATES + (SPARE if self._scope.today else 0)
        found: list[tuple[float, int]] = []
        for block in self._blocks:
            within = self._sets.get((block, self._mark)) if self._mark else None
            if self._mark and within is None:
                continue  # the supplier has no item there
            weighed = [
                Word(1 / (1 + math.log(self._counts[word])), places)
                for (of, word), places in self._sets.items()
                if of == block and word != self._mark
            ]
            found += [(points, block * BLOCK + place) for points, place in nearest(weighed, within, most)]
        found.sort(key=lambda one: (-one[0], one[1]))
        return [item_id for _, item_id in found[:most]]

    def _read(self, words: Sequence[str]) -> None:
        if missing := [word for word in words if word in self._unread]:
            self._sets |= {(block, word): places for word, block, places in self._rows(_BITS, missing)}
            self._unread.difference_update(missing)

    def _rows(self, query: Select[*tuple[Any, ...]], words: Sequence[str]) -> Iterator[Any]:
        found = self._scope.session.execute(query, {"organisation": self._scope.organisation_id, "words": words})
        return iter(found)


def _shown(scope: _Scope, ranked: Sequence[rules.Scored]) -> tuple[CatalogItem, ...]:
    best = [one.id for one in ranked[: rules.SHOWN_CANDIDATES]]
    rows = {item.id: item for item in scope.session.scalars(select(CatalogItem).where(CatalogItem.id.in_(best)))}
    return tuple(rows[item_id] for item_id in best)
