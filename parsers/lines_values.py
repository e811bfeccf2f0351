"""Raw line items as ReadLines: figures, units, dates, codes, each with the place it was read at."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from parsers.dates import Order, find_dates
from parsers.dates_relative import find_relative_dates
from parsers.lexicon import load, normalise
from parsers.lines_columns import is_percent
from parsers.lines_figures import Figures, explains, settle_figures, signed
from parsers.lines_table import Field, RawLine, holds_figure
from parsers.numbers import Convention, find_numbers, read_number, readings
from parsers.reading import Evidence, LineStatus, ReadLine


@dataclass(frozen=True)
class Conventions:
    """How one document writes numbers and dates; ``today`` is the day relative dates are told from."""

    number: Convention | None = None
    order: Order | None = None
    today: date | None = None


@dataclass(frozen=True)
class FoundLine:
    """One line with the evidence of its values by name.

    ``computed`` is whether quantity times price makes the total, None where one is absent;
    ``ambiguous`` names values that mean two things; ``list_price`` is the printed price of one unit before a
    discount, where it is not the line's own; ``page`` says where the line stands.
    """

    line: ReadLine
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    computed: bool | None = None
    ambiguous: tuple[str, ...] = ()
    amount: Decimal | None = None
    page: int = 0
    list_price: Decimal | None = None

    @property
    def product(self) -> Decimal | None:
        """Return quantity times price, None where one is absent."""
        line = self.line
        return line.quantity * line.unit_price if line.quantity is not None and line.unit_price is not None else None


_CODE = re.compile(r"(?=[^\s]*\d)[A-Z0-9][A-Z0-9./_*#-]{2,24}", re.IGNORECASE)
_BRACKETED = re.compile(r"^[\[*(]\s*([A-Z0-9][\w./-]{1,24})\s*[\])*]\s*(?=\S)", re.IGNORECASE)
_LABELLED_CODE = re.compile(
    r"(?:\b(?:sku|art(?:ikel|icle|icolo)?(?:[\s.-]*(?:nr|no|n°|code|nummer|num))?|item(?:\s*(?:no|code|#))?|part\s*(?:no|#)|ref|r[ée]f|"
    r"cod(?:ice|igo)?|mpn|material(?:nr)?)[.:#\s]*[:#.]\s*)([A-Z0-9][\w./-]{2,24})",
    re.IGNORECASE,
)
_POSITION = re.compile(r"\d{1,6}(?:\.\d{1,3})?[.)]?")


def found_line(raw: RawLine, conventions: Conventions, positioned: bool) -> FoundLine | None:
    """Return ``raw`` with its values, None where it states neither text nor figure of an item.

    ``positioned`` tells that the table has a column of line numbers.
    """
    texts = _figure_texts(raw)
    extras = _extras(raw, conventions.number)
    figures, chosen = _best_figures(texts, conventions.number, extras)
    names = _names(raw, positioned)
    if figures.quantity is None and names.item:
        figures, names = _parted_code(figures, names)
    if not (names.description or names.item or names.position) or _is_sum_row(names):
        return None
    computed = None if figures.agree is None else figures.agree or explains(figures, *extras)
    figures = signed(figures)
    line = ReadLine(
        line_number=names.position,
        description=names.description,
        item_number=names.item,
        quantity=figures.quantity,
        unit=_unit(raw, chosen),
        unit_price=_unit_price(figures, extras),
        line_total=figures.total,
        needed_by=_line_date(raw, "needed_by", conventions),
        promised_on=_line_date(raw, "promised_on", conventions),
        status=status_of(" ".join([raw.text("status"), *_text_lines(raw)[1], *_item_notes(raw)])),
    )
    listed = figures.price if line.unit_price is None and not extras.per else None
    evidence = _evidence(raw, replace(line, unit_price=figures.price), chosen)
    return FoundLine(line, evidence, computed, figures.ambiguous, figures.total, raw.page, listed)


def _item_notes(raw: RawLine) -> list[str]:
    """Return the lines beneath an item's number where the table has no column of descriptions."""
    if "item" not in raw.fields or "description" in raw.fields:
        return []
    return [" ".join(w.text for w in line) for line in raw.fields["item"].lines[2:]]


