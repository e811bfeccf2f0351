"""An order's rows as the document that is printed and mailed."""

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from procurement.change_order import ContentLine
from procurement.order_document import DocumentLine, OrderDocument, Party
from records.tables import OrderLine, Organisation, PurchaseOrder, ShipTo, Supplier


def document_of(session: Session, order: PurchaseOrder) -> OrderDocument:
    """Return ``order`` as it is printed; its number and date are set."""
    organisation = session.get_one(Organisation, order.organisation_id)
    requisition, supplier = order.requisition, order.supplier
    dates = {line.needed_by for line in order.lines if line.needed_by}
    return OrderDocument(
        number=order.number or "",
        revision=order.revision,
        issued_on=order.issued_on or date.min,
        currency=order.currency,
        language=supplier.language,
        buyer=_buyer(organisation),
        supplier=_supplier(supplier),
        ship_to=place_of(session, order, order.ship_to or requisition.ship_to),
        lines=tuple(map(line_of, order.lines)),
        needed_by=dates.pop() if len(dates) == 1 else None,
        payment_terms=supplier.payment_terms or organisation.payment_terms,
        delivery_terms=organisation.delivery_terms,
        terms=tuple(organisation.terms),
        requisition=requisition.number,
        requester=requisition.requester.name,
        cost_center=order.cost_center or requisition.cost_center,
        reply_to=organisation.email,
        accent=organisation.accent,
        supplier_number=supplier.code,
    )


def line_of(line: OrderLine | ContentLine) -> DocumentLine:
    """Return a line of an order (or of what a change makes of it) as it is printed."""
    return DocumentLine(
        line_number=line.line_number,
        description=line.description,
        quantity=line.quantity,
        unit=line.unit,
        unit_price=line.unit_price,
        item_number=line.item_number,
        supplier_item_number=line.supplier_item_number,
        needed_by=line.needed_by,
        tax_rate=line.tax_rate,
        contract=line.contract,
    )


def place_of(session: Session, order: PurchaseOrder, stated: str | None) -> Party:
    """Return where ``order`` goes to, if ``stated`` is where it is wanted."""
    return _ship_to(session, session.get_one(Organisation, order.organisation_id), stated)


def _buyer(organisation: Organisation) -> Party:
    return Party(
        name=organisation.name,
        address=tuple(organisation.address),
        country=organisation.country,
        tax_number=organisation.tax_number,
        email=organisation.email,
        phone=organisation.phone,
    )


def _supplier(supplier: Supplier) -> Party:
    return Party(
        name=supplier.name,
        address=tuple(supplier.address),
        country=supplier.country,
        tax_number=supplier.tax_number,
        contact_name=supplier.contact_name,
        email=supplier.order_email,
        phone=supplier.phone,
    )


def _ship_to(session: Session, organisation: Organisation, stated: str | None) -> Party:
    """Return the known place whose code or name was stated, else the default place with the stated words."""
    places = select(ShipTo).where(ShipTo.organisation_id == organisation.id)
    if stated:
        place = session.scalars(places.where(or_(ShipTo.code == stated, ShipTo.name == stated))).first()
        if place:
            return Party(place.name, tuple(place.address), place.country)
    default = session.scalars(places.order_by(ShipTo.is_default.desc(), ShipTo.id)).first()
    name, address = (default.name, default.address) if default else (organisation.name, organisation.address)
    country = default.country if default else organisation.country
    return Party(name, (*([stated] if stated else []), *address), country)
