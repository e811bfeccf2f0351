"""Commands that run Buydesk: up, demo, worker, clock, upgrade, doctor."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from buydesk.commands.shared import AsJson, print_json, visible

if TYPE_CHECKING:
    from buydesk.doctor import Finding

MARKS = {"ok": ("ok  ", "green"), "warning": ("note", "yellow"), "failed": ("FAIL", "red")}


def up() -> None:
    """Run everything on this machine: mailboxes, steps, reminders. Stop with Ctrl-C."""
    from buydesk.settings import load_settings
    from buydesk.up import run_up

    run_up(load_settings())


def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its data and the orders' PDFs.")] = Path("demo"),
) -> None:
    """Show the main job with simulated people: mails come in, orders go out, answers are understood."""
    from buydesk.demo.show import run_demo

    raise typer.Exit(run_demo(folder))


def worker() -> None:
    """Run steps in this process (with PostgreSQL: on any number of machines)."""
    from buydesk.settings import load_settings
    from buydesk.up import run_worker

    run_worker(load_settings())


def clock() -> None:
    """Run the clock (with PostgreSQL: one is active, others stand by)."""
    from buydesk.installation import open_installation
    from buydesk.settings import load_settings
    from buydesk.up import make_clock, stop_on_signals

    stop = stop_on_signals()
    make_clock(open_installation(load_settings()), stop).run()


def upgrade() -> None:
    """Bring the database to this version's schema."""
    from buydesk.commands.shared import installation

    installation(migrate=True)
    print("The database is at this version's schema.")


def doctor(as_json: AsJson = False) -> None:
    """Check this installation and say what to mend."""
    from buydesk.doctor import examine
    from buydesk.settings import load_settings

    findings = examine(load_settings())
    if as_json:
        print_json([vars(finding) for finding in findings])
    else:
        for finding in findings:
            print_finding(finding)
    raise typer.Exit(1 if any(finding.verdict == "failed" for finding in findings) else 0)


def print_finding(finding: "Finding") -> None:
    """Print one line about ``finding``."""
    from rich.console import Console
    from rich.text import Text

    mark, style = MARKS[finding.verdict]
    words = visible(f" {finding.name}: {finding.detail}")
    Console(soft_wrap=True).print(Text(mark, style=style) + Text(words, style="default"))
