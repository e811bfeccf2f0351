"""Bank details at the command line: proposed by one, confirmed by another, masked, and sealed by a key."""

from pathlib import Path

import pytest

from records.keyring import keys_in
from tests.buydesk.terminal import Terminal

IBAN, OTHER = "DE89 3704 0044 0532 0130 00", "GB33BUKB20201555555555"


@pytest.fixture
def supplier(terminal: Terminal, acme: Path) -> str:
    terminal("org", "load", acme)
    return (acme / "suppliers.csv").read_text().splitlines()[1].partition(",")[0]


def test_two_people_change_the_bank_details_of_a_supplier(terminal: Terminal, supplier: str) -> None:
    ran = terminal("bank", "propose", supplier, IBAN, "--why", "a signed letter", "--by", "ada")
    assert (ran.code, ran.out) == (
        0,
        f"{supplier}: none → DE89••••3000, proposed as change 1. Somebody else: buydesk bank confirm 1\n",
    )
    assert "somebody else" in terminal("bank", "confirm", 1, "--why", "sure", "--by", "Ada").sentence
    assert "is paid on: none" in terminal("bank", "history", supplier).out
    assert terminal("bank", "list", "--json").json[0]["new_masked"] == ["DE89••••3000"]
    assert "confirmed" in terminal("bank", "confirm", 1, "--why", "called them", "--by", "vera").out
    assert terminal("bank", "list", "--json").json == []
    told = terminal("bank", "history", supplier)
    assert f"{supplier} is paid on: DE89••••3000" in told.out and "called them" in told.out


def test_what_cannot_be_is_one_sentence(terminal: Terminal, supplier: str) -> None:
    assert (
        "check digits are wrong"
        in terminal("bank", "propose", supplier, "GB34BUKB20201555555555", "--why", "x").sentence
    )
    assert "is masked" in terminal("bank", "propose", supplier, "DE89••••3000", "--why", "x").sentence
    assert "Say why" in terminal("bank", "propose", supplier, IBAN, "--why", " ").sentence
    assert "no supplier NOBODY" in terminal("bank", "propose", "NOBODY", IBAN, "--why", "x").sentence
    assert "no change 7" in terminal("bank", "confirm", 7, "--why", "x").sentence
    terminal("bank", "propose", supplier, OTHER, "--why", "x")
    assert "refused; nothing was changed" in terminal("bank", "refuse", 1, "--why", "a fraud").out
    assert "refused already" in terminal("bank", "confirm", 1, "--why", "x", "--by", "vera").sentence


def test_an_export_shows_accounts_only_for_a_reason_that_the_audit_chain_keeps(
    terminal: Terminal, supplier: str, tmp_path: Path
) -> None:
    terminal("bank", "propose", supplier, OTHER, "--why", "x", "--by", "ada")
    terminal("bank", "confirm", 1, "--why", "x", "--by", "vera")
    terminal("org", "export", tmp_path / "masked")
    text = (tmp_path / "masked" / "suppliers.csv").read_text(encoding="utf-8")
    assert OTHER not in text and "GB33••••5555" in text
    terminal("org", "export", tmp_path / "full", "--bank-details", "for the auditor", "--by", "ada")
    assert OTHER in (tmp_path / "full" / "suppliers.csv").read_text(encoding="utf-8")
    for folder in ("masked", "full"):
        assert terminal("org", "load", tmp_path / folder).out == "Northwind Instruments: nothing changed.\n"
    assert terminal("audit", "verify").code == 0


def test_the_key_is_changed_and_what_was_sealed_still_opens(
    terminal: Terminal, supplier: str, home: Path, tmp_path: Path
) -> None:
    assert "Nothing was sealed yet" in terminal("keys", "rotate").sentence
    terminal("bank", "propose", supplier, OTHER, "--why", "x", "--by", "ada")
    before = keys_in(home / "buydesk.key")
    assert terminal("keys", "rotate").out == "Sealed by the newest key: 1.\n"
    after = keys_in(home / "buydesk.key")
    assert len(before) == len(after) == 1 and before != after
    assert "confirmed" in terminal("bank", "confirm", 1, "--why", "x", "--by", "vera").out
    key = (home / "buydesk.key").rename(tmp_path / "elsewhere")
    assert "put back the one that was there" in terminal("bank", "propose", supplier, "--why", "x").sentence
    terminal.set(BUYDESK_ENCRYPTION_KEY=f"file:{key}")
    assert "proposed as change" in terminal("bank", "propose", supplier, "--why", "x").out


def test_the_doctor_looks_at_the_key(terminal: Terminal, supplier: str, home: Path) -> None:
    assert "the key will be made" in _key_finding(terminal)
    terminal("bank", "propose", supplier, OTHER, "--why", "x")
    assert "can be opened" in _key_finding(terminal)
    (home / "buydesk.key").chmod(0o644)
    assert "chmod 600" in _key_finding(terminal)
    (home / "buydesk.key").write_text(terminal("keys", "new").out)
    assert "another encryption key" in _key_finding(terminal)


def _key_finding(terminal: Terminal) -> str:
    found = [one["detail"] for one in terminal("doctor", "--json").json if one["name"] == "encryption key"]
    return str(found[0])
