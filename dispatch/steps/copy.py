"""The step ``copy_to_sent``: what went out is put into the Sent folder, where people look for it."""

import imaplib
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.imap_server import Server, log_in
from intake.mailbox import Account, account_from
from intake.tokens import credential
from records.base import utc_now
from records.blobs import Blobs
from records.flow import Done, Keep, Progress
from records.tables import Mailbox, Outbound


def copy_to_sent(
    session: Session, outbound: Outbound, *, blobs: Blobs, clock: Callable[[], datetime] = utc_now
) -> Progress:
    """Append the mail to the Sent folder of the organisation's mailbox, if one is configured, once.

    A server that keeps what it sends has the mail already: it is looked for by its Message-ID first.
    """
    account = _account(session, outbound)
    if account is None or account.sent_folder is None or outbound.copied_at:
        return Done(outbound.state)
    login, folder = credential(account.password, account.oauth, account.username), account.sent_folder
    name, message_id, sent_at = outbound.raw_sha256, outbound.message_id, outbound.sent_at
    yield Keep()
    raw = blobs.get(name)
    with log_in(account, login) as server:
        _append(server, server.folder_name(folder), raw, message_id, sent_at or clock())
    outbound.copied_at = clock()
    return Done(outbound.state)


def _account(session: Session, outbound: Outbound) -> Account | None:
    """Return the account of the mailbox with a Sent folder, first of all the sender's own."""
    mailboxes = session.scalars(
        select(Mailbox)
        .where(Mailbox.organisation_id == outbound.organisation_id, Mailbox.state == "active")
        .order_by(Mailbox.id)
    )
    accounts: Sequence[Account] = [
        account_from(mailbox.config) for mailbox in mailboxes if mailbox.config.get("sent_folder")
    ]
    own = [account for account in accounts if account.address.lower() == outbound.sender.lower()]
    return next(iter([*own, *accounts]), None)


def _append(server: Server, folder: str, raw: bytes, message_id: str, at: datetime) -> None:
    client = server.client
    try:
        server.command("select", client.select_folder, folder, True)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        server.create(folder)
        server.command("select", client.select_folder, folder, True)
    if not server.command("search", client.search, ["HEADER", "Message-ID", message_id]):
        server.command("append", client.append, folder, raw, (b"\\Seen",), at)
