"""Order splitting: requests that stay below a limit one by one, and would not have done so as one.

Two signs, each within a rolling window of days: requests to the same supplier that reach the limit together,
and several that all end just below it, whoever the supplier is. Amounts are in base currency.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from records.problems import Code, Problem

CLUSTER = 3  # so many requests just below one limit are no chance, this one included


@dataclass(frozen=True)
class Watch:
    """How far back to look, in days (0: not at all), and how near to a limit is suspicious, in percent."""

    duplicate_days: int = 14
    split_days: int = 7
    split_percent: int = 10


@dataclass(frozen=True)
class Recent:
    """Another request of the same requester or cost centre within the window."""

    number: str
    total: Decimal
    suppliers: frozenset[int]


def split_problem(
    total: Decimal, suppliers: frozenset[int], recent: Sequence[Recent], limits: Iterable[Decimal], watch: Watch
) -> Problem | None:
    """Return a problem for the lowest limit that looks evaded, None where none does; a total at a limit meets it."""
    for limit in sorted(limits):
        if total >= limit or total <= 0:
            continue
        below = [one for one in recent if 0 < one.total < limit]
        shared = [one for one in below if one.suppliers & suppliers]
        together = total + sum(one.total for one in shared)
        if shared and together >= limit:
            return _problem(f"{_numbers(shared)} and this go to the same supplier and are {together} together", limit)
        floor = limit * (100 - watch.split_percent) / 100
        near = [one for one in below if one.total >= floor]
        if total >= floor and len(near) + 1 >= CLUSTER:
            return _problem(f"{_numbers(near)} and this all end within {watch.split_percent} % below it", limit)
    return None


def _problem(why: str, limit: Decimal) -> Problem:
    detail = f"This looks like one purchase split below the limit of {limit}: {why}. Waive this if they are not one."
    return Problem(Code.SPLIT_SUSPECT, detail)


def _numbers(requests: Sequence[Recent]) -> str:
    return ", ".join(one.number for one in requests[:5])
