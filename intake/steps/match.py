"""The step ``match``: who wrote, and which approval, requisition or order the message answers."""

import re
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from intake.references import Candidate, chosen, named_together
from intake.steps.answered import wake_asked
from procurement.bank import bank_problems
from procurement.documents import answers_by_order
from procurement.order import normal_number
from procurement.stated import corrected_match, stated
from procurement.steps.notices import answer_mail
from records.base import utc_now
from records.flow import Done, Hold, Outcome
from records.lessons import count_use, lessons_of, sentence
from records.problems import Code, Problem
from records.tables import (
    ApprovalToken,
    ChangeOrder,
    Lesson,
    Message,
    Outbound,
    Person,
    PurchaseOrder,
    Requisition,
    Supplier,
)

_REQUISITION = re.compile(r"(?<![\w-])R-\d{5,12}(?![\w-])", re.IGNORECASE)
MOST_NUMBERS = 200  # order numbers of one message that are looked up


def match(session: Session, message: Message, *, clock: Callable[[], datetime] = utc_now) -> Outcome:
    """Tie the message to its person or supplier and to what it answers; hold it where that is unclear."""
    sender = message.corrections.get("/sender") or message.sender_address
    if not sender:
        return _unknown(message, "The message has no single sender that can be read.")
    message.person_id = _person(session, message.organisation_id, sender)
    suppliers = [] if message.person_id else _suppliers(session, message.organisation_id, sender)
    known = None if message.person_id or suppliers else _known_contact(session, message)
    if known:
        suppliers = _suppliers(session, message.organisation_id, known.value)
        count_use(session, [known.id], clock())
    if len(suppliers) > 1:
        names = ", ".join(session.get_one(Supplier, one).code for one in suppliers)
        return _unknown(message, f"{sender} may write for several suppliers ({names}).")
    message.supplier_id = suppliers[0] if suppliers else None
    signals = [f"sender:{'person' if message.person_id else 'supplier'}", *corrected_match(message.corrections)]
    signals += [sentence(known)] if known else []
    _tie_approval(session, message, signals)
    wake_asked(session, message, clock())
    message.signals = signals
    if message.person_id is None and message.supplier_id is None:
        _tell_stranger(session, message, clock())
        return _unknown(message, f"{sender} is neither a person of the organisation nor a supplier's address.")
    if message.supplier_id is None:
        _tie_own_order(session, message, signals)
        message.signals = [*signals]
        return Done("matched")
    if problem := _tie_order(session, message, signals):
        message.signals = signals
        return Hold((problem,))
    message.signals = [*signals]
    _wake_uncertain(session, message, clock())
    return Done("matched")


def _known_contact(session: Session, message: Message) -> Lesson | None:
    """Return the lesson that says for which supplier's address the very sender speaks, if it is proven who wrote."""
    if "/sender" in message.corrections:
        return None
    found = lessons_of(session, message, ("contact",))
    return next((one for one in found if one.sender == message.sender_address), None)


def _wake_uncertain(session: Session, message: Message, now: datetime) -> None:
    """Let mail about the message's order be settled of which nobody knows whether it arrived."""
    if message.order_id is None:
        return
    session.flush()
    session.execute(
        update(Outbound)
        .where(
            Outbound.subject_table == PurchaseOrder.__tablename__,
            Outbound.subject_id == message.order_id,
            Outbound.state == "uncertain",
        )
        .values(due_at=now)
    )


def _tell_stranger(session: Session, message: Message, now: datetime) -> None:
    """Tell a proven stranger who wants something bought that they may not request it."""
    if stated(message.reading, message.corrections).kind == "requisition":
        answer_mail(session, message, "requisition_refused", message, f"refused:{message.id}", now=now)


def _unknown(message: Message, detail: str) -> Outcome:
    advice = " Set /sender to the address it speaks for, or close it with /handled and the reason."
    problems = (Problem(Code.UNKNOWN_SENDER, detail + advice, "/sender"), *bank_problems(message.reading or {}, None))
    return Hold(problems)


def _person(session: Session, organisation_id: int, address: str) -> int | None:
    return session.scalars(
        select(Person.id).where(Person.organisation_id == organisation_id, Person.email == address, Person.active)
    ).one_or_none()


def _suppliers(session: Session, organisation_id: int, address: str) -> list[int]:
    """Return the suppliers that may write from ``address``; an exact address outweighs a domain."""
    rows = session.execute(
        select(Supplier.id, Supplier.emails, Supplier.domains, Supplier.order_email).where(
            Supplier.organisation_id == organisation_id
        )
    ).all()
    exact = [row.id for row in rows if address in {*row.emails, row.order_email}]
    domain = address.rpartition("@")[2]
    return exact or [row.id for row in rows if domain in row.domains]


def _tie_approval(session: Session, message: Message, signals: list[str]) -> None:
    approvals = set(
        session.scalars(
            select(ApprovalToken.approval_id).where(
                ApprovalToken.organisation_id == message.organisation_id,
                ApprovalToken.sha256.in_(message.tokens),
            )
        )
    )
    if len(approvals) == 1:
        message.approval_id = approvals.pop()
        signals.append("token")
    parent = _parent(session, message)
    if parent:
        message.outbound_id = parent.id
        signals.append("thread")
        if parent.subject_table == "requisition":
            message.requisition_id = parent.subject_id
    elif message.person_id:
        _tie_requisition(session, message, signals)


