"""The body of a message as lines that know how deep they are quoted, from plain text or HTML."""

import re

from parsers.html_text import HtmlLine, HtmlText, plain_lines, read_html
from parsers.message import Message
from parsers.message_parts import Leaf

_PREFIX = re.compile(r"^[ ]{0,2}((?:>[ ]?)+)")
_STUB = 40
LONGEST = 400_000  # characters of a body that are looked at


def body_leaves(message: Message) -> tuple[tuple[Leaf, ...], tuple[Leaf, ...]]:
    """Return the plain and the HTML leaves that make up what the author wrote.

    Parts that are files (a name, or marked as attachment) do not count; a message whose only part is
    a TNEF stream lends its text.
    """
    own = [leaf for leaf in message.leaves if not leaf.inside and _is_body(leaf)]
    if not own:
        own = [leaf for leaf in message.leaves if leaf.inside.endswith("ms-tnef") and _is_body(leaf)]
    plain = tuple(leaf for leaf in own if leaf.media_type == "text/plain")
    html = tuple(leaf for leaf in own if leaf.media_type == "text/html")
    return plain, html


def _is_body(leaf: Leaf) -> bool:
    if leaf.media_type not in ("text/plain", "text/html"):
        return False
    return leaf.disposition != "attachment" and not leaf.filename


def plain_body(leaves: tuple[Leaf, ...]) -> list[HtmlLine]:
    """Return the lines of plain-text leaves, flowed text joined (RFC 3676), quotes counted."""
    lines: list[HtmlLine] = []
    for leaf in leaves:
        text = _without_armour((leaf.text or "")[:LONGEST])
        rows = [_plain_line(row) for row in plain_lines(text)] if not leaf.flowed else _flowed(text, leaf.del_sp)
        if lines:
            lines.append(HtmlLine(""))
        lines.extend(rows)
    return lines


def _plain_line(row: str) -> HtmlLine:
    found = _PREFIX.match(row)
    if not found or row.startswith(">From "):
        return HtmlLine(row[1:] if row.startswith(">From ") else row)
    return HtmlLine(row[found.end() :], quote=found.group(1).count(">"))


def _flowed(text: str, del_sp: bool) -> list[HtmlLine]:
    lines: list[HtmlLine] = []
    open_line = False
    for row in text.replace("\r\n", "\n").split("\n"):
        found = re.match(r"^(>*)[ ]?", row)
        depth = len(found.group(1)) if found else 0
        rest = row[found.end() :] if found else row
        is_signature_mark = rest in ("-- ", "--")
        if open_line and lines and lines[-1].quote == depth and not is_signature_mark:
            rest = lines.pop().text + rest
        open_line = rest.endswith(" ") and not is_signature_mark
        if open_line and del_sp:
            rest = rest[:-1]
        lines.append(
            HtmlLine(rest.replace("\u00a0", " ") if open_line else rest.replace("\u00a0", " ").rstrip(), depth)
        )
    return lines


def _without_armour(text: str) -> str:
    """Return the text within a PGP clear-signed wrapper (RFC 9580 7), as it stood before signing."""
    begin = text.find("-----BEGIN PGP SIGNED MESSAGE-----")
    if begin < 0:
        return text
    body = re.split(r"\r?\n\r?\n", text[begin:], maxsplit=1)[-1]
    body = body.split("-----BEGIN PGP SIGNATURE-----")[0]
    return text[:begin] + re.sub(r"^- ", "", body, flags=re.MULTILINE)


def html_body(leaves: tuple[Leaf, ...]) -> HtmlText:
    """Return the lines of HTML leaves together."""
    pages = [read_html(leaf.text or "") for leaf in leaves]
    lines = tuple(line for page in pages for line in page.lines)
    hidden, struck = (" ".join(texts).strip() for texts in ([p.hidden for p in pages], [p.struck for p in pages]))
    return HtmlText(lines, hidden, struck, any(page.cut for page in pages))


def is_cut(message: Message) -> bool:
    """Return whether the text of ``message`` is longer than what is read of it."""
    plain, html = body_leaves(message)
    return html_body(html).cut or any(len(leaf.text or "") > LONGEST for leaf in plain)


def is_stub(plain: list[HtmlLine], html: HtmlText) -> bool:
    """Whether the plain alternative says next to nothing of what the HTML says."""
    length = sum(len(line.text) for line in plain)
    return length < _STUB and sum(len(line.text) for line in html.lines) > 5 * max(length, 10)
