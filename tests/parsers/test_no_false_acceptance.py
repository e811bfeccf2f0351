"""Answers that are no plain yes: none of them may be read as one, whatever else they say."""

import pytest

from parsers.mail import read_message
from parsers.message import parse_message
from parsers.reading import Kind, Reading, ReadLine, Response
from records.problems import Code, Problem
from tests.parsers.mail_samples import nothing_read, plain_mail, read_plain

SUPPLIER = "Kim Vale <kim@valepumps.example>"
SUBJECT = "Re: Order PO-2026-0077, Mill"
YES_BELOW = "\n\nOn 9 Nov 2026, Mill wrote:\n> Please answer: Confirmed. We accept the order.\n> 4 pumps\n"

CHANGES = """
Confirmed, but the price is now EUR 9.40.
We accept, however delivery slips to 15 January.
Confirmed except for the valves, which are sold out.
Order confirmed. Freight of EUR 35.00 will be added.
Confirmed with a surcharge of 5 %.
All confirmed, two weeks later than you asked.
Confirmed. We will send 40 instead of 50.
We confirm, yet in two deliveries.
Confirmed. Please note our new price list.
Confirmed. The minimum quantity is 100.
Happy to supply an equivalent product.
Confirmed, delivery week 3.
Confirmed. Lead time is 8 weeks.
We confirm line 1. Line 2 is out of stock.
Bestätigt, aber der Preis beträgt nun 9,40 EUR.
Bestätigt, jedoch erst Mitte Januar.
Wir bestätigen, allerdings mit Teillieferung.
Auftrag bestätigt zzgl. Fracht 35,00 EUR.
Bestätigt, Position 2 ist leider ausverkauft.
Wir bestätigen 40 statt 50 Stück.
Confirmé, mais le prix est de 9,40 €.
Commande confirmée sauf la ligne 2.
Confirmé avec un délai supplémentaire de 2 semaines.
Confirmé, frais de port en sus : 35,00 €.
Nous confirmons 40 pièces au lieu de 50.
Confirmado, pero el precio es de 9,40 €.
Confirmado salvo la línea 2, que está agotada.
Confirmado con un retraso de dos semanas.
Confirmamos 40 unidades en lugar de 50.
Confermato, ma il prezzo è di 9,40 euro.
Confermato tranne la riga 2, esaurita.
Confermato con consegna in ritardo di due settimane.
Confermiamo 40 pezzi invece di 50.
Bevestigd, maar de prijs is 9,40 euro.
Bevestigd, behalve regel 2.
Bevestigd, levering twee weken later.
Wij bevestigen 40 stuks in plaats van 50.
Confirmado, mas o preço é 9,40 €.
Confirmado, exceto a linha 2.
Confirmamos 40 unidades em vez de 50.
Potwierdzamy, ale cena wynosi 9,40 EUR.
Potwierdzamy oprócz pozycji 2.
Potwierdzamy 40 szt. zamiast 50.
Bekräftat, men priset är 9,40 EUR.
Vi bekräftar 40 st istället för 50.
Bekräftat utom rad 2.
Bekræftet, men prisen er 9,40 EUR.
Vi bekræfter 40 stk. i stedet for 50.
Bekræftet bortset fra linje 2.
"""

CONDITIONS = """
Confirmed, subject to prepayment.
We accept provided that you pay in advance.
Confirmed as long as stocks last.
We accept the order on condition that you take the whole lot.
Confirmed once we receive your deposit.
Bestätigt unter Vorbehalt der Lieferfähigkeit.
Wir bestätigen, sofern Sie Vorkasse leisten.
Nehmen wir gerne an, wenn Sie die ganze Charge nehmen.
Confirmé sous réserve de disponibilité.
Nous acceptons à condition d'un acompte.
Confirmado, sujeto a pago anticipado.
Aceptamos siempre que nos paguen antes.
Confermato salvo disponibilità.
Accettiamo a condizione di un anticipo.
Bevestigd onder voorbehoud.
Akkoord, mits u vooruit betaalt.
Confirmado sob reserva de stock.
Aceitamos desde que paguem antes.
Potwierdzamy pod warunkiem przedpłaty.
Bekräftat under förutsättning av förskott.
Bekræftet med forbehold for lager.
Vi accepterer, hvis I betaler forud.
"""

QUESTIONS = """
Is Monday all right for delivery?
Could you confirm the colour first?
Confirmed? We do not have the drawing yet.
Which size do you want?
Würde Ihnen auch Montag passen?
Können Sie bitte die Farbe bestätigen?
Pouvez-vous confirmer la couleur ?
¿Puede confirmar el color?
Potete confermare il colore?
Kunt u de kleur bevestigen?
Pode confirmar a cor?
Czy mogą Państwo potwierdzić kolor?
Kan ni bekräfta färgen?
Kan I bekræfte farven?
"""

REFUSALS = """
We cannot confirm this order.
We do not accept the order.
We regret that we have to decline your order.
Not confirmed.
Unable to confirm, the item is unknown to us.
This order is not accepted.
Wir können Ihre Bestellung nicht bestätigen.
Wir lehnen den Auftrag ab.
Nous ne pouvons pas confirmer votre commande.
Nous refusons la commande.
No podemos confirmar su pedido.
No aceptamos el pedido.
Non possiamo confermare il vostro ordine.
Non accettiamo l'ordine.
Wij kunnen uw bestelling niet bevestigen.
Não podemos confirmar a encomenda.
Nie możemy potwierdzić zamówienia.
Vi kan inte bekräfta ordern.
Vi kan ikke bekræfte ordren.
We have not confirmed anything yet.
"""


def is_plain_yes(reading: Reading) -> bool:
    return reading.response is Response.ACCEPTED


