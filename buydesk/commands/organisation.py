"""Commands about organisations: policy check, explain and simulate, import of old mail."""

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from buydesk.commands.master_data import Folder, read_data
from buydesk.commands.shared import (
    AsJson,
    OrganisationName,
    installation,
    organisation_named,
    print_json,
    visible,
)
from web.desk.refused import CommandError

if TYPE_CHECKING:
    from procurement.policy_simulate import Group

MOST_SHOWN = 20  # findings of a kind, or groups of requisitions; as JSON all of them

policy = typer.Typer(help="The approval policy.", no_args_is_help=True)


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
        shown: Counter[str] = Counter()
        for finding in findings:
            shown[finding.kind] += 1
            if shown[finding.kind] <= MOST_SHOWN:
                print(f"  {finding.kind}: {finding.text}")
        for kind, count in shown.items():
            if count > MOST_SHOWN:
                print(f"  {kind}: and {count - MOST_SHOWN} more (--json shows all).")
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
    from procurement.steps.signing import facts_of
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


@policy.command("simulate")
def simulate_policy(
    folder: Folder,
    organisation: OrganisationName = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only what was submitted on or after this day.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Replay past requisitions under the policy and people of a folder, and show what would change."""
    from dataclasses import asdict

    from procurement.policy_simulate import grouped, simulate
    from procurement.steps.directory import directory_in, directory_of
    from procurement.steps.signing import past_of

    data = read_data(folder)
    with installation().database.read() as session:
        owner = organisation_named(session, organisation or data.settings.slug)
        start = since.replace(tzinfo=ZoneInfo(owner.time_zone)) if since else None
        past = past_of(session, owner.id, start)
        done = simulate(past, data.policy.rules, directory_of(session, owner.id), directory_in(data))
    if as_json:
        print_json(asdict(done))
        return
    groups = grouped(done.differences)
    for group in groups[:MOST_SHOWN]:
        print(visible(f"  {_which(group)}"))
        print(visible(f"    was   {group.before}"))
        print(visible(f"    would {group.after}"))
    if len(groups) > MOST_SHOWN:
        print(f"  and {len(groups) - MOST_SHOWN} more such groups (--json shows all).")
    print(
        f"{len(done.differences)} of {done.replayed} requisitions would go another way under policy "
        f"{data.policy.version}; approved automatically: {done.automatic[0]} then {done.automatic[1]}, "
        f"without an approver: {done.stopped[0]} then {done.stopped[1]}."
    )


def _which(group: "Group") -> str:
    """Return which requisitions a group holds: the first few numbers, and their amounts."""
    some = ", ".join(one.number for one in group.differences[:3])
    more = len(group.differences) - 3
    low, high = group.amounts
    amounts = f"{low}" if low == high else f"{low} to {high}"
    versions = ", ".join(sorted({one.version for one in group.differences}))
    return f"{some}{f' and {more} more' if more > 0 else ''} ({amounts}, policy {versions})"


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
