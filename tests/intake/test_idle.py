import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from intake import idle
from intake.mailbox import account_from
from tests.intake.desk import mail
from tests.servers.dovecot import Dovecot
from tests.servers.scripted_imap import scripted_imap


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "LOOK_SECONDS", 0.3)
    monkeypatch.setattr(idle, "SHORTEST_PAUSE", 0.3)


class Bell:
    """Counts how often it was rung."""

    def __init__(self) -> None:
        self.rung = 0

    def __call__(self) -> None:
        self.rung += 1

    def wait_for(self, times: int, seconds: float = 15) -> bool:
        end = time.monotonic() + seconds
        while self.rung < times and time.monotonic() < end:
            time.sleep(0.02)
        return self.rung >= times


@contextmanager
def listening(config: dict[str, object], bell: Bell, renew_seconds: float = 60) -> Iterator[threading.Thread]:
    stop = threading.Event()
    thread = threading.Thread(target=idle.listen, args=(account_from(config), bell, stop, renew_seconds))
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


@pytest.mark.dovecot
def test_new_mail_rings_and_a_kicked_line_comes_back(dovecot: Dovecot, user: str) -> None:
    bell = Bell()
    with listening(dovecot.account(user), bell):
        assert bell.wait_for(1)  # connected
        time.sleep(0.3)
        dovecot.deliver(user, mail(1))
        assert bell.wait_for(2)
        time.sleep(0.3)
        dovecot.kick(user)
        assert bell.wait_for(3)  # connected again
        time.sleep(0.3)
        dovecot.deliver(user, mail(2))
        assert bell.wait_for(4)
    assert bell.rung < 10


@pytest.mark.dovecot
def test_idle_is_renewed_before_the_line_is_forgotten(dovecot: Dovecot, user: str) -> None:
    bell = Bell()
    with listening(dovecot.account(user), bell, renew_seconds=1):
        assert bell.wait_for(1)
        time.sleep(2.5)
        dovecot.deliver(user, mail(1))
        assert bell.wait_for(2)


@pytest.mark.dovecot
def test_a_frozen_server_is_given_up_and_a_new_line_rings(dovecot: Dovecot, user: str) -> None:
    bell = Bell()
    with listening(dovecot.account(user, timeout=1), bell, renew_seconds=1):
        assert bell.wait_for(1)
        dovecot.pause()
        try:
            time.sleep(4)
        finally:
            dovecot.resume()
        assert bell.wait_for(2)


@pytest.mark.dovecot
def test_a_refused_login_ends_the_listening(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("wrong")
    bell = Bell()
    with listening(dovecot.account(user, password=f"file:{tmp_path / 'password'}"), bell) as thread:
        thread.join(10)
        assert not thread.is_alive()
    assert bell.rung == 0


def test_a_server_without_idle_is_left_to_polling(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("secret")
    answers = {
        "CAPABILITY": "* CAPABILITY IMAP4rev1\r\nTAG OK done",
        "EXAMINE": "* OK [UIDVALIDITY 7] valid\r\nTAG OK done",
    }
    with scripted_imap(answers) as port:
        config: dict[str, object] = {
            "address": "po@desk.example",
            "host": "127.0.0.1",
            "port": port,
            "tls": "none",
            "username": "po",
            "password": f"file:{tmp_path / 'password'}",
        }
        bell = Bell()
        with listening(config, bell) as thread:
            thread.join(10)
            assert not thread.is_alive()
    assert bell.rung == 0
