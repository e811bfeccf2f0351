"""On which accounts suppliers are paid: sealed, changed by two people, with the history of every change."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.base import Owned, RowId, utc_now
from records.keyring import Sealed
from records.tables.buying import Supplier


class SupplierBank(Owned):
    """The accounts of one supplier: ``sealed`` is their JSON list, ``masked`` what may be shown of each.

    ``prints`` are the keyed hashes of every form in which a document may name one of them (procurement.bank).
    """

    __tablename__ = "supplier_bank"

    supplier_id: Mapped[int] = mapped_column(RowId, ForeignKey("supplier.id"), unique=True)
    sealed: Mapped[str] = mapped_column(Sealed)
    masked: Mapped[list[str]] = mapped_column(default=list)
    prints: Mapped[list[str]] = mapped_column(default=list)
    since: Mapped[datetime] = mapped_column(default=utc_now)

    supplier: Mapped[Supplier] = relationship()


class BankChange(Owned):
    """A change of a supplier's accounts that somebody proposed and another one decides.

    ``state`` is proposed; then confirmed, refused or superseded for good. ``sealed`` is the JSON list of the new
    accounts until the decision; afterwards only the masks are kept.
    """

    __tablename__ = "bank_change"
    __table_args__ = (Index("ix_bank_change_state", "organisation_id", "state"),)

    supplier_id: Mapped[int] = mapped_column(RowId, ForeignKey("supplier.id"), index=True)
    state: Mapped[str] = mapped_column(String(20), default="proposed")
    old_masked: Mapped[list[str]] = mapped_column(default=list)
    new_masked: Mapped[list[str]] = mapped_column(default=list)
    sealed: Mapped[str | None] = mapped_column(Sealed, default=None)
    source: Mapped[str] = mapped_column(String(20))  # desk, folder
    reason: Mapped[str]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime] = mapped_column(default=utc_now)
    decided_by: Mapped[str | None] = mapped_column(default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    decision_reason: Mapped[str | None] = mapped_column(default=None)

    supplier: Mapped[Supplier] = relationship()
