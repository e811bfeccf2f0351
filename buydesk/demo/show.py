"""``buydesk demo``: a morning of a procurement desk, with real protocols and simulated people."""

import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from sqlalchemy import select, update

from buydesk.demo.calendar import calendar_of
from buydesk.demo.cast import Cast
from buydesk.demo.closing import close
from buydesk.demo.mail_server import MailServer
from buydesk.demo.people import ACCOUNTS, BORDER
from buydesk.demo.place import Place, prepare
from buydesk.demo.requests import first_post
from buydesk.demo.sample import load, new_password, write_organisation
from buydesk.demo.story import Story
from buydesk.installation import Installation, open_installation
from buydesk.settings import Settings
from records.base import utc_now
from records.tables import Mailbox, OrderRevision, PurchaseOrder

ROUNDS = 8  # of working and answering; four are enough, more would be a circle
PATIENCE = 300.0  # seconds for all rounds


def run_demo(folder: Path) -> int:
    """Run the demo in ``folder``; return 0 if everything that it promises came true, else 1.

    Raises CommandError for a folder that the demo did not make.
    """
    place, console = prepare(folder), Console(highlight=False)
    console.print("Buydesk demo: a sample organisation, its suppliers and all people here are simulated.")
    if place.cleared:
        console.print("What an earlier demo left in this folder was removed; this one starts afresh.")
    installation = open_installation(Settings(home=place.home, log_level="critical"), migrate=True)
    try:
        _play(place, installation, console)
        _save_orders(place, installation)
        return close(place, installation.database, console)
    finally:
        installation.database.close()


def _play(place: Place, installation: Installation, console: Console) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    calendar = calendar_of(now)
    passwords = {address: new_password() for address in ACCOUNTS}
    with MailServer(passwords, BORDER) as server:
        write_organisation(place, server, passwords, calendar.today)
        load(place, installation.database)
        story = Story(installation.database, installation.blobs, console)
        story.skip_to_now()
        cast = Cast(server, story.said)
        story.heading("Mail comes in")
        cast.post(first_post(calendar, now))
        _rounds(installation, cast, story)


def _rounds(installation: Installation, cast: Cast, story: Story) -> None:
    """Let the desk work and people answer, in turns, until nobody has anything to say."""
    end = time.monotonic() + PATIENCE
    runner = installation.runner()
    for _ in range(ROUNDS):
        story.heading("The desk works")
        with installation.database.session() as session:
            session.execute(update(Mailbox).values(due_at=utc_now()))
        while time.monotonic() < end and runner.run_due(limit=1):
            story.tell()
        story.heading("People answer")
        if not cast.answer():
            story.said("nobody has anything more to say")
            return


def _save_orders(place: Place, installation: Installation) -> None:
    """Put the PDF of each issued order into the folder ``orders``."""
    with installation.database.read() as session:
        rows = session.execute(
            select(PurchaseOrder.number, OrderRevision.pdf_sha256).join(
                OrderRevision, OrderRevision.order_id == PurchaseOrder.id
            )
        ).all()
    for number, pdf_sha256 in rows:
        (place.orders / f"{number}.pdf").write_bytes(installation.blobs.get(pdf_sha256))
