"""Made-up business documents as PDF, in many languages and layouts, with what they say.

Everything a document states is drawn from a seeded source: language, number format, columns and their
order, rulings, wrapped texts, units inside quantities, discounts, sections. Names are invented.
"""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Any

from parsers.reading import Kind


@dataclass(frozen=True)
class Language:
    """How one language titles and labels its documents."""

    code: str
    titles: dict[str, str]
    labels: dict[str, str]
    months: str
    point: bool = False  # decimal point instead of comma
    group: str = "."
    day: str = "{d:02d}.{m:02d}.{y}"
    items: tuple[str, ...] = ()
    unit: str = "pcs"


@dataclass
class Paper:
    """A document and its truth."""

    pdf: bytes
    kind: Kind
    number: str
    issued_on: date
    order_number: str | None
    seller: str
    buyer: str
    net: Decimal
    tax: Decimal
    gross: Decimal
    lines: list[dict[str, Any]] = field(default_factory=list)
    html: str = ""


_L = {
    "en": Language(
        "en",
        {
            "invoice": "Invoice",
            "order_response": "Order Acknowledgement",
            "quotation": "Quotation",
            "order": "Purchase Order",
        },
        dict(
            invoice="Invoice No.",
            order_response="Acknowledgement No.",
            quotation="Quote No.",
            order="PO Number",
            date="Date",
            ref="Your Order No.",
            to="Bill To",
            pos="Line",
            item="Item Code",
            text="Description",
            qty="Qty",
            unit="UoM",
            price="Unit Price",
            disc="Disc. %",
            total="Amount",
            net="Subtotal",
            tax="VAT {r}%",
            gross="Total",
            promised="Delivery Date",
        ),
        "January February March April May June July August September October November December",
        point=True,
        group=",",
        day="{d} {mon} {y}",
        unit="pcs",
        items=(
            "Hex bolt M8x40 zinc plated",
            "Hydraulic oil HLP 46, 20 l drum",
            "Safety gloves size 10",
            "Conveyor belt joint kit",
            "Ball bearing 6204-2RS",
            "LED work light 40 W",
        ),
    ),
    "de": Language(
        "de",
        {"invoice": "Rechnung", "order_response": "Auftragsbestätigung", "quotation": "Angebot", "order": "Bestellung"},
        dict(
            invoice="Rechnungs-Nr.",
            order_response="Auftrags-Nr.",
            quotation="Angebots-Nr.",
            order="Bestell-Nr.",
            date="Datum",
            ref="Ihre Bestellnummer",
            to="Rechnungsempfänger",
            pos="Pos.",
            item="Art.-Nr.",
            text="Bezeichnung",
            qty="Menge",
            unit="ME",
            price="Einzelpreis",
            disc="Rabatt",
            total="Gesamtpreis",
            net="Summe netto",
            tax="zzgl. {r} % MwSt.",
            gross="Gesamtbetrag",
            promised="Liefertermin",
        ),
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        unit="Stk",
        items=(
            "Sechskantschraube M8x40 verzinkt",
            "Hydrauliköl HLP 46, Fass 20 l",
            "Schutzhandschuhe Größe 10",
            "Förderband-Verbinder",
            "Rillenkugellager 6204-2RS",
            "LED-Arbeitsleuchte 40 W",
        ),
    ),
    "fr": Language(
        "fr",
        {
            "invoice": "Facture",
            "order_response": "Confirmation de commande",
            "quotation": "Devis",
            "order": "Bon de commande",
        },
        dict(
            invoice="Facture n°",
            order_response="Confirmation n°",
            quotation="Devis n°",
            order="Commande n°",
            date="Date",
            ref="Votre commande",
            to="Facturé à",
            pos="N°",
            item="Référence",
            text="Désignation",
            qty="Qté",
            unit="Unité",
            price="P.U. HT",
            disc="Remise",
            total="Montant HT",
            net="Total HT",
            tax="TVA {r} %",
            gross="Total TTC",
            promised="Livraison",
        ),
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        group="\u202f",
        day="{d:02d}/{m:02d}/{y}",
        unit="pièce",
        items=(
            "Vis à tête hexagonale M8x40",
            "Huile hydraulique HLP 46, fût 20 l",
            "Gants de protection taille 10",
            "Agrafe de courroie",
            "Roulement à billes 6204-2RS",
            "Projecteur LED 40 W",
        ),
    ),
    "es": Language(
        "es",
        {
            "invoice": "Factura",
            "order_response": "Confirmación de pedido",
            "quotation": "Presupuesto",
            "order": "Pedido de compra",
        },
        dict(
            invoice="Nº de factura",
            order_response="Confirmación nº",
            quotation="Presupuesto nº",
            order="Nº de pedido",
            date="Fecha",
            ref="Su pedido",
            to="Facturar a",
            pos="Línea",
            item="Código",
            text="Descripción",
            qty="Cantidad",
            unit="Ud.",
            price="Precio unitario",
            disc="Dto.",
            total="Importe",
            net="Base imponible",
            tax="IVA {r}%",
            gross="Total factura",
            promised="Fecha de entrega",
        ),
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        day="{d:02d}/{m:02d}/{y}",
        unit="uds",
        items=(
            "Tornillo hexagonal M8x40",
            "Aceite hidráulico HLP 46, bidón 20 l",
            "Guantes de protección talla 10",
            "Grapa para cinta",
            "Rodamiento 6204-2RS",
            "Foco LED 40 W",
        ),
    ),
    "it": Language(
        "it",
        {
            "invoice": "Fattura",
            "order_response": "Conferma d'ordine",
            "quotation": "Preventivo",
            "order": "Ordine di acquisto",
        },
        dict(
            invoice="Fattura n.",
            order_response="Conferma n.",
            quotation="Preventivo n.",
            order="Ordine n.",
            date="Data",
            ref="Vs. ordine",
            to="Spett.le",
            pos="Riga",
            item="Codice",
            text="Descrizione",
            qty="Q.tà",
            unit="U.M.",
            price="Prezzo unitario",
            disc="Sconto",
            total="Importo",
            net="Imponibile",
            tax="IVA {r}%",
            gross="Totale documento",
            promised="Consegna",
        ),
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        day="{d:02d}/{m:02d}/{y}",
        unit="pz",
        items=(
            "Vite testa esagonale M8x40",
            "Olio idraulico HLP 46, fusto 20 l",
            "Guanti di protezione taglia 10",
            "Giunto per nastro",
            "Cuscinetto a sfere 6204-2RS",
            "Faro LED 40 W",
        ),
    ),
    "nl": Language(
        "nl",
        {"invoice": "Factuur", "order_response": "Orderbevestiging", "quotation": "Offerte", "order": "Inkooporder"},
        dict(
            invoice="Factuurnummer",
            order_response="Bevestigingsnummer",
            quotation="Offertenummer",
            order="Inkoopordernummer",
            date="Datum",
            ref="Uw ordernummer",
            to="Factuuradres",
            pos="Regel",
            item="Artikelcode",
            text="Omschrijving",
            qty="Aantal",
            unit="Eenheid",
            price="Prijs per stuk",
            disc="Korting",
            total="Bedrag",
            net="Totaal excl. btw",
            tax="Btw {r}%",
            gross="Totaal incl. btw",
            promised="Leverdatum",
        ),
        "januari februari maart april mei juni juli augustus september oktober november december",
        day="{d:02d}-{m:02d}-{y}",
        unit="st",
        items=(
            "Zeskantbout M8x40 verzinkt",
            "Hydraulische olie HLP 46, vat 20 l",
            "Werkhandschoenen maat 10",
            "Bandverbinder",
            "Kogellager 6204-2RS",
            "LED-werklamp 40 W",
        ),
    ),
    "pt": Language(
        "pt",
        {
            "invoice": "Fatura",
            "order_response": "Confirmação de encomenda",
            "quotation": "Orçamento",
            "order": "Nota de encomenda",
        },
        dict(
            invoice="Fatura n.º",
            order_response="Confirmação n.º",
            quotation="Orçamento n.º",
            order="Encomenda n.º",
            date="Data",
            ref="V/ Encomenda",
            to="Cliente",
            pos="Linha",
            item="Referência",
            text="Descrição",
            qty="Qtd.",
            unit="Un.",
            price="Preço unitário",
            disc="Desc.",
            total="Total líquido",
            net="Total s/ IVA",
            tax="IVA {r}%",
            gross="Total c/ IVA",
            promised="Data de entrega",
        ),
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        group="\u00a0",
        day="{d:02d}/{m:02d}/{y}",
        unit="un",
        items=(
            "Parafuso sextavado M8x40",
            "Óleo hidráulico HLP 46, bidão 20 l",
            "Luvas de proteção tamanho 10",
            "Grampo de correia",
            "Rolamento 6204-2RS",
            "Projetor LED 40 W",
        ),
    ),
    "pl": Language(
        "pl",
        {
            "invoice": "Faktura",
            "order_response": "Potwierdzenie zamówienia",
            "quotation": "Oferta",
            "order": "Zamówienie",
        },
        dict(
            invoice="Faktura nr",
            order_response="Potwierdzenie zamówienia nr",
            quotation="Oferta nr",
            order="Zamówienie nr",
            date="Data wystawienia",
            ref="Numer zamówienia",
            to="Nabywca",
            pos="Lp.",
            item="Indeks",
            text="Nazwa towaru",
            qty="Ilość",
            unit="J.m.",
            price="Cena netto",
            disc="Rabat",
            total="Wartość netto",
            net="Razem netto",
            tax="VAT {r}%",
            gross="Do zapłaty",
            promised="Termin dostawy",
        ),
        "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
        group="\u00a0",
        day="{y}-{m:02d}-{d:02d}",
        unit="szt",
        items=(
            "Śruba sześciokątna M8x40",
            "Olej hydrauliczny HLP 46, beczka 20 l",
            "Rękawice ochronne rozmiar 10",
            "Łącznik taśmy",
            "Łożysko kulkowe 6204-2RS",
            "Lampa robocza LED 40 W",
        ),
    ),
    "sv": Language(
        "sv",
        {"invoice": "Faktura", "order_response": "Orderbekräftelse", "quotation": "Offert", "order": "Inköpsorder"},
        dict(
            invoice="Fakturanummer",
            order_response="Orderbekräftelse nr",
            quotation="Offertnr",
            order="Inköpsorder nr",
            date="Fakturadatum",
            ref="Ert ordernummer",
            to="Fakturaadress",
            pos="Rad",
            item="Artikelnr",
            text="Benämning",
            qty="Antal",
            unit="Enhet",
            price="À-pris",
            disc="Rabatt",
            total="Belopp",
            net="Summa exkl. moms",
            tax="Moms {r}%",
            gross="Att betala",
            promised="Leveransdatum",
        ),
        "januari februari mars april maj juni juli augusti september oktober november december",
        group="\u00a0",
        day="{y}-{m:02d}-{d:02d}",
        unit="st",
        items=(
            "Sexkantsskruv M8x40",
            "Hydraulolja HLP 46, fat 20 l",
            "Skyddshandskar storlek 10",
            "Bandskarv",
            "Kullager 6204-2RS",
            "LED-arbetslampa 40 W",
        ),
    ),
    "da": Language(
        "da",
        {"invoice": "Faktura", "order_response": "Ordrebekræftelse", "quotation": "Tilbud", "order": "Indkøbsordre"},
        dict(
            invoice="Fakturanr.",
            order_response="Ordrebekræftelse nr.",
            quotation="Tilbudsnr.",
            order="Indkøbsordre nr.",
            date="Dato",
            ref="Deres ordrenr.",
            to="Kunde",
            pos="Linje",
            item="Varenr.",
            text="Beskrivelse",
            qty="Antal",
            unit="Enhed",
            price="Stk. pris",
            disc="Rabat",
            total="Beløb",
            net="Subtotal ekskl. moms",
            tax="Moms {r}%",
            gross="Total inkl. moms",
            promised="Leveringsdato",
        ),
        "januar februar marts april maj juni juli august september oktober november december",
        day="{d:02d}-{m:02d}-{y}",
        unit="stk",
        items=(
            "Sekskantbolt M8x40",
            "Hydraulikolie HLP 46, tromle 20 l",
            "Beskyttelseshandsker str. 10",
            "Båndsamler",
            "Kugleleje 6204-2RS",
            "LED-arbejdslampe 40 W",
        ),
    ),
    "fi": Language(
        "fi",
        {"invoice": "Lasku", "order_response": "Tilausvahvistus", "quotation": "Tarjous", "order": "Ostotilaus"},
        dict(
            invoice="Laskunumero",
            order_response="Tilausvahvistus nro",
            quotation="Tarjousnumero",
            order="Ostotilaus nro",
            date="Päiväys",
            ref="Tilausnumero",
            to="Laskutusosoite",
            pos="Rivi",
            item="Tuotekoodi",
            text="Kuvaus",
            qty="Määrä",
            unit="Yks.",
            price="À-hinta",
            disc="Ale %",
            total="Yhteensä",
            net="Veroton yhteensä",
            tax="ALV {r} %",
            gross="Maksettava",
            promised="Toimituspäivä",
        ),
        "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta",
        group="\u00a0",
        day="{d}.{m}.{y}",
        unit="kpl",
        items=(
            "Kuusioruuvi M8x40",
            "Hydrauliöljy HLP 46, tynnyri 20 l",
            "Suojakäsineet koko 10",
            "Hihnaliitin",
            "Kuulalaakeri 6204-2RS",
            "LED-työvalo 40 W",
        ),
    ),
    "cs": Language(
        "cs",
        {"invoice": "Faktura", "order_response": "Potvrzení objednávky", "quotation": "Nabídka", "order": "Objednávka"},
        dict(
            invoice="Číslo faktury",
            order_response="Potvrzení objednávky č.",
            quotation="Číslo nabídky",
            order="Číslo objednávky",
            date="Datum vystavení",
            ref="Vaše objednávka",
            to="Odběratel",
            pos="Poř.",
            item="Kód zboží",
            text="Označení dodávky",
            qty="Množství",
            unit="MJ",
            price="Cena za MJ",
            disc="Sleva",
            total="Celkem bez DPH",
            net="Základ daně",
            tax="DPH {r}%",
            gross="Celkem k úhradě",
            promised="Termín dodání",
        ),
        "ledna února března dubna května června července srpna září října listopadu prosince",
        group="\u00a0",
        day="{d}. {m}. {y}",
        unit="ks",
        items=(
            "Šroub šestihranný M8x40",
            "Hydraulický olej HLP 46, sud 20 l",
            "Ochranné rukavice vel. 10",
            "Spojka pásu",
            "Kuličkové ložisko 6204-2RS",
            "LED pracovní svítilna 40 W",
        ),
    ),
}
LANGUAGES = tuple(_L)
_FIRMS = (
    "Norvik Components",
    "Tessaro Utensili",
    "Brandhuber Technik",
    "Aldermoor Supplies",
    "Quercia Forniture",
    "Halvorsen Industri",
)
_FORMS = {
    "en": "Ltd",
    "de": "GmbH",
    "fr": "SARL",
    "es": "S.L.",
    "it": "S.r.l.",
    "nl": "B.V.",
    "pt": "Lda",
    "pl": "Sp. z o.o.",
    "sv": "AB",
    "da": "ApS",
    "fi": "Oy",
    "cs": "s.r.o.",
}


