"""Mails with something attached."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from tests.paper_desk import PaperDesk


def with_file(raw: bytes, data: bytes, media_type: str, name: str) -> bytes:
    """Return the mail ``raw`` with a file attached."""
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    kind, _, subtype = media_type.partition("/")
    mail.add_attachment(data, maintype=kind, subtype=subtype, filename=name)
    return mail.as_bytes()


def with_html(raw: bytes, html: str) -> bytes:
    """Return the mail ``raw`` with an HTML body beside its text."""
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    mail.add_alternative(html, subtype="html")
    return mail.as_bytes()


def receive(paper: PaperDesk, raw: bytes) -> int:
    """Put a mail in, do what is due, and return the message's id."""
    row_id = paper.deliver(raw)
    paper.work()
    return row_id
