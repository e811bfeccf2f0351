"""Sessions: TLS, refusals, throttling, and the failpoints that every command passes."""

import imaplib
import socket
import ssl
from datetime import timedelta
from pathlib import Path

import pytest

from intake.imap_folder import open_folder
from intake.imap_line import Line
from intake.imap_server import log_in
from intake.mailbox import AccountError, account_from
from intake.refusals import LoginRefusedError, ThrottledError
from tests.servers.certificates import make_certificates
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.scripted_imap import scripted_imap


def plain_account(port: int, **changes: object) -> dict[str, object]:
    return {
        "address": "po@desk.example",
        "host": "127.0.0.1",
        "port": port,
        "tls": "none",
        "username": "po",
        "password": "env:UNUSED",
        "timeout": 2,
        **changes,
    }


@pytest.mark.dovecot
@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_a_session_is_encrypted_and_does_not_wait_for_more_to_send(dovecot: Dovecot, user: str, tls: str) -> None:
    port = dovecot.imaps_port if tls == "implicit" else dovecot.imap_port
    with log_in(account_from(dovecot.account(user, tls=tls, port=port)), PASSWORD) as server:
        line = server.client.socket()
        assert isinstance(line, ssl.SSLSocket)
        assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert line.gettimeout() == 60
        assert server.client._imap.debug == 0
        assert "IDLE" in server.capabilities


@pytest.mark.dovecot
@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_a_certificate_of_an_unknown_authority_is_refused(
    dovecot: Dovecot, user: str, tls: str, tmp_path: Path
) -> None:
    other = make_certificates(tmp_path)
    port = dovecot.imaps_port if tls == "implicit" else dovecot.imap_port
    for ca_file in (str(other.ca_file), None):
        account = account_from(dovecot.account(user, tls=tls, port=port, ca_file=ca_file))
        with pytest.raises(ssl.SSLCertVerificationError), log_in(account, PASSWORD):
            pass


@pytest.mark.dovecot
def test_a_certificate_for_another_name_is_refused(dovecot: Dovecot, user: str) -> None:
    account = account_from(dovecot.account(user, host="127.0.0.2"))
    with pytest.raises(OSError), log_in(account, PASSWORD):
        pass


def test_a_server_that_wants_no_password_gets_none() -> None:
    offered = "* CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=XOAUTH2\r\nTAG OK done"
    with (
        scripted_imap({"CAPABILITY": offered}) as port,
        pytest.raises(AccountError, match="no login with a password"),
        log_in(account_from(plain_account(port)), PASSWORD),
    ):
        pass


def test_a_server_without_starttls_gets_no_password() -> None:
    with scripted_imap({"CAPABILITY": "* CAPABILITY IMAP4rev1\r\nTAG OK done"}) as port:
        account = account_from(plain_account(port, tls="starttls"))
        with pytest.raises(Exception, match="STARTTLS"), log_in(account, PASSWORD):
            pass


@pytest.mark.dovecot
def test_a_wrong_password_is_a_refusal(dovecot: Dovecot, user: str) -> None:
    with pytest.raises(LoginRefusedError), log_in(account_from(dovecot.account(user)), "wrong"):
        pass


@pytest.mark.parametrize(
    "answer", ["TAG NO [UNAVAILABLE] try again later", "TAG NO [INUSE] busy", "", "* BYE shutting down"]
)
def test_a_login_that_did_not_go_through_is_no_refusal(answer: str) -> None:
    with (
        scripted_imap({"LOGIN": answer}) as port,
        pytest.raises(OSError),
        log_in(account_from(plain_account(port)), PASSWORD),
    ):
        pass


@pytest.mark.dovecot
def test_a_password_of_any_letters_can_be_given(dovecot: Dovecot, user: str) -> None:
    with pytest.raises(LoginRefusedError), log_in(account_from(dovecot.account(user)), "pässwörd"):
        pass


@pytest.mark.parametrize("command", ["LOGIN", "EXAMINE", "UID FETCH"])
def test_a_server_that_asks_to_wait_is_left_alone_for_that_long(command: str) -> None:
    said = "TAG NO Request is throttled. Suggested Backoff Time: 92415 milliseconds"
    with (
        scripted_imap({"EXAMINE": "* OK [UIDVALIDITY 7] valid\r\nTAG OK done", command: said}) as port,
        pytest.raises(ThrottledError) as caught,
        log_in(account_from(plain_account(port)), PASSWORD) as server,
    ):
        open_folder(server, "INBOX").sizes([1])
    assert caught.value.delay == timedelta(milliseconds=92415)


@pytest.mark.dovecot
def test_a_line_tells_at_its_beginning_that_it_cannot_be_opened(dovecot: Dovecot, user: str) -> None:
    with pytest.raises(LoginRefusedError), Line(account_from(dovecot.account(user)), "wrong"):
        pass
    with pytest.raises(imaplib.IMAP4.error), Line(account_from(dovecot.account(user, folder="No")), PASSWORD):
        pass


@pytest.mark.dovecot
def test_a_line_that_was_hung_up_opens_again_unless_the_folder_is_another(dovecot: Dovecot, user: str) -> None:
    with Line(account_from(dovecot.account(user)), PASSWORD) as line:
        first = line.folder
        line.hang_up()
        assert line.folder is not first
        assert line.folder.uidvalidity == first.uidvalidity
        line.hang_up()
        dovecot.change_uidvalidity(user)
        with pytest.raises(ConnectionError, match="replaced"):
            _ = line.folder
