"""The directory of an organisation and its policy in force, as the rules of approval need them."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.approvers import Directory, Signatory
from records.tables import CatalogItem, CostCenter, Person, Policy, Supplier


def directory_of(session: Session, organisation_id: int, today: date | None = None) -> Directory:
    """Return the people of an organisation and the owners of its cost centres (with ``today``, of those valid then)."""
    people = session.scalars(select(Person).where(Person.organisation_id == organisation_id))
    centers = session.scalars(select(CostCenter).where(CostCenter.organisation_id == organisation_id))
    return Directory(
        people={one.email: _signatory(one) for one in people},
        owners={one.code: one.owner_email for one in centers if today is None or _is_valid(one, today)},
    )


def full_directory_of(session: Session, organisation_id: int, today: date) -> Directory:
    """Return the directory with all that a policy may name: also the suppliers and categories."""
    small = directory_of(session, organisation_id, today)
    suppliers = session.scalars(select(Supplier.code).where(Supplier.organisation_id == organisation_id))
    categories = session.scalars(
        select(CatalogItem.category).where(CatalogItem.organisation_id == organisation_id).distinct()
    )
    return Directory(small.people, small.owners, frozenset(suppliers), frozenset(one for one in categories if one))


def policy_in_force(session: Session, organisation_id: int, today: date) -> Policy | None:
    """Return the policy that counts for what is submitted ``today``: the last that became valid."""
    return session.scalars(
        select(Policy)
        .where(Policy.organisation_id == organisation_id, Policy.valid_from <= today)
        .order_by(Policy.valid_from.desc(), Policy.id.desc())
        .limit(1)
    ).first()


def _signatory(person: Person) -> Signatory:
    return Signatory(
        email=person.email,
        name=person.name,
        roles=frozenset(person.roles),
        manager=person.manager_email,
        approval_limit=person.approval_limit,
        active=person.active,
        id=person.id,
    )


def _is_valid(center: CostCenter, today: date) -> bool:
    begun = center.valid_from is None or center.valid_from <= today
    return begun and (center.valid_until is None or center.valid_until >= today)
