"""Invoice numbers that are so alike that one may be the other, written differently."""

import re

from rapidfuzz.distance import DamerauLevenshtein

from procurement.order import normal_number

_LOOK_ALIKES = str.maketrans("OIL", "011")
_SHORTEST = 6  # of fewer characters one slip says nothing


def alike(one: str | None, other: str | None) -> bool:
    """Return whether two numbers differ by blanks, leading zeros, O for 0, I for 1, or one slip only.

    A slip is a character too much, one too few, or two that changed places; another digit is another number,
    as the next invoice of a subscription has it.

    >>> alike("INV-0042", "inv 42"), alike("RE-20260017", "RE-20260071"), alike("RE-20260017", "RE-20260018")
    (True, True, False)
    """
    left, right = _folded(one), _folded(other)
    if not left or not right:
        return False
    if left == right:
        return True
    is_slip = len(left) != len(right) or sorted(left) == sorted(right)
    long_enough = min(len(left), len(right)) >= _SHORTEST
    return is_slip and long_enough and DamerauLevenshtein.distance(left, right, score_cutoff=1) == 1


def _folded(number: str | None) -> str:
    return re.sub(r"(?<!\d)0+(?=\d)", "", normal_number(number or "").translate(_LOOK_ALIKES))
