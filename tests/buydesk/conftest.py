"""A terminal, and a whole desk whose database it works on."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from records.blobs import Blobs
from records.database import Database
from records.migrate import upgrade
from tests.buydesk.terminal import Terminal
from tests.journeys.people import folder
from tests.journeys.world import Desk
from tests.servers.border import Border
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import border, dovecot

__all__ = ["border", "dovecot"]
NOWHERE: dict[str, object] = {"address": "purchasing@acme.example", "host": "127.0.0.1", "port": 9, "tls": "none"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return where this installation keeps its data; there is nothing yet."""
    return tmp_path / "home"


@pytest.fixture
def terminal(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    for name in os.environ:
        if name.startswith("BUYDESK_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    shell = Terminal(tmp_path, monkeypatch)
    shell.set(BUYDESK_HOME=str(home), USER="tessa", ACME_MAIL="secret", COLUMNS="180")
    monkeypatch.delenv("SUDO_USER", raising=False)
    return shell


@pytest.fixture(scope="session")
def migrated_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an SQLite file with this version's schema, as ``buydesk upgrade`` makes it."""
    file = tmp_path_factory.mktemp("migrated") / "template.db"
    database = Database(f"sqlite:///{file}")
    upgrade(database)
    database.close()
    return file


@pytest.fixture
def desk(home: Path, migrated_template: Path, dovecot: Dovecot, border: Border) -> Iterator[Desk]:
    """Give a desk whose rows the terminal's commands see, between real servers."""
    home.mkdir()
    shutil.copyfile(migrated_template, home / "buydesk.db")
    database = Database(f"sqlite:///{home / 'buydesk.db'}")
    yield Desk(database, Blobs(str(home / "blobs")), dovecot, border)
    database.close()


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    """Return the folder of an organisation whose mail servers are nowhere."""
    mailbox = NOWHERE | {"username": "purchasing", "password": "env:ACME_MAIL"}
    smtp = {"host": "127.0.0.1", "port": 9, "tls": "none", "username": "purchasing", "password": "env:ACME_MAIL"}
    place = tmp_path / "acme"
    place.mkdir()
    for name, content in folder("acme", "mx.acme.example", mailbox, smtp).items():
        (place / name).write_bytes(content)
    _let_somebody_sign_for_everybody(place)
    return place


def _let_somebody_sign_for_everybody(place: Path) -> None:
    people, policy = place / "people.csv", place / "policy.toml"
    chair = "dirk@acme.example,Dirk Chair,chair,,1000000,en,true\n"
    people.write_text(people.read_text().replace("approver,,", "approver,dirk@acme.example,") + chair)
    policy.write_text(policy.read_text() + 'limit = "100000"\n')
