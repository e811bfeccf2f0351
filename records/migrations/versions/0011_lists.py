"""Indexes by which lists and reports find an organisation's rows of a period"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_message_received": ("message", ["organisation_id", "received_at"]),
    "ix_exception_opened": ("exception_item", ["organisation_id", "opened_at"]),
    "ix_requisition_submitted": ("requisition", ["organisation_id", "submitted_at"]),
    "ix_order_issued": ("purchase_order", ["organisation_id", "issued_at"]),
    "ix_order_response_created": ("order_response", ["organisation_id", "created_at"]),
    "ix_order_response_message": ("order_response", ["message_id"]),
    "ix_approval_asked": ("approval", ["organisation_id", "asked_at"]),
    "ix_approval_approver": ("approval", ["approver_id", "state"]),
}


def upgrade() -> None:
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, (table, _) in INDEXES.items():
        op.drop_index(name, table_name=table)
