"""The step ``file``: a matched message becomes the business row that it stands for."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from procurement.approvers import MAY_REQUEST
from procurement.stated import Stated, corrected_match, overlay, stated
from procurement.steps.decide import decide
from procurement.steps.notices import notify
from procurement.steps.numbers import next_requisition_number
from records.audit import record
from records.base import utc_now
from records.exceptions import not_waived
from records.flow import Done, Hold, Outcome
from records.problems import Code, Problem
from records.tables import Message, OrderResponse, Person, PurchaseOrder, Requisition, Waiver


def file(session: Session, message: Message, *, clock: Callable[[], datetime] = utc_now) -> Outcome:
    """Write what ``message`` stands for, once, and move it to ``filed``; hold what a machine cannot place."""
    said = stated(message.reading, message.corrections)
    message.kind = said.kind
    if not set(corrected_match(message.corrections)) <= set(message.signals):
        return Done("read")
    if message.supplier_id is not None:
        return _file_supplier(session, message, said)
    if message.approval_id is not None:
        return decide(session, message, clock())
    requester = session.get_one(Person, message.person_id)
    if message.requisition_id is not None:
        return _continue(session, message, said)
    if said.kind == "requisition":
        return _file_requisition(session, message, requester)
    return _unplaced(said)


def _file_requisition(session: Session, message: Message, requester: Person) -> Outcome:
    if not MAY_REQUEST & set(requester.roles):
        notify(session, message, "requisition_refused", requester.email, key=f"refused:{message.id}")
        return Done("filed")
    if barring := not_waived(session, message, _unproven(message, requester.email)):
        return Hold(barring)
    requisition = Requisition(
        organisation_id=message.organisation_id,
        state="incomplete",
        number=next_requisition_number(session, message.organisation_id),
        message_id=message.id,
        requester_id=requester.id,
        reading=message.reading or {},
        corrections={k: v for k, v in message.corrections.items() if k not in ("/sender", "/kind")},
    )
    session.add(requisition)
    session.flush()
    message.requisition_id = requisition.id
    record(session, requisition, "requested", requester.email, message=message.id, number=requisition.number)
    notify(session, requisition, "requisition_received", requester.email, key=f"received:{requisition.id}")
    return Done("filed")


def _continue(session: Session, message: Message, said: Stated) -> Outcome:
    """Take an answer to a question up into the requisition that waits for it."""
    requisition = session.get_one(Requisition, message.requisition_id, with_for_update=True, populate_existing=True)
    if requisition.state not in ("incomplete", "returned") or requisition.requester_id != message.person_id:
        detail = f"This is about {requisition.number}, which is {requisition.state.replace('_', ' ')}."
        return Hold((Problem(Code.UNCLASSIFIED, detail + " Close it with /handled and what you did.", "/handled"),))
    if barring := not_waived(session, message, _unproven(message, message.sender_address or "")):
        return Hold(barring)
    reading = overlay(message.reading or {}, message.corrections)
    told = {name: value for name, value in reading.items() if name in _CONTINUED and value}
    _retell(session, requisition, told, reading.get("problems", []))
    requisition.state, requisition.due_at, requisition.attempts = "incomplete", utc_now(), 0
    record(session, requisition, "answered", message.sender_address or "", message=message.id, told=sorted(told))
    return Done("filed")


def _retell(session: Session, requisition: Requisition, told: dict[str, Any], problems: list[Any]) -> None:
    """Put what was told anew in the place of what was said before, with its doubts.

    Corrections of what it replaces and all waivers end: they were about what was said then.
    """
    kept = [one for one in requisition.reading.get("problems", []) if _place(one["at"]) not in told]
    doubts = [one for one in problems if _place(one["at"]) in told]
    requisition.reading = {**requisition.reading, **told, "problems": [*kept, *doubts]}
    requisition.corrections = {at: value for at, value in requisition.corrections.items() if _place(at) not in told}
    about = Waiver.subject_table == requisition.__tablename__, Waiver.subject_id == requisition.id
    session.execute(delete(Waiver).where(*about))


def _place(pointer: str) -> str:
    return pointer.split("/")[1] if "/" in pointer else ""


def _unproven(message: Message, author: str) -> list[Problem]:
    """Return the problem of a message whose sender is not proven."""
    if message.authenticated:
        return []
    why = message.trust.get("reason", "")
    detail = f"It is not proven that {author} wrote this. {why} Waive this if you asked and know."
    return [Problem(Code.SENDER_NOT_AUTHENTICATED, detail, "/sender")]


_CONTINUED = (
    "lines",
    "needed_by",
    "ship_to",
    "cost_center",
    "account_code",
    "project",
    "supplier_name",
    "currency",
)


def _file_supplier(session: Session, message: Message, said: Stated) -> Outcome:
    if said.kind != "order_response" or message.order_id is None:
        return _unplaced(said)
    order = session.get_one(PurchaseOrder, message.order_id)
    in_thread = any(signal == "order:thread" for signal in message.signals)
    if not message.authenticated and not in_thread:
        detail = (
            f"{message.sender_address} is an address of the supplier, but nothing proves that it wrote this, "
            "and it does not answer our own mail. Waive this if you asked the supplier."
        )
        if barring := not_waived(session, message, [Problem(Code.SENDER_NOT_AUTHENTICATED, detail, "/sender")]):
            return Hold(barring)
    session.add(
        OrderResponse(
            organisation_id=message.organisation_id,
            state="received",
            order_id=order.id,
            message_id=message.id,
            revision=order.revision,
            number=said.number,
            response=said.response,
            reading=message.reading or {},
            corrections={k: v for k, v in message.corrections.items() if k.startswith(("/lines", "/response"))},
        )
    )
    session.flush()
    record(session, order, "answered", message.sender_address or "", message=message.id, response=said.response)
    return Done("filed")


def _unplaced(said: Stated) -> Outcome:
    if said.problems:
        return Hold(said.problems)
    kind = said.kind.replace("_", " ")
    detail = f"This reads as “{kind}”, which is not handled by itself here."
    advice = " Set /kind if it is something else, or close it with /handled and what you did."
    return Hold((Problem(Code.UNCLASSIFIED, detail + advice, "/kind"),))
