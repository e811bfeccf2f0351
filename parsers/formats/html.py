"""Tables in HTML as gridded pages, spans spread out; the text around them as single cells."""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree, html

from parsers.formats.docx import page_of
from parsers.page import Page
from parsers.reading import Reading

_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|mso-hide\s*:\s*all", re.IGNORECASE
)
_UNSEEN = frozenset(
    {"script", "style", "head", "title", "template", "noscript", "meta", "link", "object", "svg", "math"}
)
_LINES = frozenset(
    {
        "p",
        "div",
        "br",
        "li",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "pre",
        "ul",
        "ol",
        "section",
        "article",
        "header",
        "footer",
        "address",
        "dl",
        "dt",
        "dd",
        "main",
        "nav",
        "aside",
        "form",
        "fieldset",
        "figure",
        "figcaption",
        "center",
    }
)


def read_html_tables(text: str) -> Reading:
    """Return what the tables of an HTML text and the labelled values around them say."""
    from parsers.assemble import read_pages

    return read_pages(html_pages(text))


def html_pages(text: str) -> tuple[Page, ...]:
    """Return the visible text of an HTML document as one gridded page, empty if there is none."""
    try:
        root = html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text) or "<p></p>")
    except (etree.ParserError, ValueError):
        return ()
    rows = [row for row in _rows(root) if any(row)]
    return (page_of(rows),) if rows else ()


def _rows(node: Any) -> Iterator[list[str]]:
    """Yield one row for each line of text and each row of an innermost table."""
    line: list[str] = []
    for piece in _pieces(node):
        if isinstance(piece, str):
            line.append(piece)
        else:
            yield [" ".join(" ".join(line).split())]
            line = []
            yield from piece
    yield [" ".join(" ".join(line).split())]


def _pieces(node: Any) -> Iterator[str | list[list[str]]]:
    """Yield texts, and lists of rows: an empty list ends a line."""
    if _is_unseen(node):
        return
    if node.tag == "table" and not any(True for _ in node.iterdescendants("table")):
        yield _table(node)
        return
    breaks = node.tag in _LINES or node.tag in ("table", "tr", "td", "th")
    if breaks:
        yield []
    if node.text:
        yield node.text
    for child in node:
        yield from _pieces(child)
        if child.tail:
            yield child.tail
    if breaks:
        yield []


def _is_unseen(node: Any) -> bool:
    if not isinstance(node.tag, str) or node.tag in _UNSEEN:
        return True
    return "hidden" in node.attrib or bool(_HIDDEN.search(node.get("style") or ""))


def _table(table: Any) -> list[list[str]]:
    rows: list[list[str]] = []
    carried: dict[int, int] = {}
    for tr in table.iter("tr"):
        if _is_unseen(tr):
            continue
        row: list[str] = []
        for cell in tr.iterchildren("td", "th"):
            while carried.get(len(row), 0) > 0:
                carried[len(row)] -= 1
                row.append("")
            width, height = _number(cell.get("colspan")), _number(cell.get("rowspan"))
            for extra in range(width):
                carried[len(row)] = max(carried.get(len(row), 0), height - 1)
                row.append(_cell_text(cell) if extra == 0 else "")
        rows.append(row)
    return rows


def _number(text: str | None) -> int:
    return min(int(text), 100) if text and text.strip().isdecimal() and int(text) > 0 else 1


_BREAK = "\x00"


def _cell_text(cell: Any) -> str:
    """Return the text of a cell, its lines parted by line feeds."""
    lines = " ".join(_texts(cell)).split(_BREAK)
    return "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)


def _texts(node: Any) -> Iterator[str]:
    if _is_unseen(node):
        return
    if node.text:
        yield node.text
    for child in node:
        if isinstance(child.tag, str):
            if child.tag in _LINES:
                yield _BREAK
            yield from _texts(child)
            if child.tag in _LINES:
                yield _BREAK
        if child.tail:
            yield child.tail
