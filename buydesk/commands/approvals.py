"""Commands about approvals: which are open, decisions on paper, who signs while an approver is away."""

from datetime import datetime
from typing import Annotated, Any

import typer

from buydesk.commands.desk import Number
from buydesk.commands.shared import (
    AsJson,
    By,
    OrganisationName,
    installation,
    organisation_named,
    print_json,
    print_table,
    who,
)

approvals = typer.Typer(help="Approvals that were asked.", no_args_is_help=True)


@approvals.command("list")
def list_approvals(organisation: OrganisationName = None, as_json: AsJson = False) -> None:
    """List the approvals that nobody has decided yet."""
    from sqlalchemy import select

    from records.tables import Approval

    with installation().database.read() as session:
        owner = organisation_named(session, organisation)
        found = select(Approval).where(
            Approval.organisation_id == owner.id, Approval.state.in_(["to_ask", "asked", "question"])
        )
        rows: list[dict[str, Any]] = [
            {
                "id": one.id,
                "requisition": one.requisition.number,
                "amount": str(one.requisition.net_total),
                "currency": one.requisition.currency,
                "step": one.step_number,
                "approver": one.approver.email,
                "in_place_of": one.principal_email or "",
                "state": one.state,
            }
            for one in session.scalars(found.order_by(Approval.id))
        ]
    if as_json:
        print_json(rows)
    else:
        print_table("approvals", tuple(rows[0]) if rows else ("none",), [tuple(row.values()) for row in rows])


@approvals.command("decide")
def decide_approval(
    number: Number,
    decision: Annotated[str, typer.Argument(help="approved or rejected")],
    approver: Annotated[str, typer.Option(help="The address of the approver who decided, exactly.")],
    why: Annotated[str, typer.Option(help="How the decision reached you, e.g. signed on paper.")],
    by: By = None,
) -> None:
    """Record a decision that reached the desk on another way than by email; the audit chain says so."""
    from web.desk.resolution import record_decision

    with installation().database.session() as session:
        record_decision(session, number, decision, approver.lower(), who(by), why)
    print(f"Approval {number}: {decision}.")


@approvals.command("digest")
def mail_digest(
    person: Annotated[str, typer.Argument(help="The address of the approver.")], organisation: OrganisationName = None
) -> None:
    """Mail an approver everything that waits for him at once; one answer may decide all of it."""
    from records.base import utc_now
    from web.desk.absences import active_person
    from web.desk.approvals import send_digest

    with installation().database.session() as session:
        row = active_person(session, organisation_named(session, organisation), person.lower())
        count = send_digest(session, row, utc_now())
    print(f"{count} request(s) are mailed to {person}.")


@approvals.command("delegate")
def delegate_approvals(
    person: Annotated[str, typer.Argument(help="The address of the approver who is away.")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day of the absence.")],
    since: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="Its first day; today where not given.")
    ] = None,
    to: Annotated[str | None, typer.Option(help="The deputy's address; a superior is asked where none.")] = None,
    organisation: OrganisationName = None,
    by: By = None,
) -> None:
    """Let somebody else decide, within his own limit, while an approver is away."""
    from web.desk.absences import delegate

    with installation().database.session() as session:
        owner = organisation_named(session, organisation)
        days = (since.date() if since else None, until.date())
        absence = delegate(session, owner, person.lower(), to.lower() if to else None, days, who(by))
        told = f"{absence.email} is away from {absence.starts_on} to {absence.ends_on}"
        told += f"; {absence.deputy_email} decides." if absence.deputy_email else "; a superior is asked."
    print(told)


@approvals.command("back")
def end_absence(
    person: Annotated[str, typer.Argument(help="The address of the approver who is back.")],
    organisation: OrganisationName = None,
    by: By = None,
) -> None:
    """End what the desk knows of an absence by mail or by command; the folder's stays in the folder."""
    from web.desk.absences import come_back

    with installation().database.session() as session:
        ended = come_back(session, organisation_named(session, organisation), person.lower(), who(by))
    print(f"{person} decides again ({ended} absence(s) ended).")


@approvals.command("absences")
def list_absences(organisation: OrganisationName = None, as_json: AsJson = False) -> None:
    """List who is away now or later, and who decides in the meantime."""
    from web.desk.absences import present_absences

    with installation().database.read() as session:
        found = present_absences(session, organisation_named(session, organisation))
    if as_json:
        print_json(found)
    else:
        print_table("absences", tuple(found[0]) if found else ("none",), [tuple(one.values()) for one in found])
