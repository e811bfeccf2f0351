"""Orders on paper: PDF/A-3a, tagged, with the same order as Order-X inside; the same bytes for the same document.

WeasyPrint is imported here and nowhere else, on first use: it costs more than half a second. One
rendering at a time in a process; for more speed use more processes.
"""

import gc
import re
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from functools import cache, lru_cache
from hashlib import sha256
from itertools import accumulate
from typing import Any, NoReturn

from dispatch.order_units import with_known_units
from dispatch.orderx import order_x
from dispatch.orderx_embed import attachment, describe, finish
from procurement.order_document import Change, OrderDocument
from templates.glyphs import uncovered, use_bundled_fonts
from templates.language import HERE, Language, supported
from templates.own import NONE, Own, own_words
from templates.sandbox import formats, print_environment

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
DEFAULT_ACCENT = "#1f4e79"
VARIANT = "pdf/a-3a"
_STYLE = "print/order.css"
OWN_ADDRESS = "order:/"  # what a relative address in a template would resolve to: nothing is there


def render_order(document: OrderDocument, changes: Sequence[Change] = (), own: Own = NONE) -> bytes:
    """Return the order as PDF, with a table of ``changes`` where a revision has any, and its Order-X embedded.

    ``own`` are the organisation's own templates.
    """
    html = order_html(document, changes, own)
    weasyprint, font_config = _engine()
    stylesheet = _stylesheet(own.text(_STYLE))
    page = weasyprint.HTML(string=html, base_url=OWN_ADDRESS, url_fetcher=refusing_fetcher())
    data = order_x(document)
    options = {
        "pdf_variant": VARIANT,
        "pdf_identifier": sha256(html.encode() + data + (own.text(_STYLE) or "").encode()).digest()[:16],
        "attachments": [attachment(weasyprint, data, document.issued_on)],
    }
    laid_out = page.render(stylesheets=[stylesheet], font_config=font_config, **options)
    describe(laid_out.metadata, document.revision > 1)
    return bytes(laid_out.write_pdf(finisher=finish, **options))


def render_page(html: str) -> bytes:
    """Return a page that brings its own style as PDF; nothing outside it is fetched."""
    weasyprint, font_config = _engine()
    page = weasyprint.HTML(string=html, base_url=OWN_ADDRESS, url_fetcher=refusing_fetcher())
    return bytes(page.write_pdf(font_config=font_config, pdf_identifier=sha256(html.encode()).digest()[:16]))


def order_html(document: OrderDocument, changes: Sequence[Change] = (), own: Own = NONE) -> str:
    """Return the page that is printed, each value escaped and reduced to what the fonts can draw."""
    language = Language(supported(document.language))
    return (
        print_environment(own)
        .get_template("print/order.html")
        .render(
            formats(language),
            order=with_known_units(document),
            sums=list(accumulate(line.line_total for line in document.lines)),
            changes=changes,
            say=own_words("print", language.code, own),
            language=language.code,
            accent=document.accent if COLOUR.fullmatch(document.accent) else DEFAULT_ACCENT,
            dated=bool(document.needed_by or any(line.needed_by for line in document.lines)),
            several_rates=len(document.taxes) > 1,
        )
    )


def unprintable(document: OrderDocument) -> frozenset[str]:
    """Return the characters of ``document`` that print as a mark because no bundled font has them."""
    return frozenset().union(*(uncovered(text) for text in _texts(document)))


def _texts(value: object) -> list[str]:
    """Return every text in a tree of frozen dataclasses and tuples."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for item in value for text in _texts(item)]
    if is_dataclass(value):
        return [text for field in fields(value) for text in _texts(getattr(value, field.name))]
    return []


@cache
def _engine() -> tuple[Any, Any]:
    """Return WeasyPrint and the font configuration, made once a process."""
    use_bundled_fonts()
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    font_config = FontConfiguration()
    gc.freeze()  # what was just loaded stays for good: collections need not look at it again
    return weasyprint, font_config


@lru_cache(maxsize=64)
def _stylesheet(own: str | None) -> Any:
    """Return the style of orders, the organisation's own or ours; kept, as reading it costs more than using it."""
    weasyprint, font_config = _engine()
    css = own if own is not None else (HERE / _STYLE).read_text(encoding="utf-8")
    return weasyprint.CSS(string=css, font_config=font_config, url_fetcher=refusing_fetcher())


@cache
def refusing_fetcher() -> Any:
    """Return a fetcher that fetches nothing: style and fonts are already here."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    class Refusal(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> NoReturn:
            raise FatalURLFetchingError(f"an order refers to nothing outside itself, but asked for {url!r}")

    return Refusal()
