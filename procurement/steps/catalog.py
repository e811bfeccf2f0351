"""Find the catalog item that a line means, through the index of words and never by reading the catalog."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import BindParameter, Date, bindparam, or_, select
from sqlalchemy.orm import Session

from procurement import catalog as rules
from procurement.catalog_search import Word, nearest
from records.postings import BLOCK
from records.tables import CatalogItem, CatalogNumber, CatalogWord

MOST_WORDS = 16
SPARE = 20  # more candidates than are scored, because some are not valid today

# Built once, so that they are compiled once.
_WORDS = select(CatalogWord.word, CatalogWord.block, CatalogWord.items, CatalogWord.places).where(
    CatalogWord.organisation_id == bindparam("organisation"), CatalogWord.word.in_(bindparam("words", expanding=True))
)
# Numbers of our own: written out into the statement, as that is quicker.
_IDS: BindParameter[int] = bindparam("ids", expanding=True, literal_execute=True)
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
    mine = CatalogNumber.organisation_id == scope.organisation_id
    query = (
        select(CatalogItem)
        .join(CatalogNumber, CatalogNumber.item_id == CatalogItem.id)
        .where(mine, CatalogNumber.number.in_([key[: rules.LONGEST_TOKEN] for key in keys]))
        .order_by(CatalogItem.id)
        .limit(rules.MOST_CANDIDATES)
    )
    if scope.supplier_id is not None:
        query = query.where(CatalogItem.supplier_id == scope.supplier_id)
    items = list(dict.fromkeys(scope.session.scalars(query)))
    own = [item for item in items if rules.number_key(item.item_number) in keys]
    return own or [item for item in items if rules.number_key(item.supplier_item_number) in keys]


def _ranked(scope: _Scope, description: str) -> tuple[rules.Scored, ...]:
    words = [word[: rules.LONGEST_TOKEN] for word in rules.words(description)][:MOST_WORDS]
    ids = _candidates(scope, words) if words else []
    if not ids:
        return ()
    place_of = {item_id: place for place, item_id in enumerate(ids)}
    if scope.today is None:
        rows = scope.session.execute(_TEXTS, {"ids": ids})
    else:
        rows = scope.session.execute(_VALID_TEXTS, {"ids": ids, "today": scope.today})
    texts = sorted(((row.id, row.description) for row in rows), key=lambda text: place_of[text[0]])
    return rules.score(description, texts[: rules.MOST_CANDIDATES])


def _candidates(scope: _Scope, words: Sequence[str]) -> list[int]:
    """Return the ids of the items that hold the most and rarest of the words, the best first."""
    mark = None if scope.supplier_id is None else rules.supplier_mark(scope.supplier_id)
    wanted = [*words, *([mark] if mark else [])]
    rows = list(scope.session.execute(_WORDS, {"organisation": scope.organisation_id, "words": wanted}))
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row.word] += row.items
    most = rules.MOST_CANDIDATES + (SPARE if scope.today else 0)
    found: list[tuple[float, int]] = []
    for block in {row.block for row in rows}:
        here = {row.word: row.places for row in rows if row.block == block}
        within = here.pop(mark, None) if mark else None
        if mark and within is None:
            continue  # the supplier has no item there
        weighed = [Word(1 / (1 + math.log(counts[word])), places) for word, places in here.items()]
        best = nearest(weighed, within, most)
        found += [(points, block * BLOCK + place) for points, place in best]
    found.sort(key=lambda one: (-one[0], one[1]))
    return [item_id for _, item_id in found[:most]]


def _shown(scope: _Scope, ranked: Sequence[rules.Scored]) -> tuple[CatalogItem, ...]:
    best = [one.id for one in ranked[: rules.SHOWN_CANDIDATES]]
    rows = {item.id: item for item in scope.session.scalars(select(CatalogItem).where(CatalogItem.id.in_(best)))}
    return tuple(rows[item_id] for item_id in best)
