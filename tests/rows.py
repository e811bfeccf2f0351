"""Rows that many tests start from."""

from records.database import Database
from records.tables import Organisation


def add_organisation(database: Database, slug: str = "northwind") -> Organisation:
    """Insert an organisation called ``slug`` and return it, detached and loaded."""
    row = Organisation(
        slug=slug,
        name=f"{slug.title()} Instruments",
        address=["12 Harbour Street", "2100 Copenhagen"],
        country="DK",
        email=f"purchasing@{slug}.example",
        currency="EUR",
        domains=[f"{slug}.example"],
        borders=[f"mx.{slug}.example"],
        approval_days=[2, 4],
        chase_days=[2, 4],
    )
    with database.session() as session:
        session.add(row)
        session.flush()
        session.refresh(row)
        session.expunge(row)
    return row
