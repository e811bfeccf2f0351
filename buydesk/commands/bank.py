"""Commands about suppliers' bank details, which two people change."""

from typing import Annotated, Any

import typer

from buydesk.commands.shared import (
    AsJson,
    By,
    OrganisationName,
    installation,
    organisation_named,
    print_json,
    print_table,
    visible,
    who,
)

bank = typer.Typer(help="Bank details of suppliers, changed by two people.", no_args_is_help=True)
Code = Annotated[str, typer.Argument(help="The supplier's code.")]
ChangeNumber = Annotated[int, typer.Argument(help="The change's number (buydesk bank list).")]
Why = Annotated[str, typer.Option("--why", help="What it rests on, e.g. a call to a number that was known before.")]


@bank.command("propose")
def propose_change(
    supplier: Code,
    why: Why,
    accounts: Annotated[
        list[str] | None, typer.Argument(help="All accounts from now on; none: no account is known any more.")
    ] = None,
    organisation: OrganisationName = None,
    by: By = None,
) -> None:
    """Propose other bank details of a supplier; nothing changes until somebody else confirms them."""
    from web.desk.bank import propose_accounts

    with installation().database.session() as session:
        owner = organisation_named(session, organisation)
        change = propose_accounts(session, owner, supplier, accounts or [], who(by), why)
        number, told = change.id, _told(change.old_masked, change.new_masked)
    print(visible(f"{supplier}: {told}, proposed as change {number}. Somebody else: buydesk bank confirm {number}"))


@bank.command("confirm")
def confirm_change(number: ChangeNumber, why: Why, organisation: OrganisationName = None, by: By = None) -> None:
    """Put a change in place that somebody else proposed."""
    from web.desk.bank import confirm_accounts

    with installation().database.session() as session:
        change = confirm_accounts(session, organisation_named(session, organisation), number, who(by), why)
        told = f"{change.supplier.code}: {_told(change.old_masked, change.new_masked)}, confirmed."
    print(visible(told))


@bank.command("refuse")
def refuse_change(number: ChangeNumber, why: Why, organisation: OrganisationName = None, by: By = None) -> None:
    """Drop a change that was proposed."""
    from web.desk.bank import refuse_accounts

    with installation().database.session() as session:
        change = refuse_accounts(session, organisation_named(session, organisation), number, who(by), why)
        told = f"{change.supplier.code}: change {number} refused; nothing was changed."
    print(visible(told))


@bank.command("list")
def list_changes(organisation: OrganisationName = None, as_json: AsJson = False) -> None:
    """List the changes that wait for a second person."""
    from web.desk.bank import waiting_changes

    with installation().database.read() as session:
        rows = waiting_changes(session, organisation_named(session, organisation))
    _show("changes that wait for a second person", rows, as_json)


@bank.command("history")
def history(supplier: Code, organisation: OrganisationName = None, as_json: AsJson = False) -> None:
    """Show what a supplier is paid on now, and every change of it."""
    from web.desk.bank import accounts_shown, changes_of

    with installation().database.read() as session:
        owner = organisation_named(session, organisation)
        present, rows = accounts_shown(session, owner, supplier), changes_of(session, owner, supplier)
    if as_json:
        print_json({"supplier": supplier, "accounts": present, "changes": rows})
        return
    print(visible(f"{supplier} is paid on: {_accounts(present)}"))
    _show("changes, the newest first", rows, as_json)


def _show(title: str, rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    columns = ("change", "supplier", "state", "old", "new", "proposed", "why", "decided", "why")
    print_table(title, columns, [_cells(row) for row in rows])


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    proposed = f"{row['proposed_by']}, {row['proposed_at']:%Y-%m-%d %H:%M}"
    decided = f"{row['decided_by']}, {row['decided_at']:%Y-%m-%d %H:%M}" if row["decided_by"] else ""
    accounts = _accounts(row["old_masked"]), _accounts(row["new_masked"])
    why = row["decision_reason"] or ""
    return (row["id"], row["supplier"], row["state"], *accounts, proposed, row["reason"], decided, why)


def _told(old: list[str], new: list[str]) -> str:
    return f"{_accounts(old)} → {_accounts(new)}"


def _accounts(masked: list[str]) -> str:
    return "; ".join(masked) or "none"
