"""Commands of tokens for programs: make one, list them, take one back."""

from typing import Annotated

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

tokens = typer.Typer(help="Tokens with which programs use the API.", no_args_is_help=True)


@tokens.command("add")
def add(
    email: Annotated[str, typer.Argument(help="The user as whom the token acts.")],
    name: Annotated[str, typer.Option(help="What it is for.")],
    scope: Annotated[list[str], typer.Option(help="read, exceptions, orders, receipts, invoices, messages; repeat.")],
    organisation: OrganisationName = None,
    days: Annotated[int | None, typer.Option(help="How long it counts (default: until revoked).", min=1)] = None,
    by: By = None,
) -> None:
    """Make a token and print it; it is shown this once."""
    from records.base import utc_now
    from web.desk.api_tokens import add_token
    from web.desk.users import user_named

    with installation(migrate=True).database.session() as session:
        owner, user = organisation_named(session, organisation), user_named(session, email)
        token = add_token(session, owner, user, name, scope, by=who(by), now=utc_now(), days=days)
    print(visible(token))


@tokens.command("list")
def list_tokens(organisation: OrganisationName = None, as_json: AsJson = False) -> None:
    """List the tokens, without what makes them secret."""
    from web.desk.api_tokens import tokens_of

    with installation().database.read() as session:
        found = tokens_of(session, organisation_named(session, organisation))
    if as_json:
        print_json(found)
        return
    columns = ("id", "name", "user", "scopes", "expires_at", "last_used_at", "revoked_at")
    cells = [["" if one[name] is None else one[name] for name in columns] for one in found]
    print_table("tokens", columns, [[", ".join(c) if isinstance(c, list) else c for c in row] for row in cells])


@tokens.command("revoke")
def revoke(
    number: Annotated[int, typer.Argument(help="The token's id.")], organisation: OrganisationName = None, by: By = None
) -> None:
    """Let a token count no longer."""
    from records.base import utc_now
    from web.desk.api_tokens import revoke_token

    with installation().database.session() as session:
        revoke_token(session, organisation_named(session, organisation), number, who(by), utc_now())
    print(f"Token {number} counts no longer.")
