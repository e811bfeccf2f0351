"""policy.toml: the rules of approval as written down (procurement.policy has what they mean)."""

import re
from decimal import Decimal

from procurement import folder_values as read
from procurement.folder_data import PolicyData
from procurement.folder_toml import Table
from procurement.policy import PolicyStep, Rule

FILE = "policy.toml"
_ROLE = re.compile(r"[a-z0-9][a-z0-9_ -]*")


def read_policy(root: Table) -> PolicyData | None:
    """Return the policy; None where anything in it is wrong."""
    before = len(root.faults)
    version, valid_from = root.needed("version", _short), root.needed("valid_from", read.day)
    rules: list[Rule] = []
    for table in root.tables("rule"):
        rules.append(_rule(table, [one.name for one in rules]))
    if not rules:
        root.fault("the policy has no [[rule]]")
    root.finish()
    if len(root.faults) > before or version is None or valid_from is None:
        return None
    return PolicyData(version, valid_from, tuple(rules))


def _rule(table: Table, earlier: list[str]) -> Rule:
    name = table.needed("name", str) or ""
    if name and name in earlier:
        table.fault(f"the rule {name!r} stands twice", "name")
    low, high = _amounts(table.table("amount"))
    exceptions = table.several("except", str) or ()
    for exception in exceptions:
        if exception not in earlier:
            table.fault(f"except names {exception!r}, which is no rule before this one", "except")
    rule = Rule(
        name=name,
        amount_from=low,
        amount_below=high,
        categories=_set(table, "category"),
        cost_centers=_set(table, "cost_center"),
        suppliers=_set(table, "supplier"),
        requesters=_set(table, "requester"),
        contract=table.optional("contract", _contract),
        exceptions=exceptions,
        steps=tuple(_step(step) for step in table.tables("step")),
        automatic=table.truth("automatic"),
    )
    if rule.automatic and rule.steps:
        table.fault("a rule that is automatic has no steps", "automatic")
    if not rule.automatic and not rule.steps:
        table.fault("a rule needs a [[rule.step]], or automatic = true")
    table.finish()
    return rule


def _amounts(table: Table | None) -> tuple[Decimal | None, Decimal | None]:
    if table is None:
        return None, None
    low, high = table.optional("from", read.amount), table.optional("below", read.amount)
    if high is not None and high <= (low or 0):
        table.fault("below is not above from, so that no amount fits", "below")
    table.finish()
    return low, high


def _set(table: Table, key: str) -> frozenset[str] | None:
    values = table.several(key, read.email if key == "requester" else str)
    if values == ():
        table.fault(f"{key} is empty, so that nothing fits; leave it out for any", key)
    return None if values is None else frozenset(values)


def _step(table: Table) -> PolicyStep:
    who = table.several("who", _who)
    if not who:
        table.fault("who names nobody", "who")
    step = PolicyStep(
        who=who or (),
        need=table.optional("need", _need) or "all",
        limit=table.optional("limit", read.amount),
    )
    table.finish()
    return step


def _who(text: str) -> str:
    kind, _, name = text.partition(":")
    if text in ("owner", "manager"):
        return text
    if kind == "person":
        return f"person:{read.email(name)}"
    if kind == "role" and _ROLE.fullmatch(name.strip().lower()):
        return f"role:{name.strip().lower()}"
    raise ValueError("is none of person:ADDRESS, role:NAME, owner, manager")


def _need(text: str) -> str:
    if text not in ("all", "any"):
        raise ValueError("is neither all nor any")
    return text


def _contract(text: str) -> str:
    if text not in ("on", "off"):
        raise ValueError("is neither on nor off")
    return text


def _short(text: str) -> str:
    if len(text) > 60:
        raise ValueError("has more than 60 characters")
    return text
