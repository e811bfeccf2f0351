"""One HTML page that shows how a file was read: its pages beside what was found on them.

It holds all it needs, runs no script and fetches nothing; whatever comes from the file is escaped. Pointing
at a value lights up its place on the page, and the other way round.
"""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import count

from parsers.explain import Explained, Mark, ShownPage, evidence_of, kind_of, label_of
from parsers.explain_picture import COLOURS
from parsers.reading import Reading

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STYLE = """
body{margin:0;font:15px/1.45 system-ui,sans-serif;color:#1f2328;background:#f6f8fa}
header,section{padding:12px 20px}h1{font-size:20px;margin:6px 0}h2{font-size:16px;margin:4px 0}
.doc{display:grid;grid-template-columns:minmax(0,3fr) minmax(300px,2fr);gap:20px;align-items:start}
figure{margin:0 0 16px;position:relative;background:#fff;border:1px solid #d0d7de}
figure img{display:block;width:100%;height:auto}
.m{position:absolute;border:2px solid;border-radius:2px;box-sizing:border-box}
.m:hover,.m:target{background:rgba(255,212,0,.35);z-index:2}
.column{border-style:dashed}
aside{position:sticky;top:0;max-height:100vh;overflow:auto;background:#fff;border:1px solid #d0d7de}
table{border-collapse:collapse;width:100%}td,th{padding:3px 8px;text-align:left;vertical-align:top;
border-bottom:1px solid #eaeef2;overflow-wrap:anywhere}th{font-weight:600;white-space:nowrap}
tr:target,tr:hover{background:#fff8c5}td a{color:inherit}
.ok{color:#1a7f37}.ask{color:#9a6700}pre{white-space:pre-wrap;background:#fff;border:1px solid #d0d7de;padding:8px}
.quoted{color:#6e7781}small{color:#57606a}
@media(max-width:900px){.doc{grid-template-columns:1fr}aside{position:static;max-height:none}}
"""


@dataclass(frozen=True)
class Section:
    """A part of the page: a title, texts of a mail by name (own words first), and how something was read."""

    title: str
    explained: Explained
    texts: tuple[tuple[str, str], ...] = ()


def html_page(title: str, sections: Sequence[Section]) -> str:
    """Return the page as HTML."""
    numbers = count(1)
    rules: list[str] = []
    body = "\n".join(_section(section, numbers, rules) for section in sections)
    colours = "".join(f".{kind}{{border-color:{colour}}}" for kind, colour in COLOURS.items())
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<style>{_STYLE}{colours}{''.join(rules)}</style></head>\n"
        f"<body><header><h1>{escape(title)}</h1></header>\n{body}\n</body></html>\n"
    )


def _section(section: Section, numbers: Iterator[int], rules: list[str]) -> str:
    reading = section.explained.reading
    ids = {pointer: next(numbers) for pointer in _pointers(section.explained)}
    for number in ids.values():
        rules.append(f".doc:has(.r{number}:hover) .m{number}{{background:rgba(255,212,0,.45)}}")
        rules.append(f".doc:has(.m{number}:hover) .r{number}{{background:#fff8c5}}")
    texts = "".join(
        f'<h2>{escape(name)}</h2><pre class="{"quoted" if place else "own"}">{escape(text)}</pre>'
        for place, (name, text) in enumerate(section.texts)
        if text
    )
    pages = "".join(_figure(page, ids) for page in section.explained.pages)
    return (
        f"<section><h2>{escape(section.title)}</h2>{_verdict(reading)}{texts}"
        f'<div class="doc"><div>{pages or "<p><small>There is no page to show.</small></p>"}</div>'
        f"<aside>{_tables(reading, ids)}</aside></div></section>"
    )


def _pointers(explained: Explained) -> list[str]:
    marked = {mark.pointer for page in explained.pages for mark in page.marks if mark.pointer}
    return sorted(marked | set(evidence_of(explained.reading)))


def _verdict(reading: Reading) -> str:
    kind = escape(reading.kind.value.replace("_", " "))
    told = '<b class="ok">accepted</b>' if reading.accepted else '<b class="ask">for a person to look at</b>'
    problems = "".join(
        f'<li class="ask">{escape(p.code.value)} {escape(p.at)} {escape(p.detail)}</li>' for p in reading.problems
    )
    checks = "".join(
        f'<li class="{"ok" if check.holds else "ask"}">{escape(check.check.replace("_", " "))}'
        f"{' holds' if check.holds else ' does not hold'}</li>"
        for check in reading.checks
    )
    cut = f"<li>Cut off by its own frame and not read: {escape(' '.join(reading.left_out))}</li>"
    return f"<p>{kind}, {told}</p><ul>{checks}{problems}{cut if reading.left_out else ''}</ul>"


def _figure(page: ShownPage, ids: dict[str, int]) -> str:
    image = base64.b64encode(page.png).decode()
    marks = "".join(_mark(mark, ids) for mark in page.marks)
    return f'<figure><img alt="page {page.number}" src="data:image/png;base64,{image}">{marks}</figure>'


def _mark(mark: Mark, ids: dict[str, int]) -> str:
    x0, top, x1, bottom = (100 * value for value in mark.box)
    place = f"left:{x0:.2f}%;top:{top:.2f}%;width:{max(x1 - x0, 0.3):.2f}%;height:{max(bottom - top, 0.2):.2f}%"
    number = ids.get(mark.pointer)
    named = f' id="m{number}" href="#r{number}"' if number else ""
    css = f"m {mark.kind}" + (f" m{number}" if number else "")
    return f'<a class="{css}"{named} style="{place}" title="{escape(mark.label)}"></a>'


def _tables(reading: Reading, ids: dict[str, int]) -> str:
    tables = [_table("Fields", _fields(reading), ids, reading)]
    for n, document in enumerate(reading.documents):
        name = document.source or f"document {n + 2}"
        tables.append(_table(name, _fields(document, f"/documents/{n}"), ids, reading))
    return "".join(tables)


def _fields(reading: Reading, base: str = "") -> Iterator[tuple[str, str]]:
    """Yield pointer and value of all that a Reading states."""
    values = reading.as_dict()
    for name, value in values.items():
        if isinstance(value, str) and name not in ("kind", "source", "layout", "reply_text"):
            yield f"{base}/{name}", value
    if reading.order_numbers:
        yield f"{base}/order_numbers", ", ".join(reading.order_numbers)
    for n, line in enumerate(values.get("lines", ())):
        for name, value in line.items():
            yield f"{base}/lines/{n}/{name}", str(value)


def _table(title: str, rows: Iterator[tuple[str, str]], ids: dict[str, int], reading: Reading) -> str:
    evidence = evidence_of(reading)
    cells = []
    seen: set[int] = set()
    for pointer, value in rows:
        number = ids.get(pointer) or ids.get(pointer.rpartition("/")[0])  # the whole line, where its text tells all
        label = escape(label_of(pointer))
        linked = f'<a href="#m{number}">{label}</a>' if number else label
        row = "" if not number else f' class="r{number}"' if number in seen else f' id="r{number}" class="r{number}"'
        seen |= {number} if number else set()
        read = evidence[pointer].text if pointer in evidence else ""
        source = f"<br><small>{escape(read[:200])}</small>" if read and read != value else ""
        cells.append(
            f'<tr{row}><th style="color:{COLOURS[kind_of(pointer)]}">{linked}</th><td>{escape(value)}{source}</td></tr>'
        )
    return f"<table><caption>{escape(title)}</caption>{''.join(cells)}</table>"
