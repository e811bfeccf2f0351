"""The package of an invoice: all that accounts payable needs to pay it, frozen when it was matched."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.invoice_match import BilledLine, Match
from procurement.order_line import DueLine
from procurement.steps.billing import allowance
from records.tables import Invoice, InvoicePackage, Message, Organisation, PurchaseOrder, Waiver


def make_package(
    session: Session, invoice: Invoice, order: PurchaseOrder, due: list[DueLine], match: Match
) -> InvoicePackage:
    """Note that the matched ``invoice`` is to be handed over, with what was agreed, received and billed."""
    organisation = session.get_one(Organisation, invoice.organisation_id)
    key = f"{organisation.slug}-{invoice.id}-{invoice.normal_number}"[:120]
    content = {
        "key": key,
        "organisation": {"slug": organisation.slug, "name": organisation.name},
        "document": _document(session, invoice),
        "supplier": {"code": order.supplier.code, "name": order.supplier.name},
        "order": _order(order),
        "verdict": invoice.verdict,
        "tolerance": _tolerance(session, organisation.id),
        "charges": f"{match.charges:f}",
        "lines": [_line(one, {line.id: line for line in due}) for one in match.lines],
        "accepted": _accepted(session, invoice),
        "evidence": invoice.reading.get("evidence", {}),
    }
    package = InvoicePackage(
        organisation_id=invoice.organisation_id, state="to_hand_over", invoice_id=invoice.id, key=key, content=content
    )
    session.add(package)
    session.flush()
    return package


def _document(session: Session, invoice: Invoice) -> dict[str, Any]:
    amounts = {name: getattr(invoice, name) for name in ("net_total", "tax_total", "gross_total")}
    credited = session.get_one(Invoice, invoice.credits_id).number if invoice.credits_id else None
    return {
        "kind": invoice.kind,
        "number": invoice.number,
        "issued_on": invoice.issued_on.isoformat() if invoice.issued_on else None,
        "currency": invoice.currency,
        **{name: None if amount is None else f"{amount:f}" for name, amount in amounts.items()},
        "credits": credited,
        "original": {"name": invoice.original_name, "sha256": invoice.original_sha256, "mail": invoice.message_id},
    }


def _order(order: PurchaseOrder) -> dict[str, Any]:
    requisition = order.requisition
    return {
        "number": order.number,
        "revision": order.revision,
        "currency": order.currency,
        "acknowledgement": order.acknowledgement,
        "cost_center": order.cost_center or requisition.cost_center,
        "account": requisition.account,
        "project": requisition.project,
        "requester": requisition.requester.email,
    }


def _line(billed: BilledLine, due: dict[int, DueLine]) -> dict[str, Any]:
    line = due.get(billed.order_line_id or 0)
    ordered = {
        "line_number": line.line_number if line else None,
        "item_number": line.item_number if line else None,
        "unit": line.unit if line else None,
        "agreed_quantity": f"{line.quantity:f}" if line else None,
        "agreed_price": f"{line.unit_price:f}" if line else None,
        "received": f"{line.received:f}" if line else None,
        "billed_before": f"{line.billed:f}" if line else None,
    }
    return ordered | {
        "place": f"/lines/{billed.place}",
        "description": billed.description or (line.description if line else None),
        "billed_quantity": f"{billed.quantity:f}",
        "billed_price": None if billed.unit_price is None else f"{billed.unit_price:f}",
        "amount": f"{billed.amount:f}",
        "verdict": billed.verdict,
        "differences": {what: [agreed, told] for what, agreed, told in billed.differences},
    }


def _tolerance(session: Session, organisation_id: int) -> dict[str, Any]:
    allowed = allowance(session, organisation_id)
    percents = ("price_fraction", "quantity_fraction", "receipt_fraction")
    amounts = ("price_amount", "charges_amount", "rounding_amount")
    return {name: f"{getattr(allowed, name):f}" for name in (*percents, *amounts)} | {
        "without_receipt": sorted(allowed.without_receipt)
    }


def _accepted(session: Session, invoice: Invoice) -> list[dict[str, str]]:
    """Return what differed and was accepted all the same, by whom and why; in the mail that brought it too."""
    of_the_bill = (Waiver.subject_table == invoice.__tablename__) & (Waiver.subject_id == invoice.id)
    of_the_mail = (Waiver.subject_table == Message.__tablename__) & (Waiver.subject_id == invoice.message_id)
    found = select(Waiver).where(of_the_bill | of_the_mail).order_by(Waiver.id)
    return [{"code": one.code, "at": one.at, "by": one.by, "why": one.why} for one in session.scalars(found)]
