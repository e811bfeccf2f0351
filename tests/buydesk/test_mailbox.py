"""The commands ``mailbox`` and ``outbox start``, and alarms in ``status`` and ``doctor``, on real servers."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from records import exceptions
from records.base import utc_now
from records.problems import Code, Problem
from records.tables import Mailbox, Organisation, Relay
from tests.buydesk.terminal import Ran, Terminal
from tests.journeys.world import Desk

pytestmark = pytest.mark.dovecot

STEPS = ["settings", "login", "abilities", "folder", "read", "send", "receive", "move", "sent folder"]


def verdicts(ran: Ran) -> dict[str, tuple[str, str]]:
    return {finding["name"]: (finding["verdict"], finding["detail"]) for finding in ran.json}


def describe(desk: Desk, **changes: object) -> None:
    """Change the description of the desk's mailbox; None takes a value away."""
    with desk.database.session() as session:
        box = session.scalars(select(Mailbox)).one()
        config = {**box.config, **changes}
        box.config = {name: value for name, value in config.items() if value is not None}


def user_of(desk: Desk) -> str:
    with desk.database.read() as session:
        return str(session.scalars(select(Mailbox)).one().config["username"])


def test_a_sound_mailbox_passes_every_step_and_is_left_as_it_was(terminal: Terminal, desk: Desk) -> None:
    describe(desk, sent_folder="Sent")
    desk.write(desk.person("ada"), "Paper", "2 boxes of paper, please.")
    user = user_of(desk)
    before = desk.dovecot.contents(user)
    ran = terminal("mailbox", "check", "purchasing", "--json", "--patience", 10)
    found = verdicts(ran)
    assert (ran.code, list(found)) == (0, STEPS)
    assert {verdict for verdict, _ in found.values()} == {"ok"}
    assert "1 mails in INBOX" in found["read"][1] or "mails in INBOX" in found["read"][1]
    assert desk.dovecot.contents(user) == before
    assert desk.dovecot.contents(user, "Done") == desk.dovecot.contents(user, "Sent") == {}
    assert set(desk.dovecot.flags(user).values()) <= {(), (b"\\Recent",)}


def test_people_get_a_line_a_step(terminal: Terminal, desk: Desk) -> None:
    lines = terminal("mailbox", "check", "purchasing", "--no-send").out.splitlines()
    assert [line.split()[0] for line in lines] == ["ok"] * 6


@pytest.mark.parametrize(
    ("change", "step", "said"),
    [
        ({"host": None}, "settings", "The mailbox has no host."),
        ({"password": "env:NOT_SET_ANYWHERE"}, "settings", "NOT_SET_ANYWHERE is not set"),
        ({"port": 9}, "login", "nothing listens there"),
        ({"ca_file": None}, "login", "set ca_file"),
        ({"password": "env:WRONG"}, "login", "Further tries may lock the account"),
        ({"folder": "Einkauf"}, "folder", "The account has "),
    ],
)
def test_what_is_missing_is_said_and_the_steps_behind_it_are_left_out(
    terminal: Terminal, desk: Desk, change: dict[str, object], step: str, said: str
) -> None:
    terminal.set(WRONG="guess")
    describe(desk, **change)
    ran = terminal("mailbox", "check", "purchasing", "--json")
    name, (verdict, detail) = list(verdicts(ran).items())[-1]
    assert (ran.code, name, verdict) == (1, step, "failed")
    assert said in detail
    assert "guess" not in ran.out


def test_a_relay_that_does_not_deliver_to_the_mailbox_is_told(terminal: Terminal, desk: Desk) -> None:
    desk.border.route(desk.address, "somebody-else")
    ran = terminal("mailbox", "check", "purchasing", "--json", "--patience", 2)
    assert (ran.code, list(verdicts(ran))[-1]) == (1, "receive")
    assert "did not arrive in INBOX within 2 s" in verdicts(ran)["receive"][1]


def test_the_test_mail_that_a_running_desk_took_is_found_and_makes_no_work(terminal: Terminal, desk: Desk) -> None:
    """The mail is taken as automatic, so that nobody has to look at it."""
    describe(desk, move_to=None)
    terminal("mailbox", "check", "purchasing", "--json", "--patience", 5)
    desk.work()
    assert terminal("exceptions", "list", "--json").json == []


