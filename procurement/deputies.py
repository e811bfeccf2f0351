"""Who signs in an approver's place: the deputy of one who is away, or a superior of one who does not answer.

A stand-in signs within his own limit, never for his own request, never where the policy asks for his own
signature as well, and for one approver only: whoever holds two duties of one requisition is no second pair
of eyes.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from procurement.approval import Asked
from procurement.approvers import ApprovalStep, Approver, Directory, bar, upwards

Slot = tuple[int, str]  # a step's number and the approver whose signature it asks for


@dataclass(frozen=True)
class Away:
    """One absence: from ``starts_on`` to ``ends_on``, both included; ``deputy`` is an address."""

    email: str
    deputy: str | None
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class StandIn:
    """Who is asked in an approver's place, and why, as a sentence without its full stop."""

    email: str
    reason: str


def away_on(absences: Iterable[Away], today: date) -> dict[str, str | None]:
    """Return who is away on a day and who deputises; of several absences, the one that began last counts."""
    now = (one for one in absences if one.starts_on <= today <= one.ends_on)
    return {one.email: one.deputy for one in sorted(now, key=lambda one: one.starts_on)}


def stand_ins(
    steps: Sequence[ApprovalStep],
    asked: Collection[Asked],
    away: Mapping[str, str | None],
    silent: Collection[Slot],
    requester: str,
    directory: Directory,
) -> dict[Slot, StandIn]:
    """Return who signs in place of each approver that is ``away`` or ``silent``, where somebody may.

    The deputy comes first, then the next of the approver's superiors who may. ``asked`` are the approvals of
    the revision so far: whoever stands in for one approver does not stand in for another.
    """
    busy = {one.approver: (one.step_number, one.principal) for one in asked if one.is_stand_in and one.state != "void"}
    found: dict[Slot, StandIn] = {}
    for step in steps:
        for approver in step.approvers:
            slot = step.number, approver.email
            if approver.email not in away and slot not in silent:
                continue
            for email in _candidates(approver.email, away, directory):
                free = email not in away and busy.get(email, slot) == slot
                if free and barred(email, approver, steps, requester, directory) is None:
                    busy[email] = slot
                    found[slot] = StandIn(email, _reason(approver, email, away, directory))
                    break
    return found


def countable(
    asked: Iterable[Asked], steps: Sequence[ApprovalStep], requester: str, directory: Directory
) -> tuple[Asked, ...]:
    """Return the approvals without those of stand-ins who may not sign (any more); rejections all stay."""
    approvers = {(step.number, one.email): one for step in steps for one in step.approvers}
    used: set[str] = set()
    kept: list[Asked] = []
    for one in asked:
        if one.is_stand_in and one.state == "approved":
            approver = approvers.get((one.step_number, one.principal))
            if approver is None or one.approver in used:
                continue
            if barred(one.approver, approver, steps, requester, directory) is not None:
                continue
            used.add(one.approver)
        kept.append(one)
    return tuple(kept)


def barred(
    email: str, approver: Approver, steps: Sequence[ApprovalStep], requester: str, directory: Directory
) -> str | None:
    """Return why a person may not sign in the place of ``approver``, None where he may."""
    person = directory.people.get(email)
    if person is None:
        return f"{email} is not known"
    if any(email == one.email for step in steps for one in step.approvers):
        return f"{person.name} is asked to sign himself"
    return bar(person, approver.needed, requester)


def _candidates(email: str, away: Mapping[str, str | None], directory: Directory) -> Iterator[str]:
    if deputy := away.get(email):
        yield deputy
    person = directory.people.get(email)
    yield from (one.email for one in upwards(person.manager if person else None, directory))


def _reason(approver: Approver, email: str, away: Mapping[str, str | None], directory: Directory) -> str:
    person = directory.people.get(approver.email)
    name = person.name if person else approver.email
    if approver.email not in away:
        return f"in place of {name}, who has not answered ({approver.reason})"
    what = "deputy of" if away[approver.email] == email else "in place of"
    return f"{what} {name}, who is away ({approver.reason})"
