"""Who sells and who buys: labelled parties, the sender's line above the address window, letterheads."""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from parsers.dates import find_dates
from parsers.fields_labels import Hit, cell_evidence, is_label, label_of, unspaced
from parsers.lexicon import column_role, kinds, normalise, total_role
from parsers.page import Cell, Row, cell_of
from parsers.reading import Evidence

_POSTAL = re.compile(
    r"(?:^|\s|-)\d{4,6}\s+[^\W\d]{2}|\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b|\b[A-Z]{2},?\s+\d{5}\b"
    r"|\b\d{4}\s?[A-Z]{2}\s+\w|\b\d{2}-\d{3}\s+\w|\b\d{3}\s\d{2}\s+\w"
)
# Legal forms are written as firms write them: "AS" and "SA" are none in small letters.
_LEGAL_FORMS = (
    "GmbH GMBH AG KG OHG UG e.K. eK mbH Ltd Ltd. LTD LTD. Limited LIMITED LLP LLC Inc Inc. INC INC. Corp Corp. PLC plc "
    "Co. BV B.V. NV N.V. BVBA SPRL SA S.A. SAS S.A.S. SARL S.A.R.L. EURL SCOP SL S.L. SLU S.L.U. SRL S.r.l. Srl S.R.L. "
    "SPA S.p.A. SpA S.P.A. S.n.c. Snc Lda Lda. A/S ApS AB Oy Oyj AS s.r.o. a.s. Kft Kft. Zrt Zrt. "
    "A.Ş. A.S. S.Coop S.Coop. e.V. Coop a.G. VVaG eG e.G. gGmbH KGaA SE GbR PartG Nyrt. Bt. Pty PTE Pvt SpA Srl. Lda. "
    "d.o.o. d.d. OÜ UAB SIA EOOD AD Ε.Π.Ε. Α.Ε. Ltda Ltda. S.A.U. SASU SCI ASBL VZW VOF V.O.F. CV C.V."
).split()
_LEGAL = re.compile(
    r"(?<!\w)(?:Sp\. ?z ?o\. ?o\.?|"
    + "|".join(sorted(map(re.escape, _LEGAL_FORMS), key=len, reverse=True))
    + r")(?=\W|$)"
)
_SEPARATOR = re.compile(r"\s+[·•|●▪∙*–—-]\s+|\s*[·•|●▪∙]\s*|,\s+")
_NOISE = re.compile(
    r"@|https?:|www\.|^\W*\+?[\d\s()/-]{6,}$"
    r"|\b(?:tel|fax|phone|telefon|iban|bic|gln|vat|ust|tva|iva|btw|nif|cif|siret|siren|p\.?iva|kvk|abn|tax id)\b"
    r"|\b(?:page|seite|pagina|página|blad)\b",
    re.IGNORECASE,
)
_SALUTATION = re.compile(
    r"^(?:firma|herrn?|frau|mr|mrs|ms|monsieur|madame|m\.|mme|spett\.?(?:\s*le)?|an|to|att?n?\.?|z\.? ?hd\.?.*"
    r"|t\.?a\.?v\.?.*|fam\.?|the|contact\b.*|kontakt\b.*)[.:,]?$",
    re.IGNORECASE,
)
_HEADING = 1.5  # times the height of a text: that of a heading
_LONGEST_NAME, _MOST_WORDS = 80, 7


@dataclass(frozen=True)
class Party:
    """A name and where it stands."""

    name: str
    evidence: Evidence


def labelled_party(hits: Sequence[Hit], field: str) -> Party | None:
    """Return the first name that a label of ``field`` announces."""
    for hit in hits:
        if hit.field != field or (hit.place == "inline" and not hit.marked):
            continue
        lines = [(hit.text, hit.cell), *((c.text, c) for c in hit.following[:5])]
        named = [(text, cell) for text, cell in lines if _is_name(text)]
        alone = hit.place == "right" and not _SALUTATION.match(hit.text)
        if named and (named[0] == lines[0] or not alone):
            text, cell = _firm_of(named, [text for text, _ in lines])
            return Party(_clean(text), cell_evidence(cell))
    return None


def _firm_of(named: Sequence[tuple[str, Cell]], lines: Sequence[str], rest: str = "") -> tuple[str, Cell]:
    """Return which of the names at the head of an address is the firm's, else the first of them.

    A legal form tells it, else that the name stands once more in the ``rest`` of the page. What comes beneath a
    street or a place is no name of the addressee.
    """
    streets = (n for n, text in enumerate(lines) if _STREET.search(text) or _POSTAL.search(text))
    head = set(lines[: next(streets, len(lines))][:4])
    names = [(text, cell) for text, cell in named if text in head] or named[:1]
    legal = next(((t, c) for t, c in names if _LEGAL.search(t)), None)
    known = f" {normalise(rest)} "
    again = next(((t, c) for t, c in names if known.count(f" {normalise(_clean(t))} ") > 1), None) if rest else None
    return legal or again or named[0]


