"""Commands about the key that seals secrets in the database."""

import typer

from web.desk.refused import CommandError

keys = typer.Typer(help="The encryption key of secrets in the database.", no_args_is_help=True)


@keys.command("new")
def new() -> None:
    """Print a new key, to be kept where the setting encryption_key points to."""
    from records.keyring import new_key

    print(new_key())


@keys.command("rotate")
def rotate() -> None:
    """Seal every secret by the newest key.

    A key that stands beside an SQLite file is replaced by a new one. Where the setting encryption_key says where
    the key is, put the new key there in front of the old one first; the old one may go afterwards.
    """
    from buydesk.commands.shared import installation
    from procurement.steps.keys import reseal
    from records.keyring import KeyMissingError, keys_in, new_key, replace_keys

    database = installation().database
    file = database.keys.file
    if file:
        if not file.exists():
            raise CommandError("Nothing was sealed yet, and there is no key.")
        replace_keys(file, [new_key(), *keys_in(file)])
        database.keys.forget()
    try:
        with database.session() as session:
            count = reseal(session, database.keys.ring())
    except KeyMissingError as error:
        raise CommandError(str(error)) from error
    if file:
        replace_keys(file, keys_in(file)[:1])
    print(f"Sealed by the newest key: {count}.")
