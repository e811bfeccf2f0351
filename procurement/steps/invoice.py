"""The step ``match_invoice``: what a supplier bills is matched with what was agreed and what came."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement import invoice_match as rules
from procurement.invoice_match import Match, Totals
from procurement.invoice_number import alike
from procurement.order import normal_number
from procurement.order_line import DueLine
from procurement.stated import stated
from procurement.steps.billing import allowance, due_lines, settle_order
from procurement.steps.package import make_package
from records.audit import record
from records.base import utc_now
from records.exceptions import not_waived
from records.flow import Done, Hold, Outcome
from records.problems import Code, Problem
from records.tables import Invoice, InvoiceLine, Organisation, PurchaseOrder
from records.webhooks import announce

BILLABLE = ("issued", "closed")  # orders
_GONE = ("rejected", "duplicate")


def match_invoice(session: Session, invoice: Invoice, *, clock: Callable[[], datetime] = utc_now) -> Outcome:
    """Match ``invoice`` (or credit note) with its order and make its package, once.

    What differs is held for the buyer, whose acceptance is a waiver; what waits for goods waits until a
    receipt wakes it. The second of two equal invoices ends as ``duplicate``.
    """
    if number := invoice.corrections.get("/number"):
        invoice.number, invoice.normal_number = number, normal_number(number)[:80]
    if twin := _twin(session, invoice):
        invoice.duplicate_of_id, invoice.verdict = twin.id, "duplicate"
        record(session, invoice, "found_duplicate", "step:match_invoice", of=twin.id, number=invoice.number)
        return Done("duplicate")
    if barring := not_waived(session, invoice, _doubts(session, invoice)):
        return Hold(barring)
    found = _order(session, invoice)
    if isinstance(found, Problem):
        return Hold((found,))
    order = found
    invoice.order_id = order.id
    if invoice.kind == "credit_note":
        credited = _credited(session, invoice, order)
        if isinstance(credited, Problem):
            return Hold((credited,), owner="buyer")
        invoice.credits_id = credited.id
    due = due_lines(session, order)
    match = _matched(session, invoice, order, due)
    _write(session, invoice, match)
    barring = not_waived(session, invoice, match.problems)
    invoice.verdict = "discrepancy" if barring else match.verdict
    if barring:
        record(session, invoice, "differs", "step:match_invoice", order=order.number, excess=f"{match.excess:f}")
        return Hold(barring, owner="buyer")
    if match.waits and (missing := not_waived(session, invoice, [_missing(session, invoice, order)])):
        return _wait(session, invoice, missing, clock())
    _settle(session, invoice, order, due, match, clock())
    return Done("matched")


def bills_of(session: Session, order_id: int) -> list[Invoice]:
    """Return the matched invoices of an order, without credit notes, oldest first."""
    found = select(Invoice).where(Invoice.order_id == order_id, Invoice.state == "matched", Invoice.kind == "invoice")
    return list(session.scalars(found.order_by(Invoice.id)))


def differences_of(session: Session, invoice: Invoice) -> tuple[PurchaseOrder, Match]:
    """Return the order that ``invoice`` bills, and what it comes to beside it now; nothing is changed."""
    order = session.get_one(PurchaseOrder, invoice.order_id)
    return order, _matched(session, invoice, order, due_lines(session, order))


def _settle(
    session: Session, invoice: Invoice, order: PurchaseOrder, due: list[DueLine], match: Match, now: datetime
) -> None:
    if match.problems or match.waits:
        invoice.verdict = "accepted"
    invoice.state, invoice.matched_at = "matched", now
    session.flush()
    make_package(session, invoice, order, due, match)
    told = {"order": order.number, "verdict": invoice.verdict, "lines": len(match.lines)}
    record(session, invoice, "matched", "step:match_invoice", **told)
    facts = told | {"invoice": invoice.number, "id": invoice.id}
    announce(session, invoice.organisation_id, "invoice.matched", f"invoice:{invoice.id}", facts)
    settle_order(session, order, "step:match_invoice", now)


def _wait(session: Session, invoice: Invoice, missing: tuple[Problem, ...], now: datetime) -> Outcome:
    """Wait for a receipt; after the organisation's days a person asks whether the goods came."""
    invoice.verdict = "waiting_for_receipt"
    days = session.get_one(Organisation, invoice.organisation_id).overdue_days
    until = invoice.created_at + timedelta(days=days)
    if now < until:
        return Done("waiting_for_receipt", at=until)
    return Hold(missing, state="waiting_for_receipt")


def _missing(session: Session, invoice: Invoice, order: PurchaseOrder) -> Problem:
    days = session.get_one(Organisation, invoice.organisation_id).overdue_days
    detail = f"Invoice {invoice.number} of {order.number} waits {days} days for goods that nobody reported. "
    advice = "Ask the requester and record the receipt, or dispute the invoice."
    return Problem(Code.INVOICE_DISCREPANCY, detail + advice, "/received")


def _matched(session: Session, invoice: Invoice, order: PurchaseOrder, due: list[DueLine]) -> Match:
    return rules.match_invoice(
        stated(invoice.reading, invoice.corrections),
        Totals(invoice.net_total, invoice.tax_total, invoice.gross_total),
        due,
        order.currency,
        allowance(session, invoice.organisation_id),
        credit=invoice.kind == "credit_note",
    )


