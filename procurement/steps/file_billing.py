"""Mails of the loop's end become rows: what somebody received, and what a supplier bills."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.approvers import MAY_REQUEST
from procurement.order import normal_number
from procurement.stated import Stated, overlay
from records.audit import record
from records.flow import Done, Hold, Outcome
from records.problems import Code, Problem
from records.tables import GoodsReceipt, Invoice, Message, Person, PurchaseOrder, Requisition

BILLS = ("invoice", "credit_note")
_MAY_RECEIVE = MAY_REQUEST | {"receiver"}


def file_receipt(session: Session, message: Message, said: Stated, person: Person) -> Outcome:
    """Make a receipt of a mail in which somebody of the organisation says what came or went back."""
    if message.order_id is None:
        detail = "This says that goods came, but not of which order. Set /order_numbers, or close it with /handled."
        return Hold((Problem(Code.NO_ORDER_MATCH, detail, "/order_numbers"),))
    order = session.get_one(PurchaseOrder, message.order_id)
    requester = session.get_one(Requisition, order.requisition_id).requester_id
    if person.id != requester and not _MAY_RECEIVE & set(person.roles):
        detail = f"{person.email} neither requested {order.number} nor receives goods. Ask the requester."
        return Hold((Problem(Code.UNKNOWN_SENDER, detail, "/sender"),))
    receipt = GoodsReceipt(
        organisation_id=message.organisation_id,
        state="received",
        order_id=order.id,
        message_id=message.id,
        key=f"mail:{message.id}",
        source="mail",
        reported_by=person.email,
        received_on=message.received_at.date(),
        reading=message.reading or {},
        corrections={at: value for at, value in message.corrections.items() if at.startswith("/lines")},
    )
    session.add(receipt)
    session.flush()
    record(session, order, "receipt_reported", person.email, message=message.id, proof=message.trust.get("how"))
    return Done("filed")


def file_invoices(session: Session, message: Message, said: Stated) -> Outcome:
    """Make a row of every invoice and credit note that a supplier's mail carries; each number once."""
    known: set[tuple[str, str]] = set()
    readings = list(_bills(message, said))
    for reading, sha256, name in readings:
        corrections = {at: value for at, value in message.corrections.items() if at != "/kind"}
        values = overlay(reading, corrections) if len(readings) == 1 else dict(reading)
        number = normal_number(str(values.get("number") or ""))[:80]
        kind = str(values["kind"])
        if (number, kind) in known:
            continue
        known.add((number, kind))
        invoice = _invoice(session, message, values, (sha256, name))
        session.add(invoice)
        session.flush()
        told = {"message": message.id, "number": invoice.number, "kind": kind, "proof": message.trust.get("how")}
        record(session, invoice, "billed", message.sender_address or "", **told)
    return Done("filed")


def _bills(message: Message, said: Stated) -> Iterator[tuple[dict[str, Any], str, str]]:
    """Yield the reading, the blob and the name of each bill; the mail itself where none is attached."""
    found = [one for one in message.documents if (one.reading or {}).get("kind") in BILLS]
    whole = message.reading or {}
    for one in found:
        own = dict(one.reading or {})
        told = own.get("evidence", {}).items()
        own["evidence"] = {at: {**where, "part": one.part, "message": message.id} for at, where in told}
        own["order_numbers"] = own.get("order_numbers") or whole.get("order_numbers", [])
        own["reply_text"] = own.get("reply_text") or whole.get("reply_text")
        yield own, one.sha256, one.name or "invoice"
    if not found:
        yield {**whole, "kind": said.kind}, message.raw_sha256, "invoice.eml"


def _invoice(session: Session, message: Message, values: dict[str, Any], original: tuple[str, str]) -> Invoice:
    return Invoice(
        organisation_id=message.organisation_id,
        state="received",
        kind=str(values["kind"]),
        supplier_id=message.supplier_id,
        order_id=_order_of(session, message, values),
        message_id=message.id,
        original_sha256=original[0],
        original_name=original[1],
        number=values.get("number"),
        normal_number=normal_number(str(values.get("number") or ""))[:80],
        issued_on=_day(values.get("issued_on")),
        currency=values.get("currency"),
        net_total=_amount(values.get("net_total")),
        tax_total=_amount(values.get("tax_total")),
        gross_total=_amount(values.get("gross_total")),
        reading=values,
    )


def _order_of(session: Session, message: Message, values: dict[str, Any]) -> int | None:
    """Return the one order of the supplier that the bill names; the mail's own where it names none."""
    numbers = [normal_number(str(number)) for number in values.get("order_numbers", ())][:20]
    if not numbers:
        return message.order_id
    found = session.scalars(
        select(PurchaseOrder.id).where(
            PurchaseOrder.organisation_id == message.organisation_id,
            PurchaseOrder.supplier_id == message.supplier_id,
            PurchaseOrder.normal_number.in_(numbers),
            PurchaseOrder.issued_at.is_not(None),
        )
    ).all()
    return found[0] if len(found) == 1 else None


def _day(value: Any) -> date | None:
    try:
        return datetime.fromisoformat(str(value)).date() if value else None
    except ValueError:
        return None


def _amount(value: Any) -> Decimal | None:
    try:
        amount = Decimal(str(value)) if value not in (None, "") else None
    except InvalidOperation:
        return None
    return amount if amount is None or amount.is_finite() else None
