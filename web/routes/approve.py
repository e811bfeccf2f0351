"""Approving: by login what waits for oneself, by the link of a mail one request, with a code mailed on demand.

To look changes nothing, and no form is done by sending it as it came: a decision has to be chosen, and on the
page of a link the code has to be typed.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from records.tables import Person
from web.access import Here, Role, everybody, proven
from web.desk import approvals
from web.desk.refused import CommandError
from web.pages import at, go, page
from web.place import place_of

router = APIRouter()
Approver = Annotated[Here, Depends(proven(Role.APPROVER))]
Text = Annotated[str, Form()]
DECISIONS = (("approved", "Approve"), ("rejected", "Reject"), ("question", "Ask a question"))


@router.get("/o/{organisation}/approve")
def waiting(request: Request, here: Approver) -> Response:
    """Show what waits for the visitor's own decision."""
    with here.place.database.read() as session:
        person = _person(session, here)
        found = approvals.pending(session, person) if person else []
    return page(request, "approve_list.html", found=found)


@router.get("/o/{organisation}/approve/{number}")
def show(request: Request, here: Approver, number: int) -> Response:
    """Show one request whole."""
    with here.place.database.read() as session:
        try:
            view = approvals.view(session, number, _known(session, here), here.place.clock())
        except CommandError as error:
            raise HTTPException(404) from error
    return page(request, "approve.html", **_shown(view, at(here, f"approve/{number}"), by_link=False))


@router.post("/o/{organisation}/approve/{number}")
def decide(here: Approver, number: int, decision: Text = "", reason: Text = "", revision: Text = "") -> Response:
    """Record a decision of the visitor."""
    with here.place.database.session() as session:
        person = _known(session, here)
        _chosen(decision)
        approvals.decide(session, number, person, decision, reason, revision, here.place.clock())
    return go(at(here, "approve"))


@router.get("/a/{token}", dependencies=[Depends(everybody)])
def show_by_link(request: Request, token: str) -> Response:
    """Show the request that a link of a mail leads to."""
    place = place_of(request)
    with place.database.read() as session:
        try:
            view = approvals.view_by_token(session, token, place.clock())
        except CommandError as error:
            return page(request, "refused.html", status=404, sentence=str(error))
    return page(request, "approve.html", **_shown(view, f"/a/{token}", by_link=True))


@router.post("/a/{token}", dependencies=[Depends(everybody)])
def decide_by_link(
    request: Request, token: str, decision: Text = "", reason: Text = "", revision: Text = "", code: Text = ""
) -> Response:
    """Mail a code where none is given yet; with the code, record the decision."""
    place, now = place_of(request), place_of(request).clock()
    _chosen(decision)
    told = None
    with place.database.session() as session:
        view = approvals.view_by_token(session, token, now)
        if code.strip():
            told = approvals.decide_by_code(session, token, code.strip()[:20], decision, reason, revision, now)
        else:
            approvals.request_code(session, token, now)
    if code.strip() and told is None:
        return page(request, "done.html", title="Thank you", sentence="Your decision was recorded.")
    sentence = told or "A code is on its way to your mail address. Type it below to confirm that it is you."
    values = _shown(view, f"/a/{token}", by_link=True) | {"decision": decision, "reason": reason}
    return page(request, "approve.html", status=422 if told else 200, **values | {"sentence": sentence, "mailed": True})


def _shown(view: approvals.View, action: str, *, by_link: bool) -> dict[str, Any]:
    choices = DECISIONS if view.by_email or not by_link else DECISIONS[1:]
    values: dict[str, Any] = {"view": view, "asked": view.values, "action": action, "choices": choices}
    return values | {"by_link": by_link, "decision": "", "reason": "", "sentence": "", "mailed": False}


def _chosen(decision: str) -> None:
    if decision not in dict(DECISIONS):
        raise CommandError("Choose what you decide: approve, reject, or ask a question.")


def _person(session: Session, here: Here) -> Person | None:
    """Return the person of the organisation whose address the visitor signs in with."""
    found = select(Person).where(
        Person.organisation_id == here.organisation_id, Person.email == here.visitor.email, Person.active
    )
    return session.scalars(found).one_or_none()


def _known(session: Session, here: Here) -> Person:
    person = _person(session, here)
    if person is None:
        raise HTTPException(404)
    return person
