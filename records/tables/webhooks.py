"""Webhooks: where other systems want to be told what happened, and what was told them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.base import Owned, RowId, Work


class Webhook(Owned):
    """An address that is told of ``events``; the secret that signs is kept by reference only (records.secret)."""

    __tablename__ = "webhook"
    __table_args__ = (UniqueConstraint("organisation_id", "url"),)

    url: Mapped[str] = mapped_column(String(500))
    secret: Mapped[str]  # env:NAME or file:PATH
    events: Mapped[list[str]] = mapped_column(default=list)
    active: Mapped[bool] = mapped_column(default=True)
    private: Mapped[bool] = mapped_column(default=False)  # may lie within the own network, and speak plain HTTP


class WebhookDelivery(Work):
    """One event for one webhook (states: queued, delivered, failed); ``body`` goes out as it stands, each time.

    ``key`` is the same whenever it is sent again, so that the receiver can tell.
    """

    __tablename__ = "webhook_delivery"

    webhook_id: Mapped[int] = mapped_column(RowId, ForeignKey("webhook.id"))
    event: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(64))
    body: Mapped[str]
    tries: Mapped[int] = mapped_column(default=0)
    reply: Mapped[str | None] = mapped_column(default=None)  # what became of the latest try
    delivered_at: Mapped[datetime | None] = mapped_column(default=None)

    webhook: Mapped[Webhook] = relationship()

    @classmethod
    def own_arguments(cls) -> tuple[Index | UniqueConstraint, ...]:
        """Return that an event is told once to each webhook, and how deliveries are listed."""
        return (
            UniqueConstraint("webhook_id", "key"),
            Index("ix_webhook_delivery_listed", "organisation_id", "id"),
        )
