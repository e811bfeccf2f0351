"""The totals of a document: every amount that a label announces, and the triple that adds up.

A label's amount stands in its own cell, to its right, or beneath it. Net, tax and gross are chosen so
that net + tax = gross (charges and reductions counted in) and, where lines are known, so that they
sum to the net.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations

from parsers.lexicon import column_role, normalise, total_role
from parsers.lines_columns import is_percent
from parsers.numbers import Convention, find_numbers, read_number, readings
from parsers.page import Cell, Row
from parsers.reading import Evidence

_CENT = Decimal("0.01")
_CURRENCY_ONLY = re.compile(r"[\W\d_]*(?:[A-Za-z]{3}|[KkRr][rs]s?\.?|zł|Kč|Ft|lei|HT|TTC)?[\W_]*")
_MOST_AMOUNTS = 120  # the last of them; totals stand at the end
_DEEPEST = 4  # rows beneath a label in which its amount may stand


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount and what its label calls it (``role``); ``bare`` if the label says no more than total."""

    role: str
    text: str
    label: str
    evidence: Evidence
    row: int

    @property
    def bare(self) -> bool:
        """Return whether the label leaves open if tax is in."""
        return len(normalise(self.label).split()) == 1

    def value(self, convention: Convention | None) -> Decimal | None:
        """Return the amount under ``convention``."""
        return read_number(self.text, convention)


@dataclass(frozen=True, slots=True)
class Totals:
    """The chosen amounts by role; ``adds_up`` is None where there are not enough of them to tell.

    ``extras`` are what the charges and reductions on the whole document may add to its lines.
    """

    chosen: Mapping[str, Amount]
    values: Mapping[str, Decimal]
    adds_up: bool | None
    extras: frozenset[Decimal] = frozenset({Decimal(0)})


def find_amounts(rows: Sequence[Row]) -> tuple[Amount, ...]:
    """Return every labelled amount in ``rows`` from top to bottom."""
    return tuple(amount for n, row in enumerate(rows) for amount in _row_amounts(rows, n, row))


def _row_amounts(rows: Sequence[Row], index: int, row: Row) -> Iterator[Amount]:
    labels = [n for n, cell in enumerate(row.cells) if total_role(cell.text)]
    for place, n in enumerate(labels):
        cell = row.cells[n]
        end = labels[place + 1] if place + 1 < len(labels) else len(row.cells)
        beside = [f for f in (_figure_in(cell), _last_figure(row.cells[n + 1 : end])) if f]
        role = total_role(cell.text)
        if len(labels) == 1 and role in ("net", "gross") and (columns := _columns(row.cells[n + 1 :])):
            for column, (text, where) in zip(("net", "tax", "gross"), columns, strict=False):
                yield Amount(column, text, cell.text, _evidence(where), index)
            continue
        beneath = None if beside or _heads_items(row) else _beneath(rows, index, cell)
        for text, where in beside or ([beneath] if beneath else []):
            if role:
                yield Amount(role, text, cell.text, _evidence(where), index)


def _columns(cells: Sequence[Cell]) -> list[tuple[str, Cell]]:
    """Return the net, tax and gross of a row of sums that states them side by side, empty if it does not."""
    figures = [(text, cell) for cell in cells if (text := amount_text(cell.text))]
    if len(figures) == 2:
        return figures
    for start in range(len(figures) - 2):
        for convention in Convention:
            net, tax, gross = (read_number(text, convention) for text, _ in figures[start : start + 3])
            if net and tax and gross and net + tax == gross:
                return figures[start : start + 3]
    return []


def _heads_items(row: Row) -> bool:
    """Return whether the row labels the columns of line items, whose sums are none of the document."""
    roles = {column_role(cell.text) for cell in row.cells}
    return len(roles & {"description", "quantity", "price", "position", "item", "unit"}) > 1


def _figure_in(cell: Cell) -> tuple[str, Cell] | None:
    """Return the amount behind a label in the same cell."""
    last = cell.words[-1].text if len(cell.words) > 1 else ""
    return (last, cell) if _is_amount(last) else _inside(cell)


