"""Order lines, changes and questions as short texts: what an email shows of them, one line each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from templates.language import Language, words


@dataclass(frozen=True)
class Row:
    """One order line in an email: a headline and the details below it."""

    head: str
    details: tuple[str, ...]


def line_rows(lines: Iterable[Any], currency: str | None, language: Language, yours: bool) -> list[Row]:
    """Return a row for each line; ``yours`` says that the reader is the supplier, so no coding is shown."""
    say = words("email/words", language.code)
    return [_row(line, currency, language, say, yours) for line in lines]


@dataclass(frozen=True)
class ChangeTable:
    """What changed as a table: its heads, a row of texts for each change, and each as one sentence for plain text."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    points: tuple[str, ...]


def change_table(changes: Iterable[Any] | None, language: Language) -> ChangeTable:
    """Return each change as which line (or the order), what, before and now."""
    say = words("print", language.code)
    rows = tuple(_change_cells(change, language, say) for change in changes or ())
    heads = tuple(say[name] for name in ("line", "what", "before", "after"))
    return ChangeTable(heads, rows, tuple(change_points(changes, language)))


def change_points(changes: Iterable[Any] | None, language: Language) -> list[str]:
    """Return a sentence for each change: which line, what, before and now."""
    say = words("email/words", language.code)
    names: dict[str, str] = words("print", language.code)["field"]
    return [_change(change, language, say, names) for change in changes or ()]


def question_points(questions: Iterable[Mapping[str, Any]], language: Language) -> list[str]:
    """Return a sentence for each question: which line it is about, what is asked, what it may be.

    A question has ``ask`` (its sentence), and where it is about a line ``line``, ``wanted`` and ``choices``.
    """
    asked = words("email/requisition_question", language.code)["question"]
    label = words("email/words", language.code)["line"]
    return [_question(question, asked, label) for question in questions]


def _row(line: Any, currency: str | None, language: Language, say: Mapping[str, str], yours: bool) -> Row:
    details = [_price(line, currency, language, say), _references(line, say, yours)]
    if day := _of(line, "needed_by"):
        details.append(f"{say['delivery_by' if yours else 'needed_by']}: {language.date(day)}")
    if not yours:
        coding = [(say[name], _of(line, name)) for name in ("cost_center", "account_code", "project")]
        details.append(" · ".join(f"{label} {value}" for label, value in coding if value))
    details.append(_of(line, "note") or "")
    return Row(f"{_of(line, 'line_number')}. {_of(line, 'description')}", tuple(filter(None, details)))


def _price(line: Any, currency: str | None, language: Language, say: Mapping[str, str]) -> str:
    quantity, unit, price = _of(line, "quantity"), _of(line, "unit"), _of(line, "unit_price")
    amount = language.quantity(quantity) if isinstance(quantity, Decimal) else ""
    told = f"{amount} {language.unit(unit)}" if unit else amount
    if price is None:
        return f"{told}, {say['no_price']}" if told else say["no_price"]
    told += f" × {currency or ''} {language.price(price)}".replace("  ", " ")
    total = _of(line, "line_total")
    return told if total is None else f"{told} = {currency or ''} {language.amount(total)}".replace("  ", " ")


def _references(line: Any, say: Mapping[str, str], yours: bool) -> str:
    theirs = _of(line, "supplier_item_number") if yours else None
    named = [
        (say["item_number"], _of(line, "item_number")),
        (say["your_item"], theirs),
        (say["contract"], _of(line, "contract")),
    ]
    return " · ".join(f"{label} {value}" for label, value in named if value)


def _change(change: Any, language: Language, say: Mapping[str, str], names: Mapping[str, str]) -> str:
    field = _of(change, "field")
    before, after = (language.changed(field, _of(change, side)) for side in ("before", "after"))
    number = _of(change, "line_number")
    where = "" if number is None else f"{say['line']} {number}, "
    return f"{where}{names.get(field, field)}: {before} → {after}"


def _change_cells(change: Any, language: Language, say: Mapping[str, Any]) -> tuple[str, ...]:
    field, number = _of(change, "field"), _of(change, "line_number")
    before, after = (language.changed(field, _of(change, side)) for side in ("before", "after"))
    return (say["whole_order"] if number is None else str(number), say["field"].get(field, field), before, after)


def _question(question: Mapping[str, Any], asked: Mapping[str, str], label: str) -> str:
    wanted = f" ({question['wanted']})" if question.get("wanted") else ""
    where = f"{label} {question['line']}{wanted}: " if question.get("line") else ""
    choices = "; ".join(f"{number} {description}" for number, description in question.get("choices") or ())
    return f"{where}{asked[question['ask']]}" + (f" {asked['choices']}: {choices}" if choices else "")


def _of(source: Any, name: str) -> Any:
    """Return a field of a mapping or an object, None where it has none."""
    return source.get(name) if isinstance(source, Mapping) else getattr(source, name, None)
