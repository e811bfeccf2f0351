"""Approvals: what a decision needs to count, and how far a requisition's approval stands.

A decision by email counts only when all of this holds (design, section 6): the message is
authenticated, comes from the very approver, carries a live token of that approver, step and revision,
is not automatic, and its own words are an unambiguous decision within the limit for emails.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from procurement.approvers import ApprovalStep

TOKEN = re.compile(r"\[#([A-Z2-7]{26})\]")  # 130 bits in base 32 (RFC 4648, section 6)


class Standing(StrEnum):
    """How far the approval of one revision has come."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    QUESTION = "question"


class Refusal(StrEnum):
    """Why an answer is no decision."""

    NOT_AUTHENTICATED = "not_authenticated"
    NOT_THE_APPROVER = "not_the_approver"
    NO_TOKEN = "no_token"
    STALE = "stale"
    ALREADY_DECIDED = "already_decided"
    ABOVE_EMAIL_LIMIT = "above_email_limit"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Asked:
    """One approver asked in one step; ``state`` is that of his approval row."""

    step_number: int
    state: str
    approver: str  # his address


@dataclass(frozen=True)
class Answer:
    """An answer to an approval request, with all that decides whether it counts.

    ``token_*`` describe the token that the message carries: None and False where it carries none of ours.
    """

    sender: str
    authenticated: bool
    decision: str | None  # approved, rejected, question; None where the own words are unclear
    approver: str
    token_known: bool
    token_expires_at: datetime | None
    token_used: bool
    approval_state: str
    approval_revision: str
    current_revision: str | None
    base_total: Decimal | None
    email_limit: Decimal | None


def token_hash(token: str) -> str:
    """Return the form in which a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def tokens_in(*texts: str | None) -> tuple[str, ...]:
    """Return the tokens that stand in ``texts``, each once, in their order."""
    return tuple(dict.fromkeys(token for text in texts if text for token in TOKEN.findall(text)))


def refusal(answer: Answer, now: datetime) -> Refusal | None:
    """Return why ``answer`` does not count as a decision, None when it does."""
    if not answer.authenticated:
        return Refusal.NOT_AUTHENTICATED
    if answer.sender != answer.approver:
        return Refusal.NOT_THE_APPROVER
    if not answer.token_known or answer.token_expires_at is None:
        return Refusal.NO_TOKEN
    if answer.approval_state == "void" or answer.approval_revision != answer.current_revision:
        return Refusal.STALE
    if answer.token_used or answer.approval_state not in ("asked", "question"):
        return Refusal.ALREADY_DECIDED
    if now >= answer.token_expires_at:
        return Refusal.STALE
    if answer.decision is None:
        return Refusal.UNCLEAR
    if answer.decision == "approved" and _above_limit(answer):
        return Refusal.ABOVE_EMAIL_LIMIT
    return None


def standing(asked: Iterable[Asked], steps: Sequence[ApprovalStep]) -> tuple[Standing, int]:
    """Return how the approval of a requisition stands, and the step it has come to (from 1).

    ``asked`` are the approvals of the current revision only, ``steps`` what the rule demands of the people
    as they are now: a decision counts in its step and for a person who is asked there. A rule without
    steps is approved by the policy itself. Any rejection rejects.
    """
    states = {(one.step_number, one.approver): one.state for one in asked if one.state != "void"}
    if "rejected" in states.values():
        return Standing.REJECTED, 0
    for step in steps:
        group = [states.get((step.number, one.email)) for one in step.approvers]
        if not _satisfied(group, step.need):
            return (Standing.QUESTION if "question" in group else Standing.WAITING), step.number
    return Standing.APPROVED, len(steps)


def _satisfied(states: Sequence[str | None], need: str) -> bool:
    approved = [state == "approved" for state in states]
    return any(approved) if need == "any" else bool(approved) and all(approved)


def _above_limit(answer: Answer) -> bool:
    if answer.email_limit is None:
        return False
    return answer.base_total is None or answer.base_total > answer.email_limit
