"""The step ``issue``: an approved order gets its number, is printed once, frozen, and queued for the supplier."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dispatch.orderx_papers import make_papers
from dispatch.steps.document import document_of
from dispatch.steps.freeze import changes_of, freeze, unsendable, wants_ubl
from dispatch.steps.own import own_templates
from procurement.order import next_chase, normal_number
from procurement.steps.notices import notify
from procurement.steps.numbers import next_order_number
from procurement.steps.signing import is_approved
from records.audit import record
from records.base import utc_now
from records.blobs import Blobs
from records.flow import Done, Hold, Keep, Progress
from records.problems import Code, Problem
from records.tables import Organisation, PurchaseOrder


def issue(
    session: Session,
    order: PurchaseOrder,
    *,
    blobs: Blobs,
    clock: Callable[[], datetime] = utc_now,
    web_url: str = "",
) -> Progress:
    """Issue ``order``: never without the approvals that the policy demands of exactly this revision.

    The number is allotted and committed first, so that it is never given twice; rendering happens outside
    any transaction; the revision, its papers and the mail are committed together. Papers that do not say
    what the order says are never sent. An order on hold stays as it is until it is released.
    """
    if order.on_hold:
        return Done(order.state)
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
    document = document_of(session, order)
    changes = changes_of(session, order, document)
    with_ubl, own = wants_ubl(order), own_templates(session, order.organisation_id)
    yield Keep()
    papers = make_papers(document, changes, with_ubl=with_ubl, own=own)
    if papers.problems:
        return Hold(papers.problems)
    session.refresh(order, with_for_update=True)
    if order.on_hold or order.state != "approved":
        return Done(order.state)  # put on hold, or cancelled, while it was printed
    if (barring := _barring(session, order)) or document != document_of(session, order):
        return Hold(barring or (Problem(Code.STALE_APPROVAL, "The order changed while it was being printed."),))
    freeze(session, order, document, papers, changes, blobs=blobs, now=now, web_url=web_url)
    requester = order.requisition.requester
    notify(session, order, "requisition_ordered", requester.email, key=f"ordered:{order.id}:{order.revision}")
    return Done("issued", at=next_chase(now, organisation.chase_days, organisation.overdue_days, 0))


def _barring(session: Session, order: PurchaseOrder) -> tuple[Problem, ...]:
    """Return what keeps the order from going out: one thing that stops it, or all units without a code."""
    if not is_approved(session, order.requisition):
        return (Problem(Code.STALE_APPROVAL, "The approvals do not cover this order any more; it is not sent."),)
    return unsendable(session, order, document_of(session, order))
