"""Loading, checking and explaining an organisation at the command line."""

from pathlib import Path

import pytest

from records.database import Database
from records.tables import Organisation
from tests.buydesk.terminal import Terminal
from tests.journeys.world import Desk

OWNER = "olga@acme.example"


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_loading_makes_the_database_and_a_second_time_changes_nothing(terminal: Terminal, acme: Path) -> None:
    first = terminal("org", "load", acme)
    assert (first.code, first.err) == (0, "")
    assert "Northwind Instruments: loaded." in first.out
    assert "person: 5 inserted" in first.out
    second = terminal("org", "load", acme)
    assert (second.code, second.out) == (0, "Northwind Instruments: nothing changed.\n")


def test_what_changed_is_told_as_json(terminal: Terminal, acme: Path) -> None:
    terminal("org", "load", acme)
    change(acme / "people.csv", "Vera Visitor", "Vera Victor")
    ran = terminal("org", "load", acme, "--json")
    assert (ran.code, ran.json["organisation"]) == (0, "acme")
    assert ran.json["changes"]["person"]["updated"] == 1


def test_every_fault_is_told_with_its_file_and_line_and_nothing_is_loaded(terminal: Terminal, acme: Path) -> None:
    change(acme / "people.csv", "999", "much")
    change(acme / "catalog.csv", "8.00", "-8")
    for command in ("load", "check"):
        sentence = terminal("org", command, acme).sentence
        assert "people.csv, line 3" in sentence
        assert "catalog.csv, line 2" in sentence
    assert not Path(terminal.folder / "home").exists()


def test_a_folder_that_is_none_is_refused(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert terminal("org", "load", tmp_path / "file").code == 2
    assert terminal("org", "load", tmp_path / "nowhere").code == 2
    (tmp_path / "empty").mkdir()
    assert "organisation.toml" in terminal("org", "load", tmp_path / "empty").sentence


def test_checking_a_sound_folder_loads_nothing(terminal: Terminal, acme: Path, home: Path) -> None:
    ran = terminal("org", "check", acme)
    assert (ran.code, ran.out) == (0, "Northwind Instruments: 5 people, 2 suppliers; nothing is wrong.\n")
    assert not home.exists()


def test_a_change_that_is_refused_leaves_what_was_loaded(terminal: Terminal, acme: Path, home: Path) -> None:
    terminal("org", "load", acme)
    change(acme / "policy.toml", "1000", "900")  # a version that was loaded never changes
    change(acme / "organisation.toml", "Northwind Instruments", "Southwind Instruments")
    assert "version" in terminal("org", "load", acme).sentence
    with Database(f"sqlite:///{home / 'buydesk.db'}").read() as session:
        assert session.query(Organisation).one().name == "Northwind Instruments"


def test_a_whole_policy_is_proved(terminal: Terminal, acme: Path) -> None:
    ran = terminal("policy", "check", acme)
    assert (ran.code, ran.out.startswith("Policy 1: every requisition meets exactly one rule")) == (0, True)
    assert terminal("policy", "check", acme, "--json").json == []


def test_a_gap_in_the_policy_is_shown_and_ends_with_1(terminal: Terminal, acme: Path) -> None:
    change(acme / "policy.toml", 'from = "1000"', 'from = "1200"')
    ran = terminal("policy", "check", acme)
    assert (ran.code, ran.out.startswith("  gap: No rule covers a requisition of 1000 ")) == (1, True)
    found = terminal("policy", "check", acme, "--json")
    assert (found.code, [finding["kind"] for finding in found.json]) == (1, ["gap"])


def test_a_policy_is_simulated_on_what_was_submitted(terminal: Terminal, acme: Path) -> None:
    assert terminal("org", "load", acme).code == 0
    ran = terminal("policy", "simulate", acme)
    assert (ran.code, "0 of 0 requisitions would go another way" in ran.out) == (0, True)
    assert terminal("policy", "simulate", acme, "--since", "2026-01-01", "--json").json["differences"] == []


def test_an_absence_is_told_listed_and_ended(terminal: Terminal, acme: Path) -> None:
    assert terminal("org", "load", acme).code == 0
    told = terminal("approvals", "delegate", OWNER, "--until", "2099-12-31", "--by", "agent")
    assert (told.code, "a superior is asked" in told.out) == (0, True)
    (absence,) = terminal("approvals", "absences", "--json").json
    assert (absence["person"], absence["source"]) == (OWNER, "desk")
    assert "1 absence(s) ended" in terminal("approvals", "back", OWNER, "--by", "agent").out
    assert terminal("approvals", "absences", "--json").json == []


def test_a_policy_that_cannot_be_read_ends_with_2(terminal: Terminal, acme: Path) -> None:
    (acme / "policy.toml").write_text("version = ")
    assert "policy.toml" in terminal("policy", "check", acme).sentence


@pytest.mark.dovecot
def test_where_a_requisition_goes_is_explained(terminal: Terminal, desk: Desk) -> None:
    desk.write(desk.person("ada"), "Gloves", "Please order 10 boxes of nitrile gloves, size M, cost centre 4711.")
    desk.work()
    ran = terminal("policy", "explain", "R-00001")
    assert (ran.code, ran.err) == (0, "")
    assert "medium" in ran.out
    assert "olga@" in ran.out
    assert "no requisition R-00002" in terminal("policy", "explain", "R-00002").sentence


def test_commands_before_anything_was_loaded_say_what_to_do(terminal: Terminal) -> None:
    for words in (("status",), ("exceptions", "list"), ("audit", "verify"), ("policy", "explain", "R-1")):
        assert "buydesk org load DIR" in terminal(*words).sentence
    assert terminal("upgrade").code == 0
    assert "There is no organisation yet" in terminal("exceptions", "list").sentence


def test_the_organisation_must_be_named_where_there_are_two(terminal: Terminal, acme: Path) -> None:
    terminal("org", "load", acme)
    change(acme / "organisation.toml", 'slug = "acme"', 'slug = "borg"')
    for old, new in (("purchasing@acme.example", "purchasing@borg.example"), ("port = 9", "port = 10")):
        change(acme / "organisation.toml", old, new)
    assert terminal("org", "load", acme).code == 0
    assert "known are acme, borg" in terminal("exceptions", "list").sentence
    assert terminal("exceptions", "list", "-o", "borg").code == 0
    assert "known are acme, borg" in terminal("exceptions", "list", "-o", "cyber").sentence