def _inside(cell: Cell) -> tuple[str, Cell] | None:
    numbers = [n for n in find_numbers(cell.text) if not cell.text[n.span[1] :].lstrip().startswith("%")]
    if (
        numbers
        and len(cell.text) - numbers[-1].span[1] <= 4
        and _is_amount(numbers[-1].text)
        and numbers[-1].span[0] > 2
    ):
        return numbers[-1].text, cell
    return None


def _last_figure(cells: Sequence[Cell]) -> tuple[str, Cell] | None:
    figures = [(text, cell) for cell in cells if (text := amount_text(cell.text))]
    return figures[-1] if figures else None


def amount_text(text: str) -> str:
    """Return the amount that ``text`` is, without what surrounds it; "" if it is none or a percentage."""
    if _is_amount(text):
        return text
    numbers = [n for n in find_numbers(text) if not text[n.span[1] :].lstrip().startswith("%")]
    if len(numbers) != 1 or not _is_amount(numbers[0].text):
        return ""
    start, end = numbers[0].span
    return numbers[0].text if _CURRENCY_ONLY.fullmatch(text[:start] + text[end:]) else ""


def _is_amount(text: str) -> bool:
    return bool(readings(text)) and not is_percent(text)


def _beneath(rows: Sequence[Row], index: int, label: Cell) -> tuple[str, Cell] | None:
    """Return the lowest amount of the column of figures under ``label``."""
    found: tuple[str, Cell] | None = None
    bottom = label.box[3]
    for row in rows[index + 1 : index + 1 + _DEEPEST]:
        if row.page != label.page or row.top - bottom > 2.5 * max(row.height, 4.0):
            break
        under = [c for c in row.cells if c.box[0] < label.box[2] + 4 and c.box[2] > label.box[0] - 4]
        under = sorted(under, key=lambda c: min(c.box[2], label.box[2]) - max(c.box[0], label.box[0]))[-1:]
        texts = [(text, c) for c in under if (text := amount_text(c.text))]
        if not under:
            continue
        if not texts or any(total_role(c.text) for c in under):
            break
        found, bottom = texts[-1], row.bottom
    return found


def _evidence(cell: Cell) -> Evidence:
    if cell.span:
        return Evidence(cell.text, span=cell.span)
    return Evidence(cell.text, page=cell.page, box=cell.box)


def choose_totals(amounts: Sequence[Amount], line_sum: Decimal | None, convention: Convention | None) -> Totals:
    """Return the net, tax and gross among ``amounts`` that add up best."""
    read = _one_signed([(a, v) for a in amounts[-_MOST_AMOUNTS:] if (v := a.value(convention)) is not None])
    best = _best_triple(read, line_sum)
    chosen = best or _loose(read)
    disagrees = False if {"net", "tax", "gross"} <= set(chosen) else None
    return Totals(
        {r: a for r, (a, _) in chosen.items()},
        {r: v for r, (_, v) in chosen.items()},
        True if best else disagrees,
        frozenset(_extras(read)),
    )


_Read = tuple[Amount, Decimal]


def _one_signed(read: list[_Read]) -> list[_Read]:
    """Return the amounts of a document of negative totals with its taxes and charges negative too."""
    totals = [value for amount, value in read if amount.role in ("net", "gross") and value]
    if not totals or any(value > 0 for value in totals):
        return read
    return [(a, -abs(v) if a.role in ("tax", "charge") else abs(v) if a.role == "reduction" else v) for a, v in read]


def with_net(totals: Totals, rows: Sequence[Row], line_sum: Decimal | None, convention: Convention | None) -> Totals:
    """Return ``totals`` with the net under a label that is not known, where lines, tax and gross prove it."""
    values = totals.values
    proven = {"tax", "gross"} <= values.keys()
    if line_sum is None or "net" in values or not (proven or "gross" not in values):
        return totals
    wanted = values["gross"] - values["tax"] if proven else line_sum
    if not any(abs(wanted - extra - line_sum) <= _CENT for extra in totals.extras):
        return totals
    for index in range(len(rows) - 1, -1, -1):
        for cell in rows[index].cells:
            text = amount_text(cell.text)
            alone = sum(1 for other in rows[index].cells if readings(other.text)) == 1
            if text and read_number(text, convention) == wanted and (proven or alone):
                amount = Amount("net", text, rows[index].cells[0].text, _evidence(cell), index)
                return replace(totals, chosen={**totals.chosen, "net": amount}, values={**values, "net": wanted})
    return totals


