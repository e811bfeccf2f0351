"""The HTML body of a mail, made harmless: no script, no form, nothing fetched from anywhere."""

import nh3

from parsers.message import Message
from parsers.own_words_lines import body_leaves

LONGEST = 400_000  # characters that are shown
POLICY = "sandbox; default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'self'; form-action 'none'"
_TAGS = frozenset(
    "a abbr b blockquote br caption center code col colgroup dd del div dl dt em font h1 h2 h3 h4 h5 h6 hr i ins li ol "
    "p pre q s small span strike strong sub sup table tbody td tfoot th thead tr tt u ul".split()
)
_ATTRIBUTES = {
    "td": {"colspan", "rowspan", "align", "valign"},
    "th": {"colspan", "rowspan", "align", "valign"},
    "table": {"border", "cellpadding", "cellspacing"},
    "ol": {"start"},
}
STYLE = (
    "body{font:14px/1.5 system-ui,sans-serif;margin:12px;color:#1b2330;background:#fff;overflow-wrap:anywhere}"
    "blockquote{margin:8px 0;padding-left:10px;border-left:3px solid #d9dee6;color:#57606e}"
    "td,th{padding:2px 6px}"
)


def has_html(message: Message) -> bool:
    """Return whether ``message`` has an HTML body."""
    return bool(body_leaves(message)[1])


def harmless_page(message: Message) -> str:
    """Return the HTML body as a page of its own; links show their text and lead nowhere."""
    body = "".join((leaf.text or "") for leaf in body_leaves(message)[1])[:LONGEST]
    clean = nh3.clean(body, tags=set(_TAGS), attributes=_ATTRIBUTES, url_schemes=set(), link_rel=None)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Mail</title>'
        f"<style>{STYLE}</style></head><body>{clean}</body></html>"
    )
