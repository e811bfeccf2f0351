"""What Prometheus scrapes: queues and their age, mailboxes, mail that is nowhere, the outbox, open exceptions."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from records.tables import Alarm, Organisation, Outbound
from web.desk.accounting import accounts, queues

OPEN_OUTBOX = ("queued", "sending", "handing_over", "deferred", "failed", "uncertain", "bounced")


def metrics(session: Session, now: datetime) -> bytes:
    """Return the figures of the whole installation in Prometheus' text format, as they are at ``now``."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Found([*_queues(session, now), *_mailboxes(session, now), *_outbox(session), _alarms(session)]))
    return generate_latest(registry)


class _Found(Collector):
    def __init__(self, found: Iterable[Metric]) -> None:
        self._found = list(found)

    def collect(self) -> Iterable[Metric]:
        """Return what was found when the page was asked for."""
        return self._found


def _queues(session: Session, now: datetime) -> Iterator[Metric]:
    depth = GaugeMetricFamily("buydesk_queue_depth", "Rows that are due or held.", labels=["table", "state"])
    age = GaugeMetricFamily(
        "buydesk_queue_oldest_seconds", "How long the oldest of them has waited.", labels=["table", "state"]
    )
    for queue in queues(session):
        depth.add_metric([queue.table, queue.state], queue.depth)
        if queue.oldest is not None:
            age.add_metric([queue.table, queue.state], max(0.0, (now - queue.oldest).total_seconds()))
    yield from (depth, age)


def _mailboxes(session: Session, now: datetime) -> Iterator[Metric]:
    labels = ["organisation", "mailbox"]
    contact = GaugeMetricFamily("buydesk_mailbox_last_contact_seconds", "Since the last contact.", labels=labels)
    nowhere = GaugeMetricFamily(
        "buydesk_mailbox_unaccounted_messages", "Accepted mails that are nowhere; 0 in a sound desk.", labels=labels
    )
    waiting = GaugeMetricFamily("buydesk_mailbox_waiting_messages", "Mails that wait for a person.", labels=labels)
    for one in accounts(session):
        names = [one.organisation, one.name]
        nowhere.add_metric(names, one.unaccounted)
        waiting.add_metric(names, one.waiting)
        if one.last_contact_at is not None:
            contact.add_metric(names, max(0.0, (now - one.last_contact_at).total_seconds()))
    yield from (contact, nowhere, waiting)


def _outbox(session: Session) -> Iterator[Metric]:
    """Yield what has not gone out; what was sent is history and is not counted."""
    metric = GaugeMetricFamily("buydesk_outbox_messages", "Mails by state.", labels=["organisation", "state"])
    rows = session.execute(
        select(Organisation.slug, Outbound.state, func.count())
        .join(Organisation, Organisation.id == Outbound.organisation_id)
        .where(Outbound.state.in_(OPEN_OUTBOX))
        .group_by(Organisation.slug, Outbound.state)
    )
    for slug, state, number in rows:
        metric.add_metric([slug, state], number)
    yield metric


def _alarms(session: Session) -> Metric:
    metric = GaugeMetricFamily("buydesk_alarms", "Alarms that are raised.", labels=["organisation", "kind"])
    rows = session.execute(
        select(Organisation.slug, Alarm.kind, func.count())
        .join(Organisation, Organisation.id == Alarm.organisation_id)
        .where(Alarm.state == "raised")
        .group_by(Organisation.slug, Alarm.kind)
    )
    for slug, kind, number in rows:
        metric.add_metric([slug, kind], number)
    return metric
