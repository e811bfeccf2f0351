"""Commands about organisations: load, policy check and explain, import of old mail."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from buydesk.commands.shared import (
    AsJson,
    CommandError,
    OrganisationName,
    installation,
    organisation_named,
    print_json,
    visible,
)

if TYPE_CHECKING:
    from procurement.folder_data import OrganisationData

org = typer.Typer(help="Organisations and their master data.", no_args_is_help=True)
policy = typer.Typer(help="The approval policy.", no_args_is_help=True)
Folder = Annotated[Path, typer.Argument(help="A folder of TOML and CSV files.", exists=True, file_okay=False)]


@org.command("load")
def load(folder: Folder, as_json: AsJson = False) -> None:
    """Read an organisation from a folder; loading it twice changes nothing."""
    from procurement.steps.load import LoadRefusedError, load_organisation

    data = read_data(folder)
    place = installation(migrate=True)
    try:
        with place.database.session() as session:
            changes = load_organisation(session, data)
    except LoadRefusedError as error:
        raise CommandError(f"{folder} was not loaded; mend this first:\n  {error}") from error
    told = {table: vars(counts) for table, counts in changes.tables.items() if counts.changed_anything}
    if as_json:
        print_json({"organisation": data.settings.slug, "changes": told})
        return
    print(f"{data.settings.name}: " + ("loaded." if told else "nothing changed."))
    warn_of_policy(data)
    for table, counts in told.items():
        words = ", ".join(f"{count} {word}" for word, count in counts.items() if count and word != "unchanged")
        print(f"  {table.replace('_', ' ')}: {words}")


def warn_of_policy(data: "OrganisationData") -> None:
    """Print how much of the policy cannot be proved, and how to see it."""
    from procurement.policy_check import check
    from procurement.steps.directory import directory_in

    if findings := check(data.policy.rules, directory_in(data)):
        print(f"  The approval policy has {len(findings)} gap(s) or fault(s); see: buydesk policy check FOLDER")


@org.command("check")
def check_folder(folder: Folder) -> None:
    """Say what is wrong in a folder, in which file and line, without loading it."""
    data = read_data(folder)
    print(f"{data.settings.name}: {len(data.people)} people, {len(data.suppliers)} suppliers; nothing is wrong.")


def read_data(folder: Path) -> "OrganisationData":
    """Return what ``folder`` says; raises CommandError that lists every fault."""
    from procurement.organisation_folder import read_folder

    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in (".toml", ".csv")}
    data, faults = read_folder(files)
    if data is None or faults:
        told = "\n".join(f"  {fault}" for fault in faults)
        raise CommandError(f"{folder} was not loaded; mend this first:\n{told}")
    return data


@policy.command("check")
def check_policy(folder: Folder, as_json: AsJson = False) -> None:
    """Prove that every requisition meets exactly one rule, and that approvers exist and may sign."""
    from procurement.policy_check import check
    from procurement.steps.directory import directory_in

    data = read_data(folder)
    findings = check(data.policy.rules, directory_in(data))
    if as_json:
        print_json([vars(finding) for finding in findings])
    elif not findings:
        print(f"Policy {data.policy.version}: every requisition meets exactly one rule, and every approver may sign.")
    else:
        for finding in findings:
            print(f"  {finding.kind}: {finding.text}")
    raise typer.Exit(1 if findings else 0)


@policy.command("explain")
def explain_requisition(
    number: Annotated[str, typer.Argument(help="A requisition's number.")], organisation: OrganisationName = None
) -> None:
    """Say why a requisition goes where it goes."""
    from sqlalchemy import select

    from procurement.policy import rules_from_json
    from procurement.policy_explain import explain
    from procurement.steps.directory import directory_of
    from procurement.steps.route import facts_of
    from records.tables import Policy, Requisition

    with installation().database.read() as session:
        owner = organisation_named(session, organisation)
        row = session.scalars(
            select(Requisition).where(Requisition.organisation_id == owner.id, Requisition.number == number)
        ).one_or_none()
        if row is None:
            raise CommandError(f"There is no requisition {number} in {owner.slug}.")
        if row.policy_id is None:
            raise CommandError(f"{number} has not been submitted yet: it is {row.state}.")
        rules = rules_from_json(session.get_one(Policy, row.policy_id).rules)
        for sentence in explain(rules, facts_of(row), directory_of(session, owner.id)):
            print(sentence)


def import_(
    paths: Annotated[list[Path], typer.Argument(help=".eml files, mbox files, Maildir folders.", exists=True)],
    organisation: OrganisationName = None,
) -> None:
    """Bring old or saved mail in; importing it twice adds nothing."""
    from rich.progress import Progress, SpinnerColumn, TextColumn

    from intake.steps.imports import ImportProgress, import_mail

    place = installation()
    done = ImportProgress()
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with place.database.open_session() as session, Progress(*columns, transient=True) as progress:
        task = progress.add_task("reading")
        owner = organisation_named(session, organisation)
        for done in import_mail(session, owner, paths, place.blobs):
            session.commit()
            progress.update(task, description=f"{done.added} added, {done.known} known before")
    print(f"{done.added} mails added, {done.known} known before, {len(done.skipped)} files passed over.")
    for skipped in done.skipped:
        print(visible(f"  {skipped.name}: {skipped.reason}"))