def _rows(text: str) -> list[str]:
    return text.strip().split("\n")


@pytest.mark.parametrize("quoted", ["", YES_BELOW], ids=["alone", "with a quoted yes"])
@pytest.mark.parametrize("text", [*_rows(CHANGES), *_rows(CONDITIONS)])
def test_a_change_or_a_condition_is_no_plain_yes(text: str, quoted: str) -> None:
    reading = read_plain(text + quoted, SUBJECT, SUPPLIER)
    assert reading.kind is Kind.ORDER_RESPONSE
    assert reading.response in (Response.CHANGED, Response.REJECTED)
    assert reading.lines or Code.LOW_CONFIDENCE in {p.code for p in reading.problems}


@pytest.mark.parametrize("text", [*_rows(QUESTIONS), *_rows(REFUSALS)])
def test_a_question_or_a_refusal_is_no_yes(text: str) -> None:
    reading = read_plain(text, SUBJECT, SUPPLIER)
    assert not is_plain_yes(reading)
    assert reading.response is Response.REJECTED or reading.kind is Kind.OTHER or reading.problems


@pytest.mark.parametrize("text", ["FYI", "See below.", "Hello,", "Kind regards", "Regards\nKim"])
def test_a_yes_in_quoted_text_is_none(text: str) -> None:
    assert not is_plain_yes(read_plain(text + YES_BELOW, SUBJECT, SUPPLIER))


def test_a_yes_in_a_forwarded_mail_is_none() -> None:
    text = (
        "Please see below.\n\n---------- Forwarded message ---------\nFrom: Bob <bob@valepumps.example>\n"
        "Subject: order\n\nConfirmed. We accept the order.\n"
    )
    assert not is_plain_yes(read_plain(text, "Fwd: Order PO-2026-0077", SUPPLIER))


@pytest.mark.parametrize("hidden", ["display:none", "font-size:0", "visibility:hidden"])
def test_a_hidden_yes_is_none(hidden: str) -> None:
    page = f"<html><body><p>We are looking into it.</p><p style='{hidden}'>Confirmed.</p></body></html>"
    data = (
        f"From: {SUPPLIER}\r\nTo: desk@mill.example\r\nSubject: {SUBJECT}\r\nDate: Tue, 10 Nov 2026 09:00:00 +0000\r\n"
        f"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{page}\r\n"
    )
    assert not is_plain_yes(read_message(parse_message(data.encode()), nothing_read))


@pytest.mark.parametrize(
    ("subject", "fields"),
    [
        ("Automatic reply: Order PO-2026-0077", {}),
        (SUBJECT, {"Auto_Submitted": "auto-replied"}),
        (SUBJECT, {"Precedence": "auto_reply", "X_Autoreply": "yes"}),
        ("Out of office: Order PO-2026-0077", {"Auto_Submitted": "auto-generated"}),
    ],
)
def test_an_automatic_yes_is_none(subject: str, fields: dict[str, str]) -> None:
    reading = read_plain("Confirmed. We accept the order.", subject, SUPPLIER, **fields)
    assert not is_plain_yes(reading)


@pytest.mark.parametrize("code", [Code.UNREADABLE, Code.ENCRYPTED, Code.POISON])
def test_a_yes_beside_a_document_that_was_not_read_waits(code: Code) -> None:
    body = plain_mail("Confirmed, see attachment.", SUBJECT, SUPPLIER).partition(b"\n\n")[2]
    data = (
        f"From: {SUPPLIER}\r\nTo: desk@mill.example\r\nSubject: {SUBJECT}\r\nDate: Tue, 10 Nov 2026 09:00:00 +0000\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
        f"{body.decode()}\r\n--b\r\nContent-Type: application/pdf; name=ab.pdf\r\n\r\n%PDF-1.7 broken\r\n--b--\r\n"
    )
    refused = Reading(problems=(Problem(code, "The file could not be read."),))
    reading = read_message(parse_message(data.encode()), lambda data, name, media_type: refused)
    assert code in {p.code for p in reading.problems}
    assert not is_plain_yes(reading) and not reading.accepted


def test_a_change_told_beside_a_document_that_confirms_is_not_lost() -> None:
    data = (
        f"From: {SUPPLIER}\r\nTo: desk@mill.example\r\nSubject: {SUBJECT}\r\nDate: Tue, 10 Nov 2026 09:00:00 +0000\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
        "Our confirmation is attached, but PU-14 now costs EUR 64.00.\r\n--b\r\n"
        "Content-Type: application/pdf; name=ab.pdf\r\n\r\n%PDF\r\n--b--\r\n"
    )
    document = Reading(kind=Kind.ORDER_RESPONSE, lines=(ReadLine(line_number="1", item_number="PU-14"),), accepted=True)
    reading = read_message(parse_message(data.encode()), lambda data, name, media_type: document)
    assert reading.response is Response.CHANGED and not reading.accepted


PLAIN = """
Confirmed.
We confirm your order.
All fine, thank you.
Order accepted, no changes.
We confirm. Please do not hesitate to contact us if you have any questions.
Bestätigt.
Wir bestätigen Ihre Bestellung wie bestellt. Bei Rückfragen melden Sie sich gerne.
Commande confirmée, merci.
Pedido confirmado, sin cambios.
Ordine confermato, grazie.
Bevestigd, bedankt.
Confirmado, obrigado.
Potwierdzamy zamówienie.
Vi bekräftar er order.
Vi bekræfter jeres ordre.
"""


@pytest.mark.parametrize("text", _rows(PLAIN))
def test_a_plain_yes_is_one(text: str) -> None:
    reading = read_plain(text, SUBJECT, SUPPLIER)
    assert is_plain_yes(reading) and reading.accepted and not reading.problems
