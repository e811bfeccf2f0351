"""The names that the proven sender of a message has for items and units."""

from sqlalchemy.orm import Session

from procurement.aliases import Alias
from records.lessons import ALIAS_KINDS, lessons_of, sentence
from records.tables import Message


def aliases_of(session: Session, message_id: int | None) -> list[Alias]:
    """Return what was learned of the sender of the message; those of the very address come last and win."""
    message = session.get(Message, message_id) if message_id else None
    return [
        Alias(lesson.kind, lesson.key, lesson.value, sentence(lesson), lesson.id)
        for lesson in lessons_of(session, message, ALIAS_KINDS)
    ]
