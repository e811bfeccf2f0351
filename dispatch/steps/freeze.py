"""One revision of an order, frozen as it was printed and queued for the supplier."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.compose import Attachment
from dispatch.facts import order_values
from dispatch.orderx_papers import Papers, country_problems, unit_problems
from dispatch.steps.decide import supersede
from dispatch.steps.mail import Letter, send_letter
from procurement.order_changes import changes_since
from procurement.order_document import Change, OrderDocument
from procurement.steps.events import announce_order
from procurement.steps.supplier_link import new_link
from records.blobs import Blobs
from records.exceptions import not_waived
from records.problems import Code, Problem
from records.tables import ChangeOrder, OrderRevision, PurchaseOrder


def freeze(
    session: Session,
    order: PurchaseOrder,
    document: OrderDocument,
    papers: Papers,
    changes: Sequence[Change],
    *,
    blobs: Blobs,
    now: datetime,
    web_url: str = "",
) -> None:
    """Keep ``document`` with its papers, take back older mail that waits, and queue the new mail.

    The order's revision is that of the document already. ``web_url`` is where the supplier finds his page.
    """
    session.add(
        OrderRevision(
            organisation_id=order.organisation_id,
            order_id=order.id,
            revision=document.revision,
            issued_at=now,
            document=json.loads(json.dumps(asdict(document), default=str)),
            pdf_sha256=blobs.put(papers.pdf),
            ubl_sha256=blobs.put(papers.ubl) if papers.ubl else None,
            net_total=document.net_total,
        )
    )
    order.issued_at = now
    supersede(session, order, document.revision, "step:issue")
    page = f"{web_url}/s/{new_link(session, order, now)}" if web_url else None
    send_letter(session, order, _letter(order, document, changes, papers, page), blobs=blobs, now=now)
    event = "order.issued" if document.revision == 1 else "order.changed"
    announce_order(session, order, event, str(document.revision))


def changes_of(session: Session, order: PurchaseOrder, document: OrderDocument) -> tuple[Change, ...]:
    """Return what ``document`` changes of the revision that was issued before it; nothing of a first one."""
    earlier = session.scalars(
        select(OrderRevision.document)
        .where(OrderRevision.order_id == order.id, OrderRevision.revision < document.revision)
        .order_by(OrderRevision.revision.desc())
        .limit(1)
    ).first()
    return changes_since(earlier, document) if earlier else ()


def wants_ubl(order: PurchaseOrder) -> bool:
    """Return whether the supplier gets UBL beside the PDF."""
    return order.supplier.order_xml == "ubl"


def unsendable(
    session: Session, order: PurchaseOrder, document: OrderDocument, change: ChangeOrder | None = None
) -> tuple[Problem, ...]:
    """Return why nothing goes to the order's supplier now: he may not be ordered from, or his system lacks something.

    That is the code of a unit or the country of a party, unless it was waived for the order or for this ``change``.
    """
    if order.supplier.status != "active":
        detail = f"{order.supplier.name} is {order.supplier.status}; the order is not sent. Close it with /handled."
        return (Problem(Code.SUPPLIER_BLOCKED, detail),)
    if not wants_ubl(order):
        return ()
    problems = not_waived(session, order, (*unit_problems(document), *country_problems(document)))
    return not_waived(session, change, problems) if change else problems


def _letter(
    order: PurchaseOrder, document: OrderDocument, changes: Sequence[Change], papers: Papers, page: str | None
) -> Letter:
    attachments = [Attachment(f"{order.number}.pdf", papers.pdf)]
    if papers.ubl:
        attachments.append(Attachment(f"{order.number}.xml", papers.ubl, "application/xml"))
    return Letter(
        kind="order",
        recipient=order.supplier.order_email,
        language=order.supplier.language,
        values=order_values(document) | {"changes": changes, "page": page},
        revision=document.revision,
        attachments=attachments,
        automatic=False,
    )
