"""What programs asked for under idempotency keys"""

import sqlalchemy as sa
from alembic import op

from records.base import Json, UtcTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "api_request",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("token_id", ROW_ID, sa.ForeignKey("api_token.id"), nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("asked", sa.String(64), nullable=False),
        sa.Column("answer", Json(), nullable=False),
        sa.Column("created_at", UtcTime(timezone=True), nullable=False),
        sa.Column("organisation_id", ROW_ID, sa.ForeignKey("organisation.id"), nullable=False),
        sa.UniqueConstraint("token_id", "key"),
    )
    op.create_index("ix_api_request_organisation_id", "api_request", ["organisation_id"])


def downgrade() -> None:
    op.drop_table("api_request")
