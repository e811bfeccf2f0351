"""Commands of the workbench: start it, and say who may use it."""

from typing import Annotated, Any

import typer

from buydesk.commands.shared import AsJson, By, installation, organisation_named, print_json, print_table, visible, who

users = typer.Typer(help="Who may use the workbench.", no_args_is_help=True)
Email = Annotated[str, typer.Argument(help="The user's email address.")]
Role = Annotated[str, typer.Argument(help="requester, approver, buyer, agent, supervisor, administrator or auditor.")]
Where = Annotated[str | None, typer.Option("--organisation", "-o", help="The organisation's short name.")]


def web() -> None:
    """Serve the workbench (``buydesk up`` does so too). Stop with Ctrl-C."""
    from buydesk.serve import serve, server_of

    serve(server_of(installation()))


@users.command("add")
def add(
    email: Email,
    name: Annotated[str, typer.Option(help="The user's name.")] = "",
    role: Annotated[list[str] | None, typer.Option(help="A role to grant at once; may be given several times.")] = None,
    organisation: Where = None,
    by: By = None,
) -> None:
    """Add a user and print the password to hand over."""
    from web.desk.users import add_user, grant, new_password, set_password

    password = new_password()
    with installation().database.session() as session:
        user = add_user(session, email, name)
        set_password(session, user, password)
        for one in role or ():
            grant(session, user, organisation_named(session, organisation), one, who(by))
    print(visible(f"{email} was added. Password: {password}"))


@users.command("password")
def password(
    email: Email, generate: Annotated[bool, typer.Option("--generate", help="Make one and print it.")] = False
) -> None:
    """Set a user's password; all sessions of the user end."""
    from web.desk.users import new_password, set_password, user_named

    place = installation()
    with place.database.read() as session:
        user_named(session, email)
    new = new_password() if generate else typer.prompt("New password", hide_input=True, confirmation_prompt=True)
    with place.database.session() as session:
        set_password(session, user_named(session, email), new)
    print(visible(f"The password of {email} was set" + (f": {new}" if generate else ".")))


@users.command("totp")
def totp(email: Email) -> None:
    """Drop the second factor of a user who lost it; he sets up a new one."""
    from web.desk.users import drop_second_factor, user_named

    with installation().database.session() as session:
        drop_second_factor(session, user_named(session, email))
    print(visible(f"{email} sets up a second factor anew."))


@users.command("link")
def link(email: Email) -> None:
    """Print a link that signs a user in once, within the hour."""
    from buydesk.serve import url_of
    from records.base import utc_now
    from web.desk.users import login_link, user_named

    place = installation()
    with place.database.session() as session:
        print(url_of(place.settings) + login_link(session, user_named(session, email), utc_now()))


@users.command("grant")
def grant_role(email: Email, role: Role, organisation: Where = None, by: By = None) -> None:
    """Give a user a role in an organisation."""
    from web.desk.users import grant, user_named

    with installation().database.session() as session:
        grant(session, user_named(session, email), organisation_named(session, organisation), role, who(by))
    print(visible(f"{email} is {role} now."))


@users.command("revoke")
def revoke_role(email: Email, role: Role, organisation: Where = None, by: By = None) -> None:
    """Take a role from a user."""
    from web.desk.users import revoke, user_named

    with installation().database.session() as session:
        revoke(session, user_named(session, email), organisation_named(session, organisation), role, who(by))
    print(visible(f"{email} is {role} no longer."))


@users.command("block")
def block(email: Email) -> None:
    """Let a user sign in no longer."""
    _activate(email, active=False)


@users.command("unblock")
def unblock(email: Email) -> None:
    """Let a user who was blocked sign in again."""
    _activate(email, active=True)


def _activate(email: str, *, active: bool) -> None:
    from web.desk.users import set_active, user_named

    with installation().database.session() as session:
        set_active(session, user_named(session, email), active)
    print(visible(f"{email} may sign in again." if active else f"{email} may not sign in any more."))


@users.command("list")
def list_users(as_json: AsJson = False) -> None:
    """List users and what they may do."""
    from sqlalchemy import select

    from records.tables import Grant, Organisation, User

    with installation().database.read() as session:
        found = list(session.scalars(select(User).order_by(User.email)))
        granted = session.execute(
            select(Grant.user_id, Organisation.slug, Grant.role)
            .join(Organisation, Organisation.id == Grant.organisation_id)
            .order_by(Organisation.slug, Grant.role)
        ).all()
    rows: list[dict[str, Any]] = [
        {
            "email": user.email,
            "name": user.name,
            "active": user.active,
            "second_factor": user.totp_secret is not None,
            "roles": [f"{slug}: {role}" for user_id, slug, role in granted if user_id == user.id],
        }
        for user in found
    ]
    if as_json:
        print_json(rows)
        return
    columns = ("email", "name", "active", "second_factor")
    shown = [(*(row[name] for name in columns), ", ".join(row["roles"])) for row in rows]
    print_table(f"{len(rows)} users", (*columns, "roles"), shown)
