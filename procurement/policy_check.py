"""Proof that a policy is whole: every requisition meets exactly one rule, and somebody may sign it.

Conditions are ranges and sets, so requisitions fall into finitely many classes (procurement.policy_classes).
Within a span of amounts the classes are folded dimension by dimension into the sets of rules that are left
standing: a class that leaves none is a gap, one that leaves two is an overlap. Nothing is sampled.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from procurement.approvers import Directory
from procurement.policy import Facts, Rule, describe, survivors
from procurement.policy_classes import Span, Value, dimensions, facts_of, spans
from procurement.policy_signing import unsigned


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with ``rules``: ``kind`` is gap, overlap, unknown, nobody or never.

    ``example`` is a requisition that shows it; a value in brackets stands for one that no rule names.
    """

    kind: str
    rules: tuple[str, ...]
    text: str
    example: Facts | None = None


@dataclass(frozen=True)
class Coverage:
    """What the proof found: gaps, overlaps (the first example of each pair), and rules that ever apply."""

    gaps: tuple[tuple[Span, Facts], ...]
    overlaps: dict[tuple[str, str], Facts]
    applied: frozenset[str]


def check(rules: Sequence[Rule], directory: Directory) -> tuple[Finding, ...]:
    """Return everything that is wrong with a policy; empty means that it is proven whole."""
    found = coverage(rules, directory)
    findings = [Finding("gap", (), _gap_text(span, example), example) for span, example in found.gaps]
    for names, example in found.overlaps.items():
        text = f"The rules “{names[0]}” and “{names[1]}” both cover {describe(example)}."
        findings.append(Finding("overlap", names, text, example))
    findings += unknown_names(rules, directory)
    for rule in rules:
        if rule.name not in found.applied:
            findings.append(Finding("never", (rule.name,), f"The rule “{rule.name}” can never apply."))
    findings += [Finding("nobody", (rule.name,), text) for rule, text in unsigned(rules, directory)]
    return tuple(findings)


def coverage(rules: Sequence[Rule], directory: Directory) -> Coverage:
    """Return the gaps and overlaps of ``rules`` over all requisitions there can be."""
    axes = dimensions(rules, directory)
    gaps: dict[tuple[Value, ...], list[Span]] = {}
    overlaps: dict[tuple[str, str], Facts] = {}
    applied: set[str] = set()
    for span in spans(rules):
        if not span.standing:
            gaps.setdefault((), []).append(span)
            continue
        standing: dict[int, tuple[Value, ...]] = {span.standing: ()}
        for axis in axes:
            standing = _fold(standing, axis, span, gaps)
        for mask, values in standing.items():
            held = survivors(rule for place, rule in enumerate(rules) if mask >> place & 1)
            applied |= {rule.name for rule in held}
            for one, other in combinations(held, 2):
                overlaps.setdefault((one.name, other.name), facts_of(span.low, values))
    return Coverage(tuple(_merged(gaps, axes)), overlaps, frozenset(applied))


def unknown_names(rules: Iterable[Rule], directory: Directory) -> Iterator[Finding]:
    """Yield each person, role, cost centre, supplier or category of a policy that does not exist.

    Categories are known from the catalog only; without one they are not looked at.
    """
    for rule in rules:
        for what, names, known in (
            ("cost centre", rule.cost_centers, directory.owners.keys()),
            ("supplier", rule.suppliers, directory.suppliers),
            ("requester", rule.requesters, directory.people.keys()),
            ("category", rule.categories if directory.categories else None, directory.categories | {""}),
        ):
            for name in sorted((names or frozenset()) - set(known)):
                yield _unknown(rule, f"the {what} {name!r}, which does not exist")
        for who in dict.fromkeys(who for step in rule.steps for who in step.who):
            kind, _, name = who.partition(":")
            if kind == "person" and name not in directory.people:
                yield _unknown(rule, f"the person {name!r}, who does not exist")
            if kind == "role" and not directory.with_role(name):
                yield _unknown(rule, f"the role {name!r}, which nobody active has")


def _fold(
    standing: dict[int, tuple[Value, ...]],
    axis: Sequence[tuple[int, Value]],
    span: Span,
    gaps: dict[tuple[Value, ...], list[Span]],
) -> dict[int, tuple[Value, ...]]:
    left: dict[int, tuple[Value, ...]] = {}
    for mask, values in standing.items():
        for kept, value in axis:
            if mask & kept:
                left.setdefault(mask & kept, (*values, value))
            else:
                gaps.setdefault((*values, value), []).append(span)
    return left


def _merged(
    gaps: dict[tuple[Value, ...], list[Span]], axes: Sequence[Sequence[tuple[int, Value]]]
) -> Iterator[tuple[Span, Facts]]:
    """Yield each gap with adjoining spans made one; what the gap leaves open takes its first value."""
    for values, found in gaps.items():
        example = (*values, *(axis[0][1] for axis in axes[len(values) :]))
        joined: list[Span] = []
        for span in dict.fromkeys(found):
            if joined and joined[-1].high == span.low:
                joined[-1] = replace(joined[-1], high=span.high)
            else:
                joined.append(span)
        for span in joined:
            yield span, facts_of(span.low, example)


def _gap_text(span: Span, example: Facts) -> str:
    rest = "or of any higher amount" if span.high is None else f"or of any amount below {span.high}"
    return f"No rule covers {describe(example)}, {rest}."


def _unknown(rule: Rule, what: str) -> Finding:
    return Finding("unknown", (rule.name,), f"The rule “{rule.name}” names {what}.")
