"""Keys: made for their owner only, changed while old seals still open, and missed with a clear sentence."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from records.database import Database
from records.keyring import (
    KeyMissingError,
    Keyring,
    Keys,
    is_private,
    keyring,
    keys_in,
    make_key_file,
    new_key,
    replace_keys,
)

SECRET = "DE89370400440532013000"


def test_the_newest_key_seals_and_an_older_one_still_opens() -> None:
    old, new = new_key(), new_key()
    sealed = Keyring([old]).seal(SECRET)
    assert SECRET not in sealed
    both = Keyring([new, old])
    assert both.open(sealed) == SECRET
    assert Keyring([new]).open(both.resealed(sealed)) == SECRET
    with pytest.raises(KeyMissingError, match="another encryption key"):
        Keyring([new]).open(sealed)


def test_prints_are_equal_for_one_key_and_differ_between_keys() -> None:
    one, other = new_key(), new_key()
    assert Keyring([one]).prints(SECRET) == Keyring([one]).prints(SECRET)
    assert Keyring([other, one]).prints(SECRET)[1:] == Keyring([one]).prints(SECRET)
    assert Keyring([other]).prints(SECRET) != Keyring([one]).prints(SECRET)


@pytest.mark.parametrize("keys", [[], ["short"], ["not base64 at all!"]])
def test_what_is_no_key_is_refused_without_being_shown(keys: list[str]) -> None:
    with pytest.raises(KeyMissingError) as refused:
        Keyring(keys)
    assert not any(key in str(refused.value) for key in keys)


def test_the_file_beside_sqlite_is_made_when_something_is_first_sealed(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    file = tmp_path / "desk.key"
    with database.session() as session:
        assert not file.exists()
        with pytest.raises(KeyMissingError, match=r"desk\.key cannot be read"):
            keyring(session)
        sealed = keyring(session, making=True).seal(SECRET)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert is_private(file)
    with Database(database.url).read() as session:
        assert keyring(session).open(sealed) == SECRET
    file.chmod(0o644)
    assert not is_private(file)
    assert [one.name for one in tmp_path.iterdir() if one.suffix == ".key" or one.name.startswith(".")] == ["desk.key"]


def test_of_many_that_make_the_file_at_once_all_get_the_same_key(tmp_path: Path) -> None:
    file = tmp_path / "desk.key"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(make_key_file, [file] * 16))
    assert len(keys_in(file)) == 1
    assert list(tmp_path.iterdir()) == [file]
    replace_keys(file, ["a", "b"])
    assert (keys_in(file), is_private(file)) == (["a", "b"], True)


def test_keys_come_from_a_reference_and_several_are_separated_by_blanks_or_commas(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old, new = new_key(), new_key()
    monkeypatch.setenv("DESK_KEY", f"{new}, {old}\n")
    assert Keys("env:DESK_KEY").ring().open(Keyring([old]).seal(SECRET)) == SECRET


def test_a_missing_key_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DESK_KEY", raising=False)
    with pytest.raises(KeyMissingError, match="variable DESK_KEY is not set"):
        Keys("env:DESK_KEY").ring(making=True)
    with pytest.raises(KeyMissingError, match="BUYDESK_ENCRYPTION_KEY"):
        Database("postgresql://user@127.0.0.1:9/desk").keys.ring(making=True)
