"""Orders as data: who wants UBL beside the PDF, and the bytes that went out"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("supplier", sa.Column("order_xml", sa.String(10), nullable=True))
    op.add_column("order_revision", sa.Column("ubl_sha256", sa.String(64), nullable=True))
