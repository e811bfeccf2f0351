"""Why a requisition goes where it goes, in plain sentences."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from procurement.approvers import ApprovalStep, Directory, resolve
from procurement.policy import Facts, Rule, describe, meets, select, stricter, unmet
from records.problems import Problem


def explain(rules: Sequence[Rule], facts: Facts, directory: Directory) -> tuple[str, ...]:
    """Return the sentences: the rule that applies and why, who signs, and why no other rule applies."""
    told = [f"{_capital(describe(facts))}."]
    chosen = select(rules, facts)
    if isinstance(chosen, Problem):
        told.append(chosen.detail)
    else:
        told.append(f"The rule “{chosen.name}” applies: {reasons(chosen, facts)}.")
        told += _signing(chosen, facts, directory)
    told += [_why_not(rule, facts) for rule in rules if isinstance(chosen, Problem) or rule.name != chosen.name]
    return tuple(told)


def reasons(rule: Rule, facts: Facts) -> str:
    """Return the conditions of a rule that hold, in words; every requisition where it has none."""
    told = list(_conditions(rule, facts))
    return " and ".join(told) or "it is for every requisition"


def _conditions(rule: Rule, facts: Facts) -> Iterator[str]:
    if rule.amount_from is not None or rule.amount_below is not None:
        yield f"{facts.base_total} is {_range(rule.amount_from, rule.amount_below)}"
    for what, allowed in (
        ("category", rule.categories),
        ("cost centre", rule.cost_centers),
        ("supplier", rule.suppliers),
        ("requester", rule.requesters),
    ):
        if allowed is not None:
            yield f"its {what} is among {_listed(allowed)}"
    if rule.contract is not None:
        yield "all of it is on contract" if rule.contract == "on" else "not all of it is on contract"
    if rule.exceptions:
        yield f"none of its exceptions ({_listed(rule.exceptions)}) applies"


def _why_not(rule: Rule, facts: Facts) -> str:
    if meets(rule, facts):
        if not rule.exceptions:
            return f"The rule “{rule.name}” also holds."
        return f"The rule “{rule.name}” holds, but for its exceptions {_listed(rule.exceptions)}."
    told = {
        "amount": f"{facts.base_total} is not {_range(rule.amount_from, rule.amount_below)}",
        "category": f"its category is not only among {_listed(rule.categories)}",
        "cost centre": f"its cost centre is not among {_listed(rule.cost_centers)}",
        "supplier": f"its supplier is not only among {_listed(rule.suppliers)}",
        "requester": f"its requester is not among {_listed(rule.requesters)}",
        "contract": f"it is {'wholly' if stricter(facts.contract) == 'on' else 'not wholly'} on contract",
    }
    why = " and ".join(told[name] for name in dict.fromkeys(unmet(rule, facts)))
    return f"The rule “{rule.name}” does not apply: {why}."


def _signing(rule: Rule, facts: Facts, directory: Directory) -> list[str]:
    found = resolve(rule, facts, directory)
    if isinstance(found, Problem):
        return [found.detail]
    if not found:
        return ["It is approved automatically."]
    return [_step(step) for step in found]


def _step(step: ApprovalStep) -> str:
    people = [f"{one.email} ({one.reason})" for one in step.approvers]
    if len(people) == 1:
        return f"Step {step.number}: {people[0]} decides."
    how = "each of" if step.need == "all" else "any one of"
    verb = "must approve" if step.need == "all" else "may approve"
    return f"Step {step.number}: {how} {', '.join(people)} {verb}."


def _range(low: Decimal | None, high: Decimal | None) -> str:
    if high is None:
        return f"{low} or more"
    return f"below {high}" if low is None else f"from {low} to below {high}"


def _listed(values: frozenset[str] | tuple[str, ...] | None) -> str:
    return ", ".join(value or "none" for value in sorted(values or ()))


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
