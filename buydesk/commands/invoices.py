"""Commands about invoices: what stands of them, what a person decides, and the packages for accounts payable."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from buydesk.commands.shared import (
    AsJson,
    OrganisationName,
    installation,
    organisation_named,
    print_json,
    print_table,
    visible,
    who,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from records.tables import Invoice

invoices = typer.Typer(help="Invoices, credit notes and packages for accounts payable.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(help="The invoice's number, or its id.")]
SupplierCode = Annotated[str | None, typer.Option("--supplier", help="The supplier's code, where several used it.")]
Who = Annotated[str | None, typer.Option("--by", help="Who does this: the email address of the person who signs.")]
Why = Annotated[str, typer.Option("--why", help="The reason; it is kept.")]
_COLUMNS = ("id", "kind", "number", "supplier", "order", "state", "verdict", "issued_on", "currency", "gross_total")


@invoices.command("list")
def list_invoices(
    organisation: OrganisationName = None,
    state: Annotated[str | None, typer.Option(help="Only invoices in this state (received, disputed, ...).")] = None,
    count: Annotated[int, typer.Option(help="How many, newest first.", min=1, max=1000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List the newest invoices and where they stand."""
    from web.desk.invoices import latest_invoices

    with installation().database.read() as session:
        found = latest_invoices(session, organisation_named(session, organisation).id, count, state)
    if as_json:
        print_json(found)
        return
    rows = [["" if one[name] is None else one[name] for name in _COLUMNS] for one in found]
    print_table("invoices", [name.replace("_", " ") for name in _COLUMNS], rows)


@invoices.command("show")
def show(
    number: Number, organisation: OrganisationName = None, supplier: SupplierCode = None, as_json: AsJson = False
) -> None:
    """Show one invoice whole, with what differs line by line."""
    from web.desk.invoices import invoice_values

    with installation().database.read() as session:
        told = invoice_values(session, _invoice(session, organisation, number, supplier))
    if as_json:
        print_json(told)
        return
    head = f"{told['kind'].replace('_', ' ')} {told['number']} of {told['supplier']} for {told['order'] or 'no order'}"
    print(visible(f"{head}: {told['state'].replace('_', ' ')}, {told['verdict'] or 'not matched'}"))
    columns = ("place", "description", "quantity", "unit_price", "amount", "verdict")
    rows = [["" if line[name] is None else line[name] for name in columns] for line in told["lines"]]
    print_table(f"lines, {told['currency']} {told['net_total']} net", columns, rows)
    for problem in told["problems"]:
        print(visible(f"{problem['code']} {problem['at']}: {problem['detail']}"))


@invoices.command("accept")
def accept(
    number: Number, why: Why, organisation: OrganisationName = None, supplier: SupplierCode = None, by: Who = None
) -> None:
    """Accept what differs; only by somebody who may sign for the difference."""
    from web.desk.invoices import accept_invoice

    with installation().database.session() as session:
        accept_invoice(session, _invoice(session, organisation, number, supplier), who(by), why)
    print(visible(f"Invoice {number} is accepted and will be matched."))


@invoices.command("dispute")
def dispute(
    number: Number, why: Why, organisation: OrganisationName = None, supplier: SupplierCode = None, by: Who = None
) -> None:
    """Tell the supplier by mail what is wrong; the reason goes to him as it is written."""
    from web.desk.invoices import dispute_invoice

    with installation().database.session() as session:
        dispute_invoice(session, _invoice(session, organisation, number, supplier), who(by), why)
    print(visible(f"Invoice {number} is disputed; the supplier is told."))


@invoices.command("reject")
def reject(
    number: Number, why: Why, organisation: OrganisationName = None, supplier: SupplierCode = None, by: Who = None
) -> None:
    """End an invoice without paying it."""
    from web.desk.invoices import reject_invoice

    with installation().database.session() as session:
        reject_invoice(session, _invoice(session, organisation, number, supplier), who(by), why)
    print(visible(f"Invoice {number} is rejected."))


@invoices.command("reopen")
def reopen(
    number: Number, why: Why, organisation: OrganisationName = None, supplier: SupplierCode = None, by: Who = None
) -> None:
    """Match a disputed invoice again."""
    from web.desk.invoices import reopen_invoice

    with installation().database.session() as session:
        reopen_invoice(session, _invoice(session, organisation, number, supplier), who(by), why)
    print(visible(f"Invoice {number} will be matched again."))


@invoices.command("link")
def link(
    number: Number,
    order: Annotated[str | None, typer.Option(help="The order that it bills.")] = None,
    credits_: Annotated[
        str | None, typer.Option("--credits", help="The invoice that this credit note credits.")
    ] = None,
    organisation: OrganisationName = None,
    supplier: SupplierCode = None,
    by: Who = None,
) -> None:
    """Say which order an invoice bills, or which invoice a credit note credits."""
    from web.desk.invoices import link_credit_note, link_invoice
    from web.desk.refused import CommandError

    if (order is None) == (credits_ is None):
        raise CommandError("Say either --order or --credits.")
    with installation().database.session() as session:
        row = _invoice(session, organisation, number, supplier)
        if order is not None:
            link_invoice(session, row, order, who(by))
        elif credits_ is not None:
            link_credit_note(session, row, _invoice(session, organisation, credits_, supplier), who(by))
    print(visible(f"{number} is linked to {order or credits_} and will be matched."))


@invoices.command("save")
def save(
    number: Number,
    folder: Annotated[Path, typer.Argument(help="Where to write to; it is made if it is not there.")],
    organisation: OrganisationName = None,
    supplier: SupplierCode = None,
) -> None:
    """Save the package of a matched invoice: its data, a page to read, and the original."""
    from web.desk.invoices import saved_package

    place = installation()
    with place.database.read() as session:
        files = saved_package(session, _invoice(session, organisation, number, supplier), place.blobs)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
        print(visible(f"{folder / name}"))


def _invoice(session: "Session", organisation: str | None, number: str, supplier: str | None) -> "Invoice":
    from web.desk.invoices import invoice_numbered

    return invoice_numbered(session, organisation_named(session, organisation).id, number, supplier)
