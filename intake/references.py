"""What a message answers: the signals that tie it to an approval, a requisition or an order.

Signals are collected, never trusted alone: an order's number counts only from a sender who belongs to
the order's supplier (design, section 3).
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Candidate:
    """An order that the message may answer, and the signals that say so."""

    order_id: int
    supplier_id: int
    signals: frozenset[str]  # thread, number


def chosen(candidates: Iterable[Candidate], supplier_id: int | None) -> list[Candidate]:
    """Return the orders that a message of ``supplier_id`` answers: those of that supplier only.

    Where a thread and a number point at different orders both are returned: a person decides. A number
    outweighs nothing and a thread outweighs nothing; orders with both signals outweigh those with one.
    """
    own = [one for one in candidates if supplier_id is not None and one.supplier_id == supplier_id]
    both = [one for one in own if len(one.signals) > 1]
    return both or own