def _figure_texts(raw: RawLine) -> dict[str, list[tuple[str, str]]]:
    """Return for quantity, price and total the (column, text) pairs that may state them, the likeliest first."""
    wanted = {
        "quantity": ("delivered", "quantity", "quantity2", "ordered", "unit"),
        "price": ("price2", "price", "price3"),  # the later of two is the net one
        "total": ("total2", "total", "total3", "gross"),
    }
    found = {
        figure: [(role, text) for role in roles if (text := _figure_text(raw, role))]
        for figure, roles in wanted.items()
    }
    found["price"] += [("more_price", number.text) for number in find_numbers(raw.text("more_price"))]
    return found


_PRICE_BASE = re.compile(r"\s*(?:[A-Z]{3}\s*)?(?:/|\bper\b|\bje\b|\bpro\b|\bles\b)\s*(?=\d)", re.IGNORECASE)


def _figure_text(raw: RawLine, role: str) -> str:
    """Return the number in a column as written, without unit, currency or per cent; "" if there is none."""
    text = " ".join(w.text for w in raw.fields[role].lines[0]) if role in raw.fields else ""
    if role == "unit":
        counted = re.match(r"(\d[\d.,]*)\s+[^\W\d]", text)
        return counted[1] if counted and readings(counted[1]) else ""
    if role.startswith("price"):
        text = _PRICE_BASE.split(text)[0]
    if not holds_figure(role.rstrip("23"), text):
        return ""
    if readings(text):
        return text
    numbers = [n.text for n in find_numbers(text) if not is_percent(text[n.span[0] : n.span[1] + 2].strip())]
    numbers = [n for n in numbers if readings(n)]
    if not numbers:
        return ""
    return numbers[0] if role.startswith(("quantity", "ordered", "delivered")) else numbers[-1]


def _best_figures(
    texts: Mapping[str, Sequence[tuple[str, str]]], convention: Convention | None, extras: "_Extras"
) -> tuple[Figures, dict[str, str]]:
    """Return the figures whose product is right among the columns that may state them, and those columns."""
    first: tuple[Figures, dict[str, str]] | None = None
    explained: tuple[Figures, dict[str, str]] | None = None
    for quantity in texts["quantity"] or [("", "")]:
        for price in texts["price"] or [("", "")]:
            for total in texts["total"] or [("", "")]:
                chosen = {"quantity": quantity, "price": price, "total": total}
                figures = settle_figures({f: text for f, (_, text) in chosen.items()}, convention)
                columns = {f: role for f, (role, _) in chosen.items() if role}
                first = first or (figures, columns)
                if figures.agree:
                    return figures, columns
                if explained is None and explains(figures, *extras):
                    explained = figures, columns
    return explained or first or (Figures(), {})


class _Extras(NamedTuple):
    """What stands between quantity times price and the total of a line."""

    discount: Decimal | None  # per cent, or an amount
    per: Decimal | None  # the number of pieces that the price is for
    allowance: Decimal | None  # the sum of signed amounts


def _extras(raw: RawLine, convention: Convention | None) -> _Extras:
    return _Extras(_discount(raw, convention), _per(raw, convention), _allowance(raw, convention))


def _unit_price(figures: Figures, extras: _Extras) -> Decimal | None:
    """Return the price of one unit; None where a discount stands between it and the total."""
    if figures.price is None or figures.agree or not (extras.discount or extras.per):
        return figures.price
    if not extras.per or not explains(figures, *extras):
        return None
    price = figures.price / extras.per
    return price if price * extras.per == figures.price else None


def _allowance(raw: RawLine, convention: Convention | None) -> Decimal | None:
    """Return the sum of the amounts beside a line where one of them bears a sign."""
    text = raw.text("discount")
    if "%" in text or not re.search(r"[-−]\s*\d", text):
        return None
    amounts = [read_number(n.text, convention or Convention.POINT) for n in find_numbers(text)]
    return sum((a for a in amounts if a is not None), Decimal(0))


def _discount(raw: RawLine, convention: Convention | None) -> Decimal | None:
    text = raw.text("discount") or next((t for r in ("price", "price2") if "%" in (t := raw.text(r))), "")
    percent = re.search(r"([\d.,]+)\s*%", text)
    number = percent[1] if percent else text
    value = read_number(number, convention or Convention.POINT) if number else None
    return value if value else None


