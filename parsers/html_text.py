"""HTML mail as lines of text that remember what kind of text they are.

Tables become rows with tab-separated cells, lists keep their bullets, and quoted, hidden and
struck-out text is told apart instead of being mixed in. Nothing is fetched and no script is run.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

_BLOCKS = frozenset(
    "address article aside blockquote center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 "
    "h6 header hr li "
    "main nav ol p pre section table tbody tfoot thead tr ul body".split()
)
_SPACED = frozenset("p h1 h2 h3 h4 h5 h6 pre table blockquote ul ol".split())
_SKIPPED = frozenset("script style head title template noscript object embed svg math iframe select textarea".split())
_STRUCK = frozenset(("s", "strike", "del"))
_SIGNATURE = re.compile(
    r"gmail_signature|moz-signature|composer_signature|applemailsignature|ms-outlook-mobile-signature"
    r"|protonmail_signature|elementtoproof-signature|^signature$|mobile_signature|_signature$",
    re.IGNORECASE,
)
_QUOTE_BOX = re.compile(
    r"yahoo_quoted|protonmail_quote|tutanota_quote|olk_src_body_section|zmail_extra|gmail_extra_quote|"
    r"wordsection_quote",
    re.IGNORECASE,
)
_CUT = re.compile(r"divrplyfwdmsg|appendonsend|mail-editor-reference-message-container|replysplit", re.IGNORECASE)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|"
    r"font-size\s*:\s*[01](?:\.0+)?(?:px|pt|em|%)?\s*(?:;|$|!)"
    r"|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$|!)|max-height\s*:\s*0|(?:text-indent|left|top|right|margin-left|"
    r"margin-top)\s*:\s*-\d{3,}|(?:^|[;\s])height\s*:\s*0(?:px)?\s*;.*overflow\s*:\s*hidden|clip\s*:\s*rect\(0|"
    r"transform\s*:\s*scale\(0",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"(?:^|[;\s])color\s*:\s*([^;!]+)", re.IGNORECASE)
_BACKGROUND = re.compile(r"background(?:-color)?\s*:", re.IGNORECASE)
_INDENT = re.compile(r"border\s*:\s*(?:none|0)", re.IGNORECASE)
_WHITE = frozenset(("white", "#fff", "#ffffff", "rgb(255,255,255)", "transparent"))
_PLAIN_COLOURS = frozenset(
    (
        "",
        "black",
        "#000",
        "#000000",
        "windowtext",
        "inherit",
        "auto",
        "initial",
        "rgb(0,0,0)",
        "text1",
        "currentcolor",
    )
)
_SPACE = re.compile(r"[ \t\r\n\f]+")
LONGEST = 4_000_000  # characters of a page that are looked at
MOST_ELEMENTS, MOST_TEXT = 50_000, 400_000
LONGEST_TAG = 20_000  # characters without data that it embeds; parsing takes their square
_TAG = re.compile(r"<[a-zA-Z]")
_EMBEDDED = re.compile(r"""=\s*["']?data:[\w/+.-]*(?:;[\w=-]+)*,[A-Za-z0-9+/=\s]*""")


@dataclass(frozen=True)
class HtmlLine:
    """One line of an HTML mail. ``quote`` counts the quotations around it, 0 is the author's level.

    ``struck`` is crossed-out text that stood in the line, ``coloured`` what was set in a colour;
    ``cut`` says that a mail program began its quotation before this line.
    """

    text: str
    quote: int = 0
    signature: bool = False
    row: bool = False
    struck: str = ""
    coloured: str = ""
    cut: bool = False


@dataclass(frozen=True)
class HtmlText:
    """What an HTML page says to the eye, and what it hides from it; ``cut`` tells that it goes on unread."""

    lines: tuple[HtmlLine, ...] = ()
    hidden: str = ""
    struck: str = ""
    cut: bool = False

    @property
    def text(self) -> str:
        """All visible text, quoted or not."""
        return "\n".join(line.text for line in self.lines).strip()


