"""Commands about webhooks: which systems are told of what, and whether it arrived."""

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

webhooks = typer.Typer(help="Systems that are told what happens.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(help="The number of the webhook, as `buydesk webhooks list` shows it.")]
HOOKS = ("id", "url", "events", "active", "private", "secret")
LOGGED = ("id", "at", "event", "url", "state", "tries", "reply")


@webhooks.command("list")
def list_webhooks(organisation: OrganisationName = None, as_json: AsJson = False) -> None:
    """List the webhooks of an organisation."""
    from web.desk.webhooks import webhooks_of

    with installation().database.read() as session:
        found = webhooks_of(session, organisation_named(session, organisation).id)
    if as_json:
        print_json(found)
    else:
        rows = [[", ".join(one[name]) if name == "events" else one[name] for name in HOOKS] for one in found]
        print_table("webhooks", HOOKS, rows)


@webhooks.command("add")
def add(
    url: Annotated[str, typer.Argument(help="An https address on the public internet.")],
    secret: Annotated[str, typer.Option(help="Where the secret is that signs: env:NAME or file:PATH.")],
    event: Annotated[list[str] | None, typer.Option(help="An event; may be given again. All if none.")] = None,
    private: Annotated[
        bool, typer.Option("--private", help="It may lie within the own network, and use http.")
    ] = False,
    organisation: OrganisationName = None,
    by: By = None,
) -> None:
    """Add a webhook, or change the one of that address."""
    from web.desk.webhooks import add_webhook

    with installation().database.session() as session:
        owner = organisation_named(session, organisation)
        hook = add_webhook(session, owner, url, secret, event or (), private=private, by=who(by))
        told = f"Webhook {hook.id} is told of {', '.join(hook.events)}."
    print(visible(told))


@webhooks.command("off")
def off(number: Number, organisation: OrganisationName = None, by: By = None) -> None:
    """Switch a webhook off."""
    from web.desk.webhooks import switch_off

    with installation().database.session() as session:
        switch_off(session, organisation_named(session, organisation), number, who(by))
    print(f"Webhook {number} is told nothing more.")


@webhooks.command("test")
def test(number: Number, organisation: OrganisationName = None) -> None:
    """Queue a delivery that says nothing; `buydesk webhooks log` shows what became of it."""
    from web.desk.webhooks import send_test

    with installation().database.session() as session:
        send_test(session, organisation_named(session, organisation), number)
    print("A test is on its way; see: buydesk webhooks log")


@webhooks.command("log")
def log(
    state: Annotated[
        str | None, typer.Option(help="Only deliveries in this state (queued, delivered, failed).")
    ] = None,
    count: Annotated[int, typer.Option(help="How many, newest first.", min=1, max=1000)] = 50,
    organisation: OrganisationName = None,
    as_json: AsJson = False,
) -> None:
    """List what was told to whom, newest first."""
    from web.desk.webhooks import deliveries_of

    with installation().database.read() as session:
        found = deliveries_of(session, organisation_named(session, organisation).id, state, count)
    if as_json:
        print_json(found)
    else:
        print_table(
            "deliveries", LOGGED, [["" if one[name] is None else one[name] for name in LOGGED] for one in found]
        )


@webhooks.command("resend")
def send_again(
    number: Annotated[int, typer.Argument(help="The number of the delivery, as the log shows it.")],
    organisation: OrganisationName = None,
    by: By = None,
) -> None:
    """Send a delivery once more: the same body and key."""
    from web.desk.webhooks import resend

    with installation().database.session() as session:
        resend(session, organisation_named(session, organisation), number, who(by))
    print(f"Delivery {number} is on its way again.")
