"""The command line: ``buydesk COMMAND``. Heavy imports happen inside the commands, so that help is quick."""

import sys

import typer

from buydesk.commands import (
    approvals,
    bank,
    blankets,
    desk,
    invoices,
    keys,
    learning,
    mailbox,
    master_data,
    orders,
    organisation,
    readiness,
    reading,
    receipts,
    reports,
    responses,
    running,
    templates,
    tokens,
    web,
    webhooks,
)
from buydesk.commands.shared import visible
from web.desk.refused import CommandError

app = typer.Typer(
    name="buydesk",
    help="Turns a purchasing mailbox into a governed procurement desk.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("up")(running.up)
app.command("demo")(running.demo)
app.command("parse")(reading.parse)
app.command("import")(organisation.import_)
app.command("readiness")(readiness.readiness)
app.command("status")(desk.status)
app.command("web")(web.web)
app.command("worker")(running.worker)
app.command("clock")(running.clock)
app.command("upgrade")(running.upgrade)
app.command("doctor")(running.doctor)
app.add_typer(master_data.org, name="org")
app.add_typer(organisation.policy, name="policy")
app.add_typer(mailbox.mailbox, name="mailbox")
app.add_typer(desk.exceptions, name="exceptions")
app.add_typer(learning.lessons, name="lessons")
app.add_typer(approvals.approvals, name="approvals")
app.add_typer(bank.bank, name="bank")
app.add_typer(keys.keys, name="keys")
app.add_typer(orders.orders, name="orders")
app.add_typer(blankets.blankets, name="blankets")
app.add_typer(responses.responses, name="responses")
app.add_typer(receipts.receipts, name="receipts")
app.add_typer(invoices.invoices, name="invoices")
app.add_typer(reports.reports, name="reports")
app.add_typer(templates.templates, name="templates")
app.add_typer(tokens.tokens, name="tokens")
app.add_typer(webhooks.webhooks, name="webhooks")
app.add_typer(web.users, name="users")
app.add_typer(desk.outbox, name="outbox")
app.add_typer(desk.audit, name="audit")


def main() -> None:
    """Run the command line; what a person can mend is one sentence on stderr and exit code 2."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        print(visible(f"buydesk: {sentence}"), file=sys.stderr)
        sys.exit(2)


def _sentence(error: Exception) -> str | None:
    """Return what to tell a person of ``error``; None where it is a defect of ours."""
    from sqlalchemy.exc import DatabaseError, OperationalError

    from buydesk.installation import NotReadyError
    from buydesk.settings import SettingsError
    from buydesk.up import AlreadyUpError
    from records.keyring import KeyMissingError

    if isinstance(error, CommandError | NotReadyError | SettingsError | AlreadyUpError | KeyMissingError):
        return str(error)
    if type(error) in (OperationalError, DatabaseError):  # not what derives from it: a refused statement is ours
        reason = str(getattr(error, "orig", error)).strip().splitlines()
        return f"The database cannot be used: {reason[0] if reason else 'it gave no reason'}."
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}."
    return None
