import pytest

from intake.mailbox import Account, AccountError, account_from, is_loopback

CONFIG = {"address": "po@desk.example", "host": "imap.example", "username": "po", "password": "env:SECRET"}


def test_absent_values_take_their_defaults_and_the_port_follows_the_kind_of_tls() -> None:
    assert account_from(CONFIG) == Account("po@desk.example", "imap.example", "po", "env:SECRET")
    assert account_from({**CONFIG, "tls": "starttls"}).port == 143
    assert account_from({**CONFIG, "name": "purchasing", "move_to": "", "port": 1993}).port == 1993


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"host": ""}, "no host"),
        ({"password": None}, "no password"),
        ({"tls": "ssl"}, "tls is"),
        ({"tls": "none"}, "needs TLS"),
        ({"tls": "none", "host": "127.0.0.1.evil.example"}, "needs TLS"),
        ({"move_to": "INBOX"}, "moved to the folder"),
        ({"poll_seconds": 0}, "above zero"),
        ({"port": "993"}, "not a number"),
        ({"port": True}, "not a number"),
        ({"username": 7}, "not a text"),
        ({"folder": "INBOX\r\na LOGOUT"}, "control character"),
    ],
)
def test_a_description_that_cannot_be_used_is_refused_with_the_reason(change: dict[str, object], said: str) -> None:
    with pytest.raises(AccountError, match=said):
        account_from({**CONFIG, **change})


def test_the_password_reference_is_not_shown() -> None:
    assert "SECRET" not in repr(account_from(CONFIG))


def test_only_this_machine_is_loopback() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "::1", "localhost", "LOCALHOST", "127.8.8.8")))
    assert not any(map(is_loopback, ("10.0.0.1", "localhost.example", "imap.example", "0.0.0.0")))