_STREET = re.compile(r"^\d+[a-z]?[,.]?\s+\w|\s\d+\s?[a-z]?(?:[-/]\d+\s?[a-z]?)?$", re.IGNORECASE)


def _is_name(text: str) -> bool:
    letters = sum(map(str.isalpha, text))
    if letters < 3 or len(text) > _LONGEST_NAME or _NOISE.search(text) or _SALUTATION.match(text.strip()):
        return False
    if (
        is_label(text)
        or _is_labelled_number(text)
        or find_dates(text)
        or total_role(text)
        or column_role(text)
        or ": " in text
        or _names_a_kind(text)
    ):
        return False
    if (_STREET.search(text) or len(text.split()) > _MOST_WORDS) and not _LEGAL.search(text):
        return False
    return letters * 2 > sum(map(str.isdigit, text)) * 3 and not _POSTAL.search(text)


def _is_labelled_number(text: str) -> bool:
    found = label_of(text)
    return bool(found and any(map(str.isdigit, found[1])))


def _names_a_kind(text: str) -> bool:
    words = normalise(unspaced(text)).split()
    return any(" ".join(words[:length]) in kinds() for length in range(1, min(len(words), 5) + 1))


def _clean(text: str) -> str:
    first = re.split(r"\s{2,}|\s[·•|●]\s|,\s(?=\d)", text.strip(" :,·|"))[0]
    legal = list(_LEGAL.finditer(first))
    if legal and len(first[legal[-1].end() :].split()) > 2:
        first = first[: legal[-1].end()]  # "... SARL au capital de 50 000 EUR"
    return first.strip(" :,·|")


def letterhead_parties(
    rows: Sequence[Row], above: int, addressed: Party | None = None, ship_to: Party | None = None
) -> tuple[Party | None, Party | None]:
    """Return (whose letterhead it is, who is addressed), each None where the page does not tell.

    ``above`` is the number of rows before the first table of items; ``addressed`` and ``ship_to`` are those
    whom labels name.
    """
    whole = [_with_places(row) for row in rows if row.page == rows[0].page] if rows else []
    first = whole[:above]
    sender = _sender_line(first)
    if sender:
        cell, name = sender
        return Party(name, cell_evidence(cell)), _under_window(first, cell)
    blocks = _blocks(first)
    text = " ".join(row.text for row in whole)
    named = [(party, block) for block in blocks if _is_address(block) and (party := _block_name(block, first, text))]
    named = [pair for pair in named if not any(_speaks_of(pair[1], p) for p in (addressed, ship_to) if p)]
    own = [pair for pair in named if _is_own(pair[1], first)][:1] or (named[:1] if addressed else [])
    others = [pair for pair in named if pair not in own]
    letters = {normalise(party.name) for party, _ in others}
    letterhead = own[0][0] if own else _letterhead(first, whole[above:], blocks, letters)
    addressee = next((p for p, _ in others if not letterhead or normalise(p.name) != normalise(letterhead.name)), None)
    return letterhead, addressee


def _letterhead(
    head: Sequence[Row], foot: Sequence[Row], blocks: Sequence[Sequence[Cell]], letters: Set[str]
) -> Party | None:
    """Return whose page it is: its first firm, but for one of an address (``letters``) beneath a heading."""
    legal, heading = _legal_name(head, foot), _head_line(head)
    if legal and heading and normalise(legal.name) in letters:
        return heading
    return legal or _contact_name(blocks) or heading


def _speaks_of(block: Sequence[Cell], party: Party) -> bool:
    """Return whether one of the first names of an address is the ``party``'s."""
    return any(normalise(_clean(cell.text)) == normalise(party.name) for cell in block[:8])


_POSTCODE = re.compile(r"(?:[A-Z]{1,3}-?)?\d{4,6}")
_PLACE_GAP = 3.0  # row heights between a postcode and its place


def _with_places(row: Row) -> Row:
    """Return ``row`` with each postcode in one cell with the place that stands right behind it."""
    cells: list[Cell] = []
    for cell in row.cells:
        last = cells[-1] if cells else None
        near = last is not None and 0 <= cell.box[0] - last.box[2] < _PLACE_GAP * row.height
        if last and near and _POSTCODE.fullmatch(last.text) and cell.text[:1].isalpha():
            cells[-1] = cell_of([*last.words, *cell.words], row.page)
        else:
            cells.append(cell)
    return replace(row, cells=tuple(cells)) if len(cells) < len(row.cells) else row


def _is_address(block: Sequence[Cell]) -> bool:
    return any(_POSTAL.search(cell.text) for cell in block)


_BULLETS = frozenset("·•|●▪∙*–—-")