def _per(raw: RawLine, convention: Convention | None) -> Decimal | None:
    """Return the number of pieces that the price is for, where it is not one."""
    text = raw.text("per") or next(
        (
            m[1]
            for r in ("price", "price2", "unit")
            if (m := re.search(r"(?:/|\bper\b|\bje\b|\bpro\b|\bles\b|%)\s*(\d{1,4})\b", raw.text(r)))
        ),
        "",
    )
    numbers = find_numbers(text)
    value = read_number(numbers[0].text, convention) if numbers else None
    return value if value is not None and value > 1 else None


def _parted_code(figures: Figures, names: "_Names") -> tuple[Figures, "_Names"]:
    """Return the quantity that was printed onto the end of an item's code, where price and total prove it."""
    if not figures.price or not figures.total or figures.total % figures.price:
        return figures, names
    digits = str(int(figures.total / figures.price))
    code = names.item or ""
    if not code.endswith(digits) or len(code) < len(digits) + 3:
        return figures, names
    return replace(figures, quantity=Decimal(digits)), replace(names, item=code.removesuffix(digits).strip())


def _is_sum_row(names: "_Names") -> bool:
    """Return whether what should name an item is figures only."""
    text = names.description or ""
    return not names.item and bool(text) and not any(map(str.isalpha, text))


@dataclass(frozen=True)
class _Names:
    position: str | None
    item: str | None
    description: str | None


def _names(raw: RawLine, positioned: bool) -> _Names:
    lines, _ = _text_lines(raw)
    leading = raw.text("leading").strip()
    counted = _first_line(raw, "position")
    position, _, behind = counted.partition(" ")
    if position and not _POSITION.fullmatch(position):
        position, behind = "", raw.text("position").strip()
    if behind:
        lines = [behind, *lines]
    if not position and re.fullmatch(r"\d{1,4}[.)]?", leading):
        position = leading
    if not position and positioned and lines and (match := re.match(r"(\d{1,4})[.)]?\s+(?=\D)", lines[0])):
        position, lines[0] = match[1], lines[0][match.end() :]
    item = _item_code(raw)
    if not lines and raw.text("item"):
        lines = [" ".join(raw.text("item").split(item or None)).strip()]
    if item is None and lines:
        item, lines = _leading_code(lines)
    text = " ".join(re.sub(r"(?<=\w-)\n(?=[^\W\d_])", "", "\n".join(lines)).split())
    return _Names(position.rstrip(".)") or None, item, text or None)


def _first_line(raw: RawLine, role: str) -> str:
    return " ".join(w.text for w in raw.fields[role].lines[0]).strip() if role in raw.fields else ""


_NOTE = re.compile(r"[^\W\d_][\w .&/()'-]{0,30}\s?:(?:\s|$|\d)|[*•]\s")
_MOST_TEXT_LINES = 6


def _text_lines(raw: RawLine) -> tuple[list[str], list[str]]:
    """Return the lines of the description up to the first labelled note ("Packing: box"), and those after it."""
    if "description" not in raw.fields:
        return [], []
    lines = [" ".join(w.text for w in line) for line in raw.fields["description"].lines]
    kept: list[str] = []
    for number, line in enumerate(lines):
        headed = number == 0 and "description" in raw.own
        if kept and _tells_period(line):
            break
        ends = _NOTE.match(line) or len(kept) >= _MOST_TEXT_LINES
        named = not kept or any(map(_names_something, kept))
        if ends and named and not headed and not _LABELLED_CODE.match(line):
            break
        kept.append(line)
    return kept, lines[len(kept) :]


@lru_cache(maxsize=1)
def _period_words() -> tuple[str, ...]:
    return tuple(f"{word} " for word in load("notes")["period"])


def _tells_period(text: str) -> bool:
    """Return whether a line only says from when to when."""
    return f"{normalise(text)} ".startswith(_period_words()) and bool(find_dates(text))


def _names_something(text: str) -> bool:
    """Return whether a line of a description holds a name and not only the label of a code, or half of one."""
    return ":" not in text and not text.endswith("-") and any(len(w) > 2 and w.isalpha() for w in text.split())


