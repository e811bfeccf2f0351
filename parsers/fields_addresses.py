"""The addresses on a page: whose they are, and what in them tells a letterhead from an addressee."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from parsers.dates import find_dates
from parsers.fields_labels import cell_evidence, is_label, label_of, unspaced
from parsers.lexicon import column_role, kinds, load, normalise, total_role
from parsers.page import Cell, Row, cell_of
from parsers.reading import Evidence

POSTAL = re.compile(
    r"(?:^|\s|-)\d{4,6}\s+[^\W\d]{2}|\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b|\b[A-Z]{2,3},?\s+\d{4,5}\b"
    r"|\b\d{4}\s?[A-Z]{2}\s+\w|\b\d{2}-\d{3}\s+\w|\b\d{3}\s\d{2}\s+\w|[^\W\d]{3,}\s+\d{6}\b|\b\d{4}-\d{3}\s+\w"
    r"|[^\W\d]{3,}\s?/\s?[^\W\d]{3,}$|,\s*\d{5}\s+[^\W\d]{3}"
)
# Legal forms are written as firms write them: "AS" and "SA" are none in small letters.
_LEGAL_FORMS = (
    "GmbH GMBH AG KG OHG UG e.K. eK mbH Ltd Ltd. LTD LTD. Limited LIMITED LLP LLC Inc Inc. INC INC. Corp Corp. PLC plc "
    "Co. BV B.V. NV N.V. BVBA SPRL SA S.A. SAS S.A.S. SARL S.A.R.L. EURL SCOP SL S.L. SLU S.L.U. SRL S.r.l. Srl S.R.L. "
    "SPA S.p.A. SpA S.P.A. S.n.c. Snc Lda Lda. A/S ApS AB Oy Oyj AS s.r.o. a.s. Kft Kft. Zrt Zrt. "
    "A.Ş. A.S. S.Coop S.Coop. e.V. Coop a.G. VVaG eG e.G. gGmbH KGaA SE GbR PartG Nyrt. Bt. Pty PTE Pvt Srl. "
    "d.o.o. d.d. OÜ UAB SIA EOOD AD Ε.Π.Ε. Α.Ε. Ε.Ε. Ο.Ε. Ltda Ltda. S.A.U. SASU SCI ASBL VZW VOF V.O.F. CV C.V. ŞTİ. "
    'בע"מ'
).split()
LEGAL = re.compile(
    r"(?<!\w)(?:Sp\. ?z ?o\. ?o\.?|"
    + "|".join(sorted(map(re.escape, _LEGAL_FORMS), key=len, reverse=True))
    + r")(?=\W|$)"
)
SEPARATOR = re.compile(r"\s+[·•|●▪∙*–—-]\s+|\s*[·•|●▪∙]\s*|,\s+")
_STREET = re.compile(
    r"^(?:unit|suite|floor|block|building|plot)\s\w|^\d+[a-z]?[,.]?\s+\w|\s\d+\s?[a-z]?(?:[-/]\d+\s?[a-z]?)?$",
    re.IGNORECASE,
)
_ELECTRONIC = re.compile(r"@|https?:|www\.", re.IGNORECASE)
_TELEPHONE = re.compile(r"^\W*\+?[\d\s()/.-]{6,}$")
_SENTENCE = re.compile(r"\s\S+\s\S+\s\S*[^\W\d_]{3}[.!?]$")
_CARE_OF = re.compile(r"c\s?/\s?o\b", re.IGNORECASE)
_LONGEST_NAME, _MOST_WORDS = 80, 7
_HEADING = 1.5  # times the height of a text: that of a heading
_ALIGNED = 3.0  # points between the edges of lines of one address


@dataclass(frozen=True)
class Party:
    """A name and where it stands."""

    name: str
    evidence: Evidence


@dataclass(frozen=True)
class Address:
    """Lines of one address and the name in it."""

    party: Party
    cells: tuple[Cell, ...]

    def names(self, party: Party | None) -> bool:
        """Return whether one of its first lines is the name of ``party``."""
        return party is not None and any(
            normalise(clean_name(cell.text)) == normalise(party.name) for cell in self.cells[:8]
        )


@lru_cache(maxsize=8)
def _words(table: str) -> frozenset[str]:
    return frozenset(load("parties")[table])


@lru_cache(maxsize=20_000)
def begins_with(table: str, text: str) -> int:
    """Return how many words at the head of ``text`` are listed in ``table`` of lexicon/parties.toml, 0 if none."""
    words = normalise(text).split()
    return next((n for n in range(min(len(words), 5), 0, -1) if " ".join(words[:n]) in _words(table)), 0)


def is_salutation(text: str) -> bool:
    """Return whether ``text`` is only the opening of an address."""
    return 0 < begins_with("salutation", text) == len(normalise(text).split())


def is_attention(text: str) -> bool:
    """Return whether ``text`` says to whose attention a letter goes."""
    return begins_with("attention", text) > 0


def tells_reach(text: str) -> bool:
    """Return whether ``text`` tells how to reach somebody: by wire or telephone."""
    return bool(_ELECTRONIC.search(text) or _TELEPHONE.search(text)) or begins_with("reach", text) > 0


def tells_number(text: str) -> bool:
    """Return whether ``text`` holds a number of an authority or a bank."""
    parts = re.split(r"[:·|]|\s-\s|,\s", text)
    return any(begins_with("official", part) for part in parts if any(map(str.isdigit, text)))


@lru_cache(maxsize=20_000)
def is_name(text: str, numbered: bool = False) -> bool:
    """Return whether ``text`` may be the name of a firm or a person: no label, number, place or way to reach it.

    ``numbered`` allows a number at its end ("School no. 4"), which else makes it a street.
    """
    bare = text.strip(" :,·|■●*")
    letters = sum(map(str.isalpha, bare))
    if _SENTENCE.search(text) and not LEGAL.search(text):
        return False
    if _CARE_OF.match(bare) or letters < 3 or len(bare) > _LONGEST_NAME or is_salutation(bare) or is_attention(bare):
        return False
    if tells_reach(bare) or tells_number(bare) or begins_with("official", bare) == len(normalise(bare).split()):
        return False
    if is_label(bare) or find_dates(bare) or ": " in bare:
        return False
    if (total_role(bare) or column_role(bare)) and not LEGAL.search(bare):
        return False
    if _is_labelled_number(bare) or _names_a_kind(bare):
        return False
    if ((not numbered and _STREET.search(bare)) or len(bare.split()) > _MOST_WORDS) and not LEGAL.search(bare):
        return False
    return letters * 2 > sum(map(str.isdigit, bare)) * 3 and not (POSTAL.search(bare) and not LEGAL.search(bare))


def _is_labelled_number(text: str) -> bool:
    found = label_of(text)
    return bool(found and any(map(str.isdigit, found[1].split()[0] if found[1].split() else "")))


def _names_a_kind(text: str) -> bool:
    words = normalise(unspaced(text)).split()
    return any(" ".join(words[:length]) in kinds() for length in range(1, min(len(words), 5) + 1))


def clean_name(text: str) -> str:
    """Return a name without what stands around it on its line."""
    first = re.split(r"\s{2,}|\s[·•|●]\s|,\s(?=\d)", text.strip(" :,·|■●*"))[0]
    legal = list(LEGAL.finditer(first))
    if legal and len(first[legal[-1].end() :].split()) > 2:
        first = first[: legal[-1].end()]  # "... SARL au capital de 50 000 EUR"
    return first.strip(" :,·|")


def party_of(text: str, cell: Cell) -> Party:
    """Return the party named ``text`` in ``cell``."""
    return Party(clean_name(text), cell_evidence(cell))


def firm_of(named: Sequence[tuple[str, Cell]], lines: Sequence[str], page: str = "") -> tuple[str, Cell]:
    """Return which of the names at the head of an address is the firm's, else the first of them.

    A legal form tells it, else that the name stands once more on the ``page``; a person's name comes last. What
    stands beneath a street or a place is no name of the addressee.
    """
    head = set(lines[: street_of(lines)][:4])
    names = [(text, cell) for text, cell in named if text in head] or list(named[:1])
    legal = next((pair for pair in names if LEGAL.search(pair[0])), None)
    known = f" {normalise(page)} "
    again = next((pair for pair in names if known.count(f" {normalise(clean_name(pair[0]))} ") > 1), None)
    firms = [pair for pair in names if not begins_with("salutation", pair[0])]
    return legal or (again if page else None) or (firms or names)[0]


def find_addresses(rows: Sequence[Row], page: str) -> list[Address]:
    """Return the addresses in ``rows`` from top to bottom, ``page`` being all text of it."""
    found: list[Address] = []
    whole = blocks_of([_with_places(row) for row in rows])
    for block in (part for lines in whole for part in _parted(lines)):
        placed = next((n for n, cell in enumerate(block) if POSTAL.search(cell.text)), None)
        if placed is None:
            continue
        start = max((n + 1 for n, cell in enumerate(block[:placed]) if _is_labelled_number(cell.text)), default=0)
        block, placed = block[start:], placed - start
        lines = [cell.text for cell in block[: placed + 1]]
        named = [(cell.text, cell) for cell in block[: street_of(lines) + 1] if is_name(cell.text)]
        heading = _heading_of(block[0], rows) if not any(LEGAL.search(text) for text, _ in named) else None
        if heading:
            found.append(Address(party_of(heading.text, heading), tuple(block)))
        elif named:
            found.append(Address(party_of(*firm_of(named, lines, page)), tuple(block)))
        elif over := names_above(block[0], rows):
            found.append(Address(party_of(over[0].text, over[0]), tuple(block)))
        elif opens_address(lines):
            found.append(Address(party_of(lines[0], block[0]), tuple(block)))
    return found


def _parted(block: Sequence[Cell]) -> list[list[Cell]]:
    """Return a block of lines parted where another name follows the place of an address."""
    parts: list[list[Cell]] = [[]]
    for cell in block:
        placed = any(POSTAL.search(c.text) for c in parts[-1])
        if (placed and is_name(cell.text) and LEGAL.search(cell.text + " ")) or (placed and _opens(cell, block)):
            parts.append([])
        parts[-1].append(cell)
    return parts


def _opens(cell: Cell, block: Sequence[Cell]) -> bool:
    """Return whether a name and a street beneath it follow in ``block`` from ``cell`` on."""
    at = next(n for n, other in enumerate(block) if other is cell)
    after = [c.text for c in block[at + 1 : at + 4]]
    return is_name(cell.text) and any(map(_STREET.search, after[:2])) and any(map(POSTAL.search, after))


def _heading_of(cell: Cell, rows: Sequence[Row]) -> Cell | None:
    """Return the name in large letters right above an address that begins at the same edge."""
    over = names_above(cell, rows)[:1]
    large = over and not _like_sized(over[0], cell)
    near = over and cell.box[1] - over[0].box[3] < 1.2 * (cell.box[3] - cell.box[1])
    aligned = over and (abs(over[0].box[0] - cell.box[0]) < _ALIGNED or abs(over[0].box[2] - cell.box[2]) < _ALIGNED)
    return over[0] if large and near and aligned and not is_salutation(cell.text) else None


def street_of(lines: Sequence[str]) -> int:
    """Return the index of the first line of an address that is a street or a place, the number of lines if none is."""
    return next((n for n, text in enumerate(lines) if _STREET.search(text) or POSTAL.search(text)), len(lines))


def opens_address(lines: Sequence[str]) -> bool:
    """Return whether the first line is a name although it ends like a street, as the street stands beneath it."""
    return bool(lines) and is_name(lines[0], numbered=True) and any(map(_STREET.search, lines[1:4]))


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


def blocks_of(rows: Sequence[Row]) -> list[list[Cell]]:
    """Return runs of cells close together on lines that share their left edge, right edge or middle."""
    blocks: list[list[Cell]] = []
    for row in rows:
        for cell in row.cells:
            home = next((b for b in blocks if _continues(b, cell)), None)
            if home is None:
                blocks.append([cell])
            else:
                home.append(cell)
    return blocks


def _continues(block: Sequence[Cell], cell: Cell) -> bool:
    last = block[-1]
    gap = cell.box[1] - last.box[3]
    height = cell.box[3] - cell.box[1]
    usual = max((below.box[1] - above.box[3] for above, below in pairwise(block)), default=height)
    widest = min(1.1 * height, max(0.35 * height, 2.5 * usual + 1))
    return -0.4 * height < gap < widest and _aligned(block, cell) and _like_sized(last, cell)


def _aligned(block: Sequence[Cell], cell: Cell) -> bool:
    """Return whether ``cell`` shares an edge with the block; the left one counts with any line, others with two."""
    last = block[-1]
    if abs(last.box[0] - cell.box[0]) < _ALIGNED:
        return True
    before = block[-2] if len(block) > 1 else None
    left = before and abs(before.box[0] - last.box[0]) < _ALIGNED < abs(before.box[2] - last.box[2])
    middles = abs((last.box[0] + last.box[2]) - (cell.box[0] + cell.box[2])) / 2
    return not left and (abs(last.box[2] - cell.box[2]) < _ALIGNED or middles < _ALIGNED)


def _like_sized(a: Cell, b: Cell) -> bool:
    """Return whether two lines may belong to one address: none is a heading over the other."""
    heights = sorted((a.box[3] - a.box[1], b.box[3] - b.box[1]))
    return heights[1] < _HEADING * max(heights[0], 1.0)


def names_above(cell: Cell, rows: Sequence[Row]) -> list[Cell]:
    """Return the names over ``cell``, the nearest first, no further than three of its lines."""
    reach = 3.6 * (cell.box[3] - cell.box[1])
    over = [
        c
        for row in reversed(rows)
        if -5 <= cell.box[1] - row.bottom < reach and row.top < cell.box[1]
        for c in row.cells
        if c.box[0] < cell.box[2] and c.box[2] > cell.box[0]
    ]
    return [c for c in over if is_name(c.text)]