def _sender_line(rows: Sequence[Row]) -> tuple[Cell, str] | None:
    """Return the small line above an address window, and the name at its head."""
    for row in rows[: max(12, len(rows) // 2)]:
        for cell in [*row.cells, *_bulleted(row)]:
            parts = [p for p in _SEPARATOR.split(cell.text) if p.strip()]
            if len(parts) >= 3 and any(_POSTAL.search(" " + p) for p in parts[1:]) and _is_name(parts[0]):
                return cell, parts[0].strip()
    return None


def _bulleted(row: Row) -> Iterator[Cell]:
    """Yield the cells that stand between and beside lone bullets as one cell."""
    places = [n for n, cell in enumerate(row.cells) if cell.text in _BULLETS]
    if places:
        run = row.cells[max(places[0] - 1, 0) : places[-1] + 2]
        yield cell_of([word for cell in run for word in cell.words], row.page)


def _under_window(rows: Sequence[Row], above: Cell) -> Party | None:
    """Return the first name beneath the sender's line within the height of an address window."""
    lines = [
        c
        for row in rows
        if row.top >= above.box[3] - 1 and row.top - above.box[3] < 110
        for c in row.cells
        if c.box[0] < above.box[2] and c.box[2] > above.box[0] - 40 and c.box[0] > above.box[0] - 60
    ]
    return next((Party(_clean(c.text), cell_evidence(c)) for c in lines if _is_name(c.text)), None)


def _blocks(rows: Sequence[Row]) -> list[list[Cell]]:
    """Return runs of cells that start at the same x on lines close together."""
    blocks: list[list[Cell]] = []
    for row in rows:
        for cell in row.cells:
            home = next(
                (
                    b
                    for b in blocks
                    if abs(b[-1].box[0] - cell.box[0]) < 3
                    and -2 < cell.box[1] - b[-1].box[3] < 1.1 * (cell.box[3] - cell.box[1])
                    and _like_sized(b[-1], cell)
                ),
                None,
            )
            if home is None:
                blocks.append([cell])
            else:
                home.append(cell)
    return blocks


def _like_sized(a: Cell, b: Cell) -> bool:
    """Return whether two lines may belong to one address: none is a heading over the other."""
    heights = sorted((a.box[3] - a.box[1], b.box[3] - b.box[1]))
    return heights[1] < _HEADING * max(heights[0], 1.0)


def _block_name(block: Sequence[Cell], rows: Sequence[Row], page: str) -> Party | None:
    """Return the name of an address, or the one that stands larger right above it."""
    last = next(n for n, c in enumerate(block) if _POSTAL.search(c.text))
    lines = [c for c in block[: last + 1] if _is_name(c.text)]
    if lines:
        text, cell = _firm_of([(c.text, c) for c in lines], [c.text for c in block[: last + 1]], page)
        return Party(_clean(text), cell_evidence(cell))
    over = _above(block[0], rows)
    return Party(_clean(over[0].text), cell_evidence(over[0])) if over else None


def _above(cell: Cell, rows: Sequence[Row]) -> list[Cell]:
    """Return the names over ``cell``, the nearest first, no further than three of its lines."""
    reach = 3.6 * (cell.box[3] - cell.box[1])
    over = [
        c
        for row in reversed(rows)
        if -5 <= cell.box[1] - row.bottom < reach and row.top < cell.box[1]
        for c in row.cells
        if c.box[0] < cell.box[2] and c.box[2] > cell.box[0]
    ]
    return [c for c in over if _is_name(c.text)]


def _is_own(block: Sequence[Cell], rows: Sequence[Row]) -> bool:
    """Return whether a block is a letterhead: it tells how to reach its owner, or opens the page."""
    reach = sum(1 for c in block if _NOISE.search(c.text))
    opening = bool(rows) and block[0].box[1] <= rows[0].top + 2.2 * rows[0].height
    return reach >= 1 or (opening and not _above(block[0], rows))


def _legal_name(head: Sequence[Row], foot: Sequence[Row]) -> Party | None:
    """Return the first firm named at the top of the page, else in its footer."""
    for row in [*head[:8], *reversed(foot[-8:])]:
        for cell in row.cells:
            name = next((p.strip() for p in _SEPARATOR.split(cell.text) if _LEGAL.search(p)), "")
            if name and len(name) <= _LONGEST_NAME and _is_name(name):
                return Party(name, cell_evidence(cell))
    return None


def _head_line(rows: Sequence[Row]) -> Party | None:
    """Return the name that opens the page in larger letters than most of it."""
    usual = median(row.height for row in rows) if rows else 0.0
    for row in rows[:2]:
        for cell in row.cells:
            if cell.box[3] - cell.box[1] > 1.15 * usual and _is_name(cell.text):
                return Party(_clean(cell.text), cell_evidence(cell))
    return None


def _contact_name(blocks: Sequence[Sequence[Cell]]) -> Party | None:
    """Return the name right above the first electronic address at the head of the page."""
    for block in blocks[:4]:
        for name, reach in pairwise(block):
            if "@" in reach.text and _is_name(name.text):
                return Party(_clean(name.text), cell_evidence(name))
    return None
