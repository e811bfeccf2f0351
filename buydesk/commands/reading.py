"""The command ``parse``: what a message or a document says, without a database."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from buydesk.commands.shared import print_json, visible

if TYPE_CHECKING:
    from parsers.reading import Reading

MESSAGE_ENDINGS = {".eml", ".msg", ".mime", ".mbox"}


def parse(
    files: Annotated[list[Path], typer.Argument(help="Messages (.eml, .msg) and documents (PDF, XLSX, CSV, ...).")],
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list of Readings.")] = False,
    as_lines: Annotated[bool, typer.Option("--jsonl", help="Print one Reading a line.")] = False,
    parts: Annotated[bool, typer.Option("--parts", help="Also list every decoded part of a message.")] = False,
) -> None:
    """Read files and print what each says, and where it says it."""
    readings = _readings(files, parts=parts)
    if as_json:
        print_json([reading.as_dict() for reading in readings])
        return
    failed = False
    for reading in readings:
        failed |= reading.source is None
        if as_lines:
            _print_line(reading.as_dict())
        else:
            _print_for_people(reading)


def _readings(files: Iterable[Path], *, parts: bool) -> Iterable["Reading"]:
    from parsers.any import read_any
    from parsers.reading import Kind, Reading
    from records.problems import Code, Problem

    for path in files:
        try:
            data = path.read_bytes()
        except OSError as error:
            problem = Problem(Code.UNREADABLE, f"The file cannot be opened: {error.strerror}.")
            yield Reading(kind=Kind.OTHER, source=str(path), problems=(problem,))
            continue
        yield read_any(data, path.name, with_parts=parts).with_(source=str(path))


def _print_line(value: dict[str, Any]) -> None:
    import json

    sys.stdout.write(
        json.dumps(value, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029") + "\n"
    )
    sys.stdout.flush()


def _print_for_people(reading: "Reading") -> None:
    from rich.console import Console
    from rich.text import Text

    from buydesk.commands.shared import print_table

    out = Console()
    verdict = "accepted" if reading.accepted else "for a person to look at"
    out.print(Text(visible(f"{reading.source}: {reading.kind.value.replace('_', ' ')}, {verdict}"), style="bold"))
    values = reading.as_dict()
    simple = [
        (n, v) for n, v in values.items() if isinstance(v, str | bool) and n not in ("kind", "source", "accepted")
    ]
    simple += [("order_numbers", ", ".join(reading.order_numbers))] if reading.order_numbers else []
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
