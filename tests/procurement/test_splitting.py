"""Requests that stay below a limit one by one."""

from decimal import Decimal

import pytest

from procurement.splitting import Recent, Watch, split_problem
from records.problems import Code

LIMITS = (Decimal(5000), Decimal(500))
SEVEN = frozenset({7})


def _recent(*totals: str, supplier: int = 7) -> list[Recent]:
    return [Recent(f"R-{n}", Decimal(total), frozenset({supplier})) for n, total in enumerate(totals, start=1)]


def _suspicious(total: str, recent: list[Recent], watch: Watch = Watch()) -> bool:  # noqa: B008
    problem = split_problem(Decimal(total), SEVEN, recent, LIMITS, watch)
    assert problem is None or problem.code is Code.SPLIT_SUSPECT
    return problem is not None


@pytest.mark.parametrize(
    ("before", "total", "suspicious"),
    [
        (["300"], "199.99", False),
        (["300"], "200", True),
        (["100", "100", "100"], "200", True),
        (["500"], "499", False),  # the limit was met before: nothing was evaded
        (["500"], "500", False),
        ([], "499.99", False),
        (["3000"], "2000", True),
    ],
)
def test_requests_to_one_supplier_that_reach_a_limit_together_ask(
    before: list[str], total: str, suspicious: bool
) -> None:
    assert _suspicious(total, _recent(*before)) is suspicious


def test_requests_to_other_suppliers_do_not_add_up() -> None:
    assert not _suspicious("300", _recent("300", supplier=8))


@pytest.mark.parametrize(
    ("before", "total", "suspicious"),
    [
        (["450", "499"], "460", True),
        (["450"], "460", False),
        (["450", "449.99"], "460", False),
        (["450", "499"], "449.99", False),
    ],
)
def test_three_requests_just_below_a_limit_ask_whoever_the_supplier_is(
    before: list[str], total: str, suspicious: bool
) -> None:
    assert _suspicious(total, _recent(*before, supplier=8)) is suspicious


def test_what_is_told_names_the_other_requests_and_the_limit() -> None:
    problem = split_problem(Decimal(250), SEVEN, _recent("260"), LIMITS, Watch())
    assert problem is not None and "R-1" in problem.detail and "limit of 500" in problem.detail
