"""Bank details of suppliers sealed in a table of their own, and the changes of them that two people make"""

import json
import re

import sqlalchemy as sa
from alembic import context, op

from records.base import Json, UtcTime, Words, utc_now
from records.keyring import Keyring, Sealed

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "supplier_bank",
        *_owned(),
        sa.Column("sealed", Sealed(), nullable=False),
        sa.Column("masked", Json(), nullable=False),
        sa.Column("prints", Json(), nullable=False),
        sa.Column("since", UtcTime(timezone=True), nullable=False),
        sa.UniqueConstraint("supplier_id"),
    )
    op.create_index("ix_supplier_bank_organisation_id", "supplier_bank", ["organisation_id"])
    op.create_table(
        "bank_change",
        *_owned(),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("old_masked", Json(), nullable=False),
        sa.Column("new_masked", Json(), nullable=False),
        sa.Column("sealed", Sealed(), nullable=True),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("reason", Words(), nullable=False),
        sa.Column("proposed_by", Words(), nullable=False),
        sa.Column("proposed_at", UtcTime(timezone=True), nullable=False),
        sa.Column("decided_by", Words(), nullable=True),
        sa.Column("decided_at", UtcTime(timezone=True), nullable=True),
        sa.Column("decision_reason", Words(), nullable=True),
    )
    op.create_index("ix_bank_change_organisation_id", "bank_change", ["organisation_id"])
    op.create_index("ix_bank_change_supplier_id", "bank_change", ["supplier_id"])
    op.create_index("ix_bank_change_state", "bank_change", ["organisation_id", "state"])
    _seal()
    op.drop_column("supplier", "bank_accounts")


def _owned() -> list[sa.Column[object]]:
    return [
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("organisation_id", ROW_ID, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("supplier_id", ROW_ID, sa.ForeignKey("supplier.id"), nullable=False),
    ]


def _seal() -> None:
    """Move the accounts that stood in the open; the key is made or asked for only where there are any."""
    connection = op.get_bind()
    supplier = sa.table("supplier", sa.column("id"), sa.column("organisation_id"), sa.column("bank_accounts", Json()))
    suppliers = connection.execute(sa.select(supplier)).all()
    fresh = [one for one in suppliers if one.bank_accounts]
    if not fresh:
        return
    ring = context.config.attributes["keys"].ring(making=True)
    kinds = {"sealed": Sealed(), "masked": Json(), "prints": Json(), "since": UtcTime()}
    names = ("organisation_id", "supplier_id", *kinds)
    target = sa.table("supplier_bank", *(sa.column(name, kinds.get(name)) for name in names))
    rows = [
        {
            "organisation_id": one.organisation_id,
            "supplier_id": one.id,
            "sealed": ring.seal(json.dumps(one.bank_accounts)),
            "masked": [_masked(account) for account in one.bank_accounts],
            "prints": [print_ for account in one.bank_accounts for print_ in _prints(ring, account)],
            "since": utc_now(),
        }
        for one in fresh
    ]
    connection.execute(target.insert(), rows)


def _masked(account: str) -> str:
    return (account[:4] if re.match(r"[A-Z]{2}\d{2}", account) else "") + "••••" + account[-4:]


def _prints(ring: Keyring, account: str) -> list[str]:
    whole = account.lstrip("0") if account.isdigit() else account
    tails = (account[start:] for start in range(len(account) - 4))
    forms = dict.fromkeys((whole, *(tail for tail in tails if tail.isdigit() and tail[0] != "0")))
    return [ring.prints(form)[0] for form in forms]
