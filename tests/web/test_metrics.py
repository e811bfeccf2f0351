"""Metrics: what an operator's monitoring sees of a desk."""

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update

from records.blobs import Blobs
from records.database import Database
from records.tables import Outbound
from tests.paper_desk import PaperDesk
from web.desk.metrics import metrics


@pytest.fixture
def desk(database: Database, blobs: Blobs) -> PaperDesk:
    return PaperDesk(database, blobs)


def samples(desk: PaperDesk) -> dict[tuple[str, ...], float]:
    with desk.rows() as session:
        text = metrics(session, desk.clock.now).decode()
    found = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    order = ("organisation", "mailbox", "table", "state", "kind")
    return {(one.name, *(one.labels[name] for name in order if name in one.labels)): one.value for one in found}


def test_an_open_exception_shows_with_its_age_and_every_mail_is_accounted_for(desk: PaperDesk) -> None:
    desk.order_gloves()
    desk.receive("stranger@elsewhere.example", "Chairs", "Please order 3 chairs.")
    desk.clock.forward(hours=1)
    told = samples(desk)
    assert told["buydesk_queue_depth", "exception", "to_review"] == 1
    assert told["buydesk_queue_oldest_seconds", "exception", "to_review"] >= 3600
    assert told["buydesk_mailbox_waiting_messages", "north", "purchasing"] == 1
    assert told["buydesk_mailbox_unaccounted_messages", "north", "purchasing"] == 0


def test_an_uncertain_mail_shows_in_the_outbox_and_sent_ones_do_not(desk: PaperDesk) -> None:
    desk.order_gloves()
    with desk.rows() as session:
        session.execute(update(Outbound).where(Outbound.kind == "order").values(state="uncertain"))
    told = samples(desk)
    assert told["buydesk_outbox_messages", "north", "uncertain"] == 1
    assert ("buydesk_outbox_messages", "north", "sent") not in told
