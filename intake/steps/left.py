"""The step ``fetch_left``: a mail that stayed on the server is fetched because a person released it."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from intake.imap_line import Line
from intake.mailbox import account_from
from intake.refusals import LoginRefusedError, ThrottledError
from intake.steps.logins import closed_until, login_refused
from intake.tokens import credential
from records.base import utc_now
from records.blobs import Blobs
from records.flow import Done, Hold, Keep, Progress, Wait
from records.problems import Code, Problem
from records.tables import Mailbox, Message


def fetch_left(
    session: Session, message: Message, *, blobs: Blobs, clock: Callable[[], datetime] = utc_now
) -> Progress:
    """Fetch the mail's bytes whatever their size and move it to ``fetched``; hold it if it is gone."""
    mailbox = session.get_one(Mailbox, message.mailbox_id)
    if until := closed_until(mailbox, clock()):
        return Wait(until)
    account = account_from(mailbox.config)
    login = credential(account.password, account.oauth, account.username)
    uidvalidity, uid = message.uidvalidity, message.uid
    yield Keep()
    mail = None
    try:
        with Line(account, login) as line:
            if uid is not None and line.folder.uidvalidity == uidvalidity:
                mail = line.folder.whole(uid)
    except LoginRefusedError:
        return login_refused(session, mailbox.id, clock())
    except ThrottledError as error:
        return Wait(clock() + error.delay)
    if mail is None:
        detail = "The mail is no longer in the folder under its number. Ask the sender to send it again."
        return Hold((Problem(Code.UNREADABLE, detail),))
    name = blobs.put(mail.data)
    message.raw_sha256, message.size, message.gmail_id = name, len(mail.data), mail.gmail_id
    message.received_at = mail.received_at or message.received_at
    message.settled_on_server = not account.move_to
    return Done("fetched", clock())
