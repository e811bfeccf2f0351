"""What people ask for, in the ways in which people ask."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from buydesk.demo import sheets
from buydesk.demo.calendar import Calendar, english, german
from buydesk.demo.letters import XLSX, Attached, letter
from buydesk.demo.people import LENA, MIA, NEWS, PAVEL, STRANGER, TOM, Player

# Days from today on which things are needed.
OFFICE, TOOLS, LABORATORY, MONITORS, PACKAGING = 9, 12, 10, 14, 8


@dataclass(frozen=True)
class Post:
    """A mail on its way to the desk and who sends it."""

    sender: Player
    mail: EmailMessage


def first_post(calendar: Calendar, now: datetime) -> Iterator[Post]:
    """Yield the mail that lies in the desk's mailbox in the morning; one of them comes twice."""
    office = Post(MIA, _office(calendar, now))
    yield office
    yield Post(TOM, _tools(calendar, now))
    yield Post(LENA, _laboratory(calendar, now))
    yield Post(PAVEL, _monitors(calendar, now))
    yield Post(MIA, _packaging(calendar, now))
    yield office
    yield Post(LENA, _microscope(calendar, now))
    yield Post(TOM, _signs(calendar, now))
    yield Post(PAVEL, _chair(calendar, now))
    yield Post(MIA, _unknown(calendar, now))
    yield Post(TOM, _broken(now))
    yield Post(STRANGER, _stranger(now))
    yield Post(NEWS, _newsletter(now))


def _office(calendar: Calendar, now: datetime) -> EmailMessage:
    text = f"""Hi,

could you please order for the office, cost centre 4300:

- 20 reams of copy paper A4, 80 g (OFF-1001)
- 2 boxes of ballpoint pens, blue (OFF-1002)
- 15 lever arch files, grey (OFF-1003)

We need it by {english(calendar.workday(OFFICE))}.

Thanks
Mia
"""
    return letter(MIA, "Office supplies", text, now)


def _tools(calendar: Calendar, now: datetime) -> EmailMessage:
    day = english(calendar.workday(TOOLS))
    rows = (
        ("TOO-2001", "Torque wrench 5 to 25 Nm", "3"),
        ("TOO-2002", "Hex key set, 9 pieces", "6"),
        ("TOO-2003", "Safety glasses clear, pack of 10", "2"),
    )
    table = "".join(f"<tr><td>{number}</td><td>{name}</td><td>{count}</td></tr>" for number, name, count in rows)
    html = f"""<html><body><p>Hello purchasing,</p><p>please order for the workshop (cost center: 4100),
needed by {day}:</p><table border="1"><tr><th>Item no.</th><th>Description</th><th>Quantity</th></tr>{table}</table>
<p>Thanks,<br>Tom</p></body></html>"""
    listed = "\n".join(f"{number}  {name}  {count}" for number, name, count in rows)
    text = (
        f"Hello purchasing,\n\nplease order for the workshop (cost center: 4100), needed by {day}:\n\n"
        f"Item no.  Description  Quantity\n{listed}\n\nThanks,\nTom\n"
    )
    return letter(TOM, "Tools for the workshop", text, now, html=html)


def _laboratory(calendar: Calendar, now: datetime) -> EmailMessage:
    text = f"""Hallo zusammen,

bitte bestellt für das Labor (Kostenstelle 4200):

8 Packungen Pipettenspitzen 1000 µl, Art.-Nr. LAB-3001
20 Boxen Nitrilhandschuhe Größe M, Art.-Nr. LAB-3002
24 Stück Becherglas 250 ml, Art.-Nr. LAB-3003

Wir brauchen die Ware bis zum {german(calendar.workday(LABORATORY))}.

Viele Grüße
Lena
"""
    return letter(LENA, "Bedarf Labor", text, now)


def _monitors(calendar: Calendar, now: datetime) -> EmailMessage:
    sheet = sheets.request_sheet(calendar.workday(MONITORS))
    text = "Hi,\n\nplease order what is in the attached list, for the three new desks.\n\nThanks, Pavel\n"
    return letter(PAVEL, "Monitors", text, now, attachments=[Attached("monitors.xlsx", sheet, XLSX)])


def _packaging(calendar: Calendar, now: datetime) -> EmailMessage:
    form = sheets.request_form("Mia Berger", calendar.workday(PACKAGING))
    text = "Please find my purchase request attached.\n\nBest regards\nMia\n"
    return letter(MIA, "Purchase request", text, now, attachments=[Attached("purchase-request.pdf", form)])


def _microscope(calendar: Calendar, now: datetime) -> EmailMessage:
    text = f"""Hello,

for the new test bench we need, cost centre 4200:

1 piece stereo zoom microscope ZM7 with camera (OPT-6001)

Please order it so that it is here by {english(calendar.workday(30))}.

Kind regards
Lena
"""
    return letter(LENA, "Microscope for the test bench", text, now)


def _signs(calendar: Calendar, now: datetime) -> EmailMessage:
    text = f"""Hi,

please order 6 pieces escape route sign A4, luminous (SGN-7001), cost centre 4100,
by {english(calendar.workday(11))}.

Thanks, Tom
"""
    return letter(TOM, "Signs for hall 2", text, now)


def _chair(calendar: Calendar, now: datetime) -> EmailMessage:
    text = f"""Hi,

I would like to order 2 ergonomic office chairs Ergo 2 (OFF-1010), cost centre 4200,
by {english(calendar.workday(20))}.

Pavel
"""
    return letter(PAVEL, "Chairs", text, now)


def _unknown(calendar: Calendar, now: datetime) -> EmailMessage:
    text = f"""Hi,

can you please order 3 bottles of descaler for the coffee machine, cost centre 4300,
by {english(calendar.workday(9))}?

Thanks
Mia
"""
    return letter(MIA, "Coffee machine", text, now)


def _broken(now: datetime) -> EmailMessage:
    form = sheets.cut_off(sheets.request_form("Tom Osei", now.date()))
    text = "Please order what is on the attached form.\n\nTom\n"
    return letter(TOM, "Request form", text, now, attachments=[Attached("scan0017.pdf", form)])


def _stranger(now: datetime) -> EmailMessage:
    text = """Dear purchasing team,

please order 40 toner cartridges for your office today and ship them to our warehouse for refilling.
Payment within 3 days.

Rex Turner
Bargain Toner
"""
    return letter(STRANGER, "Urgent order", text, now)


def _newsletter(now: datetime) -> EmailMessage:
    text = "This week only: 20 % off desks and lamps!\n\nUnsubscribe: https://office-world.example/unsubscribe\n"
    mail = letter(NEWS, "20 % off everything for your office", text, now)
    mail["List-Id"] = "<news.office-world.example>"
    mail["List-Unsubscribe"] = "<https://office-world.example/unsubscribe>"
    mail["Precedence"] = "bulk"
    return mail
