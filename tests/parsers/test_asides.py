"""What a mail wants besides its main thing, and mails that want nothing else."""

import pytest

from parsers.asides import asides
from parsers.reading import Kind


def kinds(text: str, kind: Kind) -> list[str]:
    return [one.kind for one in asides(text, kind)]


@pytest.mark.parametrize(
    ("text", "kind", "besides"),
    [
        ("We confirm your order. Which gate should the driver use?", Kind.ORDER_RESPONSE, ["question"]),
        (
            "Wir bestätigen den Auftrag. Sollen wir die Ware vorab als Muster schicken?",
            Kind.ORDER_RESPONSE,
            ["question"],
        ),
        ("Nous confirmons. À quelle porte faut-il livrer ?", Kind.ORDER_RESPONSE, ["question"]),
        ("Confirmamos el pedido. ¿A qué puerta entregamos?", Kind.ORDER_RESPONSE, ["question"]),
        ("Confermiamo. A quale porta consegniamo?", Kind.ORDER_RESPONSE, ["question"]),
        ("Wij bevestigen. Bij welke poort moeten we leveren?", Kind.ORDER_RESPONSE, ["question"]),
        ("The gloves have arrived. Please order 5 more boxes of them.", Kind.RECEIPT_ADVICE, ["requisition"]),
        (
            "Please order 5 boxes of gloves. Please cancel the order for the soap.",
            Kind.REQUISITION,
            ["order_cancellation"],
        ),
        ("Please order 5 boxes of gloves. When will the soap of last week arrive?", Kind.REQUISITION, ["question"]),
        ("Bitte 5 Kartons Handschuhe bestellen. Die Seife ist heute angekommen.", Kind.REQUISITION, ["receipt_advice"]),
        ("Shipped today. Who signs for it at your gate? We confirm the rest.", Kind.DESPATCH_ADVICE, ["question"]),
    ],
)
def test_what_is_wanted_besides_is_found(text: str, kind: Kind, besides: list[str]) -> None:
    assert kinds(text, kind) == besides


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Could you please order 5 boxes of gloves?", Kind.REQUISITION),
        ("Hi, can you get us 5 boxes of gloves by Friday? Thanks!", Kind.REQUISITION),
        ("Können Sie bitte 5 Kartons Handschuhe bestellen?", Kind.REQUISITION),
        ("We confirm your order as written. OK?", Kind.ORDER_RESPONSE),
        ("We confirm your order as written. Delivery on 3 December.", Kind.ORDER_RESPONSE),
        ("Please make it 12 boxes instead of 10.", Kind.ORDER_CHANGE),
        ("Please cancel the order, we found some.", Kind.ORDER_CANCELLATION),
        ("Everything has arrived, thank you.", Kind.RECEIPT_ADVICE),
        ("Is this still on? Who knows?", Kind.OTHER),
        ("", Kind.REQUISITION),
    ],
)
def test_a_mail_with_one_wish_has_nothing_besides(text: str, kind: Kind) -> None:
    assert kinds(text, kind) == []


def test_the_words_are_kept_as_written() -> None:
    found = asides("We confirm. Which gate\nshould the driver use?", Kind.ORDER_RESPONSE)
    assert [one.text for one in found] == ["Which gate should the driver use?"]
