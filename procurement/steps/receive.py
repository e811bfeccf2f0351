"""The step ``book``: a report of goods that came (or went back) is booked on the lines of its order."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from procurement.receipt import Booking, booking_of
from procurement.receipt_words import Report, report_of
from procurement.stated import stated
from procurement.steps.billing import allowance, due_lines, settle_order, wake_invoices
from records.audit import record
from records.base import utc_now
from records.exceptions import not_waived
from records.flow import Done, Hold, Outcome
from records.problems import Code, Problem
from records.tables import GoodsReceipt, GoodsReceiptLine, PurchaseOrder
from records.webhooks import announce

RECEIVABLE = ("issued", "closed")  # orders; something may go back after all was billed


def book(session: Session, receipt: GoodsReceipt, *, clock: Callable[[], datetime] = utc_now) -> Outcome:
    """Book ``receipt`` once, whoever reported it; what is unclear or too much is held.

    Invoices of the order that wait for goods are matched anew.
    """
    order = session.get_one(PurchaseOrder, receipt.order_id, with_for_update=True, populate_existing=True)
    if order.state not in RECEIVABLE:
        detail = f"{order.number} is {order.state}: nothing is received of it. Close this with /handled."
        return Hold((Problem(Code.NO_ORDER_MATCH, detail),))
    booking = _booking(session, receipt, order)
    if barring := not_waived(session, receipt, booking.problems):
        return Hold(barring)
    receipt.lines = [
        GoodsReceiptLine(organisation_id=receipt.organisation_id, order_line_id=line_id, quantity=quantity)
        for line_id, quantity in booking.lines
    ]
    receipt.state = "booked"
    if receipt.reason is None and any(quantity < 0 for _, quantity in booking.lines):
        receipt.reason = _words(receipt)
    session.flush()
    numbers = {line.id: line.line_number for line in order.lines}
    booked = {str(numbers[line_id]): f"{quantity:f}" for line_id, quantity in booking.lines}
    told = {"receipt": receipt.id, "lines": booked, "source": receipt.source}
    record(session, order, "received", receipt.reported_by, **told)
    facts = told | {"order": order.number}
    announce(session, order.organisation_id, "receipt.recorded", f"receipt:{receipt.id}", facts)
    settle_order(session, order, "step:book", clock())
    wake_invoices(session, order, "step:book", clock())
    return Done("booked")


def _booking(session: Session, receipt: GoodsReceipt, order: PurchaseOrder) -> Booking:
    said = stated(receipt.reading, receipt.corrections)
    by_hand = receipt.source != "mail" or any(at.startswith("/lines") for at in receipt.corrections)
    report = Report() if by_hand else report_of(said.reply_text)
    return booking_of(
        said, report, due_lines(session, order), allowance(session, order.organisation_id).receipt_fraction
    )


def _words(receipt: GoodsReceipt) -> str:
    return " ".join(str(receipt.reading.get("reply_text") or "returned").split())[:300]
