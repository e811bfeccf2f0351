"""Master data beside people, suppliers and catalog: contracts, coding, rates, places, and what is drawn on them."""

from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.base import Base, Owned, RowId
from records.tables.buying import Supplier


class SupplierName(Base):
    """One name of a supplier (code, name, alias) in small letters, by which it is found through an index."""

    __tablename__ = "supplier_name"

    organisation_id: Mapped[int] = mapped_column(RowId, ForeignKey("organisation.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    supplier_id: Mapped[int] = mapped_column(RowId, ForeignKey("supplier.id"), primary_key=True)


class SupplierContact(Owned):
    """Whom to turn to at a supplier for one purpose: orders, invoices, complaints, ..."""

    __tablename__ = "supplier_contact"
    __table_args__ = (UniqueConstraint("supplier_id", "purpose", "email"),)

    supplier_id: Mapped[int] = mapped_column(RowId, ForeignKey("supplier.id"))
    purpose: Mapped[str] = mapped_column(String(30))
    name: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str | None] = mapped_column(default=None)

    supplier: Mapped[Supplier] = relationship()


class Contract(Owned):
    """A contract with one supplier; ``ceiling`` is the most that may be drawn on it, in its currency."""

    __tablename__ = "contract"
    __table_args__ = (UniqueConstraint("organisation_id", "reference"),)

    reference: Mapped[str] = mapped_column(String(80))
    supplier_id: Mapped[int] = mapped_column(RowId, ForeignKey("supplier.id"))
    name: Mapped[str | None] = mapped_column(default=None)
    currency: Mapped[str] = mapped_column(String(3))
    ceiling: Mapped[Decimal | None] = mapped_column(default=None)
    valid_from: Mapped[date | None] = mapped_column(default=None)
    valid_until: Mapped[date | None] = mapped_column(default=None)  # inclusive

    supplier: Mapped[Supplier] = relationship()


class Account(Owned):
    """An account of the ledger that purchases may be coded to."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("organisation_id", "code"),)

    code: Mapped[str] = mapped_column(String(60))
    name: Mapped[str]
    valid_from: Mapped[date | None] = mapped_column(default=None)
    valid_until: Mapped[date | None] = mapped_column(default=None)


class Project(Owned):
    """A project that purchases may be coded to, and the person who owns it."""

    __tablename__ = "project"
    __table_args__ = (UniqueConstraint("organisation_id", "code"),)

    code: Mapped[str] = mapped_column(String(60))
    name: Mapped[str]
    owner_email: Mapped[str]
    valid_from: Mapped[date | None] = mapped_column(default=None)
    valid_until: Mapped[date | None] = mapped_column(default=None)


class ExchangeRate(Owned):
    """What one unit of a currency was worth in base currency on a day."""

    __tablename__ = "exchange_rate"
    __table_args__ = (UniqueConstraint("organisation_id", "currency", "valid_on"),)

    currency: Mapped[str] = mapped_column(String(3))
    valid_on: Mapped[date]
    rate: Mapped[Decimal]


class BillTo(Owned):
    """A place that invoices are sent to."""

    __tablename__ = "bill_to"
    __table_args__ = (UniqueConstraint("organisation_id", "code"),)

    code: Mapped[str] = mapped_column(String(60))
    name: Mapped[str]
    address: Mapped[list[str]] = mapped_column(default=list)
    country: Mapped[str | None] = mapped_column(default=None)
    email: Mapped[str | None] = mapped_column(default=None)
    is_default: Mapped[bool] = mapped_column(default=False)


class Drawing(Base):
    """What one day's requisitions took of a budget (``kind`` budget) or contract (contract), in hundredths.

    ``key`` is a cost centre or a contract's reference, ``account`` "" where none was stated. What is waiting
    for approval or approved is committed, what is ordered is spent. A budget's amount is the sum of its days,
    so that what a check reads does not grow with the number of requisitions.
    """

    __tablename__ = "drawing"

    organisation_id: Mapped[int] = mapped_column(RowId, ForeignKey("organisation.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    account: Mapped[str] = mapped_column(String(60), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    committed: Mapped[int] = mapped_column(BigInteger, default=0)
    spent: Mapped[int] = mapped_column(BigInteger, default=0)
