"""What the buyer decides of an answer beyond tolerance: each line is accepted, countered or refused.

A decision is about the very sentence that the buyer was shown: where a correction makes the line another one,
it is decided anew.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from procurement.order_response import PENDING, AnsweredLine, Comparison
from records.problems import Code

ACCEPTED, COUNTERED, REFUSED = "accepted", "countered", "refused"


@dataclass(frozen=True)
class Offer:
    """Our counter-proposal for one line; None is as ordered."""

    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    promised_on: date | None = None

    def as_dict(self) -> dict[str, str]:
        """Return what is offered as texts that JSON holds exactly."""
        return {name: str(value) for name, value in vars(self).items() if value is not None}

    @staticmethod
    def from_dict(values: Mapping[str, str]) -> "Offer":
        """Return the offer that ``as_dict`` described."""
        quantity, price, day = (values.get(name) for name in ("quantity", "unit_price", "promised_on"))
        return Offer(
            Decimal(quantity) if quantity else None,
            Decimal(price) if price else None,
            date.fromisoformat(day) if day else None,
        )


def decided(compared: Comparison, decisions: Mapping[str, Any], waived: Set[str]) -> Comparison:
    """Return ``compared`` with the buyer's decisions by place; ``waived`` places are accepted as answered."""
    lines = tuple(_decided(line, decisions.get(line.at), line.at in waived) for line in compared.lines)
    open_places = {(line.at, line.ask) for line in lines if line.disposition == PENDING}
    problems = tuple(
        problem
        for problem in compared.problems
        if problem.code is not Code.RESPONSE_OUT_OF_TOLERANCE or (problem.at, problem.detail) in open_places
    )
    return replace(compared, lines=lines, problems=problems)


def _decided(line: AnsweredLine, decision: Mapping[str, Any] | None, waived: bool) -> AnsweredLine:
    if line.disposition != PENDING:
        return line
    if decision is not None and line.ask and decision["about"].startswith(line.ask):
        return replace(line, disposition=decision["what"])
    return replace(line, disposition=ACCEPTED) if waived else line
