"""Answers of suppliers told in sentences, in ten languages."""

from datetime import date
from decimal import Decimal

import pytest

from parsers.reading import Kind, LineStatus, Reading, Response
from records.problems import Code
from tests.parsers.mail_samples import read_plain

SUPPLIER = "Kim Vale <kim@valepumps.example>"
SUBJECT = "Re: Order PO-2026-0077, Mill"
QUOTED = (
    "\n\nOn 9 Nov 2026, Mill wrote:\n> Please supply our order PO-2026-0077:\n>\n"
    "> 1. Hand pump\n>    4 pcs × EUR 61.00 = EUR 244.00\n>    Item PU-14\n>\n"
    "> 2. Ball valve, DN 25\n>    6 pcs × EUR 18.50 = EUR 111.00\n>    Item VB-25\n"
)

# (text, response, lines as "name: values"), a line named by number, code or words; "=" accepted, "!" changed,
# "x" rejected, "~" backordered; q quantity, p price, d date.
SEEN = [
    ("We confirm, but the price of KX-3 mop heads is now EUR 7.25 per bag, 12 bags.", "changed", "KX-3! q12 p7.25"),
    ("We confirm your order. The price of item KX-3 went up to 7.25 EUR.", "changed", "KX-3! p7.25"),
    ("Thank you for the order. Please note the new price: KX-3 is 7,25 a bag.", "changed", "KX-3! p7.25"),
    ("Order confirmed, but item KX-3 now costs 7.25.", "changed", "KX-3! p7.25"),
    ("Confirmed. Delivery on 14 December.", "accepted", "= d2026-12-14"),
    ("Confirmed, but KX-3 will only be delivered on 21 December 2026.", "changed", "KX-3! d2026-12-21"),
    ("We can deliver as ordered, except that line 2 is now EUR 44.00 a piece.", "changed", "2! p44.00"),
    ("Delivery date for all lines: 7 December 2026.", "accepted", "= d2026-12-07"),
    ("Line 1: price EUR 44.00 instead of EUR 41.00\nLine 2: as ordered", "changed", "1! p44.00 | 2="),
    ("We confirm line 1 as ordered, but line 2 will come on 7 December.", "changed", "1= | 2! d2026-12-07"),
    ("Line 1: the price is now EUR 44.00 each.", "changed", "1! p44.00"),
    ("Delivery will be on 14 December instead of 7 December.", "changed", "! d2026-12-14"),
    ("The price of TR-41B is now EUR 44.00 instead of EUR 41.00.", "changed", "TR-41B! p44.00"),
    ("Line 1, the new price is 44.00 EUR. Line 2 is confirmed.", "changed", "1! p44.00 | 2="),
    ("Line 1 confirmed. For line 2 we can only supply 5 pcs instead of 6.", "changed", "1= | 2! q5"),
    ("Line 2 is discontinued, we cannot supply it. Line 1 as ordered.", "changed", "1= | 2x"),
    ("Lines 1 and 3 in stock; line 2 is on back order until 11 January 2027.", "changed", "1= | 2~ d2027-01-11 | 3="),
    ("Wir bestätigen Ihre Bestellung, allerdings kostet KX-3 jetzt 7,25 EUR.", "changed", "KX-3! p7.25"),
    ("Pos. 1: 20 Ries, Liefertermin 7.12.2026\nPos. 2: 4 Karton, Liefertermin 14.12.2026", "accepted",
     "1= q20 d2026-12-07 | 2= q4 d2026-12-14"),
    ("Position 2 können wir erst am 14.12.2026 liefern, Position 1 wie bestellt.", "changed", "1= | 2! d2026-12-14"),
    ("Von Position 1 haben wir nur noch 8 Stück auf Lager.", "changed", "1! q8"),
    ("Nous confirmons votre commande, mais le prix de KX-3 passe à 7,25 €.", "changed", "KX-3! p7.25"),
    ("La ligne 1 est confirmée, la ligne 2 ne sera livrée que le 14 décembre 2026.", "changed", "1= | 2! d2026-12-14"),
    ("Confirmamos su pedido, pero el precio de KX-3 es ahora 7,25 €.", "changed", "KX-3! p7.25"),
    ("Línea 1: conforme. Línea 2: solo quedan 5 unidades.", "changed", "1= | 2! q5"),
    ("Confermiamo il vostro ordine, ma il prezzo di KX-3 è ora di 7,25 euro.", "changed", "KX-3! p7.25"),
    ("La riga 2 sarà consegnata il 14 dicembre 2026 invece del 7 dicembre.", "changed", "2! d2026-12-14"),
    ("Wij bevestigen uw bestelling, maar de prijs van KX-3 is nu € 7,25.", "changed", "KX-3! p7.25"),
    ("Regel 1 akkoord. Regel 2 wordt pas op 14 december 2026 geleverd.", "changed", "1= | 2! d2026-12-14"),
    ("Confirmamos a encomenda, mas o preço do artigo KX-3 é agora 7,25 €.", "changed", "KX-3! p7.25"),
    ("A linha 2 só será entregue em 14 de dezembro de 2026.", "changed", "2! d2026-12-14"),
    ("Potwierdzamy zamówienie, ale cena KX-3 wynosi teraz 7,25 EUR.", "changed", "KX-3! p7.25"),
    ("Pozycja 2 zostanie dostarczona dopiero 14 grudnia 2026.", "changed", "2! d2026-12-14"),
    ("Vi bekräftar er order, men priset på KX-3 är nu 7,25 EUR.", "changed", "KX-3! p7.25"),
    ("Rad 1 enligt order. Rad 2 levereras först den 14 december 2026.", "changed", "1= | 2! d2026-12-14"),
    ("Vi bekræfter jeres ordre, men prisen på KX-3 er nu 7,25 EUR.", "changed", "KX-3! p7.25"),
    ("Linje 2 leveres først den 14. december 2026, linje 1 som bestilt.", "changed", "1= | 2! d2026-12-14"),
    ("Bestätigt. Lieferung am 14. Dezember 2026.", "accepted", "= d2026-12-14"),
    ("Commande confirmée. Livraison le 14 décembre 2026.", "accepted", "= d2026-12-14"),
    ("Potwierdzamy. Dostawa 14 grudnia 2026.", "accepted", "= d2026-12-14"),
]  # fmt: skip

