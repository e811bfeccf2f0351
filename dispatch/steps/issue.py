"""The step ``issue``: an approved order gets its number, is printed once, frozen, and queued for the supplier."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.compose import Attachment
from dispatch.facts import order_values
from dispatch.orderx_papers import Papers, make_papers, unit_problems
from dispatch.steps.decide import supersede
from dispatch.steps.document import document_of
from dispatch.steps.mail import Letter, send_letter
from dispatch.steps.own import own_templates
from procurement.order import next_chase, normal_number
from procurement.order_changes import changes_since
from procurement.order_document import Change, OrderDocument
from procurement.steps.notices import notify
from procurement.steps.numbers import next_order_number
from procurement.steps.signing import is_approved
from records.audit import record
from records.base import utc_now
from records.blobs import Blobs
from records.exceptions import not_waived
from records.flow import Done, Hold, Keep, Progress
from records.problems import Code, Problem
from records.tables import OrderRevision, Organisation, PurchaseOrder


def issue(session: Session, order: PurchaseOrder, *, blobs: Blobs, clock: Callable[[], datetime] = utc_now) -> Progress:
    """Issue ``order``: never without the approvals that the policy demands of exactly this revision.

    The number is allotted and committed first, so that it is never given twice; rendering happens outside
    any transaction; the revision, its papers and the mail are committed together. Papers that do not say
    what the order says are never sent.
    """
    if barring := _barring(session, order):
        return Hold(barring)
    now = clock()
    organisation = session.get_one(Organisation, order.organisation_id)
    today = now.astimezone(ZoneInfo(organisation.time_zone)).date()
    if order.number is None:
        order.number = next_order_number(session, organisation.id, today)
        order.normal_number = normal_number(order.number)
        order.issued_on = today
        record(session, order, "numbered", "step:issue", number=order.number)
    document, changes = document_of(session, order), _changes(session, order)
    with_ubl, own = _wants_ubl(order), own_templates(session, order.organisation_id)
    yield Keep()
    papers = make_papers(document, changes, with_ubl=with_ubl, own=own)
    if papers.problems:
        return Hold(papers.problems)
    pdf_sha256 = blobs.put(papers.pdf)
    ubl_sha256 = blobs.put(papers.ubl) if papers.ubl else None
    if (barring := _barring(session, order)) or document != document_of(session, order):
        return Hold(barring or (Problem(Code.STALE_APPROVAL, "The order changed while it was being printed."),))
    session.add(
        OrderRevision(
            organisation_id=order.organisation_id,
            order_id=order.id,
            revision=order.revision,
            issued_at=now,
            document=json.loads(json.dumps(asdict(document), default=str)),
            pdf_sha256=pdf_sha256,
            ubl_sha256=ubl_sha256,
            net_total=document.net_total,
        )
    )
    order.issued_at = now
    supersede(session, order, order.revision, "step:issue")
    send_letter(session, order, _letter(order, document, changes, papers), blobs=blobs, now=now)
    requester = order.requisition.requester
    notify(session, order, "requisition_ordered", requester.email, key=f"ordered:{order.id}:{order.revision}")
    return Done("issued", at=next_chase(now, organisation.chase_days, organisation.overdue_days, 0))


def _letter(order: PurchaseOrder, document: OrderDocument, changes: Sequence[Change], papers: Papers) -> Letter:
    attachments = [Attachment(f"{order.number}.pdf", papers.pdf)]
    if papers.ubl:
        attachments.append(Attachment(f"{order.number}.xml", papers.ubl, "application/xml"))
    return Letter(
        kind="order",
        recipient=order.supplier.order_email,
        language=order.supplier.language,
        values=order_values(document) | {"changes": changes},
        revision=order.revision,
        attachments=attachments,
        automatic=False,
    )


def _changes(session: Session, order: PurchaseOrder) -> tuple[Change, ...]:
    """Return what this revision changes of the one that was issued before it; nothing of a first one."""
    earlier = session.scalars(
        select(OrderRevision.document)
        .where(OrderRevision.order_id == order.id, OrderRevision.revision < order.revision)
        .order_by(OrderRevision.revision.desc())
        .limit(1)
    ).first()
    return changes_since(earlier, document_of(session, order)) if earlier else ()


def _wants_ubl(order: PurchaseOrder) -> bool:
    return order.supplier.order_xml == "ubl"


def _barring(session: Session, order: PurchaseOrder) -> tuple[Problem, ...]:
    """Return what keeps the order from going out: one thing that stops it, or all units without a code."""
    if stopping := _stopping(session, order):
        return (stopping,)
    return not_waived(session, order, unit_problems(document_of(session, order)) if _wants_ubl(order) else ())


def _stopping(session: Session, order: PurchaseOrder) -> Problem | None:
    if not is_approved(session, order.requisition):
        return Problem(Code.STALE_APPROVAL, "The approvals do not cover this order any more; it is not sent.")
    if order.supplier.status != "active":
        detail = f"{order.supplier.name} is {order.supplier.status}; the order is not sent. Close it with /handled."
        return Problem(Code.SUPPLIER_BLOCKED, detail)
    if order.on_hold:
        return Problem(Code.SUPPLIER_BLOCKED, "The order is on hold.")
    return None
