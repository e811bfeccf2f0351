"""Made-up business documents as PDF, in many languages and layouts, with what they say.

Everything a document states is drawn from a seeded source: language, number format, columns and their
order, rulings, wrapped texts, units inside quantities, discounts, sections. Names are invented.
"""

import random
import tomllib
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from html import escape
from pathlib import Path
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


LANGUAGE = {
    code: Language(code, **{**facts, "items": tuple(facts["items"])})
    for code, facts in tomllib.loads(Path(__file__).with_name("paper_languages.toml").read_text("utf-8")).items()
}
LANGUAGES = tuple(LANGUAGE)
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
    language = LANGUAGE[code]
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
    facts.pdf = print_pdf(facts.html)
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
    return f"""<html><head><style>{_css(draw, style)}</style></head><body>
<p style="font-size:150%">{escape(own)}</p><p>Kestrel Road 12, 10115 Brinkheim<br>info@example.test</p>
<p style="margin-top:20pt">{escape(other)}<br>Harbour Lane 7<br>20095 Ostford</p>
<h1>{escape(language.titles[kind])}</h1><table>{meta}</table>
<table class="l"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><table class="s">{total}</table>
</body></html>"""


def _css(draw: random.Random, style: str) -> str:
    size, face = draw.choice((8, 9, 10)), draw.choice(("DejaVu Sans", "Liberation Sans", "sans-serif"))
    within = style.replace("td", "table.l td").replace("th{", "table.l th{")
    return f"""@page{{size:A4;margin:18mm}}body{{font:{size}pt "{face}"}}
table.l{{width:100%;border-collapse:collapse;margin:14pt 0}}
td,th{{padding:{draw.choice((2, 4))}pt 5pt;text-align:left;vertical-align:top}}
.n{{text-align:right}}table.s{{margin-left:auto}}{within}"""


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


def print_pdf(html: str) -> bytes:
    """Return an HTML page as PDF."""
    from weasyprint import HTML

    return bytes(HTML(string=html).write_pdf(font_config=_fonts()))
