"""Who signs: separation of duties, limits, stand-ins, roles, and when nobody is left."""

from decimal import Decimal

import pytest

from procurement.approvers import ApprovalStep, Directory, Signatory, resolve
from procurement.policy import Facts, PolicyStep, Rule
from records.problems import Code, Problem

PEOPLE = (
    Signatory("anna@x.de", "Anna", frozenset({"requester"}), "bela@x.de"),
    Signatory("bela@x.de", "Bela", frozenset({"lead"}), "clara@x.de", Decimal(1000)),
    Signatory("clara@x.de", "Clara", frozenset({"lead", "cfo"}), "dora@x.de", Decimal(20000)),
    Signatory("dora@x.de", "Dora", frozenset({"board"}), None, Decimal(500000)),
    Signatory("emil@x.de", "Emil", frozenset({"cfo"}), "clara@x.de", Decimal(20000), active=False),
    Signatory("finn@x.de", "Finn", frozenset({"clerk"}), "finn@x.de"),
)
DIRECTORY = Directory({one.email: one for one in PEOPLE}, {"1": "bela@x.de", "2": "emil@x.de", "3": "gone@x.de"})


def _steps(
    *steps: PolicyStep, amount: str = "500", requester: str = "anna@x.de", center: str = "1"
) -> tuple[ApprovalStep, ...] | Problem:
    facts = Facts(Decimal(amount), frozenset(), center, frozenset(), requester, "off")
    return resolve(Rule("r", steps=steps), facts, DIRECTORY)


def _asked(*steps: PolicyStep, amount: str = "500", requester: str = "anna@x.de", center: str = "1") -> list[list[str]]:
    found = _steps(*steps, amount=amount, requester=requester, center=center)
    assert not isinstance(found, Problem), found
    assert [step.number for step in found] == list(range(1, len(found) + 1))
    return [[approver.email for approver in step.approvers] for step in found]


def _nobody(*steps: PolicyStep, amount: str = "500", requester: str = "anna@x.de", center: str = "1") -> str:
    found = _steps(*steps, amount=amount, requester=requester, center=center)
    assert isinstance(found, Problem) and found.code is Code.NO_APPROVER
    return found.detail


def test_each_kind_of_approver_is_found() -> None:
    assert _asked(PolicyStep(("manager",))) == [["bela@x.de"]]
    assert _asked(PolicyStep(("owner",))) == [["bela@x.de"]]
    assert _asked(PolicyStep(("person:clara@x.de",))) == [["clara@x.de"]]
    assert _asked(PolicyStep(("role:lead",), "any")) == [["bela@x.de", "clara@x.de"]]


@pytest.mark.parametrize(
    ("amount", "signs"), [("999.99", "bela@x.de"), ("1000", "bela@x.de"), ("1000.01", "clara@x.de")]
)
def test_an_approver_signs_up_to_his_limit_and_above_it_his_manager_does(amount: str, signs: str) -> None:
    assert _asked(PolicyStep(("manager",)), amount=amount) == [[signs]]


def test_the_limit_of_a_step_is_all_that_its_signing_takes() -> None:
    assert _asked(PolicyStep(("manager",), limit=Decimal(1000)), amount="99999") == [["bela@x.de"]]
    assert _asked(PolicyStep(("manager",), limit=Decimal("1000.01")), amount="99999") == [["clara@x.de"]]


def test_nobody_approves_his_own_request() -> None:
    assert _asked(PolicyStep(("owner",)), requester="bela@x.de") == [["clara@x.de"]]
    assert _asked(PolicyStep(("role:lead",), "any"), requester="bela@x.de") == [["clara@x.de"]]
    assert "Dora is the requester" in _nobody(PolicyStep(("person:dora@x.de",)), requester="dora@x.de")


def test_the_reason_says_in_whose_place_somebody_signs() -> None:
    found = _steps(PolicyStep(("owner",)), requester="bela@x.de")
    assert not isinstance(found, Problem)
    assert found[0].approvers[0].reason == "in place of Bela, owner of cost centre 1 (Bela is the requester)"


def test_who_left_is_stood_in_for_by_his_manager() -> None:
    assert _asked(PolicyStep(("owner",)), center="2") == [["clara@x.de"]]
    assert _asked(PolicyStep(("role:cfo",))) == [["clara@x.de"]]


def test_an_unknown_owner_or_manager_finds_nobody() -> None:
    assert "gone@x.de is not known" in _nobody(PolicyStep(("owner",)), center="3")
    assert "no known owner" in _nobody(PolicyStep(("owner",)), center="9")
    assert "no manager of dora@x.de" in _nobody(PolicyStep(("manager",)), requester="dora@x.de")
    assert "nobody active has the role cto" in _nobody(PolicyStep(("role:cto",)))


def test_a_circle_of_managers_ends() -> None:
    assert "Finn has no approval limit" in _nobody(PolicyStep(("person:finn@x.de",)))


def test_a_role_of_whom_nobody_may_sign_says_why() -> None:
    told = _nobody(PolicyStep(("role:lead",), "any"), amount="20000.01")
    assert "Bela may sign up to 1000, not 20000.01" in told and "Clara may sign up to 20000" in told


def test_of_any_one_is_enough_and_of_all_everyone_is_needed() -> None:
    some = ("person:dora@x.de", "role:cto")
    assert _asked(PolicyStep(some, "any")) == [["dora@x.de"]]
    assert "role cto" in _nobody(PolicyStep(some, "all"))


def test_somebody_named_twice_in_a_step_is_asked_once() -> None:
    assert _asked(PolicyStep(("owner", "manager", "person:dora@x.de"))) == [["bela@x.de", "dora@x.de"]]


def test_who_signs_an_earlier_step_anyway_is_not_asked_again() -> None:
    lead, board = PolicyStep(("role:lead",), "any"), PolicyStep(("person:dora@x.de",))
    assert _asked(PolicyStep(("manager",)), PolicyStep(("owner",)), board) == [["bela@x.de"], ["dora@x.de"]]
    assert _asked(PolicyStep(("manager",)), lead) == [["bela@x.de"], ["clara@x.de"]]


def test_who_only_might_sign_an_earlier_step_is_asked_in_the_later_one() -> None:
    lead = PolicyStep(("role:lead",), "any")
    assert _asked(lead, PolicyStep(("manager",))) == [["bela@x.de", "clara@x.de"], ["bela@x.de"]]


def test_only_an_automatic_rule_has_no_steps() -> None:
    facts = Facts(Decimal(1), frozenset(), "1", frozenset(), "anna@x.de", "off")
    assert resolve(Rule("r", automatic=True), facts, DIRECTORY) == ()
    assert isinstance(resolve(Rule("r"), facts, DIRECTORY), Problem)
