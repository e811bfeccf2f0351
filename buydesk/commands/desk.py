"""Commands of the desk: status, the exception queue, the outbox, the audit chain."""

from typing import Annotated, Any

import typer

from buydesk.commands.shared import (
    AsJson,
    By,
    OrganisationName,
    exception_item,
    installation,
    organisation_named,
    print_json,
    print_table,
    visible,
    who,
)

exceptions = typer.Typer(help="What waits for a person.", no_args_is_help=True)
outbox = typer.Typer(help="Mail that went out, or could not.", no_args_is_help=True)
audit = typer.Typer(help="The audit chain.", no_args_is_help=True)
MOST = 2**63 - 1  # what a row's number may be
Number = Annotated[int, typer.Argument(help="The number in the first column of the list.", min=1, max=MOST)]


def status(organisation: OrganisationName = None, as_json: AsJson = False) -> None:
    """Account for every mail of every mailbox, show how much waits where, and what is wrong with mail servers."""
    from records.base import utc_now
    from scheduler.watch import places, present
    from web.desk.accounting import accounts, queues

    now = utc_now()
    with installation().database.read() as session:
        only = organisation_named(session, organisation).id if organisation else None
        boxes, waiting = accounts(session, only), queues(session, only)
        alarms = [alarm for _, alarm in present(session, now, only)]
        signing = {one.watched.about: one.watched.expires for one in places(session, only) if one.watched.expires}
    if as_json:
        told = {"mailboxes": [box.as_dict() for box in boxes], "queues": [vars(queue) for queue in waiting]}
        print_json({**told, "alarms": [vars(alarm) for alarm in alarms], "sign_in_ends": signing})
    else:
        columns = (
            "organisation",
            "mailbox",
            "accepted",
            "processed",
            "person",
            "automatic",
            "quarantined",
            "in flight",
        )
        rows = [
            (
                b.organisation,
                b.name,
                b.accepted,
                b.processed,
                b.waiting,
                b.automatic,
                b.quarantined,
                b.in_flight,
                b.unaccounted,
            )
            for b in boxes
        ]
        print_table("mail", (*columns, "unaccounted"), rows)
        print_table(
            "queues", ("what", "state", "how many", "oldest"), [(q.table, q.state, q.depth, q.oldest) for q in waiting]
        )
        if signing:
            left = [(about, day, (day - now.date()).days) for about, day in signing.items()]
            print_table("what mail servers are signed in with", ("of", "ends on", "days left"), left)
        if alarms:
            print_table("alarms", ("about", "what"), [(alarm.about, alarm.detail) for alarm in alarms])
    raise typer.Exit(1 if any(box.unaccounted for box in boxes) or any(alarm.urgent for alarm in alarms) else 0)


@exceptions.command("list")
def list_exceptions(organisation: OrganisationName = None, as_json: AsJson = False) -> None:
    """List what waits for a person, oldest first."""
    from sqlalchemy import select

    from records.exceptions import OPEN_STATES
    from records.tables import ExceptionItem

    with installation().database.read() as session:
        owner = organisation_named(session, organisation)
        found = select(ExceptionItem).where(
            ExceptionItem.organisation_id == owner.id, ExceptionItem.state.in_(OPEN_STATES)
        )
        items = list(session.scalars(found.order_by(ExceptionItem.opened_at)))
    if as_json:
        print_json([_told(item) for item in items])
        return
    rows = [
        (item.id, item.owner, f"{item.subject_table} {item.subject_id}", _codes(item), item.problems[0]["detail"])
        for item in items
    ]
    print_table(f"{len(items)} open", ("no.", "for", "about", "codes", "first problem"), rows)


@exceptions.command("show")
def show_exception(number: Number, as_json: AsJson = False) -> None:
    """Show one exception whole: its problems, the action each needs, and what was read."""
    from records.exceptions import subject
    from web.desk.learning import learned_of

    with installation().database.read() as session:
        item = exception_item(session, number)
        row = subject(session, item)
        reading = getattr(row, "reading", None)
        told = _told(item) | {"reading": reading, "corrections": row.corrections, "last_error": row.last_error}
        told["learned"] = learned_of(row)
    if as_json:
        print_json(told)
        return
    print(visible(f"Exception {item.id}: {item.subject_table} {item.subject_id}, step {item.step}, {item.state}"))
    print_table("problems", ("code", "at", "what"), [(p["code"], p["at"], p["detail"]) for p in item.problems])
    if told["corrections"]:
        print_table("corrections", ("at", "value"), told["corrections"].items())
    if told["learned"]:
        print_table("read and checked with what was learned", ("lesson",), [(one,) for one in told["learned"]])
    if reading:
        print_json({k: v for k, v in reading.items() if k not in ("evidence", "parts", "documents", "checks")})
    print(f"Correct: buydesk exceptions correct {number} AT=VALUE ...   go on as it is: waive {number} CODE --why ...")


