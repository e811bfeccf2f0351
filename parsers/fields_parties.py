"""Who sells and who buys: labelled parties, the sender's line above the address window, letterheads."""

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from statistics import median

from parsers.fields_addresses import (
    LEGAL,
    POSTAL,
    SEPARATOR,
    Address,
    Party,
    begins_with,
    blocks_of,
    clean_name,
    find_addresses,
    firm_of,
    is_attention,
    is_name,
    is_salutation,
    opens_address,
    party_of,
    tells_number,
    tells_reach,
)
from parsers.fields_labels import Hit, cell_evidence
from parsers.lexicon import normalise
from parsers.page import Cell, Row, cell_of

_FOOT_ROWS = 8
_MOST_CELLS = 1_000  # of a letterhead and all that stands above a table
_SAME_LINE = 12.0  # points between tops of blocks that begin at one height
_ALIGNED = 3.0  # points between the left edges of lines of one address
_HEADING = 1.7  # times the usual height of letters: that of a firm's own heading
_RIGHT = frozenset({"de", "nl", "da", "sv", "no", "fi", "pl", "cs"})  # where windows of envelopes are on the left
_TELLING = 4  # letters of a word that may tell a firm by its domain or heading


def labelled_party(hits: Sequence[Hit], field: str) -> Party | None:
    """Return the first name that a label of ``field`` announces."""
    for hit in hits:
        if hit.field != field or (hit.place == "inline" and not hit.marked):
            continue
        lines = [(hit.text, hit.cell), *((c.text, c) for c in hit.following[:5])]
        named = [(text, cell) for text, cell in lines if is_name(text)]
        alone = hit.place == "right" and not is_salutation(hit.text)
        if named and (named[0] == lines[0] or not alone):
            return party_of(*firm_of(named, [text for text, _ in lines]))
        if in_line := _name_before_place(hit.text):
            return party_of(in_line, hit.cell)
        if opens_address([text for text, _ in lines]):
            return party_of(hit.text, hit.cell)
    return None


def _name_before_place(text: str) -> str | None:
    """Return the name at the head of an address on one line."""
    parts = _parts(text)
    placed = len(parts) > 1 and any(POSTAL.search(" " + part) for part in parts[1:])
    return parts[0] if placed and is_name(parts[0]) else None


def _parts(text: str) -> list[str]:
    """Return the pieces of a line parted by commas, bullets or dashes; a legal form stays with its name."""
    parts: list[str] = []
    for piece in (p.strip() for p in SEPARATOR.split(text)):
        if parts and LEGAL.fullmatch(piece):
            parts[-1] = f"{parts[-1]}, {piece}"
        elif piece:
            parts.append(piece)
    return parts


def letterhead_parties(
    rows: Sequence[Row],
    above: int,
    addressed: Party | None = None,
    ship_to: Party | None = None,
    language: str | None = None,
) -> tuple[Party | None, Party | None]:
    """Return (whose letterhead it is, who is addressed), each None where the page does not tell.

    ``above`` is the number of rows before the first table of items; ``addressed`` and ``ship_to`` are those
    whom labels name; ``language`` tells on which side of a page its letterhead stands where nothing else does.
    """
    whole = [row for row in rows if row.page == rows[0].page] if rows else []
    first = _readable(whole[:above])
    senders = [(party_of(name, cell), _under_window(first, cell)) for cell, name in _sender_lines(first)]
    found = [a for a in find_addresses(first, " ".join(row.text for row in whole)) if not _is_others(a, first)]
    if senders:
        owner, window = next((pair for pair in senders if pair[1]), senders[0])
        return owner, window or next((a.party for a in found if not a.names(owner) and not a.names(ship_to)), None)
    found = [a for a in found if not a.names(addressed) and not a.names(ship_to)]
    addressed = addressed or _saluted(first)
    found = [a for a in found if not a.names(addressed)]
    own = _owner(found, whole, above, addressed, language in _RIGHT)
    letterhead = own.party if own else _letterhead(first, whole[above:], found, addressed)
    others = [a.party for a in found if a is not own and (not letterhead or not a.names(letterhead))]
    return letterhead, addressed or (others[0] if others else None)


