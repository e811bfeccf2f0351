"""The command ``parse``: what a message or a document says, without a database."""

import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from buydesk.commands.shared import json_text, print_json, print_table, visible
from web.desk.refused import CommandError

if TYPE_CHECKING:
    from parsers.reading import Reading

_FEWEST_TO_TELL = 3  # files; fewer are read before a bar is drawn


def parse(
    files: Annotated[list[Path], typer.Argument(help="Messages (.eml, .msg) and documents (PDF, XLSX, CSV, ...).")],
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list of Readings.")] = False,
    as_lines: Annotated[bool, typer.Option("--jsonl", help="Print one Reading a line.")] = False,
    parts: Annotated[bool, typer.Option("--parts", help="Also list every decoded part of a message.")] = False,
    explain: Annotated[
        Path | None,
        typer.Option("--explain", help="Show how it was read: OUT.html, OUT.png, or a folder for both.", metavar="OUT"),
    ] = None,
) -> None:
    """Read files, and those of folders, and print what each says and where; exits with 2 if one cannot be opened."""
    readings: list[Reading] = []
    closed = 0
    files = list(_expanded(files))
    if explain is not None:
        from buydesk.commands.reading_explain import explained

        found = explained(files, explain)
    else:
        found = _readings(files, parts=parts)
    with closing(found):  # what is shown of files is written even where a pipe breaks
        for reading, opened in _with_progress(found, len(files)):
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


def _expanded(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files among ``paths``, and those directly within its folders in the order of their names."""
    for path in paths:
        if path.is_dir():
            yield from sorted(entry for entry in path.iterdir() if entry.is_file() and not entry.name.startswith("."))
        else:
            yield path


def _with_progress(found: Iterator[tuple["Reading", bool]], total: int) -> Iterator[tuple["Reading", bool]]:
    """Yield ``found``, telling a person at a terminal how far it is; pipes and files are never told."""
    if total < _FEWEST_TO_TELL or not sys.stderr.isatty():
        yield from found
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(found, "Reading", total=total, console=Console(stderr=True), transient=True)


def _readings(files: Iterable[Path], *, parts: bool) -> Generator[tuple["Reading", bool], None, None]:
    """Yield the Reading of each file, and whether the file could be opened."""
    from parsers.any import read_any

    for path in files:
        data, reading = bytes_of(path)
        if data is None:
            yield reading, False
            continue
        yield read_any(data, path.name, with_parts=parts, in_child=True).with_(source=str(path)), True


def bytes_of(path: Path) -> tuple[bytes | None, "Reading"]:
    """Return the bytes of a file and an empty Reading; None and why, where it cannot be opened."""
    from parsers.reading import Reading
    from records.problems import Code, Problem

    try:
        return path.read_bytes(), Reading(source=str(path))
    except OSError as error:
        problem = Problem(Code.UNREADABLE, f"The file cannot be opened: {error.strerror}.")
        return None, Reading(source=str(path), problems=(problem,))


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
    if reading.left_out:
        out.print(
            Text(visible(f"  cut off by its own frame and not read: {' '.join(reading.left_out)}"), style="yellow")
        )


def _origin(reading: "Reading", pointer: str) -> str:
    evidence = reading.evidence.get(pointer)
    if evidence is None:
        return ""
    place = f"page {evidence.page}: " if evidence.page else ""
    return place + evidence.text[:60]
