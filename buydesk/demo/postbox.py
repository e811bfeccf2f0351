"""The mail program of a simulated person: reads their own mailbox by IMAP, sends as themselves by SMTP."""

import smtplib
import socket
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from imapclient import IMAPClient

from buydesk.demo.mail_server import HOST, MailServer


@dataclass(frozen=True)
class Postbox:
    """The account ``address`` on ``server``."""

    server: MailServer
    address: str

    def new_mail(self) -> list[EmailMessage]:
        """Return the mail that was not read before, oldest first; it is read now."""
        with IMAPClient(HOST, self.server.imap_port, ssl=False, timeout=30) as client:
            client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.login(self.address, self.server.accounts[self.address])
            client.select_folder("INBOX")
            fetched = client.fetch(client.search("UNSEEN"), ["BODY[]"])
        return [message_from_bytes(fetched[uid][b"BODY[]"], policy=default) for uid in sorted(fetched)]

    def send(self, mail: bytes, recipient: str) -> None:
        """Send ``mail`` to ``recipient``, logged in."""
        with smtplib.SMTP(HOST, self.server.smtp_port, timeout=30) as client:
            client.login(self.address, self.server.accounts[self.address])
            client.sendmail(self.address, [recipient], mail)


def send_as_a_stranger(server: MailServer, envelope_from: str, mail: bytes, recipient: str) -> None:
    """Send ``mail`` without logging in, as any server out there may."""
    with smtplib.SMTP(HOST, server.smtp_port, timeout=30) as client:
        client.sendmail(envelope_from, [recipient], mail)
