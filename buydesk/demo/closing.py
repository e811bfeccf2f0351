"""The end of the demo: the accounting equation, what waits for a person, and whether all came true."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy import select

from buydesk.accounting import Account, accounts
from buydesk.commands.shared import visible
from buydesk.demo.place import Place
from buydesk.demo.promises import Promise, promises
from records.database import Database
from records.exceptions import OPEN_STATES
from records.tables import ExceptionItem

_NEXT = {
    "SENDER_NOT_AUTHENTICATED": "buydesk exceptions correct {number} '/handled=forged, Helena knows'",
    "UNKNOWN_SENDER": "buydesk exceptions correct {number} '/handled=not ours'",
    "UNREADABLE": "buydesk exceptions correct {number} '/handled=Tom sends the form again'",
    "RESPONSE_OUT_OF_TOLERANCE": "buydesk exceptions waive {number} RESPONSE_OUT_OF_TOLERANCE --why 'price agreed'",
    "BOUNCED": "buydesk outbox settle {subject} --send-again",
    "UNKNOWN_ITEM": "buydesk exceptions correct {number} /lines/0/item_number=OFF-1001",
}


def close(place: Place, database: Database, console: Console) -> int:
    """Print where everything stands; return 0 if all promises are kept, else 1."""
    with database.read() as session:
        boxes = accounts(session)
        items = session.scalars(
            select(ExceptionItem).where(ExceptionItem.state.in_(OPEN_STATES)).order_by(ExceptionItem.id)
        ).all()
        broken = [promise for promise in promises(session) if not promise.kept]
        _print_accounts(boxes, console)
        _print_exceptions(items, place.home, console)
    _print_orders(place.orders, console)
    _print_verdict(broken, console)
    return 1 if broken else 0


def _print_accounts(boxes: Sequence[Account], console: Console) -> None:
    _heading("Every mail is accounted for", console)
    for box in boxes:
        console.print(
            f"{box.name}: {box.accepted} accepted = {box.processed} processed + {box.waiting} waiting for a person "
            f"+ {box.automatic} automatic + {box.quarantined} quarantined + {box.in_flight} in flight; "
            f"unaccounted {box.unaccounted}"
        )


def _print_exceptions(items: Sequence[ExceptionItem], home: Path, console: Console) -> None:
    _heading(f"{len(items)} exceptions wait for a person", console)
    table = Table(show_edge=False, box=None, padding=(0, 2, 0, 0))
    for column in ("no.", "for", "problem", "what"):
        table.add_column(column)
    for item in items:
        problem = item.problems[0]
        table.add_row(str(item.id), item.owner, problem["code"], Text(visible(problem["detail"])))
    console.print(table)
    _heading("Look at them and resolve them", console)
    commands = ["buydesk exceptions list", *(f"buydesk exceptions show {item.id}" for item in items[:1])]
    commands += [_next(item) for item in items if item.problems[0]["code"] in _NEXT]
    console.print(f"export BUYDESK_HOME={home}", soft_wrap=True)
    for command in commands:
        console.print(f"  {command}", soft_wrap=True, markup=False)


def _next(item: ExceptionItem) -> str:
    return _NEXT[item.problems[0]["code"]].format(number=item.id, subject=item.subject_id)


def _print_orders(folder: Path, console: Console) -> None:
    _heading("The orders", console)
    for pdf in sorted(folder.glob("*.pdf")):
        console.print(f"  {pdf}", soft_wrap=True, markup=False)


def _print_verdict(broken: Sequence[Promise], console: Console) -> None:
    console.print()
    if not broken:
        console.print(Text("All that the demo promises came true.", style="green"))
        return
    console.print(Text("The demo did not show all that it promises:", style="red"))
    for promise in broken:
        console.print(Text(f"  {promise.what}, but found: {promise.found or 'nothing'}", style="red"))


def _heading(text: str, console: Console) -> None:
    console.print()
    console.print(Text(text, style="bold"))