@dataclass(frozen=True)
class _State:
    quote: int = 0
    signature: bool = False
    hidden: bool = False
    struck: bool = False
    coloured: bool = False
    shaded: bool = False
    pre: bool = False
    cell: bool = False


@dataclass
class _Writer:
    lines: list[HtmlLine] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    crossed: list[str] = field(default_factory=list)
    tinted: list[str] = field(default_factory=list)
    state: _State = _State()
    row: bool = False
    cut: bool = False
    room: int = MOST_TEXT

    def write(self, text: str, state: _State) -> None:
        text = text[: self.room]
        self.room -= len(text)
        if not state.pre:
            text = _SPACE.sub(" ", text)
        if state.hidden or state.struck:
            (self.hidden if state.hidden else self.struck).append(text)
            if state.struck and not state.hidden:
                self.crossed.append(text)
            return
        if not text.strip(" \t\r\n") and not self.words:
            return
        if not self.words:
            self.state = state
        if state.coloured:
            self.tinted.append(text)
        for number, piece in enumerate(text.split("\n") if state.pre else (text,)):
            if number:
                self.end_line()
                self.state = state
            self.words.append(piece)

    def end_line(self, blank: bool = False) -> None:
        text = _tidy("".join(self.words))
        if text or self.crossed:
            self.lines.append(
                HtmlLine(
                    text,
                    self.state.quote,
                    self.state.signature,
                    self.row,
                    _tidy("".join(self.crossed)),
                    _tidy("".join(self.tinted)),
                    self.cut,
                )
            )
            self.cut = False
        elif (blank or self.words) and self.lines and self.lines[-1].text:
            last = self.lines[-1]
            self.lines.append(HtmlLine("", last.quote, last.signature))
        self.words, self.crossed, self.tinted = [], [], []


def _tidy(text: str) -> str:
    text = text.replace("\u00a0", " ").replace("\u200b", "").replace("\ufeff", "")
    cells = [re.sub(r" {2,}", " ", cell).strip() for cell in text.split("\t")]
    return "\t".join(cells).rstrip("\t") if any(cells) else ""


@lru_cache(maxsize=4)
def read_html(html: str) -> HtmlText:
    """Return the lines of ``html``; broken markup is read as browsers do, never refused."""
    kept = without_endless_tags(html[:LONGEST])
    root = _parse(kept)
    if root is None:
        return HtmlText(cut=kept != html)
    writer = _Writer()
    whole = _walk(root, writer) and kept == html
    writer.end_line()
    return HtmlText(tuple(writer.lines), _tidy(" ".join(writer.hidden)), _tidy(" ".join(writer.struck)), not whole)


def without_endless_tags(html: str) -> str:
    """Return ``html`` without the tags that hold more attributes than any program writes."""
    pieces = html.split(">")
    for index, piece in enumerate(pieces):
        tag = _TAG.search(piece) if len(piece) > LONGEST_TAG else None
        if tag and len(_EMBEDDED.sub("", piece[tag.start() :])) > LONGEST_TAG:
            pieces[index] = piece[: tag.start()] + "<i"
    return ">".join(pieces)


def _parse(html: str) -> Any:
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, recover=True, huge_tree=True)
    data = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", html).encode("utf-8", "replace")
    try:
        return etree.fromstring(data, parser) if data.strip() else None
    except (etree.XMLSyntaxError, ValueError):
        return None


def _walk(root: Any, writer: _Writer) -> bool:
    """Visit the elements in document order without recursion, as hostile mail nests deep; return if it was all."""
    stack: list[tuple[Any, _State, bool]] = [(root, _State(), False)]
    visits = 0
    while stack and visits < 2 * MOST_ELEMENTS and writer.room:
        visits += 1
        element, state, leaving = stack.pop()
        tag = element.tag if isinstance(element.tag, str) else ""
        if leaving:
            _leave(element, tag, state, writer)
            continue
        inner = _enter(element, tag, state, writer)
        stack.append((element, state, True))
        if inner is None:
            continue
        if element.text:
            writer.write(element.text, inner)
        stack.extend((child, inner, False) for child in reversed(element))
    return not stack


