"""The step ``issue_change``: an approved change becomes the order's next revision; a cancellation is asked for."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.compose import Attachment
from dispatch.facts import cancellation_values
from dispatch.orderx_papers import make_papers
from dispatch.steps.document import document_of, line_of, place_of
from dispatch.steps.freeze import changes_of, freeze, unsendable, wants_ubl
from dispatch.steps.mail import Letter, send_letter
from dispatch.steps.own import own_templates
from dispatch.steps.take_back import take_back
from dispatch.ubl_cancellation import ubl_cancellation
from procurement.change_order import Content, ContentLine, content_from_json, touched_lines
from procurement.order import next_chase
from procurement.order_document import OrderDocument
from procurement.order_response import acknowledgement
from procurement.steps.change import cancel_at_once, tell_requester
from procurement.steps.change_request import content_of, may_go_out
from records.audit import record
from records.base import utc_now
from records.blobs import Blobs
from records.flow import Done, Hold, Keep, Progress
from records.problems import Code, Problem
from records.tables import ChangeOrder, OrderLine, Organisation, PurchaseOrder


def issue_change(
    session: Session,
    change: ChangeOrder,
    *,
    blobs: Blobs,
    clock: Callable[[], datetime] = utc_now,
    web_url: str = "",
) -> Progress:
    """Issue ``change``: never without the approvals that the policy demands of exactly what it says.

    The order's rows alter in the transaction that freezes the new revision and queues its mail, and only
    then. A change of an order on hold waits for the release; one whose approvals lapsed is put to the
    approvers again.
    """
    order = session.get_one(PurchaseOrder, change.order_id, with_for_update=True, populate_existing=True)
    now = clock()
    if change.kind == "cancellation":
        return _ask_to_cancel(session, change, order, blobs, now)
    if (moved := _moved_on(session, change, order, now)) is not None:
        return moved
    content = content_from_json(change.content)
    document = _as_changed(session, order, content)
    if barring := unsendable(session, order, document, change):
        return Hold(barring)
    changes = changes_of(session, order, document)
    with_ubl, own = wants_ubl(order), own_templates(session, order.organisation_id)
    yield Keep()
    papers = make_papers(document, changes, with_ubl=with_ubl, own=own)
    if papers.problems:
        return Hold(papers.problems)
    for row in (change, order):
        session.refresh(row, with_for_update=True)
    if (moved := _moved_on(session, change, order, now)) is not None:
        return moved
    if document != _as_changed(session, order, content):
        return Hold((Problem(Code.STALE_APPROVAL, "The order changed while its revision was being printed."),))
    _apply(session, order, change, content)
    freeze(session, order, document, papers, changes, blobs=blobs, now=now, web_url=web_url)
    organisation = session.get_one(Organisation, order.organisation_id)
    order.due_at = next_chase(now, organisation.chase_days, organisation.overdue_days, 0)
    change.revision, change.issued_at = order.revision, now
    record(session, order, "revised", "step:issue_change", revision=order.revision, change=change.id)
    tell_requester(session, change, "issued")
    return Done("issued")


def _moved_on(session: Session, change: ChangeOrder, order: PurchaseOrder, now: datetime) -> Done | None:
    """Return where the change goes instead of out; None where it may go out."""
    if change.state != "approved":
        return Done(change.state)
    if order.state != "issued" or order.revision != change.base_revision:
        return Done("withdrawn")
    if order.on_hold:
        return Done("approved")
    if not may_go_out(session, change, now):
        record(session, change, "approval_lapsed", "step:issue_change")
        return Done("draft")
    return None


def _as_changed(session: Session, order: PurchaseOrder, content: Content) -> OrderDocument:
    """Return the next revision of ``order`` as it will be printed."""
    dates = {line.needed_by for line in content.lines if line.needed_by}
    return replace(
        document_of(session, order),
        revision=order.revision + 1,
        lines=tuple(map(line_of, content.lines)),
        needed_by=dates.pop() if len(dates) == 1 else None,
        ship_to=place_of(session, order, content.ship_to),
        cost_center=content.cost_center,
    )


def _apply(session: Session, order: PurchaseOrder, change: ChangeOrder, content: Content) -> None:
    """Make ``content`` the order; lines that changed wait for the supplier's word, unless he proposed it himself."""
    touched = touched_lines(content_of(order), content)
    agreed = change.source == "supplier"
    order.revision += 1
    order.chasers = 0
    order.ship_to = content.ship_to if content.ship_to != order.requisition.ship_to else None
    order.cost_center = content.cost_center if content.cost_center != order.requisition.cost_center else None
    wanted = {line.line_number: line for line in content.lines}
    for row in order.lines:
        if row.line_number not in wanted:
            row.removed_in = order.revision
        elif row.line_number in touched:
            _apply_line(row, wanted[row.line_number], agreed=agreed)
    session.flush()
    session.expire(order, ["lines"])
    order.acknowledgement = acknowledgement([line.acknowledgement for line in order.lines])


def _apply_line(row: OrderLine, line: ContentLine, *, agreed: bool) -> None:
    for name in ContentLine.__dataclass_fields__:
        setattr(row, name, getattr(line, name))
    row.acknowledgement = "accepted" if agreed else "awaiting"
    row.agreed_quantity = line.quantity if agreed else None
    row.agreed_price = line.unit_price if agreed else None
    row.promised_on = line.needed_by if agreed else None


def _ask_to_cancel(session: Session, change: ChangeOrder, order: PurchaseOrder, blobs: Blobs, now: datetime) -> Done:
    if order.state not in ("issued", "cancelled"):
        return Done("withdrawn")
    if order.state == "issued" and take_back(session, order, "step:issue_change"):
        cancel_at_once(session, order, "step:issue_change", change.reason)
        return Done("issued")  # nobody heard of the order, so nobody need agree
    document = document_of(session, order)
    files: list[Attachment] = []
    if wants_ubl(order):
        data = ubl_cancellation(document, f"{order.number}/{change.id}", now.date(), change.reason)
        files.append(Attachment(f"{order.number}-cancellation.xml", data, "application/xml"))
    letter = Letter(
        kind="order_cancellation",
        recipient=order.supplier.order_email,
        language=order.supplier.language,
        values=cancellation_values(document, change),
        revision=order.revision,
        occasion=str(change.id),
        attachments=files,
        automatic=False,
    )
    send_letter(session, order, letter, blobs=blobs, now=now)
    change.revision, change.issued_at = order.revision, now
    record(session, order, "cancellation_asked", "step:issue_change", change=change.id)
    return Done("issued")
