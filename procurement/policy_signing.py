"""Whether somebody may sign whatever a rule covers: at the top of its range, for everybody who may request.

Limits and managers only ever bar more as an amount grows, so the top of each rule's range decides.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from procurement.approvers import MAY_REQUEST, Directory, Refused, step_approvers
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
    for rule in rules:
        for number, step in enumerate(rule.steps, start=1):
            failed = [
                (case, answer.why)
                for case in _cases(rules, tops[rule.name], step, directory)
                if isinstance(answer := step_approvers(step, _facts(case), directory), Refused)
            ]
            if failed:
                yield rule, _sentence(rule, number, failed)


def _cases(
    rules: Sequence[Rule], tops: dict[tuple[int, int], Decimal], step: PolicyStep, directory: Directory
) -> Iterator[Case]:
    """Yield the cases that may differ in who signs ``step``."""
    centers = _by_mask(sorted(directory.owners), [rule.cost_centers for rule in rules])
    requesters = _by_mask(_requesters(directory), [rule.requesters for rule in rules])
    for (center_mask, requester_mask), top in tops.items():
        some_centers = centers.get(center_mask, [])
        some_requesters = requesters.get(requester_mask, [])
        if "owner" not in step.who:
            some_centers = some_centers[:1] or [""]
        if "manager" not in step.who:
            some_requesters = _distinct(some_requesters, directory)
        for center in some_centers:
            for requester in some_requesters:
                yield Case(top, center, requester)


def _by_mask(values: Sequence[str], conditions: Sequence[frozenset[str] | None]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for value in values:
        mask = mask_of(condition is None or value in condition for condition in conditions)
        found.setdefault(mask, []).append(value)
    return found


def _requesters(directory: Directory) -> list[str]:
    """Return who may request: the active people of the roles that may."""
    return sorted(one.email for one in directory.people.values() if one.active and one.roles & MAY_REQUEST)


def _distinct(requesters: Sequence[str], directory: Directory) -> list[str]:
    """Return those who might sign themselves, and one of the others, who are all alike."""
    signs = [email for email in requesters if directory.people[email].approval_limit is not None]
    return signs + [email for email in requesters if email not in set(signs)][:1]


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
