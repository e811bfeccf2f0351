"""Commands about an organisation's master data: check, preview, load and export, as a folder or a workbook."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from buydesk.commands.shared import (
    AsJson,
    By,
    OrganisationName,
    installation,
    organisation_named,
    print_json,
    visible,
    who,
)
from web.desk.refused import CommandError

if TYPE_CHECKING:
    from procurement.folder_data import OrganisationData
    from procurement.steps.load import Changes
    from records.tables import Organisation

MOST_SHOWN = 20  # names of one kind of change in a preview
org = typer.Typer(help="Organisations and their master data.", no_args_is_help=True)
Folder = Annotated[Path, typer.Argument(help="A folder of TOML and CSV files.", exists=True, file_okay=False)]
Source = Annotated[Path, typer.Argument(help="A folder of TOML and CSV files, or an XLSX workbook.", exists=True)]


@org.command("load")
def load(
    source: Source,
    organisation: OrganisationName = None,
    accept: Annotated[
        bool,
        typer.Option(
            "--accept-bank-details",
            help="Of a new organisation: take the bank details as they are, without a second person.",
        ),
    ] = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Read an organisation from a folder, or its tables from a workbook; loading it twice changes nothing.

    Bank details that differ are proposed only: somebody else confirms them (buydesk bank list).
    """
    from procurement.steps.load import LoadRefusedError, load_organisation
    from procurement.steps.load_bank import BankLoad

    data = read_source(source, organisation)
    place = installation(migrate=True)
    try:
        with place.database.session() as session:
            changes = load_organisation(session, data, bank=BankLoad(who(by), accept))
    except LoadRefusedError as error:
        raise _refused(source, str(error)) from error
    told = _changed(changes)
    if as_json:
        print_json({"organisation": data.settings.slug, "changes": told})
        return
    print(f"{data.settings.name}: " + ("loaded." if told else "nothing changed."))
    warn_of_policy(data)
    for table, counts in told.items():
        print(f"  {table.replace('_', ' ')}: {_words(counts)}")
    if "bank_change" in told and not accept:
        print("  Bank details wait for a second person; see: buydesk bank list")


@org.command("preview")
def preview(source: Source, organisation: OrganisationName = None, as_json: AsJson = False) -> None:
    """Say what loading a folder or workbook would change, row by row, and change nothing."""
    from procurement.steps.load import LoadRefusedError, preview_organisation

    data = read_source(source, organisation)
    try:
        with installation(migrate=True).database.open_session() as session:
            seen = preview_organisation(session, data)
    except LoadRefusedError as error:
        raise _refused(source, str(error)) from error
    told = _changed(seen.changes)
    if as_json:
        print_json({"organisation": data.settings.slug, "changes": told, "details": seen.details})
        return
    print(f"{data.settings.name}: " + ("this would change:" if told else "nothing would change."))
    for detail in seen.details:
        print(f"  {str(detail['table']).replace('_', ' ')}: {_words(told.get(detail['table'], {}))}")
        for line in _details(detail):
            print(visible(f"    {line}"))


@org.command("export")
def export(
    target: Annotated[Path, typer.Argument(help="A folder that is new or empty, or a file that ends in .xlsx.")],
    organisation: OrganisationName = None,
    reason: Annotated[
        str | None,
        typer.Option("--bank-details", help="Write bank accounts in full instead of masked, for this reason."),
    ] = None,
    by: By = None,
) -> None:
    """Write an organisation's master data as a folder, or its tables as a workbook; either loads again unchanged."""
    from procurement.folder_export import folder_files, folder_tables
    from procurement.folder_workbook import write_workbook

    data = _standing(organisation) if reason is None else _revealed(organisation, who(by), reason)
    if target.suffix.lower() == ".xlsx":
        target.write_bytes(write_workbook(folder_tables(data)))
        print(f"{data.settings.name}: written to {target}.")
        return
    if target.is_file() or (target.is_dir() and any(target.iterdir())):
        raise CommandError(f"{target} is there already and not empty; name a new folder.")
    target.mkdir(parents=True, exist_ok=True)
    files = folder_files(data)
    for name, content in files.items():
        (target / name).write_bytes(content)
    print(f"{data.settings.name}: {len(files)} files written to {target}.")


@org.command("check")
def check_folder(source: Source, organisation: OrganisationName = None) -> None:
    """Say what is wrong in a folder or workbook, in which file and line, without loading it."""
    data = read_source(source, organisation)
    print(f"{data.settings.name}: {len(data.people)} people, {len(data.suppliers)} suppliers; nothing is wrong.")


