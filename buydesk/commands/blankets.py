"""Commands about blanket orders: written, shown with what is left, called off, closed."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated

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

blankets = typer.Typer(help="Blanket orders, and what is called off of them.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(help="The blanket order's number.")]
Pairs = Annotated[list[str] | None, typer.Option("--quantity", help="ITEM=QUANTITY; may be given again.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]


@blankets.command("list")
def list_blankets(organisation: OrganisationName = None, as_json: AsJson = False) -> None:
    """List the blanket orders and what is left of them."""
    from web.desk.blankets import blankets as found

    with installation().database.read() as session:
        rows = found(session, organisation_named(session, organisation))
    columns = ("number", "state", "supplier", "contract", "currency", "ceiling", "called_off", "left", "valid_until")
    if as_json:
        print_json(rows)
    else:
        print_table(
            "blanket orders", columns, [["" if row[name] is None else row[name] for name in columns] for row in rows]
        )


@blankets.command("show")
def show(number: Number, organisation: OrganisationName = None, as_json: AsJson = False) -> None:
    """Show a blanket order: each line with what is called off and left."""
    from web.desk.blankets import blanket_numbered, blanket_values

    with installation().database.read() as session:
        owner = organisation_named(session, organisation)
        told = blanket_values(session, blanket_numbered(session, owner, number))
    if as_json:
        print_json(told)
        return
    print(visible(f"Blanket order {told['number']} with {told['supplier']}: {told['state']}"))
    print(visible(f"{told['currency']} {told['called_off']} of {told['ceiling']} called off, {told['left']} left"))
    columns = ("line_number", "item_number", "description", "unit", "unit_price", "quantity", "called_off", "left")
    print_table(
        "lines", columns, [["" if row[name] is None else row[name] for name in columns] for row in told["lines"]]
    )


@blankets.command("create")
def create(
    number: Number,
    contract: Annotated[str | None, typer.Option(help="The contract that it is written of.")] = None,
    request: Annotated[str | None, typer.Option(help="Or the request (R-00017) that it is written of.")] = None,
    quantity: Pairs = None,
    valid_from: Day = None,
    valid_until: Day = None,
    organisation: OrganisationName = None,
    by: By = None,
) -> None:
    """Write a blanket order: of a contract (its items, ceiling and days) or of a request (its lines)."""
    from web.desk import blankets as desk

    if (contract is None) == (request is None):
        raise CommandError("Say what it is written of: --contract REFERENCE or --request NUMBER.")
    with installation().database.session() as session:
        owner = organisation_named(session, organisation)
        if contract is not None:
            desk.from_contract(session, owner, number, contract, _quantities(quantity), by=who(by))
        else:
            days = _day(valid_from), _day(valid_until)
            desk.from_request(session, owner, number, request or "", days, by=who(by))
    print(visible(f"Blanket order {number} is written."))


@blankets.command("call-off")
def call_off(
    number: Number,
    requester: Annotated[str, typer.Option(help="The address of whoever needs it.")],
    cost_center: Annotated[str, typer.Option("--cost-centre", help="What it is charged to.")],
    line: Annotated[list[str], typer.Option(help="LINE=QUANTITY; may be given again.")],
    needed_by: Day = None,
    ship_to: Annotated[str | None, typer.Option(help="Code of a known place.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why; the approvers are told.")] = None,
    organisation: OrganisationName = None,
    by: By = None,
) -> None:
    """Call goods off: a request at the blanket order's prices, approved like any other, never above the ceiling."""
    from procurement.steps.blanket import Wanted
    from web.desk.blankets import blanket_numbered, call_off_blanket

    wanted = Wanted(_lines(line), cost_center, None, _day(needed_by), ship_to, reason)
    with installation().database.session() as session:
        blanket = blanket_numbered(session, organisation_named(session, organisation), number)
        made = call_off_blanket(session, blanket, wanted, requester, by=who(by))
        print(visible(f"{made.number}: {made.currency} {made.net_total} is called off of {number}."))


@blankets.command("close")
def close(
    number: Number,
    reason: Annotated[str, typer.Option(help="Why.")],
    organisation: OrganisationName = None,
    by: By = None,
) -> None:
    """Close a blanket order: nothing more is called off of it."""
    from web.desk.blankets import blanket_numbered, close_blanket

    with installation().database.session() as session:
        owner = organisation_named(session, organisation)
        close_blanket(session, blanket_numbered(session, owner, number), by=who(by), reason=reason)
    print(visible(f"Blanket order {number} is closed."))


def _quantities(pairs: list[str] | None) -> dict[str, Decimal]:
    return dict(map(_pair, pairs or ()))


def _lines(pairs: list[str]) -> dict[int, Decimal]:
    found = _quantities(pairs)
    if bad := [name for name in found if not name.isdecimal()]:
        raise CommandError(f"{bad[0]!r} is no line number; write e.g. --line 1=12.")
    return {int(name): quantity for name, quantity in found.items()}


def _pair(text: str) -> tuple[str, Decimal]:
    name, sign, value = text.rpartition("=")
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not sign or not number.is_finite() or number <= 0:
        raise CommandError(f"{text!r} is not of the form NAME=QUANTITY, e.g. 1=12.")
    return name.strip(), number


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
