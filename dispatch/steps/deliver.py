"""The step ``deliver``: an event is handed to a webhook, again and again until it is taken or somebody is told."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.webhook import RETRIES, post, signature
from records.base import utc_now
from records.flow import Done, Hold, Keep, Progress, Wait
from records.problems import Code, Problem
from records.secret import resolve
from records.tables import WebhookDelivery


def deliver(session: Session, delivery: WebhookDelivery, *, clock: Callable[[], datetime] = utc_now) -> Progress:
    """Call the webhook with the stored body, signed with the time of this try; the key stays the same.

    At least once: where the answer is lost, the same event comes again, and the receiver knows it by its key. A
    webhook that was switched off gets nothing more.
    """
    hook = delivery.webhook
    if not hook.active:
        delivery.reply = "the webhook is switched off"
        return Done("failed")
    now = clock()
    url, body, private = hook.url, delivery.body, hook.private
    headers = {
        "User-Agent": "Buydesk",
        "Buydesk-Event": delivery.event,
        "Idempotency-Key": delivery.key,
        "Buydesk-Signature": signature(resolve(hook.secret), int(now.timestamp()), body),
    }
    yield Keep()
    reply = post(url, body, headers, private=private)
    delivery.tries += 1
    delivery.reply = f"{reply.status or 'no answer'} {reply.text}".strip()
    if reply.is_taken:
        delivery.delivered_at = clock()
        return Done("delivered")
    if delivery.tries <= len(RETRIES):
        return Wait(clock() + RETRIES[delivery.tries - 1])
    detail = f"{url} did not take {delivery.event} in {delivery.tries} tries: {delivery.reply}. "
    detail += f"Mend it, then: buydesk webhooks resend {delivery.id}"
    return Hold((Problem(Code.GAVE_UP, detail),), "operator", state="failed")
