from datetime import date

from lxml import etree

from dispatch.ubl_cancellation import ubl_cancellation
from tests.dispatch.order_samples import order
from tests.dispatch.schemas import faults


def test_a_cancellation_is_valid_ubl_and_names_the_order_and_the_reason() -> None:
    document = order()
    data = ubl_cancellation(document, "PO-7/1", date(2026, 3, 2), "The project was stopped.")
    assert faults(data) == []
    root = etree.fromstring(data)
    texts = [element.text for element in root.iter("{*}ID", "{*}CancellationNote") if element.text]
    assert texts[:3] == ["PO-7/1", "The project was stopped.", document.number]
