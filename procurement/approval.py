"""Approvals: what a decision needs to count, and how far a requisition's approval stands.

A decision by email counts only when all of this holds (design, section 6): the message is
authenticated, comes from the very approver, carries a live token of that approver, step and revision,
is not automatic, and its own words are an unambiguous decision within the limit for emails.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
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
    DELEGATION_OVER = "delegation_over"
    STALE = "stale"
    ALREADY_DECIDED = "already_decided"
    ABOVE_EMAIL_LIMIT = "above_email_limit"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Asked:
    """One person asked in one step; ``state`` is that of the approval row.

    ``in_place_of`` is the approver for whom he signs; None: he is asked to sign himself.
    """

    step_number: int
    state: str
    approver: str  # his address
    in_place_of: str | None = None

    @property
    def principal(self) -> str:
        """The approver whose signature this is."""
        return self.in_place_of or self.approver

    @property
    def is_stand_in(self) -> bool:
        """Whether somebody signs in another's place."""
        return self.in_place_of is not None


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
    delegation_over: bool = False  # asked in another's place, and that holds no longer


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
    if answer.delegation_over:
        return Refusal.DELEGATION_OVER
    if answer.decision is None:
        return Refusal.UNCLEAR
    if answer.decision == "approved" and _above_limit(answer):
        return Refusal.ABOVE_EMAIL_LIMIT
    return None


def standing(asked: Iterable[Asked], steps: Sequence[ApprovalStep]) -> tuple[Standing, int]:
    """Return how the approval of a requisition stands, and the step it has come to (from 1).

    ``asked`` are the approvals of the current revision only, ``steps`` what the rule demands of the people
    as they are now: a decision counts in its step and for a person who is asked there, whether he signs
    himself or somebody in his place. A rule without steps is approved by the policy itself. Any rejection
    rejects.
    """
    states: dict[tuple[int, str], set[str]] = {}
    for one in asked:
        states.setdefault((one.step_number, one.principal), set()).add(one.state)
    if any("rejected" in some for some in states.values()):
        return Standing.REJECTED, 0
    for step in steps:
        group = [states.get((step.number, one.email), set()) for one in step.approvers]
        if not _satisfied(group, step.need):
            asks = any("question" in some for some in group)
            return (Standing.QUESTION if asks else Standing.WAITING), step.number
    return Standing.APPROVED, len(steps)


def _satisfied(states: Sequence[Collection[str]], need: str) -> bool:
    approved = ["approved" in some for some in states]
    return any(approved) if need == "any" else bool(approved) and all(approved)


def _above_limit(answer: Answer) -> bool:
    if answer.email_limit is None:
        return False
    return answer.base_total is None or answer.base_total > answer.email_limit
