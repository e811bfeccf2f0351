"""Suppliers' answers and webhooks at the command line."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from records.blobs import Blobs
from records.database import Database
from tests.buydesk.terminal import Terminal
from tests.journeys.world import plain
from tests.paper_desk import PaperDesk

DEARER = "We confirm, but the price of HG-7 nitrile gloves is now EUR 9.50 per box, 10 boxes."


@pytest.fixture
def paper(home: Path, migrated_template: Path) -> Iterator[PaperDesk]:
    """Give a desk whose rows the terminal's commands see, and whose mail stays in the outbox."""
    home.mkdir()
    shutil.copyfile(migrated_template, home / "buydesk.db")
    database = Database(f"sqlite:///{home / 'buydesk.db'}")
    yield PaperDesk(database, Blobs(str(home / "blobs")))
    database.close()


def test_an_answer_is_listed_shown_and_countered(paper: PaperDesk, terminal: Terminal) -> None:
    paper.reply(paper.glover, paper.order_gloves(), DEARER)
    (row,) = terminal("responses", "list", "--json").json
    assert (row["waiting"], row["response"]) == (1, "changed")
    (line,) = terminal("responses", "show", "1", "--json").json["lines"]
    assert (line["line"], line["disposition"]) == ("1", "pending_buyer")
    assert "9.50 instead of 8.00" in terminal("responses", "show", "1").out
    told = terminal("responses", "counter", "1", "--line", "1", "--price", "7.90", "--why", "room").out
    assert "1 line(s) countered." in told
    paper.work()
    assert "EUR 7.90" in plain(paper.outbox(paper.glover)[-1])
    assert terminal("responses", "list", "--json").json == []
    assert len(terminal("responses", "list", "--all", "--json").json) == 1


def test_an_answer_is_accepted_or_refused(paper: PaperDesk, terminal: Terminal) -> None:
    paper.reply(paper.glover, paper.order_gloves(), DEARER)
    assert "refused" in terminal("responses", "refuse", "1", "--why", "no", "--tell", "Our contract says 8.00.").out
    paper.work()
    assert "Our contract says 8.00." in plain(paper.outbox(paper.glover)[-1])
    assert "waits for a decision" in terminal("responses", "accept", "1", "--why", "yes").sentence
    assert "There is no answer 9" in terminal("responses", "show", "9").sentence


def test_webhooks_are_added_listed_tested_and_switched_off(
    paper: PaperDesk, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_SECRET", "secret")
    url = "https://erp.example/hook"
    added = terminal("webhooks", "add", url, "--secret", "env:HOOK_SECRET", "--event", "order.issued")
    assert "Webhook 1 is told of order.issued." in added.out
    assert url in terminal("webhooks", "list").out
    terminal("webhooks", "test", "1")
    (row,) = terminal("webhooks", "log", "--json").json
    assert (row["event"], row["state"]) == ("webhook.test", "queued")
    assert "queued already" in terminal("webhooks", "resend", "1").sentence
    assert "nothing more" in terminal("webhooks", "off", "1").out
    assert terminal("webhooks", "list", "--json").json[0]["active"] is False
    assert "begins with https" in terminal("webhooks", "add", "http://a.example", "--secret", "env:X").sentence
