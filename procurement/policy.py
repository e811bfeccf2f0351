"""The approval policy: rules whose conditions are ranges and sets, of which exactly one must hold.

A requisition may hold several categories and suppliers. A rule's set holds when ALL of them are inside
it; lines without a category count as the category "". ``contract = "on"`` holds when every line is on
contract, ``"off"`` as soon as one is not (so a mixed requisition goes the way of the stricter one). A rule
with ``exceptions`` does not hold where one of those earlier rules holds: that is how a policy says "all
else". Amounts are in base currency; a range includes its lower and excludes its upper bound.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from records.problems import Code, Problem


@dataclass(frozen=True)
class PolicyStep:
    """Who signs in one step: "person:EMAIL", "role:NAME", "owner" (of the cost centre) or "manager".

    ``need`` is "all" or "any" of them. Whoever signs must be allowed to sign the whole amount, or
    ``limit`` if that is less (an endorsement before somebody with more authority signs).
    """

    who: tuple[str, ...]
    need: str = "all"
    limit: Decimal | None = None


@dataclass(frozen=True)
class Rule:
    """One rule; a condition that is None holds for everything."""

    name: str
    amount_from: Decimal | None = None
    amount_below: Decimal | None = None
    categories: frozenset[str] | None = None
    cost_centers: frozenset[str] | None = None
    suppliers: frozenset[str] | None = None
    requesters: frozenset[str] | None = None
    contract: str | None = None
    exceptions: tuple[str, ...] = ()
    steps: tuple[PolicyStep, ...] = ()
    automatic: bool = False


@dataclass(frozen=True)
class Facts:
    """What the policy asks of a requisition; ``contract`` is "on", "off" or "mixed"."""

    base_total: Decimal
    categories: frozenset[str]
    cost_center: str
    suppliers: frozenset[str]
    requester: str
    contract: str


def meets(rule: Rule, facts: Facts) -> bool:
    """Return whether the rule's own conditions hold, its exceptions left aside."""
    return not any(True for _ in unmet(rule, facts))


def unmet(rule: Rule, facts: Facts) -> Iterable[str]:
    """Yield the name of each condition of ``rule`` that does not hold: amount, category, ..."""
    if rule.amount_from is not None and facts.base_total < rule.amount_from:
        yield "amount"
    if rule.amount_below is not None and facts.base_total >= rule.amount_below:
        yield "amount"
    for name, allowed, values in _sets(rule, facts):
        if allowed is not None and not values <= allowed:
            yield name
    if rule.contract is not None and rule.contract != stricter(facts.contract):
        yield "contract"


def holding(rules: Sequence[Rule], facts: Facts) -> tuple[Rule, ...]:
    """Return the rules that hold, exceptions considered, in their order."""
    return survivors(rule for rule in rules if meets(rule, facts))


def survivors(met: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return the rules of ``met`` (in the policy's order) that no exception takes away."""
    held: dict[str, Rule] = {}
    for rule in met:
        if not any(name in held for name in rule.exceptions):
            held[rule.name] = rule
    return tuple(held.values())


def select(rules: Sequence[Rule], facts: Facts) -> Rule | Problem:
    """Return the one rule that holds, or the problem NO_APPROVER when none or several do."""
    held = holding(rules, facts)
    if len(held) == 1:
        return held[0]
    if not held:
        detail = f"No rule of the approval policy covers {describe(facts)}."
    else:
        names = " and ".join(f"“{rule.name}”" for rule in held)
        detail = f"The rules {names} of the approval policy both cover {describe(facts)}."
    return Problem(Code.NO_APPROVER, detail)


def describe(facts: Facts) -> str:
    """Return the requisition in words: "a requisition of 700, category it, cost centre 4711, ..."."""
    categories = ", ".join(sorted(facts.categories - {""})) or "none"
    contract = {"on": "on contract", "off": "off contract"}.get(facts.contract, "partly on contract")
    return (
        f"a requisition of {facts.base_total} (category {categories}, cost centre {facts.cost_center or 'none'}, "
        f"supplier {', '.join(sorted(facts.suppliers)) or 'none'}, requester {facts.requester}, {contract})"
    )


def stricter(contract: str) -> str:
    """Return "on" only for what is wholly on contract, else "off"."""
    return "on" if contract == "on" else "off"


def rules_to_json(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """Return the rules as JSON-ready values; conditions that hold for everything are left out."""
    return [_rule_to_json(rule) for rule in rules]


def rules_from_json(values: Iterable[dict[str, Any]]) -> tuple[Rule, ...]:
    """Return the rules that ``rules_to_json`` wrote."""
    return tuple(_rule_from_json(value) for value in values)


_SET_FIELDS = ("categories", "cost_centers", "suppliers", "requesters")


def _sets(rule: Rule, facts: Facts) -> Iterable[tuple[str, frozenset[str] | None, frozenset[str]]]:
    none = frozenset({""})
    yield "category", rule.categories, facts.categories or none
    yield "cost centre", rule.cost_centers, frozenset({facts.cost_center})
    yield "supplier", rule.suppliers, facts.suppliers or none
    yield "requester", rule.requesters, frozenset({facts.requester})


def _rule_to_json(rule: Rule) -> dict[str, Any]:
    told: dict[str, Any] = {"name": rule.name}
    for name in ("amount_from", "amount_below"):
        bound = getattr(rule, name)
        if bound is not None:
            told[name] = format(bound, "f")
    told |= {name: sorted(getattr(rule, name)) for name in _SET_FIELDS if getattr(rule, name) is not None}
    if rule.contract is not None:
        told["contract"] = rule.contract
    if rule.exceptions:
        told["exceptions"] = list(rule.exceptions)
    if rule.automatic:
        told["automatic"] = True
    told["steps"] = [_step_to_json(step) for step in rule.steps]
    return told


def _step_to_json(step: PolicyStep) -> dict[str, Any]:
    told: dict[str, Any] = {"who": list(step.who), "need": step.need}
    if step.limit is not None:
        told["limit"] = format(step.limit, "f")
    return told


def _rule_from_json(value: dict[str, Any]) -> Rule:
    return Rule(
        name=value["name"],
        amount_from=_bound(value, "amount_from"),
        amount_below=_bound(value, "amount_below"),
        categories=_set(value, "categories"),
        cost_centers=_set(value, "cost_centers"),
        suppliers=_set(value, "suppliers"),
        requesters=_set(value, "requesters"),
        contract=value.get("contract"),
        exceptions=tuple(value.get("exceptions", ())),
        steps=tuple(_step_from_json(step) for step in value["steps"]),
        automatic=value.get("automatic", False),
    )


def _bound(value: dict[str, Any], name: str) -> Decimal | None:
    return Decimal(value[name]) if name in value else None


def _set(value: dict[str, Any], name: str) -> frozenset[str] | None:
    return frozenset(value[name]) if name in value else None


def _step_from_json(value: dict[str, Any]) -> PolicyStep:
    return PolicyStep(tuple(value["who"]), value["need"], _bound(value, "limit"))
