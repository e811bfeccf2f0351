"""What servers say is told in words that say what to do; what is not known is still told."""

import imaplib
import smtplib
import socket
import ssl
from datetime import timedelta

import pytest

from buydesk.plain_words import explained
from intake.refusals import LoginRefusedError, ThrottledError


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (imaplib.IMAP4.error("BAD [b'User is authenticated but not connected.']"), "Add-MailboxPermission"),
        (LoginRefusedError("b'[AUTHENTICATIONFAILED] Basic authentication is disabled.'"), "oauth table"),
        (
            LoginRefusedError("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled"),
            "SMTP is off",
        ),
        (LoginRefusedError("invalid_client: AADSTS7000222: The provided client secret keys are expired."), "has ended"),
        (LoginRefusedError("invalid_client: AADSTS7000215: Invalid client secret provided."), "not its ID"),
        (LoginRefusedError("unauthorized_client: Client is unauthorized"), "domain-wide delegation"),
        (LoginRefusedError("invalid_grant: Token has been expired or revoked."), "consent again"),
        (LoginRefusedError("b'[ALERT] Application-specific password required'"), "two-step"),
        (LoginRefusedError("no"), "lock the account"),
        (ThrottledError(timedelta(seconds=5)), "left alone for 1 minute"),
        (socket.gaierror(-2, "Name or service not known"), "no such host"),
        (ConnectionRefusedError(111, "refused"), "nothing listens"),
        (TimeoutError("timed out"), "firewall"),
        (ssl.SSLError(1, "wrong version number"), "STARTTLS"),
        (smtplib.SMTPServerDisconnected("gone"), "The server refuses: gone"),
        (RuntimeError("odd"), "RuntimeError: odd"),
    ],
)
def test_an_error_is_told_with_what_to_do(error: Exception, said: str) -> None:
    assert said in explained(error)


def test_what_a_server_says_is_cut_short() -> None:
    assert len(explained(LoginRefusedError("x" * 10_000))) < 500
