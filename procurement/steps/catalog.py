"""Find the catalog item that a line means, through the token index and never by reading the catalog."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from procurement import catalog as rules
from records.tables import CatalogItem, CatalogToken

COMMON = 400  # a token of more items than this does not by itself tell one from another
RARE_TOKENS = 6


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
    candidates = _by_text(scope, description or item_number or "")
    if item_number and description:
        return Match(None, _shown(scope, candidates), "none")
    if found := _by_numbers(scope, rules.codes_in(description or "")):
        return _from_number(found, "number in text")
    winner = rules.clear_winner(candidates)
    if winner is None:
        return Match(None, _shown(scope, candidates), "none")
    return Match(session.get_one(CatalogItem, winner.id), (), "text")


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


def _by_text(scope: _Scope, description: str) -> tuple[rules.Scored, ...]:
    weights = _rarest(scope, [word[: rules.LONGEST_TOKEN] for word in rules.words(description)])
    return rules.score(description, _candidates(scope, weights)) if weights else ()


def _rarest(scope: _Scope, words: Sequence[str]) -> dict[str, int]:
    """Return the rarest of the words that the catalog knows and how many items hold each, counted to COMMON."""
    if not words:
        return {}
    counts = union_all(*(_count(scope, word) for word in words[:40]))
    found = {token: count for token, count in scope.session.execute(counts) if count}
    ranked = sorted(found, key=lambda token: (found[token], token))
    return {token: found[token] for token in ranked[:RARE_TOKENS]}


def _count(scope: _Scope, word: str) -> Select[str, int]:
    some = (
        select(CatalogToken.item_id)
        .where(CatalogToken.organisation_id == scope.organisation_id, CatalogToken.token == word)
        .limit(COMMON)
        .subquery()
    )
    return select(literal(word), func.count()).select_from(some)


def _candidates(scope: _Scope, weights: dict[str, int]) -> list[tuple[int, str]]:
    """Return (id, description) of the items that share the most and rarest words with the line."""
    rare = [token for token, count in weights.items() if count < COMMON]
    points: dict[int, float] = {}
    for item_id, token in scope.session.execute(_holders(scope, rare) if rare else _sharers(scope, list(weights))):
        points[item_id] = points.get(item_id, 0.0) + 1.0 / weights[token]
    best = sorted(points, key=lambda item_id: (-points[item_id], item_id))[: rules.MOST_CANDIDATES]
    rows = scope.session.execute(select(CatalogItem.id, CatalogItem.description).where(CatalogItem.id.in_(best)))
    return [(item_id, description) for item_id, description in rows]


def _holders(scope: _Scope, some: Sequence[str]) -> Select[int, str]:
    query = select(CatalogToken.item_id, CatalogToken.token).where(
        CatalogToken.organisation_id == scope.organisation_id, CatalogToken.token.in_(some)
    )
    return _in_scope(scope, query)


def _sharers(scope: _Scope, some: Sequence[str]) -> Select[int, str]:
    """Return the query for a line of common words only: items that hold the two rarest of them."""
    second = CatalogToken.__table__.alias()
    query = select(CatalogToken.item_id, CatalogToken.token).where(
        CatalogToken.organisation_id == scope.organisation_id, CatalogToken.token == some[0]
    )
    if len(some) > 1:
        query = query.join(
            second,
            (second.c.organisation_id == scope.organisation_id)
            & (second.c.token == some[1])
            & (second.c.item_id == CatalogToken.item_id),
        )
    return _in_scope(scope, query).limit(COMMON)


def _in_scope(scope: _Scope, query: Select[int, str]) -> Select[int, str]:
    if scope.supplier_id is None and scope.today is None:
        return query
    query = query.join(CatalogItem, CatalogItem.id == CatalogToken.item_id)
    if scope.supplier_id is not None:
        query = query.where(CatalogItem.supplier_id == scope.supplier_id)
    if scope.today is not None:
        query = query.where(
            or_(CatalogItem.valid_from.is_(None), CatalogItem.valid_from <= scope.today),
            or_(CatalogItem.valid_until.is_(None), CatalogItem.valid_until >= scope.today),
        )
    return query


def _shown(scope: _Scope, ranked: Sequence[rules.Scored]) -> tuple[CatalogItem, ...]:
    best = [one.id for one in ranked[: rules.SHOWN_CANDIDATES]]
    rows = {item.id: item for item in scope.session.scalars(select(CatalogItem).where(CatalogItem.id.in_(best)))}
    return tuple(rows[item_id] for item_id in best)
