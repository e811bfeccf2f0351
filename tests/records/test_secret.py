"""Secrets by reference: found where the reference says, and never in a message."""

from pathlib import Path

import pytest

from records.secret import SecretMissingError, resolve


def test_a_secret_is_read_from_the_environment_or_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DESK_PASSWORD", "from the environment ")
    (tmp_path / "secret").write_text("from a file \n")
    assert resolve("env:DESK_PASSWORD") == "from the environment "
    assert resolve(f"file:{tmp_path}/secret") == "from a file "


@pytest.mark.parametrize("reference", ["env:NOBODY_SET_THIS", "file:/nowhere/at/all", "env:", "file:", "hunter2", ""])
def test_a_reference_that_leads_nowhere_says_so_without_the_secret(reference: str) -> None:
    with pytest.raises(SecretMissingError) as told:
        resolve(reference)
    assert "hunter2" not in str(told.value)
