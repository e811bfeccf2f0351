"""Who signs: the persons behind a rule's steps, for one requisition.

Nobody approves what he requests himself, nobody who left, and nobody above his approval limit. Where the
person whom a step names may not sign, the next of his managers who may signs in his place; a role is
signed for by those of it who may. Where that leaves nobody, the problem NO_APPROVER says why.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from procurement.policy import Facts, PolicyStep, Rule
from records.problems import Code, Problem

MAY_REQUEST = frozenset({"requester", "approver", "buyer", "administrator"})  # roles


@dataclass(frozen=True)
class Signatory:
    """A person as approvals need him; ``approval_limit`` None: may not sign."""

    email: str
    name: str
    roles: frozenset[str] = frozenset()
    manager: str | None = None
    approval_limit: Decimal | None = None
    active: bool = True


@dataclass(frozen=True)
class Directory:
    """The people by address, and the owner of each cost centre; what a policy may name besides."""

    people: Mapping[str, Signatory]
    owners: Mapping[str, str]
    suppliers: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()

    def with_role(self, role: str) -> tuple[Signatory, ...]:
        """Return the active people of a role, by address."""
        found = (one for one in self.people.values() if one.active and role in one.roles)
        return tuple(sorted(found, key=lambda one: one.email))


@dataclass(frozen=True)
class Approver:
    """One person who is asked, and why; ``needed`` is the approval limit that it takes to sign in his place."""

    email: str
    reason: str
    needed: Decimal = Decimal("Infinity")


@dataclass(frozen=True)
class ApprovalStep:
    """One step as it is asked; ``number`` counts from 1, ``need`` is "all" or "any"."""

    number: int
    need: str
    approvers: tuple[Approver, ...]


@dataclass(frozen=True)
class Refused:
    """Why somebody may not sign, as a sentence without its full stop."""

    why: str


@dataclass
class _Asked:
    """The steps found so far and who must sign in them anyway."""

    steps: list[ApprovalStep] = field(default_factory=list)
    certain: set[str] = field(default_factory=set)

    def add(self, need: str, found: Sequence[Approver], needed: Decimal) -> None:
        """Add a step without those who sign an earlier one anyway; a step of only such is merged away."""
        approvers = [replace(one, needed=needed) for one in found]
        self._raise_needed({one.email for one in approvers} & self.certain, needed)
        left = tuple(one for one in approvers if one.email not in self.certain)
        if left:
            self.steps.append(ApprovalStep(len(self.steps) + 1, need, left))
            if need == "all" or len(left) == 1:
                self.certain |= {one.email for one in left}

    def _raise_needed(self, emails: Collection[str], needed: Decimal) -> None:
        """One signature serves for two steps: whoever gives it in another's place must be allowed both."""
        for place, step in enumerate(self.steps):
            raised = tuple(
                replace(one, needed=max(one.needed, needed)) if one.email in emails else one for one in step.approvers
            )
            self.steps[place] = replace(step, approvers=raised)


def resolve(rule: Rule, facts: Facts, directory: Directory) -> tuple[ApprovalStep, ...] | Problem:
    """Return the steps of ``rule`` with the persons to ask; () only where the rule approves automatically."""
    if not rule.steps and not rule.automatic:
        return _nobody(rule, ["the rule names nobody and does not approve automatically"])
    asked = _Asked()
    for step in rule.steps:
        found = step_approvers(step, facts, directory)
        if isinstance(found, Refused):
            return _nobody(rule, [found.why])
        asked.add(step.need, found, authority(step, facts.base_total))
    return tuple(asked.steps)


def step_approvers(step: PolicyStep, facts: Facts, directory: Directory) -> tuple[Approver, ...] | Refused:
    """Return the persons of one step, each once; of "all" every entry must be found, of "any" one."""
    found: dict[str, Approver] = {}
    refused: list[str] = []
    for who in step.who:
        answer = _entry(who, step, facts, directory)
        if isinstance(answer, Refused):
            refused.append(answer.why)
        else:
            found |= {one.email: one for one in answer if one.email not in found}
    if not found or (refused and step.need == "all"):
        return Refused("; ".join(refused) or "the step names nobody")
    return tuple(found.values())


def authority(step: PolicyStep, base_total: Decimal) -> Decimal:
    """Return the approval limit that signing this step takes."""
    return base_total if step.limit is None else min(base_total, step.limit)


def bar(person: Signatory, needed: Decimal, requester: str) -> str | None:
    """Return why a person may not sign, None when he may."""
    if not person.active:
        return f"{person.name} is not active"
    if person.email == requester:
        return f"{person.name} is the requester"
    if person.approval_limit is None:
        return f"{person.name} has no approval limit and may not sign"
    if person.approval_limit < needed:
        return f"{person.name} may sign up to {person.approval_limit}, not {needed}"
    return None


def _entry(who: str, step: PolicyStep, facts: Facts, directory: Directory) -> tuple[Approver, ...] | Refused:
    needed = authority(step, facts.base_total)
    kind, _, name = who.partition(":")
    if kind == "role":
        return _of_role(name, needed, facts.requester, directory)
    if kind == "person":
        return _one(name, "named by the rule", needed, facts.requester, directory)
    if kind == "owner":
        email = directory.owners.get(facts.cost_center)
        if email is None:
            return Refused(f"cost centre {facts.cost_center or '(none)'} has no known owner")
        return _one(email, f"owner of cost centre {facts.cost_center}", needed, facts.requester, directory)
    requester = directory.people.get(facts.requester)
    if requester is None or requester.manager is None:
        return Refused(f"no manager of {facts.requester} is known")
    return _one(requester.manager, f"manager of {requester.name}", needed, facts.requester, directory)


def _of_role(role: str, needed: Decimal, requester: str, directory: Directory) -> tuple[Approver, ...] | Refused:
    people = directory.with_role(role)
    bars = [(one, bar(one, needed, requester)) for one in people]
    allowed = tuple(Approver(one.email, f"has the role {role}") for one, barred in bars if barred is None)
    if allowed:
        return allowed
    if not people:
        return Refused(f"nobody active has the role {role}")
    return Refused(f"nobody of the role {role} may sign ({'; '.join(barred for _, barred in bars if barred)})")


def _one(
    email: str, reason: str, needed: Decimal, requester: str, directory: Directory
) -> tuple[Approver, ...] | Refused:
    """Return the person, or the first of his managers who may sign."""
    barred: list[Signatory] = []
    whys: list[str] = []
    for person in upwards(email, directory):
        why = bar(person, needed, requester)
        if why is None:
            told = f"in place of {barred[0].name}, {reason} ({'; '.join(whys)})" if barred else reason
            return (Approver(person.email, told),)
        barred.append(person)
        whys.append(why)
    return Refused(f"nobody may sign as {reason} ({'; '.join(whys) or f'{email} is not known'})")


def upwards(email: str | None, directory: Directory) -> Iterator[Signatory]:
    """Yield the person and his managers upwards, each once; who is not known ends it."""
    seen: set[str] = set()
    while email and email not in seen:
        seen.add(email)
        person = directory.people.get(email)
        if person is None:
            return
        yield person
        email = person.manager


def _nobody(rule: Rule, why: Sequence[str]) -> Problem:
    return Problem(Code.NO_APPROVER, f"The rule “{rule.name}” finds no approver: {'; '.join(why)}.")
