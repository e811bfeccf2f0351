"""Every TOML block of the page about mailboxes loads as an organisation's folder and as the mail code takes it."""

import re
import tomllib
from pathlib import Path

import pytest

from dispatch.smtp_relay import relay_from
from intake.mailbox import account_from
from procurement.organisation_folder import read_folder
from tests.procurement.folder_sample import files, read

PAGE = Path(__file__).parents[2] / "docs" / "mailboxes.md"
BLOCKS = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
WHOLE = [block for block in BLOCKS if "[[mailbox]]" in block]
PARTS = [block for block in BLOCKS if "[[mailbox]]" not in block]


def folder(block: str) -> dict[str, bytes]:
    """Return the sample folder with the mailbox and the relay of ``block`` in the place of its own."""
    text = files()["organisation.toml"].decode()
    head, _, own = text.partition("[[mailbox]]")
    tables = re.split(r"^(?=\[)", f"[[mailbox]]{own}", flags=re.MULTILINE)
    kept = "".join(table for table in tables if not table.startswith(("[[mailbox]]", "[mailbox.", "[smtp")))
    top, _, described = block.partition("[[mailbox]]")
    single = "".join(line + "\n" for line in top.splitlines() if line.partition(" =")[0] not in text)
    return files() | {"organisation.toml": f"{single}{head}\n[[mailbox]]{described}\n{kept}".encode()}


def test_the_page_shows_each_way_to_sign_in() -> None:
    assert (len(WHOLE), len(PARTS)) == (3, 1)


@pytest.mark.parametrize("block", WHOLE, ids=["plain", "microsoft", "google"])
def test_a_whole_description_loads_and_is_what_the_mail_code_takes(block: str) -> None:
    data, faults = read_folder(folder(block))
    assert data is not None, [str(fault) for fault in faults]
    written = tomllib.loads(block)
    account, relay = account_from(data.mailboxes[0].config), relay_from(data.settings.smtp)
    assert (account.host, account.username) == (written["mailbox"][0]["host"], written["mailbox"][0]["username"])
    assert (relay.host, relay.port) == (written["smtp"]["host"], written["smtp"]["port"])
    assert bool(account.oauth) == ("oauth" in written["mailbox"][0])


@pytest.mark.parametrize("block", PARTS, ids=["google with a refresh token"])
def test_another_way_to_sign_in_takes_the_place_of_that_table(block: str) -> None:
    google = next(whole for whole in WHOLE if "google-service-account" in whole)
    changed = re.sub(r"\[mailbox\.oauth\].*?(?=^\[smtp\])", f"{block}\n", google, flags=re.MULTILINE | re.DOTALL)
    account = account_from(read(folder(changed)).mailboxes[0].config)
    assert account.oauth is not None
    assert account.oauth.flow == tomllib.loads(block)["mailbox"]["oauth"]["flow"]
