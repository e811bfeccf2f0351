"""The accounts that a supplier is known to be paid on"""

import sqlalchemy as sa
from alembic import op

import records.base

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "supplier", sa.Column("bank_accounts", records.base.Json(), nullable=False, server_default=sa.text("'[]'"))
    )
