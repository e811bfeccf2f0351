"""What the sample organisation's mail border writes: trace fields on top of a mail, and bounces."""

import re
from datetime import datetime
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.mime.text import MIMEText
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from parsers.message import parse_message


def traced(mail: bytes, border: str, envelope_from: str, login: str | None, now: datetime) -> bytes:
    """Return ``mail`` as ``border`` (its authserv-id) hands it on (RFC 5321 4.4, RFC 8601).

    DMARC passes only where ``login``, the account that submitted the mail, is of the domain in From.
    Results that somebody else wrote in the border's name are dropped.
    """
    sender = parse_message(mail).sender
    domain = sender.address.rpartition("@")[2] if sender else "invalid"
    result = "pass" if login and login.rpartition("@")[2] == domain else "fail"
    top = (
        f"Return-Path: <{envelope_from}>\r\n"
        f"Authentication-Results: {border}; dmarc={result} header.from={domain}\r\n"
        f"Received: from [127.0.0.1] by {border} with {'ESMTPA' if login else 'ESMTP'};\r\n"
        f"\t{format_datetime(now)}\r\n"
    )
    return top.encode("ascii", "replace") + _without_results_of(mail, border)


def bounce(mail: bytes, border: str, sender: str, recipient: str, now: datetime) -> bytes:
    """Return the report that ``recipient`` does not exist, to ``sender`` of ``mail`` (RFC 3464)."""
    report = MIMEMultipart("report", policy=SMTP, report_type="delivery-status")
    report["From"] = f"Mail Delivery System <mailer-daemon@{border}>"
    report["To"] = sender
    report["Subject"] = "Undelivered Mail Returned to Sender"
    report["Date"] = format_datetime(now)
    report["Message-ID"] = make_msgid(domain=border)
    report["Auto-Submitted"] = "auto-replied"
    report.attach(MIMEText(f"Your message could not be delivered to {recipient}: there is no such mailbox.\n"))
    report.attach(_delivery_status(border, recipient))
    headers = re.split(rb"\r?\n\r?\n", mail, maxsplit=1)[0]
    report.attach(MIMEText(headers.decode("ascii", "replace") + "\n", "rfc822-headers"))
    return report.as_bytes()


def _delivery_status(border: str, recipient: str) -> MIMENonMultipart:
    whole, one = Message(policy=SMTP), Message(policy=SMTP)
    whole["Reporting-MTA"] = f"dns; {border}"
    one["Final-Recipient"] = f"rfc822; {recipient}"
    one["Action"] = "failed"
    one["Status"] = "5.1.1"
    one["Diagnostic-Code"] = "smtp; 550 5.1.1 no such mailbox"
    status = MIMENonMultipart("message", "delivery-status", policy=SMTP)
    status.set_payload([whole, one])
    return status


def _without_results_of(mail: bytes, border: str) -> bytes:
    """Return ``mail`` without the fields that claim to be results of ``border`` (RFC 8601, section 5)."""
    name = re.escape(border.encode())
    forged = rb"(?im)^authentication-results:[ \t\r\n]*" + name + rb"\b.*\r?\n(?:[ \t].*\r?\n)*"
    end = re.search(rb"\r?\n\r?\n", mail)
    head = mail[: end.start() + 2] if end else mail
    return re.sub(forged, b"", head) + mail[len(head) :]
