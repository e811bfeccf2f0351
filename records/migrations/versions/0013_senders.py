"""Indexes by which the mails of one writer are listed"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_message_sender": ["organisation_id", "sender_address"],
    "ix_message_person": ["person_id"],
    "ix_message_supplier": ["supplier_id"],
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(name, "message", columns)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, table_name="message")
