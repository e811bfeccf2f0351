"""Commands of what was learned: teach the meaning of a layout, list, show and forget lessons."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from buydesk.commands.desk import MOST, exceptions
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
from web.desk.refused import CommandError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from records.tables import Lesson

lessons = typer.Typer(help="What was learned from corrections.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(help="The lesson's number.", min=1, max=MOST)]


@exceptions.command("teach")
def teach_exception(
    number: Annotated[int, typer.Argument(help="The exception's number.", min=1, max=MOST)],
    column: Annotated[list[str] | None, typer.Option(help="LABEL=MEANING of a column, e.g. Zusage=quantity.")] = None,
    label: Annotated[
        list[str] | None, typer.Option(help="LABEL=MEANING of a value, e.g. Vorgang=order_number.")
    ] = None,
    decimals: Annotated[str | None, typer.Option(help="What stands before decimals: point or comma.")] = None,
    dates: Annotated[str | None, typer.Option(help="How dates are written: day_first or month_first.")] = None,
    by: By = None,
) -> None:
    """Say what a document's labels mean: it is read again, and so is every later one of its sender and layout."""
    from parsers.child import prove_in_child, read_in_child
    from web.desk.teaching import meanings, teach

    place = installation()
    with place.database.read() as session:
        exception_item(session, number)
    told = meanings(column or (), label or (), decimals, dates)
    for sentence in teach(place.database, place.blobs, read_in_child, prove_in_child, number, told, who(by)):
        print(visible(f"Learned {sentence}."))
    print(f"Exception {number} was released; its document was read again.")


@lessons.command("list")
def list_lessons(
    organisation: OrganisationName = None,
    sender: Annotated[str | None, typer.Option(help="Only those of this address or @domain.")] = None,
    forgotten: Annotated[bool, typer.Option("--forgotten", help="Also those that were forgotten.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what was learned, by sender."""
    from sqlalchemy import select

    from records.tables import Lesson

    with installation().database.read() as session:
        owner = organisation_named(session, organisation)
        found = select(Lesson).where(Lesson.organisation_id == owner.id)
        found = found if forgotten else found.where(Lesson.active)
        found = found.where(Lesson.sender == sender.lower()) if sender else found
        rows = [_told(one) for one in session.scalars(found.order_by(Lesson.sender, Lesson.layout, Lesson.id))]
    if as_json:
        print_json(rows)
        return
    columns = ("id", "sender", "layout", "kind", "shown", "value", "used", "learned_by", "learned_at", "active")
    print_table(f"{len(rows)} lessons", columns, [[row[name] for name in columns] for row in rows])


@lessons.command("show")
def show_lesson(number: Number, as_json: AsJson = False) -> None:
    """Show one lesson whole: what it says, and the mail, document and exception that it was learned from."""
    with installation().database.read() as session:
        told = _told(_lesson(session, number))
    if as_json:
        print_json(told)
    else:
        print_table(f"lesson {number}", ("what", "value"), [(k, v) for k, v in told.items() if v is not None])


@lessons.command("forget")
def forget_lesson(number: Number, by: By = None) -> None:
    """Let a lesson no longer be used: what it settled is asked again from the next mail on."""
    from records.lessons import forget

    with installation().database.session() as session:
        lesson = _lesson(session, number)
        if not lesson.active:
            raise CommandError(f"Lesson {number} was forgotten already, by {lesson.forgotten_by}.")
        forget(session, lesson, who(by))
    print(f"Lesson {number} was forgotten.")


def _lesson(session: "Session", number: int) -> "Lesson":
    from records.tables import Lesson

    lesson = session.get(Lesson, number)
    if lesson is None:
        raise CommandError(f"There is no lesson {number}.")
    return lesson


def _told(lesson: "Lesson") -> dict[str, Any]:
    names = (
        "id sender layout kind shown key value message_id document_id exception_id learned_by learned_at used "
        "last_used_at active forgotten_by forgotten_at"
    )
    values = {name: getattr(lesson, name) for name in names.split()}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}
