"""What a message answers: the signals that tie it to an approval, a requisition or an order.

Signals are collected, never trusted alone: an order's number counts only from a sender who belongs to
the order's supplier (design, section 3).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_AND = r"(?:and|as well as|und|sowie|et|y|e|en|i|oraz|och|og)"
_JOINT = rf"(?:\s*[,;&+/]\s*(?:{_AND}\s+)?|\s+{_AND}\s+)(?:PO\s+)?"


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
    return both_signals(one for one in candidates if supplier_id is not None and one.supplier_id == supplier_id)


def both_signals(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return the candidates that both a thread and a number point at; where there are none, all of them."""
    found = list(candidates)
    return [one for one in found if len(one.signals) > 1] or found


def named_together(text: str, numbers: Sequence[str]) -> bool:
    """Return whether ``text`` names all of ``numbers`` in one enumeration, so that it says the same of each.

    >>> named_together("We confirm PO-1, PO-2 and PO-3.", ["PO-1", "PO-2", "PO-3"])
    True
    >>> named_together("We confirm PO-2 at the prices of PO-1.", ["PO-1", "PO-2"])
    False
    """
    any_number = "|".join(re.escape(number) for number in sorted(numbers, key=len, reverse=True))
    joined = re.compile(rf"(?:{any_number})(?:{_JOINT}(?:{any_number}))*", re.IGNORECASE)
    for found in joined.finditer(text):
        named = {one.casefold() for one in re.findall(any_number, found.group(), re.IGNORECASE)}
        if named == {number.casefold() for number in numbers}:
            return True
    return False
