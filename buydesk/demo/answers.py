"""How simulated people answer what is really sent to them: approvers, suppliers, and one forger."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from email.message import EmailMessage

from buydesk.demo import requests
from buydesk.demo.calendar import Calendar, english, german
from buydesk.demo.letters import Attached, plain_text, reply
from buydesk.demo.people import ANTON, EVA, FORGER, GRACE, HELENA, JAN, JONAS, RUTH, SILKE, Player
from buydesk.demo.sheets import OrderedItem, confirmation

GERMAN = "Am {date:%d.%m.%Y um %H:%M} schrieb {name}:"
_ORDER_NUMBER = re.compile(r"\bPO-\d{4}-\d{5}\b")
_GERMAN_LINE = re.compile(
    r"^(?P<line>\d+)\. (?P<text>.+)\n\s+(?P<quantity>[\d.,]+) .*? × EUR (?P<price>[\d.,]+).*\n"
    r".*Ihre Art\.-Nr\. (?P<item>\S+)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Now:
    """When somebody answers."""

    calendar: Calendar
    time: datetime


Habit = Callable[[EmailMessage, Now], EmailMessage | None]


def habits() -> Mapping[Player, Habit]:
    """Return how each person answers a mail; None is no answer."""
    return {
        JONAS: _jonas,
        RUTH: _ruth,
        HELENA: _helena,
        SILKE: _silke,
        JAN: _jan,
        ANTON: _anton,
        GRACE: _grace,
        EVA: _eva,
    }


def forged_approval(request: EmailMessage, now: Now) -> EmailMessage:
    """Return an approval in Helena's name, by somebody who saw the request that she got."""
    return reply(FORGER, request, "Approved.\n\nHelena", now.time)


def asks_for_decision(mail: EmailMessage) -> bool:
    """Return whether ``mail`` is an approval request (its subject carries the token)."""
    return "[#" in str(mail["Subject"])


def order_number(mail: EmailMessage) -> str | None:
    """Return the number of the order that came with ``mail`` as PDF, None where none did."""
    has_pdf = any(part.get_content_type() == "application/pdf" for part in mail.iter_attachments())
    found = _ORDER_NUMBER.search(str(mail["Subject"]))
    return found.group() if found and has_pdf else None


def _jonas(mail: EmailMessage, now: Now) -> EmailMessage | None:
    return reply(JONAS, mail, "Approved, thanks.\n\nJonas", now.time) if asks_for_decision(mail) else None


def _ruth(mail: EmailMessage, now: Now) -> EmailMessage | None:
    if not asks_for_decision(mail):
        return None
    if "OFF-1010" in plain_text(mail):
        text = "Abgelehnt. Im Lager stehen noch vier Stühle.\n\nRuth Adler"
    else:
        text = "Freigegeben.\n\nRuth Adler"
    return reply(RUTH, mail, text, now.time, intro=GERMAN)


def _helena(mail: EmailMessage, now: Now) -> EmailMessage | None:
    if not asks_for_decision(mail):
        return None
    back = english(now.calendar.workday(6))
    text = f"I am out of the office and will be back on {back}. Your mail is not forwarded.\n\nHelena Brandt"
    answer = reply(HELENA, mail, text, now.time)
    answer.replace_header("Subject", f"Automatic reply: {mail['Subject']}")
    answer["Auto-Submitted"] = "auto-replied"
    return answer


def _silke(mail: EmailMessage, now: Now) -> EmailMessage | None:
    if not (number := order_number(mail)):
        return None
    wanted = now.calendar.workday(requests.OFFICE)
    text = f"""Guten Tag,

vielen Dank für Ihre Bestellung {number}.

Position 1 und 3 bestätigen wir wie bestellt zum {german(wanted)}.
Position 2 können wir erst am {german(now.calendar.later(wanted))} liefern.

Freundliche Grüße
Silke Ahrens
Nordlicht Bürobedarf GmbH"""
    return reply(SILKE, mail, text, now.time, intro=GERMAN)


def _jan(mail: EmailMessage, now: Now) -> EmailMessage | None:
    return reply(JAN, mail, "Confirmed, thanks, Jan", now.time) if order_number(mail) else None


def _anton(mail: EmailMessage, now: Now) -> EmailMessage | None:
    if not (number := order_number(mail)):
        return None
    promised = now.calendar.workday(requests.LABORATORY)
    pdf = confirmation("AB-70412", number, now.calendar.today, promised, ordered_items(mail))
    text = "Guten Tag,\n\nanbei erhalten Sie unsere Auftragsbestätigung.\n\nMit freundlichen Grüßen\nAnton Kolb"
    return reply(ANTON, mail, text, now.time, intro=GERMAN, attachments=[Attached("AB-70412.pdf", pdf)])


def _grace(mail: EmailMessage, now: Now) -> EmailMessage | None:
    if not (number := order_number(mail)):
        return None
    text = f"""Hello,

thank you for your order {number}. We confirm line 2 as ordered.

The price of line 1 has gone up to EUR 319.00.

Kind regards
Grace Lowe"""
    return reply(GRACE, mail, text, now.time)


def _eva(mail: EmailMessage, now: Now) -> EmailMessage | None:
    if not (number := order_number(mail)):
        return None
    later = now.calendar.later(now.calendar.workday(requests.PACKAGING))
    text = f"""Hello,

thanks for order {number}.

Line 1 is confirmed as ordered.
Line 2 will be delivered on {english(later)}.

Kind regards
Eva de Wit"""
    return reply(EVA, mail, text, now.time)


def ordered_items(mail: EmailMessage) -> list[OrderedItem]:
    """Return the lines of an order that was written in German."""
    return [
        OrderedItem(
            line_number=int(found["line"]),
            description=found["text"],
            item_number=found["item"],
            quantity=_number(found["quantity"]),
            unit_price=_number(found["price"]),
        )
        for found in _GERMAN_LINE.finditer(plain_text(mail))
    ]


def _number(written: str) -> Decimal:
    return Decimal(written.replace(".", "").replace(",", "."))
