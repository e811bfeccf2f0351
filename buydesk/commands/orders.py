"""Commands about orders: what stands of them, and their data and papers for other systems."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from buydesk.commands.changes import Number, add_commands, numbered
from buydesk.commands.shared import (
    AsJson,
    OrganisationName,
    installation,
    json_text,
    organisation_named,
    print_json,
    print_table,
    visible,
)
from web.desk.refused import CommandError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from records.tables import PurchaseOrder

orders = typer.Typer(help="Purchase orders, and what suppliers answered.", no_args_is_help=True)
add_commands(orders)
LISTED = (
    "number",
    "revision",
    "state",
    "dispatch",
    "acknowledgement",
    "receipt",
    "billing",
    "issued_on",
    "supplier",
    "currency",
    "net_total",
)
State = Annotated[str | None, typer.Option(help="Only orders in this state (issued, closed, ...).")]
Acknowledgement = Annotated[str | None, typer.Option(help="Only orders acknowledged so (awaiting, changed, ...).")]
SupplierCode = Annotated[str | None, typer.Option("--supplier", help="Only orders to the supplier of this code.")]


@orders.command("list")
def list_orders(
    organisation: OrganisationName = None,
    state: State = None,
    acknowledgement: Acknowledgement = None,
    supplier: SupplierCode = None,
    count: Annotated[int, typer.Option(help="How many, newest first.", min=1, max=1000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List the newest orders and where they stand."""
    from web.desk.orders import Wanted, latest_orders

    with installation().database.read() as session:
        owner = organisation_named(session, organisation)
        found = latest_orders(session, owner.id, Wanted(state, acknowledgement, supplier), count)
    heads = [{name: one[name] for name in LISTED} for one in found]
    if as_json:
        print_json(heads)
    else:
        print_table("orders", LISTED, [["" if cell is None else cell for cell in one.values()] for one in heads])


@orders.command("show")
def show_order(number: Number, organisation: OrganisationName = None, as_json: AsJson = False) -> None:
    """Show one order whole: its lines, its revisions, and what the supplier answered."""
    from web.desk.orders import order_values

    with installation().database.read() as session:
        told = order_values(session, numbered(session, organisation, number))
    if as_json:
        print_json(told)
        return
    print(visible(f"Order {told['number']}, revision {told['revision']}, to {told['supplier_name']}: {told['state']}"))
    print(visible(f"mail {told['dispatch']}, acknowledgement {told['acknowledgement']}, of {told['requisition']}"))
    print(visible(f"received: {told['receipt'].replace('_', ' ')}, billed: {told['billing']}"))
    columns = ("line_number", "description", "quantity", "unit", "unit_price", "line_total", "needed_by")
    answered = ("acknowledgement", "agreed_quantity", "agreed_price", "promised_on")
    _table(f"lines, {told['currency']} {told['net_total']} net", (*columns, *answered), told["lines"])
    if told["on_hold"]:
        print(visible(f"on hold: {told['hold_reason']}"))
    if told["changes"]:
        _table("changes", ("id", "kind", "state", "revision", "reason", "changes"), told["changes"])
    if told["despatches"]:
        _table("despatched", ("number", "despatched_on", "carrier", "tracking_number"), told["despatches"])
    if told["responses"]:
        _table("answers", ("id", "number", "state", "revision", "response"), told["responses"])


@orders.command("export")
def export_orders(
    file: Annotated[Path, typer.Argument(help="FILE.csv: a row for each line. FILE.json: orders with their lines.")],
    organisation: OrganisationName = None,
    state: State = None,
    acknowledgement: Acknowledgement = None,
    supplier: SupplierCode = None,
) -> None:
    """Write orders and where they stand to a file, oldest first; formulas in CSV are made harmless."""
    from web.desk.orders import Wanted, orders_of

    writers = {".csv": _write_csv, ".json": _write_json}
    write = writers.get(file.suffix.lower())
    if write is None:
        raise CommandError(f"{file.name} is neither .csv nor .json.")
    with installation().database.read() as session:
        owner = organisation_named(session, organisation)
        found = orders_of(session, owner.id, Wanted(state, acknowledgement, supplier))
        with _opened(file) as out:
            written = write(out, found)
    print(visible(f"{written} order(s) were written to {file}."))


@orders.command("save")
def save_order(
    number: Number,
    folder: Annotated[Path, typer.Argument(help="Where to write to; it is made if it is not there.")],
    organisation: OrganisationName = None,
) -> None:
    """Save an order's papers as they went out, and each answer of the supplier as UBL OrderResponse."""
    place = installation()
    with place.database.read() as session:
        order = numbered(session, organisation, number)
        files = dict(_papers(session, order, place.blobs))
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
        print(visible(f"{folder / name}"))


def _papers(session: "Session", order: "PurchaseOrder", blobs: Any) -> Iterator[tuple[str, bytes]]:
    from dispatch.ubl_response import ubl_response
    from web.desk.orders import response_document, responses, revisions

    stem = "".join(char if char.isalnum() or char in "-_." else "_" for char in order.number or "")
    for one in revisions(session, order):
        yield f"{stem}-{one.revision}.pdf", blobs.get(one.pdf_sha256)
        if one.ubl_sha256:
            yield f"{stem}-{one.revision}.xml", blobs.get(one.ubl_sha256)
    for answer in responses(session, order):
        yield f"{stem}-response-{answer.id}.xml", ubl_response(response_document(session, answer))


def _table(title: str, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    cells = [["" if row[name] is None else row[name] for name in columns] for row in rows]
    print_table(title, [name.replace("_", " ") for name in columns], cells)


def _opened(file: Path) -> IO[str]:
    try:
        return file.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}.") from None


def _write_csv(out: IO[str], found: Iterator[dict[str, Any]]) -> int:
    import csv

    from procurement.folder_export import cell_text
    from web.desk.orders import CSV_COLUMNS, csv_rows

    writer = csv.writer(out)
    writer.writerow(CSV_COLUMNS)
    count = 0
    for order in found:
        writer.writerows([cell_text(_plain(cell)) for cell in row] for row in csv_rows(order))
        count += 1
    return count


def _plain(cell: Any) -> Any:
    return str(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell


def _write_json(out: IO[str], found: Iterator[dict[str, Any]]) -> int:
    count = 0
    for count, order in enumerate(found, 1):
        out.write(("[" if count == 1 else ",") + "\n" + json_text(order))
    out.write("\n]\n" if count else "[]\n")
    return count
