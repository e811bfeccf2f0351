"""The catalog's words as sets of items, and its numbers beside them"""

from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from alembic import op

from records.postings import block_of, pack

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    organisation = sa.ForeignKey("organisation.id")
    op.create_table(
        "catalog_number",
        sa.Column("organisation_id", ROW_ID, organisation, nullable=False),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("item_id", ROW_ID, sa.ForeignKey("catalog_item.id"), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "number", "item_id"),
    )
    op.create_table(
        "catalog_word",
        sa.Column("organisation_id", ROW_ID, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("word", sa.String(60), nullable=False),
        sa.Column("block", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("places", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "word", "block"),
    )
    _carry_over()
    op.drop_table("catalog_token")


def _carry_over() -> None:
    bind = op.get_bind()
    bind.execute(
        sa.text(
            "INSERT INTO catalog_number (organisation_id, number, item_id) "
            "SELECT organisation_id, substr(token, 2), item_id FROM catalog_token WHERE substr(token, 1, 1) = '#'"
        )
    )
    sets: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    tokens = sa.text("SELECT organisation_id, token, item_id FROM catalog_token WHERE substr(token, 1, 1) <> '#'")
    suppliers = sa.text(
        "SELECT organisation_id, '@' || supplier_id, id FROM catalog_item AS item WHERE EXISTS "
        "(SELECT 1 FROM catalog_token WHERE item_id = item.id AND substr(token, 1, 1) <> '#')"
    )
    for query in (tokens, suppliers):
        for organisation_id, word, item_id in bind.execute(query):
            block, place = block_of(item_id)
            sets[organisation_id, word, block].add(place)
    table = sa.table(
        "catalog_word",
        *(sa.column(name) for name in ("organisation_id", "word", "block", "items")),
        sa.column("places", sa.LargeBinary()),
    )
    for (organisation_id, word, block), places in sets.items():
        values = {"organisation_id": organisation_id, "word": word, "block": block}
        bind.execute(sa.insert(table).values(**values, items=len(places), places=pack(places)))