def _item_code(raw: RawLine) -> str | None:
    if "item" not in raw.fields:
        return None
    tokens = [w.text for line in raw.fields["item"].lines for w in line]
    codes = [t.strip(":;,.") for t in tokens if _CODE.fullmatch(t.strip(":;,."))]
    if codes:
        return codes[0]
    first = " ".join(w.text for w in raw.fields["item"].lines[0])
    return first if len(first) <= 20 and len(first.split()) <= 2 else None


def _leading_code(lines: list[str]) -> tuple[str | None, list[str]]:
    """Return an item code at the head of a description and what remains of it."""
    bracketed = _BRACKETED.match(lines[0])
    if bracketed:
        return bracketed[1], [lines[0][bracketed.end() :], *lines[1:]]
    first = lines[0].strip()
    if len(lines) > 1 and _CODE.fullmatch(first) and not readings(first):
        return first, lines[1:]
    for number, line in enumerate(lines):
        labelled = _LABELLED_CODE.search(line)
        if labelled and any(map(str.isdigit, labelled[1])):
            rest = (line[: labelled.start()] + line[labelled.end() :]).strip(" ,;()-")
            return labelled[1], [*lines[:number], *([rest] if rest else []), *lines[number + 1 :]]
    return None, lines


_UNIT = re.compile(r"[^\W\d_][\w.()/²³ -]{0,18}")


def _unit(raw: RawLine, chosen: Mapping[str, str]) -> str | None:
    role = chosen.get("quantity", "quantity")
    text = raw.text(role)
    numbers = list(find_numbers(text))
    behind = text[numbers[0].span[1] :].strip(" .x×") if numbers else ""
    for candidate in (behind, *_unit_column(raw)):
        match = _UNIT.fullmatch(candidate)
        if match:
            return candidate.lower().rstrip(".")
    return None


def _unit_column(raw: RawLine) -> Iterator[str]:
    for text in (raw.text("unit").strip(), raw.text("per").strip()):
        if text:
            yield text
            yield re.sub(r"^\d[\d.,]*\s*|\s*\d[\d.,]*$", "", text)


def _line_date(raw: RawLine, role: str, conventions: Conventions) -> date | None:
    return one_date(raw.text(role), conventions) if role in raw.fields else None


def one_date(text: str, conventions: Conventions) -> date | None:
    """Return the one date in ``text``, a relative one included where the day is known."""
    found = {f.value for f in find_dates(text, conventions.order, conventions.today)}
    if not found and conventions.today:
        found = {f.value for f in find_relative_dates(text, conventions.today)}
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=1)
def _status_patterns() -> Mapping[str, re.Pattern[str]]:
    return {
        status: re.compile(r"\b(?:" + "|".join(sorted(map(re.escape, words), key=len, reverse=True)) + r")\b")
        for status, words in load("status").items()
    }


def status_of(text: str) -> LineStatus | None:
    """Return the line status that ``text`` speaks of, None if none or no status word is in it."""
    plain = normalise(text)
    for status, pattern in _status_patterns().items():
        if pattern.search(plain):
            return LineStatus(status)
    return None


_SOURCES = {
    "line_number": ("position", "description", "item"),
    "description": ("description", "position", "item"),
    "item_number": ("item", "description"),
    "unit": ("unit", "quantity", "ordered", "delivered"),
    "needed_by": ("needed_by",),
    "promised_on": ("promised_on",),
    "status": ("status",),
}
_FIGURE_NAMES = {"quantity": "quantity", "unit_price": "price", "line_total": "total"}


def _evidence(raw: RawLine, line: ReadLine, chosen: Mapping[str, str]) -> dict[str, Evidence]:
    found: dict[str, Evidence] = {}
    for name, figure in _FIGURE_NAMES.items():
        if getattr(line, name) is not None and figure in chosen:
            found[name] = evidence_of(raw.fields[chosen[figure]])
    for name, roles in _SOURCES.items():
        role = next((r for r in roles if r in raw.fields), None)
        if getattr(line, name) is not None and role:
            found[name] = evidence_of(raw.fields[role])
    return found


def evidence_of(field_: Field) -> Evidence:
    """Return where the words of a field stand."""
    spans = [w.span for line in field_.lines for w in line if w.span]
    if spans:
        return Evidence(field_.text, span=(min(s[0] for s in spans), max(s[1] for s in spans)))
    return Evidence(field_.text, page=field_.page, box=field_.box)
