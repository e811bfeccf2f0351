"""The directory that the policy's people are looked up in, of the database or of a folder not loaded yet."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.approvers import Directory, Signatory
from procurement.folder_data import OrganisationData
from records.tables import CostCenter, Person, Supplier


def directory_of(session: Session, organisation_id: int) -> Directory:
    """Return the people and cost-centre owners of an organisation, as the policy sees them."""
    people = session.scalars(select(Person).where(Person.organisation_id == organisation_id))
    owners = session.execute(
        select(CostCenter.code, CostCenter.owner_email).where(CostCenter.organisation_id == organisation_id)
    )
    suppliers = session.scalars(select(Supplier.code).where(Supplier.organisation_id == organisation_id))
    return Directory(
        people={one.email: _signatory(one) for one in people},
        owners={row.code: row.owner_email for row in owners},
        suppliers=frozenset(suppliers),
    )


def directory_in(data: OrganisationData) -> Directory:
    """Return the directory that a folder describes."""
    return Directory(
        people={
            one.email: Signatory(
                one.email, one.name, frozenset(one.roles), one.manager_email, one.approval_limit, one.active
            )
            for one in data.people
        },
        owners={one.code: one.owner_email for one in data.cost_centers},
        suppliers=frozenset(one.code for one in data.suppliers),
        categories=frozenset(one.category for one in data.catalog or () if one.category),
    )


def _signatory(person: Person) -> Signatory:
    return Signatory(
        email=person.email,
        name=person.name,
        roles=frozenset(person.roles),
        manager=person.manager_email,
        approval_limit=person.approval_limit,
        active=person.active,
    )
