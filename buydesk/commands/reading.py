"""The command ``parse``: what a message or a document says, without a database."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from buydesk.commands.shared import CommandError, json_text, print_json, print_table, visible

if TYPE_CHECKING:
    from parsers.reading import Reading


def parse(
    files: Annotated[list[Path], typer.Argument(help="Messages (.eml, .msg) and documents (PDF, XLSX, CSV, ...).")],
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list of Readings.")] = False,
    as_lines: Annotated[bool, typer.Option("--jsonl", help="Print one Reading a line.")] = False,
    parts: Annotated[bool, typer.Option("--parts", help="Also list every decoded part of a message.")] = False,
) -> None:
    """Read files and print what each says, and where it says it; exits with 2 if one could not be opened."""
    readings: list[Reading] = []
    closed = 0
    for reading, opened in _readings(files, parts=parts):
        closed += not opened
        if as_json:
            readings.append(reading)
        elif as_lines:
            print(json_text(reading.as_dict()), flush=True)
        else:
            _print_for_people(reading)
    if as_json:
        print_json([reading.as_dict() for reading in readings])
    if closed:
        raise CommandError(f"{closed} of {len(files)} files could not be opened.")


def _readings(files: Iterable[Path], *, parts: bool) -> Iterator[tuple["Reading", bool]]:
    """Yield the Reading of each file, and whether the file could be opened."""
    from parsers.any import read_any
    from parsers.reading import Kind, Reading
    from records.problems import Code, Problem

    for path in files:
        try:
            data = path.read_bytes()
        except OSError as error:
            problem = Problem(Code.UNREADABLE, f"The file cannot be opened: {error.strerror}.")
            yield Reading(kind=Kind.OTHER, source=str(path), problems=(problem,)), False
            continue
        yield read_any(data, path.name, with_parts=parts, in_child=True).with_(source=str(path)), True


def _print_for_people(reading: "Reading") -> None:
    from rich.console import Console
    from rich.text import Text

    out = Console()
    verdict = "accepted" if reading.accepted else "for a person to look at"
    out.print(Text(visible(f"{reading.source}: {reading.kind.value.replace('_', ' ')}, {verdict}"), style="bold"))
    values = reading.as_dict()
    simple = [
        (n, v) for n, v in values.items() if isinstance(v, str | bool) and n not in ("kind", "source", "accepted")
    ]
    simple += [("order_numbers", ", ".join(reading.order_numbers))] if reading.order_numbers else []
    if simple:
        print_table("", ("field", "value", "read from"), [(n, v, _origin(reading, f"/{n}")) for n, v in simple])
    if reading.lines:
        columns = (
            "description",
            "item_number",
            "quantity",
            "unit",
            "unit_price",
            "line_total",
            "status",
            "promised_on",
        )
        rows = [[values["lines"][i].get(c, "") for c in columns] for i in range(len(reading.lines))]
        print_table("lines", columns, rows)
    for problem in reading.problems:
        out.print(Text(visible(f"  {problem.code.value} {problem.at} {problem.detail}"), style="yellow"))


def _origin(reading: "Reading", pointer: str) -> str:
    evidence = reading.evidence.get(pointer)
    if evidence is None:
        return ""
    place = f"page {evidence.page}: " if evidence.page else ""
    return place + evidence.text[:60]
