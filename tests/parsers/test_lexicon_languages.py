"""What documents of many languages call their columns, sums, values and themselves."""

from datetime import date

import pytest

from parsers.dates import find_dates
from parsers.fields_labels import label_of
from parsers.lexicon import column_role, columns, kinds, label_key, normalise, total_role, totals
from parsers.lines_header import find_headers
from parsers.page import grid_page, rows_of

INVOICE = ("position", "item", "description", "quantity", "unit", "price", "discount", "tax", "total")
ORDER = ("item", "description", "quantity", "unit", "price", "total", "needed_by")
CONFIRMATION = ("item", "description", "ordered", "delivered", "price", "promised_on", "status")
SUMS = ("net", "tax", "gross", "charge", "reduction", "paid")
FIELDS = (
    "invoice_number",
    "order_number",
    "issued_on",
    "due_on",
    "needed_by",
    "buyer",
    "supplier",
    "ship_to",
    "currency",
)
KINDS = ("invoice", "credit_note", "order", "order_response", "quotation", "delivery_note")

# Labels in the order of the roles above, one line of each of the six.
PAPERS = {
    "en-IN": """S.No|Item Code|Description of goods and services|Qty|UQC|Rate|Disc. %|IGST %|Taxable Value
Part No|Item & Description|Qty|UOM|Rate|Amt|Required by
SKU|Description|Qty Ord|Qty Shp|Price|Est Ship Date|Stock status
Total taxable value|Add CGST|Total amount after tax|Round off|Trade discount|Less advance
Tax Invoice No.|Buyer's Order No.|Invoice Dt|Payment due by|Required by|Bill To|Vendor|Consignee|Currency
Tax Invoice|Credit Note|Purchase Order|Order Acceptance|Quotation|Delivery Challan""",
    "en-AU": """Line #|Product Code|Details|Quantity|UOM|Unit Price ex GST|Discount|GST|Amount ex GST
Stock Code|Description|Qty|Unit|Unit Price|Total ex GST|Date required
Item Code|Description|Ordered|Despatched|Price ea|ETA|Comments
Subtotal ex GST|GST|Total inc GST|Freight|Discount|Amount paid
Tax Invoice No|Your PO No|Tax date|Due date|Date required|Sold to|Supplier|Deliver to|Currency
Tax Invoice|Adjustment Note|Purchase Order|Order Confirmation|Quote|Delivery Docket""",
    "de": """Lfd. Nr.|Art.-Nr.|Artikelbezeichnung|Menge|ME|E-Preis|Rab.|MwSt-Satz|Gesamtpreis netto
Material-Nr.|Kurztext|Bedarfsmenge|Einh.|Preis/Einheit|Nettowert|Wunschtermin
Artikelnummer|Bezeichnung|Bestellt|Bestätigt|Preis|Zugesagter Termin|Bemerkung
Summe exkl. USt.|zzgl. gesetzl. MwSt.|Rechnungsendbetrag|Frachtpauschale|Gesamtrabatt|Anzahlung
Rechnungs-Nr.|Ihre Bestellnummer|Rechnungsdatum|Fällig am|Wunschtermin|Kunde|Lieferant|Lieferanschrift|Währung
Rechnung|Gutschrift|Bestellung|Auftragsbestätigung|Angebot|Lieferschein""",
    "fr": """N°|Réf. article|Désignation|Qté|Unité|P.U. HT|Remise %|TVA|Montant HT
Référence|Libellé|Quantité|Unité|Prix unitaire HT|Total HT|Date souhaitée
Code article|Désignation|Qté commandée|Qté livrée|Prix net|Délai confirmé|Observations
Total net HT|Montant TVA|Net à payer|Frais de port|Remise|Acompte versé
Facture n°|Votre commande n°|Date d'émission|Échéance|Livraison souhaitée|Facturé à|Fournisseur|Livré à|Devise
Facture|Avoir|Bon de commande|Accusé de réception de commande|Devis|Bon de livraison""",
    "es-MX": """Partida|Clave|Descripción|Cantidad|Unidad|P.U.|Dcto. %|IVA|Importe
No. de parte|Descripción|Cant.|U.M.|Precio unitario|Total sin IVA|Fecha requerida
Código|Concepto|Cantidad pedida|Surtido|Precio|Fecha compromiso|Observaciones
Subtotal|IVA trasladado|Gran total|Flete|Descuento|Anticipo
Factura nº|No. orden de compra|Fecha de emisión|Vencimiento|Fecha requerida|Receptor|Emisor|Lugar de entrega|Moneda
Factura|Nota de crédito|Orden de compra|Confirmación de pedido|Cotización|Remisión""",
    "it": """Riga|Cod. art.|Descrizione|Q.tà|U.M.|Prezzo unit.|Sc. %|Aliq. IVA|Importo
Codice|Descrizione articolo|Quantità|UdM|Prezzo netto|Totale riga|Consegna richiesta
Codice articolo|Descrizione|Q.tà ordinata|Q.tà confermata|Prezzo|Data consegna|Note
Totale imponibile|Totale IVA|Totale documento|Spese di trasporto|Sconto|Acconto
Fattura n.|Vs. ordine n.|Data emissione|Scadenza|Consegna entro|Cliente|Fornitore|Luogo di consegna|Valuta
Fattura|Nota di credito|Ordine di acquisto|Conferma d'ordine|Preventivo|Documento di trasporto""",
    "nl": """Regel|Artikelnr.|Omschrijving|Aantal|Eenh.|Stuksprijs|Korting %|BTW-%|Bedrag excl. BTW
Artikelcode|Artikelomschrijving|Aantal|Eenheid|Prijs per stuk|Totaal|Gewenste leverdatum
Artikelnummer|Omschrijving|Besteld|Geleverd|Prijs|Leverdatum|Opmerkingen
Subtotaal excl. BTW|BTW hoog|Totaal te voldoen|Verzendkosten|Korting|Aanbetaling
Factuurnummer|Uw bestelnummer|Factuurdatum|Vervaldatum|Gewenste leverdatum|Klant|Leverancier|Afleveradres|Valuta
Factuur|Creditnota|Inkooporder|Orderbevestiging|Offerte|Pakbon""",
    "pt": """Linha|Cód. artigo|Designação|Qtd.|Un.|Pr. unitário|Desc. %|Tx. IVA|Total s/ IVA
Referência|Descrição|Quantidade|Unid.|Preço unit.|Valor|Data pretendida
Código|Descrição|Qtd. encomendada|Qtd. confirmada|Preço|Data de entrega|Observações
Total ilíquido|Valor do IVA|Total a pagar|Portes|Descontos|Adiantamento
Fatura n.º|V/ encomenda n.º|Data de emissão|Vencimento|Entregar até|Cliente|Fornecedor|Local de entrega|Moeda
Fatura|Nota de crédito|Nota de encomenda|Confirmação de encomenda|Orçamento|Guia de remessa""",
    "pl": """Lp.|Indeks|Nazwa towaru lub usługi|Ilość|J.m.|Cena jedn. netto|Rabat %|Stawka VAT|Wartość netto
Kod towaru|Nazwa|Ilość|Jm.|Cena netto|Wart. netto|Wymagany termin
Symbol|Nazwa towaru|Zamówiono|Potwierdzono|Cena|Potwierdzony termin|Uwagi
Razem netto|Kwota VAT|Razem do zapłaty|Koszt dostawy|Upust|Przedpłata
Faktura VAT nr|Nr zamówienia|Data wystawienia|Termin płatności|Termin dostawy|Nabywca|Sprzedawca|Adres dostawy|Waluta
Faktura VAT|Faktura korygująca|Zamówienie|Potwierdzenie zamówienia|Oferta cenowa|Wydanie zewnętrzne""",
    "cs": """Poř. č.|Kat. č.|Popis položky|Množství|MJ|J.cena|Sleva %|DPH %|Celkem bez DPH
Kód zboží|Název|Ks|M.j.|Cena za MJ|Cena celkem|Požadovaný termín
Číslo položky|Název zboží|Objednáno|Potvrzeno|Cena|Termín dodání|Poznámka
Základ daně|DPH celkem|Celkem k úhradě|Doprava|Sleva|Uhrazeno zálohou
Faktura č.|Vaše objednávka č.|Datum vystavení|Datum splatnosti|Termín dodání|Odběratel|Dodavatel|Místo dodání|Měna
Faktura daňový doklad|Dobropis|Objednávka|Potvrzení objednávky|Cenová nabídka|Dodací list""",
    "sk": """P.č.|Kód tovaru|Názov tovaru|Množstvo|MJ|Jedn. cena|Zľava %|Sadzba DPH|Spolu bez DPH
Číslo tovaru|Popis|Počet|M.j.|Cena za MJ|Cena spolu|Požadovaný termín
Kód|Názov|Objednané množstvo|Potvrdené množstvo|Cena|Termín dodania|Poznámka
Základ dane|Výška DPH|Spolu k úhrade|Poštovné|Zľava|Uhradené zálohou
Faktúra č.|Číslo objednávky|Dátum vystavenia|Dátum splatnosti|Dátum dodania|Odberateľ|Dodávateľ|Dodacia adresa|Mena
Faktúra|Dobropis|Objednávka|Potvrdenie objednávky|Cenová ponuka|Dodací list""",
    "hu": """Ssz.|Cikkszám|Megnevezés|Menny.|Me.|Egységár|Kedv.%|Áfa kulcs|Nettó érték
Termékkód|Leírás|Mennyiség|Egység|Nettó egységár|Érték nettó|Kért határidő
Cikkszám|Termék neve|Rendelt mennyiség|Visszaigazolt mennyiség|Ár|Szállítási határidő|Megjegyzés
Nettó összesen|Áfa összege|Fizetendő összeg|Szállítási költség|Kedvezmény|Előleg
Számla sorszáma|Megrendelés száma|Számla kelte|Fizetési határidő|Kért határidő|Vevő neve|Eladó|Szállítási cím|Pénznem
Számla|Sztornó számla|Megrendelés|Rendelés visszaigazolása|Árajánlat|Szállítólevél""",
    "ro": """Nr. crt.|Cod produs|Denumirea produselor|Cantitatea|U.M.|Preț unitar (fără TVA)|Discount|Cota TVA|Valoarea
Cod articol|Denumire|Cant.|UM|Preț unitar|Valoare fără TVA|Termen solicitat
Cod|Descriere|Comandat|Livrat|Preț|Data livrării|Observații
Total fără TVA|Valoare TVA|Total de plată|Cost transport|Reducere|Avans
Factura nr.|Nr. comandă|Data emiterii|Data scadenței|Termen de livrare|Cumpărător|Furnizor|Adresa de livrare|Moneda
Factură fiscală|Factură storno|Comandă|Confirmare de comandă|Ofertă de preț|Aviz de însoțire a mărfii""",
    "sv": """Rad|Art.nr|Benämning|Antal|Enh.|À-pris|Rab. %|Moms %|Belopp exkl. moms
Artikelnr|Beskrivning|Antal|Enhet|Pris/st|Radbelopp|Önskat datum
Artikelnummer|Produkt|Beställt|Levererat|Pris|Leveransdatum|Anmärkning
Summa exkl. moms|Momsbelopp|Att betala|Frakt|Rabatt|Förskott
Fakturanr|Ert ordernr|Fakturadatum|Förfallodatum|Önskad leverans|Fakturamottagare|Säljare|Leveransadress|Valuta
Faktura|Kreditfaktura|Beställning|Orderbekräftelse|Offert|Följesedel""",
    "da": """Linje|Varenr.|Beskrivelse|Antal|Enh.|Stk. pris|Rabat %|Moms %|Beløb ekskl. moms
Varenummer|Varetekst|Mængde|Enhed|Enhedspris|Linjebeløb|Ønsket leveringsdato
Varekode|Produkt|Bestilt|Leveret|Pris|Bekræftet leveringsdato|Bemærkninger
I alt ekskl. moms|Heraf moms|Beløb at betale|Fragt|Samlet rabat|Forudbetaling
Fakturanr.|Jeres ordrenr.|Fakturadato|Betalingsfrist|Ønsket leveringsdato|Køber|Sælger|Leveringsadresse|Valuta
Faktura|Kreditnota|Indkøbsordre|Ordrebekræftelse|Tilbud|Følgeseddel""",
    "no": """Linje|Artikkelnr|Beskrivelse|Antall|Enhet|Enhetspris|Rabatt %|Mva %|Beløp eks. mva
Varenummer|Benevnelse|Ant.|Enh.|Stykkpris|Linjesum|Ønsket leveringsdato
Varenr|Varetekst|Bestilt antall|Bekreftet antall|Pris|Bekreftet dato|Merknad
Sum ekskl. mva|Mva-beløp|Sum å betale|Frakt|Rabatt|Forskudd
Fakturanr|Deres bestillingsnr|Fakturadato|Forfallsdato|Ønsket leveringsdato|Kjøper|Selger|Leveringsadresse|Valuta
Faktura|Kreditnota|Innkjøpsordre|Ordrebekreftelse|Pristilbud|Pakkseddel""",
    "fi": """Rivi|Tuotenro|Tuotekuvaus|Kpl|Yks.|À hinta|Ale-%|Alv-%|Veroton summa
Nimikekoodi|Nimitys|Määrä|Yksikkö|Veroton yksikköhinta|Rivisumma|Toivottu toimituspäivä
Tuotekoodi|Tuote|Tilattu määrä|Vahvistettu määrä|Hinta|Toimituspäivä|Huomautus
Veroton yhteensä|Alv yht.|Maksettava yhteensä|Toimituskulut|Alennus|Ennakkomaksu
Laskun numero|Tilausnumeronne|Laskun päiväys|Eräpäivä|Toivottu toimitusaika|Laskun saaja|Myyjä|Toimitusosoite|Valuutta
Lasku|Hyvityslasku|Ostotilaus|Tilausvahvistus|Tarjous|Lähete""",
    "tr": """Sıra No|Stok kodu|Mal/Hizmet cinsi|Miktar|Birim|Birim Fiyat|İskonto Oranı|KDV Oranı|Mal Hizmet Tutarı
Malzeme kodu|Malzeme açıklaması|Adet|Br.|Fiyat|Toplam tutar|İstenen tarih
Ürün kodu|Açıklama|Sipariş miktarı|Onaylanan miktar|Net fiyat|Teslim tarihi|Durum
Mal Hizmet Toplam Tutarı|Hesaplanan KDV|Ödenecek tutar|Nakliye|Toplam iskonto|Avans
Fatura No|Sipariş No|Düzenleme tarihi|Vade tarihi|İstenen teslim tarihi|Alıcı|Satıcı|Teslimat adresi|Para birimi
e-Fatura|İade Faturası|Satın Alma Siparişi|Sipariş Onayı|Fiyat Teklifi|Sevk İrsaliyesi""",
    "el": """Α/Α|Κωδικός|Περιγραφή είδους|Ποσ.|Μ.Μ.|Τιμή μονάδος|Έκπτ. %|Φ.Π.Α. %|Καθαρή αξία
Κωδ. είδους|Είδος|Ποσότητα|Μον.|Τιμή|Σύνολο|Επιθυμητή παράδοση
Κωδικός είδους|Περιγραφή|Παραγγελθείσα ποσότητα|Επιβεβαιωμένη ποσότητα|Καθαρή τιμή|Ημ/νία παράδοσης|Παρατηρήσεις
Αξία προ Φ.Π.Α.|ΦΠΑ|Πληρωτέο ποσό|Μεταφορικά|Έκπτωση|Προκαταβολή
Αρ. τιμολογίου|Αρ. παραγγελίας|Ημ. έκδοσης|Ημερομηνία λήξης|Παράδοση έως|Πελάτης|Προμηθευτής|Τόπος παράδοσης|Νόμισμα
ΤΙΜΟΛΟΓΙΟ|Πιστωτικό τιμολόγιο|Παραγγελία|Επιβεβαίωση παραγγελίας|Προσφορά|Δελτίο αποστολής""",
    "he": """מס'|מק"ט|תיאור פריט|כמות|יח' מידה|מחיר ליח'|% הנחה|מע"מ|סה"כ
מספר פריט|תאור|כמות|יחידה|מחיר|סה"כ שורה|תאריך נדרש
מק״ט|תיאור המוצר|כמות שהוזמנה|כמות מאושרת|מחיר יחידה|מועד אספקה|הערות
סה"כ לפני מע"מ|מע"מ|סה"כ לתשלום|דמי משלוח|הנחה|מקדמה
חשבונית מס|מספר הזמנה|תאריך הפקה|לתשלום עד|תאריך אספקה|לקוח|ספק|כתובת למשלוח|מטבע
חשבונית מס|חשבונית זיכוי|הזמנת רכש|אישור הזמנה|הצעת מחיר|תעודת משלוח""",
    "ar": """م|رقم الصنف|الوصف|الكمية|الوحدة|سعر الوحدة|الخصم|ضريبة القيمة المضافة|الإجمالي
كود الصنف|البيان|كمية|وحدة القياس|السعر|المبلغ|التاريخ المطلوب
رمز المنتج|وصف المنتج|كمية الطلب|الكمية المؤكدة|سعر|تاريخ التسليم|ملاحظات
المجموع الفرعي|ضريبة القيمة المضافة|المبلغ المستحق|رسوم الشحن|الخصم|دفعة مقدمة
رقم الفاتورة|رقم أمر الشراء|تاريخ الإصدار|تاريخ الاستحقاق|تاريخ التوريد|العميل|المورد|عنوان التسليم|العملة
فاتورة ضريبية|إشعار دائن|أمر شراء|تأكيد الطلب|عرض سعر|سند تسليم""",
    "hr": """R.br.|Šifra|Naziv robe / usluge|Količina|Jed. mj.|Cijena|Rabat %|PDV %|Iznos
Kataloški broj|Naziv artikla|Kol.|JM|Jedinična cijena|Ukupno|Traženi rok
Šifra artikla|Opis|Naručeno|Potvrđeno|Cijena bez PDV-a|Rok isporuke|Napomena
Osnovica|Iznos PDV-a|Ukupno za platiti|Troškovi dostave|Popust|Predujam
Račun br.|Broj narudžbenice|Datum izdavanja|Datum dospijeća|Rok isporuke|Kupac|Dobavljač|Adresa isporuke|Valuta
Račun|Odobrenje|Narudžbenica|Potvrda narudžbe|Ponuda|Otpremnica""",
    "sl": """Zap. št.|Šifra artikla|Naziv blaga|Količina|EM|Cena brez DDV|Popust %|DDV %|Znesek
Koda|Opis|Kol.|Enota|Cena na enoto|Vrednost|Zahtevani rok
Šifra|Naziv artikla|Naročeno|Potrjeno|Cena|Dobavni rok|Opomba
Osnova za DDV|Znesek DDV|Skupaj za plačilo|Poštnina|Rabat|Predplačilo
Račun št.|Številka naročila|Datum izdaje|Rok plačila|Rok dobave|Kupec|Prodajalec|Naslov za dostavo|Valuta
Račun|Dobropis|Naročilnica|Potrditev naročila|Ponudba|Dobavnica""",
}


