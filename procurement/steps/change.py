"""Change orders up to their issue: drafted, put to the approvers where the rule asks for it, and settled.

Nothing here alters an order: that is done in the one moment in which its new revision is issued.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement import change_order as rules
from procurement.change_order import OPEN, Wish, content_as_json
from procurement.states import ORDER
from procurement.steps.billing import received_by_line
from procurement.steps.blanket import call_off_change_problems
from procurement.steps.change_request import (
    DEAD,
    approved_own_change,
    budget_problems,
    content_of,
    is_covered,
    request_for,
    still_says,
)
from procurement.steps.events import announce_order
from procurement.steps.notices import notify
from procurement.steps.route import void
from procurement.steps.signing import approvals_of, is_approved, signing_of
from records.audit import record
from records.base import utc_now
from records.exceptions import not_waived, open_item, resolve
from records.flow import Done, Hold, Outcome, Wait, check_move
from records.problems import Code, Problem
from records.tables import ChangeOrder, Message, OrderResponse, Organisation, PurchaseOrder, Requisition

LOOK_AGAIN = timedelta(hours=1)
UNANSWERED = frozenset({"awaiting", "received", "overdue"})  # acknowledgements that settle nothing


def draft_change(
    session: Session,
    order: PurchaseOrder,
    wish: Wish,
    *,
    by: str,
    reason: str,
    source: str,
    message: Message | None = None,
    response: OrderResponse | None = None,
) -> ChangeOrder | tuple[Problem, ...]:
    """Draft a change of ``order`` and return it, or every reason why it cannot be; the order stays as it is."""
    session.refresh(order, with_for_update=True)
    if barring := _barring(session, order):
        return (barring,)
    before = content_of(order)
    if problems := rules.faults(before, wish, received_of(session, order)):
        return problems
    after = rules.changed(before, wish)
    if problems := call_off_change_problems(session, order, after):
        return problems
    change = _add(session, order, "change", by, reason, source)
    change.content = content_as_json(after)
    change.message_id = message.id if message else None
    change.response_id = response.id if response else None
    told = rules.told(rules.differences(before, after))
    record(session, change, "change_drafted", by, order=order.number, changes=told, reason=reason, source=source)
    return change


def draft_cancellation(
    session: Session, order: PurchaseOrder, *, by: str, reason: str, source: str, message: Message | None = None
) -> ChangeOrder | tuple[Problem, ...]:
    """Draft the cancellation of an issued order, which the supplier is asked to accept; what came stays."""
    session.refresh(order, with_for_update=True)
    if barring := _barring(session, order):
        return (barring,)
    if came := {number: amount for number, amount in received_of(session, order).items() if amount > 0}:
        told = ", ".join(f"{amount:f} of line {number}" for number, amount in sorted(came.items()))
        return (Problem(Code.UNCLASSIFIED, f"{told} came already: close the rest short instead."),)
    if standing_cancellation(session, order):
        return (Problem(Code.UNCLASSIFIED, f"{order.number} is being cancelled already."),)
    change = _add(session, order, "cancellation", by, reason, source)
    change.message_id = message.id if message else None
    record(session, change, "cancellation_drafted", by, order=order.number, reason=reason, source=source)
    return change


def received_of(session: Session, order: PurchaseOrder) -> Mapping[int, Decimal]:
    """Return what was received of each line of ``order``, by line number; lines of which nothing came may lack."""
    came = received_by_line(session, order.id)
    return {line.line_number: came[line.id] for line in order.lines if line.id in came}


def open_change(session: Session, order: PurchaseOrder) -> ChangeOrder | None:
    """Return the change or cancellation of ``order`` that is not issued yet."""
    found = select(ChangeOrder).where(ChangeOrder.order_id == order.id, ChangeOrder.state.in_(OPEN))
    return session.scalars(found.order_by(ChangeOrder.id).limit(1)).first()


def standing_cancellation(session: Session, order: PurchaseOrder) -> ChangeOrder | None:
    """Return the cancellation of ``order`` that the supplier was asked for and has not answered."""
    found = select(ChangeOrder).where(
        ChangeOrder.order_id == order.id, ChangeOrder.kind == "cancellation", ChangeOrder.state == "issued"
    )
    return session.scalars(found.order_by(ChangeOrder.id.desc()).limit(1)).first()


def wake_changes(session: Session, order: PurchaseOrder, now: datetime) -> None:
    """Let the issued changes of ``order`` be settled by what the supplier answered."""
    found = select(ChangeOrder).where(ChangeOrder.order_id == order.id, ChangeOrder.state == "issued")
    for change in session.scalars(found):
        change.due_at = now


def prepare(session: Session, change: ChangeOrder, *, clock: Callable[[], datetime] = utc_now) -> Outcome:
    """Put a drafted change to the approvers, or pass it on where earlier approvals (or the policy) cover it."""
    order = session.get_one(PurchaseOrder, change.order_id, with_for_update=True, populate_existing=True)
    if order.state != "issued":
        return Done("withdrawn")
    if change.kind == "cancellation":
        return Done("approved")
    now = clock()
    request = change.requisition
    if request is not None and (request.state in DEAD or not still_says(session, change)):
        drop_request(session, change, "step:prepare")
        request = None
    if request is None:
        request = change.requisition = request_for(session, change, now)
    if barring := not_waived(session, change, budget_problems(session, request, now)):
        return Hold(barring)
    signing = signing_of(session, request)
    if isinstance(signing, Problem):
        return Hold((signing,))
    if is_approved(session, request) or is_covered(session, change, request, now):
        _pass_on(session, request)
        how = "by the policy itself" if not signing.steps else "what was signed before covers it"
        record(session, change, "change_approved", "step:prepare", rule=request.policy_rule, how=how)
        return Done("approved")
    request.state, request.due_at = "pending_approval", now
    record(session, request, "submitted", "step:prepare", total=str(request.net_total), currency=request.currency)
    return Done("pending_approval")


def await_approval(session: Session, change: ChangeOrder, *, clock: Callable[[], datetime] = utc_now) -> Outcome:
    """Pass a change on once exactly its request is approved; end it where the approvers said no."""
    request = change.requisition
    if request is None or request.state in (*DEAD, "withdrawn"):
        return Done("rejected")
    if request.state != "ordered":
        return Wait(clock() + LOOK_AGAIN)
    if approved_own_change(session, change):
        detail = f"{change.requested_by} asked for this change and approved it too. Waive this if somebody else agreed."
        if barring := not_waived(session, change, [Problem(Code.NO_APPROVER, detail)]):
            return Hold(barring, owner="buyer")
    return Done("approved")


def settle(session: Session, change: ChangeOrder, *, clock: Callable[[], datetime] = utc_now) -> Outcome:
    """End an issued change by what the supplier answered to its revision, and tell the requester."""
    now = clock()
    if change.kind == "cancellation":
        return _settle_cancellation(session, change, now)
    order = change.order
    if order.revision != change.revision:
        return Done("superseded")
    if order.state == "cancelled":
        return Done("superseded")
    if order.acknowledgement in UNANSWERED:
        return Wait(now + timedelta(days=1))
    change.answered_at = now
    answer = "refused" if order.acknowledgement == "rejected" else "accepted"
    tell_requester(session, change, answer)
    return Done(answer)


def withdraw(session: Session, change: ChangeOrder, by: str, why: str) -> None:
    """End a change that is not issued yet; whoever was asked about it need not decide any more."""
    record(session, change, "moved", by, old=change.state, new="withdrawn", why=why)
    change.state, change.due_at = "withdrawn", None
    drop_request(session, change, by)
    if item := open_item(session, change):
        resolve(session, item, by, f"withdrawn: {why}")


def drop_request(session: Session, change: ChangeOrder, by: str) -> None:
    """Take back the request behind ``change`` with its open approvals; it draws on no budget any more."""
    request = change.requisition
    if request is None or request.state in DEAD:
        return
    void(session, approvals_of(session, request), by)
    new = "cancelled" if request.state in ("approved", "ordered") else "withdrawn"
    record(session, request, "moved", by, old=request.state, new=new)
    request.state, request.due_at = new, None
    if item := open_item(session, request):
        resolve(session, item, by, "the change was taken back")
    change.requisition_id = None
    change.requisition = None


def tell_requester(session: Session, change: ChangeOrder, outcome: str) -> None:
    """Note that the requester is to hear how ``change`` stands: issued, accepted, refused, cancelled or stands."""
    requester = change.order.requisition.requester.email
    notify(session, change, "order_changed", requester, key=f"changed:{change.id}:{outcome}", outcome=outcome)


def answer_cancellation(
    session: Session, change: ChangeOrder, *, accepted: bool, words: str, by: str, message: Message | None
) -> None:
    """Write down the supplier's yes or no to a cancellation, and let the order follow it."""
    change.answer = words[:2000]
    change.answered_at = utc_now()
    change.answered_by_message_id = message.id if message else None
    change.due_at = utc_now()
    told = "cancellation_accepted" if accepted else "cancellation_refused"
    record(session, change, told, by, order=change.order.number, message=message.id if message else None)
    if accepted and any(amount > 0 for amount in received_of(session, change.order).values()):
        _close_rest(session, change.order, by, change.reason)
    elif accepted:
        cancel_at_once(session, change.order, by, change.reason)


