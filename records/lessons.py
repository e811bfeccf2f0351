"""Lessons of a sender: found by an index, kept once, forgotten without losing their history."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from records.audit import record
from records.base import utc_now
from records.tables.learning import Lesson
from records.tables.mail import Message
from records.tables.organisation import Organisation

LAYOUT_KINDS = ("column", "label", "number", "dates")
ALIAS_KINDS = ("item", "unit")
MOST = 500  # lessons of one sender that are looked at
LONGEST_KEY = 200  # characters


def senders_of(address: str) -> tuple[str, str]:
    """Return what a lesson for ``address`` may be kept under: the address, and "@" with its domain."""
    return address, f"@{address.rpartition('@')[2]}"


def lessons_of(session: Session, message: Message | None, kinds: Collection[str]) -> list[Lesson]:
    """Return the active lessons of whoever proved to have sent ``message``, those of the very address last.

    A sender who is not proven has none: nobody profits from what was learned of another.
    """
    if message is None or not message.authenticated or not message.sender_address:
        return []
    found = (
        select(Lesson)
        .where(
            Lesson.organisation_id == message.organisation_id,
            Lesson.sender.in_(senders_of(message.sender_address)),
            Lesson.active,
            Lesson.kind.in_(kinds),
        )
        .order_by(Lesson.learned_at.desc())  # by id, SQLite would walk all of the organisation's
        .limit(MOST)
    )
    return sorted(session.scalars(found), key=lambda one: (not one.sender.startswith("@"), one.id))


def count_use(session: Session, ids: Iterable[int], now: datetime) -> None:
    """Count each of the lessons ``ids`` as used once more."""
    if wanted := sorted(set(ids)):
        session.execute(update(Lesson).where(Lesson.id.in_(wanted)).values(used=Lesson.used + 1, last_used_at=now))


def keep(session: Session, lesson: Lesson) -> Lesson:
    """Keep ``lesson`` and return it, or the equal one that is known; one that it contradicts is forgotten."""
    session.execute(select(Organisation.id).where(Organisation.id == lesson.organisation_id).with_for_update())
    known = session.scalars(
        select(Lesson).where(
            Lesson.organisation_id == lesson.organisation_id,
            Lesson.sender == lesson.sender,
            Lesson.layout == lesson.layout,
            Lesson.kind == lesson.kind,
            Lesson.key == lesson.key,
            Lesson.active,
        )
    ).one_or_none()
    if known and known.value == lesson.value:
        return known
    if known:
        forget(session, known, lesson.learned_by)
        session.flush()
    session.add(lesson)
    session.flush()
    told = {name: getattr(lesson, name) for name in ("sender", "layout", "kind", "key", "value", "exception_id")}
    record(session, lesson, "learned", lesson.learned_by, **told)
    return lesson


def forget(session: Session, lesson: Lesson, by: str) -> None:
    """Let ``lesson`` no longer be used; who did that stands in the audit chain."""
    lesson.active, lesson.forgotten_by, lesson.forgotten_at = False, by, utc_now()
    record(session, lesson, "forgotten", by, sender=lesson.sender, kind=lesson.kind, key=lesson.key)


def sentence(lesson: Lesson) -> str:
    """Return what the lesson says and where it comes from, for people."""
    origin = f"exception {lesson.exception_id}" if lesson.exception_id else lesson.learned_by
    meaning = lesson.value.replace("_", " ")
    told = f"{lesson.kind} “{lesson.shown}” is {meaning}" if lesson.shown else f"{lesson.kind}: {meaning}"
    return f"lesson {lesson.id}: {told}; learned from {origin} on {lesson.learned_at:%Y-%m-%d}"