def labels(language: str, line: int) -> list[str]:
    return PAPERS[language].splitlines()[line].strip().split("|")


@pytest.mark.parametrize("language", PAPERS)
@pytest.mark.parametrize(("line", "roles"), list(enumerate((INVOICE, ORDER, CONFIRMATION))))
def test_headers_of_tables_are_read(language: str, line: int, roles: tuple[str, ...]) -> None:
    head = labels(language, line)
    assert dict(zip(head, map(column_role, head), strict=True)) == dict(zip(head, roles, strict=True))
    (header,) = find_headers(rows_of(grid_page([["7"], head, ["1"] * len(head)])))
    assert header.roles == roles


@pytest.mark.parametrize("language", PAPERS)
def test_sums_below_the_table_are_told_apart(language: str) -> None:
    said = labels(language, 3)
    assert dict(zip(said, map(total_role, said), strict=True)) == dict(zip(said, SUMS, strict=True))


@pytest.mark.parametrize("language", PAPERS)
def test_values_are_known_by_their_labels(language: str) -> None:
    for label, field in zip(labels(language, 4), FIELDS, strict=True):
        names, rest = label_of(f"{label}: 4711") or ((), "")
        assert (field in names, rest) == (True, "4711"), label


@pytest.mark.parametrize("language", PAPERS)
def test_documents_are_known_by_their_titles(language: str) -> None:
    titles = labels(language, 5)
    assert {t: kinds().get(normalise(t)) for t in titles} == dict(zip(titles, KINDS, strict=True))


def test_presentation_forms_and_points_of_a_script_do_not_hide_a_label() -> None:
    assert column_role("ﺍﻟﻜﻤﻴﺔ") == "quantity"
    assert column_role("כַּמּוּת") == "quantity"
    assert column_role("ΠΟΣΌΤΗΤΑ") == "quantity"
    assert column_role("MİKTAR") == "quantity"


@pytest.mark.parametrize("table", [columns(), totals(), kinds()], ids=["columns", "totals", "kinds"])
def test_titles_and_sums_are_written_as_they_are_looked_up(table: dict[str, str]) -> None:
    assert [label for label in table if normalise(label) != label] == []


def test_a_label_of_a_number_is_found_whichever_way_round_it_is_written() -> None:
    assert label_key("Nr. faktury") == label_key("Faktury nr") == "faktury no"


@pytest.mark.parametrize(
    "text",
    ["15 Μαΐου 2026", "15 במאי 2026", "15 مايو 2026", "15. svibnja 2026", "15. mája 2026", "15. maja 2026"],
)
def test_months_of_more_languages_and_scripts_are_read(text: str) -> None:
    assert [found.value for found in find_dates(text)] == [date(2026, 5, 15)]
