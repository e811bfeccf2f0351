"""What several commands need: the installation, an organisation by name, rows by id, JSON or a table."""

import json
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from web.desk.refused import CommandError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from buydesk.installation import Installation
    from records.tables import ExceptionItem, Organisation

HIDDEN = "\N{REPLACEMENT CHARACTER}"
WIDE = 180  # columns where no terminal sets the width
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
By = Annotated[str | None, typer.Option("--by", help="Who does this (default: the user's name).")]
OrganisationName = Annotated[str | None, typer.Option("--organisation", "-o", help="The organisation's short name.")]


def installation(*, migrate: bool = False) -> "Installation":
    """Return the installation that the environment describes."""
    from buydesk.installation import open_installation
    from buydesk.settings import load_settings

    return open_installation(load_settings(), migrate=migrate)


def organisation_named(session: "Session", name: str | None) -> "Organisation":
    """Return the organisation called ``name``, or the only one there is."""
    from sqlalchemy import select

    from records.tables import Organisation

    rows = list(session.scalars(select(Organisation).order_by(Organisation.slug)))
    if not rows:
        raise CommandError("There is no organisation yet. Load one: buydesk org load DIR")
    if name is None and len(rows) == 1:
        return rows[0]
    for row in rows:
        if row.slug == name:
            return row
    known = ", ".join(row.slug for row in rows)
    raise CommandError(f"Say which organisation with --organisation; known are {known}.")


def exception_item(session: "Session", number: int) -> "ExceptionItem":
    """Return the exception item ``number``, which must be open."""
    from records.exceptions import OPEN_STATES
    from records.tables import ExceptionItem

    item = session.get(ExceptionItem, number)
    if item is None:
        raise CommandError(f"There is no exception {number}.")
    if item.state not in OPEN_STATES:
        raise CommandError(f"Exception {number} is {item.state} already, by {item.resolved_by}: {item.resolution}.")
    return item


def who(by: str | None) -> str:
    """Return who acts: ``by``, or the name of the user at this machine."""
    return by or f"operator:{os.environ.get('SUDO_USER') or os.environ.get('USER') or 'unknown'}"


def json_text(value: Any, indent: int | None = None) -> str:
    """Return ``value`` as JSON in which every character that could steer a terminal is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=str)
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


def print_json(value: Any) -> None:
    """Print ``value`` as JSON."""
    print(json_text(value, indent=2))


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print ``rows`` as a table; texts of outsiders are shown as they are, never as markup."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", show_edge=False)
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*(Text(visible(str(cell))) for cell in row))
    screen = Console()
    (screen if screen.is_terminal else Console(width=WIDE)).print(table)


def visible(text: str) -> str:
    """Return ``text`` without the characters by which a terminal could be steered; other blanks become spaces."""
    return "".join(c if c.isprintable() or c == "\n" else " " if c.isspace() else HIDDEN for c in text)
