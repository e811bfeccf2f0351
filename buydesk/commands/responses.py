"""Commands about what suppliers answered: see it beside the order, and accept, counter or refuse each line."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any

import typer

from buydesk.commands.shared import (
    AsJson,
    By,
    OrganisationName,
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

    from records.tables import OrderResponse

responses = typer.Typer(help="What suppliers answered, and what the buyer decides of it.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(help="The answer's number, as `buydesk responses list` shows it.")]
Lines = Annotated[list[str] | None, typer.Option("--line", help="Order line, or +1 for what was added; all if none.")]
Why = Annotated[str, typer.Option(help="Why; it stays in the house.")]
Tell = Annotated[str | None, typer.Option(help="A word for the supplier, in the mail that he gets.")]
LISTED = ("id", "order", "supplier", "number", "state", "revision", "response", "waiting")
SHOWN = ("line", "status", "disposition", "quantity", "unit_price", "promised_on", "substitute", "decision", "ask")


@responses.command("list")
def list_responses(
    organisation: OrganisationName = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that wait for nobody.")] = False,
    count: Annotated[int, typer.Option(help="How many, newest first.", min=1, max=1000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List the answers that wait for the buyer's decision."""
    from web.desk.responses import responses_of

    with installation().database.read() as session:
        owner = organisation_named(session, organisation)
        found = responses_of(session, owner.id, waiting=not everything, count=count)
    if as_json:
        print_json(found)
    else:
        print_table("answers", LISTED, [_cells(one, LISTED) for one in found])


@responses.command("show")
def show_response(number: Number, organisation: OrganisationName = None, as_json: AsJson = False) -> None:
    """Show an answer line by line, with what is asked about each."""
    from web.desk.responses import response_numbered, response_values

    with installation().database.read() as session:
        owner = organisation_named(session, organisation)
        told = response_values(session, response_numbered(session, owner.id, number))
    if as_json:
        print_json(told)
        return
    print(visible(f"Answer {told['id']} of {told['supplier']} to {told['order']}: {told['state']}"))
    print_table("lines", [name.replace("_", " ") for name in SHOWN], [_cells(one, SHOWN) for one in told["lines"]])


@responses.command("accept")
def accept(number: Number, why: Why, line: Lines = None, organisation: OrganisationName = None, by: By = None) -> None:
    """Accept lines as answered; what goes beyond the order's value is put to the approvers first."""
    from web.desk.responses import accept_lines

    _decided(
        number, organisation, "accepted", lambda session, row: accept_lines(session, row, line or (), who(by), why)
    )


@responses.command("refuse")
def refuse(
    number: Number,
    why: Why,
    line: Lines = None,
    tell: Tell = None,
    organisation: OrganisationName = None,
    by: By = None,
) -> None:
    """Refuse lines: what stood before stands, and the supplier is told."""
    from web.desk.responses import refuse_lines

    _decided(
        number, organisation, "refused", lambda session, row: refuse_lines(session, row, line or (), who(by), why, tell)
    )


@responses.command("counter")
def counter(
    number: Number,
    line: Annotated[str, typer.Option(help="The order line.")],
    why: Why,
    quantity: Annotated[str | None, typer.Option(help="The quantity that we offer.")] = None,
    price: Annotated[str | None, typer.Option(help="The price of one unit that we offer.")] = None,
    delivery: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The date that we offer.")] = None,
    tell: Tell = None,
    organisation: OrganisationName = None,
    by: By = None,
) -> None:
    """Answer a line with what we offer instead; it is open until the supplier answers that."""
    from procurement.response_decision import Offer
    from web.desk.responses import counter_line

    offer = Offer(_number(quantity), _number(price), delivery.date() if delivery else None)
    _decided(
        number,
        organisation,
        "countered",
        lambda session, row: counter_line(session, row, line, offer, who(by), why, tell),
    )


def _decided(
    number: int, organisation: str | None, what: str, decide: Callable[["Session", "OrderResponse"], int]
) -> None:
    from web.desk.responses import response_numbered, response_values

    with installation().database.session() as session:
        owner = organisation_named(session, organisation)
        row = response_numbered(session, owner.id, number)
        count = decide(session, row)
        told = response_values(session, row)
    waiting = sum(1 for one in told["lines"] if one["disposition"] == "pending_buyer" and one["decision"] is None)
    rest = f"; {waiting} still to decide." if waiting else "."
    print(visible(f"Answer {number} to {told['order']}: {count} line(s) {what}{rest}"))


def _number(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        raise CommandError(f"{text!r} is not a number with a decimal point.") from None


def _cells(values: dict[str, Any], names: tuple[str, ...]) -> list[Any]:
    return ["" if values[name] is None else values[name] for name in names]
