"""What another policy would have asked of past requisitions: who would sign, and what would stop."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from procurement.approvers import Directory, resolve
from procurement.policy import Facts, Rule, select
from records.problems import Problem


@dataclass(frozen=True)
class Signers:
    """The people of one step; ``need`` is "all" or "any" of them."""

    people: tuple[str, ...]
    need: str

    def __str__(self) -> str:
        return (" and " if self.need == "all" else " or ").join(self.people)


@dataclass(frozen=True)
class Course:
    """How a requisition goes under one policy: its rule and the approvers of each step, or why it stops."""

    rule: str | None
    steps: tuple[Signers, ...] = ()
    stops: str | None = None

    def __str__(self) -> str:
        if self.stops:
            return f"stops: {self.stops}"
        people = ", then ".join(map(str, self.steps))
        return f"“{self.rule}”: {people or 'approved automatically'}"


@dataclass(frozen=True)
class Past:
    """A requisition that was submitted: the facts that the policy asks for, and the rules then in force."""

    number: str
    version: str
    rules: tuple[Rule, ...]
    facts: Facts


@dataclass(frozen=True)
class Difference:
    """One requisition that would go another way."""

    number: str
    base_total: Decimal
    version: str  # of the policy that it was decided under
    before: Course
    after: Course


@dataclass(frozen=True)
class Group:
    """All requisitions that would go from one way to the same other one, in their order."""

    before: Course
    after: Course
    differences: tuple[Difference, ...]

    @property
    def amounts(self) -> tuple[Decimal, Decimal]:
        """The lowest and the highest amount among them."""
        totals = [one.base_total for one in self.differences]
        return min(totals), max(totals)


@dataclass(frozen=True)
class Simulation:
    """All differences, of how many requisitions; ``automatic`` and ``stopped`` count (before, after)."""

    replayed: int
    differences: tuple[Difference, ...]
    automatic: tuple[int, int]
    stopped: tuple[int, int]


@dataclass
class Narrowed:
    """The rules that can hold at all for a cost centre and categories, so that thousands are not tried each time."""

    rules: tuple[Rule, ...]
    _by_center: dict[str, tuple[Rule, ...]] = field(default_factory=dict)
    _found: dict[tuple[str, frozenset[str]], tuple[Rule, ...]] = field(default_factory=dict)

    def for_facts(self, facts: Facts) -> tuple[Rule, ...]:
        """Return the rules to select from, in their order; no other can hold for ``facts``."""
        center, categories = facts.cost_center, facts.categories
        if center not in self._by_center:
            self._by_center[center] = tuple(
                rule for rule in self.rules if rule.cost_centers is None or center in rule.cost_centers
            )
        if (center, categories) not in self._found:
            self._found[center, categories] = tuple(
                rule for rule in self._by_center[center] if rule.categories is None or categories <= rule.categories
            )
        return self._found[center, categories]


@dataclass
class _Versions:
    found: dict[str, Narrowed] = field(default_factory=dict)

    def of(self, past: Past) -> Narrowed:
        return self.found.setdefault(past.version, Narrowed(past.rules))


def course(rules: Sequence[Rule], facts: Facts, directory: Directory) -> Course:
    """Return how a requisition goes under ``rules``, with the people of ``directory``."""
    rule = select(rules, facts)
    if isinstance(rule, Problem):
        return Course(None, stops=rule.detail)
    steps = resolve(rule, facts, directory)
    if isinstance(steps, Problem):
        return Course(rule.name, stops=steps.detail)
    return Course(rule.name, tuple(Signers(tuple(one.email for one in step.approvers), step.need) for step in steps))


def simulate(past: Iterable[Past], rules: Sequence[Rule], present: Directory, new: Directory) -> Simulation:
    """Return what would change if ``past`` were decided under ``rules`` with the people of ``new``.

    What went before is worked out with the people that are there now (``present``), so that only the policy and
    the folder make a difference, not who joined since.
    """
    after, before = Narrowed(tuple(rules)), _Versions()
    pairs = [
        (
            one,
            course(before.of(one).for_facts(one.facts), one.facts, present),
            course(after.for_facts(one.facts), one.facts, new),
        )
        for one in past
    ]
    return Simulation(
        replayed=len(pairs),
        differences=tuple(_differences(pairs)),
        automatic=_count((not c.steps and not c.stops, not d.steps and not d.stops) for _, c, d in pairs),
        stopped=_count((bool(c.stops), bool(d.stops)) for _, c, d in pairs),
    )


def grouped(differences: Iterable[Difference]) -> list[Group]:
    """Return the differences by what was and what would be, the most frequent first."""
    found: dict[tuple[Course, Course], list[Difference]] = {}
    for one in differences:
        found.setdefault((one.before, one.after), []).append(one)
    groups = [Group(before, after, tuple(some)) for (before, after), some in found.items()]
    return sorted(groups, key=lambda group: -len(group.differences))


def _differences(pairs: Iterable[tuple[Past, Course, Course]]) -> Iterator[Difference]:
    for one, before, after in pairs:
        if (before.steps, before.stops) != (after.steps, after.stops):
            yield Difference(one.number, one.facts.base_total, one.version, before, after)


def _count(pairs: Iterable[tuple[bool, bool]]) -> tuple[int, int]:
    before, after = 0, 0
    for first, second in pairs:
        before += first
        after += second
    return before, after
