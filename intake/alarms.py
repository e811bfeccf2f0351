"""When an operator must be told about a mail server: what the rows say goes in, alarms come out.

A mailbox is unreachable when nobody reached it for longer than it allows, and silent when it is reached but
no mail came for unusually long: twice the longest gap of the last sixty days, at least a day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

STOPPED, UNREACHABLE, SILENT, EXPIRING, RELAY = "stopped", "unreachable", "silent", "expiring", "relay_stopped"

LEARN_FROM = timedelta(days=60)
LEARN_MAILS, LEARN_DAYS = 20, 14  # fewer mails, or fewer days between the first and the last, teach nothing
SHORTEST_SILENCE = timedelta(days=1)
COUNTDOWN = (1, 7, 30)  # days before its last day at which a credential alarms


@dataclass(frozen=True)
class Watched:
    """A mailbox, or a relay (which has no contact of its own), as it stands.

    ``since`` is when it came into being. ``stopped`` says why nothing is done with it any more. ``quiet_after``
    None: silence never alarms. ``expires`` is the last day of what it signs in with.
    """

    about: str  # e.g. mailbox purchasing
    table: str
    row_id: int
    since: datetime
    last_contact_at: datetime | None = None
    last_mail_at: datetime | None = None
    stopped: str | None = None
    unreachable_after: timedelta | None = None
    quiet_after: timedelta | None = None
    expires: date | None = None


@dataclass(frozen=True)
class Alarm:
    """One thing that an operator must know; ``key`` names it, ``detail`` is a sentence that says what to do."""

    kind: str
    key: str
    about: str
    detail: str
    table: str
    row_id: int
    urgent: bool = True

    @property
    def has_own_exception(self) -> bool:
        """Return whether an exception item is opened for it: what was stopped has one already."""
        return self.kind not in (STOPPED, RELAY)


def alarms(one: Watched, now: datetime) -> tuple[Alarm, ...]:
    """Return what is wrong with ``one``; a mailbox that is not reached is not called silent as well."""
    found = [_contact(one, now), _expiry(one, now)]
    return tuple(alarm for alarm in found if alarm)


def longest_gap(times: Sequence[datetime]) -> timedelta | None:
    """Return the longest time between two mails of ``times`` (ascending); None: too few to learn from.

    >>> start = datetime(2026, 1, 1)
    >>> longest_gap([start + timedelta(days=day) for day in range(20)])
    datetime.timedelta(days=1)
    """
    if len(times) < LEARN_MAILS or times[-1] - times[0] < timedelta(days=LEARN_DAYS):
        return None
    return max(later - earlier for earlier, later in pairwise(times))


def learned_quiet(usual: timedelta | None) -> timedelta | None:
    """Return after which silence to alarm where the longest gap of late was ``usual``."""
    return None if usual is None else max(SHORTEST_SILENCE, 2 * usual)


def _contact(one: Watched, now: datetime) -> Alarm | None:
    if one.stopped:
        return _alarm(one, STOPPED if one.table == "mailbox" else RELAY, one.stopped)
    reached = one.last_contact_at or one.since
    if one.unreachable_after and now - reached > one.unreachable_after:
        detail = f"The {one.about} has not been reached for {told(now - reached)}. Mail waits on the server."
        return _alarm(one, UNREACHABLE, f"{detail} See what `buydesk mailbox check` says.")
    if one.quiet_after and one.last_mail_at and now - one.last_mail_at > one.quiet_after:
        detail = (
            f"The {one.about} is reached, but no mail has come for {told(now - one.last_mail_at)}, and more than "
            f"{told(one.quiet_after)} is unusual. See whether mail is still delivered or forwarded to it."
        )
        return _alarm(one, SILENT, detail)
    return None


def _expiry(one: Watched, now: datetime) -> Alarm | None:
    if one.expires is None:
        return None
    left = (one.expires - now.date()).days
    level = next((days for days in COUNTDOWN if left <= days), None)
    if level is None:
        return None
    detail = f"What the {one.about} signs in with {ends(one.expires, now)}. Renew it before, and load the folder again."
    return _alarm(one, EXPIRING, detail, f"-{level}", urgent=level < COUNTDOWN[-1])


def ends(expires: date, now: datetime) -> str:
    """Return the countdown in words.

    >>> ends(date(2026, 5, 2), datetime(2026, 5, 1))
    'ends in 1 day, on 2026-05-02'
    """
    left = (expires - now.date()).days
    if left < 0:
        return f"ended on {expires}"
    when = f"in {_many(left, 'day')}" if left else "today"
    return f"ends {when}, on {expires}"


def _alarm(one: Watched, kind: str, detail: str, level: str = "", *, urgent: bool = True) -> Alarm:
    return Alarm(kind, f"{kind}{level}:{one.table}:{one.row_id}", one.about, detail, one.table, one.row_id, urgent)


def told(span: timedelta) -> str:
    """Return a time span in its largest whole unit.

    >>> told(timedelta(hours=50)), told(timedelta(minutes=61)), told(timedelta(seconds=90))
    ('2 days', '1 hour', '1 minute')
    """
    minutes = int(span.total_seconds()) // 60
    for size, unit in ((1440, "day"), (60, "hour")):
        if minutes >= size:
            return _many(minutes // size, unit)
    return _many(minutes, "minute")


def _many(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
