"""Webhooks of an organisation: which addresses are told of what, and what became of each delivery."""

import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.webhook import MOVES, NotCallableError, checked_url
from records.audit import record
from records.base import utc_now
from records.exceptions import open_item, resolve
from records.secret import SecretMissingError
from records.secret import resolve as secret_of
from records.tables import Organisation, Webhook, WebhookDelivery
from records.webhooks import EVENTS, TEST, queue_delivery
from web.desk.refused import CommandError

Values = dict[str, Any]


def webhooks_of(session: Session, organisation_id: int) -> list[Values]:
    """Return the webhooks, oldest first; secrets by reference."""
    names = ("id", "url", "events", "active", "private", "secret")
    found = select(Webhook).where(Webhook.organisation_id == organisation_id).order_by(Webhook.id)
    return [{name: getattr(hook, name) for name in names} for hook in session.scalars(found)]


def add_webhook(
    session: Session, owner: Organisation, url: str, secret: str, events: Sequence[str], *, private: bool, by: str
) -> Webhook:
    """Add an address that is told of ``events`` (none: all); ``private`` lets it lie within the own network."""
    if unknown := set(events) - set(EVENTS):
        raise CommandError(f"There is no event {sorted(unknown)[0]}; known are {', '.join(EVENTS)}.")
    try:
        checked_url(url, private=private)
        secret_of(secret)
    except NotCallableError as error:
        raise CommandError(str(error)) from error
    except SecretMissingError as error:
        raise CommandError(f"The secret cannot be used: {error}.") from error
    there = select(Webhook).where(Webhook.organisation_id == owner.id, Webhook.url == url)
    hook = session.scalars(there).one_or_none()
    if hook is None:
        hook = Webhook(organisation_id=owner.id, url=url, secret=secret)
        session.add(hook)
    hook.secret, hook.events, hook.active, hook.private = secret, list(events) or list(EVENTS), True, private
    session.flush()
    record(session, hook, "webhook_set", by, url=url, events=hook.events, private=private)
    return hook


def switch_off(session: Session, owner: Organisation, number: int, by: str) -> Webhook:
    """Let a webhook be told nothing more; what waits for it fails."""
    hook = webhook_numbered(session, owner, number)
    hook.active = False
    record(session, hook, "webhook_switched_off", by, url=hook.url)
    return hook


def send_test(session: Session, owner: Organisation, number: int) -> None:
    """Queue a delivery that says nothing, to see whether it arrives."""
    hook = webhook_numbered(session, owner, number)
    queue_delivery(session, hook, TEST, f"test:{secrets.token_hex(8)}", {"told": "This is a test."})


def webhook_numbered(session: Session, owner: Organisation, number: int) -> Webhook:
    """Return a webhook of the organisation; raises CommandError where there is none."""
    hook = session.get(Webhook, number)
    if hook is None or hook.organisation_id != owner.id:
        raise CommandError(f"There is no webhook {number} at {owner.slug}.")
    return hook


def deliveries_of(session: Session, organisation_id: int, state: str | None, count: int) -> list[Values]:
    """Return the newest deliveries, newest first, and what became of each."""
    found = select(WebhookDelivery).where(WebhookDelivery.organisation_id == organisation_id)
    if state:
        found = found.where(WebhookDelivery.state == state)
    rows = session.scalars(found.order_by(WebhookDelivery.id.desc()).limit(count))
    names = ("id", "event", "key", "state", "tries", "reply")
    return [
        {name: getattr(one, name) for name in names} | {"url": one.webhook.url, "at": one.created_at.isoformat()}
        for one in rows
    ]


def resend(session: Session, owner: Organisation, number: int, by: str) -> WebhookDelivery:
    """Send a delivery once more: the same body and key."""
    row = session.get(WebhookDelivery, number)
    if row is None or row.organisation_id != owner.id:
        raise CommandError(f"There is no delivery {number} at {owner.slug}.")
    if "queued" not in MOVES[row.state]:
        raise CommandError(f"Delivery {number} is {row.state} already.")
    if not row.webhook.active:
        raise CommandError(f"The webhook {row.webhook.url} is switched off; add it again first.")
    record(session, row, "moved", by, old=row.state, new="queued")
    row.state, row.due_at, row.tries, row.attempts = "queued", utc_now(), 0, 0
    if item := open_item(session, row):
        resolve(session, item, by, "sent again")
    return row
