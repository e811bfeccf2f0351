"""Commands about goods receipts: what came, what went back, one by one or as a file."""

from datetime import datetime
from pathlib import Path
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

receipts = typer.Typer(help="Goods receipts, service confirmations and returns.", no_args_is_help=True)
Order = Annotated[str, typer.Argument(help="The order's number.")]


@receipts.command("record")
def record_one(
    order: Order,
    line: Annotated[int, typer.Option(help="The line's number on the order.", min=1)],
    quantity: Annotated[str | None, typer.Option(help="How many came; less than 0: how many went back.")] = None,
    amount: Annotated[str | None, typer.Option(help="For a service: the net amount that was performed.")] = None,
    unit: Annotated[str | None, typer.Option(help="The unit, if it is not the order's.")] = None,
    delivery_note: Annotated[str | None, typer.Option(help="Its number: the same one counts once.")] = None,
    on: Annotated[datetime | None, typer.Option(help="The day (default: today).", formats=["%Y-%m-%d"])] = None,
    reason: Annotated[str | None, typer.Option(help="Why goods went back.")] = None,
    accept: Annotated[str | None, typer.Option(help="Keep more than was ordered, and why.")] = None,
    organisation: OrganisationName = None,
    by: By = None,
) -> None:
    """Record what came of one order line, or what went back."""
    from web.desk.orders import order_numbered
    from web.desk.receipts import Item, amount_of, record_receipt

    if (quantity is None) == (amount is None):
        raise CommandError("Say either --quantity or --amount.")
    count = amount_of(quantity) if quantity else None
    item = Item(line, count, unit, amount_of(amount) if amount else None)
    with installation().database.session() as session:
        owner = organisation_named(session, organisation)
        row = order_numbered(session, owner.id, order)
        if row is None:
            raise CommandError(f"There is no order {order} at {owner.slug}.")
        made = record_receipt(
            session,
            row,
            [item],
            by=who(by),
            delivery_note=delivery_note,
            received_on=on.date() if on else None,
            reason=reason,
            accept=accept,
        )
        told = "was recorded before" if made is None else f"stands at {row.receipt.replace('_', ' ')}"
        print(visible(f"The receipt of {row.number} {told}."))


@receipts.command("load")
def load(
    file: Annotated[Path, typer.Argument(help="A CSV file: order, line, quantity, delivery_note and more.")],
    organisation: OrganisationName = None,
    by: By = None,
) -> None:
    """Record the receipts of a CSV file; what was loaded before counts once."""
    from web.desk.receipts import load_receipts

    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read as UTF-8 text: {error}.") from None
    with installation().database.session() as session:
        owner = organisation_named(session, organisation)
        loaded = load_receipts(session, owner.id, text.splitlines(keepends=True), by=who(by))
    for sentence in loaded.refused:
        print(visible(f"refused: {sentence}"))
    print(visible(f"{loaded.booked} receipt(s) recorded, {loaded.known} known before, {len(loaded.refused)} refused."))
    if loaded.refused:
        raise typer.Exit(1)


@receipts.command("list")
def list_of(order: Order, organisation: OrganisationName = None, as_json: AsJson = False) -> None:
    """List what came of an order and what went back."""
    from web.desk.orders import order_numbered
    from web.desk.receipts import receipts as receipts_of

    with installation().database.read() as session:
        owner = organisation_named(session, organisation)
        row = order_numbered(session, owner.id, order)
        if row is None:
            raise CommandError(f"There is no order {order} at {owner.slug}.")
        found = receipts_of(session, row)
    if as_json:
        print_json(found)
        return
    columns = ("id", "state", "received_on", "delivery_note", "reported_by", "reason", "lines")
    rows = [[_cell(one[name]) for name in columns] for one in found]
    print_table(f"receipts of {order}", [name.replace("_", " ") for name in columns], rows)


def _cell(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(f"line {one['line_number']}: {one['quantity']:f}" for one in value)
    return "" if value is None else str(value)
