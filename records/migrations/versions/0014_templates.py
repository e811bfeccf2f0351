"""Organisations' own templates"""

import sqlalchemy as sa
from alembic import op

from records.base import Words

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "template_file",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("organisation_id", ROW_ID, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("path", sa.String(120), nullable=False),
        sa.Column("text", Words(), nullable=False),
        sa.UniqueConstraint("organisation_id", "path"),
    )
    op.create_index("ix_template_file_organisation_id", "template_file", ["organisation_id"])


def downgrade() -> None:
    op.drop_table("template_file")
