"""What was received and billed of an order, read from its rows, and what the order comes to by it.

An order closes by rule: all of it came (or will not come), all of that is billed, and nobody has anything to
decide about it. It is reopened when goods go back or a credit note leaves something to be billed.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from procurement.invoice_match import Allowance, allowance_of, billing
from procurement.order_line import DueLine
from procurement.receipt import standing
from procurement.steps.drawings import spend
from records.audit import record
from records.exceptions import OPEN_STATES, open_item, resolve
from records.tables import (
    CatalogItem,
    ChangeOrder,
    ExceptionItem,
    GoodsReceipt,
    GoodsReceiptLine,
    Invoice,
    InvoiceLine,
    OrderLine,
    Organisation,
    PurchaseOrder,
)

FINEST = Decimal("0.000000000001")  # of the share that is billed
UNDECIDED = ("received", "waiting_for_receipt", "disputed")  # of an invoice


def received_by_line(session: Session, order_id: int) -> dict[int, Decimal]:
    """Return what was received of each order line, by its id, less what went back."""
    rows = session.execute(
        select(GoodsReceiptLine.order_line_id, GoodsReceiptLine.quantity)
        .join(GoodsReceipt, GoodsReceipt.id == GoodsReceiptLine.receipt_id)
        .where(GoodsReceipt.order_id == order_id, GoodsReceipt.state == "booked")
    )
    return _summed((line_id, quantity) for line_id, quantity in rows)


def billed_by_line(session: Session, order_id: int) -> dict[int, Decimal]:
    """Return what was billed of each order line by matched invoices, by its id, less what was credited."""
    rows = session.execute(
        select(InvoiceLine.order_line_id, InvoiceLine.quantity)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.order_id == order_id, Invoice.state == "matched", InvoiceLine.order_line_id.is_not(None))
    )
    return _summed((line_id, quantity) for line_id, quantity in rows if line_id is not None)


def due_lines(session: Session, order: PurchaseOrder) -> list[DueLine]:
    """Return the lines of ``order`` as they were agreed last, with what came and what was billed of them."""
    received, billed = received_by_line(session, order.id), billed_by_line(session, order.id)
    numbers = {line.item_number for line in order.lines if line.item_number}
    found = select(CatalogItem).where(
        CatalogItem.organisation_id == order.organisation_id, CatalogItem.item_number.in_(sorted(numbers))
    )
    items = {item.item_number: item for item in session.scalars(found)} if numbers else {}
    return [_due(line, items.get(line.item_number or ""), received, billed) for line in order.lines]


def allowance(session: Session, organisation_id: int) -> Allowance:
    """Return how far the organisation lets invoices and receipts differ without asking."""
    return allowance_of(session.get_one(Organisation, organisation_id).billing)


def settle_order(session: Session, order: PurchaseOrder, by: str, now: datetime) -> None:
    """Write down how far ``order`` is received and billed, and close or reopen it by the rule."""
    due = due_lines(session, order)
    order.receipt, order.billing = standing(due), billing(due)
    _spend(session, order)
    whole = order.receipt in ("full", "closed_short") and order.billing == "full"
    session.flush()
    if order.state == "issued" and whole and not order.on_hold and not _undecided(session, order):
        _move(session, order, "closed", by)
        order.due_at = None
    elif order.state == "closed" and not whole and _moved_back(session, order):
        _move(session, order, "issued", by)
        order.due_at = now


def wake_invoices(session: Session, order: PurchaseOrder, by: str, now: datetime) -> None:
    """Let the invoices of ``order`` that wait for goods be matched anew."""
    waiting = select(Invoice).where(Invoice.order_id == order.id, Invoice.state == "waiting_for_receipt")
    for invoice in session.scalars(waiting):
        invoice.due_at, invoice.attempts = now, 0
        if item := open_item(session, invoice):
            resolve(session, item, by, "goods came or went back")


def _spend(session: Session, order: PurchaseOrder) -> None:
    """Count as spent of the budget what is billed of the orders of the requisition, and of their changes."""
    orders = session.scalars(select(PurchaseOrder).where(PurchaseOrder.requisition_id == order.requisition_id)).all()
    ordered = sum((line.quantity * line.unit_price for one in orders for line in one.lines), Decimal(0))
    ids = [one.id for one in orders]
    matched = select(Invoice).where(Invoice.order_id.in_(ids), Invoice.state == "matched")
    billed = sum((net_of(invoice) for invoice in session.scalars(matched)), Decimal(0))
    share = (billed / ordered).quantize(FINEST) if ordered else Decimal(1)
    behind = select(ChangeOrder).where(ChangeOrder.order_id.in_(ids), ChangeOrder.requisition_id.is_not(None))
    changes = [change.requisition for change in session.scalars(behind)]
    for requisition in (order.requisition, *changes):
        if requisition is not None:
            spend(session, requisition, share)


def net_of(invoice: Invoice) -> Decimal:
    """Return the net amount of a matched invoice: its lines and charges; below nothing for a credit note."""
    lines = (line.amount for line in invoice.lines if line.verdict != "charge")
    return sum(lines, Decimal(0)) + invoice.charges


def _move(session: Session, order: PurchaseOrder, state: str, by: str) -> None:
    axes = {"receipt": order.receipt, "billing": order.billing}
    record(session, order, "moved", by, old=order.state, new=state, **axes)
    order.state = state
    requisition = order.requisition
    others = select(func.count()).where(
        PurchaseOrder.requisition_id == order.requisition_id,
        PurchaseOrder.state.not_in(("closed", "cancelled", "rejected")),
    )
    session.flush()
    old, new = ("ordered", "closed") if state == "closed" else ("closed", "ordered")
    if requisition.state == old and (state != "closed" or session.scalars(others).one() == 0):
        record(session, requisition, "moved", by, old=old, new=new)
        requisition.state, requisition.due_at = new, None


def _moved_back(session: Session, order: PurchaseOrder) -> bool:
    """Whether something went back or was credited: a person may close an order of which less came or was billed."""
    returned = (
        select(GoodsReceiptLine.id)
        .join(GoodsReceipt, GoodsReceipt.id == GoodsReceiptLine.receipt_id)
        .where(GoodsReceipt.order_id == order.id, GoodsReceipt.state == "booked", GoodsReceipt.reason.is_not(None))
    )
    credited = select(Invoice.id).where(
        Invoice.order_id == order.id, Invoice.state == "matched", Invoice.kind == "credit_note"
    )
    return any(session.scalars(found.limit(1)).first() is not None for found in (returned, credited))


def _undecided(session: Session, order: PurchaseOrder) -> bool:
    """Whether somebody still has to decide about the order, a receipt or an invoice of it."""
    invoices = select(Invoice.id).where(Invoice.order_id == order.id)
    waiting = session.scalars(invoices.where(Invoice.state.in_(UNDECIDED)).limit(1)).first()
    receipts = select(GoodsReceipt.id).where(GoodsReceipt.order_id == order.id, GoodsReceipt.state == "received")
    if waiting is not None or session.scalars(receipts.limit(1)).first() is not None:
        return True
    about = (
        (ExceptionItem.subject_table == PurchaseOrder.__tablename__) & (ExceptionItem.subject_id == order.id),
        (ExceptionItem.subject_table == Invoice.__tablename__) & ExceptionItem.subject_id.in_(invoices),
    )
    items = select(ExceptionItem.id).where(ExceptionItem.state.in_(OPEN_STATES), or_(*about))
    return session.scalars(items.limit(1)).first() is not None


def _due(
    line: OrderLine, item: CatalogItem | None, received: Mapping[int, Decimal], billed: Mapping[int, Decimal]
) -> DueLine:
    agreed = line.quantity if line.agreed_quantity is None else line.agreed_quantity
    return DueLine(
        id=line.id,
        line_number=line.line_number,
        description=line.description,
        item_number=line.item_number,
        supplier_item_number=line.supplier_item_number,
        quantity=Decimal(0) if line.acknowledgement == "rejected" else agreed,
        unit=line.unit,
        unit_price=line.unit_price if line.agreed_price is None else line.agreed_price,
        tax_rate=line.tax_rate,
        category=line.category,
        contents=item.contents if item else None,
        content_unit=item.content_unit if item else None,
        received=received.get(line.id, Decimal(0)),
        billed=billed.get(line.id, Decimal(0)),
        closed_short=line.closed_short,
    )


def _summed(rows: Iterable[tuple[int, Decimal]]) -> dict[int, Decimal]:
    total: dict[int, Decimal] = {}
    for line_id, quantity in rows:
        total[line_id] = total.get(line_id, Decimal(0)) + quantity
    return total
