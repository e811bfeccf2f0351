"""Mails written for these tests, and a way to write more of them."""

from email.message import EmailMessage

from parsers.mail import read_message
from parsers.message import parse_message
from parsers.reading import Reading


def plain_mail(
    text: str, subject: str = "Hello", sender: str = "Ann Lee <ann.lee@mill.example>", **fields: str
) -> bytes:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "desk@mill.example"
    message["Date"] = "Tue, 10 Nov 2026 09:00:00 +0000"
    message["Subject"] = subject
    message["Message-ID"] = "<1@mill.example>"
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return bytes(message)


def read_plain(
    text: str, subject: str = "Hello", sender: str = "Ann Lee <ann.lee@mill.example>", **fields: str
) -> Reading:
    return read_message(parse_message(plain_mail(text, subject, sender, **fields)), nothing_read)


def nothing_read(data: bytes, name: str | None, media_type: str | None) -> Reading:
    return Reading(source=name)
