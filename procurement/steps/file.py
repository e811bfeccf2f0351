"""The step ``file``: a matched message becomes the business row that it stands for."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from procurement.approvers import MAY_REQUEST
from procurement.bank import bank_problems, moved
from procurement.documents import answers_by_order
from procurement.stated import Stated, corrected_match, overlay, stated
from procurement.steps.asked import ask_anew, asking, pass_on
from procurement.steps.bank import known_accounts
from procurement.steps.decide import decide
from procurement.steps.decide_several import decide_several, decides_several
from procurement.steps.despatch import DESPATCHES, file_despatch
from procurement.steps.file_billing import BILLS, file_invoices, file_receipt
from procurement.steps.file_change import WISHES, cancellation_answered, file_cancellation_answer, file_wish
from procurement.steps.notices import answer_mail
from procurement.steps.numbers import next_requisition_number
from procurement.trust import may_ask
from records.audit import record
from records.base import utc_now
from records.exceptions import not_waived
from records.flow import Done, Hold, Outcome
from records.problems import Code, Problem
from records.tables import (
    Message,
    OrderResponse,
    OrderRevision,
    Outbound,
    Person,
    PurchaseOrder,
    Requisition,
    Waiver,
)

_WANTS = "The mail also wants something else ({kind}): “{text}”"
_BESIDES = {"question": "The mail also asks: “{text}”"}
UNDERSTOOD = frozenset(
    "requisition order_change order_cancellation receipt_advice approval_decision quotation invoice "
    "despatch_advice order_response".split()
)


def file(session: Session, message: Message, *, clock: Callable[[], datetime] = utc_now) -> Outcome:
    """Write what ``message`` stands for, once, and move it to ``filed``; hold what a machine cannot place.

    What a filed mail says besides is shown to a person.
    """
    outcome = _place_message(session, message, clock)
    notes = _besides(message) if outcome == Done("filed") else ()
    return Hold(notes, state="filed") if notes else outcome


def _besides(message: Message) -> tuple[Problem, ...]:
    """Return what the mail wants besides what it was filed as, each with its words."""
    reading = message.reading or {}
    is_doubted = bool(reading.get("problems"))  # then a person reads the whole of it anyway
    notes = [] if is_doubted else [_BESIDES.get(one["kind"], _WANTS).format(**one) for one in reading.get("also", ())]
    if message.supplier_id is not None and (words := moved(reading)):
        notes.append(f"Another address is announced; nothing was changed: “{words}”")
    advice = " The rest of the mail was taken up. Close it with /handled and what you did."
    return tuple(Problem(Code.UNCLASSIFIED, note + advice, "/handled") for note in notes)


def _place_message(session: Session, message: Message, clock: Callable[[], datetime]) -> Outcome:
    said = stated(message.reading, message.corrections)
    message.kind = said.kind
    now = clock()
    if not set(corrected_match(message.corrections)) <= set(message.signals):
        return Done("read")
    if barring := not_waived(session, message, bank_problems(message.reading or {}, _known_accounts(session, message))):
        return Hold(barring, owner="buyer")
    if message.supplier_id is not None:
        return _file_supplier(session, message, said)
    if decides_several(session, message):
        return decide_several(session, message, now)
    if message.approval_id is not None:
        return decide(session, message, now)
    requester = session.get_one(Person, message.person_id)
    if said.kind == "receipt_advice":
        barring = not_waived(session, message, _unproven(message, requester.email))
        return Hold(barring) if barring else file_receipt(session, message, said, requester)
    if said.kind in WISHES and message.order_id is not None:
        return file_wish(session, message, said, requester)
    if message.requisition_id is not None:
        return _continue(session, message, said, now)
    if said.kind == "requisition":
        return _file_requisition(session, message, requester, now)
    _tell_unclear(session, message, said, now)
    return _unplaced(said)


def _known_accounts(session: Session, message: Message) -> Callable[[str], bool] | None:
    return known_accounts(session, message.supplier_id) if message.supplier_id else None


def _tell_unclear(session: Session, message: Message, said: Stated, now: datetime) -> None:
    """Tell the writer that a person will look, unless the mail answers one of ours."""
    if message.outbound_id is None and "/kind" not in message.corrections:
        understood = said.kind if said.kind in UNDERSTOOD else "nothing"
        answer_mail(
            session, message, "message_unclear", message, f"unclear:{message.id}", now=now, understood=understood
        )


def _file_requisition(session: Session, message: Message, requester: Person, now: datetime) -> Outcome:
    if not MAY_REQUEST & set(requester.roles):
        answer_mail(session, message, "requisition_refused", message, f"refused:{message.id}", now=now)
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
    by = message.trust.get("how")
    record(session, requisition, "requested", requester.email, message=message.id, number=requisition.number, proof=by)
    answer_mail(session, requisition, "requisition_received", message, f"received:{requisition.id}", now=now)
    return Done("filed")


def _continue(session: Session, message: Message, said: Stated, now: datetime) -> Outcome:
    """Take an answer to a question up into the requisition that waits for it, or pass it on to who asked."""
    requisition = session.get_one(Requisition, message.requisition_id, with_for_update=True, populate_existing=True)
    asked = asking(session, message, requisition)
    if not (asked or _may_retell(requisition, said)) or requisition.requester_id != message.person_id:
        return _by_hand(f"This is about {requisition.number}, which is {requisition.state.replace('_', ' ')}.")
    if barring := not_waived(session, message, _unproven(message, message.sender_address or "")):
        return Hold(barring)
    if said.kind == "order_cancellation":
        return _by_hand(f"{requisition.number} is to be withdrawn: “{_shortened(said.reply_text)}”.")
    reading = overlay(message.reading or {}, message.corrections)
    told = {name: value for name, value in reading.items() if name in _CONTINUED and value}
    answers = dict(reading.get("answers", {}))
    if asked and not _may_retell(requisition, said):
        told, answers = _changed(requisition, told), {}
        if not told and said.reply_text:
            pass_on(session, message, requisition, asked, now)
            return Done("filed")
    if not told and not answers:
        return _by_hand(f"Nothing that {requisition.number} lacks could be read: “{_shortened(said.reply_text)}”.")
    if requisition.state == "pending_approval":
        ask_anew(session, requisition, message.sender_address or "")
    _retell(session, requisition, told, answers, reading)
    _place_evidence(requisition, {*(f"/{name}" for name in told), *answers}, reading, message.id)
    requisition.state, requisition.due_at, requisition.attempts = "incomplete", utc_now(), 0
    told_at = sorted({*told, *answers})
    actor, proof = message.sender_address or "", message.trust.get("how")
    record(session, requisition, "answered", actor, message=message.id, told=told_at, proof=proof)
    return Done("filed")


def _may_retell(requisition: Requisition, said: Stated) -> bool:
    """Whether the requisition still waits for words; one that is asked about takes a whole new list only."""
    if requisition.state == "pending_approval":
        return said.kind == "requisition" and bool(said.lines)
    return requisition.state in ("incomplete", "returned")


def _changed(requisition: Requisition, told: dict[str, Any]) -> dict[str, Any]:
    """Return what an answer to an approver says otherwise than the requisition; words about lines are no list."""
    stands = overlay(requisition.reading, requisition.corrections)
    return {name: value for name, value in told.items() if name != "lines" and value != stands.get(name)}


def _by_hand(detail: str) -> Hold:
    return Hold((Problem(Code.UNCLASSIFIED, detail + " Close it with /handled and what you did.", "/handled"),))


def _shortened(words: str | None) -> str:
    return " ".join((words or "").split())[:300]


def _retell(
    session: Session,
    requisition: Requisition,
    told: dict[str, Any],
    answers: dict[str, str],
    reading: dict[str, Any],
) -> None:
    """Put what was told anew in the place of what was said before, with its doubts.

    ``told`` replaces whole fields, ``answers`` fill single places. Corrections of what is replaced and all
    waivers end: they were about what was said then.
    """
    kept = [
        one
        for one in requisition.reading.get("problems", [])
        if _place(one["at"]) not in told and one["at"] not in answers
    ]
    doubts = [one for one in reading.get("problems", []) if _place(one["at"]) in told]
    anew = overlay({**requisition.reading, **told}, answers)
    requisition.reading = {**anew, "problems": [*kept, *doubts]}
    requisition.corrections = {
        at: value for at, value in requisition.corrections.items() if _place(at) not in told and at not in answers
    }
    about = Waiver.subject_table == requisition.__tablename__, Waiver.subject_id == requisition.id
    session.execute(delete(Waiver).where(*about))


def _place_evidence(requisition: Requisition, told: set[str], reading: dict[str, Any], message_id: int) -> None:
    """Show what was told anew where it stands: in the later mail, by its row."""
    old = requisition.reading.get("evidence", {})
    kept = {at: where for at, where in old.items() if not _below(at, told)}
    new = {at: where | {"message": message_id} for at, where in reading.get("evidence", {}).items() if _below(at, told)}
    requisition.reading = {**requisition.reading, "evidence": {**kept, **new}}


def _below(at: str, places: set[str]) -> bool:
    return any(at == place or at.startswith(f"{place}/") for place in places)


def _place(pointer: str) -> str:
    return pointer.split("/")[1] if "/" in pointer else ""


def _unproven(message: Message, author: str) -> list[Problem]:
    """Return the problem of a message that may not ask for anything, because nothing speaks for its sender."""
    if may_ask(message.authenticated, message.trust):
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
    bills = said.kind in BILLS
    cancellation = None if bills else cancellation_answered(session, message, said)
    if not (bills or cancellation) and (said.kind not in {"order_response", *DESPATCHES} or message.order_id is None):
        return _unplaced(said)
    in_thread = any(signal == "order:thread" for signal in message.signals)
    if not message.authenticated and not in_thread:
        detail = (
            f"{message.sender_address} is an address of the supplier, but nothing proves that it wrote this, "
            "and it does not answer our own mail. Waive this if you asked the supplier."
        )
        if barring := not_waived(session, message, [Problem(Code.SENDER_NOT_AUTHENTICATED, detail, "/sender")]):
            return Hold(barring)
    if bills:
        return file_invoices(session, message, said)
    if cancellation:
        return file_cancellation_answer(session, message, said, cancellation)
    if said.kind in DESPATCHES:
        return file_despatch(session, message, said, session.get_one(PurchaseOrder, message.order_id))
    each = answers_by_order(message.reading or {}) if message.more_order_ids else {}
    for order_id in filter(None, (message.order_id, *message.more_order_ids)):
        order = session.get_one(PurchaseOrder, order_id)
        document = each.get(order.normal_number or "")
        _respond(session, message, stated(document, {}) if document else said, order, document)
    return Done("filed")


def _respond(
    session: Session, message: Message, said: Stated, order: PurchaseOrder, document: dict[str, Any] | None = None
) -> None:
    """Write what ``order`` is answered: by the whole mail, or by the ``document`` in it that is about it alone."""
    of_the_mail = {k: v for k, v in message.corrections.items() if k.startswith(("/lines", "/response"))}
    session.add(
        OrderResponse(
            organisation_id=message.organisation_id,
            state="received",
            order_id=order.id,
            message_id=message.id,
            revision=_revision_answered(session, message, order),
            number=said.number,
            response=said.response,
            reading=document or message.reading or {},
            corrections={} if document else of_the_mail,
        )
    )
    session.flush()
    proof = message.trust.get("how")
    actor = message.sender_address or ""
    record(session, order, "answered", actor, message=message.id, response=said.response, proof=proof)


def _revision_answered(session: Session, message: Message, order: PurchaseOrder) -> int:
    """Return the revision whose mail is answered, else the newest that was out when the answer came."""
    parent = session.get(Outbound, message.outbound_id) if message.outbound_id else None
    is_order = parent is not None and parent.kind in ("order", "change_order")
    if parent and is_order and (parent.subject_table, parent.subject_id) == (order.__tablename__, order.id):
        return min(parent.revision, order.revision)
    out = select(func.max(OrderRevision.revision)).where(
        OrderRevision.order_id == order.id, OrderRevision.issued_at <= message.received_at
    )
    return session.scalars(out).one() or order.revision


def _unplaced(said: Stated) -> Outcome:
    if said.problems:
        return Hold(said.problems)
    kind = said.kind.replace("_", " ")
    detail = f"This reads as “{kind}”, which is not handled by itself here."
    advice = " Set /kind if it is something else, or close it with /handled and what you did."
    return Hold((Problem(Code.UNCLASSIFIED, detail + advice, "/kind"),))
