import pytest

from parsers.lines_header import find_headers
from parsers.page import Page, Word, grid_page, rows_of

LABELS = [
    ["Pos.", "Artikelnummer", "Bezeichnung", "Menge", "Einheit", "Einzelpreis", "Gesamtpreis"],
    ["N°", "Référence", "Désignation", "Qté", "Unité", "P.U. HT", "Montant HT"],
    ["Nº", "Código", "Descripción", "Cantidad", "Ud.", "Precio unitario", "Importe"],
    ["Riga", "Codice", "Descrizione", "Q.tà", "U.M.", "Prezzo unitario", "Importo"],
    ["Regel", "Artikelcode", "Omschrijving", "Aantal", "Eenheid", "Prijs per stuk", "Bedrag"],
    ["Linha", "Referência", "Descrição", "Qtd.", "Un.", "Preço unitário", "Valor total"],
    ["Lp.", "Indeks", "Nazwa towaru", "Ilość", "J.m.", "Cena netto", "Wartość netto"],
    ["Rad", "Artikelnr", "Benämning", "Antal", "Enhet", "À-pris", "Belopp"],
    ["Linje", "Varenr.", "Beskrivelse", "Antal", "Enhed", "Stk. pris", "Beløb"],
    ["Rivi", "Tuotekoodi", "Kuvaus", "Määrä", "Yks.", "À-hinta", "Yhteensä"],
    ["Poř.", "Kód zboží", "Popis", "Množství", "MJ", "Cena za MJ", "Celkem"],
    ["Line", "SKU", "Description", "Qty", "UoM", "Unit price", "Amount"],
]


@pytest.mark.parametrize("labels", LABELS, ids=lambda labels: labels[2])
def test_headers_are_known_in_many_languages(labels: list[str]) -> None:
    (header,) = find_headers(rows_of(grid_page([["Some title"], labels, ["1", "A", "x", "1", "m", "2", "2"]])))
    assert header.roles == ("position", "item", "description", "quantity", "unit", "price", "total")


def stacked(*rows: list[tuple[str, float]]) -> Page:
    words = [Word(t, (x, 12.0 * y, x + 5 * len(t), 12.0 * y + 10)) for y, row in enumerate(rows) for t, x in row]
    return Page(1, 600, 800, tuple(words))


def test_labels_on_two_lines_are_read_as_one() -> None:
    page = stacked([("Price", 300), ("Line", 400)], [("Description", 10), ("Qty", 200), ("each", 300), ("total", 400)])
    (header,) = find_headers(rows_of(page))
    assert [c.label for c in header.columns] == ["Description", "Qty", "Price each", "Line total"]
    assert header.roles == ("description", "quantity", "price", "total")


def test_a_sentence_with_a_label_in_it_is_no_header() -> None:
    assert find_headers(rows_of(grid_page([["The quantity of this description is 5"], ["Total", "5"]]))) == ()
