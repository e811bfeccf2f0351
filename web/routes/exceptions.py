"""The exception queue: the list, filtered and in order of urgency; "next" takes the most urgent one."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from records.tables import ExceptionItem, Lesson
from web.access import DESK, READS_ALL, Here, Visitor, allowed, signed_in
from web.desk import lease
from web.desk.clearing import may_undo
from web.desk.queue import OWNERS, Wanted, codes, waiting
from web.desk.refused import CommandError
from web.pages import at, go, page
from web.place import Place, place_of

router = APIRouter()
Reader = Annotated[Here, Depends(allowed(*READS_ALL))]
Worker = Annotated[Here, Depends(allowed(*DESK))]
SignedIn = Annotated[Visitor, Depends(signed_in)]
LONGEST = 20  # digits of a filter


class Filter:
    """What the head of the list asks for, as a dependency of its routes; empty means all."""

    def __init__(
        self,
        code: Annotated[str, Query(max_length=40)] = "",
        owner: Annotated[str, Query(max_length=20)] = "",
        hours: Annotated[str, Query(max_length=LONGEST)] = "",
        stake: Annotated[str, Query(max_length=LONGEST)] = "",
        postponed: bool = False,
        after: Annotated[str, Query(max_length=80)] = "",
    ) -> None:
        self.code, self.owner, self.hours, self.stake = code, owner, hours, stake
        self.postponed, self.after = postponed, after

    def wanted(self, place: Place) -> Wanted:
        """Return what the queue is asked for."""
        hours = _whole(self.hours, "The age")
        before = place.clock() - timedelta(hours=min(hours, 1_000_000)) if hours is not None else None
        stake = _whole(self.stake, "The money at stake")
        return Wanted(self.code, self.owner, before, stake, self.postponed, self.after)


Filtered = Annotated[Filter, Depends()]


@router.get("/o/{organisation}/exceptions")
def queue(request: Request, here: Reader, asked: Filtered, done: int | None = None) -> Response:
    """Show the queue of one organisation, and what was done last."""
    with here.place.database.read() as session:
        shown = waiting(session, [here.organisation_id], asked.wanted(here.place), here.place.clock())
        last = _last(session, here, done)
        lessons = _lessons(session, here, done) if last is not None else []
    undo = last is not None and may_undo(last, here.place.clock())
    values: dict[str, Any] = {"asked": asked, "rows": shown.rows, "after": shown.after}
    return page(
        request,
        "exceptions.html",
        **values,
        codes=codes(),
        owners=OWNERS,
        base=at(here, "exceptions"),
        slugs={here.organisation_id: here.member.slug},
        names={},
        last=last,
        undo=undo,
        lessons=lessons,
        may_work=here.may(*DESK),
    )


@router.post("/o/{organisation}/exceptions/next")
def take_next(here: Worker, code: Annotated[str, Form()] = "", owner: Annotated[str, Form()] = "") -> Response:
    """Take the most urgent exception of the organisation."""
    wanted = Wanted(code=code, owner=owner)
    with here.place.database.session() as session:
        item = lease.take_next(session, [here.organisation_id], wanted, here.by, here.place.clock())
        taken = f"exceptions/{item.id}" if item else "exceptions"
    return go(at(here, taken))


@router.get("/exceptions")
def whole_queue(request: Request, visitor: SignedIn, asked: Filtered) -> Response:
    """Show the queue of all organisations that were granted."""
    place = place_of(request)
    slugs = {one.organisation_id: one.slug for one in visitor.memberships.values() if one.roles & set(READS_ALL)}
    names = {one.organisation_id: one.name for one in visitor.memberships.values()}
    with place.database.read() as session:
        shown = waiting(session, list(slugs), asked.wanted(place), place.clock())
    values: dict[str, Any] = {"asked": asked, "rows": shown.rows, "after": shown.after}
    may_work = bool(_workplaces(visitor))
    return page(
        request,
        "exceptions.html",
        **values,
        codes=codes(),
        owners=OWNERS,
        base="/exceptions",
        slugs=slugs,
        names=names,
        last=None,
        undo=False,
        lessons=[],
        may_work=may_work,
    )


@router.post("/exceptions/next")
def take_next_of_all(
    request: Request, visitor: SignedIn, code: Annotated[str, Form()] = "", owner: Annotated[str, Form()] = ""
) -> Response:
    """Take the most urgent exception of all organisations in which the visitor works."""
    place, slugs = place_of(request), _workplaces(visitor)
    wanted = Wanted(code=code, owner=owner)
    with place.database.session() as session:
        item = lease.take_next(session, list(slugs), wanted, visitor.email, place.clock())
        taken = f"/o/{slugs[item.organisation_id]}/exceptions/{item.id}" if item else "/exceptions"
    return go(taken)


def _workplaces(visitor: Visitor) -> dict[int, str]:
    return {one.organisation_id: one.slug for one in visitor.memberships.values() if one.roles & set(DESK)}


def _last(session: Session, here: Here, done: int | None) -> ExceptionItem | None:
    item = session.get(ExceptionItem, done) if done is not None and 0 < done < 2**63 else None
    return item if item is not None and item.organisation_id == here.organisation_id else None


def _lessons(session: Session, here: Here, done: int | None) -> list[Lesson]:
    query = select(Lesson).where(Lesson.organisation_id == here.organisation_id, Lesson.exception_id == done)
    return list(session.scalars(query.where(Lesson.active).limit(10)))


def _whole(text: str, what: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise CommandError(f"{what} is a whole number.")
    return int(text)