def cancel_at_once(session: Session, order: PurchaseOrder, by: str, why: str) -> None:
    """Move ``order`` to cancelled, and its request too where no order of it is left."""
    check_move(ORDER, order.state, "cancelled")
    record(session, order, "moved", by, old=order.state, new="cancelled", why=why)
    order.state, order.due_at = "cancelled", None
    announce_order(session, order, "order.cancelled", "")
    if item := open_item(session, order):
        resolve(session, item, by, "the order was cancelled")
    waiting = open_change(session, order)
    if waiting is not None and waiting.kind == "change":
        withdraw(session, waiting, by, "the order was cancelled")
    _follow(session, order, by)


def _close_rest(session: Session, order: PurchaseOrder, by: str, why: str) -> None:
    """Expect no more of an order of which something came before its cancellation was accepted."""
    for line in order.lines:
        line.closed_short = True
    order.due_at = utc_now()
    record(session, order, "closed_short", by, lines=[line.line_number for line in order.lines], why=why)


def _follow(session: Session, order: PurchaseOrder, by: str) -> None:
    left = select(PurchaseOrder.id).where(
        PurchaseOrder.requisition_id == order.requisition_id,
        PurchaseOrder.id != order.id,
        PurchaseOrder.state.not_in(DEAD),
    )
    if session.scalars(left.limit(1)).first() is not None:
        return
    behind = select(ChangeOrder).where(ChangeOrder.order_id == order.id, ChangeOrder.requisition_id.is_not(None))
    requests = [change.requisition for change in session.scalars(behind)]
    for request in (order.requisition, *requests):
        if request is not None and request.state == "ordered":
            record(session, request, "moved", by, old=request.state, new="cancelled")
            request.state, request.due_at = "cancelled", None