def amount(value: Decimal, language: Language, places: int = 2) -> str:
    """Return ``value`` as the language writes it."""
    whole, _, fraction = f"{abs(value):.{places}f}".partition(".")
    grouped = ""
    while len(whole) > 3:
        whole, grouped = whole[:-3], language.group + whole[-3:] + grouped
    mark = "." if language.point else ","
    return ("-" if value < 0 else "") + whole + grouped + (mark + fraction if places else "")


def paper(code: str, kind: str, seed: int) -> Paper:
    """Return a document of ``kind`` in the language ``code``; the same seed draws the same document."""
    draw = random.Random(f"{code}-{kind}-{seed}")
    language = _L[code]
    issued = date(2026, draw.randint(1, 12), draw.randint(13, 28))
    seller = f"{draw.choice(_FIRMS)} {_FORMS[code]}"
    buyer = f"{draw.choice([f for f in _FIRMS if f not in seller])} {_FORMS[code]}"
    number = draw.choice(("{}", "A-{}", "{}/26", "2026-{}")).format(draw.randint(10000, 99999))
    order = draw.choice(("PO-{}", "45000{}", "B/{}")).format(draw.randint(10000, 99999))
    lines = [_line(draw, language, issued) for _ in range(draw.choice((1, 3, 6, 14)))]
    discounted = kind == "invoice" and draw.random() < 0.25
    if discounted:
        for line in lines:
            line["discount"] = Decimal(draw.choice((0, 5, 10)))
            line["total"] = (line["quantity"] * line["price"] * (100 - line["discount"]) / 100).quantize(
                Decimal("0.01")
            )
    rate = draw.choice((20, 19, 25))
    net = sum((line["total"] for line in lines), Decimal(0))
    tax = (net * rate / 100).quantize(Decimal("0.01"))
    facts = Paper(
        b"",
        Kind(kind),
        number,
        issued,
        None if kind in ("quotation", "order") else order,
        seller,
        buyer,
        net,
        tax,
        net + tax,
        lines,
    )
    facts.html = _page(draw, language, facts, kind, rate, discounted)
    facts.pdf = _pdf(facts.html)
    return facts


