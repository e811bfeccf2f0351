"""What a requisition takes of budgets and contracts, in hundredths, as entries that are put in and taken out whole."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from procurement.requisition import CheckedLine

COMMITTED = ("pending_approval", "approved", "ordered")
SPENT = ("closed",)
Entry = tuple[str, str, str, str, int]  # kind, key, account, day (ISO 8601), hundredths


def standing_of(state: str) -> str | None:
    """Return how a requisition in ``state`` counts: committed, spent, or not at all (None)."""
    return "committed" if state in COMMITTED else "spent" if state in SPENT else None


def entries(
    lines: Iterable[CheckedLine], base_total: Decimal, cost_center: str | None, account: str | None, day: date
) -> list[Entry]:
    """Return one entry for the cost centre (in base currency) and one for each contract (in its own)."""
    found: list[Entry] = []
    if cost_center:
        found.append(("budget", cost_center, account or "", day.isoformat(), hundredths(base_total)))
    drawn: dict[str, Decimal] = {}
    for line in lines:
        if line.contract:
            drawn[line.contract] = drawn.get(line.contract, Decimal(0)) + line.line_total
    found += [("contract", name, "", day.isoformat(), hundredths(total)) for name, total in sorted(drawn.items())]
    return found


def parts(total: int, share: Decimal, *, is_over: bool) -> tuple[int, int]:
    """Return what of ``total`` hundredths is committed and what is spent, ``share`` of it having been billed.

    Once it is over, what was not billed is free again.

    >>> parts(1000, Decimal("0.25"), is_over=False), parts(1000, Decimal("0.25"), is_over=True)
    ((750, 250), (0, 250))
    """
    spent = int((total * share).to_integral_value())
    return (0, spent) if is_over else (total - spent if share < 1 else 0, spent)


def hundredths(amount: Decimal) -> int:
    """Return an amount of whole cents as their number."""
    return int(amount * 100)
