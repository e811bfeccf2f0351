"""What tests of mail in start from: mailbox rows, mails to deliver, and a runner that polls."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import select

from intake.steps.left import fetch_left
from intake.steps.poll import poll
from procurement import states
from records.base import utc_now
from records.blobs import Blobs
from records.database import Database
from records.flow import Step
from records.tables import Mailbox, Message, Organisation
from scheduler.runner import Runner


def add_mailbox(
    database: Database, organisation: Organisation, config: dict[str, object], name: str = "purchasing"
) -> int:
    """Insert an active mailbox and return its row's id."""
    with database.session() as session:
        row = Mailbox(organisation_id=organisation.id, name=name, state="active", config=config)
        session.add(row)
        session.flush()
        return row.id


def make_runner(database: Database, blobs: Blobs, clock: Callable[[], datetime] = utc_now) -> Runner:
    """Return a runner with the steps that fetch mail."""
    steps = [
        Step("poll", Mailbox, "active", partial(poll, blobs=blobs, clock=clock), keeps_trying=True),
        Step("fetch_left", Message, "left_on_server", partial(fetch_left, blobs=blobs, clock=clock)),
    ]
    return Runner(database, steps, {Message: states.MESSAGE}, clock=clock)


def make_due(database: Database, mailbox_id: int) -> None:
    """Let the mailbox be polled at once, as a push of the server does."""
    with database.session() as session:
        mailbox = session.get_one(Mailbox, mailbox_id)
        mailbox.due_at = utc_now() - timedelta(seconds=1)


def poll_once(runner: Runner, mailbox_id: int) -> Mailbox:
    """Poll the mailbox and return its row; fails if the step could not run."""
    make_due(runner.database, mailbox_id)
    assert runner.run(runner.step_named("poll"), mailbox_id)
    with runner.database.session() as session:
        row = session.get_one(Mailbox, mailbox_id)
        session.expunge(row)
    return row


def messages(database: Database, mailbox_id: int) -> list[Message]:
    """Return the rows of the mailbox in order of entry, detached."""
    with database.session() as session:
        rows = list(session.scalars(select(Message).where(Message.mailbox_id == mailbox_id).order_by(Message.id)))
        session.expunge_all()
    return rows


def mail(number: int, size: int = 0) -> bytes:
    """Return a small mail; ``number`` makes it unlike others, ``size`` adds that many bytes of body."""
    lines = [
        f"Message-ID: <{number}@people.example>",
        "From: Ada <ada@people.example>",
        f"Subject: Request {number}",
        "",
        f"Please order {number} boxes of paper.",
    ]
    body = "\r\n".join([*lines, *["x" * 70] * (size // 72), ""])
    return body.encode("ascii")


def kept(blobs: Blobs) -> int:
    """Return how many blobs there are."""
    return sum(1 for path in Path(blobs.root).rglob("*") if path.is_file() and not path.name.startswith("."))