def _tie_requisition(session: Session, message: Message, signals: list[str]) -> None:
    """Tie a new mail without a thread to the one requisition of its writer whose number its subject names."""
    numbers = _REQUISITION.findall(message.subject or "")[:MOST_NUMBERS]
    if not numbers:
        return
    found = session.scalars(
        select(Requisition.id).where(
            Requisition.organisation_id == message.organisation_id,
            Requisition.number.in_(number.upper() for number in numbers),
            Requisition.requester_id == message.person_id,
            Requisition.state.in_(["incomplete", "returned"]),  # of others it may say "the same as"
        )
    ).all()
    if len(found) == 1:
        message.requisition_id = found[0]
        signals.append("number")


def _parent(session: Session, message: Message) -> Outbound | None:
    """Return the latest mail of ours that the message refers to."""
    if not message.in_reply_to:
        return None
    return session.scalars(
        select(Outbound)
        .where(Outbound.organisation_id == message.organisation_id, Outbound.message_id.in_(message.in_reply_to))
        .order_by(Outbound.id.desc())
        .limit(1)
    ).first()


def _tie_order(session: Session, message: Message, signals: list[str]) -> Problem | None:
    candidates = _candidates(session, message)
    message.more_order_ids = []
    if together := _confirmed_together(session, message, candidates) or _confirmed_each(session, message, candidates):
        message.order_id, *message.more_order_ids = together
        signals.append("order:number")
        return None
    own = chosen(candidates, message.supplier_id)
    if len(own) == 1:
        message.order_id = own[0].order_id
        signals.extend(f"order:{signal}" for signal in sorted(own[0].signals))
        return None
    said = stated(message.reading, message.corrections)
    if said.kind not in ("order_response", "despatch_advice"):
        return None
    if len(own) > 1:
        numbers = ", ".join(session.get_one(PurchaseOrder, one.order_id).number or "?" for one in own)
        detail = f"The answer may be to any of {numbers}. Set /order_numbers to the one it answers."
        return Problem(Code.AMBIGUOUS_ORDER, detail, "/order_numbers")
    if candidates:
        detail = "The order that it names is not of the supplier who writes. Nothing was applied."
        return Problem(Code.NO_ORDER_MATCH, detail, "/order_numbers")
    detail = "No order of this supplier fits. Set /order_numbers to the order it answers."
    return Problem(Code.NO_ORDER_MATCH, detail, "/order_numbers")


def _tie_own_order(session: Session, message: Message, signals: list[str]) -> None:
    """Tie a colleague's mail to the one order that it names, or that our mail was about which it answers."""
    message.order_id = None
    named = _orders_numbered(session, message.organisation_id, _numbers(message))
    found = named or _orders_in_thread(session, message)
    if len(found) == 1:
        message.order_id = found[0]
        signals.append("order:number" if named else "order:thread")


def _orders_in_thread(session: Session, message: Message) -> list[int]:
    """Return the orders that the mail of ours was about that is answered: itself, its change, its request."""
    parent = session.get(Outbound, message.outbound_id) if message.outbound_id else None
    about = (parent.subject_table, parent.subject_id) if parent else ("", 0)
    match about:
        case ("purchase_order", order_id):
            return [order_id]
        case ("change_order", change_id):
            return [session.get_one(ChangeOrder, change_id).order_id]
        case ("requisition", requisition_id):
            return list(session.scalars(select(PurchaseOrder.id).where(PurchaseOrder.requisition_id == requisition_id)))
    return []


def _confirmed_together(session: Session, message: Message, candidates: list[Candidate]) -> list[int]:
    """Return the orders that a plain answer names in one breath ("we confirm 1 and 2"); else nothing."""
    own = sorted(one.order_id for one in candidates if one.supplier_id == message.supplier_id)
    said = stated(message.reading, message.corrections)
    plain = said.response in ("accepted", "received_only") and not said.lines and not said.problems
    if len(own) < 2 or said.kind != "order_response" or not plain or (message.reading or {}).get("documents"):
        return []
    wanted = {session.get_one(PurchaseOrder, one).normal_number for one in own}
    written = [number for number in said.order_numbers if normal_number(number) in wanted]
    whole = {normal_number(number) for number in written} == wanted
    return own if whole and named_together(said.reply_text or "", written) else []


def _confirmed_each(session: Session, message: Message, candidates: list[Candidate]) -> list[int]:
    """Return the orders that several documents of one mail answer, each its own; else nothing."""
    if "/order_numbers" in message.corrections:
        return []
    answered = answers_by_order(message.reading or {})
    own = sorted(one.order_id for one in candidates if one.supplier_id == message.supplier_id)
    wanted = {session.get_one(PurchaseOrder, one).normal_number for one in own}
    return own if answered and wanted == set(answered) else []


def _candidates(session: Session, message: Message) -> list[Candidate]:
    found: dict[int, set[str]] = defaultdict(set)
    corrected = message.corrections.get("/order_numbers")
    if not corrected and message.outbound_id:
        parent = session.get_one(Outbound, message.outbound_id)
        if parent.subject_table == "purchase_order":
            found[parent.subject_id].add("thread")
    for order_id in _orders_numbered(session, message.organisation_id, _numbers(message)):
        found[order_id].add("number")
    return [
        Candidate(order_id, session.get_one(PurchaseOrder, order_id).supplier_id, frozenset(signals))
        for order_id, signals in found.items()
    ]


def _numbers(message: Message) -> list[str]:
    return [normal_number(number) for number in stated(message.reading, message.corrections).order_numbers]


def _orders_numbered(session: Session, organisation_id: int, numbers: list[str]) -> list[int]:
    if not numbers:
        return []
    return list(
        session.scalars(
            select(PurchaseOrder.id).where(
                PurchaseOrder.organisation_id == organisation_id,
                PurchaseOrder.normal_number.in_(numbers[:MOST_NUMBERS]),
                PurchaseOrder.issued_at.is_not(None),  # nobody answers what nobody has sent
            )
        )
    )
