"""The classes of requisitions that a policy can tell apart, each with the rules that it leaves standing.

A set of rules is a bit mask: bit n is rule n. A class of amounts is a span between two amounts that rules
name; of cost centres and requesters, the values named and any other; of categories and suppliers, of which a
requisition may hold several, every set of values that leaves other rules than the smaller ones do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from procurement.approvers import Directory
from procurement.policy import Facts, Rule

Value = frozenset[str]
Axis = list[tuple[int, Value]]


@dataclass(frozen=True)
class Span:
    """Amounts from ``low`` (inclusive) to ``high`` (exclusive; None: without end)."""

    low: Decimal
    high: Decimal | None
    standing: int


def spans(rules: Sequence[Rule]) -> list[Span]:
    """Return the spans of amounts from 0 on, between all amounts that rules name."""
    named = {bound for rule in rules for bound in (rule.amount_from, rule.amount_below) if bound is not None}
    bounds = sorted({Decimal(0), *(bound for bound in named if bound > 0)})
    ends = [*bounds[1:], None]
    return [
        Span(low, high, mask_of(_in_range(rule, low) for rule in rules)) for low, high in zip(bounds, ends, strict=True)
    ]


def dimensions(rules: Sequence[Rule], directory: Directory) -> list[Axis]:
    """Return the axes category, cost centre, supplier, requester and contract, as ``facts_of`` takes them."""
    return [
        _sets([rule.categories for rule in rules], directory.categories, "(any other category)"),
        _singles([rule.cost_centers for rule in rules], directory.owners, "(any other cost centre)"),
        _sets([rule.suppliers for rule in rules], directory.suppliers, "(any other supplier)"),
        _singles([rule.requesters for rule in rules], directory.people, "(any other requester)"),
        [
            (mask_of(rule.contract in (None, contract) for rule in rules), frozenset({contract}))
            for contract in ("on", "off")
        ],
    ]


def facts_of(amount: Decimal, values: Sequence[Value]) -> Facts:
    """Return the requisition of an amount and one value of each axis."""
    categories, center, suppliers, requester, contract = values
    return Facts(amount, categories, min(center), suppliers, min(requester), min(contract))


def mask_of(stands: Iterable[bool]) -> int:
    """Return the mask of the places that are true.

    >>> mask_of([True, False, True])
    5
    """
    return sum(1 << place for place, stand in enumerate(stands) if stand)


def _in_range(rule: Rule, amount: Decimal) -> bool:
    above = rule.amount_from is None or rule.amount_from <= amount
    return above and (rule.amount_below is None or amount < rule.amount_below)


def _singles(conditions: Sequence[Value | None], known: Iterable[str], other: str) -> Axis:
    """Return a class for each set of rules that one value leaves standing, with the first such value."""
    named = frozenset().union(*(condition for condition in conditions if condition is not None))
    stranger = min((value for value in known if value not in named), default=other)
    classes: dict[int, Value] = {}
    for value in [*sorted(named), stranger]:
        mask = mask_of(condition is None or value in condition for condition in conditions)
        classes.setdefault(mask, frozenset({value}))
    return list(classes.items())


def _sets(conditions: Sequence[Value | None], known: Iterable[str], other: str) -> Axis:
    """Return the classes of sets of values: those of single values, closed under intersection."""
    singles = _singles(conditions, known, other)
    classes: dict[int, Value] = dict(singles)
    fresh = singles
    while fresh:
        grown: dict[int, Value] = {}
        for mask, values in fresh:
            for kept, value in singles:
                if mask & kept not in classes and mask & kept not in grown:
                    grown[mask & kept] = values | value
        classes |= grown
        fresh = list(grown.items())
    return list(classes.items())
