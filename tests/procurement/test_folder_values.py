from decimal import Decimal

import pytest

from procurement.folder_values import rate


@pytest.mark.parametrize(("text", "fraction"), [("19", "0.19"), ("8.1", "0.081"), ("0", "0"), ("100", "1")])
def test_a_rate_in_percent_becomes_a_fraction(text: str, fraction: str) -> None:
    assert rate(text) == Decimal(fraction)


def test_a_fraction_written_for_a_percentage_is_refused_with_what_to_write() -> None:
    with pytest.raises(ValueError, match="write 19 "):
        rate("0.19")
