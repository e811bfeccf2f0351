"""Asking the requester: one mail with every question about a request, at most a few times."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from procurement.courtesy import MOST_QUESTIONS
from procurement.known import Facts
from procurement.questions import questions
from procurement.stated import Stated
from procurement.steps.notices import answer_mail
from records.problems import Problem
from records.tables import Message, Notice, Requisition

KIND = "requisition_question"


def ask_requester(
    session: Session,
    requisition: Requisition,
    said: Stated,
    problems: Sequence[Problem],
    facts: Facts,
    now: datetime,
) -> bool:
    """Ask the requester by mail for what is missing; return whether only their answer is waited for.

    False where an agent is needed as well: for what a requester cannot settle, after too many questions, or
    where no mail may go out. What was asked is asked anew only once they have answered.
    """
    asked, settles = questions(said, problems, (line.candidates for line in facts.lines))
    message = _latest_message(session, requisition)
    if not asked or message is None:
        return False
    told = [question.as_dict() for question in asked]
    places = {question.at for question in asked}
    before = _asked_before(session, requisition)
    if before and before[-1].details["message"] == message.id:
        return settles and before[-1].state != "suppressed" and places <= _places(before[-1])
    if len(before) >= MOST_QUESTIONS or any(places <= _places(notice) for notice in before):
        return False  # an answer was not understood: asking the same again helps nobody
    key = f"question:{requisition.id}:{message.id}"
    notice = answer_mail(session, requisition, KIND, message, key, now=now, questions=told)
    return settles and notice.state != "suppressed"


def _asked_before(session: Session, requisition: Requisition) -> list[Notice]:
    about = Notice.subject_table == requisition.__tablename__, Notice.subject_id == requisition.id
    return list(session.scalars(select(Notice).where(*about, Notice.kind == KIND).order_by(Notice.id)))


def _places(notice: Notice) -> set[str]:
    return {question["at"] for question in notice.details["questions"]}


def _latest_message(session: Session, requisition: Requisition) -> Message | None:
    """Return the newest mail of the requester that was taken up into the requisition."""
    newest = select(func.max(Message.id)).where(
        Message.requisition_id == requisition.id,
        Message.organisation_id == requisition.organisation_id,
        Message.person_id == requisition.requester_id,
        Message.state == "filed",
    )
    return session.scalars(select(Message).where(Message.id == newest.scalar_subquery())).first()
