from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from procurement.approval import Answer, Asked, Refusal, Standing, refusal, standing, token_hash, tokens_in
from procurement.approvers import ApprovalStep, Approver

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
GENUINE = Answer(
    sender="mara@northwind.example",
    authenticated=True,
    decision="approved",
    approver="mara@northwind.example",
    token_known=True,
    token_expires_at=NOW + timedelta(days=1),
    token_used=False,
    approval_state="asked",
    approval_revision="a1",
    current_revision="a1",
    base_total=Decimal("500.00"),
    email_limit=Decimal("500.00"),
)
TOKEN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def test_a_genuine_answer_counts_up_to_exactly_the_email_limit() -> None:
    assert refusal(GENUINE, NOW) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"authenticated": False}, Refusal.NOT_AUTHENTICATED),
        ({"sender": "mara@northwlnd.example"}, Refusal.NOT_THE_APPROVER),
        ({"token_known": False, "token_expires_at": None}, Refusal.NO_TOKEN),
        ({"approval_state": "void"}, Refusal.STALE),
        ({"current_revision": "a2"}, Refusal.STALE),
        ({"current_revision": None}, Refusal.STALE),
        ({"token_expires_at": NOW}, Refusal.STALE),
        ({"token_used": True}, Refusal.ALREADY_DECIDED),
        ({"approval_state": "approved"}, Refusal.ALREADY_DECIDED),
        ({"approval_state": "rejected"}, Refusal.ALREADY_DECIDED),
        ({"decision": None}, Refusal.UNCLEAR),
        ({"base_total": Decimal("500.01")}, Refusal.ABOVE_EMAIL_LIMIT),
        ({"base_total": None}, Refusal.ABOVE_EMAIL_LIMIT),
    ],
)
def test_an_answer_that_lacks_one_condition_is_no_decision(change: dict[str, object], why: Refusal) -> None:
    assert refusal(replace(GENUINE, **change), NOW) is why  # type: ignore[arg-type]


def test_a_rejection_needs_no_limit() -> None:
    assert refusal(replace(GENUINE, decision="rejected", base_total=Decimal("9999")), NOW) is None


def test_a_rule_without_steps_is_approved_by_the_policy_itself() -> None:
    assert standing([], ()) == (Standing.APPROVED, 0)


def test_steps_are_asked_one_after_the_other() -> None:
    first = Asked(1, "approved", "a")
    steps = demanded("all", "a"), demanded("all", "b", number=2)
    assert standing([], steps) == (Standing.WAITING, 1)
    assert standing([first], steps) == (Standing.WAITING, 2)
    assert standing([first, Asked(2, "approved", "b")], steps) == (Standing.APPROVED, 2)


@pytest.mark.parametrize(
    ("need", "states", "wanted"),
    [
        ("all", ["approved", "asked"], Standing.WAITING),
        ("all", ["approved", "approved"], Standing.APPROVED),
        ("any", ["approved", "asked"], Standing.APPROVED),
        ("any", ["to_ask", "asked"], Standing.WAITING),
        ("any", ["approved", "rejected"], Standing.REJECTED),
        ("all", ["approved", "question"], Standing.QUESTION),
        ("all", ["void", "approved"], Standing.WAITING),
        ("any", ["void", "approved"], Standing.APPROVED),
        ("all", ["void", "void"], Standing.WAITING),
    ],
)
def test_a_step_stands_as_its_approvers_do(need: str, states: list[str], wanted: Standing) -> None:
    asked = [Asked(1, state, name) for name, state in zip("ab", states, strict=True)]
    assert standing(asked, [demanded(need, "a", "b")])[0] is wanted


def test_a_later_step_cannot_stand_in_for_an_earlier_one() -> None:
    steps = demanded("all", "a"), demanded("all", "b", number=2)
    assert standing([Asked(2, "approved", "b")], steps) == (Standing.WAITING, 1)


def test_the_decision_of_somebody_who_is_not_demanded_any_more_does_not_count() -> None:
    assert standing([Asked(1, "approved", "a")], [demanded("all", "b")]) == (Standing.WAITING, 1)


def demanded(need: str, *people: str, number: int = 1) -> ApprovalStep:
    return ApprovalStep(number, need, tuple(Approver(one, "named by the rule") for one in people))


def test_tokens_are_found_once_in_subject_and_quoted_text() -> None:
    assert tokens_in(f"Re: Approval [#{TOKEN}]", f"> ref [#{TOKEN}]", None) == (TOKEN,)


def test_what_only_resembles_a_token_is_none() -> None:
    assert tokens_in("[#ABC]", f"[#{TOKEN}A]", f"#{TOKEN}", f"[#{TOKEN.lower()}]") == ()


def test_a_token_is_kept_as_its_hash() -> None:
    assert len(token_hash(TOKEN)) == 64
    assert TOKEN not in token_hash(TOKEN)
