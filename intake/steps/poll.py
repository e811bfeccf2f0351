"""The step ``poll``: new mail of a mailbox is kept, entered, and only then moved on the server.

The bytes become a blob first, then one row per (mailbox, UIDVALIDITY, UID) is committed, and only after
that the server is told to move anything. The rows are the memory: no flag of the server decides what is
new. A crash anywhere repeats work, and changes nothing that was done.
"""

import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from intake.imap_fetch import Batch, batches, one_by_one
from intake.imap_folder import Folder, FolderError, can_move
from intake.imap_line import Line
from intake.mailbox import Account, AccountError, account_from
from intake.recognition import recognised
from intake.refusals import LOGIN_RETRY, LOGIN_TRIES, LoginRefusedError, ThrottledError
from intake.steps import ledger
from intake.tokens import ExtraMissingError, credential
from records.base import utc_now
from records.blobs import Blobs
from records.flow import Done, Hold, Keep, Outcome, Progress, Wait
from records.problems import Code, Problem
from records.secret import SecretMissingError
from records.tables import Mailbox

RECONCILE_EVERY = timedelta(days=1)
CAREFUL_AFTER = 3  # tries without progress, then mail is fetched one by one
MOVED_AT_ONCE = 50

log = logging.getLogger(__name__)
Visiting = Generator[Done | Keep, None, None]


def poll(session: Session, mailbox: Mailbox, *, blobs: Blobs, clock: Callable[[], datetime] = utc_now) -> Progress:
    """Fetch what is new in ``mailbox``, then wait for the next turn.

    After ``LOGIN_TRIES`` refused logins an operator is asked, so that the account is not locked out.
    """
    try:
        account = account_from(mailbox.config)
        login = credential(account.password, account.oauth, account.username)
    except (AccountError, SecretMissingError) as error:
        return _hold(f"The mailbox cannot be used: {error}.")
    known = _known(session, mailbox)
    yield Keep()
    try:
        with Line(account, login) as line:
            visit = _Visit(session, line, known, blobs, clock)
            yield from visit.run()
    except LoginRefusedError as error:
        return _refused(mailbox, account, error, clock())
    except ThrottledError as error:
        return Wait(clock() + error.delay)
    except (AccountError, FolderError, SecretMissingError, ExtraMissingError) as error:
        return _hold(f"The mailbox cannot be used: {error}.")
    mailbox.last_contact_at, mailbox.login_failures = clock(), 0
    mailbox.attempts = 1  # the server answered: tries that failed before no longer count
    return Wait(clock() + timedelta(seconds=account.poll_seconds))


def _hold(detail: str) -> Hold:
    return Hold((Problem(Code.GAVE_UP, detail),), owner="operator")


def _refused(mailbox: Mailbox, account: Account, error: LoginRefusedError, now: datetime) -> Outcome:
    mailbox.login_failures += 1
    if mailbox.login_failures < LOGIN_TRIES:
        return Wait(now + LOGIN_RETRY)
    detail = f"The server refused the login of {account.username} {mailbox.login_failures} times: {error}"
    return _hold(f"{detail}. Polling has stopped so that the account is not locked.")


@dataclass(frozen=True)
class _Known:
    """What the rows said when the step began."""

    mailbox_id: int
    uidvalidity: int | None
    last_uid: int
    reconciled_at: datetime | None
    has_unsettled: bool
    tries: int  # this one included, without progress


def _known(session: Session, mailbox: Mailbox) -> _Known:
    validity = mailbox.uidvalidity
    return _Known(
        mailbox.id,
        validity,
        mailbox.last_uid,
        mailbox.reconciled_at,
        validity is not None and bool(ledger.unsettled(session, mailbox.id, validity, 1)),
        mailbox.attempts,
    )


