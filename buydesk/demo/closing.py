"""The end of the demo: the accounting equation, what waits for a person, and whether all came true."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text
from sqlalchemy import select

from buydesk.commands.shared import visible
from buydesk.demo.place import Place
from buydesk.demo.promises import Promise, promises
from records.database import Database
from records.exceptions import OPEN_STATES
from records.tables import ExceptionItem
from web.desk.accounting import Account, accounts

# What a person would do next, by what an exception is about and its first code.
_NEXT = {
    ("message", "SENDER_NOT_AUTHENTICATED"): "exceptions correct {number} '/handled=forged, Helena knows'",
    ("message", "UNKNOWN_SENDER"): "exceptions correct {number} '/handled=not one of ours'",
    ("message", "UNREADABLE"): "exceptions correct {number} '/handled=Tom sends the form again'",
    ("order_response", "RESPONSE_OUT_OF_TOLERANCE"): (
        "exceptions waive {number} RESPONSE_OUT_OF_TOLERANCE --why 'the new price is agreed'"
    ),
    ("outbound", "BOUNCED"): "outbox settle {subject} --send-again",
    ("requisition", "UNKNOWN_ITEM"): "exceptions correct {number} /lines/0/item_number=OFF-1020",
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
            f"unaccounted {box.unaccounted}",
            soft_wrap=True,
        )


def _print_exceptions(items: Sequence[ExceptionItem], home: Path, console: Console) -> None:
    _heading(f"{len(items)} exceptions wait for a person", console)
    for item in items:
        problem = item.problems[0]
        line = Text(f"  {item.id}  {problem['code']}", style="yellow")
        line.append(f" for the {item.owner}: {visible(problem['detail'])}", style="default")
        console.print(line, soft_wrap=True)
        console.print(Text(f"     buydesk {_next(item)}", style="cyan"), soft_wrap=True)
    console.print("Look at them yourself, in this shell:", style="bold")
    for command in (f"export BUYDESK_HOME={shlex.quote(str(home))}", "buydesk exceptions list", "buydesk status"):
        console.print(Text(f"     {command}", style="cyan"), soft_wrap=True)


def _next(item: ExceptionItem) -> str:
    wanted = _NEXT.get((item.subject_table, item.problems[0]["code"]), "exceptions show {number}")
    return wanted.format(number=item.id, subject=item.subject_id)


def _print_orders(folder: Path, console: Console) -> None:
    _heading("The orders", console)
    for pdf in sorted(folder.glob("*.pdf")):
        console.print(Text(f"  {pdf}"), soft_wrap=True)


def _print_verdict(broken: Sequence[Promise], console: Console) -> None:
    console.print()
    if not broken:
        console.print(Text("All that the demo promises came true.", style="green"))
        return
    console.print(Text("The demo did not show all that it promises:", style="red"))
    for promise in broken:
        console.print(Text(f"  {promise.what}; found: {promise.found or 'nothing'}", style="red"), soft_wrap=True)


def _heading(text: str, console: Console) -> None:
    console.print()
    console.print(Text(text, style="bold"))
