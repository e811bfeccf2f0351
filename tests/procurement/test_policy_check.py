"""The proof of a policy agrees with trying every requisition, and its examples show what it says."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import chain, combinations, pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procurement.approvers import Directory, Signatory
from procurement.policy import Facts, PolicyStep, Rule, holding
from procurement.policy_check import Finding, check, coverage
from procurement.policy_signing import unsigned

EMPTY = Directory({}, {})
CATEGORIES, CENTERS, SUPPLIERS, REQUESTERS = ("it", "office"), ("1", "2"), ("A", "B"), ("r@x.de", "s@x.de")
AMOUNTS = (Decimal(0), Decimal(100), Decimal(200))


def _subsets(values: tuple[str, ...]) -> st.SearchStrategy[frozenset[str] | None]:
    return st.none() | st.frozensets(st.sampled_from(values), min_size=1)


@st.composite
def policies(draw: st.DrawFn) -> tuple[Rule, ...]:
    """Draw up to five rules, with exceptions among the earlier ones."""
    rules: list[Rule] = []
    for place in range(draw(st.integers(1, 5))):
        earlier = [rule.name for rule in rules]
        rules.append(
            Rule(
                name=f"rule {place}",
                amount_from=draw(st.none() | st.sampled_from(AMOUNTS)),
                amount_below=draw(st.none() | st.sampled_from(AMOUNTS[1:])),
                categories=draw(_subsets(CATEGORIES)),
                cost_centers=draw(_subsets(CENTERS)),
                suppliers=draw(_subsets(SUPPLIERS)),
                requesters=draw(_subsets(REQUESTERS)),
                contract=draw(st.sampled_from([None, None, "on", "off"])),
                exceptions=tuple(draw(st.lists(st.sampled_from(earlier), unique=True))) if earlier else (),
            )
        )
    return tuple(rules)


def _all_sets(values: tuple[str, ...]) -> list[frozenset[str]]:
    some = chain.from_iterable(combinations(values, size) for size in range(1, len(values) + 1))
    return [frozenset(one) for one in some]


def _every_requisition() -> Iterator[Facts]:
    for amount, categories, center, suppliers, requester, contract in product(
        (Decimal(0), Decimal(50), Decimal(100), Decimal(150), Decimal(200), Decimal(1000)),
        _all_sets((*CATEGORIES, "other")),
        (*CENTERS, "3"),
        _all_sets((*SUPPLIERS, "C")),
        (*REQUESTERS, "t@x.de"),
        ("on", "mixed", "off"),
    ):
        yield Facts(amount, categories, center, suppliers, requester, contract)


EVERY = list(_every_requisition())


@settings(max_examples=40, deadline=None)
@given(policies())
def test_the_proof_and_trying_every_requisition_agree(rules: tuple[Rule, ...]) -> None:
    found = coverage(rules, EMPTY)
    held = {tuple(rule.name for rule in holding(rules, facts)) for facts in EVERY}
    assert bool(found.gaps) == (() in held)
    assert set(found.overlaps) == {pair for names in held for pair in combinations(names, 2)}
    assert found.applied == {name for names in held for name in names}


@settings(max_examples=60, deadline=None)
@given(policies())
def test_each_example_shows_what_the_finding_says(rules: tuple[Rule, ...]) -> None:
    found = coverage(rules, EMPTY)
    for span, example in found.gaps:
        assert holding(rules, example) == ()
        assert span.low == example.base_total
    for names, example in found.overlaps.items():
        assert set(names) <= {rule.name for rule in holding(rules, example)}


def _kinds(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.kind for finding in findings]


def test_a_gap_between_two_ranges_is_told_with_its_bounds() -> None:
    rules = (Rule("a", amount_below=Decimal(100), automatic=True), Rule("b", Decimal(150), automatic=True))
    (finding,) = check(rules, EMPTY)
    assert finding.kind == "gap" and finding.example and finding.example.base_total == 100
    assert "a requisition of 100" in finding.text and "below 150" in finding.text


def test_adjoining_gaps_are_one() -> None:
    rules = (
        Rule("a", amount_below=Decimal(100), categories=frozenset({"it"}), automatic=True),
        Rule("b", Decimal(100), categories=frozenset({"it"}), automatic=True),
    )
    findings = check(rules, EMPTY)
    assert _kinds(findings) == ["gap"]
    assert findings[0].text.endswith("or of any higher amount.")


def test_a_requisition_of_two_categories_is_thought_of() -> None:
    rules = (
        Rule("it", categories=frozenset({"it"}), automatic=True),
        Rule("office", categories=frozenset({"office"}), automatic=True),
        Rule("rest", exceptions=("it", "office"), automatic=True),
    )
    assert check(rules, EMPTY) == ()
    (gap, *_) = check(rules[:2], EMPTY)
    assert gap.kind == "gap"


def test_two_rules_that_meet_at_a_bound_do_not_overlap_and_one_cent_more_does() -> None:
    high = Rule("high", Decimal(100), automatic=True)
    assert check((Rule("low", amount_below=Decimal(100), automatic=True), high), EMPTY) == ()
    findings = check((Rule("low", amount_below=Decimal("100.01"), automatic=True), high), EMPTY)
    assert _kinds(findings) == ["overlap"]
    assert findings[0].rules == ("low", "high")


def test_a_rule_that_its_exceptions_take_away_everywhere_is_told() -> None:
    rules = (Rule("all", automatic=True), Rule("shadow", exceptions=("all",), automatic=True))
    assert _kinds(check(rules, EMPTY)) == ["never"]


PEOPLE = [
    Signatory("anna@x.de", "Anna", frozenset({"requester"}), "bela@x.de"),
    Signatory("bela@x.de", "Bela", frozenset({"approver"}), "clara@x.de", Decimal(5000)),
    Signatory("clara@x.de", "Clara", frozenset({"cfo"}), None, Decimal(50000)),
    Signatory("dora@x.de", "Dora", frozenset({"cfo"}), None, Decimal(50000), active=False),
]
DIRECTORY = Directory({one.email: one for one in PEOPLE}, {"1": "bela@x.de"}, frozenset({"A"}), frozenset({"it"}))


def _unsigned(*rules: Rule) -> list[str]:
    return [text for _, text in unsigned(rules, DIRECTORY)]


def test_every_name_of_a_policy_must_exist() -> None:
    rule = Rule(
        "r",
        categories=frozenset({"it", "", "ti"}),
        cost_centers=frozenset({"1", "9"}),
        suppliers=frozenset({"Z"}),
        requesters=frozenset({"x@x.de"}),
        steps=(PolicyStep(("person:y@x.de", "role:cto", "role:cfo", "owner")),),
    )
    told = [one.text for one in check((rule,), DIRECTORY) if one.kind == "unknown"]
    names = ("'9'", "'Z'", "'x@x.de'", "'ti'", "'y@x.de'", "'cto'")
    assert [name in text for name, text in zip(names, told, strict=True)] == [True] * 6


@pytest.mark.parametrize(("below", "signed"), [("50000.01", True), ("50000.02", False)])
def test_the_approvers_must_be_allowed_the_top_of_the_range(below: str, signed: bool) -> None:
    rule = Rule("r", amount_below=Decimal(below), steps=(PolicyStep(("role:cfo",)),))
    assert (_unsigned(rule) == []) is signed


def test_a_rule_without_upper_bound_needs_a_limit() -> None:
    (text,) = _unsigned(Rule("r", steps=(PolicyStep(("role:cfo",)),)))
    assert "without upper bound (give the rule a bound, or the step a limit)" in text
    assert _unsigned(Rule("r", steps=(PolicyStep(("role:cfo",), limit=Decimal(50000)),))) == []


def test_whoever_may_request_must_find_somebody_else_to_sign() -> None:
    rule = Rule("r", amount_below=Decimal(100), steps=(PolicyStep(("person:clara@x.de",)),))
    assert _unsigned(rule) == []  # nobody who may request signs here
    people = dict(DIRECTORY.people) | {
        "clara@x.de": Signatory("clara@x.de", "Clara", frozenset({"cfo", "buyer"}), None, Decimal(9))
    }
    texts = [text for _, text in unsigned((rule,), Directory(people, DIRECTORY.owners))]
    assert len(texts) == 1


def test_a_requester_without_a_manager_is_found_unless_another_rule_takes_him() -> None:
    people = dict(DIRECTORY.people) | {"emil@x.de": Signatory("emil@x.de", "Emil", frozenset({"buyer"}))}
    directory = Directory(people, DIRECTORY.owners)
    rest = Rule("rest", amount_below=Decimal(100), steps=(PolicyStep(("manager",)),))
    (found,) = [text for _, text in unsigned((rest,), directory)]
    assert "emil@x.de" in found
    emil = Rule("emil", requesters=frozenset({"emil@x.de"}), steps=(PolicyStep(("role:cfo",), limit=Decimal(1)),))
    other = Rule("rest", amount_below=Decimal(100), exceptions=("emil",), steps=rest.steps)
    assert list(unsigned((emil, other), directory)) == []


def test_the_top_of_a_rule_is_where_its_exceptions_leave_it() -> None:
    high = Rule("high", Decimal(5000), steps=(PolicyStep(("role:cfo",), limit=Decimal(1)),))
    rest = Rule("rest", exceptions=("high",), steps=(PolicyStep(("person:bela@x.de",)),))
    assert _unsigned(high, rest) == []


def test_a_large_policy_is_proven_quickly() -> None:
    rules = [
        Rule(f"{c} {s} {low}", Decimal(low), Decimal(low + 100), frozenset({c}), None, frozenset({s}), automatic=True)
        for c in ("a", "b", "c", "d")
        for s in ("A", "B", "C")
        for low in range(0, 1000, 100)
    ]
    rules.append(Rule("rest", exceptions=tuple(rule.name for rule in rules), automatic=True))
    assert check(tuple(rules), Directory({}, {}, suppliers=frozenset("ABC"))) == ()


def test_a_thousand_rules_are_checked_and_each_is_proven_to_apply() -> None:
    people = {"ada": Signatory("ada", "Ada", frozenset({"requester"}))}
    people |= {f"o{n}": Signatory(f"o{n}", f"O{n}", frozenset({"visitor"}), None, Decimal(10**6)) for n in range(250)}
    bounds = [Decimal(0), Decimal(100), Decimal(1000), Decimal(10000), Decimal(10**6)]
    rules = [
        Rule(f"{n} {low}", low, high, cost_centers=frozenset({f"c{n}"}), steps=(PolicyStep(("owner",)),))
        for n in range(250)
        for low, high in pairwise(bounds)
    ]
    findings = check(rules, Directory(people, {f"c{n}": f"o{n}" for n in range(250)}))
    assert {one.kind for one in findings} == {"gap"}
    assert len(findings) == 2  # any other cost centre, and above a million
