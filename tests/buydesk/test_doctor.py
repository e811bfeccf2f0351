"""The doctor: what it finds, sound or broken, and what it says to do."""

from pathlib import Path

import pytest

from records.database import Database
from tests.buydesk.terminal import Ran, Terminal
from tests.journeys.world import Desk
from tests.servers.dovecot import free_port


def verdicts(ran: Ran) -> dict[str, tuple[str, str]]:
    return {finding["name"]: (finding["verdict"], finding["detail"]) for finding in ran.json}


@pytest.mark.dovecot
def test_a_sound_installation_passes(terminal: Terminal, desk: Desk) -> None:
    ran = terminal("doctor", "--json")
    found = verdicts(ran)
    assert ran.code == 0
    assert found["database"][1].startswith("SQLite, schema ")
    assert found["mailbox purchasing"][0] == "ok"
    assert found[f"mail out of {desk.slug}"] == ("ok", "127.0.0.1 takes mail.")
    assert {verdict for verdict, _ in found.values()} <= {"ok", "warning"}


def test_no_database_yet_is_no_failure(terminal: Terminal, home: Path) -> None:
    ran = terminal("doctor", "--json")
    verdict, detail = verdicts(ran)["database"]
    assert (ran.code, verdict) == (0, "warning")
    assert "buydesk org load DIR" in detail
    assert not (home / "buydesk.db").exists()


@pytest.mark.parametrize("present", ["", "0000"])
def test_a_database_of_another_version_is_told_and_nothing_works_on_it(
    terminal: Terminal, acme: Path, home: Path, present: str
) -> None:
    terminal("org", "load", acme)
    with Database(f"sqlite:///{home / 'buydesk.db'}").session() as session:
        change = "update alembic_version set version_num = '0000'" if present else "delete from alembic_version"
        session.connection().exec_driver_sql(change)
    ran = terminal("doctor", "--json")
    verdict, detail = verdicts(ran)["database"]
    assert (ran.code, verdict) == (1, "failed")
    assert f"schema {present or 'none'}, wanted" in detail
    assert "buydesk upgrade" in detail
    for words in (("status",), ("worker",), ("clock",)):
        assert "buydesk upgrade" in terminal(*words).sentence


def test_servers_that_are_down_and_secrets_that_are_missing_are_told(terminal: Terminal, acme: Path) -> None:
    file = acme / "organisation.toml"
    file.write_text(file.read_text().replace("port = 9", f"port = {free_port()}"))
    terminal("org", "load", acme)
    ran = terminal("doctor", "--json")
    found = verdicts(ran)
    assert (ran.code, found["mailbox purchasing"][0], found["mail out of acme"][0]) == (1, "failed", "failed")
    assert "refused" in found["mailbox purchasing"][1]
    terminal.monkeypatch.delenv("ACME_MAIL")
    detail = verdicts(terminal("doctor", "--json"))["mailbox purchasing"][1]
    assert "The environment variable ACME_MAIL is not set" in detail


def test_a_place_for_blobs_that_cannot_be_written_is_told(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    terminal.set(BUYDESK_BLOBS=str(tmp_path / "file"))
    ran = terminal("doctor", "--json")
    assert (ran.code, verdicts(ran)["blobs"]) == (
        1,
        ("failed", f"{tmp_path / 'file'} cannot be written: Not a directory."),
    )


def test_a_file_that_is_no_database_is_told(terminal: Terminal, home: Path) -> None:
    home.mkdir()
    (home / "buydesk.db").write_bytes(b"something else\n" * 100)
    ran = terminal("doctor", "--json")
    assert (ran.code, verdicts(ran)["database"][0]) == (1, "failed")
    assert terminal("status").sentence == "The database cannot be used: file is not a database."


def test_people_get_a_line_a_finding(terminal: Terminal) -> None:
    terminal.set(BUYDESK_BLOBS=str(terminal.folder / "[red]evil\x1b[31m"))
    lines = terminal("doctor").out.splitlines()
    assert {line.split()[0] for line in lines} <= {"ok", "note"}
    (blobs,) = [line for line in lines if " blobs: " in line]
    assert "[red]evil\N{REPLACEMENT CHARACTER}[31m" in blobs