KEPT_BACK = [
    ("All good, apart from item 3: that one has risen from EUR 12.00 to EUR 13.50.", "changed", "3! p13.50"),
    ("Happy to supply. QR-88 is only available in a quantity of 30, at 2.10 each.", "changed", "QR-88! q30 p2.10"),
    ("We accept the order; items 1 and 2 will be delivered on 9 December, item 4 on 16 December.", "accepted",
     "1= d2026-12-09 | 2= d2026-12-09 | 4= d2026-12-16"),
    ("Item 2 is no longer made. All others as ordered.", "changed", "2x"),
    ("Your order is accepted. We will ship everything on 9 December 2026.", "accepted", "= d2026-12-09"),
    ("Unfortunately QR-88 is delayed and will arrive on 16 December 2026.", "changed", "QR-88! d2026-12-16"),
    ("Leider ist der Preis für QR-88 auf 2,10 EUR gestiegen.", "changed", "QR-88! p2.10"),
    ("Auftrag angenommen, Pos. 3 liefern wir jedoch erst am 16.12.2026.", "changed", "3! d2026-12-16"),
    ("Für Artikel QR-88 gilt ab sofort ein Stückpreis von 2,10 €.", "changed", "QR-88! p2.10"),
    ("Poste 1 conforme, poste 3 : seulement 30 pièces disponibles.", "changed", "1= | 3! q30"),
    ("Le prix de l'article QR-88 est désormais de 2,10 € au lieu de 1,95 €.", "changed", "QR-88! p2.10"),
    ("De acuerdo con la línea 1; la línea 2 se entregará el 16 de diciembre de 2026.", "accepted",
     "1= | 2= d2026-12-16"),
    ("El artículo QR-88 ha subido a 2,10 € por unidad.", "changed", "QR-88! p2.10"),
    ("Riga 1 confermata, riga 3 disponibile solo 30 pezzi.", "changed", "1= | 3! q30"),
    ("Il prezzo dell'articolo QR-88 è aumentato da 1,95 a 2,10 euro.", "changed", "QR-88! p2.10"),
    ("Artikel QR-88 kost inmiddels € 2,10 per stuk.", "changed", "QR-88! p2.10"),
    ("Akkoord, levering op 16 december 2026.", "accepted", "= d2026-12-16"),
    ("O artigo QR-88 custa agora 2,10 € em vez de 1,95 €.", "changed", "QR-88! p2.10"),
    ("Pozycja 1 bez zmian, pozycja 3: tylko 30 szt.", "changed", "1= | 3! q30"),
    ("QR-88 kostar nu 2,10 EUR per styck.", "changed", "QR-88! p2.10"),
    ("Linje 1 er i orden, linje 3 kun 30 stk.", "changed", "1= | 3! q30"),
]  # fmt: skip