def _enter(element: Any, tag: str, state: _State, writer: _Writer) -> _State | None:
    if tag in _SKIPPED or not tag:
        return None
    inner = _state_inside(element, tag, state)
    marks = f"{element.get('id') or ''} {element.get('class') or ''}"
    if marks.strip() and (_CUT.search(marks) or _is_bare_quotation(element, marks)):
        writer.end_line()
        writer.cut = True
    if tag == "br":
        writer.end_line(blank=True)
    elif tag in ("td", "th"):
        if writer.row and element.getprevious() is not None:
            writer.words.append("\t")
    elif tag in _BLOCKS and not (inner.cell and tag != "tr"):
        writer.end_line(blank=_is_spaced(element, tag))
        writer.row = tag == "tr"
    elif tag in _BLOCKS and writer.words and writer.words[-1] not in ("\t", " "):
        writer.words.append(" ")
    if tag == "li" and not inner.cell:
        writer.write(_bullet(element), inner)
    return inner


def _is_bare_quotation(element: Any, marks: str) -> bool:
    """Gmail's box around what it quotes; what stands in it beside a blockquote may be the author's again."""
    return "gmail_quote" in marks and "gmail_extra_quote" not in marks and element.find(".//blockquote") is None


def _leave(element: Any, tag: str, state: _State, writer: _Writer) -> None:
    if tag in _BLOCKS and not (state.cell and tag != "tr"):
        writer.end_line(blank=_is_spaced(element, tag))
        if tag == "tr":
            writer.row = False
    if element.tail:
        writer.write(element.tail, state)


def _is_spaced(element: Any, tag: str) -> bool:
    """Paragraphs stand apart, unless their program sets their margins to nothing."""
    if tag not in _SPACED:
        return False
    return tag != "p" or "MsoNormal" not in (element.get("class") or "")


def _bullet(element: Any) -> str:
    parent = element.getparent()
    if parent is not None and parent.tag == "ol":
        return f"{1 + sum(1 for before in element.itersiblings('li', preceding=True) if before is not None)}. "
    return "- "


def _state_inside(element: Any, tag: str, state: _State) -> _State:
    style = element.get("style") or ""
    marks = f"{element.get('id') or ''} {element.get('class') or ''} {element.get('data-smartmail') or ''}"
    colour = _colour(element, style)
    shaded = state.shaded or bool(element.get("bgcolor")) or bool(style and _BACKGROUND.search(style))
    hidden = state.hidden or element.get("hidden") is not None or bool(style and _HIDDEN.search(style))
    if colour in _WHITE and not shaded and tag not in ("a", "th"):
        hidden = True
    quote = state.quote
    if (tag == "blockquote" and not _INDENT.search(style)) or (marks.strip() and _QUOTE_BOX.search(marks)):
        quote += 1
    return _State(
        quote=quote,
        signature=state.signature or any(_SIGNATURE.search(mark) for mark in marks.split()),
        hidden=hidden,
        struck=state.struck or tag in _STRUCK or "line-through" in style,
        coloured=(state.coloured if colour is None else colour not in _PLAIN_COLOURS) and tag != "a",
        shaded=shaded,
        pre=state.pre or tag == "pre" or "pre-wrap" in style,
        cell=(state.cell or tag in ("td", "th")) and tag != "table",
    )


def _colour(element: Any, style: str) -> str | None:
    found = _COLOUR.search(style) if style else None
    value = found.group(1) if found else element.get("color")
    return re.sub(r"\s", "", value).lower() if value else None


def plain_lines(text: str) -> Iterable[str]:
    """Return the lines of a plain text with line ends and odd blanks normalised."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "").replace("\u200b", "")
    return (line.replace("\u00a0", " ").rstrip() for line in text.split("\n"))
