"""The oauth tables of an organisation's folder are read as the mail code takes them, and faults are told."""

import pytest

from dispatch.smtp_relay import relay_from
from intake.mailbox import account_from
from procurement.organisation_folder import read_folder
from tests.procurement.folder_sample import files, read

PASSWORD = b'password = "env:LINDEN_MAIL_PASSWORD"\n'
TABLE = '\n[{where}.oauth]\nflow = "microsoft"\ntenant = "t"\nclient_id = "c"\nclient_secret = "env:S"\n'
TABLE += "expires = 2027-01-31\n\n"


def changed(mailbox: str, smtp: str) -> dict[str, bytes]:
    head, box, relay = files()["organisation.toml"].split(PASSWORD)
    box = box.replace(b"\n[smtp]", mailbox.encode() + b"[smtp]")
    return files() | {"organisation.toml": head + box + smtp.encode() + relay}


def test_both_tables_are_read_as_the_mail_code_takes_them() -> None:
    data = read(changed(TABLE.format(where="mailbox"), TABLE.format(where="smtp")))
    for oauth in (account_from(data.mailboxes[0].config).oauth, relay_from(data.settings.smtp).oauth):
        assert oauth is not None
        assert (oauth.flow, oauth.client_secret, str(oauth.expires)) == ("microsoft", "env:S", "2027-01-31")
        assert oauth.token_server == "https://login.microsoftonline.com"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"microsoft"', '"entra"', "flow"),
        ('client_secret = "env:S"', 'client_secret = "hunter2"', "never the secret itself"),
        ('client_secret = "env:S"\n', "", "client_secret or certificate is missing"),
        ('tenant = "t"', 'token_server = "http://login.example"', "must begin with https://"),
        ('tenant = "t"', 'tenent = "t"', "'tenent' is not known"),
    ],
)
def test_a_table_that_cannot_be_used_is_a_fault(old: str, new: str, said: str) -> None:
    table = TABLE.format(where="mailbox").replace(old, new)
    _, faults = read_folder(changed(table, PASSWORD.decode()))
    told = [str(fault) for fault in faults]
    assert any(said in one for one in told), told
    assert "hunter2" not in str(told)


def test_a_password_beside_the_table_is_a_fault() -> None:
    _, faults = read_folder(changed(PASSWORD.decode() + TABLE.format(where="mailbox"), PASSWORD.decode()))
    assert ["not both" in str(fault) for fault in faults] == [True]
