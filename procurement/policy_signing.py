"""Whether somebody may sign whatever a rule covers: at the top of its range, for everybody who may request.

Limits and managers only ever bar more as an amount grows, so the top of each rule's range decides.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any

from procurement.approvers import MAY_REQUEST, Directory, Refused, step_approvers, upwards
from procurement.policy import Facts, PolicyStep, Rule, survivors
from procurement.policy_classes import Axis, dimensions, mask_of, spans

CENT = Decimal("0.01")
WITHOUT_END = Decimal("Infinity")
_UNBOUNDED = f", not {WITHOUT_END}"
CATEGORY, COST_CENTER, SUPPLIER, REQUESTER, CONTRACT = range(5)


@dataclass(frozen=True)
class Case:
    """The highest amount that a rule covers for a cost centre and a requester."""

    top: Decimal
    cost_center: str
    requester: str


@dataclass
class People:
    """The cost centres and the requesters of each class, by its mask; what many rules share is worked out once."""

    directory: Directory
    centers: Mapping[int, Sequence[str]]
    requesters: Mapping[int, Sequence[str]]
    _failed: dict[tuple[Any, ...], tuple[tuple[Case, str], ...]] = field(default_factory=dict)
    _signers: dict[tuple[tuple[str, ...], str], frozenset[str]] = field(default_factory=dict)

    def failed(self, step: PolicyStep, tops: dict[tuple[int, int], Decimal]) -> tuple[tuple[Case, str], ...]:
        """Return the cases among ``tops`` in which nobody may sign ``step``, each with the reason."""
        key = step, *tops.items()
        if key not in self._failed:
            answers = ((case, step_approvers(step, _facts(case), self.directory)) for case in _cases(self, tops, step))
            self._failed[key] = tuple((case, one.why) for case, one in answers if isinstance(one, Refused))
        return self._failed[key]

    def signers(self, step: PolicyStep, center: str) -> frozenset[str]:
        """Return everybody who might be asked in ``step``: whom it names, and their superiors."""
        if (step.who, center) not in self._signers:
            self._signers[step.who, center] = _signers(step, center, self.directory)
        return self._signers[step.who, center]


@dataclass
class Reach:
    """Which classes of cost centres and requesters a rule reaches, and up to which amount."""

    rules: Sequence[Rule]
    axes: list[Axis]
    cache: dict[int, frozenset[str]] = field(default_factory=dict)

    def applied(self, standing: int) -> frozenset[str]:
        """Return the rules that hold for some category, supplier and contract among those ``standing``."""
        if standing not in self.cache:
            masks = {standing}
            for axis in (CATEGORY, SUPPLIER, CONTRACT):
                masks = {mask & kept for mask in masks for kept, _ in self.axes[axis]}
            self.cache[standing] = frozenset(
                rule.name
                for mask in masks
                for rule in survivors(rule for place, rule in enumerate(self.rules) if mask >> place & 1)
            )
        return self.cache[standing]

    def tops(self) -> dict[str, dict[tuple[int, int], Decimal]]:
        """Return for each rule the top amount by (mask of the cost centre, mask of the requester)."""
        found: dict[str, dict[tuple[int, int], Decimal]] = {rule.name: {} for rule in self.rules}
        for span in spans(self.rules):
            top = WITHOUT_END if span.high is None else span.high - CENT
            for center, _ in self.axes[COST_CENTER]:
                for requester, _ in self.axes[REQUESTER]:
                    for name in self.applied(span.standing & center & requester):
                        found[name][center, requester] = top  # spans ascend
        return found


def unsigned(rules: Sequence[Rule], directory: Directory) -> Iterator[tuple[Rule, str]]:
    """Yield each rule and a sentence for each step that finds nobody for some requisition of the rule."""
    tops = Reach(rules, dimensions(rules, directory)).tops()
    people = People(
        directory,
        _by_mask(sorted(directory.owners), [rule.cost_centers for rule in rules]),
        _by_mask(_requesters(directory), [rule.requesters for rule in rules]),
    )
    for rule in rules:
        for number, step in enumerate(rule.steps, start=1):
            failed = people.failed(step, tops[rule.name])
            if failed:
                yield rule, _sentence(rule, number, failed)


def _cases(people: People, tops: dict[tuple[int, int], Decimal], step: PolicyStep) -> Iterator[Case]:
    """Yield the cases that may differ in who signs ``step``."""
    for (center_mask, requester_mask), top in tops.items():
        some_centers = people.centers.get(center_mask, ())
        some_requesters = people.requesters.get(requester_mask, ())
        if "owner" not in step.who:
            some_centers = some_centers[:1] or [""]
        for center in some_centers:
            alike = some_requesters
            if "manager" not in step.who:
                alike = _distinct(some_requesters, people.signers(step, center))
            for requester in alike:
                yield Case(top, center, requester)


def _signers(step: PolicyStep, center: str, directory: Directory) -> frozenset[str]:
    found: set[str] = set()
    for who in step.who:
        kind, _, name = who.partition(":")
        named = [name] if kind == "person" else [one.email for one in directory.with_role(name)]
        for email in [directory.owners.get(center, "")] if who == "owner" else named:
            found.add(email)
            person = directory.people.get(email)
            found |= {one.email for one in upwards(person.manager if person else None, directory)}
    return frozenset(found)


def _by_mask(values: Sequence[str], conditions: Sequence[frozenset[str] | None]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for value in values:
        mask = mask_of(condition is None or value in condition for condition in conditions)
        found.setdefault(mask, []).append(value)
    return found


def _requesters(directory: Directory) -> list[str]:
    """Return who may request: the active people of the roles that may."""
    return sorted(one.email for one in directory.people.values() if one.active and one.roles & MAY_REQUEST)


def _distinct(requesters: Sequence[str], signers: frozenset[str]) -> list[str]:
    """Return those who might sign themselves, and one of the others, who are all alike."""
    others = (email for email in requesters if email not in signers)
    return [email for email in requesters if email in signers] + list(islice(others, 1))


def _facts(case: Case) -> Facts:
    return Facts(case.top, frozenset(), case.cost_center, frozenset(), case.requester, "on")


def _sentence(rule: Rule, number: int, failed: Sequence[tuple[Case, str]]) -> str:
    case, why = failed[0]
    amount = f"up to {case.top}"
    if case.top == WITHOUT_END:
        hint = " (give the rule a bound, or the step a limit)" if _UNBOUNDED in why else ""
        why = why.replace(_UNBOUNDED, "")
        amount = f"for an amount without upper bound{hint}"
    more = f" The same holds for {len(failed) - 1} more." if len(failed) > 1 else ""
    place = f", cost centre {case.cost_center}" if case.cost_center else ""
    return (
        f"Step {number} of the rule “{rule.name}” finds nobody {amount}, "
        f"requested by {case.requester}{place}: {why}.{more}"
    )
