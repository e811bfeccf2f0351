"""Line items without a table header: lists with "12 @ 48.50", "x5", or figures whose product is right."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from parsers.fields_labels import label_of
from parsers.fields_totals import amount_text
from parsers.lexicon import total_role
from parsers.lines_figures import Figures, agrees, settle_figures
from parsers.lines_values import Conventions, FoundLine
from parsers.numbers import read_number
from parsers.page import Cell, Row
from parsers.reading import Evidence, ReadLine

_NUMBER = r"\d[\d.,'’ \u00a0]*"
_MONEY = rf"(?:[^\w\s.,-]|[A-Z]{{3}})?\s?-?{_NUMBER}\s?(?:[^\w\s.,-]|[A-Z]{{3}})?"
_AT = re.compile(
    rf"(?:(?:qty|quantity|menge|anzahl|qté|quantité|cant|cantidad|qta|quantità|aantal|antal|ilość)[.:\s]*)?(?P<quantity>{_NUMBER}?)"
    rf"\s*(?P<unit>[^\W\d]{{1,10}}\.?)?\s*(?:@|à|á|a|x|×)\s*(?P<price>{_MONEY})\s*(?:=?\s*(?P<total>{_MONEY}))?$",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"^(?P<text>.*\S)\s*(?:\bx|×|\*)\s?(?P<quantity>\d{1,6})$|^(?P<quantity2>\d{1,6})\s?(?:x|×)\s+(?P<text2>\S.*)$",
    re.IGNORECASE,
)
_CENTS = re.compile(r"[.,]\d{2}\D*$")
_LONGEST = 400  # characters of a row that can be one item
_NUMBERED = re.compile(r"^(?P<number>\d{1,4})[.)]\s+")


def read_free_lines(rows: Sequence[Row], conventions: Conventions) -> tuple[FoundLine, ...]:
    """Return the items of a list without header; of its shapes the one that finds most lines."""
    shapes = (_at_lines, _times_lines, _product_lines)
    found = max((tuple(shape(rows, conventions)) for shape in shapes), key=len)
    return found or tuple(_summed_lines(rows, conventions))


def _at_lines(rows: Sequence[Row], conventions: Conventions) -> Iterator[FoundLine]:
    """Yield lines told as quantity @ price, the text before them or on the row above."""
    above: Row | None = None
    for row in rows:
        match = _AT.search(row.text) if len(row.text) <= _LONGEST else None
        figures = _at_figures(match, conventions) if match else None
        if not match or figures is None or figures.quantity is None or figures.price is None:
            above = row
            continue
        before = row.text[: match.start()].strip(" :-–\t")
        text = before or (above.text if above else "")
        if text and not total_role(text):
            yield _line(text, figures, match["unit"], row, row.cells)
        above = None


def _at_figures(match: re.Match[str], conventions: Conventions) -> Figures | None:
    texts = {
        "quantity": match["quantity"].strip(),
        "price": match["price"].strip(),
        "total": (match["total"] or "").strip(),
    }
    figures = settle_figures(texts, conventions.number)
    if figures.total is not None and not (
        figures.quantity and figures.price and agrees(figures.quantity, figures.price, figures.total)
    ):
        return None
    return figures


def _times_lines(rows: Sequence[Row], conventions: Conventions) -> Iterator[FoundLine]:
    """Yield lines told as text, x quantity, and an amount at the end of the row."""
    for row in rows:
        if len(row.cells) < 2 or total_role(row.text):
            continue
        amount = amount_text(row.cells[-1].text)
        match = _TIMES.match(" ".join(cell.text for cell in row.cells[:-1]))
        if not amount or not match:
            continue
        text, quantity = match["text"] or match["text2"], match["quantity"] or match["quantity2"]
        figures = settle_figures({"quantity": quantity, "total": amount}, conventions.number)
        if figures.total is not None:
            yield _line(text, figures, None, row, row.cells)


def _product_lines(rows: Sequence[Row], conventions: Conventions) -> Iterator[FoundLine]:
    """Yield rows that hold a text and three figures, two of which multiply to the third and last."""
    for row in rows:
        cells = [(cell, text) for cell in row.cells if (text := amount_text(cell.text))]
        words = [c for c in row.cells if sum(map(str.isalpha, c.text)) > 2]
        if len(cells) < 3 or not words or total_role(row.text):
            continue
        figures = _product(cells, conventions)
        if figures:
            yield _line(max(words, key=lambda c: len(c.text)).text, figures, None, row, row.cells)


def _product(cells: Sequence[tuple[Cell, str]], conventions: Conventions) -> Figures | None:
    *others, (_, last) = cells
    for n, (_, first) in enumerate(others):
        for _, second in others[n + 1 :]:
            figures = settle_figures({"quantity": first, "price": second, "total": last}, conventions.number)
            if (
                figures.quantity
                and figures.price
                and figures.total
                and agrees(figures.quantity, figures.price, figures.total)
            ):
                return _counted(figures, first, second)
    return None


def _counted(figures: Figures, first: str, second: str) -> Figures:
    """Return the figures with the quantity in its place: the one of the two without decimals."""
    quantity, price = figures.quantity or Decimal(0), figures.price or Decimal(0)
    if quantity != quantity.to_integral() and price == price.to_integral():
        return Figures(price, quantity, figures.total, figures.ambiguous)
    return figures


_SAME_EDGE = 3.0  # points between the right edges of amounts in one column


def _summed_lines(rows: Sequence[Row], conventions: Conventions) -> Iterator[FoundLine]:
    """Yield names with an amount beside each that the amount beneath them is the sum of."""
    listed: list[tuple[Row, Decimal]] = []
    for row in rows:
        amount = _named_amount(row, conventions)
        if amount is None:
            continue
        apart = listed and abs(listed[-1][0].cells[-1].box[2] - row.cells[-1].box[2]) > _SAME_EDGE
        if listed and not apart and sum(value for _, value in listed) == amount and amount:
            yield from (_line(r.cells[0].text, Figures(total=v), None, r, r.cells) for r, v in listed)
            return
        if apart or total_role(row.cells[0].text):
            listed = []
        if not total_role(row.cells[0].text):
            listed.append((row, amount))


def _named_amount(row: Row, conventions: Conventions) -> Decimal | None:
    """Return the amount at the end of a row that else holds one text without figures of money."""
    if len(row.cells) != 2 or not any(map(str.isalpha, row.cells[0].text)) or label_of(row.cells[0].text):
        return None
    text = amount_text(row.cells[1].text)
    return read_number(text, conventions.number) if text and _CENTS.search(text) else None


def _line(text: str, figures: Figures, unit: str | None, row: Row, cells: Sequence[Cell]) -> FoundLine:
    numbered = _NUMBERED.match(text)
    bare = text[numbered.end() :] if numbered else text
    line = ReadLine(
        line_number=numbered["number"] if numbered else None,
        description=bare.strip() or None,
        quantity=figures.quantity,
        unit=unit.lower() if unit else None,
        unit_price=figures.price,
        line_total=figures.total,
    )
    names = [n for n in ("description", "quantity", "unit_price", "line_total") if getattr(line, n) is not None]
    where = _row_evidence(row)
    return FoundLine(line, dict.fromkeys(names, where), figures.agree, figures.ambiguous, figures.total, row.page)


def _row_evidence(row: Row) -> Evidence:
    spans = [c.span for c in row.cells if c.span]
    if spans:
        return Evidence(row.text, span=(min(s[0] for s in spans), max(s[1] for s in spans)))
    return Evidence(row.text, page=row.page, box=(row.cells[0].box[0], row.top, row.cells[-1].box[2], row.bottom))
