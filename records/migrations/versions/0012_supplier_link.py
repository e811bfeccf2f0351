"""The links to suppliers' pages"""

import sqlalchemy as sa
from alembic import op

from records.base import UtcTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "supplier_link",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("order_id", ROW_ID, sa.ForeignKey("purchase_order.id"), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("expires_at", UtcTime(timezone=True), nullable=False),
        sa.Column("organisation_id", ROW_ID, sa.ForeignKey("organisation.id"), nullable=False),
    )
    op.create_index("ix_supplier_link_order_id", "supplier_link", ["order_id"])
    op.create_index("ix_supplier_link_organisation_id", "supplier_link", ["organisation_id"])


def downgrade() -> None:
    op.drop_table("supplier_link")
