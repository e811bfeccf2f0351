"""The operator's page: mailboxes, alarms, mails of unknown fate, steps that gave up, what learned lessons say."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from records.lessons import forget as forget_lesson
from records.lessons import sentence
from records.tables import Alarm, ExceptionItem, Lesson, Mailbox, Outbound
from web.access import Here, Role, allowed
from web.desk.accounting import accounts, queues
from web.desk.refused import CommandError
from web.desk.resolution import settle_mail
from web.pages import at, go, page
from web.routes.details import own_row

router = APIRouter(prefix="/o/{organisation}")
OPERATORS = (Role.SUPERVISOR, Role.ADMINISTRATOR)
Reader = Annotated[Here, Depends(allowed(*OPERATORS, Role.AUDITOR))]
Operator = Annotated[Here, Depends(allowed(*OPERATORS))]
UNSENT = ("uncertain", "failed", "bounced", "deferred")
MOST = 100


@router.get("/operations")
def operations(request: Request, here: Reader) -> Response:
    """Show how the desk runs."""
    own = here.organisation_id
    with here.place.database.read() as session:
        values: dict[str, Any] = {
            "accounts": accounts(session, own),
            "mailboxes": _rows(session, Mailbox, Mailbox.organisation_id == own),
            "alarms": _rows(session, Alarm, Alarm.organisation_id == own, Alarm.state == "raised"),
            "queues": queues(session, own),
            "unsent": _rows(session, Outbound, Outbound.organisation_id == own, Outbound.state.in_(UNSENT)),
            "gave_up": _rows(
                session,
                ExceptionItem,
                ExceptionItem.organisation_id == own,
                ExceptionItem.code == "GAVE_UP",
                ExceptionItem.state.in_(("to_review", "reviewing")),
            ),
            "may_act": here.may(*OPERATORS),
        }
        return page(request, "operations.html", **values)


@router.post("/operations/mails/{number}")
def settle(here: Operator, number: int, what: Annotated[str, Form()] = "") -> Response:
    """Say of a mail of unknown fate whether it arrived; one that did not is sent again, marked as the same."""
    if what not in ("arrived", "send_again"):
        raise CommandError("Say whether the mail arrived or is to be sent again.")
    with here.place.database.session() as session:
        own_row(session, here, Outbound, number)
        settle_mail(session, number, arrived=what == "arrived", by=here.by)
    return go(at(here, "operations"))


@router.get("/lessons")
def lessons(request: Request, here: Reader) -> Response:
    """Show what was learned from corrections, newest first."""
    with here.place.database.read() as session:
        found = _rows(session, Lesson, Lesson.organisation_id == here.organisation_id)
        told = [(one, sentence(one)) for one in found]
        return page(request, "lessons.html", lessons=told, may_act=here.may(Role.ADMINISTRATOR))


@router.post("/lessons/{number}/forget")
def forget(
    here: Annotated[Here, Depends(allowed(Role.ADMINISTRATOR))], number: int, sure: Annotated[str, Form()] = ""
) -> Response:
    """Forget a lesson: documents are read without it from now on."""
    if sure != "yes":
        raise CommandError("Tick that you are sure.")
    with here.place.database.session() as session:
        row = own_row(session, here, Lesson, number)
        if not row.active:
            raise CommandError(f"Lesson {number} was forgotten already, by {row.forgotten_by}.")
        forget_lesson(session, row, here.by)
    return go(at(here, "lessons"))


def _rows(session: Session, table: type[Any], *where: Any) -> list[Any]:
    return list(session.scalars(select(table).where(*where).order_by(table.id.desc()).limit(MOST)))
