"""What the author wrote now, apart from everything else a mail carries.

Quoted history, forwarded blocks, signatures, footers, banners, hidden and struck-out text are each
kept, but never as the author's words: an approval may only ever be read from ``OwnWords.text``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from parsers.html_text import HtmlLine, HtmlText
from parsers.message import Message
from parsers.message_headers import addresses
from parsers.own_words_closing import end_text, strip_banner
from parsers.own_words_lines import body_leaves, html_body, is_stub, plain_body
from parsers.own_words_quotes import Role, apart, header_block, label_of, roles


@dataclass(frozen=True)
class Forwarded:
    """A message forwarded inside the text: who wrote it, as the block above it says, and what."""

    address: str
    name: str
    date: str
    subject: str
    text: str


@dataclass(frozen=True)
class Marked:
    """A quoted line in which the author crossed out or coloured something."""

    text: str
    struck: str
    coloured: str


@dataclass(frozen=True)
class Piece:
    """A run of lines of one role, in the order of the body."""

    role: Role
    text: str


@dataclass(frozen=True)
class OwnWords:
    """The author's new ``text`` and all that is not it.

    ``pieces`` keeps the order of own and quoted runs for answers between the lines;
    ``alternatives_disagree`` says that plain text and HTML do not tell the same.
    """

    text: str = ""
    quoted: str = ""
    signature: str = ""
    banner: str = ""
    forwarded: tuple[Forwarded, ...] = ()
    hidden: str = ""
    struck_out: str = ""
    marked: tuple[Marked, ...] = ()
    pieces: tuple[Piece, ...] = ()
    alternatives_disagree: bool = False
    from_html: bool = False


def own_words(message: Message, sent_texts: Sequence[str] = ()) -> OwnWords:
    """Return the author's words of ``message``; ``sent_texts`` are texts of ours it may quote."""
    plain_leaves, html_leaves = body_leaves(message)
    plain, html = plain_body(plain_leaves), html_body(html_leaves)
    use_html = bool(html_leaves) and (not plain_leaves or is_stub(plain, html))
    lines = list(html.lines) if use_html else plain
    found = _separate(lines, message, sent_texts)
    disagree = False
    if plain_leaves and html_leaves and not use_html:
        other = _separate(list(html.lines), message, sent_texts)
        disagree = _disagree(found.text, other.text)
    return _with_html(found, html, use_html, disagree)


def _with_html(found: OwnWords, html: HtmlText, use_html: bool, disagree: bool) -> OwnWords:
    marked = tuple(
        Marked(line.text, line.struck, line.coloured)
        for line in html.lines
        if line.struck or (line.coloured and line.quote)
    )
    return OwnWords(
        found.text,
        found.quoted,
        found.signature,
        found.banner,
        found.forwarded,
        html.hidden,
        html.struck,
        marked,
        found.pieces,
        disagree,
        use_html,
    )


def _separate(lines: list[HtmlLine], message: Message, sent_texts: Sequence[str]) -> OwnWords:
    lines = apart(lines)
    whose = roles(lines, sent_texts)
    sender = message.sender
    name, address = (sender.name, sender.address) if sender else ("", message.from_address)
    runs = _runs(lines, whose)
    own_at = [i for i, (role, _) in enumerate(runs) if role is Role.OWN and any(x.text.strip() for x in runs[i][1])]
    pieces: list[Piece] = []
    signature: list[str] = []
    banner: list[str] = []
    for index, (role, run) in enumerate(runs):
        texts = [line.text for line in run if not line.signature] if role is Role.OWN else [x.text for x in run]
        if role is not Role.OWN:
            pieces.append(Piece(role, _joined(texts)))
            continue
        signature += [line.text for line in run if line.signature]
        if index == 0:
            texts, banner = strip_banner(texts)
        ended = end_text(texts, name, address, is_last=bool(own_at) and index in (own_at[0], own_at[-1]))
        signature += ended.signature
        pieces.append(Piece(role, _joined(ended.kept)))
    return _assembled([p for p in pieces if p.text], signature, banner)


def _assembled(pieces: list[Piece], signature: list[str], banner: list[str]) -> OwnWords:
    own = "\n\n".join(p.text for p in pieces if p.role is Role.OWN)
    quoted = "\n\n".join(p.text for p in pieces if p.role is not Role.OWN)
    return OwnWords(
        text=own,
        quoted=quoted,
        signature=_joined(signature),
        banner=_joined(banner),
        forwarded=tuple(_forwarded(p) for p in pieces if p.role is not Role.OWN and _has_header(p)),
        pieces=tuple(pieces),
    )


def _runs(lines: list[HtmlLine], whose: list[Role]) -> list[tuple[Role, list[HtmlLine]]]:
    runs: list[tuple[Role, list[HtmlLine]]] = []
    for line, role in zip(lines, whose, strict=True):
        if role is Role.OWN and not line.text.strip() and runs:
            role = runs[-1][0]
        if runs and runs[-1][0] is role:
            runs[-1][1].append(line)
        else:
            runs.append((role, [line]))
    return runs


def _joined(texts: Sequence[str]) -> str:
    text = "\n".join(line.rstrip() for line in texts)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n ").rstrip()


def _has_header(piece: Piece) -> bool:
    return piece.role is Role.FORWARDED or _block_start(piece.text.split("\n")) is not None


def _block_start(lines: list[str]) -> int | None:
    wrapped = [HtmlLine(line) for line in lines[:12]]
    return next((i for i in range(len(wrapped)) if wrapped[i].text.strip() and header_block(wrapped, i)), None)


def _forwarded(piece: Piece) -> Forwarded:
    """Return who wrote a forwarded block by its own header lines."""
    lines = piece.text.split("\n")
    start = _block_start(lines)
    if start is None:
        return Forwarded("", "", "", "", piece.text)
    end = header_block([HtmlLine(line) for line in lines], start)
    values: dict[str, str] = {}
    for line in lines[start:end]:
        if found := label_of(line):
            values.setdefault(*found)
    writer = values.get("from", "")
    found_addresses = addresses(writer)
    name = re.sub(r"\s*[<\[(]?[^\s<\[(]*@.*$", "", writer).strip(" \"'")
    return Forwarded(
        found_addresses[0] if found_addresses else "",
        name,
        values.get("sent", ""),
        values.get("subject", ""),
        "\n".join(lines[end:]).strip(),
    )


def _disagree(plain: str, html: str) -> bool:
    """Two alternatives of one mail may differ in layout, not in what they say."""
    one, two = set(re.findall(r"\w+", plain.casefold())), set(re.findall(r"\w+", html.casefold()))
    if not one or not two:
        return bool(one) != bool(two)
    return len(one & two) < 0.7 * max(len(one), len(two))
