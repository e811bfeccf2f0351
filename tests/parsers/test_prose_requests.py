"""Requests told in sentences, in ten languages: what, how many, and which item."""

from decimal import Decimal

import pytest

from parsers.reading import Kind
from tests.parsers.mail_samples import read_plain

# (text, lines as "quantity|unit|description|item number")
SEEN = [
    ("Please order 3 boxes of label paper A4 90 g (L-300), cost centre 81.", ["3|boxes|label paper A4 90 g|L-300"]),
    ("Could you please order 8 bags of dust masks, size L?", ["8|bags|dust masks, size L|"]),
    ("Order 3 shelves beech 180 cm (S-180), cost centre 81, by 4 December 2026.", ["3||shelves beech 180 cm|S-180"]),
    ("We need 5 cans of floor paint 5 L (FP-5).", ["5|cans|floor paint 5 L|FP-5"]),
    ("Please get us 60 bolts M10x60 and 4 fans 230 V.", ["60||bolts M10x60|", "4||fans 230 V|"]),
    ("Please buy 2 drums of degreaser 25 kg, and 10 kg of grit.", ["2|drums|degreaser 25 kg|", "10|kg|grit|"]),
    ("Can you order 4 lamps 12 W (L-12) and 2 cables 3 m (C-3)?", ["4||lamps 12 W|L-12", "2||cables 3 m|C-3"]),
    ("Bitte 5 Pakete Etikettenpapier A4 90 g (EP-90) bestellen.", ["5|pakete|Etikettenpapier A4 90 g|EP-90"]),
    ("Wir brauchen 6 Eimer Wandfarbe 10 l (WF-10).", ["6|eimer|Wandfarbe 10 l|WF-10"]),
    ("Merci de commander 4 rouleaux de film 50 cm (FI-50) pour le 4 décembre 2026.", ["4|rouleaux|film 50 cm|FI-50"]),
    ("Nous avons besoin de 3 bidons de nettoyant 5 l.", ["3|bidons|nettoyant 5 l|"]),
    ("Necesitamos 3 garrafas de desinfectante 5 l (DS-5).", ["3|garrafas|desinfectante 5 l|DS-5"]),
    ("Por favor pedir 12 cajas de guantes, talla M.", ["12|cajas|guantes, talla M|"]),
    ("Ci servono 4 taniche di detergente 10 l (DT-10).", ["4|taniche|detergente 10 l|DT-10"]),
    ("Graag 6 flessen handzeep 500 ml (HZ-500) bestellen.", ["6|flessen|handzeep 500 ml|HZ-500"]),
    ("Precisamos de 3 garrafas de detergente 5 l (DT-5).", ["3|garrafas|detergente 5 l|DT-5"]),
    ("Proszę zamówić 4 rolki folii 50 cm (FO-50).", ["4|rolki|folii 50 cm|FO-50"]),
    ("Vi behöver 6 flaskor handtvål 500 ml (HT-500).", ["6|flaskor|handtvål 500 ml|HT-500"]),
    ("Vi skal bruge 6 flasker sæbe 500 ml (SB-500).", ["6|flasker|sæbe 500 ml|SB-500"]),
    ("Please order 24 bottles of water 1.5 l.", ["24|bottles|water 1.5 l|"]),
]  # fmt: skip

KEPT_BACK = [
    ("Please order 7 tins of wood oil 750 ml (WO-75) for the workshop.", ["7|tins|wood oil 750 ml|WO-75"]),
    ("I need 2 ladders aluminium 3 m (LA-3).", ["2||ladders aluminium 3 m|LA-3"]),
    ("Please order 15 rolls of tape 48 mm, cost centre 81.", ["15|rolls|tape 48 mm|"]),
    ("Bitte bestellen Sie 9 Säcke Streusalz 25 kg (SS-25) bis 4.12.2026.", ["9|säcke|Streusalz 25 kg|SS-25"]),
    ("Merci de commander 7 sacs de sel 25 kg (SE-25).", ["7|sacs|sel 25 kg|SE-25"]),
    ("Necesitamos 9 sacos de sal 25 kg (SA-25).", ["9|sacos|sal 25 kg|SA-25"]),
    ("Ci servono 9 sacchi di sale 25 kg (SL-25).", ["9|sacchi|sale 25 kg|SL-25"]),
    ("We hebben 9 zakken strooizout 25 kg (SZ-25) nodig.", ["9|zakken|strooizout 25 kg|SZ-25"]),
    ("Precisamos de 9 sacos de sal 25 kg (SG-25).", ["9|sacos|sal 25 kg|SG-25"]),
    ("Potrzebujemy 9 worków soli 25 kg (SO-25).", ["9|worków|soli 25 kg|SO-25"]),
]  # fmt: skip


def told(text: str) -> list[str]:
    """Return the lines of a request in the short form of the tables above."""
    lines = read_plain(text, "Supplies").lines
    return [f"{x.quantity}|{x.unit or ''}|{x.description or ''}|{x.item_number or ''}" for x in lines]


@pytest.mark.parametrize(("text", "lines"), [*SEEN, *KEPT_BACK])
def test_a_size_stays_in_the_description_and_a_code_in_brackets_is_the_item(text: str, lines: list[str]) -> None:
    assert read_plain(text, "Supplies").kind is Kind.REQUISITION
    assert told(text) == lines


def test_a_measure_behind_a_comma_or_and_counts_by_itself() -> None:
    lines = read_plain("Please order 2 bags of cement and 40 kg of sand, 15 m of hose.", "Supplies").lines
    assert [(x.quantity, x.unit) for x in lines] == [(Decimal(2), "bags"), (Decimal(40), "kg"), (Decimal(15), "m")]
