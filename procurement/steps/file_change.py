"""Mail about an issued order: what its requester or a buyer wants changed, and the answer to a cancellation."""

from sqlalchemy.orm import Session

from procurement.cancellation_answer import cancellation_answer, concerns_part, speaks_of_cancelling
from procurement.change_wish import wish_of_mail
from procurement.stated import Stated
from procurement.steps.change import (
    answer_cancellation,
    cancel_at_once,
    draft_cancellation,
    draft_change,
    standing_cancellation,
)
from procurement.steps.change_request import content_of
from records.exceptions import not_waived
from records.flow import Done, Hold, Outcome
from records.problems import Code, Problem
from records.tables import ChangeOrder, Message, Outbound, Person, PurchaseOrder

WISHES = frozenset({"order_change", "order_cancellation"})
MAY_CHANGE = frozenset({"buyer", "administrator"})  # any order; a requester changes his own
_ANSWERED_HERE = ("", "/kind", "/response")  # doubts what kind of answer it is: to the cancellation
_ADVICE = " Correct what was read, or change the order yourself (buydesk orders change) and close this with /handled."


def file_wish(session: Session, message: Message, said: Stated, writer: Person) -> Outcome:
    """Take up that ``writer`` wants the message's order changed or cancelled; hold what is not certain or not his."""
    order = session.get_one(PurchaseOrder, message.order_id, with_for_update=True, populate_existing=True)
    if writer.id != order.requisition.requester_id and not MAY_CHANGE & set(writer.roles):
        detail = f"{writer.name} did not request {order.number or 'this order'} and is no buyer; nothing was changed."
        return _held([Problem(Code.UNCLASSIFIED, detail, "/handled")])
    if barring := not_waived(session, message, _unproven(message)):
        return Hold(barring)
    cancels = said.kind == "order_cancellation"
    problems = _cancel(session, message, said, order) if cancels else _change(session, message, said, order)
    return _held(problems) if problems else Done("filed")


def cancellation_answered(session: Session, message: Message, said: Stated) -> ChangeOrder | None:
    """Return the cancellation that a supplier's message answers: in its thread, or in so many words."""
    order = session.get(PurchaseOrder, message.order_id) if message.order_id else None
    change = standing_cancellation(session, order) if order else None
    if change is None:
        return None
    parent = session.get(Outbound, message.outbound_id) if message.outbound_id else None
    in_thread = parent is not None and parent.kind == "order_cancellation"
    return change if in_thread or speaks_of_cancelling(said.reply_text or "") else None


def file_cancellation_answer(session: Session, message: Message, said: Stated, change: ChangeOrder) -> Outcome:
    """Take up the supplier's yes or no; what is neither waits for the buyer, who sets /response to what it is."""
    words = said.reply_text or ""
    if "/response" in message.corrections:
        accepted = {"accepted": True, "rejected": False}.get(said.response or "")
    else:
        doubted = any(problem.at not in _ANSWERED_HERE for problem in said.problems)
        accepted = None if doubted else cancellation_answer(words, said.order_numbers)
    if accepted is None:
        detail = (
            f"The supplier answers the cancellation of {change.order.number}, neither plainly yes nor no. "
            "Set /response to accepted (it is cancelled) or rejected (the order stands)."
        )
        return Hold((Problem(Code.LOW_CONFIDENCE, detail, "/response"),), owner="buyer")
    by = message.sender_address or ""
    answer_cancellation(session, change, accepted=accepted, words=words, by=by, message=message)
    return Done("filed")


def _change(session: Session, message: Message, said: Stated, order: PurchaseOrder) -> tuple[Problem, ...]:
    seen = any(at.startswith("/lines") for at in message.corrections)
    wish = wish_of_mail(said, content_of(order), seen=seen)
    if isinstance(wish, tuple):
        return wish
    by, reason = message.sender_address or "", _shortened(said.reply_text)
    drafted = draft_change(session, order, wish, by=by, reason=reason, source="requester", message=message)
    return drafted if isinstance(drafted, tuple) else ()


def _cancel(session: Session, message: Message, said: Stated, order: PurchaseOrder) -> tuple[Problem, ...]:
    if said.problems or said.lines or concerns_part(said.reply_text or "", said.order_numbers):
        detail = f"{order.number} is to be cancelled, perhaps not the whole of it: “{_shortened(said.reply_text)}”."
        return (*said.problems, Problem(Code.LOW_CONFIDENCE, detail, "/lines"))
    by, reason = message.sender_address or "", _shortened(said.reply_text)
    if order.state == "approved":  # nobody was sent it
        cancel_at_once(session, order, by, reason)
        return ()
    drafted = draft_cancellation(session, order, by=by, reason=reason, source="requester", message=message)
    return drafted if isinstance(drafted, tuple) else ()


def _unproven(message: Message) -> list[Problem]:
    if message.authenticated:
        return []
    why = message.trust.get("reason", "")
    detail = f"It is not proven that {message.sender_address} wants this. {why} Waive this if you asked and know."
    return [Problem(Code.SENDER_NOT_AUTHENTICATED, " ".join(detail.split()), "/sender")]


def _held(problems: tuple[Problem, ...] | list[Problem]) -> Hold:
    first, *rest = problems
    return Hold((Problem(first.code, first.detail + _ADVICE, first.at), *rest), owner="buyer")


def _shortened(words: str | None) -> str:
    return " ".join((words or "").split())[:300]
