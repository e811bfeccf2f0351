from datetime import UTC, datetime, timedelta

import pytest

from procurement.approval_code import LIFE, MOST_TRIES, KeptCode, is_alive, is_right, keep, kept_code

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
KEPT = keep("042137", "00" * 16, NOW)


def test_the_code_is_right_with_or_without_spaces_and_nothing_else_is() -> None:
    assert is_right(KEPT, "042137", NOW)
    assert is_right(KEPT, " 042 137", NOW)
    assert not is_right(KEPT, "42137", NOW)
    assert not is_right(KEPT, "", NOW)


@pytest.mark.parametrize(("seconds", "alive"), [(-1, True), (0, False), (1, False)])
def test_a_code_lives_until_its_end_exclusively(seconds: int, alive: bool) -> None:
    assert is_alive(KEPT, NOW + LIFE + timedelta(seconds=seconds)) is alive


@pytest.mark.parametrize(("tries", "right"), [(MOST_TRIES - 1, True), (MOST_TRIES, False)])
def test_the_last_try_counts_and_none_after_it(tries: int, right: bool) -> None:
    worn = KeptCode(KEPT.salt, KEPT.hashed, KEPT.expires_at, tries)
    assert is_right(worn, "042137", NOW) is right


def test_a_kept_code_reads_back_and_does_not_tell_the_code() -> None:
    assert kept_code(KEPT.as_dict()) == KEPT
    assert "042137" not in str(KEPT.as_dict())