def warn_of_policy(data: "OrganisationData") -> None:
    """Print how much of the policy cannot be proved, and how to see it."""
    from procurement.policy_check import check
    from procurement.steps.directory import directory_in

    if findings := check(data.policy.rules, directory_in(data)):
        print(f"  The approval policy has {len(findings)} gap(s) or fault(s); see: buydesk policy check FOLDER")


def read_source(source: Path, organisation: str | None) -> "OrganisationData":
    """Return what a folder says, or an organisation as it stands with the tables of a workbook in place of its own.

    Raises CommandError that lists every fault.
    """
    return read_data(source) if source.is_dir() else _read_workbook(source, organisation)


def read_data(folder: Path) -> "OrganisationData":
    """Return what ``folder`` says; raises CommandError that lists every fault."""
    from procurement.organisation_folder import read_folder

    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in (".toml", ".csv")}
    data, faults = read_folder(files)
    if data is None or faults:
        raise _refused(folder, *map(str, faults))
    return data


def _read_workbook(file: Path, organisation: str | None) -> "OrganisationData":
    from procurement.folder_data import Fault
    from procurement.folder_export import folder_files
    from procurement.folder_workbook import in_sheets, read_workbook
    from procurement.organisation_folder import OPTIONAL, REQUIRED, read_folder

    unread: list[Fault] = []
    sheets = read_workbook(file.read_bytes(), (*REQUIRED, *OPTIONAL), unread)
    if unread:
        raise _refused(file, *map(str, unread))
    files = folder_files(_standing(organisation)) | {name: sheet.data for name, sheet in sheets.items()}
    data, faults = read_folder(files)
    if data is None or faults:
        raise _refused(file, *map(str, in_sheets(faults, sheets)))
    return data


def _standing(name: str | None) -> "OrganisationData":
    """Return the organisation as it stands in the database."""
    from procurement.steps.export import export_organisation
    from records.base import utc_now

    with installation().database.read() as session:
        owner: Organisation = organisation_named(session, name)
        today = utc_now().astimezone(ZoneInfo(owner.time_zone)).date()
        data = export_organisation(session, owner, today)
    if data is None:
        raise CommandError(f"{owner.slug} has no approval policy in force; load it whole first: buydesk org load DIR")
    return data


def _revealed(name: str | None, by: str, reason: str) -> "OrganisationData":
    """Return the organisation as it stands, with bank accounts in full; the audit chain keeps who asked and why."""
    from web.desk.bank import reveal_accounts

    data = _standing(name)
    with installation().database.session() as session:
        owner: Organisation = organisation_named(session, name)
        accounts = reveal_accounts(session, owner, by, reason)
    suppliers = tuple(replace(one, bank_accounts=accounts.get(one.code, ())) for one in data.suppliers)
    return replace(data, suppliers=suppliers)


def _changed(changes: "Changes") -> dict[str, dict[str, int]]:
    return {table: vars(counts) for table, counts in changes.tables.items() if counts.changed_anything}


def _words(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count and word != "unchanged")


def _details(detail: dict[str, Any]) -> list[str]:
    """Return the changes of one table in lines, of each kind as many as can be read."""
    lines: list[str] = []
    for kind, sign in (("added", "+"), ("changed", "~"), ("ended", "-"), ("deleted", "-")):
        rows = detail.get(kind, [])
        if isinstance(rows, dict) and "sha256" in rows:
            lines.append(f"{sign} {rows['count']} rows, from {rows['first']} to {rows['last']}")
            continue
        shown = list(rows)[:MOST_SHOWN]
        lines += [f"{sign} {name}{_values(rows[name]) if isinstance(rows, dict) else ''}" for name in shown]
        if len(rows) > len(shown):
            lines.append(f"{sign} and {len(rows) - len(shown)} more")
    return lines


def _values(changed: dict[str, list[Any]]) -> str:
    return ": " + ", ".join(f"{column} {_told(old)} → {_told(new)}" for column, (old, new) in changed.items())


def _told(value: Any) -> str:
    if value in (None, "", []):
        return "nothing"
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def _refused(source: Path, *faults: str) -> CommandError:
    return CommandError(f"{source} was not loaded; mend this first:\n" + "\n".join(f"  {fault}" for fault in faults))
