"""What a person does about an invoice: accept what differs, dispute, reject, link to another order, fetch packages."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from dispatch.steps.hand_over import package_files, settle_hand_over
from procurement.invoice_match import Match
from procurement.order import normal_number
from procurement.steps.invoice import bills_of, differences_of
from procurement.steps.notices import notify
from records.audit import record
from records.base import utc_now
from records.blobs import Blobs
from records.exceptions import open_item, release, resolve, waive
from records.tables import Invoice, InvoicePackage, Notice, Organisation, Person, PurchaseOrder
from web.desk.orders import order_numbered
from web.desk.refused import CommandError
from web.desk.resolution import ACCEPTED_BY_SIGNATURE

Values = dict[str, Any]
MAY_ACCEPT = frozenset({"buyer", "approver", "administrator"})
OPEN = ("received", "waiting_for_receipt")
MOST_PACKAGES = 100


def invoice_numbered(session: Session, organisation_id: int, number: str, supplier: str | None = None) -> Invoice:
    """Return the invoice of that number (or row id); raises CommandError where none or several fit."""
    mine = select(Invoice).where(Invoice.organisation_id == organisation_id)
    found = session.scalars(mine.where(Invoice.normal_number == normal_number(number)).limit(20)).all()
    if supplier:
        found = [one for one in found if one.supplier.code == supplier]
    if not found and number.isdecimal():
        found = session.scalars(mine.where(Invoice.id == int(number))).all()
    live = [one for one in found if one.state not in ("duplicate", "rejected")] or found
    if not live:
        raise CommandError(f"There is no invoice {number}.")
    if len(live) > 1:
        told = ", ".join(f"{one.id} of {one.supplier.code}" for one in live)
        raise CommandError(f"Several invoices have the number {number}: name one by its id ({told}).")
    return live[0]


def accept_invoice(session: Session, invoice: Invoice, by: str, why: str) -> None:
    """Accept everything in which ``invoice`` differs; the same step then matches it.

    Only a buyer, approver or administrator may, up to his approval limit, and never for his own request.
    """
    _say_why(why)
    session.refresh(invoice, with_for_update=True)
    if invoice.state not in OPEN:
        raise CommandError(f"Invoice {invoice.number} is {_spelled(invoice.state)}: there is nothing to accept.")
    item = open_item(session, invoice)
    codes = {problem["code"] for problem in item.problems} if item else set()
    if item is None or not codes <= set(ACCEPTED_BY_SIGNATURE):
        raise CommandError(f"Invoice {invoice.number} has no difference that could be accepted.")
    order, match = differences_of(session, invoice)
    _check_signature(session, invoice, order, match, by)
    for problem in item.problems:
        waive(session, item, problem["code"], problem["at"], by, why)
    release(session, item, by, f"accepted: {why}")


def dispute_invoice(session: Session, invoice: Invoice, by: str, why: str) -> None:
    """Tell the supplier in his language what is wrong with ``invoice``; it waits for his answer or a credit note."""
    _say_why(why)
    _leave(session, invoice, "disputed", by, why)
    key = f"disputed:{invoice.id}:{len(_disputes(session, invoice))}"
    notify(session, invoice, "invoice_disputed", invoice.supplier.order_email, key=key, why=why)


def reject_invoice(session: Session, invoice: Invoice, by: str, why: str) -> None:
    """End ``invoice`` without paying it: it is wrong, not ours, or the same as another."""
    _say_why(why)
    _leave(session, invoice, "rejected", by, why)


def reopen_invoice(session: Session, invoice: Invoice, by: str, why: str) -> None:
    """Match a disputed ``invoice`` again: the supplier explained it, or the goods came."""
    _say_why(why)
    session.refresh(invoice, with_for_update=True)
    if invoice.state != "disputed":
        raise CommandError(f"Invoice {invoice.number} is {_spelled(invoice.state)}, not disputed.")
    _move(session, invoice, "received", by, why)
    invoice.due_at, invoice.attempts = utc_now(), 0


def link_invoice(session: Session, invoice: Invoice, order_number: str, by: str) -> None:
    """Match ``invoice`` with another order of the same supplier."""
    session.refresh(invoice, with_for_update=True)
    if invoice.state != "received":
        raise CommandError(
            f"Invoice {invoice.number} is {_spelled(invoice.state)}: it cannot be linked to another order."
        )
    order = order_numbered(session, invoice.organisation_id, order_number)
    if order is None or order.supplier_id != invoice.supplier_id:
        raise CommandError(f"{invoice.supplier.name} has no order {order_number}.")
    invoice.corrections = {**invoice.corrections, "/order_numbers": [order.number]}
    record(session, invoice, "corrected", by, values={"/order_numbers": [order.number]})
    _again(session, invoice, by, f"linked to {order.number}")


def link_credit_note(session: Session, note: Invoice, invoice: Invoice, by: str) -> None:
    """Say which invoice a credit note credits."""
    if note.kind != "credit_note" or note.state != "received" or note.order_id is None:
        raise CommandError(f"{note.number} is no credit note that waits to be linked.")
    if invoice not in bills_of(session, note.order_id):
        raise CommandError(f"{invoice.number} is no matched invoice of the same order.")
    note.credits_id = invoice.id
    record(session, note, "corrected", by, values={"credits": invoice.number})
    _again(session, note, by, f"credits {invoice.number}")


def latest_invoices(session: Session, organisation_id: int, count: int, state: str | None = None) -> list[Values]:
    """Return the newest ``count`` invoices, newest first."""
    found = select(Invoice).where(Invoice.organisation_id == organisation_id)
    found = found.where(Invoice.state == state) if state else found
    found = found.options(joinedload(Invoice.supplier), joinedload(Invoice.order))
    return [_head(one) for one in session.scalars(found.order_by(Invoice.id.desc()).limit(count))]


def invoice_values(session: Session, invoice: Invoice) -> Values:
    """Return one invoice whole, with what differs line by line."""
    names = ("place", "description", "quantity", "unit_price", "amount", "verdict", "differences")
    item = open_item(session, invoice)
    package = session.scalars(select(InvoicePackage).where(InvoicePackage.invoice_id == invoice.id)).one_or_none()
    return _head(invoice) | {
        "charges": invoice.charges,
        "lines": [{name: getattr(line, name) for name in names} for line in invoice.lines],
        "problems": item.problems if item else [],
        "package": None if package is None else {"key": package.key, "state": package.state},
    }


def open_packages(session: Session, organisation_id: int) -> list[Values]:
    """Return the oldest packages that nobody has taken yet, for a receiver who fetches them."""
    found = select(InvoicePackage).where(
        InvoicePackage.organisation_id == organisation_id, InvoicePackage.state == "to_hand_over"
    )
    return [dict(one.content) for one in session.scalars(found.order_by(InvoicePackage.id).limit(MOST_PACKAGES))]


def confirm_package(session: Session, organisation_id: int, key: str, by: str) -> bool:
    """Note that ``by`` has the package of ``key``; return False where somebody had it before."""
    found = select(InvoicePackage).where(InvoicePackage.organisation_id == organisation_id, InvoicePackage.key == key)
    package = session.scalars(found.with_for_update()).one_or_none()
    if package is None:
        raise CommandError(f"There is no package {key}.")
    if package.state == "handed_over":
        return False
    package.state, package.due_at = "handed_over", None
    settle_hand_over(session, package, by, utc_now())
    return True


def saved_package(session: Session, invoice: Invoice, blobs: Blobs) -> dict[str, bytes]:
    """Return the files of the package of a matched invoice, as they are handed over."""
    package = session.scalars(select(InvoicePackage).where(InvoicePackage.invoice_id == invoice.id)).one_or_none()
    if package is None:
        raise CommandError(f"Invoice {invoice.number} is {_spelled(invoice.state)}: it has no package.")
    organisation = session.get_one(Organisation, invoice.organisation_id)
    return package_files(dict(package.content), blobs, organisation.accent)


def _check_signature(session: Session, invoice: Invoice, order: PurchaseOrder, match: Match, by: str) -> None:
    person = session.scalars(
        select(Person).where(Person.organisation_id == invoice.organisation_id, Person.email == by, Person.active)
    ).one_or_none()
    if person is None or not MAY_ACCEPT & set(person.roles):
        raise CommandError(f"{by} is no buyer, approver or administrator: they accept differences (--by EMAIL).")
    if person.id == order.requisition.requester_id:
        raise CommandError(f"{by} requested {order.number}: somebody else must accept the difference.")
    limit = person.approval_limit or Decimal(0)
    if match.excess > limit:
        raise CommandError(f"{match.excess:f} more than agreed is above what {by} may sign ({limit:f}).")


def _leave(session: Session, invoice: Invoice, state: str, by: str, why: str) -> None:
    session.refresh(invoice, with_for_update=True)
    if invoice.state not in (*OPEN, "disputed") or invoice.state == state:
        raise CommandError(f"Invoice {invoice.number} is {_spelled(invoice.state)}: it cannot be {state}.")
    if item := open_item(session, invoice):
        resolve(session, item, by, f"{state}: {why}")
    _move(session, invoice, state, by, why)
    invoice.due_at = None


def _again(session: Session, invoice: Invoice, by: str, how: str) -> None:
    if item := open_item(session, invoice):
        release(session, item, by, how)
    else:
        invoice.due_at, invoice.attempts = utc_now(), 0


def _move(session: Session, invoice: Invoice, state: str, by: str, why: str) -> None:
    record(session, invoice, "moved", by, old=invoice.state, new=state, why=why)
    invoice.state = state
    session.flush()


def _disputes(session: Session, invoice: Invoice) -> Sequence[int]:
    found = select(Notice.id).where(Notice.subject_table == invoice.__tablename__, Notice.subject_id == invoice.id)
    return session.scalars(found.where(Notice.kind == "invoice_disputed")).all()


def _head(invoice: Invoice) -> Values:
    names = (
        "id",
        "kind",
        "number",
        "state",
        "verdict",
        "issued_on",
        "currency",
        "net_total",
        "tax_total",
        "gross_total",
    )
    order = {"order": invoice.order.number if invoice.order else None}
    return {name: getattr(invoice, name) for name in names} | order | {"supplier": invoice.supplier.code}


def _say_why(why: str) -> None:
    if not why.strip():
        raise CommandError("Say why: --why TEXT.")


def _spelled(state: str) -> str:
    return state.replace("_", " ")