def _readable(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that a letterhead may take: what goes on longer is a table without items."""
    ends = accumulate(len(row.cells) for row in rows)
    return [row for row, end in zip(rows, ends, strict=True) if end <= _MOST_CELLS]


def _is_others(address: Address, rows: Sequence[Row]) -> bool:
    """Return whether a heading over an address says that it is of a third party."""
    x0, top, x1, bottom = address.cells[0].box
    over = (
        cell
        for row in rows
        for cell in row.cells
        if cell.box[0] < x1 and cell.box[2] > x0 and 0 <= top - cell.box[3] < 1.2 * (bottom - top)
    )
    return any(begins_with("others", cell.text) for cell in over)


def _saluted(rows: Sequence[Row]) -> Party | None:
    """Return the name right beneath the opening of an address ("Messrs", "Spett.le")."""
    for n, row in enumerate(rows):
        for cell in row.cells:
            if not is_salutation(cell.text):
                continue
            under = [
                c
                for below in rows[n + 1 : n + 3]
                for c in below.cells
                if abs(c.box[0] - cell.box[0]) < _ALIGNED and c.box[1] - cell.box[3] < 2 * (cell.box[3] - cell.box[1])
            ]
            if under and is_name(under[0].text, numbered=True):
                return party_of(under[0].text, under[0])
    return None


def _owner(
    found: Sequence[Address], rows: Sequence[Row], above: int, addressed: Party | None, right: bool
) -> Address | None:
    """Return the address that most tells to be the writer's own: of two alike the upper one, then the outer one."""

    def place(address: Address) -> tuple[int, int, float]:
        x, top, _, _ = address.cells[0].box
        return -_ownership(address, rows, above, found), round(top / _SAME_LINE), -x if right else x

    best = min(found, key=place, default=None)
    least = -2 if addressed or len(found) > 1 else 1
    return best if best and _ownership(best, rows, above, found) >= least else None


def _ownership(address: Address, rows: Sequence[Row], above: int, found: Sequence[Address]) -> int:
    """Return how much tells that an address is the letterhead's."""
    lines = [cell.text for cell in address.cells]
    shared = {w for other in found if other is not address for w in normalise(other.party.name).split()}
    words = {w for w in normalise(address.party.name).split() if len(w) >= _TELLING} - shared
    inside = {id(cell) for cell in address.cells}
    heads = [c for row in rows[:above] for c in row.cells if id(c) not in inside]
    feet = [c for row in rows[max(above, len(rows) - _FOOT_ROWS) :] for c in row.cells]
    top = min((row.top for row in rows), default=0.0)
    opening = address.cells[0].box[1] <= top + 2.2 * (address.cells[0].box[3] - address.cells[0].box[1])
    score = 3 * any(_domain_words(c.text) & words for c in (*heads, *feet, *address.cells))
    score += 2 * any(_is_heading_of(c, address, words) for c in heads)
    score += 2 * any(normalise(address.party.name) in normalise(c.text) for c in feet)
    score += 2 * any(begins_with("bank", text) for text in lines)
    score += 2 * any(map(tells_reach, lines)) + any(map(tells_number, lines)) + opening
    return score - 3 * any(is_salutation(text) or is_attention(text) for text in lines)


_DOMAIN = re.compile(r"(?:@|www\.|https?://)?([\w-]+(?:\.[\w-]+)+)", re.IGNORECASE)


def _domain_words(text: str) -> set[str]:
    """Return the words in the web and mail domains that ``text`` names."""
    domains = [m[1] for m in _DOMAIN.finditer(text) if "@" in text or "www" in text.lower() or "://" in text]
    domains += re.findall(r"\b[\w-]+\.(?:com|de|fr|es|it|nl|net|org|eu|example|co)\b", text)
    return {word for domain in domains for word in re.split(r"[.-]", normalise_domain(domain)) if len(word) >= _TELLING}


def normalise_domain(domain: str) -> str:
    """Return a domain in small letters without accents, its dots and hyphens kept."""
    return ".".join("-".join(normalise(part) for part in label.split("-")) for label in domain.split("."))


def _is_heading_of(cell: Cell, address: Address, words: set[str]) -> bool:
    """Return whether ``cell`` over the address, in letters of its own, shares the telling words of its name."""
    shared = words & set(normalise(cell.text).split())
    own = cell_evidence(cell) == address.party.evidence
    return bool(shared) and not own and is_name(cell.text) and cell.box[3] <= address.cells[0].box[1] + 1


def _letterhead(
    head: Sequence[Row], foot: Sequence[Row], found: Sequence[Address], addressed: Party | None
) -> Party | None:
    """Return whose page it is: its first firm, but for one of an address beneath a heading."""
    legal, heading = _legal_name(head, foot), _head_line(head)
    large = _head_line(head, _HEADING)
    reader = legal and addressed and normalise(legal.name) == normalise(addressed.name)
    if legal and heading and (large or reader or any(address.names(legal) for address in found)):
        return heading
    legal = None if reader else legal
    found_name = legal or _contact_name(blocks_of(head)) or heading
    if found_name is None and addressed and head and is_name(head[0].cells[0].text):
        return party_of(head[0].cells[0].text, head[0].cells[0])
    return found_name


_BULLETS = frozenset("·•|●▪∙*–—-")


def _sender_lines(rows: Sequence[Row]) -> Iterator[tuple[Cell, str]]:
    """Yield the small lines that may stand above an address window, and the name at the head of each."""
    for row in rows[: max(12, len(rows) // 2)]:
        for cell in [*row.cells, *_bulleted(row)]:
            parts = _parts(cell.text)
            if len(parts) >= 3 and any(POSTAL.search(" " + p) for p in parts[1:]) and is_name(parts[0]):
                yield cell, parts[0]


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
    if lines and opens_address([c.text for c in lines]):
        return party_of(lines[0].text, lines[0])
    return next((party_of(c.text, c) for c in lines if is_name(c.text)), None)


def _legal_name(head: Sequence[Row], foot: Sequence[Row]) -> Party | None:
    """Return the first firm named at the top of the page, else in its footer."""
    for row in [*head[:8], *reversed(foot[-_FOOT_ROWS:])]:
        for cell in row.cells:
            name = next((p for p in _parts(cell.text) if LEGAL.search(p)), "")
            if name and is_name(name):
                return Party(clean_name(name), cell_evidence(cell))
    return None


def _head_line(rows: Sequence[Row], larger: float = 1.15) -> Party | None:
    """Return the name that opens the page in letters ``larger`` times those of most of it."""
    usual = median(row.height for row in rows) if rows else 0.0
    for row in rows[:2]:
        for cell in row.cells:
            if cell.box[3] - cell.box[1] > larger * usual and is_name(cell.text):
                return party_of(cell.text, cell)
    return None


def _contact_name(blocks: Sequence[Sequence[Cell]]) -> Party | None:
    """Return the name right above the first electronic address at the head of the page."""
    for block in blocks[:4]:
        for name, reach in pairwise(block):
            if "@" in reach.text and is_name(name.text):
                return party_of(name.text, name)
    return None
