"""What went wrong with a mail server, in words that say what to do about it."""

import functools
import imaplib
import re
import socket
import ssl
import tomllib
from datetime import timedelta
from pathlib import Path

from dispatch.smtp_relay import RelayError
from dispatch.smtp_replies import SmtpError
from intake.alarms import told
from intake.imap_folder import FolderError
from intake.mailbox import AccountError
from intake.refusals import LoginRefusedError, ThrottledError
from intake.tokens import ExtraMissingError
from records.secret import SecretMissingError

OURS = (AccountError, FolderError, RelayError, SecretMissingError, ExtraMissingError)


@functools.cache
def _meanings() -> tuple[tuple[re.Pattern[str], str], ...]:
    told = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    return tuple((re.compile(one["said"], re.I), one["means"]) for one in told["meaning"])


def explained(error: Exception) -> str:
    """Return a sentence about ``error``: what it means, where that is known, and what was said."""
    said = " ".join(str(error).split())[:300]
    for pattern, meaning in _meanings():
        if pattern.search(said):
            return f"{meaning}. ({said})"
    return _by_kind(error, said)


def _by_kind(error: Exception, said: str) -> str:
    match error:
        case LoginRefusedError():
            return f"The server refuses the name or what we sign in with: {said}. Further tries may lock the account."
        case ThrottledError():
            return (
                f"The server asks to be left alone for {told(max(error.delay, timedelta(minutes=1)))}. Try again then."
            )
        case ssl.SSLCertVerificationError():
            return f"The certificate is not trusted ({error.verify_message}). For an authority of your own set ca_file."
        case ssl.SSLError():
            return f"TLS fails ({said}). Does the port speak TLS at once (implicit) or after STARTTLS?"
        case socket.gaierror():
            return "There is no such host. Compare host with what the provider says."
        case ConnectionRefusedError():
            return "The connection is refused: nothing listens there, or a firewall is between. Compare host and port."
        case TimeoutError():
            return "The server does not answer in time: a firewall may be between, or the port is wrong."
        case imaplib.IMAP4.error() | SmtpError():
            return f"The server refuses: {said}."
    if isinstance(error, OURS):
        return f"{said[:1].upper()}{said[1:].rstrip('.')}."
    return f"{type(error).__name__}: {said}"
