"""Contracts, coding, rates, places, names of suppliers, and what is drawn on budgets and contracts"""

import json
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from alembic import op

import records.base

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EXACT, JSON = records.base.Exact(), records.base.Json()
EMPTY_LIST, EMPTY_TABLE = sa.text("'[]'"), sa.text("'{}'")
STANDING = {"pending_approval": "committed", "approved": "committed", "ordered": "spent", "closed": "spent"}


def upgrade() -> None:
    for table, column in _columns():
        op.add_column(table, column)
    validity = [("valid_from", sa.Date(), True), ("valid_until", sa.Date(), True)]
    supplier = ("supplier_id", ROW_ID, False)
    _create("account", [("code", sa.String(60), False), ("name", sa.Text(), False), *validity], ["code"])
    _create(
        "project",
        [("code", sa.String(60), False), ("name", sa.Text(), False), ("owner_email", sa.Text(), False), *validity],
        ["code"],
    )
    _create(
        "contract",
        [
            ("reference", sa.String(80), False),
            supplier,
            ("name", sa.Text(), True),
            ("currency", sa.String(3), False),
            ("ceiling", EXACT, True),
            *validity,
        ],
        ["reference"],
    )
    _create(
        "supplier_contact",
        [
            supplier,
            ("purpose", sa.String(30), False),
            ("name", sa.Text(), False),
            ("email", sa.Text(), False),
            ("phone", sa.Text(), True),
        ],
        [],
        sa.UniqueConstraint("supplier_id", "purpose", "email"),
    )
    _create(
        "exchange_rate",
        [("currency", sa.String(3), False), ("valid_on", sa.Date(), False), ("rate", EXACT, False)],
        ["currency", "valid_on"],
    )
    _create(
        "bill_to",
        [
            ("code", sa.String(60), False),
            ("name", sa.Text(), False),
            ("address", JSON, False),
            ("country", sa.Text(), True),
            ("email", sa.Text(), True),
            ("is_default", sa.Boolean(), False),
        ],
        ["code"],
    )
    _create_keyed(
        "supplier_name",
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("supplier_id", ROW_ID, sa.ForeignKey("supplier.id"), nullable=False),
    )
    _create_keyed(
        "drawing",
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("account", sa.String(60), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("committed", sa.BigInteger(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        own=4,
    )
    op.create_index("ix_requisition_wanted", "requisition", ["organisation_id", "content_hash"])
    op.create_index("ix_requisition_of_person", "requisition", ["requester_id", "submitted_at"])
    op.create_index("ix_requisition_drawn", "requisition", ["organisation_id", "drawn", "state"])
    _name_suppliers()
    _draw()


def _columns() -> list[tuple[str, sa.Column[Any]]]:
    return [
        ("organisation", sa.Column("checks", JSON, nullable=False, server_default=EMPTY_TABLE)),
        ("supplier", sa.Column("status_reason", sa.Text(), nullable=True)),
        ("supplier", sa.Column("status_since", sa.Date(), nullable=True)),
        ("catalog_item", sa.Column("quantity_multiple", EXACT, nullable=True)),
        ("catalog_item", sa.Column("contents", EXACT, nullable=True)),
        ("catalog_item", sa.Column("content_unit", sa.String(20), nullable=True)),
        ("catalog_item", sa.Column("price_breaks", JSON, nullable=False, server_default=EMPTY_LIST)),
        ("cost_center", sa.Column("accounts", JSON, nullable=False, server_default=EMPTY_LIST)),
        ("ship_to", sa.Column("email", sa.Text(), nullable=True)),
        ("requisition", sa.Column("drawn", sa.String(10), nullable=True)),
        ("requisition", sa.Column("drawings", JSON, nullable=False, server_default=EMPTY_LIST)),
        ("requisition", sa.Column("maverick_total", EXACT, nullable=True)),
        ("requisition_line", sa.Column("maverick", sa.String(20), nullable=True)),
    ]


def _create(name: str, columns: list[tuple[str, Any, bool]], key: list[str], *unique: Any) -> None:
    op.create_table(
        name,
        *(sa.Column(column, kind, nullable=nullable) for column, kind, nullable in columns),
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("organisation_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        *(sa.ForeignKeyConstraint([column], ["supplier.id"]) for column, *_ in columns if column == "supplier_id"),
        sa.PrimaryKeyConstraint("id"),
        *(unique or [sa.UniqueConstraint("organisation_id", *key)]),
    )
    op.create_index(f"ix_{name}_organisation_id", name, ["organisation_id"])


def _create_keyed(name: str, *columns: sa.Column[Any], own: int = 2) -> None:
    """Create a table whose key is the organisation and the first ``own`` columns."""
    op.create_table(
        name,
        sa.Column("organisation_id", ROW_ID, sa.ForeignKey("organisation.id"), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("organisation_id", *(column.name for column in columns[:own])),
    )


def _name_suppliers() -> None:
    """Enter the names by which the suppliers that stand there are found."""
    bind = op.get_bind()
    rows = bind.execute(sa.text("SELECT id, organisation_id, code, name, aliases FROM supplier")).all()
    names = {
        (row.organisation_id, " ".join(name.casefold().split())[:200], row.id)
        for row in rows
        for name in (row.code, row.name, *_list(row.aliases))
    }
    insert = sa.text("INSERT INTO supplier_name (organisation_id, name, supplier_id) VALUES (:o, :n, :s)")
    for organisation_id, name, supplier_id in sorted(names):
        bind.execute(insert, {"o": organisation_id, "n": name, "s": supplier_id})


def _draw() -> None:
    """Count what was submitted before for its cost centre, on the day of its submission (UTC)."""
    bind = op.get_bind()
    drawing = sa.table(
        "drawing",
        *(sa.column(name) for name in ("organisation_id", "kind", "key", "account")),
        sa.column("day", sa.Date()),
        *(sa.column(name) for name in ("committed", "spent")),
    )
    requisition = sa.table(
        "requisition",
        *(sa.column(name) for name in ("id", "organisation_id", "state", "cost_center", "account", "drawn")),
        sa.column("submitted_at", records.base.UtcTime()),
        sa.column("base_total", EXACT),
        sa.column("drawings", JSON),
    )
    counted = sa.select(requisition).where(
        requisition.c.state.in_(list(STANDING)),
        requisition.c.base_total.is_not(None),
        requisition.c.submitted_at.is_not(None),
        requisition.c.cost_center.is_not(None),
    )
    sums: dict[tuple[Any, ...], dict[str, int]] = {}
    for row in bind.execute(counted).all():
        standing, day = STANDING[row.state], row.submitted_at.date()
        hundredths = int(Decimal(row.base_total) * 100)
        entry = ["budget", row.cost_center, row.account or "", day.isoformat(), hundredths]
        bind.execute(sa.update(requisition).where(requisition.c.id == row.id).values(drawn=standing, drawings=[entry]))
        place = (row.organisation_id, "budget", row.cost_center, row.account or "", day)
        sums.setdefault(place, {"committed": 0, "spent": 0})[standing] += hundredths
    for (organisation_id, kind, key, account, day), amounts in sums.items():
        values = {"organisation_id": organisation_id, "kind": kind, "key": key, "account": account, "day": day}
        bind.execute(sa.insert(drawing).values(**values, **amounts))


def _list(value: Any) -> list[str]:
    return list(json.loads(value) if isinstance(value, str) else value)