@exceptions.command("correct")
def correct_exception(
    number: Number,
    values: Annotated[
        list[str], typer.Argument(help="AT=VALUE, e.g. /lines/0/quantity=12; an empty value takes away.")
    ],
    by: By = None,
) -> None:
    """Put values in the place of what was read, let the same step run again, and keep what that teaches."""
    from parsers.child import learn_in_child
    from web.desk.learning import learn_from
    from web.desk.resolution import correct

    place = installation()
    with place.database.session() as session:
        corrections = correct(session, exception_item(session, number), values, who(by))
    print(f"Exception {number} was released with {len(values)} correction(s).")
    for sentence in learn_from(place.database, place.blobs, learn_in_child, number, corrections, who(by)):
        print(visible(f"Learned {sentence}."))


@exceptions.command("waive")
def waive_exception(
    number: Number,
    code: Annotated[str, typer.Argument(help="The problem's code.")],
    why: Annotated[str, typer.Option(help="Why it is right to go on.")],
    at: Annotated[str | None, typer.Option(help="Only the problem at this place (default: all of this code).")] = None,
    by: By = None,
) -> None:
    """Record who goes on in spite of a problem, and why; then the same step runs again."""
    from web.desk.resolution import waive_all

    with installation().database.session() as session:
        count = waive_all(session, exception_item(session, number), code, at, who(by), why)
    print(f"{count} problem(s) of exception {number} were waived.")


@exceptions.command("release")
def release_exception(
    number: Number, why: Annotated[str, typer.Option(help="What was mended.")], by: By = None
) -> None:
    """Let the same step run again as it is (something outside was mended)."""
    from web.desk.resolution import release_mended

    with installation().database.session() as session:
        release_mended(session, exception_item(session, number), who(by), why)
    print(f"Exception {number} was released.")


@outbox.command("start")
def start_outbox(
    why: Annotated[str, typer.Option(help="What was mended.")], organisation: OrganisationName = None, by: By = None
) -> None:
    """Send again through a relay that was stopped after refused logins."""
    from web.desk.resolution import start_relay

    with installation().database.session() as session:
        start_relay(session, organisation_named(session, organisation), who(by), why)
    print("The relay is tried again; where it lets us in, all mail that waits goes out.")


@outbox.command("list")
def list_outbox(organisation: OrganisationName = None, as_json: AsJson = False) -> None:
    """List mail that is not sent: waiting, failed, uncertain, bounced."""
    from sqlalchemy import select

    from records.tables import Outbound

    with installation().database.read() as session:
        owner = organisation_named(session, organisation)
        found = select(Outbound).where(
            Outbound.organisation_id == owner.id, Outbound.state.not_in(["sent", "superseded"])
        )
        rows = [
            {
                "id": one.id,
                "state": one.state,
                "kind": one.kind,
                "to": one.recipient,
                "subject": one.subject,
                "reply": one.reply,
            }
            for one in session.scalars(found.order_by(Outbound.id))
        ]
    if as_json:
        print_json(rows)
    else:
        print_table("outbox", tuple(rows[0]) if rows else ("nothing waits",), [tuple(row.values()) for row in rows])


@outbox.command("settle")
def settle_outbox(
    number: Number,
    arrived: Annotated[bool, typer.Option("--arrived/--send-again", help="It arrived; or send the same bytes again.")],
    by: By = None,
) -> None:
    """Decide on a mail whose delivery is uncertain, failed or bounced."""
    from web.desk.resolution import settle_mail

    with installation().database.session() as session:
        settle_mail(session, number, arrived=arrived, by=who(by))
    print(f"Mail {number}: {'it arrived' if arrived else 'it is sent again, byte for byte'}.")


@audit.command("verify")
def verify(organisation: OrganisationName = None) -> None:
    """Check the audit chain of an organisation, entry by entry."""
    from records.audit import faults

    with installation().database.read() as session:
        owner = organisation_named(session, organisation)
        found = list(faults(session, owner.id))
    for fault in found:
        print(f"  {fault}")
    print(f"{owner.slug}: the audit chain " + ("is broken." if found else "holds."))
    raise typer.Exit(1 if found else 0)


def _told(item: Any) -> dict[str, Any]:
    names = ("id", "state", "owner", "step", "subject_table", "subject_id", "problems", "opened_at", "detail")
    return {name: getattr(item, name) for name in names}


def _codes(item: Any) -> str:
    return " ".join(dict.fromkeys(problem["code"] for problem in item.problems))