def _line(draw: random.Random, language: Language, issued: date) -> dict[str, Any]:
    quantity = Decimal(draw.choice((1, 2, 4, 12, 50, 250, 1200)))
    price = Decimal(draw.randint(15, 250000)) / 100
    return {
        "text": draw.choice(language.items),
        "more": draw.choice(("", "", "RAL 7016", "DIN 933 / ISO 4017")),
        "item": draw.choice(("{}-{}", "{}{}")).format(draw.choice(("HX", "KL", "BR")), draw.randint(100, 9999)),
        "quantity": quantity,
        "price": price,
        "total": (quantity * price).quantize(Decimal("0.01")),
        "promised": issued + timedelta(days=draw.randint(5, 40)),
    }


def _day(value: date, language: Language) -> str:
    month = language.months.split()[value.month - 1]
    return language.day.format(d=value.day, m=value.month, y=value.year, mon=month)


def _page(draw: random.Random, language: Language, facts: Paper, kind: str, rate: int, discounted: bool) -> str:
    label = language.labels
    columns = _columns(draw, kind, discounted)
    style = draw.choice(
        (
            "",
            "td,th{border:1px solid #888}",
            "tr{border-bottom:1px solid #ccc}",
            "tr:nth-child(even) td{background:#eee}",
        )
    )
    head = "".join(f'<th class="{"n" if c in _RIGHT else ""}">{escape(label[c])}</th>' for c in columns)
    body = "".join(_row(language, columns, n, line) for n, line in enumerate(facts.lines, 1))
    details = [(label[kind], facts.number), (label["date"], _day(facts.issued_on, language))]
    if facts.order_number:
        details.append((label["ref"], facts.order_number))
    colon = draw.choice((":", ""))
    meta = "".join(f"<tr><td>{escape(k)}{colon}</td><td>{escape(v)}</td></tr>" for k, v in details)
    sums = [(label["net"], facts.net), (label["tax"].format(r=rate), facts.tax), (label["gross"], facts.gross)]
    total = "".join(
        f'<tr><td>{escape(k)}</td><td class="n">{amount(v, language)}{" EUR" if colon else " €"}</td></tr>'
        for k, v in sums
    )
    own, other = (facts.buyer, facts.seller) if kind == "order" else (facts.seller, facts.buyer)
    size = draw.choice((8, 9, 10))
    return f"""<html><head><style>@page{{size:A4;margin:18mm}}body{{font:{size}pt "{draw.choice(("DejaVu Sans", "Liberation Sans", "sans-serif"))}"}}
table.l{{width:100%;border-collapse:collapse;margin:14pt 0}}td,th{{padding:{draw.choice((2, 4))}pt 5pt;text-align:left;vertical-align:top}}
.n{{text-align:right}}table.s{{margin-left:auto}}{style.replace("td", "table.l td").replace("th{", "table.l th{")}</style></head><body>
<p style="font-size:150%">{escape(own)}</p><p>Kestrel Road 12, 10115 Brinkheim<br>info@example.test</p>
<p style="margin-top:20pt">{escape(other)}<br>Harbour Lane 7<br>20095 Ostford</p>
<h1>{escape(language.titles[kind])}</h1><table>{meta}</table>
<table class="l"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><table class="s">{total}</table></body></html>"""


