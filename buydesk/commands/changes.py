"""Commands that change an order: new revisions, cancellation, hold, closing short, reopening."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
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
    visible,
    who,
)
from web.desk.refused import CommandError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from records.tables import PurchaseOrder

Number = Annotated[str, typer.Argument(help="The order's number, or its request's (R-00017).")]
Reason = Annotated[str, typer.Option(help="Why; approvers, the requester and the audit chain are told.")]
Lines = Annotated[list[int] | None, typer.Option("--line", help="A line; may be given again. None: all lines.")]
Day = Annotated[datetime | None, typer.Option("--needed-by", formats=["%Y-%m-%d"], help="The new delivery date.")]


def numbered(session: "Session", organisation: str | None, number: str) -> "PurchaseOrder":
    """Return the order of that number; raises CommandError where there is none."""
    from web.desk.orders import order_numbered, order_of_request

    owner = organisation_named(session, organisation)
    order = order_numbered(session, owner.id, number) or order_of_request(session, owner.id, number)
    if order is None:
        raise CommandError(f"There is no order {number} at {owner.slug}.")
    return order


@contextmanager
def _changing(organisation: str | None, number: str) -> Iterator[tuple["Session", "PurchaseOrder"]]:
    with installation().database.session() as session:
        yield session, numbered(session, organisation, number)


def change(
    number: Number,
    reason: Reason,
    line: Annotated[int | None, typer.Option(help="The line that changes.")] = None,
    quantity: Annotated[str | None, typer.Option(help="The line's new quantity.")] = None,
    price: Annotated[str | None, typer.Option(help="The line's new price per unit.")] = None,
    needed_by: Day = None,
    substitute: Annotated[str | None, typer.Option(help="The supplier's number of what comes instead.")] = None,
    description: Annotated[str | None, typer.Option(help="The line's new description.")] = None,
    drop: Annotated[bool, typer.Option(help="Take the line away.")] = False,
    ship_to: Annotated[str | None, typer.Option(help="Code of a known place, or an address.")] = None,
    cost_center: Annotated[str | None, typer.Option("--cost-centre", help="The new cost centre.")] = None,
    organisation: OrganisationName = None,
    by: By = None,
) -> None:
    """Change an issued order: approvers are asked where the policy wants it, then its next revision goes out."""
    from web.desk import changes

    wish = changes.wish(
        line,
        quantity=_decimal(quantity, "--quantity"),
        unit_price=_decimal(price, "--price"),
        needed_by=_day(needed_by),
        substitute=substitute,
        description=description,
        drop=drop,
        ship_to=ship_to,
        cost_center=cost_center,
    )
    with _changing(organisation, number) as (session, order):
        drafted = changes.change_order(session, order, wish, by=who(by), reason=reason)
        print(
            visible(f"Change {drafted.id} of {order.number} is drafted; see it with: buydesk orders changes {number}")
        )


def withdraw(
    number: Number, change_id: int, reason: Reason, organisation: OrganisationName = None, by: By = None
) -> None:
    """Take a change back that did not go out yet."""
    from web.desk.changes import withdraw_change

    with _changing(organisation, number) as (session, order):
        withdraw_change(session, order, change_id, by=who(by), reason=reason)
        print(visible(f"Change {change_id} of {order.number} is withdrawn."))


def list_changes(number: Number, organisation: OrganisationName = None, as_json: AsJson = False) -> None:
    """List an order's changes and cancellations, and where they stand."""
    from web.desk.changes import changes

    with installation().database.read() as session:
        found = changes(session, numbered(session, organisation, number))
    if as_json:
        print_json(found)
        return
    columns = ("id", "kind", "state", "revision", "requested_by", "reason", "requisition", "changes")
    print_table("changes", columns, [["" if one[name] is None else one[name] for name in columns] for one in found])


def cancel(
    number: Number,
    reason: Reason,
    force: Annotated[bool, typer.Option(help="Do not wait for the supplier's answer; he is told.")] = False,
    answered: Annotated[
        str | None, typer.Option(help="Record the supplier's answer: yes or no; --reason is what he said.")
    ] = None,
    organisation: OrganisationName = None,
    by: By = None,
) -> None:
    """Cancel an order: at once while nothing went out, else once the supplier accepts it."""
    from web.desk import changes

    if answered not in (None, "yes", "no"):
        raise CommandError("--answered is yes or no.")
    with _changing(organisation, number) as (session, order):
        if answered:
            accepted = answered == "yes"
            changes.record_cancellation_answer(session, order, accepted=accepted, by=who(by), words=reason)
        else:
            (changes.force_cancellation if force else changes.cancel_order)(session, order, by=who(by), reason=reason)
        asked = order.state == "issued" and not answered
        became = "to be cancelled; the supplier is asked" if asked else order.state
        print(visible(f"{order.number or 'The order'} is {became}."))


def hold(number: Number, reason: Reason, organisation: OrganisationName = None, by: By = None) -> None:
    """Put an order on hold: nothing is sent or chased until it is released."""
    from web.desk.changes import hold_order

    with _changing(organisation, number) as (session, order):
        hold_order(session, order, by=who(by), reason=reason)
        print(visible(f"{order.number} is on hold."))


def release(number: Number, reason: Reason, organisation: OrganisationName = None, by: By = None) -> None:
    """Let an order on hold go on."""
    from web.desk.changes import release_order

    with _changing(organisation, number) as (session, order):
        release_order(session, order, by=who(by), reason=reason)
        print(visible(f"{order.number} goes on."))


def close_short(
    number: Number, reason: Reason, lines: Lines = None, organisation: OrganisationName = None, by: By = None
) -> None:
    """Note that what is missing of lines will not come; an order of which nothing is left closes."""
    from web.desk import changes

    with _changing(organisation, number) as (session, order):
        changes.close_short(session, order, lines or [], by=who(by), reason=reason)
        print(visible(f"{order.number} is {order.state}."))


def reopen(
    number: Number, reason: Reason, lines: Lines = None, organisation: OrganisationName = None, by: By = None
) -> None:
    """Expect lines again that were closed short; a closed order is issued again."""
    from web.desk import changes

    with _changing(organisation, number) as (session, order):
        changes.reopen(session, order, lines or [], by=who(by), reason=reason)
        print(visible(f"{order.number} is {order.state}."))


def add_commands(orders: typer.Typer) -> None:
    """Add these commands to ``orders``."""
    orders.command("change")(change)
    orders.command("changes")(list_changes)
    orders.command("withdraw")(withdraw)
    orders.command("cancel")(cancel)
    orders.command("hold")(hold)
    orders.command("release")(release)
    orders.command("close-short")(close_short)
    orders.command("reopen")(reopen)


def _decimal(text: str | None, option: str) -> Decimal | None:
    if text is None:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise CommandError(f"{option} must be a number with a decimal point, not {text!r}.") from None
    return number


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