def _best_triple(read: Sequence[_Read], line_sum: Decimal | None) -> dict[str, _Read] | None:
    """Return net, tax and gross that add up; a net that the lines sum to and the lowest gross win."""
    extras = _extras(read)
    plain = {Decimal(0)}
    found: list[tuple[tuple[bool, bool, bool, bool, bool, bool, int], dict[str, _Read]]] = []
    taxes = _tax_choices(read)
    for net in (r for r in read if r[0].role in ("net", "gross")):
        for gross in (r for r in read if r[0].role in ("gross", "net", "paid") and r[0] is not net[0]):
            for tax in taxes:
                if (tax is None and (net[0].row > gross[0].row or gross[0].role == "paid")) or not _adds(
                    net[1], tax[1] if tax else None, gross[1], extras
                ):
                    continue
                rank = (
                    any(_is(net[1] - extra, line_sum) for extra in extras),
                    tax is not None,
                    _adds(net[1], tax[1] if tax else None, gross[1], plain),
                    gross[0].role != "paid",
                    net[0].role == "net" and gross[0].role == "gross",
                    _is(net[1], line_sum),
                    gross[0].row,
                )
                found.append((rank, {"net": net, "gross": gross} | ({"tax": tax} if tax else {})))
    best = max(found, key=lambda pair: pair[0], default=(None, None))[1]
    return _with_exact_net(best, read) if best else None


def _with_exact_net(chosen: dict[str, _Read], read: Sequence[_Read]) -> dict[str, _Read]:
    """Return ``chosen`` with the net that charges are counted into, where one is stated."""
    tax = chosen["tax"][1] if "tax" in chosen else Decimal(0)
    wanted = chosen["gross"][1] - tax
    exact = [r for r in read if r[0].role in ("net", "gross") and r[0] is not chosen["gross"][0] and r[1] == wanted]
    return chosen | ({"net": exact[-1]} if exact and chosen["net"][1] != wanted and "tax" in chosen else {})


def _is(value: Decimal, line_sum: Decimal | None) -> bool:
    return line_sum is not None and abs(value - line_sum) <= _CENT


def _extras(read: Sequence[_Read]) -> set[Decimal]:
    """Return what charges and reductions may add to the net, every subset of the first few."""
    negative = any(value < 0 for amount, value in read if amount.role == "gross")
    signed = [
        v if a.role == "charge" or negative else -abs(v) for a, v in read if a.role in ("charge", "reduction") and v
    ]
    return {sum(s, Decimal(0)) for size in range(min(len(signed), 4) + 1) for s in combinations(signed[:4], size)}


def _tax_choices(read: Sequence[_Read]) -> list[_Read | None]:
    taxes = [r for r in read if r[0].role == "tax"]
    choices: list[_Read | None] = [*taxes]
    for size in range(2, min(len(taxes), 4) + 1):
        for group in combinations(taxes[:5], size):
            choices.append((group[-1][0], sum((v for _, v in group), Decimal(0))))
    return choices if any(value for _, value in taxes) else [*choices, None]


def _adds(net: Decimal, tax: Decimal | None, gross: Decimal, extras: set[Decimal]) -> bool:
    if tax is None:
        return any(abs(net + extra - gross) <= _CENT for extra in extras)
    return any(abs(net + tax + extra - gross) <= _CENT for extra in extras)


def _loose(read: Sequence[_Read]) -> dict[str, _Read]:
    """Return the last amount of each role."""
    chosen: dict[str, _Read] = {}
    for role in ("net", "tax", "gross"):
        of_role = [r for r in read if r[0].role == role]
        if of_role:
            chosen[role] = of_role[-1]
    return chosen
