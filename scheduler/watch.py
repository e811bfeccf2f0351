"""Watching over the mail servers: alarms are raised once, told to an operator, and end by themselves.

``present`` only looks; ``watch`` is a job of the clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch.smtp_relay import RelayError, relay_from
from intake.alarms import LEARN_FROM, RELAY, Alarm, Watched, alarms, learned_quiet, longest_gap
from intake.mailbox import Account, AccountError, account_from
from intake.tokens import last_day
from procurement.steps.notices import notify
from records import exceptions
from records.audit import record
from records.problems import Code, Problem
from records.tables import Alarm as AlarmRow
from records.tables import ExceptionItem, Mailbox, Message, Notice, Organisation, Relay

LEARN_EVERY = timedelta(days=1)
MOST_AN_HOUR = 6  # mails about alarms to one operator
MAIL = "operator_alarm"
STEP = "watch"


@dataclass(frozen=True)
class Place:
    """What is watched, and whose it is."""

    organisation_id: int
    watched: Watched


def places(session: Session, organisation_id: int | None = None) -> list[Place]:
    """Return every mailbox that is polled and every relay, of one organisation or of all."""
    boxes = select(Mailbox).where(Mailbox.state == "active").order_by(Mailbox.id)
    owners = select(Organisation).order_by(Organisation.id)
    if organisation_id is not None:
        boxes = boxes.where(Mailbox.organisation_id == organisation_id)
        owners = owners.where(Organisation.id == organisation_id)
    found = [Place(box.organisation_id, watched_mailbox(session, box)) for box in session.scalars(boxes)]
    return found + [Place(one.id, _relay(session, one)) for one in session.scalars(owners)]


def present(session: Session, now: datetime, organisation_id: int | None = None) -> list[tuple[int, Alarm]]:
    """Return the alarms of this moment, each with its organisation's id."""
    found = places(session, organisation_id)
    return [(place.organisation_id, alarm) for place in found for alarm in alarms(place.watched, now)]


def watch(session: Session, now: datetime) -> None:
    """Learn what mailboxes are used to, raise alarms that are new, and end those that are over. The caller commits."""
    for box in session.scalars(select(Mailbox).where(Mailbox.state == "active")):
        if box.learned_at is None or now - box.learned_at >= LEARN_EVERY:
            _learn(session, box, now)
    now_raised = {(owner, alarm.key): alarm for owner, alarm in present(session, now)}
    before = {
        (row.organisation_id, row.key): row
        for row in session.scalars(select(AlarmRow).where(AlarmRow.state == "raised"))
    }
    for row in before.values():
        row.due_at = None  # no step works on it, also where a person released its exception
    for key in before.keys() - now_raised.keys():
        _end(session, before[key], now)
    for (owner, _), alarm in now_raised.items():
        if (owner, alarm.key) not in before:
            _raise(session, owner, alarm, now)


def watched_mailbox(session: Session, box: Mailbox) -> Watched:
    """Return how ``box`` stands."""
    account = _account(box)
    usual = timedelta(seconds=box.usual_silence) if box.usual_silence else None
    quiet, unreachable = learned_quiet(usual), timedelta(minutes=30)
    if account:
        unreachable = timedelta(seconds=max(account.unreachable_minutes * 60, 3 * account.poll_seconds))
        if account.quiet_hours is not None:
            quiet = timedelta(hours=account.quiet_hours) or None
    return Watched(
        about=f"mailbox {box.name}",
        table="mailbox",
        row_id=box.id,
        since=box.created_at,
        last_contact_at=box.last_contact_at,
        last_mail_at=box.last_mail_at,
        stopped=_stopped(session, box) if box.due_at is None else None,
        unreachable_after=unreachable,
        quiet_after=quiet,
        expires=last_day(account.oauth) if account and account.oauth else None,
    )


def _account(box: Mailbox) -> Account | None:
    try:
        return account_from(box.config)
    except AccountError:
        return None  # the poll has told so


def _relay(session: Session, organisation: Organisation) -> Watched:
    row = session.scalars(select(Relay).where(Relay.organisation_id == organisation.id)).one_or_none()
    try:
        oauth = relay_from(organisation.smtp).oauth
    except RelayError:
        oauth = None
    return Watched(
        about=f"mail relay of {organisation.slug}",
        table="organisation",
        row_id=organisation.id,
        since=organisation.created_at,
        stopped=_stopped(session, row) if row and row.state == "stopped" else None,
        expires=last_day(oauth) if oauth else None,
    )


def _stopped(session: Session, row: Mailbox | Relay) -> str:
    """Return why nothing is done with ``row`` any more, as its exception says."""
    item = exceptions.open_item(session, row)
    return str(item.problems[0]["detail"]) if item else "It was stopped, and no exception says why. Start it again."


def _learn(session: Session, box: Mailbox, now: datetime) -> None:
    received = select(Message.received_at).where(Message.mailbox_id == box.id, Message.received_at > now - LEARN_FROM)
    times = list(session.scalars(received.order_by(Message.received_at)))
    gap = longest_gap(times)
    box.usual_silence = int(gap.total_seconds()) if gap else None
    box.learned_at = now
    if times and box.last_mail_at is None:
        box.last_mail_at = min(now, times[-1])


def _raise(session: Session, organisation_id: int, alarm: Alarm, now: datetime) -> None:
    row = AlarmRow(
        organisation_id=organisation_id,
        state="raised",
        due_at=None,
        created_at=now,
        kind=alarm.kind,
        key=alarm.key,
        about=alarm.about,
        detail=alarm.detail,
        about_table=alarm.table,
        about_id=alarm.row_id,
    )
    session.add(row)
    session.flush()
    record(session, row, "alarm_raised", f"step:{STEP}", about=alarm.about, what=alarm.detail)
    if alarm.has_own_exception and not _has_exception(session, alarm):
        exceptions.hold(session, row, STEP, (Problem(Code.MAIL_SERVER, alarm.detail),), "operator")
    for address in _operators(session, organisation_id, alarm, now):
        notify(session, row, MAIL, address, f"alarm:{row.id}", at=now)


def _has_exception(session: Session, alarm: Alarm) -> bool:
    """Return whether an exception tells of the same mailbox already, e.g. that the poll gave up."""
    found = select(ExceptionItem.id).where(
        ExceptionItem.subject_table == alarm.table,
        ExceptionItem.subject_id == alarm.row_id,
        ExceptionItem.state.in_(exceptions.OPEN_STATES),
    )
    return session.scalars(found).first() is not None


def _operators(session: Session, organisation_id: int, alarm: Alarm, now: datetime) -> Iterator[str]:
    """Yield who is written to: nobody about a relay that takes no mail, and nobody too often."""
    address = session.get_one(Organisation, organisation_id).operator_email
    if address is None or alarm.kind == RELAY:
        return
    lately = select(func.count()).where(
        Notice.organisation_id == organisation_id,
        Notice.kind == MAIL,
        Notice.created_at > now - timedelta(hours=1),
    )
    if session.scalars(lately).one() < MOST_AN_HOUR:
        yield address


def _end(session: Session, row: AlarmRow, now: datetime) -> None:
    row.state, row.over_at, row.due_at = "over", now, None
    record(session, row, "alarm_over", f"step:{STEP}", about=row.about)
    if item := exceptions.open_item(session, row):
        exceptions.resolve(session, item, f"step:{STEP}", "it is over")
