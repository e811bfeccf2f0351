"""One exception: the screen on which it is cleared, and everything that can be done with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from parsers.child import learn_in_child, prove_in_child, read_in_child
from parsers.lexicon import columns
from procurement.stated import CorrectionError, check_correction
from records.exceptions import OPEN_STATES
from records.tables import ExceptionItem
from templates.web_page import web_page
from web.access import DESK, READS_ALL, Here, allowed
from web.desk import clearing, lease, resolution
from web.desk.candidates import candidates
from web.desk.item_view import changed, view_of
from web.desk.learning import learn_from
from web.desk.queue import OWNERS
from web.desk.teaching import meanings, teach
from web.mail_text import mail_text
from web.pages import at, go, page

router = APIRouter(prefix="/o/{organisation}/exceptions/{number}")
Reader = Annotated[Here, Depends(allowed(*READS_ALL))]
Worker = Annotated[Here, Depends(allowed(*DESK))]
Words = Annotated[str, Form(max_length=4000)]
PREFIX = "at:"  # of the form's fields that hold values


@router.get("")
def screen(request: Request, here: Reader, number: int) -> Response:
    """Show an exception with everything in sight."""
    now = here.place.clock()
    with here.place.database.read() as session:
        item = found(session, here, number)
        view = view_of(session, item)
        mail = mail_text(here.place.blobs, view.message, view.evidence) if view.message else None
        documents = list(view.message.documents) if view.message else []
        values: dict[str, Any] = {
            "item": item,
            "view": view,
            "candidates": candidates(session, here.organisation_id, view),
            "mail": mail,
            "answers": [(one, mail_text(here.place.blobs, one, {})) for one in view.answers],
            "documents": documents,
            "asked": clearing.sender_of(session, item),
        }
    is_open, held = item.state in OPEN_STATES, lease.is_held(item, now)
    mine = held and item.lease_by == here.by
    return page(
        request,
        "exception.html",
        **values,
        base=at(here, f"exceptions/{number}"),
        queue=at(here, "exceptions"),
        is_open=is_open,
        mine=mine,
        held_by=item.lease_by if held and not mine else None,
        lease=item.lease_id if mine else "",
        may_work=here.may(*DESK),
        late=item.due_by < now,
        owners=[owner for owner in OWNERS if owner != item.owner],
        undo=clearing.may_undo(item, now),
        roles=sorted(set(columns().values())),
    )


@router.post("/take")
def take(here: Worker, number: int, over: Annotated[str, Form()] = "") -> Response:
    """Hold the exception; from somebody else only where it is taken over."""
    with acting(here, number) as session:
        lease.take(session, here.organisation_id, number, here.by, here.place.clock(), over=bool(over))
    return go(at(here, f"exceptions/{number}"))


@router.post("/renew")
def renew(here: Worker, number: int, lease_id: Annotated[str, Form(alias="lease")] = "") -> Response:
    """Hold the exception for longer."""
    with acting(here, number) as session:
        lease.renew(session, here.organisation_id, number, lease_id, here.place.clock())
    return Response(status_code=204)


@router.post("/give-back")
def give_back(here: Worker, number: int, lease_id: Annotated[str, Form(alias="lease")] = "") -> Response:
    """Put the exception back into the queue."""
    with acting(here, number) as session:
        lease.give_back(session, here.organisation_id, number, lease_id)
    return go(at(here, "exceptions"))


@router.post("/check")
def check(here: Worker, number: int, at: Annotated[str, Form(alias="check")] = "", value: Words = "") -> Response:
    """Return what is wrong with a value for a field, as a snippet; empty where it will do."""
    with here.place.database.read() as session:
        found(session, here, number)
    sentence = ""
    if at not in resolution.OF_A_MESSAGE:
        try:
            check_correction(at, value.strip())
        except CorrectionError as error:
            sentence = f"{error}."
    return HTMLResponse(web_page("checked.html", {"sentence": sentence}))


@router.post("/correct")
def correct(
    request: Request, here: Worker, number: int, lease_id: Annotated[str, Form(alias="lease")] = ""
) -> Response:
    """Put the values of the form in the place of what was read, and let the step run again."""
    form = request.state.form.items()
    told = {name[len(PREFIX) :]: str(value) for name, value in form if name.startswith(PREFIX)}
    with held(here, number, lease_id) as one:
        values = changed(view_of(one.session, one.item), told)
        if not values:
            resolution.release_mended(one.session, one.item, here.by, "looked at: the values are right as they are")
            return done(here, number)
        corrections = resolution.correct(one.session, one.item, values, here.by)
    learn_from(here.place.database, here.place.blobs, learn_in_child, number, corrections, here.by)
    return done(here, number)


@router.post("/waive")
def waive(
    here: Worker,
    number: int,
    lease_id: Annotated[str, Form(alias="lease")] = "",
    code: Words = "",
    place: Words = "",
    why: Words = "",
) -> Response:
    """Go on in spite of a problem."""
    with held(here, number, lease_id) as one:
        resolution.waive_all(one.session, one.item, code, place, here.by, why)
    return done(here, number)


@router.post("/replay")
def replay(here: Worker, number: int, lease_id: Annotated[str, Form(alias="lease")] = "", why: Words = "") -> Response:
    """Let the same step run again as it is."""
    with held(here, number, lease_id) as one:
        resolution.release_mended(one.session, one.item, here.by, why)
    return done(here, number)


@router.post("/settle")
def settle(here: Worker, number: int, lease_id: Annotated[str, Form(alias="lease")] = "", how: Words = "") -> Response:
    """Say what became of a mail whose delivery failed or is uncertain: it arrived, or it goes out again."""
    if how not in ("arrived", "again"):
        raise HTTPException(400)
    with held(here, number, lease_id) as one:
        resolution.settle_mail(one.session, one.item.subject_id, arrived=how == "arrived", by=here.by)
    return done(here, number)


@router.post("/ask")
def ask(here: Worker, number: int, lease_id: Annotated[str, Form(alias="lease")] = "", words: Words = "") -> Response:
    """Ask who sent it; the exception waits for the answer."""
    with held(here, number, lease_id) as one:
        clearing.ask_sender(one.session, one.item, words, here.by, here.place.clock())
    return done(here, number)


@router.post("/hand")
def hand(
    here: Worker,
    number: int,
    lease_id: Annotated[str, Form(alias="lease")] = "",
    owner: Words = "",
    why: Words = "",
) -> Response:
    """Let somebody else see to it."""
    with held(here, number, lease_id) as one:
        clearing.hand_to(one.session, one.item, owner, why, here.by)
    return done(here, number)


@router.post("/discard")
def discard(here: Worker, number: int, lease_id: Annotated[str, Form(alias="lease")] = "", why: Words = "") -> Response:
    """Do nothing about it, and say why."""
    with held(here, number, lease_id) as one:
        clearing.discard(one.session, one.item, why, here.by)
    return done(here, number)


@router.post("/undo")
def undo(here: Worker, number: int) -> Response:
    """Take a discard back."""
    with acting(here, number) as session:
        item = lease.item_of(session, here.organisation_id, number, lock=True)
        clearing.undo(session, item, here.by, here.place.clock())
    return go(at(here, f"exceptions/{number}"))


@router.post("/teach")
def teach_layout(
    here: Worker,
    number: int,
    lease_id: Annotated[str, Form(alias="lease")] = "",
    label: Words = "",
    meaning: Words = "",
    kind: Words = "column",
) -> Response:
    """Say what a column or label of the document means; it is read again with that at once."""
    with held(here, number, lease_id):
        pair = [f"{label.strip()}={meaning.strip()}"]
    told = meanings(pair if kind == "column" else (), pair if kind != "column" else (), None, None)
    place = here.place
    teach(place.database, place.blobs, read_in_child, prove_in_child, number, told, here.by)
    return done(here, number)


@dataclass(frozen=True)
class Held:
    """An exception that the visitor holds, in the transaction that changes it."""

    session: Session
    item: ExceptionItem


def found(session: Session, here: Here, number: int) -> ExceptionItem:
    """Return an exception of the organisation, or answer 404."""
    if not 0 < number < 2**63:
        raise HTTPException(404)
    try:
        return lease.item_of(session, here.organisation_id, number)
    except LookupError:
        raise HTTPException(404) from None


@contextmanager
def acting(here: Here, number: int) -> Iterator[Session]:
    """Give the transaction in which an exception of the organisation is changed, or answer 404."""
    with here.place.database.session() as session:
        found(session, here, number)
        yield session


@contextmanager
def held(here: Here, number: int, lease_id: str) -> Iterator[Held]:
    """Give an exception that the visitor holds by ``lease_id``."""
    with acting(here, number) as session:
        yield Held(session, lease.held_item(session, here.organisation_id, number, lease_id))


def done(here: Here, number: int) -> Response:
    """Return to the queue, which says what was done."""
    return go(at(here, f"exceptions?done={number}"))