_MARKS = {"=": LineStatus.ACCEPTED, "!": LineStatus.CHANGED, "x": LineStatus.REJECTED, "~": LineStatus.BACKORDERED}


def told(reading: Reading) -> str:
    """Return the lines of an answer in the short form of the tables above."""
    signs = {status: sign for sign, status in _MARKS.items()}
    lines = sorted(reading.lines, key=lambda line: (line.line_number or "", line.item_number or ""))
    parts = []
    for line in lines:
        values = (("q", line.quantity), ("p", line.unit_price), ("d", line.promised_on))
        name = line.line_number or line.item_number or ""
        head = f"{name}{signs[line.status] if line.status else '?'}"
        parts.append(" ".join([head, *(f"{sign}{value}" for sign, value in values if value is not None)]))
    return " | ".join(parts)


@pytest.mark.parametrize(("text", "response", "lines"), [*SEEN, *KEPT_BACK])
def test_an_answer_in_prose_is_read_line_by_line(text: str, response: str, lines: str) -> None:
    reading = read_plain(text, SUBJECT, SUPPLIER)
    assert reading.kind is Kind.ORDER_RESPONSE
    assert (reading.response, told(reading)) == (Response(response), lines)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Confirmed. Delivery on 14 December.", "1= d2026-12-14 | 2= d2026-12-14"),
        ("Fine, but the valves are EUR 19.00 now.", "2! p19.00"),
        ("Line 1 at EUR 61.00, line 2 at EUR 19.00.", "1= p61.00 | 2! p19.00"),
        ("Everything will be delivered on 7 December, except the pumps, which come on 14 December.",
         "1! d2026-12-14 | 2= d2026-12-07"),
    ],
)  # fmt: skip
def test_the_quoted_order_says_which_line_is_meant_and_lends_it_no_figures(text: str, lines: str) -> None:
    assert told(read_plain(text + QUOTED, SUBJECT, SUPPLIER)) == lines


@pytest.mark.parametrize(
    "text",
    [
        "Confirmed, plus EUR 18.00 freight.",
        "Confirmed. Prices rise by 4 % from January.",
        "We confirm. The price is now EUR 9.10.",
        "Confirmed. Lead time is 6 weeks.",
        "Confirmed. Line 1 on 7 December and 14 December.",
        "Line 1 will change.",
    ],
)
def test_a_figure_that_belongs_to_no_line_is_told_and_is_no_plain_yes(text: str) -> None:
    reading = read_plain(text + QUOTED, SUBJECT, SUPPLIER)
    assert reading.response is Response.CHANGED and not reading.accepted
    assert Code.LOW_CONFIDENCE in {p.code for p in reading.problems}


def test_a_substitute_stands_beside_what_it_replaces() -> None:
    for text in (
        "PU-14 is replaced by PU-15, same price.",
        "Instead of PU-14 we will send PU-15.",
        "PU-14 wird durch PU-15 ersetzt.",
        "Nous livrons PU-15 au lieu de PU-14.",
    ):
        lines = read_plain(text, SUBJECT, SUPPLIER).lines
        assert [(x.item_number, x.substitute_for, x.status) for x in lines] == [("PU-15", "PU-14", LineStatus.CHANGED)]


def test_the_pack_of_a_quoted_line_is_not_its_quantity() -> None:
    quoted = (
        "\n\nOn 9 Nov 2026, Mill wrote:\n> 1. Copy paper, white, 500 sheets\n>    4 boxes × EUR 9.00\n"
        "> 2. Envelopes C5, 250 pcs\n>    3 boxes × EUR 7.00\n"
    )
    line = read_plain("Line 1: 1 week later, on 14 December 2026." + quoted, SUBJECT, SUPPLIER).lines[0]
    assert (line.line_number, line.quantity, line.promised_on) == ("1", None, date(2026, 12, 14))


def test_prices_and_quantities_keep_their_digits() -> None:
    line = read_plain("Line 4: 1 200 pcs at EUR 1,05 each.", SUBJECT, SUPPLIER).lines[0]
    assert (line.quantity, line.unit_price) == (Decimal(1200), Decimal("1.05"))
