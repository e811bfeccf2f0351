"""What other systems are told: an event becomes a delivery for each webhook that wants it, in the same transaction."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.base import storable, utc_now
from records.tables.organisation import Organisation
from records.tables.webhooks import Webhook, WebhookDelivery

EVENTS = (
    "order.issued",
    "order.acknowledged",
    "order.changed",
    "order.cancelled",
    "receipt.recorded",
    "invoice.matched",
    "exception.opened",
)
TEST = "webhook.test"


def announce(session: Session, organisation_id: int, event: str, key: str, data: Mapping[str, Any]) -> int:
    """Queue ``event`` with ``data`` for every active webhook that wants it, and return for how many.

    ``key`` is the occasion: the same one is told once. ``data`` must be JSON-ready, but for decimals and dates.
    """
    hooks = session.scalars(select(Webhook).where(Webhook.organisation_id == organisation_id, Webhook.active)).all()
    return sum(queue_delivery(session, hook, event, key, data) for hook in hooks if event in hook.events)


def queue_delivery(session: Session, hook: Webhook, event: str, key: str, data: Mapping[str, Any]) -> bool:
    """Queue one event for one webhook, unless it was told already; return whether it was not."""
    told = select(WebhookDelivery.id).where(WebhookDelivery.webhook_id == hook.id, WebhookDelivery.key == key)
    if session.scalars(told).first() is not None:
        return False
    slug = session.get_one(Organisation, hook.organisation_id).slug
    said = {"event": event, "key": key, "organisation": slug, "at": utc_now().isoformat(), "data": storable(dict(data))}
    session.add(
        WebhookDelivery(
            organisation_id=hook.organisation_id,
            state="queued",
            webhook_id=hook.id,
            event=event,
            key=key,
            body=json.dumps(said, ensure_ascii=True, default=str),
        )
    )
    return True
