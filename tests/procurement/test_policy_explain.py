"""The explanation names the rule, its reasons, who signs, and why no other rule applies."""

from decimal import Decimal

from procurement.approvers import Directory, Signatory
from procurement.policy import Facts, PolicyStep, Rule
from procurement.policy_explain import explain

BELA = Signatory("bela@x.de", "Bela", manager=None, approval_limit=Decimal(9000))
CLARA = Signatory("clara@x.de", "Clara", frozenset({"cfo"}), None, Decimal(9000))
DIRECTORY = Directory({one.email: one for one in (BELA, CLARA)}, {"1": "bela@x.de"})
RULES = (
    Rule("small", amount_below=Decimal(100), automatic=True),
    Rule("it", Decimal(100), Decimal(5000), frozenset({"it"}), steps=(PolicyStep(("owner", "role:cfo"), "any"),)),
    Rule("rest", Decimal(100), exceptions=("it",), contract="off", steps=(PolicyStep(("manager",)),)),
)


def _facts(amount: str, category: str = "it", contract: str = "off") -> Facts:
    return Facts(Decimal(amount), frozenset({category}), "1", frozenset({"A"}), "anna@x.de", contract)


def test_the_rule_that_applies_is_told_with_its_reasons_and_approvers() -> None:
    told = explain(RULES, _facts("700"), DIRECTORY)
    assert told[1] == "The rule “it” applies: 700 is from 100 to below 5000 and its category is among it."
    assert told[2] == (
        "Step 1: any one of bela@x.de (owner of cost centre 1), clara@x.de (has the role cfo) may approve."
    )


def test_each_other_rule_says_why_not() -> None:
    told = explain(RULES, _facts("700"), DIRECTORY)
    assert told[3] == "The rule “small” does not apply: 700 is not below 100."
    assert told[4] == "The rule “rest” holds, but for its exceptions it."


def test_an_automatic_approval_is_told() -> None:
    assert "It is approved automatically." in explain(RULES, _facts("99.99"), DIRECTORY)


def test_a_missing_approver_is_told() -> None:
    told = explain(RULES, _facts("700", "office"), DIRECTORY)
    assert told[2] == "The rule “rest” finds no approver: no manager of anna@x.de is known."


def test_no_rule_is_told_with_the_reason_of_each() -> None:
    told = explain(RULES, _facts("7000", "office", "on"), DIRECTORY)
    assert told[1].startswith("No rule of the approval policy covers")
    assert told[-1] == "The rule “rest” does not apply: it is wholly on contract."
    assert len(told) == 5
