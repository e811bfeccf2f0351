"""Further orders that a mail answers, and which mail of ours it answers"""

import sqlalchemy as sa
from alembic import op

import records.base

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "message", sa.Column("more_order_ids", records.base.Json(), nullable=False, server_default=sa.text("'[]'"))
    )
    op.create_index("ix_message_outbound", "message", ["outbound_id"])