def _pass_on(session: Session, request: Requisition) -> None:
    """Move a request that nobody need sign any more to where the step ``order`` would bring it."""
    for new in ("approved", "ordered"):
        record(session, request, "moved", "step:prepare", old=request.state, new=new)
        request.state = new
    request.due_at = None


def _settle_cancellation(session: Session, change: ChangeOrder, now: datetime) -> Outcome:
    order = change.order
    if order.state == "cancelled":
        tell_requester(session, change, "cancelled")
        return Done("accepted" if change.answered_at else "forced")
    if change.answered_at is not None:
        agreed = all(line.closed_short for line in order.lines)
        tell_requester(session, change, "cancelled" if agreed else "stands")
        return Done("accepted" if agreed else "refused")
    organisation = session.get_one(Organisation, change.organisation_id)
    overdue_at = (change.issued_at or now) + timedelta(days=organisation.overdue_days)
    if now < overdue_at:
        return Wait(overdue_at)
    detail = f"{order.supplier.name} has not answered the cancellation of {order.number} for "
    detail += f"{organisation.overdue_days} days. Call them, then force it; or waive this to wait on."
    if barring := not_waived(session, change, [Problem(Code.RESPONSE_OVERDUE, detail)]):
        return Hold(barring, owner="buyer")
    return Wait(now + timedelta(days=30))


def _barring(session: Session, order: PurchaseOrder) -> Problem | None:
    if order.state != "issued":
        return Problem(
            Code.UNCLASSIFIED, f"{order.number or 'The order'} is {order.state}; only an issued order changes."
        )
    if waiting := open_change(session, order):
        what = f"{waiting.kind} {waiting.id} ({waiting.state.replace('_', ' ')})"
        return Problem(Code.UNCLASSIFIED, f"{order.number} has a {what} that did not go out yet; withdraw it first.")
    return None


def _add(session: Session, order: PurchaseOrder, kind: str, by: str, reason: str, source: str) -> ChangeOrder:
    change = ChangeOrder(
        organisation_id=order.organisation_id,
        state="draft",
        order_id=order.id,
        kind=kind,
        source=source,
        requested_by=by,
        reason=reason,
        base_revision=order.revision,
    )
    session.add(change)
    session.flush()
    return change
