"""The policy's conditions at, below and above each limit, and that exactly one rule is chosen."""

from dataclasses import replace
from decimal import Decimal

import pytest

from procurement.policy import Facts, PolicyStep, Rule, holding, meets, rules_from_json, rules_to_json, select
from records.problems import Code, Problem

FACTS = Facts(Decimal(500), frozenset({"it"}), "4711", frozenset({"NORD"}), "anna@linden.example", "on")


@pytest.mark.parametrize(
    ("amount", "low", "high", "verdict"),
    [
        ("499.99", "500", None, False),
        ("500", "500", None, True),
        ("500", None, "500", False),
        ("499.99", None, "500", True),
        ("0", None, None, True),
    ],
)
def test_a_range_includes_its_lower_and_excludes_its_upper_bound(
    amount: str, low: str | None, high: str | None, verdict: bool
) -> None:
    rule = Rule("r", Decimal(low) if low else None, Decimal(high) if high else None)
    assert meets(rule, replace(FACTS, base_total=Decimal(amount))) is verdict


def test_a_set_holds_when_all_values_are_inside() -> None:
    rule = Rule("r", categories=frozenset({"it", "office"}))
    assert meets(rule, replace(FACTS, categories=frozenset({"it", "office"})))
    assert not meets(rule, replace(FACTS, categories=frozenset({"it", "travel"})))


def test_lines_without_a_category_are_inside_no_set_unless_it_names_them() -> None:
    rule = Rule("r", categories=frozenset({"it"}))
    assert not meets(rule, replace(FACTS, categories=frozenset()))
    assert not meets(rule, replace(FACTS, categories=frozenset({"it", ""})))
    assert meets(replace(rule, categories=frozenset({"it", ""})), replace(FACTS, categories=frozenset({"it", ""})))


def test_cost_centre_supplier_and_requester_are_compared() -> None:
    assert meets(Rule("r", cost_centers=frozenset({"4711"}), suppliers=frozenset({"NORD"})), FACTS)
    assert not meets(Rule("r", cost_centers=frozenset({"4712"})), FACTS)
    assert not meets(Rule("r", suppliers=frozenset({"NORD"})), replace(FACTS, suppliers=frozenset({"NORD", "VITE"})))
    assert not meets(Rule("r", requesters=frozenset({"bela@linden.example"})), FACTS)


@pytest.mark.parametrize(("contract", "on", "off"), [("on", True, False), ("off", False, True), ("mixed", False, True)])
def test_what_is_partly_on_contract_goes_the_way_of_what_is_off(contract: str, on: bool, off: bool) -> None:
    facts = replace(FACTS, contract=contract)
    assert (meets(Rule("r", contract="on"), facts), meets(Rule("r", contract="off"), facts)) == (on, off)


def test_an_exception_takes_a_rule_away_only_where_it_holds_itself() -> None:
    special = Rule("special", categories=frozenset({"it"}))
    never = Rule("never", cost_centers=frozenset({"1"}))
    rest = Rule("rest", exceptions=("special", "never"))
    assert holding([special, never, rest], FACTS) == (special,)
    assert holding([special, never, rest], replace(FACTS, categories=frozenset({"x"}))) == (rest,)


def test_an_exception_that_is_itself_excepted_does_not_count() -> None:
    first = Rule("first", categories=frozenset({"it"}))
    second = Rule("second", exceptions=("first",))
    third = Rule("third", exceptions=("second",))
    assert holding([first, second, third], FACTS) == (first, third)


def test_one_rule_is_chosen_and_none_or_two_are_a_problem() -> None:
    small, big = Rule("small", amount_below=Decimal(500)), Rule("big", amount_from=Decimal(500))
    assert select([small, big], FACTS) == big
    none = select([small], FACTS)
    assert isinstance(none, Problem) and none.code is Code.NO_APPROVER and "No rule" in none.detail
    two = select([big, Rule("all")], FACTS)
    assert isinstance(two, Problem) and "“big” and “all”" in two.detail


def test_rules_are_the_same_after_a_journey_through_json() -> None:
    rules = (
        Rule("a", Decimal("0.50"), Decimal(10), frozenset({"x"}), frozenset({"1"}), automatic=True),
        Rule("b", suppliers=frozenset({"s"}), requesters=frozenset({"r@x.de"}), contract="off", exceptions=("a",)),
        Rule("c", steps=(PolicyStep(("owner", "role:cfo"), "any", Decimal(9)), PolicyStep(("manager",)))),
    )
    assert rules_from_json(rules_to_json(rules)) == rules
