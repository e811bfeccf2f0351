"""Mails as many people write them: what is asked for, answered and changed, in many languages."""

from decimal import Decimal

import pytest

from parsers.reading import Kind, LineStatus, Reading, Response
from tests.parsers.mail_samples import read_plain


def told(reading: Reading) -> list[tuple[str | None, str | None, str | None]]:
    """Return quantity, unit and description of each line."""
    return [(str(x.quantity) if x.quantity is not None else None, x.unit, x.description) for x in reading.lines]


REQUESTS = {
    "a careless list": (
        "hiya can you get us\n\n3 packs nitrile gloves medium\nhalf a dozen safety goggles\n2 x 5l isopropanol\n\nTa",
        [("3", "packs", "nitrile gloves medium"), ("6", None, "safety goggles"), ("2", None, "5l isopropanol")],
    ),
    "known things beside wanted ones": (
        "For the two meeting rooms we'd like to order two 65 inch displays at £612.00 each and two wall mounts.",
        [("2", None, "65 inch displays"), ("2", None, "wall mounts")],
    ),
    "a pack of many, and letters with figures": (
        "Please get me 100 m of CAT6 cable (blue), 50 RJ45 plugs and a pack of 100 cable ties.",
        [("100", "m", "CAT6 cable (blue)"), ("50", None, "RJ45 plugs"), ("1", "pack", "100 cable ties")],
    ),
    "pairs, dozens, boxes and times": (
        "Could we please have 5 pairs of safety boots size 9, two dozen ear plugs, a box of dust masks and 10 x hi-vis "
        "vests?",
        [
            ("5", "pairs", "safety boots size 9"),
            ("24", None, "ear plugs"),
            ("1", "box", "dust masks"),
            ("10", None, "hi-vis vests"),
        ],
    ),
    "labels before each value": (
        "Purchase request\n\n1. Safety sign 300x200 - qty 12 - USD 8.40\n2. Floor tape yellow - qty 6 - USD 11.25",
        [("12", None, "Safety sign 300x200"), ("6", None, "Floor tape yellow")],
    ),
    "times without a blank": (
        "moin, drucker ist leer. bitte 2x Toner schwarz (TN-247BK) und 1x gelb (TN-247Y) bestellen, eilt!",
        [("2", None, "Toner schwarz"), ("1", None, "gelb")],
    ),
    "a dozen in French": (
        "Pourriez-vous commander une douzaine de classeurs bleus, cinq ramettes de papier A4 ainsi que 3 cartouches "
        "noires ?",
        [("12", None, "classeurs bleus"), ("5", "ramettes", "papier A4"), ("3", "cartouches", "noires")],
    ),
    "one by its article in Spanish": (
        "Solicito la compra de un microscopio binocular a un precio de 1.280,00 € y dos cajas de portaobjetos a 9,75 € "
        "la caja.",
        [("1", None, "microscopio binocular"), ("2", "cajas", "portaobjetos")],
    ),
    "the last of several in Italian": (
        "Mi servono 10 risme di carta A4, 2 confezioni di penne blu e un toner per la stampante (codice TN-2420).",
        [("10", "risme", "carta A4"), ("2", "confezioni", "penne blu"), ("1", None, "toner")],
    ),
    "a size behind its thing in Portuguese": (
        "Precisamos de encomendar 12 garrafões de detergente de 5 litros, 6 caixas de luvas e duas esfregonas.",
        [("12", "garrafões", "detergente de 5 litros"), ("6", "caixas", "luvas"), ("2", None, "esfregonas")],
    ),
    "a dozen in German": (
        "wir bräuchten drei Packungen Einmalhandschuhe, ein Dutzend Bechergläser und zwei Liter Ethanol.",
        [("3", "packungen", "Einmalhandschuhe"), ("12", None, "Bechergläser"), ("2", "liter", "Ethanol")],
    ),
    "a format behind a unit": (
        "We're out of paper. Can you order 20 reams A4 plus two boxes of staples and a stapler please?",
        [("20", "reams", "A4"), ("2", "boxes", "staples"), ("1", None, "stapler")],
    ),
    "Swedish": (
        "Hej!\n\nKan ni beställa följande till verkstaden:\n\n8 st arbetshandskar\n2 paket slipskivor 125 mm\n",
        [("8", "st", "arbetshandskar"), ("2", "paket", "slipskivor 125 mm")],
    ),
    "Czech": (
        "Dobrý den,\n\nprosím o objednání:\n\n2 ks vrtačka Makita\n10 ks vrták 8 mm\n",
        [("2", "ks", "vrtačka Makita"), ("10", "ks", "vrták 8 mm")],
    ),
}


@pytest.mark.parametrize(("text", "lines"), REQUESTS.values(), ids=REQUESTS.keys())
def test_what_is_asked_for_is_read_line_by_line(
    text: str, lines: list[tuple[str | None, str | None, str | None]]
) -> None:
    reading = read_plain(text, "Things we need")
    assert (reading.kind, told(reading)) == (Kind.REQUISITION, lines)


def test_prices_told_in_a_sentence_belong_to_their_items() -> None:
    reading = read_plain(REQUESTS["one by its article in Spanish"][0])
    assert [line.unit_price for line in reading.lines] == [Decimal("1280.00"), Decimal("9.75")]
    assert reading.currency == "EUR"


def test_a_budget_prices_nothing_and_gives_no_currency() -> None:
    reading = read_plain("Please order 10 desk lamps for the office. Budget max £150.")
    assert (reading.currency, reading.lines[0].unit_price) == (None, None)


