"""The sample organisation: its folder filled in for this run, and loaded as any organisation is."""

import secrets
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from string import Template

from buydesk.commands.master_data import read_data
from buydesk.demo.mail_server import MailServer
from buydesk.demo.people import DESK
from buydesk.demo.place import Place
from procurement.steps.load import load_organisation
from records.database import Database


def write_organisation(place: Place, server: MailServer, passwords: Mapping[str, str], today: date) -> None:
    """Write the sample organisation's folder with the ports, the password file and the year of this run."""
    place.password_file.touch(mode=0o600)
    place.password_file.write_text(passwords[DESK], encoding="utf-8")
    values = {
        "imap_port": server.imap_port,
        "smtp_port": server.smtp_port,
        "password_file": place.password_file.as_posix(),
        "year": today.year,
    }
    for source in files("buydesk.demo").joinpath("organisation").iterdir():
        if source.name.endswith((".toml", ".csv")):
            filled = Template(source.read_text(encoding="utf-8")).substitute(values)
            (place.organisation / source.name).write_text(filled, encoding="utf-8")


def load(place: Place, database: Database) -> None:
    """Load the sample organisation into ``database``."""
    data = read_data(place.organisation)
    with database.session() as session:
        load_organisation(session, data)


def new_password() -> str:
    """Return a password that nobody knows."""
    return secrets.token_urlsafe(18)