_RIGHT = frozenset({"qty", "price", "total", "disc"})


def _columns(draw: random.Random, kind: str, discounted: bool) -> list[str]:
    columns = draw.choice((["pos", "item", "text"], ["item", "text"], ["text"], ["pos", "text", "item"]))
    columns = columns + draw.choice((["qty", "unit"], ["qty"]))
    columns += ["price", *(["disc"] if discounted else []), "total"]
    if kind == "order_response":
        columns.append("promised")
    return columns


def _row(language: Language, columns: list[str], number: int, line: dict[str, Any]) -> str:
    quantity = amount(line["quantity"], language, 0)
    more = f"<br>{escape(line['more'])}" if line["more"] else ""
    shown = {
        "pos": str(number * 10),
        "item": escape(line["item"]),
        "text": escape(line["text"]) + more,
        "qty": quantity if "unit" in columns else f"{quantity} {language.unit}",
        "unit": language.unit,
        "price": amount(line["price"], language),
        "disc": f"{line.get('discount', 0)} %",
        "total": amount(line["total"], language),
        "promised": _day(line["promised"], language),
    }
    return "<tr>" + "".join(f'<td class="{"n" if c in _RIGHT else ""}">{shown[c]}</td>' for c in columns) + "</tr>"


@lru_cache(maxsize=1)
def _fonts() -> Any:
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


def _pdf(html: str) -> bytes:
    from weasyprint import HTML

    return bytes(HTML(string=html).write_pdf(font_config=_fonts()))
