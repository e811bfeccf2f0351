"""Lines that a revision took away stay for what was answered about them"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("order_line", sa.Column("removed_in", sa.Integer(), nullable=True))