@dataclass
class _Visit:
    """One visit. Between two yields it talks either to the server or to the database, never to both."""

    session: Session
    line: Line
    known: _Known
    blobs: Blobs
    clock: Callable[[], datetime]
    saw_all: bool = False
    uidvalidity: int = field(init=False, default=0)

    def run(self) -> Visiting:
        folder = self.line.folder
        self.uidvalidity, last_uid = folder.uidvalidity, self.known.last_uid
        if self._keys_are_lost(folder):
            yield from self._start_over()
            last_uid = 0
        found = folder.uids(above=last_uid)
        if not self.saw_all and self._is_reconcile_due():
            found = yield from self._reconcile(folder)
        if found and (self.saw_all or not self.known.last_uid):
            yield from self._recognise(folder, found)
        if found:
            found = ledger.unknown_uids(self.session, self.known.mailbox_id, self.uidvalidity, found)
            yield Keep()
            yield from self._take(found)
        if self.saw_all:
            ledger.settle_absent(self.session, self.known.mailbox_id, self.uidvalidity)
            self._mailbox().reconciled_at = self.clock()
            yield Keep()
        if self.line.account.move_to and (found or self.known.has_unsettled):
            yield from self._move(self.line.account.move_to)

    def _keys_are_lost(self, folder: Folder) -> bool:
        """Return whether the UIDs known so far name other mail now, or this is the first visit.

        A UIDNEXT at or below a known UID says so, unless it is stale and the server lists more.
        """
        if self.known.uidvalidity != folder.uidvalidity:
            return True
        if folder.uid_next is None or folder.uid_next > self.known.last_uid:
            return False
        return not folder.uids(above=folder.uid_next - 1)

    def _start_over(self) -> Visiting:
        """Look at the whole folder again; mail that has a row is recognised by its bytes."""
        if self.known.uidvalidity == self.uidvalidity:
            log.warning("mailbox %s: the server reuses UIDs", self.known.mailbox_id)
            ledger.forget_keys(self.session, self.known.mailbox_id, self.uidvalidity)
        elif self.known.uidvalidity is not None:
            log.warning("mailbox %s: UIDVALIDITY changed, all mail is compared", self.known.mailbox_id)
        mailbox = self._mailbox()
        mailbox.uidvalidity, mailbox.last_uid = self.uidvalidity, 0
        mailbox.reconciled_at = None  # if this visit dies, the next one looks at the whole folder all the same
        self.saw_all = True
        yield Keep()

    def _recognise(self, folder: Folder, uids: Sequence[int]) -> Visiting:
        """Give mail that is kept, and lost its key, the key it has now, without fetching its body again."""
        stays = not self.line.account.move_to
        box, validity = self.known.mailbox_id, self.uidvalidity
        for start in range(0, len(uids), ledger.LOOKUP):
            some = ledger.unknown_uids(self.session, box, validity, uids[start : start + ledger.LOOKUP])
            yield Keep()
            times = folder.times(some)
            kept = ledger.without_key(self.session, box, validity, list(times.values()))
            yield Keep()
            if not kept:
                continue
            alike = {mail.received_at for mail in kept}
            found = folder.outlines([uid for uid in some if times.get(uid) in alike])
            sizes = {one.size for one in found}
            heads = {mail.sha256: self.blobs.get(mail.sha256) for mail in kept if mail.size in sizes}
            ledger.rekey(self.session, box, validity, recognised(found, kept, heads), stays)
            yield Keep()

    def _mailbox(self) -> Mailbox:
        return self.session.get_one(Mailbox, self.known.mailbox_id)

    def _is_reconcile_due(self) -> bool:
        done = self.known.reconciled_at
        return done is None or self.clock() - done >= RECONCILE_EVERY

    def _reconcile(self, folder: Folder) -> Generator[Done | Keep, None, list[int]]:
        """Return every UID of the folder; rows whose UID names another mail now lose their key."""
        found = folder.uids()
        for start in range(0, len(found), ledger.LOOKUP):
            times = folder.times(found[start : start + ledger.LOOKUP])
            wrong = ledger.received_otherwise(self.session, self.known.mailbox_id, self.uidvalidity, times)
            if wrong:
                log.warning("mailbox %s: UIDs %s name other mail now", self.known.mailbox_id, wrong)
                ledger.forget_keys(self.session, self.known.mailbox_id, self.uidvalidity, wrong)
            yield Keep()
        self.saw_all = True
        return found

    def _take(self, uids: Sequence[int]) -> Visiting:
        """Keep and enter the mails of ``uids`` (ascending) batch by batch."""
        for batch in self._batches(uids):
            self._enter(batch, self._kept(batch))
            yield Keep()

    def _batches(self, uids: Sequence[int]) -> Iterator[Batch]:
        largest = self.line.account.largest_mail
        if self.known.tries >= CAREFUL_AFTER:
            return one_by_one(self.line, uids, largest)
        return batches(self.line, uids, largest)

    def _kept(self, batch: Batch) -> list[ledger.Arrival]:
        """Keep the bytes of a batch as blobs; no transaction is open meanwhile."""
        now = self.clock()
        arrivals = [
            ledger.Arrival(
                mail.uid, self.blobs.put(mail.data), len(mail.data), mail.received_at or now, gmail_id=mail.gmail_id
            )
            for mail in batch.mails
        ]
        return arrivals + [
            ledger.Arrival(one.uid, self.blobs.put(one.head), one.size, one.received_at or now, one.problem)
            for one in batch.left
        ]

    def _enter(self, batch: Batch, arrivals: Sequence[ledger.Arrival]) -> None:
        stays = not self.line.account.move_to
        before = ledger.enter(self.session, self.known.mailbox_id, self.uidvalidity, arrivals, stays)
        mailbox = self._mailbox()
        accepted = len(batch.uids) - len(batch.gone) - before
        mailbox.server_messages = (mailbox.server_messages or 0) + accepted
        mailbox.last_uid = max(mailbox.last_uid, batch.uids[-1])
        mailbox.attempts = 1  # progress: a failure after it is another one
        mailbox.last_contact_at = now = self.clock()
        if arrivals:  # a server may claim any time: one that is still to come is no reason to be calm
            latest = min(now, max(one.received_at for one in arrivals))
            mailbox.last_mail_at = max(latest, mailbox.last_mail_at or latest)
        if batch.gone:
            log.info("mailbox %s: UIDs %s left before they were read", mailbox.id, sorted(batch.gone))

    def _move(self, target: str) -> Visiting:
        """Move what is entered out of the folder, batch by batch, until nothing is left or nothing moves."""
        if not can_move(self.line.server):
            log.warning("mailbox %s: the server cannot move mail safely", self.known.mailbox_id)
            return
        folder, name = self.line.writable(), self.line.server.folder_name(target)
        while True:
            rows = ledger.unsettled(self.session, self.known.mailbox_id, self.uidvalidity, MOVED_AT_ONCE)
            yield Keep()
            if not rows:
                return
            remaining = folder.move([uid for _, uid in rows], name)
            moved = [row_id for row_id, uid in rows if uid not in remaining]
            ledger.settle(self.session, moved)
            yield Keep()
            if not moved:
                return
