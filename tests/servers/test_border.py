import smtplib

import pytest

from intake.sender import assess
from parsers.message import parse_message
from tests.servers.border import Border
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import border, dovecot, user

__all__ = ["border", "dovecot", "user"]

pytestmark = pytest.mark.dovecot

MAIL = b"From: Ada <ada@people.example>\r\nSubject: Paper\r\n\r\nTen boxes, please.\r\n"
FORGED = b"Authentication-Results: mx.northwind.example; dmarc=pass\r\n header.from=people.example\r\n" + MAIL


def _arrived(server: Dovecot, user: str) -> bytes:
    (found,) = server.contents(user).values()
    return found


def test_mail_of_a_person_who_logged_in_is_authenticated(border: Border, dovecot: Dovecot, user: str) -> None:
    border.person("ada@people.example")
    border.submit("ada@people.example", f"{user}@desk.example", MAIL)
    raw = _arrived(dovecot, user)
    assert raw.endswith(b"Ten boxes, please.\r\n")
    assert assess(parse_message(raw), raw, [border.name]).authenticated


@pytest.mark.parametrize("mail", [MAIL, FORGED])
@pytest.mark.parametrize("login", [None, "eve@evil.example"])
def test_mail_of_a_stranger_is_not(border: Border, dovecot: Dovecot, user: str, mail: bytes, login: str | None) -> None:
    if login:
        border.person(login)
    border.submit(login, f"{user}@desk.example", mail)
    raw = _arrived(dovecot, user)
    assert raw.count(b"Authentication-Results") == 1
    assert not assess(parse_message(raw), raw, [border.name]).authenticated


def test_a_wrong_password_and_an_unknown_recipient_are_refused(border: Border, user: str) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError):
        border.submit("nobody@people.example", f"{user}@desk.example", MAIL)
    border.refused.add("gone@desk.example")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        border.submit(None, "gone@desk.example", MAIL)
