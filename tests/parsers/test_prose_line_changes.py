"""Lines that are dropped by number and bare numbers that take another's place, in many languages."""

import pytest

from parsers.prose_line_changes import dropped_lines, exchanged, names_line
from parsers.reading import Kind, LineStatus, Reading, ReadLine
from tests.parsers.mail_samples import read_plain

ONE = (
    "\n\nOn Mon, 9 Nov 2026, Desk <desk@mill.example> wrote:\n"
    "> PO-2026-00811:\n>\n> 1. Copy paper\n>    10 boxes × EUR 21.00 = EUR 210.00\n"
)
THREE = (
    f"{ONE}> 2. Blue markers\n>    24 pcs × EUR 1.10 = EUR 26.40\n> 3. Desk lamp\n>    4 pcs × EUR 35.00 = EUR 140.00\n"
)


def change(text: str, ordered: str) -> Reading:
    return read_plain(f"{text}{ordered}", "Re: PO-2026-00811")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Drop line 2 please, we found a box of them in the cupboard.", ["2"]),
        ("Hi, please cancel line 3, the rest stays as it is.", ["3"]),
        ("Lines 2 and 3 can be cancelled, thanks.", ["2", "3"]),
        ("We don't need line 2 any more, sorry.", ["2"]),
        ("Moin, Position 2 kann raus, die brauchen wir doch nicht.", ["2"]),
        ("Bitte Pos. 3 stornieren, Rest bleibt.", ["3"]),
        ("Bonjour, pouvez-vous retirer la ligne 3 ? Merci", ["3"]),
        ("Por favor, quitad la línea 3.", ["3"]),
        ("Buongiorno, eliminate per favore la riga 2.", ["2"]),
        ("Graag regel 3 schrappen.", ["3"]),
        ("Proszę usunąć pozycję 2 z zamówienia.", ["2"]),
        ("Hej! Ta bort rad 2 tack.", ["2"]),
        ("Prosím, zrušte položku 2.", ["2"]),
    ],
)
def test_a_line_that_is_dropped_by_number_is_a_change_and_no_cancellation(text: str, numbers: list[str]) -> None:
    reading = change(text, THREE)
    assert reading.kind is Kind.ORDER_CHANGE
    assert [(line.line_number, line.status) for line in reading.lines] == [(n, LineStatus.REJECTED) for n in numbers]


@pytest.mark.parametrize(
    "text",
    [
        "Don't cancel line 2, we do want it.",
        "Please cancel half of line 2.",
        "If you drop line 3 we are lost.",
        "Bitte Position 2 nicht streichen.",
        "Remove 2 from line 3.",
        "Ne supprimez pas la ligne 2.",
    ],
)
def test_what_is_not_dropped_or_only_in_part_is_not_read_as_dropped(text: str) -> None:
    assert dropped_lines(text, ()) == ()
    assert change(text, THREE).kind is not Kind.ORDER_CANCELLATION


def test_a_number_that_counts_things_is_no_further_line() -> None:
    assert [line.line_number for line in dropped_lines("Drop line 3 and 5 boxes of gloves.", ())] == ["3"]


@pytest.mark.parametrize(
    "text",
    [
        "make it 12 instead of 10 please",
        "Instead of 10 boxes please send 12.",
        "Bitte 12 statt 10 Kartons.",
        "Finalement il nous en faudrait 12 au lieu de 10.",
        "Que sean 12 en lugar de 10, por favor.",
        "Facciamo 12 invece di 10, grazie.",
        "Maak er maar 12 van in plaats van 10.",
        "Queremos 12 em vez de 10, obrigado.",
        "Proszę zmienić ilość na 12 zamiast 10.",
        "Hej, vi vil gerne have 12 i stedet for 10.",
    ],
)
def test_a_bare_number_instead_of_another_is_that_of_the_only_line(text: str) -> None:
    reading = change(text, ONE)
    assert reading.kind is Kind.ORDER_CHANGE
    assert [(x.line_number, x.description, str(x.quantity)) for x in reading.lines] == [("1", "Copy paper", "12")]


def test_an_old_number_that_was_not_ordered_exchanges_nothing() -> None:
    assert exchanged("make it 12 instead of 9", (ReadLine("1", "Copy paper", quantity=None),)) == ()
    assert exchanged("12 instead of 9, and 4 instead of 3", ()) == ()
    assert exchanged("make it 12 chairs instead of 10 stools", ()) == ()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Can you deliver to Gate 4, Harbour Street 18, Hull instead?", "Gate 4, Harbour Street 18, Hull"),
        ("Bitte stattdessen an Lager Süd, Ring 9, 70565 Ulm liefern.", "Lager Süd, Ring 9, 70565 Ulm"),
        ("Merci de livrer plutôt au Dépôt Nord, 3 rue du Port, 59000 Lille.", "Dépôt Nord, 3 rue du Port, 59000 Lille"),
    ],
)  # fmt: skip
def test_another_place_of_delivery_changes_the_order_and_no_line(text: str, place: str) -> None:
    reading = change(text, ONE)
    assert (reading.kind, reading.ship_to, reading.lines) == (Kind.ORDER_CHANGE, place, ())


@pytest.mark.parametrize(
    "text",
    [
        "Hello, we could do with 4 rolls of barrier tape and two mop heads for the yard.",
        "Bonjour, serait-il possible de commander 4 disques et deux paires de gants ?",
        "Hola, hay que pedir 6 botes de pintura blanca y dos rodillos.",
        "Witam, potrzebne nam są 3 wiertarki i 5 par rękawic.",
        "Hej, kan någon beställa 2 skrivbord och fyra skärmar?",
    ],
)
def test_who_wants_listed_things_in_any_words_asks_for_them(text: str) -> None:
    reading = read_plain(text, "Things")
    assert (reading.kind, len(reading.lines)) == (Kind.REQUISITION, 2)
    assert all(line.quantity is not None for line in reading.lines)


def test_things_that_are_only_told_of_are_no_request() -> None:
    text = "FYI we still have 12 chairs and 3 tables in the basement, nobody needs to do anything."
    assert read_plain(text, "FYI stock").kind is Kind.OTHER


def test_a_line_is_named_by_its_word_and_number_only() -> None:
    assert names_line("cancel line 3") and not names_line("cancel PO-7, 3 boxes")