def test_an_unknown_mailbox_is_told_with_those_that_there_are(terminal: Terminal, desk: Desk) -> None:
    assert terminal("mailbox", "check", "nobody").sentence == f"{desk.slug} has no mailbox 'nobody'; it has purchasing."


def test_the_list_says_how_mailboxes_are(terminal: Terminal, desk: Desk) -> None:
    desk.work()
    (row,) = terminal("mailbox", "list", "--json").json
    assert (row["name"], row["address"], row["state"]) == ("purchasing", desk.address, "active")
    assert row["reached"] and not row["alarms"] and row["sign-in ends"] is None
    assert "purchasing" in terminal("mailbox", "list").out


def test_a_mailbox_that_was_stopped_is_started(terminal: Terminal, desk: Desk) -> None:
    with desk.database.session() as session:
        box = session.scalars(select(Mailbox)).one()
        box.due_at, box.login_failures = None, 3
        exceptions.hold(session, box, "poll", [Problem(Code.GAVE_UP, "The login was refused 3 times.")], "operator")
    (row,) = terminal("mailbox", "list", "--json").json
    assert (row["state"], row["refused logins"], row["alarms"]) == ("held", 3, "stopped")
    status = terminal("status", "--json")
    assert (status.code, status.json["alarms"][0]["detail"]) == (1, "The login was refused 3 times.")
    assert terminal("mailbox", "start", "purchasing", "--why", " ").sentence.startswith("Say what was mended")
    assert terminal("mailbox", "start", "purchasing", "--why", "new password").code == 0
    (row,) = terminal("mailbox", "list", "--json").json
    assert (row["state"], row["refused logins"], row["alarms"]) == ("active", 0, "")
    assert terminal("status").code == 0
    assert "is polled already" in terminal("mailbox", "start", "purchasing", "--why", "x").out


def test_a_mailbox_that_the_folder_no_longer_lists_is_not_started(terminal: Terminal, desk: Desk) -> None:
    with desk.database.session() as session:
        session.execute(update(Mailbox).values(state="stopped", due_at=None))
    assert "no longer lists" in terminal("mailbox", "start", "purchasing", "--why", "x").sentence


def test_a_stopped_relay_is_tried_again(terminal: Terminal, desk: Desk) -> None:
    assert "is not stopped" in terminal("outbox", "start", "--why", "x").sentence
    with desk.database.session() as session:
        row = Relay(organisation_id=session.scalars(select(Organisation.id)).one(), state="stopped", due_at=None)
        session.add(row)
        session.flush()
        exceptions.hold(session, row, "try_relay", [Problem(Code.GAVE_UP, "Refused 3 times.")], "operator")
    assert terminal("status").code == 1
    assert terminal("outbox", "start", "--why", "new password").code == 0
    desk.work()
    with desk.database.read() as session:
        assert session.scalars(select(Relay.state)).one() == "active"
    assert terminal("status").code == 0


def test_silence_and_countdown_stand_in_status_and_doctor(terminal: Terminal, desk: Desk, tmp_path: Path) -> None:
    desk.work()
    expires = (utc_now() + timedelta(days=20)).date().isoformat()
    oauth = {"flow": "microsoft", "tenant": "t", "client_id": "c", "client_secret": "env:S", "expires": expires}
    describe(desk, oauth=oauth, password=None)
    status = terminal("status", "--json")
    assert (status.code, status.json["sign_in_ends"]) == (0, {"mailbox purchasing": expires})
    assert "ends in 20 days" in status.json["alarms"][0]["detail"]
    with desk.database.session() as session:
        session.execute(update(Mailbox).values(last_contact_at=utc_now() - timedelta(hours=5)))
    status = terminal("status")
    assert status.code == 1
    assert "has not been reached for 5 hours" in " ".join(status.out.split())
    told = [finding["detail"] for finding in terminal("doctor", "--json").json]
    assert any("has not been reached for 5 hours" in one for one in told)
    assert any("It ends in 20 days" in one for one in told)
