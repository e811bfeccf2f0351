"""Mail as people's programs write it: new mail, and replies that quote what they answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid

from buydesk.demo.people import DESK, Player

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Attached:
    """A file that goes along."""

    name: str
    content: bytes
    media_type: str = PDF


def letter(
    sender: Player,
    subject: str,
    text: str,
    now: datetime,
    *,
    html: str | None = None,
    attachments: Sequence[Attached] = (),
) -> EmailMessage:
    """Return a mail to the desk."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender.address
    mail["To"] = DESK
    mail["Subject"] = subject
    mail["Date"] = now
    mail["Message-ID"] = make_msgid(domain=sender.email.rpartition("@")[2])
    mail.set_content(text)
    if html is not None:
        mail.add_alternative(html, subtype="html")
    for one in attachments:
        kind, _, subtype = one.media_type.partition("/")
        mail.add_attachment(one.content, maintype=kind, subtype=subtype, filename=one.name)
    return mail


def reply(
    sender: Player,
    to: EmailMessage,
    text: str,
    now: datetime,
    *,
    intro: str = "On {date:%d %b %Y at %H:%M}, {name} wrote:",
    attachments: Sequence[Attached] = (),
) -> EmailMessage:
    """Return an answer to the mail ``to``: its subject and thread are kept, its text is quoted below."""
    subject = str(to["Subject"])
    subject = subject if re.match(r"(?i)(re|aw):", subject) else f"Re: {subject}"
    quoted = "\n".join(f"> {line}".rstrip() for line in plain_text(to).strip().splitlines())
    opening = intro.format(date=to["Date"].datetime, name=to["From"].addresses[0].display_name)
    mail = letter(sender, subject, f"{text}\n\n{opening}\n{quoted}\n", now, attachments=attachments)
    mail["In-Reply-To"] = str(to["Message-ID"])
    mail["References"] = f"{to.get('References', '')} {to['Message-ID']}".strip()
    return mail


def plain_text(mail: EmailMessage) -> str:
    """Return the text of ``mail``, "" where it has none."""
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body else ""


def own_words(mail: EmailMessage) -> str:
    """Return what an answer says above the mail that it quotes, in one line."""
    lines = plain_text(mail).splitlines()
    quote = next((place for place, line in enumerate(lines) if line.startswith(">")), len(lines) + 1)
    return " ".join(" ".join(lines[: quote - 1]).split())
