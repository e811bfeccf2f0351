import pytest

from procurement.cancellation_answer import cancellation_answer, concerns_part

YES = (
    "We confirm the cancellation of PO-7.",
    "OK, no problem.",
    "Your order PO-7 has been cancelled.",
    "Wir haben die Bestellung storniert.",
    "Votre commande a bien été annulée.",
    "El pedido ha sido anulado.",
    "Confermiamo l'annullamento dell'ordine.",
    "De bestelling is geannuleerd.",
)
NO = (
    "OK, but it is too late.",
    "We do not accept the cancellation.",
    "We confirm that it is not possible to cancel.",
    "Wir können nicht mehr stornieren.",
    "Nous ne pouvons plus annuler, la marchandise a été expédiée.",
    "No podemos cancelar el pedido.",
    "L'ordine non è più annullabile.",
    "Annuleren is niet meer mogelijk.",
)
NEITHER = (
    "",
    "Thank you for your mail.",
    "The order has not been cancelled.",
    "Cancelled, with a fee of 50 EUR.",
    "Yes, if you pay for the material.",
    "We have cancelled line 1 but could not cancel line 2.",
    "Do you want it cancelled? OK?",
    "We confirm the cancellation of order 4711.",
)


@pytest.mark.parametrize(("answers", "meant"), [(YES, True), (NO, False), (NEITHER, None)])
def test_a_plain_yes_and_a_plain_no_are_told_from_all_else(answers: tuple[str, ...], meant: bool | None) -> None:
    assert {words: cancellation_answer(words, ["PO-7"]) for words in answers} == dict.fromkeys(answers, meant)


def test_a_wish_about_lines_or_figures_may_be_about_a_part() -> None:
    assert concerns_part("Cancel line two", []) and concerns_part("Cancel 5", [])
    assert not concerns_part("Please cancel PO-7", ["PO-7"])