def test_the_number_of_an_order_is_no_supplier() -> None:
    reading = read_plain("The cables from PO-2026-00688 were fine. Please order another 200 m of CAT6 cable.")
    assert reading.supplier_name is None


def test_a_place_behind_the_day_of_delivery_is_where_the_goods_go() -> None:
    text = (
        "Merci de commander 10 casques.\nLivraison souhaitée le 30/11/2026 à l'atelier, 12 rue des Forges, 69007 Lyon"
    )
    reading = read_plain(text)
    assert reading.ship_to == "l'atelier, 12 rue des Forges, 69007 Lyon"
    assert str(reading.needed_by) == "2026-11-30"


def test_a_correction_of_what_was_sent_before_is_a_change_with_the_new_quantities() -> None:
    text = "Sorry, correction to what I sent: make it 8 chairs, not 6, and we also want one coffee table.\n\nAnn"
    quoted = (
        "\n\nOn Mon, 9 Nov 2026 at 09:12, Ann Lee <ann.lee@mill.example> wrote:\n> please order 6 chairs for reception."
    )
    reading = read_plain(text + quoted, "Re: Chairs")
    assert (reading.kind, told(reading)) == (Kind.ORDER_CHANGE, [("8", None, "chairs"), ("1", None, "coffee table")])


def test_a_new_quantity_is_told_by_the_name_of_the_thing() -> None:
    text = "bei der Bestellung PO-2026-00760 bitte die Menge der Trennscheiben auf 30 Stück erhöhen. Rest bleibt."
    reading = read_plain(text, "Änderung zu PO-2026-00760")
    assert (reading.kind, told(reading)) == (Kind.ORDER_CHANGE, [("30", "stück", "Trennscheiben")])


def answer(text: str) -> Reading:
    return read_plain(text, "Re: PO-2026-00745", "Ben Cole <ben@signs.example>")


def test_things_called_by_name_are_lines_where_no_order_is_quoted() -> None:
    reading = answer(
        "PO-2026-00745: we can ship the floor tape (6 rolls) on 17 November as requested. The safety signs are out of "
        "stock, I expect the 12 pcs on 4 December."
    )
    assert reading.response is Response.CHANGED
    assert told(reading) == [("6", "rolls", "floor tape"), ("12", "pcs", "safety signs")]
    assert [line.status for line in reading.lines] == [LineStatus.ACCEPTED, LineStatus.BACKORDERED]
    assert [str(line.promised_on) for line in reading.lines] == ["2026-11-17", "2026-12-04"]


def test_a_substitute_may_be_told_in_a_second_sentence() -> None:
    reading = answer(
        "Buongiorno, ordine PO-2026-00745: il toner TN-2420 non è più disponibile; al suo posto possiamo fornire il "
        "TN-2420XL a 68,00 € al pezzo, consegna 18 novembre."
    )
    (line,) = reading.lines
    assert (line.item_number, line.substitute_for, line.status) == ("TN-2420XL", "TN-2420", LineStatus.CHANGED)


def test_a_confirmation_written_as_rows_that_prove_their_sums_is_read_as_one() -> None:
    reading = answer(
        "Guten Tag,\n\nwir bestätigen Ihren Auftrag PO-2026-00745 wie folgt:\n\n"
        "Pos. 10  Trennscheiben 125 mm   20 Stk   1,15 EUR   23,00 EUR\n"
        "Pos. 20  Torx-Satz T6-T40        1 Satz  39,00 EUR   39,00 EUR\n\n"
        "Gesamt netto 62,00 EUR\nLieferung: 18.11.2026"
    )
    assert reading.response is Response.ACCEPTED
    assert told(reading) == [("20", "stk", "Trennscheiben 125 mm"), ("1", "satz", "Torx-Satz T6-T40")]
    assert {str(line.promised_on) for line in reading.lines} == {"2026-11-18"}


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("Vi må desværre afvise jeres ordre PO-2026-00745, da vi ikke længere leverer til jeres område.", "rejected"),
        ("Dobrý den, potvrzujeme Vaši objednávku PO-2026-00745 v plném rozsahu, dodání 27.11.2026.", "accepted"),
        (
            "Hej, vi bekräftar er order PO-2026-00745. Momentnyckeln är dock slut och levereras först 4 december.",
            "changed",
        ),
    ],
)
def test_northern_and_czech_answers_are_understood(text: str, response: str) -> None:
    assert answer(text).response == response


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("Gentile cliente, l'ordine PO-2026-00745 è confermato, consegna prevista il 20/11/2026.", Response.ACCEPTED),
        ("De heftafels uit order PO-2026-00745 zijn pas op 8 december leverbaar.", Response.CHANGED),
        ("The torque wrenches on PO-2026-00745 have gone up to £94.00 each.", Response.CHANGED),
    ],
)
def test_answers_in_short_words_are_understood(text: str, response: Response) -> None:
    assert answer(text).response is response


def test_a_price_that_has_gone_up_to_an_amount_is_no_ceiling() -> None:
    assert answer("The torque wrenches on PO-2026-00745 have gone up to £94.00 each.").currency == "GBP"


def test_a_remark_about_the_next_time_something_is_needed_asks_for_nothing() -> None:
    reading = read_plain(
        "FYI, their new catalogue is out. Maybe worth a look next time we need furniture.", "Catalogue"
    )
    assert reading.kind is Kind.OTHER
