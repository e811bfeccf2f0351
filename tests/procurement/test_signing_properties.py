"""Whatever happens to people, absences and answers: who holds which duty, and when a request is approved.

Each history is random; what must hold is written down again here, without the code that it checks.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as some

from procurement.approval import Asked, Standing, standing
from procurement.approvers import ApprovalStep, Directory, Signatory, resolve
from procurement.deputies import Away, away_on, countable, stand_ins
from procurement.policy import Facts, PolicyStep, Rule

NAMES = ("ann", "bob", "cem", "dot", "eva", "fay")
TODAY = date(2026, 7, 14)


def _people() -> some.SearchStrategy[Directory]:
    one = some.tuples(
        some.none() | some.integers(0, 9).map(Decimal),
        some.none() | some.sampled_from(NAMES),
        some.booleans() | some.just(True),
        some.frozensets(some.sampled_from(("chief", "buyer"))),
    )
    rows = some.lists(one, min_size=len(NAMES), max_size=len(NAMES))
    owners = some.sampled_from(NAMES)
    return some.builds(
        lambda rows, owner: Directory(
            {
                name: Signatory(name, name.title(), roles, None if manager == name else manager, limit, active)
                for name, (limit, manager, active, roles) in zip(NAMES, rows, strict=True)
            },
            {"1": owner},
        ),
        rows,
        owners,
    )


WHO = some.sampled_from((*(f"person:{name}" for name in NAMES), "role:chief", "role:buyer", "owner", "manager"))
STEPS = some.builds(
    PolicyStep,
    some.lists(WHO, min_size=1, max_size=3, unique=True).map(tuple),
    some.sampled_from(("all", "any")),
    some.none() | some.integers(0, 6).map(Decimal),
)
RULES = some.lists(STEPS, min_size=1, max_size=3).map(lambda steps: Rule("r", steps=tuple(steps)))
FACTS = some.builds(
    lambda total, requester: Facts(Decimal(total), frozenset(), "1", frozenset(), requester, "on"),
    some.integers(0, 9),
    some.sampled_from(NAMES),
)
AWAY = some.lists(
    some.builds(
        lambda one, deputy, start, days: Away(
            one, deputy, TODAY + timedelta(days=start), TODAY + timedelta(days=start + days)
        ),
        some.sampled_from(NAMES),
        some.none() | some.sampled_from(NAMES),
        some.integers(-2, 1),
        some.integers(0, 3),
    ),
    max_size=4,
)


@dataclass(frozen=True)
class Duty:
    """Who holds a place of a step."""

    step: int
    principal: str
    holder: str


def duties(asked: Iterable[Asked]) -> list[Duty]:
    return [Duty(one.step_number, one.principal, one.approver) for one in asked]


def check_stand_ins(held: list[Duty], steps: tuple[ApprovalStep, ...], facts: Facts, directory: Directory) -> None:
    """Assert that every stand-in holds one duty only, is not the requester, and may sign that much by himself."""
    principals = {one.email for step in steps for one in step.approvers}
    needed = {(step.number, one.email): one.needed for step in steps for one in step.approvers}
    instead = [one for one in held if one.holder != one.principal]
    assert len({one.holder for one in instead}) == len(instead)
    for one in instead:
        person = directory.people[one.holder]
        assert one.holder != facts.requester
        assert one.holder not in principals
        assert person.active and person.approval_limit is not None
        assert person.approval_limit >= needed[one.step, one.principal]


@settings(max_examples=300, deadline=None)
@given(RULES, FACTS, _people(), AWAY, some.sets(some.tuples(some.integers(1, 3), some.sampled_from(NAMES))))
def test_no_identity_holds_two_duties_also_through_delegation(
    rule: Rule, facts: Facts, directory: Directory, absences: list[Away], silent: set[tuple[int, str]]
) -> None:
    steps = resolve(rule, facts, directory)
    if not isinstance(steps, tuple):
        return
    away = away_on(absences, TODAY)
    found = stand_ins(steps, [], away, silent, facts.requester, directory)
    check_stand_ins([Duty(*slot, one.email) for slot, one in found.items()], steps, facts, directory)
    assert facts.requester not in {one.email for step in steps for one in step.approvers}
    assert not {one.email for one in found.values()} & set(away)


@settings(max_examples=300, deadline=None)
@given(RULES, FACTS, _people(), some.lists(AWAY, min_size=1, max_size=4), some.data())
def test_whoever_has_stood_in_does_not_stand_in_for_another(
    rule: Rule, facts: Facts, directory: Directory, days: list[list[Away]], data: some.DataObject
) -> None:
    steps = resolve(rule, facts, directory)
    if not isinstance(steps, tuple):
        return
    asked: list[Asked] = []
    for absences in days:
        found = stand_ins(steps, asked, away_on(absences, TODAY), (), facts.requester, directory)
        for (number, principal), one in found.items():
            if data.draw(some.booleans()):
                asked.append(Asked(number, "approved", one.email, principal))
    check_stand_ins(sorted(set(duties(asked)), key=repr), steps, facts, directory)


STATES = some.sampled_from(("asked", "approved", "question", "void", "to_ask"))
ASKED = some.lists(
    some.builds(
        Asked,
        some.integers(1, 3),
        STATES,
        some.sampled_from(NAMES),
        some.none() | some.sampled_from(NAMES),
    ).map(lambda one: replace(one, in_place_of=None) if one.in_place_of == one.approver else one),
    max_size=8,
)


@settings(max_examples=600, deadline=None)
@given(RULES, FACTS, _people(), ASKED)
def test_approved_means_that_every_step_is_signed_by_people_who_may(
    rule: Rule, facts: Facts, directory: Directory, asked: list[Asked]
) -> None:
    steps = resolve(rule, facts, directory)
    if not isinstance(steps, tuple):
        return
    counted = countable(asked, steps, facts.requester, directory)
    stands, _ = standing(counted, steps)
    signed = [one for one in counted if one.state == "approved"]
    check_stand_ins([one for one in duties(signed) if one.holder != one.principal], steps, facts, directory)
    whole = all(
        (all if step.need == "all" else any)(
            any((one.step_number, one.principal) == (step.number, person.email) for one in signed)
            for person in step.approvers
        )
        for step in steps
    )
    assert (stands is Standing.APPROVED) == whole


@settings(max_examples=300, deadline=None)
@given(RULES, FACTS, _people(), ASKED)
def test_any_rejection_rejects_also_one_in_anothers_place(
    rule: Rule, facts: Facts, directory: Directory, asked: list[Asked]
) -> None:
    steps = resolve(rule, facts, directory)
    if isinstance(steps, tuple):
        rejected = [*asked, Asked(1, "rejected", "ann", "bob")]
        assert standing(countable(rejected, steps, facts.requester, directory), steps)[0] is Standing.REJECTED
