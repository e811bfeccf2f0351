"""The step ``copy_to_sent``: what went out is put into the Sent folder, where people look for it."""

import imaplib
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.imap_server import Server, log_in
from intake.mailbox import Account, account_from
from intake.refusals import LoginRefusedError, ThrottledError
from intake.steps.logins import closed_until, login_refused
from intake.tokens import credential
from records.base import utc_now
from records.blobs import Blobs
from records.flow import Done, Keep, Progress, Wait
from records.tables import Mailbox, Outbound


def copy_to_sent(
    session: Session, outbound: Outbound, *, blobs: Blobs, clock: Callable[[], datetime] = utc_now
) -> Progress:
    """Append the mail to the Sent folder of the organisation's mailbox, if one is configured, once.

    A server that keeps what it sends has the mail already: it is looked for by its Message-ID first.
    """
    found = None if outbound.copied_at else _mailbox(session, outbound)
    if found is None:
        return Done(outbound.state)
    mailbox, account = found
    if until := closed_until(mailbox, clock()):
        return Wait(until)
    mailbox_id = mailbox.id
    login, folder = credential(account.password, account.oauth, account.username), account.sent_folder or ""
    name, message_id, sent_at = outbound.raw_sha256, outbound.message_id, outbound.sent_at
    yield Keep()
    raw = blobs.get(name)
    try:
        with log_in(account, login) as server:
            _append(server, server.folder_name(folder), raw, message_id, sent_at or clock())
    except LoginRefusedError:
        return login_refused(session, mailbox_id, clock())
    except ThrottledError as error:
        return Wait(clock() + error.delay)
    outbound.copied_at = clock()
    return Done(outbound.state)


def _mailbox(session: Session, outbound: Outbound) -> tuple[Mailbox, Account] | None:
    """Return the mailbox with a Sent folder, first of all the sender's own; None where there is none."""
    mailboxes = session.scalars(
        select(Mailbox)
        .where(Mailbox.organisation_id == outbound.organisation_id, Mailbox.state == "active")
        .order_by(Mailbox.id)
    )
    known = [(mailbox, account_from(mailbox.config)) for mailbox in mailboxes if mailbox.config.get("sent_folder")]
    own = [one for one in known if one[1].address.lower() == outbound.sender.lower()]
    return next(iter([*own, *known]), None)


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