def _write(session: Session, invoice: Invoice, match: Match) -> None:
    invoice.lines.clear()
    session.flush()
    invoice.charges = match.charges
    invoice.lines = [
        InvoiceLine(
            organisation_id=invoice.organisation_id,
            order_line_id=line.order_line_id,
            place=line.place,
            description=line.description,
            quantity=line.quantity,
            unit_price=line.unit_price,
            amount=line.amount,
            verdict=line.verdict,
            differences={what: [agreed, billed] for what, agreed, billed in line.differences},
        )
        for line in match.lines
    ]


def _order(session: Session, invoice: Invoice) -> PurchaseOrder | Problem:
    """Return the order that is billed, locked: the one that a person named, else the one that was read."""
    order_id = invoice.order_id
    if numbers := invoice.corrections.get("/order_numbers"):
        found = session.scalars(
            select(PurchaseOrder.id).where(
                PurchaseOrder.supplier_id == invoice.supplier_id,
                PurchaseOrder.issued_at.is_not(None),
                PurchaseOrder.normal_number.in_([normal_number(number) for number in numbers]),
            )
        ).all()
        order_id = found[0] if len(found) == 1 else None
    if order_id is None:
        detail = (
            f"No single order of {invoice.supplier.name} fits invoice {invoice.number}. Link it to one, or reject it."
        )
        return Problem(Code.NO_ORDER_MATCH, detail, "/order_numbers")
    order = session.get_one(PurchaseOrder, order_id, with_for_update=True, populate_existing=True)
    if order.state not in BILLABLE:
        detail = f"{order.number} is {order.state}: it cannot be billed. Link the invoice to another, or reject it."
        return Problem(Code.NO_ORDER_MATCH, detail, "/order_numbers")
    return order


def _credited(session: Session, note: Invoice, order: PurchaseOrder) -> Invoice | Problem:
    """Return the invoice that a credit note credits: the one that a person or its words name, or the only one."""
    bills = bills_of(session, order.id)
    if note.credits_id is not None:
        return session.get_one(Invoice, note.credits_id)
    told = normal_number(_all_words(note.reading))
    named = [one for one in bills if len(one.normal_number) > 3 and one.normal_number in told]
    fits = named or bills
    if len(fits) == 1:
        return fits[0]
    if not bills:
        detail = f"Nothing of {order.number} was billed that credit note {note.number} could credit."
        return Problem(Code.NO_ORDER_MATCH, detail + " Link it to another order, or reject it.", "/order_numbers")
    numbers = ", ".join(one.number or "?" for one in bills)
    detail = f"Credit note {note.number} may credit any of {numbers}. Say which, or reject it."
    return Problem(Code.AMBIGUOUS_ORDER, detail, "/credits")


def _all_words(reading: dict[str, Any]) -> str:
    lines = (str(line.get("description", "")) for line in reading.get("lines", ()))
    return "\n".join([str(reading.get("reply_text") or ""), str(reading.get("subject") or ""), *lines])


def _twin(session: Session, invoice: Invoice) -> Invoice | None:
    """Return the earlier invoice of the same number, day and amount."""
    if not invoice.normal_number:
        return None
    for one in _earlier(session, invoice, Invoice.normal_number == invoice.normal_number):
        if (one.issued_on, one.gross_total, one.net_total) == (
            invoice.issued_on,
            invoice.gross_total,
            invoice.net_total,
        ):
            return one
    return None


def _doubts(session: Session, invoice: Invoice) -> list[Problem]:
    """Return why an agent must look first: no number, or an earlier invoice that may be the same."""
    if not invoice.normal_number:
        return [Problem(Code.LOW_CONFIDENCE, "The invoice has no number that could be read.", "/number")]
    alikes = [*_earlier(session, invoice, Invoice.normal_number == invoice.normal_number)]
    if invoice.gross_total is not None:
        same_sum = _earlier(session, invoice, Invoice.gross_total == invoice.gross_total)
        alikes += [one for one in same_sum if alike(one.number, invoice.number) or _same_bill(one, invoice)]
    if not alikes:
        return []
    other = alikes[0]
    what = f"{other.number} of {other.issued_on or 'no date'} for {other.gross_total or other.net_total}"
    detail = f"Invoice {invoice.number} may be the same as {what}. Waive this if both are owed; else reject it."
    return [Problem(Code.DUPLICATE_SUSPECT, detail, "/number")]


def _same_bill(one: Invoice, other: Invoice) -> bool:
    return one.issued_on == other.issued_on and one.order_id == other.order_id and one.order_id is not None


def _earlier(session: Session, invoice: Invoice, condition: Any) -> Iterable[Invoice]:
    found = select(Invoice).where(
        Invoice.supplier_id == invoice.supplier_id,
        Invoice.kind == invoice.kind,
        Invoice.id < invoice.id,
        Invoice.state.not_in(_GONE),
        condition,
    )
    return session.scalars(found.order_by(Invoice.id).limit(20)).all()
