"""Why a notice is not written, and how notices are counted"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notice", sa.Column("why", sa.Text(), nullable=True))
    op.create_index("ix_notice_recipient", "notice", ["organisation_id", "recipient", "created_at"])
    op.create_index("ix_notice_subject", "notice", ["subject_table", "subject_id"])
