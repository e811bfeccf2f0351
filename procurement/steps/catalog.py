"""Find the catalog item that a line means, through the token index and never by reading the catalog."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Date, Float, Select, String, bindparam, func, or_, select, union_all
from sqlalchemy.orm import Session

from procurement import catalog as rules
from records.base import RowId
from records.tables import CatalogItem, CatalogToken

COMMON = 3000  # so many items of one word are looked at
MOST_WORDS = 16
RAREST = 4  # words by which candidates are found


def _holders(word: str) -> Select[int]:
    """Return the query for the items of one word; ``word`` names its parameter."""
    return (
        select(CatalogToken.item_id)
        .where(CatalogToken.organisation_id == bindparam("organisation"), CatalogToken.token == bindparam(word))
        .limit(COMMON)
    )


def _count_of(word: str) -> Select[str, int]:
    holders = _holders(word).subquery()
    return select(bindparam(word, type_=String), func.count()).select_from(holders)


def _best(scoped: bool) -> Select[int]:
    """Return the query for the items that hold the most and rarest of the words, the best first."""
    weighed = []
    for place in range(RAREST):
        holders = (_in_scope(_holders(f"word_{place}")) if scoped else _holders(f"word_{place}")).subquery()
        weight = bindparam(f"weight_{place}", type_=Float)
        weighed.append(select(holders.c.item_id, weight.label("weight")))
    found = union_all(*weighed).subquery()
    points = func.sum(found.c.weight)
    query = select(found.c.item_id).group_by(found.c.item_id)
    return query.order_by(points.desc(), found.c.item_id).limit(rules.MOST_CANDIDATES)


def _in_scope(query: Select[int]) -> Select[int]:
    supplier, today = bindparam("supplier", type_=RowId), bindparam("today", type_=Date)
    return query.join(CatalogItem, CatalogItem.id == CatalogToken.item_id).where(
        or_(supplier.is_(None), CatalogItem.supplier_id == supplier),
        or_(today.is_(None), CatalogItem.valid_from.is_(None), CatalogItem.valid_from <= today),
        or_(today.is_(None), CatalogItem.valid_until.is_(None), CatalogItem.valid_until >= today),
    )


# Built once, so that they are compiled once.
_COUNTS = union_all(*(_count_of(f"word_{place}") for place in range(MOST_WORDS)))
_BEST, _BEST_IN_SCOPE = _best(scoped=False), _best(scoped=True)
_TEXTS = select(CatalogItem.id, CatalogItem.description).where(CatalogItem.id.in_(bindparam("ids", expanding=True)))


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
    marked = [(rules.NUMBER_MARK + key)[: rules.LONGEST_TOKEN] for key in keys]
    if not marked:
        return []
    query = (
        select(CatalogItem)
        .join(CatalogToken, CatalogToken.item_id == CatalogItem.id)
        .where(CatalogToken.organisation_id == scope.organisation_id, CatalogToken.token.in_(marked))
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
    counts = _counts(scope, words) if words else {}
    ids = _candidates(scope, counts) if counts else []
    return rules.score(description, [(row.id, row.description) for row in scope.session.execute(_TEXTS, {"ids": ids})])


def _counts(scope: _Scope, words: Sequence[str]) -> dict[str, int]:
    """Return how many items hold each word that the catalog knows (counted to COMMON), the rarest first."""
    parameters = {"organisation": scope.organisation_id} | _padded("word", words, MOST_WORDS, "")
    rows = scope.session.execute(_COUNTS, parameters)
    found = {token: count for token, count in rows if count}
    return dict(sorted(found.items(), key=lambda pair: (pair[1], pair[0])))


def _candidates(scope: _Scope, counts: dict[str, int]) -> list[int]:
    rarest = list(counts)[:RAREST]
    weights = [1 / (1 + math.log(counts[word])) for word in rarest]
    parameters = {"organisation": scope.organisation_id, "supplier": scope.supplier_id, "today": scope.today}
    parameters |= _padded("word", rarest, RAREST, "") | _padded("weight", weights, RAREST, 0.0)
    if scope.supplier_id is None and scope.today is None:
        return list(scope.session.scalars(_BEST, parameters))
    return list(scope.session.scalars(_BEST_IN_SCOPE, parameters))


def _padded(name: str, values: Sequence[object], length: int, blank: object) -> dict[str, Any]:
    padded = [*values, *[blank] * (length - len(values))]
    return {f"{name}_{place}": value for place, value in enumerate(padded)}


def _shown(scope: _Scope, ranked: Sequence[rules.Scored]) -> tuple[CatalogItem, ...]:
    best = [one.id for one in ranked[: rules.SHOWN_CANDIDATES]]
    rows = {item.id: item for item in scope.session.scalars(select(CatalogItem).where(CatalogItem.id.in_(best)))}
    return tuple(rows[item_id] for item_id in best)
