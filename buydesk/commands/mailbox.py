"""Commands of mailboxes: list them, check one step by step, start one that was stopped."""

from typing import TYPE_CHECKING, Annotated

import typer

from buydesk.commands.shared import (
    AsJson,
    By,
    OrganisationName,
    installation,
    organisation_named,
    print_json,
    print_table,
    who,
)
from web.desk.refused import CommandError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from records.tables import Mailbox, Organisation

mailbox = typer.Typer(help="Mailboxes that are read, and how they are.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The mailbox's name in organisation.toml.")]


@mailbox.command("list")
def list_mailboxes(organisation: OrganisationName = None, as_json: AsJson = False) -> None:
    """List the mailboxes: when each was reached, when mail came last, and until when its sign-in is good."""
    from sqlalchemy import select

    from records.base import utc_now
    from records.tables import Mailbox
    from scheduler.watch import present, watched_mailbox

    with installation().database.read() as session:
        owner = organisation_named(session, organisation)
        alarms = present(session, utc_now(), owner.id)
        boxes = select(Mailbox).where(Mailbox.organisation_id == owner.id, Mailbox.state.in_(["active", "stopped"]))
        rows = []
        for box in session.scalars(boxes.order_by(Mailbox.name)):
            told = [alarm.kind for _, alarm in alarms if (alarm.table, alarm.row_id) == ("mailbox", box.id)]
            rows.append(
                {
                    "name": box.name,
                    "address": box.config.get("address"),
                    "state": box.state if box.due_at or box.state == "stopped" else "held",
                    "reached": box.last_contact_at,
                    "last mail": box.last_mail_at,
                    "refused logins": box.login_failures,
                    "sign-in ends": watched_mailbox(session, box).expires,
                    "alarms": ", ".join(told),
                }
            )
    if as_json:
        print_json(rows)
    else:
        print_table("mailboxes", tuple(rows[0]) if rows else ("none",), [_cells(row) for row in rows])


def _cells(row: dict[str, object]) -> list[object]:
    return ["" if value is None else value for value in row.values()]


@mailbox.command("check")
def check_mailbox(
    name: Name,
    organisation: OrganisationName = None,
    send: Annotated[bool, typer.Option(help="Send a test mail from the mailbox to itself.")] = True,
    patience: Annotated[float, typer.Option(help="Seconds to wait for the test mail.", min=1, max=3600)] = 60.0,
    as_json: AsJson = False,
) -> None:
    """Walk a mailbox through every step: sign in, read, send to itself, receive, move, copy to Sent."""
    from buydesk.commands.running import print_finding
    from buydesk.mailbox_check import Check

    with installation().database.read() as session:
        owner = organisation_named(session, organisation)
        config, smtp = dict(_box(session, owner, name).config), dict(owner.smtp)
    check = Check(config, smtp, (lambda _: None) if as_json else print_finding, send=send, patience=patience)
    sound = check.run()
    if as_json:
        print_json([vars(finding) for finding in check.findings])
    raise typer.Exit(0 if sound else 1)


@mailbox.command("start")
def start_mailbox(
    name: Name,
    why: Annotated[str, typer.Option(help="What was mended.")],
    organisation: OrganisationName = None,
    by: By = None,
) -> None:
    """Poll a mailbox again that was stopped, e.g. after three refused logins."""
    from records import exceptions
    from records.audit import record
    from records.base import utc_now

    if not why.strip():
        raise CommandError("Say what was mended: --why TEXT.")
    with installation().database.session() as session:
        box = _box(session, organisation_named(session, organisation), name)
        if box.state != "active":
            raise CommandError(f"The folder no longer lists the mailbox {name}: put it back and load the folder.")
        item = exceptions.open_item(session, box)
        if item is None and box.due_at is not None and not box.login_failures:
            print(f"The mailbox {name} is polled already.")
            return
        box.login_failures = 0
        if item is not None:
            exceptions.release(session, item, who(by), why)
        else:
            box.due_at = utc_now()
            record(session, box, "started", who(by), why=why)
    print(f"The mailbox {name} is polled again.")


def _box(session: "Session", owner: "Organisation", name: str) -> "Mailbox":
    from sqlalchemy import select

    from records.tables import Mailbox

    boxes = select(Mailbox).where(Mailbox.organisation_id == owner.id, Mailbox.state.in_(["active", "stopped"]))
    rows = list(session.scalars(boxes.order_by(Mailbox.name)))
    for row in rows:
        if row.name == name:
            return row
    known = ", ".join(row.name for row in rows) or "none"
    raise CommandError(f"{owner.slug} has no mailbox {name!r}; it has {known}.")
