"""Master data as lists: suppliers, catalog items, people; each scoped to one organisation."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from procurement.catalog import number_key
from procurement.steps.catalog import rank
from records.tables import CatalogItem, CatalogNumber, Person, Supplier
from web.desk.paging import Asked, Page, by_name, in_state

SUPPLIER_STATES = ("onboarding", "active", "blocked")


def suppliers(session: Session, organisation_id: int, asked: Asked) -> Page:
    """Return suppliers by code: name, status, order_email, currency, country."""
    query = (
        select(
            Supplier.id,
            Supplier.code,
            Supplier.name,
            Supplier.status,
            Supplier.order_email,
            Supplier.currency,
            Supplier.country,
        )
        .where(Supplier.organisation_id == organisation_id)
        .where(in_state(Supplier.status, asked.state, SUPPLIER_STATES))
    )
    if text := asked.search.strip():
        columns = (Supplier.name, Supplier.code, Supplier.order_email)
        query = query.where(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    return by_name(session, query, Supplier.code, asked)


def catalog(session: Session, organisation_id: int, asked: Asked) -> Page:
    """Return catalog items by number; a search is a number (ours or the supplier's), else words of a description.

    What words find is one page, the nearest first.
    """
    query = (
        select(
            CatalogItem.id,
            CatalogItem.item_number,
            CatalogItem.description,
            Supplier.name.label("supplier"),
            CatalogItem.supplier_item_number,
            CatalogItem.category,
            CatalogItem.unit,
            CatalogItem.unit_price,
            CatalogItem.currency,
            CatalogItem.contract,
            CatalogItem.valid_until,
        )
        .join(Supplier, Supplier.id == CatalogItem.supplier_id)
        .where(CatalogItem.organisation_id == organisation_id)
    )
    text = asked.search.strip()
    if not text:
        return by_name(session, query, CatalogItem.item_number, asked)
    numbered = select(CatalogNumber.item_id).where(
        CatalogNumber.organisation_id == organisation_id, CatalogNumber.number == number_key(text)
    )
    found = list(session.scalars(numbered)) or [one.id for one in rank(session, organisation_id, text)]
    rows = {row["id"]: row for row in session.execute(query.where(CatalogItem.id.in_(found))).mappings()}
    return Page(tuple(dict(rows[number]) for number in found if number in rows)[: asked.size], None)


def people(session: Session, organisation_id: int, asked: Asked) -> Page:
    """Return people by address: name, roles, manager, approval limit, whether active."""
    query = select(
        Person.id,
        Person.email,
        Person.name,
        Person.roles,
        Person.manager_email,
        Person.approval_limit,
        Person.active,
    ).where(Person.organisation_id == organisation_id)
    if text := asked.search.strip():
        query = query.where(
            or_(Person.name.icontains(text, autoescape=True), Person.email.icontains(text, autoescape=True))
        )
    return by_name(session, query, Person.email, asked)
